#include "bodies.h"

#include <criterion/criterion.h>

#define ID "6566a1f0c3d2b4a596877801"

Test(removed, brings_id_and_version)
{
    struct message message = {0};

    cr_assert(decode("event.removed", example("event.removed"), &message, NULL));

    cr_expect_str_eq(object_id_hex(&message.as.removed.id).text, ID);
    cr_expect_eq(message.as.removed.version, 3);
}

Test(removed, counts_as_version_1_when_it_says_none)
{
    struct message message = {0};

    cr_assert(decode("location.removed", "{'id':'" ID "'}", &message, NULL));

    cr_expect_eq(message.as.removed.version, 1);
}

Test(removed, is_refused_without_id_or_with_a_bad_version)
{
    refuse("event.removed", "{'version':3}", "/id");
    refuse("event.removed", "{'id':'" ID "','version':0}", "/version");
    refuse("location.removed", "{'id':'" ID "','version':true}", "/version");
}
