#include "persistence/ledger_store.h"
