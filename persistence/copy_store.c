#include "persistence/copy_store.h"
