#include "streamd/ingest/viewer_testkit.h"
#include "base/test.h"
#include "streamd/ingest/encoder_testkit.h"
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 16 << 20 };

struct answer viewer_ask(unsigned port, const char *method, const char *path)
{
    struct answer a = {0};
    int fd = encoder_socket(port);
    char ask[512];
    (void)snprintf(ask, sizeof(ask), "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                   method, path);
    assert_true(send(fd, ask, strlen(ask), MSG_NOSIGNAL) > 0);
    buf_init(&a.text, ANSWER_MAX);
    char piece[65536];
    for (ssize_t n; (n = recv(fd, piece, sizeof(piece), 0)) > 0;)
        buf_add(&a.text, piece, (size_t)n);
    close(fd);
    assert_true(a.text.len > 12);
    a.status = (int)strtol(a.text.data + 9, NULL, 10);
    const char *end = strstr(a.text.data, "\r\n\r\n");
    assert_non_null(end);
    a.body = end + 4;
    a.len = a.text.len - (size_t)(a.body - a.text.data);
    return a;
}

struct answer viewer_get(unsigned port, const char *path)
{
    return viewer_ask(port, "GET", path);
}

void viewer_forget(struct answer a)
{
    buf_done(&a.text);
}

bool viewer_has(const struct answer *a, const char *text)
{
    return strstr(a->text.data, text) != NULL;
}

unsigned viewer_count(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *p = text; (p = strstr(p, what)); p++)
        n++;
    return n;
}
