#include "base/backoff.h"
