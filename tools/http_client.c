#include "tools/http_client.h"

#include "base/memory.h"

#include <curl/curl.h>

enum {
    ANSWER_TIMEOUT_MS = 10000,
    CONNECT_TIMEOUT_MS = 2000
};

struct http_client {
    CURL *curl;
    struct curl_slist *headers;
};

static bool set_up(struct http_client *client, struct error *error)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return error_set(error, ERROR_INTERNAL, "libcurl does not start");
    client->curl = curl_easy_init();
    client->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (!client->curl || !client->headers)
        return error_set(error, ERROR_MEMORY, "no memory for an HTTP client");
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, client->headers);
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, (long)ANSWER_TIMEOUT_MS);
    curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(client->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
    return true;
}

bool http_client_open(struct http_client **client, struct error *error)
{
    CLEANUP(http_client_freep) struct http_client *made = memory_new(sizeof(*made), error);

    if (!made || !set_up(made, error))
        return false;
    *client = made;
    made = NULL;
    return true;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    curl_slist_free_all(client->headers);
    curl_global_cleanup();
    memory_free(client);
}

/* What libcurl calls with a part of the answer; another number than it gave ends the transfer. */
static size_t take(char *bytes, size_t one, size_t n_bytes, void *context)
{
    struct buffer *answer = context;

    buffer_append(answer, bytes, one * n_bytes);
    return buffer_ok(answer, NULL) ? one * n_bytes : 0;
}

static bool judge(const struct buffer *answer, CURLcode code, const char *url, struct error *error)
{
    if (!buffer_ok(answer, error))
        return error_wrap(error, "POST %s", url);
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return error_set(error, ERROR_INVALID, "%s is no URL of a service", url);
    return code == CURLE_OK ||
           error_set(error, ERROR_UNAVAILABLE, "POST %s: %s", url, curl_easy_strerror(code));
}

bool http_client_post(struct http_client *client, const char *url, const char *body, int *status,
                      struct buffer *answer, struct error *error)
{
    CURL *curl = client->curl;
    long code = 0;

    buffer_reset(answer);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (!judge(answer, curl_easy_perform(curl), url, error))
        return false;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    *status = (int)code;
    return true;
}
