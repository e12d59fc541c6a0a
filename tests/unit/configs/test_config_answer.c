#include "base/cleanup.h"
#include "configs/option.h"
#include "loading.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct config defaults_of(enum config_service service)
{
    return load(&(struct given){.service = service}).config;
}

/* Run any service with --help-markdown and write what it says to docs/options.md. */
Test(config_answer, is_what_docs_options_md_holds)
{
    struct config event = defaults_of(CONFIG_EVENTSERVICE);
    struct config booking = defaults_of(CONFIG_BOOKINGSERVICE);

    cr_expect_str_eq(answer_of(&event, CONFIG_HELP_MARKDOWN), project_file("docs/options.md"));
    cr_expect_str_eq(answer_of(&booking, CONFIG_HELP_MARKDOWN), project_file("docs/options.md"));
}

Test(config_answer, helps_with_every_option_of_the_service)
{
    struct config config = defaults_of(CONFIG_EVENTSERVICE);

    const char *help = answer_of(&config, CONFIG_HELP);

    for (size_t i = 0; i < n_config_options; i++) {
        const struct config_option *option = &config_options[i];
        char flag[OPTION_NAME_BYTES];
        char variable[OPTION_NAME_BYTES];

        snprintf(flag, sizeof(flag), "  --%s\n", option->key);
        option_variable(option, variable);
        cr_expect_eq(strstr(help, flag) != NULL, option_is_offered(option, CONFIG_EVENTSERVICE),
                     "%s", flag);
        cr_expect_eq(strstr(help, variable) != NULL, option_is_offered(option, CONFIG_EVENTSERVICE),
                     "%s", variable);
    }
    cr_expect(strstr(help, "Usage: eventservice"));
}

Test(config_answer, prints_what_was_given_as_json_and_no_secret)
{
    struct given given = {
        .flags = {"--dbconnection=mongodb://me:geheim@db/x?tlsCertificateKeyFilePassword=geheim",
                  "--amqp_message_broker=amqp://me:geheim@broker/", "--threads=30",
                  "--cors_origins=http://a.example http://b.example", "--service_name=say \"hi\""}};
    struct config config = load(&given).config;

    const char *printed = answer_of(&config, CONFIG_PRINT);

    cr_expect_not(strstr(printed, "geheim"), "%s", printed);
    cr_expect(strstr(printed, "\"mongodb://me:***@db/x?tlsCertificateKeyFilePassword=***\""), "%s",
              printed);
    cr_expect(strstr(printed, "\"amqp://me:***@broker/\""), "%s", printed);
    cr_expect(strstr(printed, "    \"threads\": 30,\n"), "%s", printed);
    cr_expect(strstr(printed, "\"cors_origins\": [\"http://a.example\",\"http://b.example\"]"),
              "%s", printed);
    cr_expect(strstr(printed, "\"service_name\": \"say \\\"hi\\\"\"\n}\n"), "%s", printed);
}

Test(config_answer, says_that_the_configuration_is_fine)
{
    struct config config = defaults_of(CONFIG_EVENTSERVICE);

    cr_expect_str_eq(answer_of(&config, CONFIG_CHECK), "The configuration is fine.\n");
}

Test(config_answer, says_program_and_version)
{
    struct config event = defaults_of(CONFIG_EVENTSERVICE);
    struct config booking = defaults_of(CONFIG_BOOKINGSERVICE);
    struct config search = defaults_of(CONFIG_SEARCHSERVICE);
    int parts[3];

    cr_expect_eq(sscanf(answer_of(&event, CONFIG_VERSION), "eventservice %d.%d.%d\n", &parts[0],
                        &parts[1], &parts[2]),
                 3);
    cr_expect_eq(sscanf(answer_of(&booking, CONFIG_VERSION), "bookingservice %d.%d.%d\n", &parts[0],
                        &parts[1], &parts[2]),
                 3);
    cr_expect_eq(sscanf(answer_of(&search, CONFIG_VERSION), "searchservice %d.%d.%d\n", &parts[0],
                        &parts[1], &parts[2]),
                 3);
}

Test(config_answer, hides_passwords_of_urls)
{
    static const char *const rows[][2] = {
        {"amqp://user:secret@host/", "amqp://user:***@host/"},
        {"amqp://user:@host/", "amqp://user:***@host/"},
        {"amqp://:secret@host/", "amqp://:***@host/"},
        {"amqp://user:se@c/r?e:t@host:1/", "amqp://user:***@host:1/"},
        {"mongodb://user:secret@a:1,b:2/db?w=majority", "mongodb://user:***@a:1,b:2/db?w=majority"},
        {"mongodb://host:27017/db", "mongodb://host:27017/db"},
        {"mongodb://user@host/db", "mongodb://user@host/db"},
        {"user:secret@host", "user:***@host"},
        {"mongodb://h/?a=1&sslClientCertificateKeyPassword=x&b=2",
         "mongodb://h/?a=1&sslClientCertificateKeyPassword=***&b=2"},
        {"mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:x",
         "mongodb://h/?authMechanismProperties=***"},
        {"mongodb://h/?tlsCertificateKeyFilePassword=x&appName=a:b@c", "mongodb://h/?***@c"},
        {"", ""},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char hidden[CONFIG_TEXT_BYTES];

        config_hide_secret(rows[i][0], hidden);
        cr_expect_str_eq(hidden, rows[i][1]);
    }
}

Test(config_answer, cuts_a_url_that_grows_beyond_its_room)
{
    char url[CONFIG_TEXT_BYTES] = "amqp://user:@";
    char hidden[CONFIG_TEXT_BYTES];

    memset(url + strlen(url), 'h', sizeof(url) - strlen(url) - 1);
    config_hide_secret(url, hidden);

    cr_expect_eq(strlen(hidden), CONFIG_TEXT_BYTES - 1);
    cr_expect_eq(strncmp(hidden, "amqp://user:***@hh", 18), 0);
}
