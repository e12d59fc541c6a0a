/*
 * The rules of RFC 9112 that the library underneath does not check. Where two readers of the same bytes
 * could see different requests, the request is refused and its connection closed. Plain functions over
 * the head of a request; any thread.
 */
#ifndef EVENTS_HTTP_FRAMING_H
#define EVENTS_HTTP_FRAMING_H

#include "http/request.h"

enum {
    HTTP_HEAD_BYTES_MAX = 16 * 1024 /* the size of the library's buffer */
};

struct http_framing {
    size_t body_bytes;
    bool keep_alive;       /* the client would like to send more */
    bool expects_continue; /* it waits for 100 before it sends the body; never with "1.0" */
};

/*
 * 0 and @framing filled in; or the status of the refusal (400, 411, 414, 417, 431) and @error. @version
 * is "1.0" or "1.1".
 */
int http_framing_check(const struct http_request *request, const char *version,
                       struct http_framing *framing, struct error *error);

/*
 * False when the library read the head otherwise than others would: it ends the headers at a folded line,
 * drops a blank before a colon or before the first name, and takes a lone LF for a line break. Seen in
 * the text around @version and @headers, the library's own buffer up to @limit, where the blanks that it
 * leaves after a value are cut off as well. It is asked once for each head: the CR that ends one is taken
 * away, or a later head that is ended by lone LFs would seem to have it. Such a head gets by only where bytes
 * of a body or of a head that was refused lie behind it and look the same.
 */
bool http_framing_headers_whole(const char *version, const struct http_header *headers,
                                size_t n_headers, const char *limit);

/*
 * False when there are blanks before @head, the first character of a request, other than the one empty line
 * that RFC 9112 forgives: the library then took the blanks for a whole head, read this one behind what it had
 * received, perhaps from bytes of an earlier client, and looks for its body in the wrong place. @start becomes
 * where the library's buffer begins. It is known for certain from the first request on that began there, so
 * keep it from request to request, NULL before the first; up to then every gap is seen that is no multiple of
 * what allocations are aligned to.
 */
bool http_framing_begins_well(const char *head, const char **start);

#endif
