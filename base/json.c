#include "base/json.h"

#include "base/json_scan.h"
#include "base/memory.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

static const double largest_exact = 9007199254740991; /* 2^53 - 1: cJSON keeps doubles */

static void *hook_new(size_t size_bytes)
{
    return memory_new(size_bytes, NULL);
}

static void set_hooks(void)
{
    cJSON_Hooks hooks = {.malloc_fn = hook_new, .free_fn = memory_free};

    cJSON_InitHooks(&hooks);
}

bool json_parse(const char *text, size_t size_bytes, struct json **document, struct error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    cJSON *parsed;

    (void)pthread_once(&once, set_hooks);
    if (!json_scan(text, size_bytes, error))
        return false;
    parsed = cJSON_ParseWithLength(text, size_bytes);
    if (!parsed) /* after the scan nothing else can be wrong */
        return error_set(error, ERROR_MEMORY, "no memory for %zu bytes of JSON", size_bytes);
    *document = (struct json *)(void *)parsed;
    return true;
}

void json_free(struct json *document)
{
    cJSON_Delete((cJSON *)(void *)document);
}

void json_freep(struct json **document)
{
    json_free(*document);
    *document = NULL;
}

static const cJSON *node(const struct json *value)
{
    return (const cJSON *)(const void *)value;
}

static const struct json *value_of(const cJSON *item)
{
    return (const struct json *)(const void *)item;
}

bool json_is_object(const struct json *value)
{
    return cJSON_IsObject(node(value));
}

bool json_is_array(const struct json *value)
{
    return cJSON_IsArray(node(value));
}

bool json_is_text(const struct json *value)
{
    return cJSON_IsString(node(value));
}

bool json_is_number(const struct json *value)
{
    return cJSON_IsNumber(node(value));
}

bool json_is_null(const struct json *value)
{
    return cJSON_IsNull(node(value));
}

const struct json *json_member(const struct json *object, const char *name)
{
    return json_is_object(object) ? value_of(cJSON_GetObjectItem(node(object), name)) : NULL;
}

size_t json_size(const struct json *container)
{
    if (!json_is_array(container) && !json_is_object(container))
        return 0;
    return (size_t)cJSON_GetArraySize(node(container));
}

const struct json *json_item(const struct json *container, size_t index)
{
    if (index > INT_MAX || (!json_is_array(container) && !json_is_object(container)))
        return NULL;
    return value_of(cJSON_GetArrayItem(node(container), (int)index));
}

const struct json *json_next(const struct json *item)
{
    return value_of(node(item)->next);
}

const char *json_name(const struct json *member)
{
    return member ? node(member)->string : NULL;
}

const char *json_text(const struct json *value)
{
    return cJSON_GetStringValue(node(value));
}

bool json_integer(const struct json *value, int64_t *number)
{
    double exact;

    if (!json_is_number(value))
        return false;
    exact = cJSON_GetNumberValue(node(value));
    if (exact < -largest_exact || exact > largest_exact || exact != (double)(int64_t)exact)
        return false;
    *number = (int64_t)exact;
    return true;
}

struct pointer {
    char text[ERROR_POINTER_BYTES];
};

/* RFC 6901: "~" is written as ~0 and "/" as ~1. What does not fit is cut. */
static struct pointer pointer_to(const char *parent, const char *name)
{
    struct pointer pointer = {0};
    size_t size = strnlen(parent, ERROR_POINTER_BYTES - 2);

    memcpy(pointer.text, parent, size);
    pointer.text[size++] = '/';
    for (; *name && size + 2 < ERROR_POINTER_BYTES; name++) {
        bool special = *name == '~' || *name == '/';

        pointer.text[size++] = special ? '~' : *name;
        if (special)
            pointer.text[size++] = *name == '~' ? '0' : '1';
    }
    return pointer;
}

/* The member, NULL for none and for null; *@good becomes false when it is required then. */
static const struct json *find(const struct json *object, const char *parent, const char *name,
                               enum json_need need, bool *good, struct error *error)
{
    const struct json *member = json_member(object, name);

    *good = true;
    if (member && !json_is_null(member))
        return member;
    if (need == JSON_REQUIRED)
        *good = error_detail(error, pointer_to(parent, name).text, "is required");
    return NULL;
}

/* NOLINTNEXTLINE(readability-function-size): one call a member reads better than a struct each. */
bool json_get_text(const struct json *object, const char *parent, const char *name,
                   enum json_need need, size_t min_characters, size_t max_characters, char *text,
                   size_t size_bytes, struct error *error)
{
    bool good;
    const struct json *member = find(object, parent, name, need, &good, error);
    const char *value = json_text(member);
    size_t n_characters;

    if (!member)
        return good;
    if (!value)
        return error_detail(error, pointer_to(parent, name).text, "must be a text");
    n_characters = utf8_length(value);
    if (n_characters < min_characters || n_characters > max_characters ||
        strlen(value) >= size_bytes)
        return error_detail(error, pointer_to(parent, name).text, "must have %zu to %zu characters",
                            min_characters, max_characters);
    memcpy(text, value, strlen(value) + 1);
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): as above. */
bool json_get_integer(const struct json *object, const char *parent, const char *name,
                      enum json_need need, int64_t min, int64_t max, int64_t *value,
                      struct error *error)
{
    bool good;
    const struct json *member = find(object, parent, name, need, &good, error);
    int64_t number;

    if (!member)
        return good;
    if (!json_integer(member, &number) || number < min || number > max)
        return error_detail(error, pointer_to(parent, name).text,
                            "must be an integer from %" PRId64 " to %" PRId64, min, max);
    *value = number;
    return true;
}

bool json_get_bool(const struct json *object, const char *parent, const char *name,
                   enum json_need need, bool *value, struct error *error)
{
    bool good;
    const struct json *member = find(object, parent, name, need, &good, error);

    if (!member)
        return good;
    if (!cJSON_IsBool(node(member)))
        return error_detail(error, pointer_to(parent, name).text, "must be true or false");
    *value = cJSON_IsTrue(node(member));
    return true;
}
