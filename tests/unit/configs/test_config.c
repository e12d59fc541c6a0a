#include "base/cleanup.h"
#include "loading.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(config, of_the_event_service_has_its_defaults)
{
    struct config config = load(&(struct given){0}).config;

    cr_expect_eq(config.service, CONFIG_EVENTSERVICE);
    cr_expect_str_eq(config.service_name, "eventservice");
    cr_expect_str_eq(config.database_type, "mongodb");
    cr_expect_str_eq(config.database_url, "mongodb://127.0.0.1:27017/myevents_events");
    cr_expect_str_eq(config.listen, "127.0.0.1:8181");
    cr_expect_str_eq(config.tls_listen, "127.0.0.1:9191");
    cr_expect_str_eq(config.broker_type, "amqp");
    cr_expect_str_eq(config.broker_url, "amqp://guest:guest@127.0.0.1:5672/");
    cr_expect_str_eq(config.metrics_listen, "127.0.0.1:9100");
    cr_expect_str_empty(config.tls_certificate);
    cr_expect_str_empty(config.cors_origins);
    cr_expect_eq(config.threads, 128);
    cr_expect_str_eq(config.log_format, "text");
    cr_expect_str_eq(config.log_level, "info");
    cr_expect_eq(config.drain_ms, 2000);
    cr_expect_eq(config.log_bytes, 5000000000);
}

Test(config, of_the_booking_service_has_its_defaults)
{
    struct config config = load(&(struct given){.service = CONFIG_BOOKINGSERVICE}).config;

    cr_expect_eq(config.service, CONFIG_BOOKINGSERVICE);
    cr_expect_str_eq(config.service_name, "bookingservice");
    cr_expect_str_eq(config.database_url, "mongodb://127.0.0.1:27017/myevents_bookings");
    cr_expect_str_eq(config.listen, "127.0.0.1:8282");
    cr_expect_str_eq(config.tls_listen, "127.0.0.1:9292");
    cr_expect_str_eq(config.metrics_listen, "127.0.0.1:9101");
    cr_expect_eq(config.threads, 384);
    cr_expect_eq(config.seats_per_booking, 10);
    cr_expect_eq(config.seats_per_user, 0);
    cr_expect_not(config.metrics_myevents_names);
}

Test(config, of_the_search_service_has_its_defaults)
{
    struct config config = load(&(struct given){.service = CONFIG_SEARCHSERVICE}).config;

    cr_expect_eq(config.service, CONFIG_SEARCHSERVICE);
    cr_expect_str_eq(config.service_name, "searchservice");
    cr_expect_str_eq(config.database_url, "mongodb://127.0.0.1:27017/myevents_search");
    cr_expect_str_eq(config.listen, "127.0.0.1:8383");
    cr_expect_str_eq(config.tls_listen, "127.0.0.1:9393");
    cr_expect_str_eq(config.metrics_listen, "127.0.0.1:9102");
}

Test(config, takes_flag_before_environment_before_file_before_default)
{
    struct given given = {.flags = {"--threads=30", "-conf", file_with("{'threads':10}")},
                          .environment = {"MYEVENTS_THREADS=20"}};

    cr_expect_eq(load(&given).config.threads, 30);
    given.flags[0] = "--log_level=debug";
    cr_expect_eq(load(&given).config.threads, 20);
    given.environment[0] = NULL;
    cr_expect_eq(load(&given).config.threads, 10);
    given.flags[1] = NULL;
    cr_expect_eq(load(&given).config.threads, 128);
}

Test(config, takes_flags_in_every_spelling)
{
    struct given spellings[] = {
        {.flags = {"--threads", "30"}},
        {.flags = {"--threads=30"}},
        {.flags = {"-threads", "30"}},
        {.flags = {"-threads=30"}},
        {.flags = {"--threads", "10", "--threads", "30"}},
    };

    for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
        cr_expect_eq(load(&spellings[i]).config.threads, 30, "spelling %zu", i);
}

Test(config, takes_its_file_in_every_spelling)
{
    static const char *const flags[] = {"-conf", "--conf", "-config", "--config"};
    const char *path = file_with("{'threads':30}");

    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        char flag[16];
        struct given given = {.flags = {flag, path}};

        snprintf(flag, sizeof(flag), "%s", flags[i]);
        cr_expect_eq(load(&given).config.threads, 30, "%s", flag);
    }
}

Test(config, takes_the_variables_that_myevents_had)
{
    struct given given = {.environment = {"LISTEN_URL=0.0.0.0:80", "MONGO_URL=mongodb://db/other",
                                          "AMQP_BROKER_URL=amqp://a:b@broker/",
                                          "KAFKA_BROKER_URLS=one:9092,two:9092"}};

    struct config config = load(&given).config;

    cr_expect_str_eq(config.listen, "0.0.0.0:80");
    cr_expect_str_eq(config.database_url, "mongodb://db/other");
    cr_expect_str_eq(config.broker_url, "amqp://a:b@broker/");
    cr_expect_str_eq(config.kafka_brokers, "one:9092,two:9092");
}

Test(config, takes_the_first_of_several_variables)
{
    struct given given = {.environment = {"AMQP_URL=amqp://third/",
                                          "AMQP_BROKER_URL=amqp://second/",
                                          "MYEVENTS_AMQP_MESSAGE_BROKER=amqp://first/"}};

    cr_expect_str_eq(load(&given).config.broker_url, "amqp://first/");
    given.environment[2] = NULL;
    cr_expect_str_eq(load(&given).config.broker_url, "amqp://second/");
    given.environment[1] = NULL;
    cr_expect_str_eq(load(&given).config.broker_url, "amqp://third/");
}

Test(config, takes_the_variable_of_a_key_with_a_hyphen)
{
    struct given given = {.environment = {"MYEVENTS_RESTFULAPI_TLSENDPOINT=:443"}};

    cr_expect_str_eq(load(&given).config.tls_listen, ":443");
}

Test(config, leaves_empty_and_unknown_variables_and_those_of_the_other_service_alone)
{
    struct given given = {.environment = {"LISTEN_URL=", "MYEVENTS_COLOUR=red", "MYEVENTS_THREADS",
                                          "MYEVENTS_THREADSX=1", "MYEVENTS_SEATS_PER_BOOKING=0"}};

    struct config config = load(&given).config;

    cr_expect_str_eq(config.listen, "127.0.0.1:8181");
    cr_expect_eq(config.threads, 128);
}

Test(config, takes_addresses_with_and_without_host_scheme_and_slash)
{
    static const char *const spellings[][2] = {
        {"127.0.0.1:8181", "127.0.0.1:8181"},
        {"my-host.example:80", "my-host.example:80"},
        {":8181", ":8181"},
        {":0", ":0"},
        {":65535", ":65535"},
        {"http://localhost:8181", "localhost:8181"},
        {"http://localhost:8181/", "localhost:8181"},
        {"https://:8181", ":8181"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
        char flag[64];
        struct given given = {.flags = {flag}};

        snprintf(flag, sizeof(flag), "--restfulapi_endpoint=%s", spellings[i][0]);
        cr_expect_str_eq(load(&given).config.listen, spellings[i][1]);
    }
}

Test(config, refuses_what_is_no_address)
{
    static const char *const spellings[] = {
        "",       "8181",    "localhost", "localhost:", ":65536",          ":-1",
        ":http",  ":80x",    ": 80",      "a b:80",     "localhost:80/v1", "ftp://localhost:80",
        "[::]:1", "a:80:90",
    };

    for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
        char flag[64];
        char text[ERROR_TEXT_BYTES];

        snprintf(flag, sizeof(flag), "--metrics_endpoint=%s", spellings[i]);
        snprintf(
            text, sizeof(text),
            "metrics_endpoint (MYEVENTS_METRICS_ENDPOINT) in the flags: \"%s\" is not host:port "
            "or :port with a port from 0 (any free one) to 65535",
            spellings[i]);
        refuse(&(struct given){.flags = {flag}}, text);
    }
}

Test(config, takes_numbers_up_to_both_bounds)
{
    struct given lowest = {.service = CONFIG_BOOKINGSERVICE,
                           .flags = {"--seats_per_booking=1", "--threads=4"}};
    struct given highest = {.service = CONFIG_BOOKINGSERVICE,
                            .flags = {"--seats_per_booking=1000", "--threads=4096"}};

    cr_expect_eq(load(&lowest).config.seats_per_booking, 1);
    cr_expect_eq(load(&highest).config.seats_per_booking, 1000);
}

Test(config, refuses_a_number_out_of_bounds)
{
    static const char *const values[] = {
        "0", "1001", "-1", "", "ten", "1.5", "0x10", "99999999999999999999", " 5", "+5"};

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        char variable[64];
        char text[ERROR_TEXT_BYTES];
        struct given given = {.service = CONFIG_BOOKINGSERVICE,
                              .flags = {"--seats_per_booking", variable}};

        snprintf(variable, sizeof(variable), "%s", values[i]);
        snprintf(
            text, sizeof(text),
            "seats_per_booking (MYEVENTS_SEATS_PER_BOOKING) in the flags: \"%s\" is not a whole "
            "number from 1 to 1000",
            values[i]);
        refuse(&given, text);
    }
}

Test(config, takes_a_switch)
{
    static const char *const values[] = {"false", "true", "0", "1"};

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        char variable[64];
        struct given given = {.service = CONFIG_BOOKINGSERVICE, .environment = {variable}};

        snprintf(variable, sizeof(variable), "MYEVENTS_METRICS_MYEVENTS_NAMES=%s", values[i]);
        cr_expect_eq(load(&given).config.metrics_myevents_names, i % 2 == 1, "%s", values[i]);
    }
}

Test(config, takes_a_list_split_at_commas_or_spaces)
{
    struct given given = {.flags = {"--cors_origins", "http://one.example, https://two.example"}};

    cr_expect_str_eq(load(&given).config.cors_origins, "http://one.example, https://two.example");
}

Test(config, refuses_a_bad_value_and_names_key_variables_bounds_and_source)
{
    refuse(&(struct given){.flags = {"--log_level=loud"}},
           "log_level (MYEVENTS_LOG_LEVEL) in the flags: \"loud\" is not debug, info, warning or "
           "error");
    refuse(&(struct given){.environment = {"MYEVENTS_DATABASETYPE=dynamodb"}},
           "databasetype (MYEVENTS_DATABASETYPE) in MYEVENTS_DATABASETYPE: \"dynamodb\" is not "
           "mongodb or memory");
    refuse(
        &(struct given){.flags = {"--cors_origins=http://a.example shop.example"}},
        "cors_origins (MYEVENTS_CORS_ORIGINS) in the flags: \"http://a.example shop.example\" is "
        "not a list, split at commas or spaces, of what starts with http:// or https://");
    refuse(
        &(struct given){.flags = {"--service_name="}},
        "service_name (MYEVENTS_SERVICE_NAME) in the flags: \"\" is not a text of 1 to 63 bytes");
    refuse(&(struct given){.flags = {"--tls_key=line\nbreak"}},
           "tls_key (MYEVENTS_TLS_KEY) in the flags: \"line\nbreak\" is not a text of 0 to 1023 "
           "bytes");
    refuse(&(struct given){.service = CONFIG_BOOKINGSERVICE,
                           .flags = {"--metrics_myevents_names=yes"}},
           "metrics_myevents_names (MYEVENTS_METRICS_MYEVENTS_NAMES) in the flags: \"yes\" is not "
           "true or false");
}

Test(config, refuses_a_bad_url_without_saying_what_it_was)
{
    refuse(&(struct given){.environment = {"MONGO_URL=http://user:secret@host"}},
           "dbconnection (MYEVENTS_DBCONNECTION, MONGO_URL) in MONGO_URL: this is not a URL of at "
           "most 1023 bytes that starts with mongodb:// or mongodb+srv://");
    refuse(&(struct given){.flags = {"--amqp_message_broker=amqp://"}},
           "amqp_message_broker (MYEVENTS_AMQP_MESSAGE_BROKER, AMQP_BROKER_URL, AMQP_URL) in the "
           "flags: this is not a URL of at most 1023 bytes that starts with amqp:// or amqps://");
}

Test(config, refuses_a_text_that_does_not_fit)
{
    char longest[64 + sizeof("--service_name=")] = "--service_name=";
    struct given given = {.flags = {longest}};

    memset(longest + strlen(longest), 'x', 63);
    cr_expect_eq(strlen(load(&given).config.service_name), 63);

    strcat(longest, "x");
    refuse(&given,
           "service_name (MYEVENTS_SERVICE_NAME) in the flags: this is not a text of 1 to 63 "
           "bytes");
}

Test(config, refuses_flags_that_it_does_not_know)
{
    refuse(&(struct given){.flags = {"--colour=red"}},
           "--colour is not understood (--help lists the options)");
    refuse(&(struct given){.flags = {"--thread", "30"}},
           "--thread is not understood (--help lists the options)");
    refuse(&(struct given){.flags = {"-x"}}, "-x is not understood (--help lists the options)");
    refuse(&(struct given){.flags = {"--help=me"}},
           "--help is not understood (--help lists the options)");
    refuse(&(struct given){.flags = {"--threads"}},
           "--threads lacks its value (--help lists the options)");
    refuse(&(struct given){.flags = {"--threads=30", "secret"}},
           "argument 2 stands where no value belongs (--help lists the options)");
}

Test(config, refuses_an_option_of_the_other_service)
{
    refuse(&(struct given){.flags = {"--seats_per_booking=5"}},
           "seats_per_booking (MYEVENTS_SEATS_PER_BOOKING) in the flags: the event service has no "
           "such option");
}

Test(config, refuses_a_certificate_without_its_key_and_a_key_without_its_certificate)
{
    static const char text[] =
        "tls_certificate (MYEVENTS_TLS_CERTIFICATE) and tls_key (MYEVENTS_TLS_KEY): one is given "
        "without the other";
    struct given both = {.flags = {"--tls_certificate=c.pem", "--tls_key=k.pem"}};

    cr_expect_str_eq(load(&both).config.tls_key, "k.pem");
    refuse(&(struct given){.flags = {"--tls_certificate=c.pem"}}, text);
    refuse(&(struct given){.flags = {"--tls_key=k.pem"}}, text);
}

Test(config, helps_also_when_a_value_is_wrong)
{
    struct given given = {.flags = {"--threads=1", "--help"}, .environment = {"LISTEN_URL=x"}};

    cr_expect_eq(load(&given).request, CONFIG_HELP);
}

Test(config, knows_what_is_asked_for)
{
    static const struct {
        const char *flag;
        enum config_request request;
    } rows[] = {
        {"--threads=30", CONFIG_RUN},     {"--help", CONFIG_HELP},
        {"-help", CONFIG_HELP},           {"--help-markdown", CONFIG_HELP_MARKDOWN},
        {"--check-config", CONFIG_CHECK}, {"--print-config", CONFIG_PRINT},
        {"--version", CONFIG_VERSION},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char flag[32];
        struct given given = {.flags = {flag}};

        snprintf(flag, sizeof(flag), "%s", rows[i].flag);
        cr_expect_eq(load(&given).request, rows[i].request, "%s", flag);
    }
}

Test(config, is_checked_when_it_is_to_be_checked_or_printed)
{
    static const char text[] =
        "threads (MYEVENTS_THREADS) in the flags: \"1\" is not a whole number from 4 to 4096";

    refuse(&(struct given){.flags = {"--check-config", "--threads=1"}}, text);
    refuse(&(struct given){.flags = {"--print-config", "--threads=1"}}, text);
}
