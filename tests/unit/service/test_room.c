#include "service/room.h"

#include <criterion/criterion.h>

static struct room_limits files(int64_t n)
{
    return (struct room_limits){.files = n, .data_bytes = INT64_MAX, .address_bytes = INT64_MAX};
}

Test(room, is_as_wanted_where_it_fits)
{
    const struct room_limits limits = files(1024);
    const struct room room = room_for(&limits, 384, 128);

    cr_expect_eq(room.threads, 384);
    cr_expect_eq(room.queue, 128);
}

Test(room, leaves_files_for_the_answers)
{
    const struct room_limits limits = files(64);
    const struct room room = room_for(&limits, 384, 128);

    cr_expect_eq(room.threads, 10);
    cr_expect_eq(room.queue, 10);
    /* A client, its connection to the database, and one who waits. */
    cr_expect_leq(ROOM_RESERVED + 3 * room.threads, 64);
}

Test(room, leaves_data_for_the_answers)
{
    struct room_limits limits = files(1024);

    limits.data_bytes = ROOM_RESERVED_DATA_BYTES + 20 * ROOM_THREAD_BYTES;

    cr_expect_eq(room_for(&limits, 384, 128).threads, 20);
}

Test(room, leaves_addresses_for_the_answers)
{
    struct room_limits limits = files(1024);

    limits.address_bytes = ROOM_RESERVED_ADDRESS_BYTES + 20 * ROOM_THREAD_BYTES;

    cr_expect_eq(room_for(&limits, 384, 128).threads, 20);
}

Test(room, is_never_less_than_one)
{
    const struct room_limits limits = {0};
    const struct room room = room_for(&limits, 384, 128);

    cr_expect_eq(room.threads, 1);
    cr_expect_eq(room.queue, 1);
}

Test(room, has_no_end_without_a_limit)
{
    const struct room_limits limits = files(INT64_MAX);

    cr_expect_eq(room_for(&limits, 4096, 128).threads, 4096);
}
