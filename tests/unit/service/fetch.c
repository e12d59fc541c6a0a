#include "fetch.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int connect_to(int port)
{
    const struct timeval patience = {.tv_sec = 10};
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(connection, 0);
    cr_assert_eq(setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    cr_assert_eq(connect(connection, (const struct sockaddr *)&address, sizeof(address)), 0);
    return connection;
}

static void read_all(int connection, char *text, size_t size_bytes)
{
    size_t n = 0;
    ssize_t got = 1;

    while (got > 0 && n + 1 < size_bytes) {
        got = read(connection, text + n, size_bytes - 1 - n);
        cr_assert_geq(got, 0, "the answer took too long");
        n += (size_t)got;
    }
    text[n] = '\0';
}

void fetch(int port, const char *path, struct fetched *fetched)
{
    static char answer[FETCH_BYTES];
    char request[512];
    int connection = connect_to(port);
    int length = snprintf(request, sizeof(request),
                          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    char *end;

    cr_assert_eq(write(connection, request, (size_t)length), length);
    read_all(connection, answer, sizeof(answer));
    close(connection);
    end = strstr(answer, "\r\n\r\n");
    cr_assert(strncmp(answer, "HTTP/1.1 ", 9) == 0 && end, "%s", answer);
    fetched->status = atoi(answer + 9);
    snprintf(fetched->head, sizeof(fetched->head), "%.*s", (int)(end - answer), answer);
    snprintf(fetched->body, sizeof(fetched->body), "%s", end + 4);
}
