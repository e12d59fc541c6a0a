#include "configs/option.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    ALL = CONFIG_EVENTSERVICE | CONFIG_BOOKINGSERVICE | CONFIG_SEARCHSERVICE
};

static const char *const database_types[] = {"mongodb", "memory", NULL};
static const char *const database_schemes[] = {"mongodb://", "mongodb+srv://", NULL};
static const char *const broker_types[] = {"amqp", "memory", NULL};
static const char *const broker_schemes[] = {"amqp://", "amqps://", NULL};
static const char *const origin_schemes[] = {"http://", "https://", NULL};
static const char *const log_formats[] = {"text", "json", NULL};
static const char *const log_levels[] = {"debug", "info", "warning", "error", NULL};

#define MEMBER(name)                                                                               \
    .offset = offsetof(struct config, name), .size_bytes = sizeof(((struct config *)NULL)->name)

const struct config_option config_options[] = {
    {.key = "databasetype",
     .kind = OPTION_WORD,
     .services = ALL,
     MEMBER(database_type),
     .words = database_types,
     .event_default = "mongodb",
     .help = "Where everything is kept. With `memory` it is lost when the program ends."},
    {.key = "dbconnection",
     .kind = OPTION_URL,
     .variables = {"MONGO_URL"},
     .services = ALL,
     MEMBER(database_url),
     .words = database_schemes,
     .event_default = "mongodb://127.0.0.1:27017/myevents_events",
     .booking_default = "mongodb://127.0.0.1:27017/myevents_bookings",
     .search_default = "mongodb://127.0.0.1:27017/myevents_search",
     .help = "The database server. A URL without a database in its path means `myevents_events`, "
             "`myevents_bookings` or `myevents_search`; each service has its own."},
    {.key = "restfulapi_endpoint",
     .kind = OPTION_ADDRESS,
     .variables = {"LISTEN_URL"},
     .services = ALL,
     MEMBER(listen),
     .event_default = "127.0.0.1:8181",
     .booking_default = "127.0.0.1:8282",
     .search_default = "127.0.0.1:8383",
     .help = "Where HTTP is served."},
    {.key = "restfulapi-tlsendpoint",
     .kind = OPTION_ADDRESS,
     .services = ALL,
     MEMBER(tls_listen),
     .event_default = "127.0.0.1:9191",
     .booking_default = "127.0.0.1:9292",
     .search_default = "127.0.0.1:9393",
     .help = "Where HTTPS is served, once there is a certificate."},
    {.key = "tls_certificate",
     .kind = OPTION_TEXT,
     .services = ALL,
     MEMBER(tls_certificate),
     .event_default = "",
     .help = "PEM file with the certificate and its chain. Empty: no HTTPS."},
    {.key = "tls_key",
     .kind = OPTION_TEXT,
     .services = ALL,
     MEMBER(tls_key),
     .event_default = "",
     .help = "PEM file with the key of the certificate."},
    {.key = "message_broker_type",
     .kind = OPTION_WORD,
     .services = ALL,
     MEMBER(broker_type),
     .words = broker_types,
     .event_default = "amqp",
     .help = "How messages travel. With `memory` they do not leave the program."},
    {.key = "amqp_message_broker",
     .kind = OPTION_URL,
     .variables = {"AMQP_BROKER_URL", "AMQP_URL"},
     .services = ALL,
     MEMBER(broker_url),
     .words = broker_schemes,
     .event_default = "amqp://guest:guest@127.0.0.1:5672/",
     .help = "The broker, for `amqp`."},
    {.key = "kafka_message_brokers",
     .kind = OPTION_LIST,
     .variables = {"KAFKA_BROKER_URLS", "KAFKA_BROKERS"},
     .services = ALL,
     MEMBER(kafka_brokers),
     .event_default = "",
     .help = "Brokers of Kafka. Read, so that configurations of MyEvents load, and not used yet."},
    {.key = "metrics_endpoint",
     .kind = OPTION_ADDRESS,
     .services = ALL,
     MEMBER(metrics_listen),
     .event_default = "127.0.0.1:9100",
     .booking_default = "127.0.0.1:9101",
     .search_default = "127.0.0.1:9102",
     .help = "Where `/metrics`, `/livez` and `/readyz` are served."},
    {.key = "cors_origins",
     .kind = OPTION_LIST,
     .services = ALL,
     MEMBER(cors_origins),
     .words = origin_schemes,
     .event_default = "",
     .help = "Origins whose pages may use the service, such as `https://shop.example`. Empty: any "
             "origin whose host is localhost or a loopback address."},
    {.key = "seats_per_booking",
     .kind = OPTION_NUMBER,
     .services = CONFIG_BOOKINGSERVICE,
     MEMBER(seats_per_booking),
     .min = 1,
     .max = 1000,
     .event_default = "10",
     .help = "The most seats of one booking."},
    {.key = "seats_per_user",
     .kind = OPTION_NUMBER,
     .services = CONFIG_BOOKINGSERVICE,
     MEMBER(seats_per_user),
     .min = 0,
     .max = 1000000,
     .event_default = "0",
     .help = "The most seats that one user holds at one event. 0: no limit."},
    {.key = "threads",
     .kind = OPTION_NUMBER,
     .services = ALL,
     MEMBER(threads),
     .min = 4,
     .max = 4096,
     .event_default = "128",
     .booking_default = "384",
     .search_default = "384",
     .help = "Threads that serve HTTP, and with them the connections that are served at once. "
             "Who has said nothing yet has none."},
    {.key = "drain_ms",
     .kind = OPTION_NUMBER,
     .services = ALL,
     MEMBER(drain_ms),
     .min = 0,
     .max = 600000,
     .event_default = "2000",
     .help =
         "How long a stopping service goes on serving, not ready any more, so that clients find "
         "another one. Milliseconds."},
    {.key = "log_bytes",
     .kind = OPTION_NUMBER,
     .services = ALL,
     MEMBER(log_bytes),
     .min = 1000000,
     .max = INT64_C(1000000000000000),
     .event_default = "5000000000",
     .help = "Size of each log at the broker; the oldest messages beyond it go. The same at every "
             "program: a log keeps the size it was made with."},
    {.key = "log_format",
     .kind = OPTION_WORD,
     .services = ALL,
     MEMBER(log_format),
     .words = log_formats,
     .event_default = "text",
     .help = "Log lines as `key=value` or as JSON."},
    {.key = "log_level",
     .kind = OPTION_WORD,
     .services = ALL,
     MEMBER(log_level),
     .words = log_levels,
     .event_default = "info",
     .help = "The least important log lines to be written."},
    {.key = "metrics_myevents_names",
     .kind = OPTION_SWITCH,
     .services = CONFIG_BOOKINGSERVICE,
     MEMBER(metrics_myevents_names),
     .event_default = "false",
     .help = "Also offer `myevents_bookings_count`, the name that MyEvents gave the number of "
             "bookings."},
    {.key = "service_name",
     .kind = OPTION_TEXT,
     .services = ALL,
     MEMBER(service_name),
     .min = 1,
     .event_default = "eventservice",
     .booking_default = "bookingservice",
     .search_default = "searchservice",
     .help = "What the service calls itself in log lines, messages and connections to the broker."},
};

const size_t n_config_options = ARRAY_SIZE(config_options);

_Static_assert(ARRAY_SIZE(config_options) <= OPTIONS_MAX, "raise OPTIONS_MAX");

const struct config_option *option_find(const char *key)
{
    for (size_t i = 0; i < n_config_options; i++) {
        if (strcasecmp(config_options[i].key, key) == 0)
            return &config_options[i];
    }
    return NULL;
}

bool option_is_offered(const struct config_option *option, enum config_service service)
{
    return (option->services & (int)service) != 0;
}

const char *option_default(const struct config_option *option, enum config_service service)
{
    if (service == CONFIG_BOOKINGSERVICE && option->booking_default)
        return option->booking_default;
    if (service == CONFIG_SEARCHSERVICE && option->search_default)
        return option->search_default;
    return option->event_default;
}

const char *option_service(enum config_service service)
{
    switch (service) {
    case CONFIG_EVENTSERVICE:
        return "event";
    case CONFIG_BOOKINGSERVICE:
        return "booking";
    case CONFIG_SEARCHSERVICE:
        return "search";
    }
    return "";
}

void option_variable(const struct config_option *option, char name[OPTION_NAME_BYTES])
{
    snprintf(name, OPTION_NAME_BYTES, "MYEVENTS_%s", option->key);
    for (char *letter = name; *letter; letter++)
        *letter = *letter == '-' ? '_' : (char)toupper((unsigned char)*letter);
}

const char *option_text(const struct config_option *option, const struct config *config)
{
    return (const char *)config + option->offset;
}

int64_t option_number(const struct config_option *option, const struct config *config)
{
    int64_t number;

    memcpy(&number, (const char *)config + option->offset, sizeof(number));
    return number;
}

bool option_switch(const struct config_option *option, const struct config *config)
{
    bool value;

    memcpy(&value, (const char *)config + option->offset, sizeof(value));
    return value;
}
