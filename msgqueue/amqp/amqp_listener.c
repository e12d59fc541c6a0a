#include "msgqueue/backend.h"
