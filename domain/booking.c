#include "domain/booking.h"
