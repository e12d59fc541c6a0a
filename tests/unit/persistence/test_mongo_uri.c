#include "persistence/mongo/mongo_uri.h"

#include <criterion/criterion.h>

static mongoc_uri_t *make(const char *url, enum mongo_use use)
{
    struct database_options options = {.url = url, .app_name = "bookingservice"};
    mongoc_uri_t *uri = NULL;
    struct error error = {0};

    cr_assert(mongo_uri_make(&options, use, &uri, &error), "%s", error.text);
    return uri;
}

Test(mongo_uri, limits_every_wait_and_those_of_requests_more)
{
    static const char *const limits[] = {MONGOC_URI_SERVERSELECTIONTIMEOUTMS,
                                         MONGOC_URI_SOCKETTIMEOUTMS, MONGOC_URI_CONNECTTIMEOUTMS,
                                         MONGOC_URI_WAITQUEUETIMEOUTMS};
    mongoc_uri_t *commits = make("mongodb://localhost", MONGO_COMMITS);
    mongoc_uri_t *requests = make("mongodb://localhost", MONGO_REQUESTS);

    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        int32_t of_commits = mongoc_uri_get_option_as_int32(commits, limits[i], 0);
        int32_t of_requests = mongoc_uri_get_option_as_int32(requests, limits[i], 0);

        cr_expect_gt(of_commits, 0, "%s", limits[i]);
        cr_expect_leq(of_commits, 2000, "%s", limits[i]);
        cr_expect_gt(of_requests, 0, "%s", limits[i]);
        cr_expect_lt(of_requests, 1500, "%s", limits[i]);
    }
    cr_expect_str_eq(mongoc_uri_get_appname(commits), "bookingservice");
    mongoc_uri_destroy(commits);
    mongoc_uri_destroy(requests);
}

Test(mongo_uri, leaves_limits_alone_that_the_url_sets)
{
    mongoc_uri_t *uri =
        make("mongodb://localhost/?socketTimeoutMS=12345&appName=mine", MONGO_COMMITS);

    cr_expect_eq(mongoc_uri_get_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, 0), 12345);
    cr_expect_eq(mongoc_uri_get_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 0), 2000);
    cr_expect_str_eq(mongoc_uri_get_appname(uri), "mine");
    mongoc_uri_destroy(uri);
}

Test(mongo_uri, does_not_let_the_url_choose_what_is_promised)
{
    mongoc_uri_t *uri =
        make("mongodb://localhost/?w=1&journal=false&retryWrites=true&retryReads=true"
             "&readPreference=secondary&readConcernLevel=local",
             MONGO_COMMITS);
    const mongoc_write_concern_t *write_concern = mongoc_uri_get_write_concern(uri);

    cr_expect(mongoc_write_concern_get_wmajority(write_concern));
    cr_expect(mongoc_write_concern_get_journal(write_concern));
    cr_expect_gt(mongoc_write_concern_get_wtimeout(write_concern), 0);
    cr_expect_str_eq(mongoc_read_concern_get_level(mongoc_uri_get_read_concern(uri)), "majority");
    cr_expect_eq(mongoc_read_prefs_get_mode(mongoc_uri_get_read_prefs_t(uri)), MONGOC_READ_PRIMARY);
    cr_expect_not(mongoc_uri_get_option_as_bool(uri, MONGOC_URI_RETRYWRITES, true));
    cr_expect_not(mongoc_uri_get_option_as_bool(uri, MONGOC_URI_RETRYREADS, true));
    mongoc_uri_destroy(uri);
}

Test(mongo_uri, refuses_what_is_no_url)
{
    struct database_options options = {.url = "localhost:27017"};
    mongoc_uri_t *uri = NULL;
    struct error error = {0};

    cr_assert_not(mongo_uri_make(&options, MONGO_COMMITS, &uri, &error));

    cr_expect_eq(error.code, ERROR_INVALID);
    cr_expect_null(uri);
}
