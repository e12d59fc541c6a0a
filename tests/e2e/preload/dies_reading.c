/*
 * Preloaded into a service by a test: whoever parses a text with this word in it dies at once, as of a
 * fault in the parser. Everything else is passed on.
 */
#include <cjson/cJSON.h>
#include <dlfcn.h>
#include <signal.h>
#include <string.h>

static const char word[] = "deadly to read";

typedef cJSON *parse(const char *text, size_t size_bytes);

cJSON *cJSON_ParseWithLength(const char *text, size_t size_bytes)
{
    static parse *real;

    if (memmem(text, size_bytes, word, sizeof(word) - 1))
        (void)raise(SIGKILL);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "cJSON_ParseWithLength");
    return real(text, size_bytes);
}
