#include "persistence/outbox.h"
