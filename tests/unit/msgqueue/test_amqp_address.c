#include "msgqueue/amqp/amqp_link.h"

#include <criterion/criterion.h>
#include <string.h>

static struct amqp_address address;
static struct error error;

static bool parse(const char *url)
{
    amqp_address_clear(&address);
    return amqp_address_init(&address, url, &error);
}

Test(amqp_address, takes_a_url_apart)
{
    cr_assert(parse("amqp://user:p%40ss@host:1234/a%2Fb"), "%s", error.text);

    cr_expect_str_eq(address.info.user, "user");
    cr_expect_str_eq(address.info.password, "p@ss");
    cr_expect_str_eq(address.info.host, "host");
    cr_expect_eq(address.info.port, 1234);
    cr_expect_str_eq(address.info.vhost, "a/b");
    cr_expect_not(address.info.ssl);
    amqp_address_clear(&address);
}

Test(amqp_address, has_defaults)
{
    cr_assert(parse("amqp://"), "%s", error.text);

    cr_expect_str_eq(address.info.user, "guest");
    cr_expect_str_eq(address.info.host, "localhost");
    cr_expect_eq(address.info.port, 5672);
    cr_expect_str_eq(address.info.vhost, "/");
    amqp_address_clear(&address);
}

Test(amqp_address, takes_a_slash_at_the_end_for_the_default_virtual_host)
{
    cr_assert(parse("amqp://host/"), "%s", error.text);

    cr_expect_str_eq(address.info.vhost, "/");
    amqp_address_clear(&address);
}

Test(amqp_address, needs_to_know_whom_to_trust)
{
    cr_expect_not(parse("amqps://host"));
    cr_expect(strstr(error.text, "cacertfile"), "%s", error.text);
    cr_assert(parse("amqps://host/v?cacertfile=/etc/ca.pem"), "%s", error.text);

    cr_expect(address.info.ssl);
    cr_expect_eq(address.info.port, 5671);
    cr_expect_str_eq(address.info.vhost, "v");
    cr_expect_str_eq(address.ca_file, "/etc/ca.pem");
    amqp_address_clear(&address);
}

Test(amqp_address, refuses_what_it_does_not_understand_without_repeating_the_secret)
{
    static const char *const bad[] = {"", "http://user:hunter2@host", "amqp://user:hunter2@host:x",
                                      "amqp://user:hunter2@host?verify=none",
                                      "amqps://user:hunter2@host?cacertfile=a&verify=none"};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        error = (struct error){0};
        cr_expect_not(parse(bad[i]), "%s", bad[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_null(strstr(error.text, "hunter2"), "%s", error.text);
    }
    amqp_address_clear(&address);
}
