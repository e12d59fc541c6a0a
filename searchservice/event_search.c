#include "base/memory.h"
#include "base/object_id.h"
#include "base/utf8.h"
#include "searchservice/finding.h"
#include "searchservice/words.h"
#include "service/page_query.h"

enum {
    WORDS_MAX = 16, /* of one search */
    WORDS_BYTES_MAX = 4 * HTTP_URI_BYTES_MAX,
    FURTHER_HITS_MIN = 100 /* where events are missing, many may be */
};

/* Hits a page at a time; their events are shown as the copy has them by now. */
struct search {
    struct buffer words;
    struct search_page page; /* the hits read next */
    struct search_hit *hits; /* owned */
    struct object_id *ids;   /* owned */
    size_t n_hits;
    size_t at; /* whose event was shown last; they come in order */
    struct json_writer writer;
    struct http_page *shown;
    char cursor[HTTP_CURSOR_BYTES]; /* behind the last one shown */
};

static void search_clear(struct search *search)
{
    buffer_clear(&search->words);
    memory_free(search->hits);
    memory_free(search->ids);
}

/* The words of a parameter; absent or empty asks for nothing. */
static bool read_words(const struct http_request *request, const char *parameter, const char *mark,
                       struct buffer *words, struct error *error)
{
    struct error fault = {0};
    char pointer[ERROR_POINTER_BYTES];
    char text[TEXT_BYTES];
    size_t n_words;

    if (!http_request_query(request, parameter, text, sizeof(text), &fault)) {
        if (fault.code)
            *error = fault;
        return fault.code == ERROR_NONE;
    }
    if (!*text)
        return true;
    snprintf(pointer, sizeof(pointer), "?%s", parameter);
    if (utf8_length(text) > TEXT_CHARACTERS_MAX)
        return error_detail(error, pointer, "is longer than %d characters", TEXT_CHARACTERS_MAX);
    n_words = words_append(words, mark, text);
    if (n_words == 0 || n_words > WORDS_MAX)
        return error_detail(error, pointer, "must have 1 to %d words", WORDS_MAX);
    return buffer_ok(words, error);
}

static bool read_search(const struct http_request *request, struct search *search,
                        struct event_query *query, struct error *error)
{
    if (!event_query_read(request, query, error))
        return false;
    buffer_init(&search->words, WORDS_BYTES_MAX);
    if (!read_words(request, "q", "", &search->words, error) ||
        !read_words(request, "place", PLACE_MARK, &search->words, error))
        return false;
    search->page = (struct search_page){
        .has_after = query->page.has_after,
        .after_start_s = query->page.after_start_s,
        .after_id = query->page.after_id,
        .limit = query->page.limit,
        .words = search->words.data ? search->words.data : "",
        .from_s = query->page.from_s,
        .to_s = query->page.to_s,
    };
    return true;
}

/* How many hits are asked for when those of the first step do not fill the page. */
static size_t n_further(const struct search_page *page)
{
    return page->limit > FURTHER_HITS_MIN ? page->limit : FURTHER_HITS_MIN;
}

static bool make_room(struct search *search, struct error *error)
{
    size_t n_hits = n_further(&search->page);

    search->hits = memory_array(n_hits, sizeof(*search->hits), error);
    search->ids = memory_array(n_hits, sizeof(*search->ids), error);
    return search->hits && search->ids;
}

static void write_place(struct json_writer *writer, const struct event_view *view)
{
    json_open_object(writer, "Location");
    json_put_text(writer, "ID", object_id_hex(&view->location.id).text);
    json_put_text(writer, "Name", view->location.name);
    json_put_text(writer, "Address", view->location.address);
    json_put_text(writer, "Country", view->location.country);
    json_close_object(writer);
}

static void write_event(struct json_writer *writer, const struct event_view *view)
{
    const struct event *event = &view->event;

    json_open_object(writer, NULL);
    json_put_text(writer, "ID", object_id_hex(&event->id).text);
    json_put_text(writer, "Name", event->name);
    json_put_integer(writer, "StartDate", event->start_s);
    json_put_integer(writer, "EndDate", event->end_s);
    json_put_text(writer, "Hall", event->hall);
    json_put_bool(writer, "Closed", event->closed);
    if (view->has_location)
        write_place(writer, view);
    else
        json_put_null(writer, "Location");
    json_put_integer(writer, "Version", event->version);
    json_close_object(writer);
}

/* Lists go on behind a hit: by then its event may have another date. */
static void note_hit(struct search *search, const struct object_id *id)
{
    while (!object_id_equal(&search->ids[search->at], id))
        search->at++;
    event_cursor_write(&(struct event){.id = *id, .start_s = search->hits[search->at].start_s},
                       search->cursor);
}

static bool list_one(void *context, const struct event_view *view, struct error *error)
{
    struct search *search = context;

    if (!http_page_shows(search->shown, search->writer.buffer))
        return true;
    write_event(&search->writer, view);
    note_hit(search, &view->event.id);
    return buffer_ok(search->writer.buffer, error);
}

/* The limit becomes 0 at the end. */
static void move_on(struct search_page *page, const struct search *search)
{
    const struct search_hit *last;

    if (search->n_hits < page->limit || search->shown->has_next) {
        page->limit = 0;
        return;
    }
    last = &search->hits[search->n_hits - 1];
    page->limit = n_further(page);
    page->has_after = true;
    page->after_start_s = last->start_s;
    page->after_id = last->event_id;
}

/* The next few hits. Others come in for those whose event is gone or damaged. */
static bool list_some(const struct search_service *service, struct search *search,
                      struct error *error)
{
    search->n_hits = 0;
    if (!page_bears_damage(
            search_store_find(service->found, &search->page, search->hits, &search->n_hits, error),
            error))
        return false;
    for (size_t i = 0; i < search->n_hits; i++)
        search->ids[i] = search->hits[i].event_id;
    search->at = 0;
    if (!page_bears_damage(search_store_events(service->found, search->ids, search->n_hits,
                                               list_one, search, error),
                           error))
        return false;
    move_on(&search->page, search);
    return true;
}

/* GET /search: what has all the words, by date */
bool event_search(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    CLEANUP(search_clear) struct search search = {.writer = JSON_WRITER(&response->body)};
    struct event_query query = {0};

    if (!read_search(request, &search, &query, error) || !make_room(&search, error))
        return false;
    search.shown = &query.shown;
    json_open_array(&search.writer, NULL);
    while (search.page.limit > 0) {
        if (!list_some(context, &search, error))
            return false;
    }
    json_close_array(&search.writer);
    if (search.shown->has_next)
        http_page_next(request, response, search.cursor);
    return buffer_ok(&response->body, error);
}
