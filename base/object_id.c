#include "base/object_id.h"
