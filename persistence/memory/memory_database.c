#include "persistence/backend.h"
