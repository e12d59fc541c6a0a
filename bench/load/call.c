#include "bench/load/call.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void write_head(struct buffer *request, const char *method_and_path)
{
    buffer_format(request, "%s HTTP/1.1\r\nHost: load\r\n", method_and_path);
}

static void write_body(struct buffer *request, const char *body)
{
    buffer_format(request, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                  strlen(body), body);
}

static void write_booking(const struct call *call, const struct plan *plan, struct buffer *request)
{
    char body[32];

    snprintf(body, sizeof(body), "{\"seats\":%d}", plan->seats);
    buffer_format(request, "POST /events/%s/bookings HTTP/1.1\r\nHost: load\r\n", call->event);
    if (call->key)
        buffer_format(request, "Idempotency-Key: %016" PRIx64 "\r\n", call->key);
    write_body(request, body);
}

void call_write(const struct call *call, const struct plan *plan, struct buffer *request)
{
    buffer_reset(request);
    switch (call->operation) {
    case OPERATION_BOOK:
    case OPERATION_REFUSE:
        write_booking(call, plan, request);
        return;
    case OPERATION_READ:
        buffer_format(request, "GET /events/%s/availability HTTP/1.1\r\nHost: load\r\n\r\n",
                      call->event);
        return;
    case OPERATION_CANCEL:
        buffer_format(request, "DELETE /bookings/%s HTTP/1.1\r\nHost: load\r\n\r\n",
                      call->booking.text);
        return;
    case OPERATION_REQUEST:
        write_head(request, plan->request);
        write_body(request, plan->body);
        return;
    case N_OPERATIONS:
        break;
    }
}

/* The value of a header of the head that ends at @end; NULL when it is not there. */
static const char *header_of(const char *head, const char *end, const char *name)
{
    const size_t length = strlen(name);

    for (const char *line = head; line < end; line = strchr(line, '\n') + 1) {
        if (strncasecmp(line, name, length) == 0)
            return line + length;
    }
    return NULL;
}

bool answer_read(const struct buffer *received, struct answer *answer)
{
    const char *bytes = received->data;
    const char *head_end = received->size_bytes ? strstr(bytes, "\r\n\r\n") : NULL;

    if (!head_end)
        return false;

    const char *length = header_of(bytes, head_end, "Content-Length:");
    const char *connection = header_of(bytes, head_end, "Connection:");
    const size_t body_bytes = length ? strtoul(length, NULL, 10) : 0;
    const char *body = head_end + 4;

    if ((size_t)(body - bytes) + body_bytes > received->size_bytes)
        return false;
    *answer = (struct answer){
        .status = (int)strtol(bytes + strlen("HTTP/1.1 "), NULL, 10),
        .is_last = connection && strncasecmp(connection, " close", 6) == 0,
        .body = body,
        .body_bytes = body_bytes,
        .left = -1,
        .entry = -1,
    };
    return true;
}

/* What follows @text in the body; NULL when it is not there. */
static const char *after(const struct answer *answer, const char *text)
{
    const char *found = memmem(answer->body, answer->body_bytes, text, strlen(text));

    return found ? found + strlen(text) : NULL;
}

static void read_id(const char *text, struct object_id_hex *hex)
{
    struct object_id id;

    if (text && object_id_parse_n(text, OBJECT_ID_HEX_BYTES - 1, &id))
        *hex = object_id_hex(&id);
}

/* -1 also for null. */
static int64_t read_number(const char *text)
{
    return text && *text >= '0' && *text <= '9' ? strtoll(text, NULL, 10) : -1;
}

static void read_reason(const char *text, char reason[32])
{
    const size_t length = text ? strcspn(text, "\"") : 0;

    if (length < 32)
        memcpy(reason, text ? text : "", length);
}

/* Services write JSON without spaces; a member that is elsewhere in it has another name. */
void answer_read_body(struct answer *answer)
{
    const char *id = after(answer, "\"ID\":\"");
    const char *left = after(answer, "\"SeatsLeft\":");

    read_id(id ? id : after(answer, "\"bookingId\":\""), &answer->booking);
    answer->left = read_number(left ? left : after(answer, "\"seatsLeft\":"));
    answer->entry = read_number(after(answer, "\"Entry\":"));
    read_reason(after(answer, "/problems/"), answer->reason);
}

static const char *outcome_of(int status)
{
    if (status >= 200 && status < 300)
        return "ok";
    return status >= 400 && status < 500 && status != 408 && status != 429 ? "fail" : "info";
}

static const char *word_of(enum operation operation)
{
    switch (operation) {
    case OPERATION_BOOK:
    case OPERATION_REFUSE:
        return "book";
    case OPERATION_READ:
        return "read";
    case OPERATION_CANCEL:
        return "cancel";
    case OPERATION_REQUEST:
    case N_OPERATIONS:
        break;
    }
    return NULL;
}

static void record_answer(const struct call *call, const struct answer *answer, FILE *history)
{
    const bool is_ok = answer->status >= 200 && answer->status < 300;

    if (call->operation == OPERATION_CANCEL)
        fprintf(history, ",\"booking\":\"%s\"", call->booking.text);
    else if (answer->booking.text[0] && call->operation != OPERATION_READ)
        fprintf(history, ",\"booking\":\"%s\"", answer->booking.text);
    if (answer->reason[0])
        fprintf(history, ",\"reason\":\"%s\"", answer->reason);
    if (answer->left >= 0)
        fprintf(history, ",\"left\":%" PRId64, answer->left);
    if (is_ok && call->operation == OPERATION_READ && answer->entry >= 0)
        fprintf(history, ",\"entry\":%" PRId64, answer->entry);
}

void call_record(const struct call *call, const struct plan *plan, const struct answer *answer,
                 int64_t ended_us, FILE *history)
{
    const char *word = word_of(call->operation);

    if (!history || !word)
        return;
    fprintf(history,
            "{\"op\":\"%s\",\"start\":%" PRId64 ",\"end\":%" PRId64
            ",\"outcome\":\"%s\",\"status\":%d",
            word, call->sent_us, ended_us, outcome_of(answer->status), answer->status);
    if (call->event)
        fprintf(history, ",\"event\":\"%s\"", call->event);
    if (call->operation == OPERATION_BOOK || call->operation == OPERATION_REFUSE)
        fprintf(history, ",\"seats\":%d", plan->seats);
    if (call->key)
        fprintf(history, ",\"key\":\"%016" PRIx64 "\"", call->key);
    record_answer(call, answer, history);
    fputs("}\n", history);
}
