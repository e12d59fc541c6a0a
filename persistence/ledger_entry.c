#include "persistence/ledger_entry.h"
