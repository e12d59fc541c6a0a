#include "persistence/event_view.h"
