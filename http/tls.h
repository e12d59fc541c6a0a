/*
 * TLS 1.2 and 1.3 for a server. The certificate is chosen at each handshake, so that it can be replaced
 * while connections are open. Inside http only.
 */
#ifndef EVENTS_HTTP_TLS_H
#define EVENTS_HTTP_TLS_H

#include "base/cleanup.h"
#include "base/error.h"

#include <stdbool.h>

struct http_tls;

/* Paths of PEM files: the certificate with its chain, and its key. ERROR_INVALID says what is wrong. */
MUST_CHECK bool http_tls_new(const char *certificate, const char *key, struct http_tls **tls,
                             struct error *error);
void http_tls_free(struct http_tls *tls);

/* Read the files again, for handshakes from now on. After a failure the old certificate stays. Any thread. */
MUST_CHECK bool http_tls_reload(struct http_tls *tls, struct error *error);

/* The SSL_CTX for new connections; lives as long as @tls. */
void *http_tls_context(struct http_tls *tls);

#endif
