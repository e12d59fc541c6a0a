/*
 * Configuration of all services: one table of options. Each row has a key, a flag `--key`, the
 * variable `MYEVENTS_KEY` (upper case, `-` becomes `_`) and, for what MyEvents always had, its old
 * variable. What is given first in this order holds: flag, environment, file (`-conf FILE`, JSON),
 * default. Help, `--help-markdown` and the checks read the same rows.
 *
 * An unknown member or flag, or a value out of bounds, is ERROR_INVALID with a text that names key
 * and variable; main then ends with CONFIG_EXIT_STATUS. Secrets (passwords inside URLs) are never
 * printed.
 */
#ifndef EVENTS_CONFIGS_CONFIG_H
#define EVENTS_CONFIGS_CONFIG_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    CONFIG_EXIT_STATUS = 100,
    CONFIG_TEXT_BYTES = 1024
};

enum config_service {
    CONFIG_EVENTSERVICE = 1,
    CONFIG_BOOKINGSERVICE = 2,
    CONFIG_SEARCHSERVICE = 4
};

/* What the command line asks for. */
enum config_request {
    CONFIG_RUN,
    CONFIG_HELP,
    CONFIG_HELP_MARKDOWN,
    CONFIG_CHECK, /* --check-config: say that it is fine, end with 0 */
    CONFIG_PRINT, /* --print-config: JSON of all values, secrets hidden */
    CONFIG_VERSION,
};

struct config {
    enum config_service service;
    char service_name[64];                /* service_name: in logs, messages, connection names */
    char database_type[16];               /* databasetype: mongodb or memory */
    char database_url[CONFIG_TEXT_BYTES]; /* dbconnection, MONGO_URL */
    char listen[CONFIG_TEXT_BYTES];       /* restfulapi_endpoint, LISTEN_URL: host:port or :port */
    char tls_listen[CONFIG_TEXT_BYTES]; /* restfulapi-tlsendpoint; used when a certificate is set */
    char broker_type[16];               /* message_broker_type: amqp or memory */
    char broker_url[CONFIG_TEXT_BYTES]; /* amqp_message_broker, AMQP_BROKER_URL, AMQP_URL */
    /* kafka_message_brokers, KAFKA_BROKER_URLS, KAFKA_BROKERS: list */
    char kafka_brokers[CONFIG_TEXT_BYTES];
    char metrics_listen[CONFIG_TEXT_BYTES];  /* metrics_endpoint: host:port or :port */
    char tls_certificate[CONFIG_TEXT_BYTES]; /* tls_certificate: PEM file; empty: no TLS port */
    char tls_key[CONFIG_TEXT_BYTES];         /* tls_key: PEM file */
    char cors_origins[CONFIG_TEXT_BYTES];    /* cors_origins: list; empty: localhost */
    int64_t seats_per_booking;               /* 1 to 1000; booking service only */
    int64_t seats_per_user;                  /* per event; 0: no limit; booking service only */
    int64_t threads;                         /* 4 to 4096, default 384, event service 128 */
    char log_format[8];                      /* text or json */
    char log_level[8];                       /* debug, info, warning, error */
    bool metrics_myevents_names;             /* booking service only */
    int64_t drain_ms;                        /* default 2000 */
    int64_t log_bytes;                       /* x-max-length-bytes of the logs, default 5e9 */
};

/*
 * Fill @config from @argv and @environment ("NAME=value" texts ended by NULL) for @service. Reads
 * the file that -conf names. One thread, at start.
 *
 * Variables that are empty count as absent, and those of options that only another service has
 * are left alone, since all may be started from one environment; a flag or member of that kind is
 * refused.
 */
MUST_CHECK bool config_load(enum config_service service, int argc, char *const argv[],
                            char *const environment[], struct config *config,
                            enum config_request *request, struct error *error);

/* Answer a request other than CONFIG_RUN on @stream. */
void config_answer(const struct config *config, enum config_request request, FILE *stream);

/*
 * "amqp://user:secret@host/" becomes "amqp://user:***@host/"; passwords and tokens among the
 * parameters go as well. In doubt more is hidden.
 */
void config_hide_secret(const char *url, char hidden[CONFIG_TEXT_BYTES]);

#endif
