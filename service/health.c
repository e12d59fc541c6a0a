#include "service/health.h"
