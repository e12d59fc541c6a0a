#include "contracts/removed.h"
