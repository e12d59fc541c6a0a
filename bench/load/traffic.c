#include "bench/load/traffic.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ANSWER_BYTES_MAX = 256 * 1024,
    REQUEST_BYTES_MAX = 64 * 1024,
    BOOKINGS_KEPT = 65536
};

static const int64_t silence_us = 10000000; /* without any answer: it hangs */
static const int64_t late_us = 5000000;     /* after the end: nothing is sent any more */

enum stage {
    STAGE_IDLE,
    STAGE_CONNECTING,
    STAGE_WAITING /* for the answer */
};

struct connection {
    int fd; /* -1: none */
    enum stage stage;
    const struct sockaddr_in *target;
    struct call call;
    struct buffer answer;
    struct connection *next_idle;
};

/* A booking of this load that nobody has cancelled yet. */
struct kept_booking {
    const char *event;
    struct object_id_hex id;
};

struct traffic {
    const struct plan *plan;
    struct choice *choice;
    struct report *report;
    FILE *history;
    int epoll;
    int64_t ends_us;
    int64_t last_heard_us;
    int64_t n_arrived; /* requests that were taken up */
    struct connection *connections;
    struct connection *idle;
    int n_idle;
    struct buffer request;
    struct kept_booking *kept;
    size_t n_kept;
};

static void put_idle(struct traffic *self, struct connection *connection)
{
    connection->stage = STAGE_IDLE;
    connection->next_idle = self->idle;
    self->idle = connection;
    self->n_idle++;
}

static void hang_up(struct connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
}

/* When the next request arrives; INT64_MAX: none does any more. */
static int64_t next_arrival_us(const struct traffic *self, int64_t now_us)
{
    const struct plan *plan = self->plan;
    int64_t due_us = now_us;

    if (plan->n_requests && self->n_arrived == plan->n_requests)
        return INT64_MAX;
    if (plan->rate)
        due_us = self->report->began_us + self->n_arrived * 1000000 / plan->rate;
    return due_us < self->ends_us ? due_us : INT64_MAX;
}

static void choose_cancellation(struct traffic *self, struct call *call)
{
    const struct kept_booking *kept = &self->kept[--self->n_kept];

    call->operation = OPERATION_CANCEL;
    call->event = kept->event;
    call->booking = kept->id;
}

static struct call choose(struct traffic *self, int64_t due_us)
{
    const struct plan *plan = self->plan;
    struct call call = {.operation = choice_operation(self->choice), .due_us = due_us};

    if (call.operation == OPERATION_REQUEST)
        return call;
    if (call.operation == OPERATION_CANCEL && self->n_kept > 0) {
        choose_cancellation(self, &call);
        return call;
    }
    if (call.operation == OPERATION_CANCEL)
        call.operation = OPERATION_BOOK;
    call.event = call.operation == OPERATION_REFUSE ? plan->sold_out
                                                    : plan->events[choice_event(self->choice)].text;
    if (plan->with_keys && call.operation == OPERATION_BOOK)
        call.key = choice_number(self->choice) | 1;
    return call;
}

static bool watch(struct traffic *self, struct connection *connection, int how, uint32_t events,
                  struct error *error)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};

    if (epoll_ctl(self->epoll, how, connection->fd, &event) != 0)
        return error_set_errno(error, errno, "watching a connection");
    return true;
}

/* It will be writable once it is connected, or has failed to. */
static bool start_connecting(struct traffic *self, struct connection *connection,
                             struct error *error)
{
    const int on = 1;

    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection->fd < 0)
        return error_set_errno(error, errno, "making a socket");
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    /* A failure shows when the socket is asked for it. */
    (void)connect(connection->fd, (const struct sockaddr *)connection->target,
                  sizeof(*connection->target));
    connection->stage = STAGE_CONNECTING;
    return watch(self, connection, EPOLL_CTL_ADD, EPOLLOUT, error);
}

/* The request under way has come to nothing. */
static void lose(struct traffic *self, struct connection *connection, int64_t *count)
{
    const struct answer none = {.left = -1, .entry = -1};

    if (connection->stage == STAGE_WAITING)
        call_record(&connection->call, self->plan, &none, clock_monotonic_us(), self->history);
    (*count)++;
    hang_up(connection);
    put_idle(self, connection);
}

static void send_request(struct traffic *self, struct connection *connection)
{
    const struct buffer *request = &self->request;

    buffer_reset(&connection->answer);
    call_write(&connection->call, self->plan, &self->request);
    connection->stage = STAGE_WAITING;
    connection->call.sent_us = clock_monotonic_us();
    /* Smaller than any socket buffer, and only one is ever under way: it goes out whole or not. */
    if (send(connection->fd, request->data, request->size_bytes, MSG_NOSIGNAL) !=
        (ssize_t)request->size_bytes)
        lose(self, connection, &self->report->n_cut);
}

/* Take up what has arrived as far as connections are free. */
static bool send_arrived(struct traffic *self, struct error *error)
{
    const int64_t now_us = clock_monotonic_us();

    /* Those that fail at once come back to the idle ones: not for ever. */
    for (int n = self->n_idle; n > 0; n--) {
        struct connection *connection = self->idle;
        const int64_t due_us = next_arrival_us(self, now_us);

        if (due_us > now_us || now_us > self->ends_us + late_us)
            return true;
        self->idle = connection->next_idle;
        self->n_idle--;
        self->n_arrived++;
        connection->call = choose(self, due_us);
        if (connection->fd >= 0)
            send_request(self, connection);
        else if (!start_connecting(self, connection, error))
            return false;
    }
    return true;
}

static bool on_connected(struct traffic *self, struct connection *connection, struct error *error)
{
    int failure = 0;
    socklen_t size = sizeof(failure);

    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure) {
        lose(self, connection, &self->report->n_refused);
        return true;
    }
    send_request(self, connection);
    return connection->fd < 0 || watch(self, connection, EPOLL_CTL_MOD, EPOLLIN, error);
}

static void keep_booking(struct traffic *self, const struct call *call, const struct answer *answer)
{
    if (!self->plan->shares[OPERATION_CANCEL] || self->n_kept == BOOKINGS_KEPT ||
        call->operation != OPERATION_BOOK || answer->status != 201 || !answer->booking.text[0])
        return;
    self->kept[self->n_kept++] = (struct kept_booking){.event = call->event, .id = answer->booking};
}

static void on_answer(struct traffic *self, struct connection *connection, struct answer *answer)
{
    const int64_t now_us = clock_monotonic_us();

    if (self->history || self->plan->shares[OPERATION_CANCEL])
        answer_read_body(answer);
    report_answer(self->report, &connection->call, answer->status, now_us);
    call_record(&connection->call, self->plan, answer, now_us, self->history);
    keep_booking(self, &connection->call, answer);
    if (answer->is_last)
        hang_up(connection);
    put_idle(self, connection);
}

static bool on_readable(struct traffic *self, struct connection *connection, struct error *error)
{
    char bytes[16384];
    struct answer answer;
    const ssize_t n = recv(connection->fd, bytes, sizeof(bytes), 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0) {
        if (connection->stage == STAGE_WAITING)
            lose(self, connection, &self->report->n_cut);
        else
            hang_up(connection); /* an idle one is closed by the server after a while */
        return true;
    }
    buffer_append(&connection->answer, bytes, (size_t)n);
    if (!buffer_ok(&connection->answer, error))
        return error_wrap(error, "an answer");
    if (connection->stage == STAGE_WAITING && answer_read(&connection->answer, &answer))
        on_answer(self, connection, &answer);
    return true;
}

static bool on_event(struct traffic *self, struct connection *connection, struct error *error)
{
    return connection->stage == STAGE_CONNECTING ? on_connected(self, connection, error)
                                                 : on_readable(self, connection, error);
}

/* Until something can be read, or the next request arrives. */
static int wait_for_events(const struct traffic *self, struct epoll_event *events, int n_max)
{
    const int64_t now_us = clock_monotonic_us();
    const int64_t due_us = next_arrival_us(self, now_us);
    int64_t wait_us = silence_us;

    if (self->idle && due_us - now_us < wait_us)
        wait_us = due_us > now_us ? due_us - now_us : 0;

    const struct timespec wait = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};

    return epoll_pwait2(self->epoll, events, n_max, &wait, NULL);
}

static bool is_over(const struct traffic *self)
{
    const int64_t now_us = clock_monotonic_us();

    if (self->n_idle < self->plan->n_connections)
        return now_us > self->last_heard_us + silence_us;
    return next_arrival_us(self, now_us) == INT64_MAX || now_us > self->ends_us + late_us;
}

static bool run(struct traffic *self, struct error *error)
{
    struct epoll_event events[256];

    while (!is_over(self)) {
        if (!send_arrived(self, error))
            return false;

        const int n = wait_for_events(self, events, (int)ARRAY_SIZE(events));

        if (n > 0 || self->n_idle == self->plan->n_connections)
            self->last_heard_us = clock_monotonic_us();
        for (int i = 0; i < n; i++) {
            if (!on_event(self, events[i].data.ptr, error))
                return false;
        }
    }
    return true;
}

/* What is under way when the load gives up, and what was never taken up. */
static void settle(struct traffic *self)
{
    const struct plan *plan = self->plan;
    const int64_t n_due = plan->rate * plan->seconds;

    for (int i = 0; i < plan->n_connections; i++) {
        if (self->connections[i].stage != STAGE_IDLE)
            lose(self, &self->connections[i], &self->report->n_unanswered);
    }
    if (plan->rate && !plan->n_requests)
        self->report->n_unsent = n_due - self->n_arrived;
}

static bool open_traffic(struct traffic *self, struct error *error)
{
    const struct plan *plan = self->plan;

    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    self->connections =
        memory_array((size_t)plan->n_connections, sizeof(*self->connections), error);
    self->kept = memory_array(BOOKINGS_KEPT, sizeof(*self->kept), error);
    if (!self->connections || !self->kept)
        return false;
    buffer_init(&self->request, REQUEST_BYTES_MAX);
    for (int i = plan->n_connections - 1; i >= 0; i--) {
        struct connection *connection = &self->connections[i];

        connection->fd = -1;
        connection->target = &plan->targets[i % plan->n_targets];
        buffer_init(&connection->answer, ANSWER_BYTES_MAX);
        put_idle(self, connection);
    }
    return true;
}

static void close_traffic(struct traffic *self)
{
    for (int i = 0; self->connections && i < self->plan->n_connections; i++) {
        hang_up(&self->connections[i]);
        buffer_clear(&self->connections[i].answer);
    }
    memory_free(self->connections);
    memory_free(self->kept);
    buffer_clear(&self->request);
    if (self->epoll >= 0)
        close(self->epoll);
}

bool traffic_run(const struct plan *plan, struct choice *choice, struct report *report,
                 FILE *history, struct error *error)
{
    CLEANUP(close_traffic)
    struct traffic self = {.plan = plan, .choice = choice, .report = report, .history = history};

    if (!open_traffic(&self, error))
        return false;
    report->began_us = clock_monotonic_us();
    report->last_us = report->began_us;
    self.last_heard_us = report->began_us;
    self.ends_us = report->began_us + plan->seconds * 1000000;
    if (!run(&self, error))
        return false;
    settle(&self);
    return true;
}
