/* SMTP connections: a few at once, one thread, nothing that waits for one of them. */
#include "base/clock.h"
#include "base/log.h"
#include "net/addr.h"
#include "sandboxd/mail_in.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONN_MS = 30000, OUT_MAX = 1 << 20, BACKLOG = 16 };

struct smtp_conn {
    int fd; /* -1: free */
    struct smtp smtp;
    struct buf out;
    int64_t until_ms, hold_ms; /* ends; says nothing before */
};

struct crowd {
    struct mail_sink *m;
    struct smtp_conn at[MAIL_CONNS_MAX];
};

static void hang_up(struct smtp_conn *c)
{
    (void)close(c->fd);
    c->fd = -1;
    smtp_done(&c->smtp);
    buf_done(&c->out);
}

static void take_in(struct crowd *k, int64_t now_ms)
{
    int fd = accept4(k->m->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct smtp_conn *c = NULL;
    for (size_t i = 0; fd >= 0 && !c && i < MAIL_CONNS_MAX; i++)
        if (k->at[i].fd < 0)
            c = &k->at[i];
    if (fd < 0)
        return;
    struct fault f = fault_take(k->m->shared->faults, FAULT_MAIL, "smtp");
    if (!c || (f.down && !f.status)) {
        (void)close(fd);
        return;
    }
    c->fd = fd;
    c->until_ms = now_ms + CONN_MS;
    c->hold_ms = now_ms + f.delay_ms;
    buf_init(&c->out, OUT_MAX);
    smtp_begin(&c->smtp, mail_keep, k->m, &c->out);
    c->smtp.refuse = f.down ? (int)f.status : 0;
}

/* What it says and what is said to it. False: it is over. */
static bool serve(struct smtp_conn *c, short events, int64_t now_ms)
{
    char bytes[4096];
    if (events & (POLLIN | POLLHUP | POLLERR)) {
        ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (n > 0)
            smtp_feed(&c->smtp, bytes, (size_t)n, &c->out);
    }
    if (c->out.failed || now_ms >= c->until_ms)
        return false;
    if (c->out.len && now_ms >= c->hold_ms) {
        ssize_t n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        buf_drop(&c->out, n > 0 ? (size_t)n : 0);
    }
    return c->out.len || c->smtp.state != SMTP_OVER;
}

static int wait_ms(const struct crowd *k, int64_t now_ms)
{
    int64_t wait = 1000;
    for (size_t i = 0; i < MAIL_CONNS_MAX; i++)
        if (k->at[i].fd >= 0 && k->at[i].out.len && k->at[i].hold_ms > now_ms &&
            k->at[i].hold_ms - now_ms < wait)
            wait = k->at[i].hold_ms - now_ms;
    return (int)wait;
}

static void *thread_main(void *arg)
{
    struct crowd *k = arg;
    struct pollfd fds[MAIL_CONNS_MAX + 2];
    for (;;) {
        int64_t now_ms = clock_mono_ms();
        fds[0] = (struct pollfd){k->m->wake_fd, POLLIN, 0};
        fds[1] = (struct pollfd){k->m->listen_fd, POLLIN, 0};
        for (size_t i = 0; i < MAIL_CONNS_MAX; i++) {
            const struct smtp_conn *c = &k->at[i];
            bool speaks = c->fd >= 0 && c->out.len && c->hold_ms <= now_ms;
            fds[i + 2] = (struct pollfd){c->fd, speaks ? POLLIN | POLLOUT : POLLIN, 0};
        }
        (void)poll(fds, MAIL_CONNS_MAX + 2, wait_ms(k, now_ms));
        if (fds[0].revents)
            break;
        now_ms = clock_mono_ms();
        for (size_t i = 0; i < MAIL_CONNS_MAX; i++)
            if (k->at[i].fd >= 0 && !serve(&k->at[i], fds[i + 2].revents, now_ms))
                hang_up(&k->at[i]);
        if (fds[1].revents)
            take_in(k, now_ms);
    }
    for (size_t i = 0; i < MAIL_CONNS_MAX; i++)
        if (k->at[i].fd >= 0)
            hang_up(&k->at[i]);
    free(k);
    return NULL;
}

static enum err open_socket(struct cx *cx, struct mail_sink *m, const char *listen_at)
{
    struct addr a;
    struct sockaddr_storage sock;
    char text[ADDR_TEXT];
    const int on = 1;
    if (addr_parse(listen_at, &a))
        return problem(cx, ERR_INPUT, "--smtp must be an address as 127.0.0.1:2525");
    unsigned len = addr_to_sock(&a, &sock);
    m->listen_fd = socket(sock.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m->listen_fd < 0)
        return problem(cx, ERR_IO, "--smtp: no socket to be had");
    (void)setsockopt(m->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(m->listen_fd, (const struct sockaddr *)&sock, len) != 0 ||
        listen(m->listen_fd, BACKLOG) != 0)
        return problem(cx, ERR_INPUT, "--smtp: cannot listen there: %s", strerrordesc_np(errno));
    socklen_t got = sizeof sock;
    if (getsockname(m->listen_fd, (struct sockaddr *)&sock, &got) == 0)
        addr_from_sock(&sock, &a);
    addr_text_port(&a, text);
    log_info("listening", LOG_S("smtp", text));
    return ERR_OK;
}

enum err mail_listen(struct cx *cx, struct mail_sink *m, const char *listen_at)
{
    enum err e = open_socket(cx, m, listen_at);
    if (e)
        return e;
    struct crowd *k = calloc(1, sizeof *k);
    m->wake_fd = eventfd(0, EFD_CLOEXEC);
    for (size_t i = 0; k && i < MAIL_CONNS_MAX; i++)
        k->at[i].fd = -1;
    if (k)
        k->m = m;
    m->running = k && m->wake_fd >= 0 && pthread_create(&m->thread, NULL, thread_main, k) == 0;
    if (!m->running)
        free(k);
    return m->running ? ERR_OK : ERR_NO_MEMORY;
}

void mail_listen_end(struct mail_sink *m)
{
    const uint64_t one = 1;
    if (m->running && write(m->wake_fd, &one, sizeof one) == sizeof one)
        (void)pthread_join(m->thread, NULL);
    if (m->listen_fd >= 0)
        (void)close(m->listen_fd);
    if (m->wake_fd >= 0)
        (void)close(m->wake_fd);
}
