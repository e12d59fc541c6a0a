#include "contracts/location_created.h"
