#include "persistence/database.h"
