#include "contracts/message.h"
