#include "contracts/event_booked.h"
