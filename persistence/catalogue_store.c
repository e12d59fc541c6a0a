#include "persistence/catalogue_store.h"
