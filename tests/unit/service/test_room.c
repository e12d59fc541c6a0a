#include "service/room.h"

#include <criterion/criterion.h>

Test(room, is_as_wanted_where_it_fits)
{
    const struct room room = room_for(1024, 384, 128);

    cr_expect_eq(room.threads, 384);
    cr_expect_eq(room.queue, 128);
}

Test(room, leaves_files_for_the_answers)
{
    const struct room room = room_for(64, 384, 128);

    cr_expect_eq(room.threads, 10);
    cr_expect_eq(room.queue, 10);
    /* A client, its connection to the database, and one who waits. */
    cr_expect_leq(ROOM_RESERVED + 3 * room.threads, 64);
}

Test(room, is_never_less_than_one)
{
    const struct room room = room_for(0, 384, 128);

    cr_expect_eq(room.threads, 1);
    cr_expect_eq(room.queue, 1);
}

Test(room, has_no_end_without_a_limit)
{
    const struct room room = room_for(INT64_MAX, 4096, 128);

    cr_expect_eq(room.threads, 4096);
}
