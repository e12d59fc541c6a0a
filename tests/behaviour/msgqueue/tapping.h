/* Looking into a real broker by hand, and publishing by hand. What fails ends the test. */
#ifndef EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_TAPPING_H
#define EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_TAPPING_H

#include "msgqueue/queue_sender.h"
#include "msgqueue/queue_tap.h"
#include "tests/behaviour/msgqueue/raw_amqp.h"

#define TAP_VAR CLEANUP(queue_tap_freep) struct queue_tap *
#define SENDER_VAR CLEANUP(queue_sender_freep) struct queue_sender *

struct queue_access tap_access(const struct world *world);
struct queue_tap *tap_look(const struct world *world, const char *queue);
struct queue_tap *tap_replay(const struct world *world, const struct queue_tap_start start);
struct queue_sender *tap_sender(const struct world *world);

/* The next message; false when that was all. */
bool tap_next(struct queue_tap *tap, struct tapped *message);
int tap_number(const struct tapped *message); /* by its id */

/* Numbers of messages in the order in which they come, up to the end. */
int tap_read_all(struct queue_tap *tap, int *numbers);

/* Message @number under the name of what was created; its body is empty. */
struct envelope tap_envelope(const struct world *world, int number);
void tap_post(struct queue_sender *sender, const char *queue, const struct envelope *envelope,
              uint64_t handle);

/* How the next message ended. */
enum queue_posting_end tap_end_of_next(struct queue_sender *sender, uint64_t *handle);

/* Messages @first to @last to a queue by its name, each confirmed. */
void tap_fill(const struct world *world, const char *queue, int first, int last);

#endif
