#include "domain/location.h"
