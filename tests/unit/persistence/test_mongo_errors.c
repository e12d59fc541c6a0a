#include "persistence/mongo/mongo_errors.h"

#include <criterion/criterion.h>

enum {
    N = 3
};

/* Replies as the driver makes them for bulks of three. */
static const struct {
    const char *what;
    bool ok;
    bson_error_t error;
    const char *reply;
    enum mongo_outcome outcomes[N];
} rows[] = {
    {"acknowledged",
     true,
     {0},
     "{'nInserted': 3, 'writeErrors': []}",
     {MONGO_DONE, MONGO_DONE, MONGO_DONE}},
    {"guarded updates",
     true,
     {0},
     "{'nMatched': 1, 'nModified': 1, 'nUpserted': 2, 'writeErrors': []}",
     {MONGO_DONE, MONGO_DONE, MONGO_DONE}},
    {"the driver content in spite of write errors",
     true,
     {0},
     "{'nInserted': 2, 'writeErrors': [{'index': 1, 'code': 11000, 'keyPattern': {'_id': 1}}]}",
     {MONGO_DONE, MONGO_TAKEN, MONGO_DONE}},
    {"one key taken",
     false,
     {MONGOC_ERROR_SERVER, 11000, ""},
     "{'nInserted': 2, 'writeErrors': [{'index': 2, 'code': 11000, 'keyPattern': {'_id': 1}}],"
     " 'writeConcernErrors': []}",
     {MONGO_DONE, MONGO_DONE, MONGO_TAKEN}},
    {"two kinds of keys taken",
     false,
     {MONGOC_ERROR_SERVER, 11000, ""},
     "{'nInserted': 1, 'writeErrors': [{'index': 0, 'code': 11000, 'keyPattern': {'b.id': 1}},"
     " {'index': 2, 'code': 11000, 'keyPattern': {'_id': 1}}]}",
     {MONGO_REPEATED, MONGO_DONE, MONGO_TAKEN}},
    {"a key of several members, and one that was not told",
     false,
     {MONGOC_ERROR_SERVER, 11000, ""},
     "{'nInserted': 1, 'writeErrors': ["
     "{'index': 0, 'code': 11000, 'keyPattern': {'_id': 1, 'v': 1}},"
     " {'index': 1, 'code': 11000}]}",
     {MONGO_REPEATED, MONGO_TAKEN, MONGO_DONE}},
    {"a key taken together with a write concern error",
     false,
     {MONGOC_ERROR_SERVER, 11000, ""},
     "{'nInserted': 2, 'writeErrors': [{'index': 0, 'code': 11000, 'keyPattern': {'_id': 1}}],"
     " 'writeConcernErrors': [{'code': 64, 'errmsg': 'waiting'}]}",
     {MONGO_UNKNOWN, MONGO_UNKNOWN, MONGO_UNKNOWN}},
    {"a write concern error alone, although all are counted",
     false,
     {MONGOC_ERROR_WRITE_CONCERN, 64, "waiting"},
     "{'nInserted': 3, 'writeConcernErrors': [{'code': 64, 'errmsg': 'waiting'}]}",
     {MONGO_UNKNOWN, MONGO_UNKNOWN, MONGO_UNKNOWN}},
    {"the primary stepped down while it waited for others",
     false,
     {MONGOC_ERROR_WRITE_CONCERN, 11602, "InterruptedDueToReplStateChange"},
     "{'nInserted': 3, 'writeConcernErrors': [{'code': 11602}]}",
     {MONGO_UNKNOWN, MONGO_UNKNOWN, MONGO_UNKNOWN}},
    {"not primary, told for one; of the others nothing is known",
     false,
     {MONGOC_ERROR_SERVER, 189, "PrimarySteppedDown"},
     "{'nInserted': 1, 'writeErrors': [{'index': 1, 'code': 189}]}",
     {MONGO_UNKNOWN, MONGO_UNKNOWN, MONGO_UNKNOWN}},
    {"not primary",
     false,
     {MONGOC_ERROR_SERVER, 10107, "NotWritablePrimary"},
     "{'nInserted': 0}",
     {MONGO_UNKNOWN, MONGO_UNKNOWN, MONGO_UNKNOWN}},
    {"a key taken, and fewer inserted than there should be",
     false,
     {MONGOC_ERROR_SERVER, 11000, ""},
     "{'nInserted': 1, 'writeErrors': [{'index': 0, 'code': 11000, 'keyPattern': {'_id': 1}}]}",
     {MONGO_TAKEN, MONGO_UNKNOWN, MONGO_UNKNOWN}},
    {"an index that is none of ours",
     false,
     {MONGOC_ERROR_SERVER, 11000, ""},
     "{'nInserted': 2, 'writeErrors': [{'index': 9, 'code': 11000, 'keyPattern': {'_id': 1}}]}",
     {MONGO_UNKNOWN, MONGO_UNKNOWN, MONGO_UNKNOWN}},
    {"one document refused",
     false,
     {MONGOC_ERROR_SERVER, 121, "DocumentValidationFailure"},
     "{'nInserted': 2, 'writeErrors': [{'index': 0, 'code': 121}]}",
     {MONGO_REFUSED, MONGO_UNKNOWN, MONGO_UNKNOWN}},
    {"the connection cut",
     false,
     {MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET, "socket error or timeout"},
     "{'nInserted': 0, 'writeErrors': []}",
     {MONGO_UNKNOWN, MONGO_UNKNOWN, MONGO_UNKNOWN}},
    {"no server",
     false,
     {MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE, "no suitable servers"},
     "{}",
     {MONGO_NOT_SENT, MONGO_NOT_SENT, MONGO_NOT_SENT}},
    {"no login",
     false,
     {MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_AUTHENTICATE, "Authentication failed"},
     "{}",
     {MONGO_NOT_SENT, MONGO_NOT_SENT, MONGO_NOT_SENT}},
    {"an error that nobody has thought of",
     false,
     {MONGOC_ERROR_SERVER, 424242, ""},
     "{'nInserted': 3}",
     {MONGO_UNKNOWN, MONGO_UNKNOWN, MONGO_UNKNOWN}},
};

/* JSON with single quotes, for the eye. */
static bson_t *bson_of(const char *text)
{
    char json[512];
    bson_t *document;
    size_t i = 0;

    for (; text[i]; i++)
        json[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    json[i] = '\0';
    document = bson_new_from_json((const uint8_t *)json, -1, NULL);
    cr_assert_not_null(document, "%s", json);
    return document;
}

Test(mongo_errors, say_what_became_of_each_write_of_a_bulk)
{
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        enum mongo_outcome outcomes[N];
        bson_t *reply = bson_of(rows[row].reply);

        mongo_outcomes_of(rows[row].ok, reply, &rows[row].error, N, outcomes);
        for (size_t i = 0; i < N; i++)
            cr_expect_eq(outcomes[i], rows[row].outcomes[i], "%s: %zu is %d", rows[row].what, i,
                         outcomes[i]);
        bson_destroy(reply);
    }
}

Test(mongo_errors, never_call_a_write_done_that_has_an_error)
{
    bson_error_t error = {MONGOC_ERROR_SERVER, 1, ""};
    bson_t *reply = bson_of("{'nInserted': 3}");
    enum mongo_outcome outcomes[N];

    for (uint32_t domain = 0; domain < 32; domain++) {
        for (uint32_t code = 0; code < 20000; code++) {
            error.domain = domain;
            error.code = code;
            mongo_outcomes_of(false, reply, &error, N, outcomes);
            cr_assert_neq(outcomes[0], MONGO_DONE, "%u/%u", domain, code);
        }
    }
    bson_destroy(reply);
}

Test(mongo_errors, become_codes_that_say_what_the_caller_can_do)
{
    const bson_error_t cut = {MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET, "cut"};
    const bson_error_t refused = {MONGOC_ERROR_SERVER, 2, "BadValue"};
    const bson_error_t forbidden = {MONGOC_ERROR_SERVER, 13, "Unauthorized"};
    struct error error = {0};

    cr_expect_not(mongo_read_error(&cut, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE, "a read changes nothing");
    cr_expect_not(mongo_read_error(&refused, &error));
    cr_expect_eq(error.code, ERROR_INTERNAL);
    cr_expect_not(mongo_read_error(&forbidden, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE, "an operator gives rights back");

    cr_expect_not(mongo_write_error(MONGO_UNKNOWN, &cut, &error));
    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN);
    cr_expect_str_eq(error.text, "cut");
    cr_expect_not(mongo_write_error(MONGO_NOT_SENT, &cut, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_not(mongo_write_error(MONGO_TAKEN, &cut, &error));
    cr_expect_eq(error.code, ERROR_EXISTS);
    cr_expect_not(mongo_write_error(MONGO_REPEATED, &cut, &error));
    cr_expect_eq(error.code, ERROR_EXISTS);
    cr_expect_not(mongo_write_error(MONGO_REFUSED, &refused, &error));
    cr_expect_eq(error.code, ERROR_INTERNAL);
    cr_expect_not(mongo_write_error(MONGO_REFUSED, &forbidden, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
}
