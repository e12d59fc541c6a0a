#include "msgqueue/emitter_window.h"

#include "base/memory.h"

#include <string.h>

static void append(struct emission_list *list, struct emission *emission)
{
    emission->next = NULL;
    if (list->last)
        list->last->next = emission;
    else
        list->first = emission;
    list->last = emission;
    list->n++;
}

static struct emission *take_first(struct emission_list *list)
{
    struct emission *emission = list->first;

    if (!emission)
        return NULL;
    list->first = emission->next;
    if (!list->first)
        list->last = NULL;
    list->n--;
    return emission;
}

static struct emission **slot(const struct emitter_window *window, uint64_t tag)
{
    return &window->on_wire[tag % (uint64_t)window->size];
}

bool emitter_window_init(struct emitter_window *window, int size, int queue_size,
                         int64_t confirm_timeout_ms, struct error *error)
{
    struct emission **on_wire = memory_array((size_t)size, sizeof(struct emission *), error);

    if (!on_wire)
        return false;
    *window = (struct emitter_window){
        .on_wire = on_wire,
        .size = size,
        .queue_size = queue_size,
        .confirm_timeout_ms = confirm_timeout_ms,
        .first_tag = 1,
        .next_tag = 1,
    };
    return true;
}

void emitter_window_clear(struct emitter_window *window)
{
    struct emission *emission;

    if (window->on_wire)
        emitter_window_stop(window);
    while ((emission = take_first(&window->settled)))
        emission_free(emission);
    memory_free(window->on_wire);
    *window = (struct emitter_window){0};
}

bool emitter_window_add(struct emitter_window *window, struct emission *emission,
                        struct error *error)
{
    if (window->stopped)
        return error_set(error, ERROR_UNAVAILABLE, "the emitter has stopped");
    if (window->waiting.n >= window->queue_size)
        return error_set(error, ERROR_BUSY, "%d messages are waiting for the broker",
                         window->waiting.n);
    append(&window->waiting, emission);
    return true;
}

static void settle(struct emitter_window *window, struct emission *emission, enum emission_end end)
{
    emission->end = end;
    append(&window->settled, emission);
}

/* Does nothing when @tag was settled before or never sent. */
static void settle_tag(struct emitter_window *window, uint64_t tag, enum emission_end end)
{
    struct emission **place = slot(window, tag);
    struct emission *emission = *place;

    if (!emission || emission->tag != tag)
        return;
    *place = NULL;
    if (end == EMISSION_CONFIRMED && emission->returned)
        end = EMISSION_RETURNED;
    settle(window, emission, end);
}

static void forget_settled_tags(struct emitter_window *window)
{
    while (window->first_tag < window->next_tag && !*slot(window, window->first_tag))
        window->first_tag++;
}

static void settle_up_to(struct emitter_window *window, uint64_t tag, enum emission_end end)
{
    if (tag == 0 || tag >= window->next_tag)
        tag = window->next_tag - 1;
    for (uint64_t each = window->first_tag; each <= tag; each++)
        settle_tag(window, each, end);
}

static void answered(struct emitter_window *window, uint64_t tag, bool multiple,
                     enum emission_end end)
{
    if (multiple)
        settle_up_to(window, tag, end);
    else
        settle_tag(window, tag, end);
    forget_settled_tags(window);
}

void emitter_window_opened(struct emitter_window *window)
{
    emitter_window_lost(window);
    window->open = !window->stopped;
}

void emitter_window_lost(struct emitter_window *window)
{
    answered(window, 0, true, EMISSION_LOST);
    window->first_tag = 1;
    window->next_tag = 1;
    window->open = false;
    window->blocked = false;
}

void emitter_window_stop(struct emitter_window *window)
{
    struct emission *emission;

    emitter_window_lost(window);
    while ((emission = take_first(&window->waiting)))
        settle(window, emission, EMISSION_LOST);
    window->stopped = true;
}

void emitter_window_blocked(struct emitter_window *window, bool blocked)
{
    window->blocked = blocked;
}

void emitter_window_confirmed(struct emitter_window *window, uint64_t tag, bool multiple)
{
    answered(window, tag, multiple, EMISSION_CONFIRMED);
}

void emitter_window_refused(struct emitter_window *window, uint64_t tag, bool multiple)
{
    answered(window, tag, multiple, EMISSION_REFUSED);
}

bool emitter_window_returned(struct emitter_window *window, const char *id)
{
    for (uint64_t tag = window->first_tag; tag < window->next_tag; tag++) {
        struct emission *emission = *slot(window, tag);

        if (emission && !emission->returned && strcmp(emission->envelope.id, id) == 0) {
            emission->returned = true;
            return true;
        }
    }
    return false;
}

void emitter_window_tick(struct emitter_window *window, int64_t now_ms)
{
    for (uint64_t tag = window->first_tag; tag < window->next_tag; tag++) {
        struct emission *emission = *slot(window, tag);

        if (!emission)
            continue;
        if (now_ms - emission->sent_ms < window->confirm_timeout_ms)
            break;
        settle_tag(window, tag, EMISSION_OVERDUE);
    }
    forget_settled_tags(window);
}

static bool may_send(const struct emitter_window *window)
{
    return window->open && !window->blocked &&
           window->next_tag - window->first_tag < (uint64_t)window->size;
}

struct emission *emitter_window_send(struct emitter_window *window, int64_t now_ms)
{
    struct emission *emission = may_send(window) ? take_first(&window->waiting) : NULL;

    if (!emission)
        return NULL;
    emission->tag = window->next_tag++;
    emission->sent_ms = now_ms;
    *slot(window, emission->tag) = emission;
    return emission;
}

struct emission *emitter_window_settled(struct emitter_window *window)
{
    return take_first(&window->settled);
}
