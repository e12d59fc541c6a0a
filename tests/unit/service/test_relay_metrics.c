#include "base/random.h"
#include "metrics_text.h"
#include "relay_world.h"
#include "service/relay_metrics.h"

#include <criterion/criterion.h>

Test(relay_metrics, show_what_relay_and_emitter_count)
{
    struct world *world = world_new();
    struct relay_options options = world_options(world);
    struct relay *relay = NULL;

    cr_assert(random_init(NULL));
    options.items_max = 2;
    cr_assert(relay_open(&options, &relay, NULL));
    relay_metrics_register(relay, &world->emitter);
    relay_hand_over(relay, world_commit(world, 1, 3));
    world_finish(world, 3, ERROR_NONE);
    WORLD_WAIT(world, world->n_alive == 0);
    for (int64_t i = 2; i < 7; i++)
        relay_hand_over(relay, world_commit(world, i, 1));

    cr_expect(metrics_have("myevents_messages_published_total", "3"));
    cr_expect(metrics_have("myevents_outbox_marked_total", "1"));
    cr_expect(metrics_have("myevents_outbox_swept_total", "0"));
    cr_expect(metrics_have("myevents_outbox_overflowed_total", "3"));
    cr_expect(metrics_have("myevents_outbox_in_hand", "2"));
    cr_expect_gt(metrics_value("myevents_outbox_oldest_seconds"), 0);
    cr_expect(metrics_have("myevents_messages_returned_total", "1"));
    cr_expect(metrics_have("myevents_messages_refused_total", "4"));
    cr_expect(metrics_have("myevents_messages_failed_total", "2"));
    cr_expect(metrics_have("myevents_emitter_blocked_seconds", "5.5"));
    cr_expect(metrics_have("myevents_emitter_connects_total", "3"));
    cr_expect(metrics_have("myevents_emitter_connected", "1"));

    relay_metrics_forget();
    relay_stop(relay, 0);
    cr_expect(metrics_have("myevents_messages_published_total", "3"), "also when it has ended");
    world_finish(world, world->n_held, ERROR_UNAVAILABLE);
    world_free(world);
}
