#include "domain/location.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

void location_clear(struct location *location)
{
    memory_free(location->halls);
    *location = (struct location){0};
}

bool location_make_halls(struct location *location, size_t n_halls, struct error *error)
{
    struct hall *halls;

    if (n_halls == 0)
        return true;
    halls = memory_array(n_halls, sizeof(*halls), error);
    if (!halls)
        return false;
    location->halls = halls;
    location->n_halls = n_halls;
    return true;
}

bool location_copy(const struct location *source, struct location *location, struct error *error)
{
    struct location copy = *source;

    copy.halls = NULL;
    copy.n_halls = 0;
    if (!location_make_halls(&copy, source->n_halls, error))
        return false;
    if (source->n_halls > 0)
        memcpy(copy.halls, source->halls, source->n_halls * sizeof(*source->halls));
    *location = copy;
    return true;
}

/* Whether an earlier hall has the name of the one at @index. */
static bool is_repeated(const struct location *location, size_t index)
{
    const struct hall *first = location_hall(location, location->halls[index].name);

    return first != &location->halls[index];
}

bool location_check(const struct location *location, const char *parent, struct error *error)
{
    char pointer[ERROR_POINTER_BYTES];
    bool fine = true;

    if (location->name[0] == '\0') {
        snprintf(pointer, sizeof(pointer), "%s/Name", parent);
        fine = error_detail(error, pointer, "is missing");
    }
    for (size_t i = 0; i < location->n_halls; i++) {
        if (!is_repeated(location, i))
            continue;
        snprintf(pointer, sizeof(pointer), "%s/Halls/%zu/name", parent, i);
        fine = error_detail(error, pointer, "is the name of an earlier hall");
    }
    return fine;
}

const struct hall *location_hall(const struct location *location, const char *name)
{
    for (size_t i = 0; i < location->n_halls; i++) {
        if (strcmp(location->halls[i].name, name) == 0)
            return &location->halls[i];
    }
    return NULL;
}
