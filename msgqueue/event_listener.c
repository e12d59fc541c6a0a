#include "msgqueue/event_listener.h"
