/*
 * bench/crowd - viewers who watch: event streams that are opened and read, and nothing else.
 *
 *     bench/crowd PORT SHOW VIEWERS
 *
 * Says "open N" on standard output when all have their snapshot, reads until standard input ends,
 * then says how much came. Loopback only.
 */
#include "base/text.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ = 65536, EVENTS = 256, AT_ONCE = 64, OPEN_MS = 120000 };

struct crowd {
    int epoll;
    int64_t viewers, port, begun, reading, lost, bytes, frames;
    const char *show;
    unsigned char *seen; /* by descriptor: has got something */
};

/* One more viewer, with the request on its way. */
static bool join(struct crowd *c)
{
    char ask[256];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)c->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to))
        return false;
    int n = snprintf(ask, sizeof ask,
                     "GET /api/v1/shows/%s/events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", c->show,
                     (int)c->port);
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
    c->begun++;
    return write(fd, ask, (size_t)n) == n && !fcntl(fd, F_SETFL, O_NONBLOCK) &&
           !epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static void read_some(struct crowd *c, int fd)
{
    static char buf[READ];
    ssize_t n = read(fd, buf, sizeof buf);
    if (n <= 0) {
        (void)close(fd);
        c->lost++;
        return;
    }
    if (!c->seen[fd]) {
        c->seen[fd] = 1;
        c->reading++;
    }
    c->bytes += n;
    for (const char *p = buf; (p = memmem(p, (size_t)(buf + n - p), "\ndata:", 6)); p += 6)
        c->frames++;
}

static void turn(struct crowd *c, int wait_ms)
{
    struct epoll_event ev[EVENTS];
    int n = epoll_wait(c->epoll, ev, EVENTS, wait_ms);
    for (int i = 0; i < n; i++)
        read_some(c, ev[i].data.fd);
}

static bool over(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&in, 1, 0) > 0;
}

/* Opens them all; false: one could not be. */
static bool open_all(struct crowd *c)
{
    for (int waited = 0; c->reading < c->viewers && waited < OPEN_MS; waited++) {
        while (c->begun < c->viewers && c->begun - c->reading < AT_ONCE)
            if (!join(c)) {
                (void)fprintf(stderr, "cannot open stream %d\n", (int)c->begun);
                return false;
            }
        turn(c, 1);
    }
    (void)printf("open %lld\n", (long long)c->reading);
    (void)fflush(stdout);
    return true;
}

static void watch(struct crowd *c)
{
    c->bytes = c->frames = 0;
    while (!over())
        turn(c, 100);
    (void)printf("%lld streams, %lld lost, %lld frames, %lld MB\n", (long long)c->reading,
                 (long long)c->lost, (long long)c->frames, (long long)c->bytes / 1000000);
}

int main(int argc, char **argv)
{
    struct crowd c = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    struct rlimit files;
    if (argc != 4 || text_i64(argv[1], 1, 65535, &c.port) ||
        text_i64(argv[3], 1, 100000, &c.viewers)) {
        (void)fprintf(stderr, "usage: crowd PORT SHOW VIEWERS\n");
        return 2;
    }
    c.show = argv[2];
    c.seen = calloc((size_t)c.viewers + 64, 1);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    bool opened = c.seen && c.epoll >= 0 && open_all(&c);
    if (opened)
        watch(&c);
    free(c.seen);
    return opened && !c.lost ? 0 : 1;
}
