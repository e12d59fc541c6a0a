/* The url of a broker or a database. */
#include "base/memory.h"
#include "configs/config.h"
#include "msgqueue/amqp/amqp_link.h"
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/*
 * The password that the library finds is not shown. Looked for only where it stands once and as it is: a star could
 * be one of those that are put in its place.
 */
static void must_hide(const struct amqp_address *address, const char *url)
{
    const char *password = address->info.password;
    bool is_given = password >= address->text && password < address->text + strlen(url);
    const char *found = strstr(url, password);
    char hidden[CONFIG_TEXT_BYTES];

    if (!is_given || !*password || !found || strchr(password, '*') || strchr(url, '%') ||
        strstr(found + 1, password))
        return;
    config_hide_secret(url, hidden);
    MUST(!strstr(hidden, password));
}

static void parse(const char *url)
{
    CLEANUP(amqp_address_clear) struct amqp_address address = {0};
    struct error error = {0};

    if (!amqp_address_init(&address, url, &error)) {
        fuzz_must_be_refusal(&error);
        MUST(error.code == ERROR_INVALID);
        return;
    }
    MUST(address.info.user && address.info.password && address.info.host);
    MUST(address.info.vhost && address.info.vhost[0]);
    MUST(address.info.port >= 0 && address.info.port <= 65535);
    MUST(!address.info.ssl || address.ca_file);
    must_hide(&address, url);
}

/* A password without signs, in a url that is one, is not among what is shown. */
static void hide(const char *secret)
{
    char url[CONFIG_TEXT_BYTES];
    char hidden[CONFIG_TEXT_BYTES];
    char in_url[CONFIG_TEXT_BYTES];

    for (const char *at = secret; *at; at++) {
        if (!isalnum((unsigned char)*at))
            return;
    }
    if (strlen(secret) < 4 || strlen(secret) > CONFIG_TEXT_BYTES / 2)
        return;
    snprintf(url, sizeof(url), "amqp://user:%s@host/", secret);
    config_hide_secret(url, hidden);
    MUST(strcmp(hidden, "amqp://user:***@host/") == 0);
    snprintf(in_url, sizeof(in_url), "mongodb://h/?password=%s&w=1", secret);
    config_hide_secret(in_url, hidden);
    MUST(strcmp(hidden, "mongodb://h/?password=***&w=1") == 0);
    snprintf(in_url, sizeof(in_url), "mongodb://h/?password=%s&appName=a:b@c", secret);
    config_hide_secret(in_url, hidden);
    MUST(strcmp(hidden, "mongodb://h/?***@c") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < CONFIG_TEXT_BYTES ? size : CONFIG_TEXT_BYTES);
    CLEANUP(memory_freep) char *url = fuzz_rest(&input);
    char hidden[CONFIG_TEXT_BYTES];

    parse(url);
    hide(url);
    config_hide_secret(url, hidden);
    MUST(strnlen(hidden, sizeof(hidden)) < sizeof(hidden));
    return 0;
}
