#include "msgqueue/event_emitter.h"
