#include "http/tls.h"

#include "base/memory.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>

struct http_tls {
    SSL_CTX *connections; /* what they are made of; has no certificate of its own */
    pthread_mutex_t mutex;
    SSL_CTX *shown; /* holds the certificate, its chain and its key; guarded by @mutex */
    char *certificate;
    char *key;
};

/* For 1.2: only what keeps old recordings secret. In 1.3 there is nothing else. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

static bool set_tls_error(struct error *error, const char *option, const char *what)
{
    unsigned long number = ERR_peek_last_error();
    char reason[128] = "unknown";

    if (number)
        ERR_error_string_n(number, reason, sizeof(reason));
    ERR_clear_error();
    return error_set(error, ERROR_INVALID, "%s: cannot use %s: %s", option, what, reason);
}

/* A key under a password is refused, instead of asking for it on the terminal. */
static int no_password(char *password, int size_bytes, int is_writing, void *context)
{
    (void)password;
    (void)size_bytes;
    (void)is_writing;
    (void)context;
    return 0;
}

static void context_freep(SSL_CTX **context)
{
    SSL_CTX_free(*context);
    *context = NULL;
}

static bool load(const struct http_tls *tls, SSL_CTX **loaded, struct error *error)
{
    CLEANUP(context_freep) SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (!context)
        return set_tls_error(error, "tls", "OpenSSL");
    SSL_CTX_set_default_passwd_cb(context, no_password);
    if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
        return set_tls_error(error, "tls_certificate", tls->certificate);
    if (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return set_tls_error(error, "tls_key", tls->key);

    *loaded = context;
    context = NULL;
    return true;
}

/* Called in each handshake; 0 ends it. */
static int show_certificate(SSL *ssl, void *context)
{
    struct http_tls *tls = context;
    STACK_OF(X509) *chain = NULL;
    int shown;

    pthread_mutex_lock(&tls->mutex);
    SSL_CTX_get0_chain_certs(tls->shown, &chain);
    shown = SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(tls->shown),
                                 SSL_CTX_get0_privatekey(tls->shown), chain, 1);
    pthread_mutex_unlock(&tls->mutex);
    return shown;
}

static bool make_connections(struct http_tls *tls, struct error *error)
{
    tls->connections = SSL_CTX_new(TLS_server_method());
    if (!tls->connections || SSL_CTX_set_min_proto_version(tls->connections, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(tls->connections, ciphers) != 1)
        return set_tls_error(error, "tls", "OpenSSL");
    SSL_CTX_set_options(tls->connections, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                              SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(tls->connections, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(tls->connections, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_cert_cb(tls->connections, show_certificate, tls);
    return true;
}

void http_tls_free(struct http_tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->connections);
    SSL_CTX_free(tls->shown);
    pthread_mutex_destroy(&tls->mutex);
    memory_free(tls->certificate);
    memory_free(tls->key);
    memory_free(tls);
}

DEFINE_FREEP(http_tls_free, struct http_tls)

bool http_tls_new(const char *certificate, const char *key, struct http_tls **tls,
                  struct error *error)
{
    CLEANUP(http_tls_freep) struct http_tls *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    pthread_mutex_init(&self->mutex, NULL);
    self->certificate = memory_text(certificate, error);
    self->key = memory_text(key, error);
    if (!self->certificate || !self->key)
        return false;
    if (!load(self, &self->shown, error) || !make_connections(self, error))
        return false;

    *tls = self;
    self = NULL;
    return true;
}

bool http_tls_reload(struct http_tls *tls, struct error *error)
{
    SSL_CTX *loaded = NULL;
    SSL_CTX *before;

    if (!load(tls, &loaded, error))
        return false;
    pthread_mutex_lock(&tls->mutex);
    before = tls->shown;
    tls->shown = loaded;
    pthread_mutex_unlock(&tls->mutex);
    SSL_CTX_free(before);
    return true;
}

void *http_tls_context(struct http_tls *tls)
{
    return tls->connections;
}
