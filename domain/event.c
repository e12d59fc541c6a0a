#include "domain/event.h"
