#include "domain/booking_code.h"
