#include "http/router.h"

#include "base/random.h"

#include <criterion/criterion.h>
#include <string.h>

static bool handle(void *context, const struct http_request *request,
                   struct http_response *response, struct error *error)
{
    (void)context;
    (void)request;
    (void)response;
    (void)error;
    return true;
}

enum row {
    INDEX,
    EVENTS,
    EVENT_NEW,
    EVENT,
    EVENT_PUT,
    EVENT_BY_ID,
    EVENT_BY_NAME,
    BOOKINGS,
    BOOKING
};

static const struct http_route rows[] = {
    [INDEX] = {"GET", "/", handle, 0},
    [EVENTS] = {"GET", "/events", handle, 0},
    [EVENT_NEW] = {"POST", "/events", handle, 0},
    [EVENT] = {"GET", "/events/{id}", handle, 0},
    [EVENT_PUT] = {"PUT", "/events/{id}", handle, 0},
    [EVENT_BY_ID] = {"GET", "/events/id/{id}", handle, 0},
    [EVENT_BY_NAME] = {"GET", "/events/name/{name}", handle, 0},
    [BOOKINGS] = {"GET", "/events/{id}/bookings", handle, 0},
    [BOOKING] = {"GET", "/events/{id}/bookings/{code}", handle, 0},
};

static const struct http_routes routes = {.rows = rows, .n_rows = ARRAY_SIZE(rows)};

struct found {
    enum http_match match;
    const struct http_route *route;
    struct http_request request;
    char allow[HTTP_ALLOW_BYTES];
    char path[HTTP_URI_BYTES_MAX + 1];
};

static struct found *find(const char *method, const char *path)
{
    static struct found found;

    memset(&found, 0, sizeof(found));
    strcpy(found.path, path);
    found.match =
        http_router_match(&routes, method, found.path, &found.request, &found.route, found.allow);
    return &found;
}

static bool finds(const char *method, const char *path, enum row row)
{
    struct found *found = find(method, path);

    return found->match == HTTP_MATCH_FOUND && found->route == &rows[row];
}

static bool lacks(const char *path)
{
    return find("GET", path)->match == HTTP_MATCH_NO_PATH;
}

Test(router, finds_each_row)
{
    cr_expect(finds("GET", "/", INDEX));
    cr_expect(finds("GET", "/events", EVENTS));
    cr_expect(finds("POST", "/events", EVENT_NEW));
    cr_expect(finds("GET", "/events/7", EVENT));
    cr_expect(finds("PUT", "/events/7", EVENT_PUT));
    cr_expect(finds("GET", "/events/7/bookings", BOOKINGS));
    cr_expect(finds("GET", "/events/7/bookings/ABC", BOOKING));
}

Test(router, prefers_fixed_text_from_the_left)
{
    cr_expect(finds("GET", "/events/id/7", EVENT_BY_ID));
    cr_expect(finds("GET", "/events/name/7", EVENT_BY_NAME));
    cr_expect(finds("GET", "/events/id/bookings", EVENT_BY_ID));
    cr_expect(finds("GET", "/events/idx/bookings", BOOKINGS));
}

Test(router, hands_out_parameters_decoded)
{
    struct found *found = find("GET", "/events/caf%C3%A9/bookings/a%20b");

    cr_assert_eq(found->match, HTTP_MATCH_FOUND);
    cr_expect_str_eq(http_request_parameter(&found->request, "id"), "caf\xc3\xa9");
    cr_expect_str_eq(http_request_parameter(&found->request, "code"), "a b");
}

Test(router, keeps_an_encoded_slash_inside_its_segment)
{
    struct found *found = find("GET", "/events/name/a%2Fb%2f..%2fc");

    cr_assert_eq(found->match, HTTP_MATCH_FOUND);
    cr_expect_str_eq(http_request_parameter(&found->request, "name"), "a/b/../c");
}

Test(router, compares_fixed_text_after_decoding)
{
    cr_expect(finds("GET", "/%65vents", EVENTS));
    cr_expect(lacks("/Events"));
}

Test(router, refuses_paths_that_cannot_be_decoded)
{
    cr_expect(lacks("/events/a%00b"));
    cr_expect(lacks("/events/%"));
    cr_expect(lacks("/events/%zz"));
    cr_expect(lacks("/events/%ff"));
}

Test(router, refuses_empty_segments)
{
    cr_expect(lacks("//"));
    cr_expect(lacks("/events/"));
    cr_expect(lacks("//events"));
    cr_expect(lacks("/events//bookings"));
    cr_expect(lacks(""));
    cr_expect(lacks("events"));
}

Test(router, does_not_match_a_part_of_a_path)
{
    cr_expect(lacks("/event"));
    cr_expect(lacks("/eventsx"));
    cr_expect(lacks("/events/7/booking"));
    cr_expect(lacks("/events/7/bookings/8/9"));
    cr_expect(lacks("/a/b/c/d/e/f/g/h/i/j"));
}

Test(router, answers_head_where_get_is)
{
    cr_expect(finds("HEAD", "/events/7", EVENT));
}

Test(router, lists_the_methods_of_the_path)
{
    struct found *found = find("DELETE", "/events/7");

    cr_expect_eq(found->match, HTTP_MATCH_NO_METHOD);
    cr_expect_str_eq(found->allow, "GET, HEAD, PUT, OPTIONS");
    cr_expect_eq(find("OPTIONS", "/events")->match, HTTP_MATCH_NO_METHOD);
    cr_expect_str_eq(find("OPTIONS", "/events")->allow, "GET, HEAD, POST, OPTIONS");
    cr_expect_str_eq(find("POST", "/events/id/7")->allow, "GET, HEAD, OPTIONS");
}

Test(router, lists_none_where_the_method_is_answered)
{
    cr_expect_str_eq(find("POST", "/events")->allow, "");
    cr_expect_str_eq(find("PUT", "/events/1")->allow, "");
}

Test(router, knows_methods_by_their_letters)
{
    cr_expect_eq(find("get", "/events")->match, HTTP_MATCH_NO_METHOD);
}

/* The generator of Knuth's MMIX: fast, and the same from the same seed. */
static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 16;
}

/* Bytes that make a random path interesting come up more often than the others. */
static size_t random_path(char *path, uint64_t *state)
{
    static const char alphabet[] = "/////%%%%0022fFeventsid{}.+?\xc3\xa9";
    size_t length = 1 + next_random(state) % 60;

    path[0] = '/';
    for (size_t i = 1; i < length; i++) {
        uint64_t random = next_random(state);

        path[i] = random % 8 ? alphabet[random / 8 % (sizeof(alphabet) - 1)]
                             : (char)(1 + random / 8 % 255);
    }
    path[length] = '\0';
    return length;
}

Test(router, survives_random_bytes)
{
    struct error error = {0};
    char path[64];
    uint64_t state;

    cr_assert(random_init(&error));
    state = random_u64();
    for (int i = 0; i < 200000; i++) {
        size_t length = random_path(path, &state);
        struct found *found = find("GET", path);

        if (found->match != HTTP_MATCH_FOUND)
            continue;
        for (size_t p = 0; p < found->request.n_parameters; p++) {
            const char *value = found->request.parameters[p].value;

            cr_assert(value >= found->path && value < found->path + length, "%s", path);
            cr_assert(*value && utf8_valid(value, strlen(value)), "%s", path);
        }
    }
}
