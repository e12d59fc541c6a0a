#include "contracts/event_created.h"
