/* A query as sent, behind the question mark. */
#include "base/memory.h"
#include "base/utf8.h"
#include "searchservice/words.h"
#include "service/page_query.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum {
    SMALL_BYTES = 9,
    UTF8_BYTES_MAX = 4, /* of one character */
    WORDS_BYTES_MAX = 4 * HTTP_URI_BYTES_MAX
};

static void must_name_parameter(const struct error *error)
{
    fuzz_must_be_refusal(error);
    MUST(error->code == ERROR_INVALID && error->n_details > 0 &&
         error->details[0].pointer[0] == '?');
}

/* Into room of either size; untouched unless it fits. */
static void read_parameter(const struct http_request *request, const char *name)
{
    struct error error = {0};
    struct error small_error = {0};
    char value[HTTP_URI_BYTES_MAX + 1] = "untouched";
    char small[SMALL_BYTES] = "-";
    bool found = http_request_query(request, name, value, sizeof(value), &error);
    bool found_small = http_request_query(request, name, small, sizeof(small), &small_error);

    MUST(!found || !error.code);
    if (!found)
        MUST(strcmp(value, "untouched") == 0);
    if (!found_small)
        MUST(strcmp(small, "-") == 0);
    if (error.code)
        must_name_parameter(&error);
    if (found)
        MUST(utf8_valid(value, strlen(value)) && found_small == (strlen(value) < SMALL_BYTES));
    if (found_small)
        MUST(strcmp(value, small) == 0);
}

static void read_events(const struct http_request *request)
{
    struct event_query query = {0};
    struct error error = {0};
    const struct event_page *page = &query.page;
    const struct buffer body = {0};

    if (!event_query_read(request, &query, &error)) {
        must_name_parameter(&error);
        return;
    }
    MUST(query.shown.limit >= 1 && query.shown.limit <= PAGE_SHOWN_MAX);
    MUST(page->limit == query.shown.limit + 1 && !page->has_after);
    for (size_t i = 0; i <= query.shown.limit; i++)
        MUST(http_page_shows(&query.shown, &body) == (i < query.shown.limit));
    MUST(query.shown.has_next && query.shown.n == query.shown.limit);
    MUST(!page->name || utf8_length(page->name) <= TEXT_CHARACTERS_MAX);
    MUST(!page->from_s || *page->from_s <= SECONDS_MAX + 1);
    MUST(!page->to_s || *page->to_s <= SECONDS_MAX + 1);
}

static void read_locations(const struct http_request *request)
{
    struct location_query query = {0};
    struct error error = {0};

    if (!location_query_read(request, &query, &error))
        must_name_parameter(&error);
    else
        MUST(query.page.limit == query.shown.limit + 1);
}

/* The words of @text are @words. */
static void must_split_into(const char *text, const char *words, size_t n_words)
{
    CLEANUP(buffer_clear) struct buffer split = {0};

    buffer_init(&split, WORDS_BYTES_MAX);
    MUST(words_append(&split, "", text) == n_words && buffer_ok(&split, NULL));
    MUST(strcmp(split.data ? split.data : "", words) == 0);
}

/* In two parts, cut where a word ends, they are the words of the whole; @text loses a space. */
static void split_in_two(char *text, const char *words, size_t n_words)
{
    CLEANUP(buffer_clear) struct buffer both = {0};
    char *space = strchr(text + strlen(text) / 2, ' ');
    size_t n_both;

    if (!space)
        return;
    *space = '\0';
    buffer_init(&both, WORDS_BYTES_MAX);
    n_both = words_append(&both, "", text);
    n_both += words_append(&both, "", space + 1);
    MUST(n_both == n_words && buffer_ok(&both, NULL));
    MUST(strcmp(both.data ? both.data : "", words) == 0);
}

/* With a mark they are the same, in the same order; one that is too long for its mark as well ends earlier. */
static void mark(const char *text, const char *words, size_t n_words)
{
    CLEANUP(buffer_clear) struct buffer marked = {0};
    const char *at;

    buffer_init(&marked, WORDS_BYTES_MAX);
    MUST(words_append(&marked, "@", text) == n_words && buffer_ok(&marked, NULL));
    at = marked.data ? marked.data : "";
    while (*at == '@') {
        size_t length = strcspn(++at, " ");

        MUST(length >= 1 && length < WORD_BYTES_MAX && strncmp(at, words, length) == 0);
        at += length + (at[length] == ' ');
        MUST(strcspn(words, " ") == length || length + UTF8_BYTES_MAX >= WORD_BYTES_MAX);
        words += strcspn(words, " ");
        words += *words == ' ';
    }
    MUST(!*at && !*words);
}

/* None is longer than a word may be; taken apart again they stay what they are. */
static void read_words(const struct http_request *request)
{
    CLEANUP(buffer_clear) struct buffer words = {0};
    char text[HTTP_URI_BYTES_MAX + 1];
    const char *seen;
    size_t n_seen = 0;
    size_t n_words;

    if (!http_request_query(request, "q", text, sizeof(text), NULL))
        return;
    buffer_init(&words, WORDS_BYTES_MAX);
    n_words = words_append(&words, "", text);
    MUST(buffer_ok(&words, NULL));
    seen = words.data ? words.data : "";
    MUST(utf8_valid(seen, words.size_bytes));
    for (const char *at = seen; *at; at += strspn(at, " "), n_seen++) {
        size_t length = strcspn(at, " ");

        MUST(length >= 1 && length <= WORD_BYTES_MAX);
        at += length;
    }
    MUST(n_seen == n_words);
    must_split_into(seen, seen, n_words);
    mark(text, seen, n_words);
    split_in_two(text, seen, n_words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"name", "from", "limit", "q", ""};
    struct fuzz_input input =
        fuzz_input(data, size < HTTP_URI_BYTES_MAX ? size : HTTP_URI_BYTES_MAX);
    CLEANUP(memory_freep) char *query = fuzz_rest(&input);
    struct http_request request = {.method = "GET", .path = "/events", .query = query};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        read_parameter(&request, names[i]);
    read_events(&request);
    read_locations(&request);
    read_words(&request);
    return 0;
}
