#include "base/memory.h"
#include "loading.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SAMPLE_OF_EVENTS PROJECT_FOLDER "/configs/eventservice.json"
#define SAMPLE_OF_BOOKINGS PROJECT_FOLDER "/configs/bookingservice.json"
#define SAMPLE_OF_SEARCH PROJECT_FOLDER "/configs/searchservice.json"

static struct config load_file(enum config_service service, const char *text)
{
    struct given given = {.service = service, .flags = {"-conf", file_with(text)}};

    return load(&given).config;
}

/* @before and @after stand around the path of the file. */
static void refuse_file(const char *text, const char *before, const char *after)
{
    struct given given = {.flags = {"-conf", file_with(text)}};
    char wanted[ERROR_TEXT_BYTES];

    snprintf(wanted, sizeof(wanted), "%s%s%s", before, given.flags[1], after);
    refuse(&given, wanted);
}

static void same(const struct config *config, const struct config *other)
{
    char text[8192];

    snprintf(text, sizeof(text), "%s", answer_of(config, CONFIG_PRINT));
    cr_expect_str_eq(text, answer_of(other, CONFIG_PRINT));
    cr_expect_str_eq(config->database_url, other->database_url);
    cr_expect_str_eq(config->broker_url, other->broker_url);
}

Test(config_file, sample_says_the_defaults)
{
    struct given event = {.flags = {"-conf", SAMPLE_OF_EVENTS}};
    struct given booking = {.service = CONFIG_BOOKINGSERVICE,
                            .flags = {"-conf", SAMPLE_OF_BOOKINGS}};
    struct given search = {.service = CONFIG_SEARCHSERVICE, .flags = {"-conf", SAMPLE_OF_SEARCH}};

    struct config events = load(&event).config;
    struct config bookings = load(&booking).config;
    struct config searches = load(&search).config;
    struct config event_defaults = load(&(struct given){0}).config;
    struct config booking_defaults = load(&(struct given){.service = CONFIG_BOOKINGSERVICE}).config;
    struct config search_defaults = load(&(struct given){.service = CONFIG_SEARCHSERVICE}).config;

    same(&events, &event_defaults);
    same(&bookings, &booking_defaults);
    same(&searches, &search_defaults);
}

/* What is printed is a file that loads; only passwords have to be filled in. */
Test(config_file, sample_is_what_is_printed)
{
    struct given given = {.service = CONFIG_BOOKINGSERVICE};
    struct config config = load(&given).config;
    char printed[8192];
    char *hidden;

    snprintf(printed, sizeof(printed), "%s", answer_of(&config, CONFIG_PRINT));
    hidden = strstr(printed, "***");
    cr_assert_not_null(hidden);
    memmove(hidden + strlen("guest"), hidden + strlen("***"), strlen(hidden + strlen("***")) + 1);
    memcpy(hidden, "guest", strlen("guest"));

    cr_expect_str_eq(printed, project_file("configs/bookingservice.json"));
}

Test(config_file, is_taken_as_myevents_wrote_it)
{
    struct config config =
        load_file(CONFIG_EVENTSERVICE, "{'databasetype':'mongodb',"
                                       "'dbconnection':'mongodb://127.0.0.1',"
                                       "'restfulapi_endpoint':'localhost:8181',"
                                       "'restfulapi-tlsendpoint':'localhost:9191',"
                                       "'message_broker_type':'amqp',"
                                       "'amqp_message_broker':'amqp://guest:guest@localhost:5672',"
                                       "'kafka_message_brokers':['localhost:9092','other:9092']}");

    cr_expect_str_eq(config.database_url, "mongodb://127.0.0.1");
    cr_expect_str_eq(config.tls_listen, "localhost:9191");
    cr_expect_str_eq(config.kafka_brokers, "localhost:9092,other:9092");
}

Test(config_file, gives_numbers_switches_lists_and_keys_in_any_case)
{
    struct config config =
        load_file(CONFIG_BOOKINGSERVICE, "{'Threads':30,'metrics_myevents_names':true,"
                                         "'cors_origins':['http://a.example','http://b.example'],"
                                         "'kafka_message_brokers':'one:9092 two:9092'}");

    cr_expect_eq(config.threads, 30);
    cr_expect(config.metrics_myevents_names);
    cr_expect_str_eq(config.cors_origins, "http://a.example,http://b.example");
    cr_expect_str_eq(config.kafka_brokers, "one:9092 two:9092");
}

Test(config_file, is_refused_with_an_unknown_member)
{
    refuse_file("{'colour':'red'}", "the file ",
                ": there is no option \"colour\" (--help lists the options)");
}

Test(config_file, is_refused_with_an_option_of_the_other_service)
{
    refuse_file("{'seats_per_booking':5}",
                "seats_per_booking (MYEVENTS_SEATS_PER_BOOKING) in the file ",
                ": the event service has no such option");
}

Test(config_file, is_refused_with_a_value_out_of_bounds)
{
    refuse_file("{'threads':3}", "threads (MYEVENTS_THREADS) in the file ",
                ": \"3\" is not a whole number from 4 to 4096");
}

Test(config_file, is_refused_with_a_value_of_another_type)
{
    static const char *const texts[] = {"{'threads':'30'}", "{'threads':30.5}", "{'threads':null}"};

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        refuse_file(texts[i], "threads (MYEVENTS_THREADS) in the file ",
                    ": this is not a whole number from 4 to 4096");
    refuse_file("{'log_format':true}", "log_format (MYEVENTS_LOG_FORMAT) in the file ",
                ": this is not text or json");
    refuse_file("{'kafka_message_brokers':[1]}",
                "kafka_message_brokers (MYEVENTS_KAFKA_MESSAGE_BROKERS, KAFKA_BROKER_URLS, "
                "KAFKA_BROKERS) in the file ",
                ": this is not a list, split at commas or spaces");
}

Test(config_file, is_refused_when_it_is_no_json_object)
{
    static const char *const texts[] = {"", "{", "{'threads':30,}", "{'threads':30,'Threads':31}"};

    refuse_file("[]", "the file ", ": must hold one JSON object");
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct given given = {.flags = {"-conf", file_with(texts[i])}};
        struct loaded loaded;
        struct error error = {0};

        cr_expect_not(try_to_load(&given, &loaded, &error), "%s", texts[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect(strstr(error.text, given.flags[1]), "%s", error.text);
    }
}

Test(config_file, is_refused_when_it_can_not_be_read)
{
    refuse(&(struct given){.flags = {"-conf", "/nowhere/config.json"}},
           "the file /nowhere/config.json: No such file or directory");
    refuse(&(struct given){.flags = {"-conf", "/"}}, "the file /: Is a directory");
}

/* An allocation after another is made to fail, until none is left that could. */
Test(config_file, says_so_when_memory_is_short)
{
    struct given given = {
        .flags = {"-conf", file_with("{'threads':30,'cors_origins':['http://a.example']}")}};
    long failures = 0;

    for (long n = 1; n < 1000; n++) {
        struct loaded loaded;
        struct error error = {0};
        bool fine;

        memory_fail_at(n, false);
        fine = try_to_load(&given, &loaded, &error);
        memory_fail_at(0, false);
        if (fine)
            break;
        cr_expect_eq(error.code, ERROR_MEMORY, "%ld: %s", n, error.text);
        failures++;
    }

    cr_expect_gt(failures, 1);
    cr_expect_lt(failures, 999);
}

Test(config_file, is_refused_when_it_has_no_end, .timeout = 20)
{
    struct given given = {.flags = {"-conf", "/dev/zero"}};
    struct loaded loaded = {0};
    struct error error = {0};

    cr_expect_not(try_to_load(&given, &loaded, &error));

    cr_expect_eq(error.code, ERROR_TOO_LARGE);
}
