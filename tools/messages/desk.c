#include "tools/messages/desk.h"

#include "base/clock.h"
#include "base/random.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum {
    TELL_EVERY_MS = 200,
    HOST_BYTES = 64,
    TEXT_BYTES = 512
};

bool desk_init(struct desk *desk, const struct word_call *call, const char *word,
               struct error *error)
{
    char host[HOST_BYTES] = "";

    (void)gethostname(host, sizeof(host) - 1);
    *desk = (struct desk){.call = call};
    snprintf(desk->name, sizeof(desk->name), "myevents@%s#%s", host, word);
    desk->access = (struct queue_access){.url = call->broker_url, .connection_name = desk->name};
    return random_init(error);
}

bool desk_print(struct desk *desk, const struct buffer *text, struct error *error)
{
    if (!buffer_ok(text, error))
        return false;
    if (text->size_bytes)
        (void)fwrite(text->data, 1, text->size_bytes, desk->call->out);
    return !ferror(desk->call->out) ||
           error_set(error, ERROR_UNAVAILABLE, "results cannot be written: %s", strerror(errno));
}

void desk_tame(struct buffer *text)
{
    for (size_t i = 0; i < text->size_bytes; i++) {
        unsigned char character = (unsigned char)text->data[i];

        if ((character < ' ' && character != '\n' && character != '\t') || character == 0x7F)
            text->data[i] = '?';
    }
}

bool desk_flush(struct desk *desk, struct error *error)
{
    return fflush(desk->call->out) == 0 ||
           error_set(error, ERROR_UNAVAILABLE, "results cannot be written: %s", strerror(errno));
}

void desk_progress(struct desk *desk, const char *format, ...)
{
    int64_t now_ms = clock_monotonic_ms();
    char text[TEXT_BYTES];
    va_list arguments;

    if (!desk->call->progress || now_ms - desk->told_ms < TELL_EVERY_MS)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    desk->told_ms = now_ms;
    fprintf(desk->call->progress, "\r%s\033[K", text);
    (void)fflush(desk->call->progress);
}

void desk_progress_end(struct desk *desk)
{
    if (desk->told_ms)
        fputs("\r\033[K", desk->call->progress);
    desk->told_ms = 0;
}

void desk_say(struct desk *desk, const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    desk_progress_end(desk);
    fprintf(stderr, "%s\n", text);
}
