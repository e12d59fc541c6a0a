#include "service/relay.h"
