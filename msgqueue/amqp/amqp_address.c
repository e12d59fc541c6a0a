#include "base/memory.h"
#include "msgqueue/amqp/amqp_link.h"

#include <string.h>

/* Cut the query off the url and read what we know of it. */
static bool read_query(struct amqp_address *address, struct error *error)
{
    static const char known[] = "cacertfile=";
    char *query = strchr(address->text, '?');

    if (!query)
        return true;
    *query++ = '\0';
    if (strncmp(query, known, sizeof(known) - 1) != 0 || strchr(query, '&'))
        return error_set(error, ERROR_INVALID,
                         "the only parameter that the broker's url may have is cacertfile");
    address->ca_file = query + sizeof(known) - 1;
    return true;
}

static char default_vhost[] = "/";

bool amqp_address_init(struct amqp_address *address, const char *url, struct error *error)
{
    *address = (struct amqp_address){.text = memory_text(url, error)};
    if (!address->text)
        return false;
    if (!read_query(address, error))
        return false;
    /* Overwrites the text it parses and points into it. */
    if (amqp_parse_url(address->text, &address->info) != AMQP_STATUS_OK)
        return error_set(error, ERROR_INVALID,
                         "the broker's url is not amqp://user:secret@host:port/vhost");
    /* By the letter "host:port/" names a virtual host without a name; everybody means the default one. */
    if (!address->info.vhost[0])
        address->info.vhost = default_vhost;
    if (address->info.ssl && !address->ca_file)
        return error_set(error, ERROR_INVALID,
                         "amqps needs ?cacertfile=FILE at the end of the broker's url");
    return true;
}

void amqp_address_clear(struct amqp_address *address)
{
    memory_free(address->text);
    *address = (struct amqp_address){0};
}
