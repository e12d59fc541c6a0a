#include "base/memory.h"
#include "base/object_id.h"
#include "base/utf8.h"
#include "searchservice/finding.h"
#include "searchservice/words.h"
#include "service/page_query.h"

enum {
    WORDS_MAX = 16, /* of one search */
    WORDS_BYTES_MAX = 4 * HTTP_URI_BYTES_MAX
};

/* Hits of a page; their events are shown as the copy has them by now. */
struct search {
    struct buffer words;
    struct search_page page;
    struct search_hit *hits; /* owned */
    struct object_id *ids;   /* owned */
    size_t n_hits;
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

static bool find(const struct search_service *service, struct search *search, struct error *error)
{
    search->hits = memory_array(search->page.limit, sizeof(*search->hits), error);
    search->ids = memory_array(search->page.limit, sizeof(*search->ids), error);
    if (!search->hits || !search->ids ||
        !search_store_find(service->found, &search->page, search->hits, &search->n_hits, error))
        return false;
    for (size_t i = 0; i < search->n_hits; i++)
        search->ids[i] = search->hits[i].event_id;
    return true;
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

static bool write_event(void *context, const struct event_view *view, struct error *error)
{
    struct json_writer *writer = context;
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
    return buffer_ok(writer->buffer, error);
}

/* One more than is shown was asked for: it tells that there is a next page. */
static size_t shown_of(const struct search *search, const struct event_query *query)
{
    return search->n_hits < query->shown.limit ? search->n_hits : query->shown.limit;
}

static void write_next(const struct http_request *request, struct http_response *response,
                       const struct search_hit *last)
{
    const struct event event = {.id = last->event_id, .start_s = last->start_s};
    char cursor[HTTP_CURSOR_BYTES];

    event_cursor_write(&event, cursor);
    http_page_next(request, response, cursor);
}

/* GET /search: what has all the words, by date */
bool event_search(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    const struct search_service *service = context;
    CLEANUP(search_clear) struct search search = {0};
    struct event_query query = {0};
    struct json_writer writer = JSON_WRITER(&response->body);

    if (!read_search(request, &search, &query, error) || !find(service, &search, error))
        return false;
    json_open_array(&writer, NULL);
    if (!page_bears_damage(search_store_events(service->found, search.ids,
                                               shown_of(&search, &query), write_event, &writer,
                                               error),
                           error))
        return false;
    json_close_array(&writer);
    if (search.n_hits == search.page.limit)
        write_next(request, response, &search.hits[query.shown.limit - 1]);
    return buffer_ok(&response->body, error);
}
