/*
 * One look at the database for all who ask for the same thing at the same moment. While a look is under way those
 * who come gather for the next one, so each look begins after everybody it answers has asked: nobody is shown
 * anything older than a look of his own would have shown. Who comes alone looks at once.
 *
 * Any thread. The first of those who gather waits for the look that is under way, and then looks, as long as @make
 * takes; the others' answers are deferred (http/deferred.h) until he has. When a look finds the database away,
 * those who gathered meanwhile are told so, too.
 */
#ifndef EVENTS_SERVICE_SHARED_ANSWER_H
#define EVENTS_SERVICE_SHARED_ANSWER_H

#include "base/object_id.h"
#include "http/request.h"
#include "http/response.h"

#include <pthread.h>

enum {
    SHARED_TAG_BYTES = 64,
    SHARED_CHAINS = 64
};

/* Look and write down what is there: the entity tag without its quotes, and the body. Any thread. */
typedef bool shared_answer_make(void *context, const struct object_id *id,
                                char tag[SHARED_TAG_BYTES], struct buffer *body,
                                struct error *error);

/* The looks under way, of one kind. */
struct shared_answers {
    shared_answer_make *make;
    pthread_mutex_t mutex;
    struct shared_look *looks[SHARED_CHAINS]; /* under way, by id */
};

/* There is nothing to clear. */
void shared_answers_init(struct shared_answers *answers, shared_answer_make *make);

/* How many wait for the next look at @id. */
size_t shared_answers_waiting(struct shared_answers *answers, const struct object_id *id);

/*
 * Answer a GET of @id, perhaps later: the body with its ETag, or 304 when the client has it. Errors are those of
 * @make and ERROR_MEMORY. For a handler that returns what this returns.
 */
MUST_CHECK bool shared_answer_get(struct shared_answers *answers, void *context,
                                  const struct object_id *id, const struct http_request *request,
                                  struct http_response *response, struct error *error);

#endif
