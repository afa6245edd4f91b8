#include "net/conn.h"
#include "net/conn_home.h"
#include "net/conn_queue.h"
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SCRATCH = 64 << 10, READS_PER_TURN = 8, GROW_MIN = 4096, LINGER_MS = 2000 };

enum conn_state {
    CONN_OPEN,
    CONN_LAST_WORDS, /* conn_finish(): the queue is going out */
    CONN_LINGER,     /* our FIN is sent, the peer's is awaited, input is thrown away */
    CONN_CLOSED      /* descriptor closed; on_closed and free come at the end of the turn */
};

struct conn {
    struct watch watch;
    struct conn_home *home;
    const struct conn_ops *ops;
    SSL *ssl;
    unsigned char *in; /* kept input; NULL while there is none */
    uint32_t in_len, in_cap;
    uint32_t out_max;
    uint32_t in_kernel; /* sent but not acknowledged, when last looked at */
    struct outq out;
    int64_t deadline_ms, stall_at_ms; /* on the loop's clock; 0: none */
    struct timer timer;
    struct loop_task task; /* resume, or bury */
    struct conn *next, *prev;
    uint64_t bytes_in, bytes_out;
    struct addr peer;
    uint8_t state, why;
    bool readable, writable; /* no EAGAIN since the last event */
    bool fin_seen, eof;      /* epoll said so; read() said so */
    _Alignas(max_align_t) unsigned char owner[];
};

static void conn_end(struct conn *c, enum conn_end why);

/* ---- small answers ---- */

void *conn_owner(struct conn *c)
{
    return c->owner;
}

struct loop *conn_loop(const struct conn *c)
{
    return c->home->loop;
}

const struct addr *conn_peer(const struct conn *c)
{
    return &c->peer;
}

bool conn_is_tls(const struct conn *c)
{
    return c->ssl != NULL;
}

uint64_t conn_bytes_in(const struct conn *c)
{
    return c->bytes_in;
}

uint64_t conn_bytes_out(const struct conn *c)
{
    return c->bytes_out;
}

size_t conn_unsent(const struct conn *c)
{
    return c->out.mem_bytes;
}

bool conn_drained(const struct conn *c)
{
    return !c->out.first;
}

bool conn_closing(const struct conn *c)
{
    return c->state != CONN_OPEN;
}

bool conn_peer_done(const struct conn *c)
{
    return c->eof;
}

void conn_set_ops(struct conn *c, const struct conn_ops *ops)
{
    c->ops = ops;
}

void conn_set_out_max(struct conn *c, size_t bytes)
{
    c->out_max = bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

/* One writer: no locked instruction needed. */
static void count(atomic_uint_least64_t *n, uint64_t more)
{
    uint64_t old = atomic_load_explicit(n, memory_order_relaxed);
    atomic_store_explicit(n, old + more, memory_order_relaxed);
}

/* ---- time ---- */

static void on_timer(void *arg);

/* One timer serves both deadlines. It is not moved when one moves later: it looks when it fires. */
static void arm(struct conn *c)
{
    int64_t due = c->deadline_ms;
    if (c->stall_at_ms && (!due || c->stall_at_ms < due))
        due = c->stall_at_ms;
    if (due && (!c->timer.due_ms || due < c->timer.due_ms))
        timer_set(c->home->loop, &c->timer, due - loop_now_ms(c->home->loop), on_timer, c);
}

/* Halfway through its time, and at the end of it: has the peer taken nothing since? */
static bool stalled(struct conn *c)
{
    int in_kernel = 0;
    (void)ioctl(c->watch.fd, SIOCOUTQ, &in_kernel);
    if ((uint32_t)in_kernel >= c->in_kernel)
        return true;
    c->in_kernel = (uint32_t)in_kernel;
    c->stall_at_ms = loop_now_ms(c->home->loop) + c->home->stall_ms / 2;
    return false;
}

static void on_timer(void *arg)
{
    struct conn *c = arg;
    int64_t now = loop_now_ms(c->home->loop);
    if (c->stall_at_ms && now >= c->stall_at_ms && stalled(c)) {
        conn_end(c, CONN_END_STALLED);
        return;
    }
    if (c->deadline_ms && now >= c->deadline_ms) {
        c->deadline_ms = 0;
        if (c->state == CONN_OPEN && c->ops->on_deadline)
            c->ops->on_deadline(c, c->owner);
        else
            conn_end(c, CONN_END_US);
    }
    if (c->state != CONN_CLOSED)
        arm(c);
}

void conn_deadline(struct conn *c, int64_t delay_ms)
{
    if (c->state != CONN_OPEN)
        return;
    c->deadline_ms = delay_ms ? loop_now_ms(c->home->loop) + delay_ms : 0;
    arm(c);
}

/*
 * Bytes moved, or the queue changed: give the peer its time again. The kernel's buffer is large
 * and tells us late that it has room; so its fill level is looked at as well, at half time.
 */
static void stall_again(struct conn *c)
{
    c->stall_at_ms = c->out.first ? loop_now_ms(c->home->loop) + c->home->stall_ms / 2 : 0;
    c->in_kernel = UINT32_MAX;
    arm(c);
}

/* ---- closing ---- */

static void on_turn_end(void *arg);

static void conn_end(struct conn *c, enum conn_end why)
{
    if (c->state == CONN_CLOSED)
        return;
    if (c->state == CONN_OPEN)
        c->why = (uint8_t)why;
    c->state = CONN_CLOSED;
    loop_unwatch(c->home->loop, &c->watch);
    timer_cancel(c->home->loop, &c->timer);
    if (c->ssl) {
        SSL_free(c->ssl);
        ERR_clear_error();
    }
    (void)close(c->watch.fd);
    outq_clear(&c->out);
    loop_defer(c->home->loop, &c->task, on_turn_end, c);
}

static void bury(struct conn *c)
{
    struct conn_home *h = c->home;
    if (c->ops->on_closed)
        c->ops->on_closed(c, c->owner, c->why);
    if (c->prev)
        c->prev->next = c->next;
    else
        h->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    struct addr peer = c->peer;
    free(c->in); /* not earlier: on_data may still be looking at it */
    free(c);
    h->left(h, &peer);
}

void conn_close(struct conn *c)
{
    conn_end(c, CONN_END_US);
}

/* The queue is empty: say so to the peer, then let it read our last bytes before we close. */
static void linger(struct conn *c)
{
    c->state = CONN_LINGER;
    if (c->ssl)
        (void)SSL_shutdown(c->ssl);
    ERR_clear_error();
    if (c->eof || shutdown(c->watch.fd, SHUT_WR)) {
        conn_end(c, CONN_END_US);
        return;
    }
    c->in_len = 0;
    c->deadline_ms = loop_now_ms(c->home->loop) + LINGER_MS;
    arm(c);
    loop_defer(c->home->loop, &c->task, on_turn_end, c); /* input that waits is thrown away */
}

void conn_finish(struct conn *c)
{
    if (c->state != CONN_OPEN)
        return;
    c->why = CONN_END_US;
    c->state = CONN_LAST_WORDS;
    c->deadline_ms = 0;
    if (!c->out.first)
        linger(c);
}

void conn_each(struct conn_home *h, void (*fn)(struct conn *c, void *owner))
{
    for (struct conn *c = h->first; c; c = c->next) /* none is unlinked before the turn ends */
        fn(c, c->owner);
}

void conn_drop_all(struct conn_home *h)
{
    for (struct conn *c = h->first; c; c = c->next)
        conn_end(c, CONN_END_SHUTDOWN);
}

/* ---- input ---- */

/* -1: nothing now; 0: the end; -2: broken. */
static ssize_t read_some(struct conn *c, void *out, size_t max)
{
    if (!c->ssl) {
        ssize_t n;
        do
            n = recv(c->watch.fd, out, max, 0);
        while (n < 0 && errno == EINTR);
        if (n >= 0)
            return n;
        return errno == EAGAIN || errno == EWOULDBLOCK ? -1 : -2;
    }
    size_t n;
    ERR_clear_error();
    int ok = SSL_read_ex(c->ssl, out, max, &n);
    if (ok)
        return (ssize_t)n;
    int e = SSL_get_error(c->ssl, ok);
    ERR_clear_error();
    if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
        return -1;
    return e == SSL_ERROR_ZERO_RETURN ? 0 : -2;
}

/* Keep data[0..len), which may lie inside c->in. */
static bool keep(struct conn *c, const unsigned char *data, size_t len)
{
    if (!len) {
        free(c->in);
        c->in = NULL;
        c->in_cap = 0;
    } else if (c->in && data >= c->in && data < c->in + c->in_cap) {
        memmove(c->in, data, len);
    } else {
        size_t cap = len < 512 ? 512 : len;
        unsigned char *in = len > c->in_cap ? realloc(c->in, cap) : c->in;
        if (!in)
            return false;
        if (len > c->in_cap)
            c->in_cap = (uint32_t)cap;
        c->in = in;
        memcpy(c->in, data, len);
    }
    c->in_len = (uint32_t)len;
    return true;
}

static void offer(struct conn *c, const unsigned char *data, size_t len)
{
    if (c->state != CONN_OPEN)
        return;
    size_t took = c->ops->on_data(c, c->owner, data, len);
    assert(took <= len);
    if (c->state == CONN_OPEN && !keep(c, data + took, len - took))
        conn_end(c, CONN_END_US);
}

static void at_eof(struct conn *c)
{
    c->eof = true;
    c->readable = false;
    if (c->state == CONN_LINGER || (c->state == CONN_OPEN && !c->ops->on_eof))
        conn_end(c, CONN_END_PEER);
    else if (c->state == CONN_OPEN)
        c->ops->on_eof(c, c->owner);
}

/* Make room for more behind what is kept; returns how much, 0: no memory. */
static size_t room_behind(struct conn *c, size_t want)
{
    if (c->in_cap - c->in_len < want) {
        size_t cap = c->in_len + want;
        unsigned char *in = realloc(c->in, cap);
        if (!in)
            return 0;
        c->in = in;
        c->in_cap = (uint32_t)cap;
    }
    return want;
}

/* One read; false: no more now. */
static bool read_once(struct conn *c)
{
    static _Thread_local unsigned char scratch[SCRATCH];
    bool fresh = !c->in_len || c->state != CONN_OPEN;
    size_t room = fresh ? c->home->in_max : c->home->in_max - c->in_len;
    size_t grow = c->in_len < GROW_MIN ? GROW_MIN : c->in_len;
    if (!fresh && room > grow)
        room = grow;
    if (room > SCRATCH)
        room = SCRATCH;
    if (!fresh && !room_behind(c, room)) {
        conn_end(c, CONN_END_US);
        return false;
    }
    ssize_t n = read_some(c, fresh ? scratch : c->in + c->in_len, room);
    if (n == -1) {
        c->readable = false;
        return false;
    }
    if (n == -2) {
        conn_end(c, CONN_END_PEER);
        return false;
    }
    if (n == 0) {
        at_eof(c);
        return false;
    }
    c->bytes_in += (uint64_t)n;
    count(&c->home->bytes_in, (uint64_t)n);
    /* a short read has emptied the socket, unless a FIN or TLS records wait behind it */
    if (!c->ssl && (size_t)n < room && !c->fin_seen)
        c->readable = false;
    if (fresh)
        offer(c, scratch, (size_t)n);
    else
        offer(c, c->in, c->in_len + (size_t)n);
    return c->readable;
}

static bool full(const struct conn *c)
{
    return c->state == CONN_OPEN && c->in_len >= c->home->in_max;
}

static void read_all(struct conn *c)
{
    for (int i = 0; c->readable && !c->eof && c->state != CONN_CLOSED && !full(c); i++) {
        if (i == READS_PER_TURN) { /* others want their turn */
            loop_defer(c->home->loop, &c->task, on_turn_end, c);
            return;
        }
        if (!read_once(c))
            return;
    }
}

static void on_turn_end(void *arg)
{
    struct conn *c = arg;
    if (c->state == CONN_CLOSED) {
        bury(c);
        return;
    }
    if (c->in_len && c->state == CONN_OPEN)
        offer(c, c->in, c->in_len);
    if (c->eof && c->state == CONN_OPEN)
        at_eof(c);
    read_all(c);
}

void conn_resume(struct conn *c)
{
    if (c->state == CONN_OPEN)
        loop_defer(c->home->loop, &c->task, on_turn_end, c);
}

/* ---- output ---- */

static bool wrote(struct conn *c, enum outq_result r, uint64_t n)
{
    c->bytes_out += n;
    count(&c->home->bytes_out, n);
    if (r == OUTQ_BROKEN) {
        conn_end(c, CONN_END_PEER);
        return false;
    }
    c->writable = r == OUTQ_DONE;
    return true;
}

bool conn_send(struct conn *c, const struct piece *pieces, size_t n)
{
    if (c->state != CONN_OPEN) {
        outq_dispose(pieces, n);
        return false;
    }
    bool idle = !c->out.first;
    uint64_t sent = 0;
    if (idle && c->writable) {
        enum outq_result r = outq_direct(c->watch.fd, c->ssl, pieces, n, &sent);
        if (!wrote(c, r, sent)) {
            outq_dispose(pieces, n);
            return false;
        }
    }
    if (!outq_add(&c->out, pieces, n, sent)) {
        conn_end(c, CONN_END_US);
        return false;
    }
    if (c->out.first && c->writable) { /* files, or more pieces than one call takes */
        enum outq_result r = outq_flush(&c->out, c->watch.fd, c->ssl, &sent);
        if (!wrote(c, r, sent))
            return false;
    }
    if (c->out.mem_bytes > c->out_max) {
        conn_end(c, CONN_END_FULL);
        return false;
    }
    if (idle && c->out.first)
        stall_again(c);
    else if (!c->out.first)
        c->stall_at_ms = 0;
    return true;
}

static void write_more(struct conn *c)
{
    if (!c->out.first)
        return;
    uint64_t sent = 0;
    enum outq_result r = outq_flush(&c->out, c->watch.fd, c->ssl, &sent);
    if (!wrote(c, r, sent))
        return;
    if (sent)
        stall_again(c);
    if (c->out.first)
        return;
    if (c->state == CONN_LAST_WORDS)
        linger(c);
    else if (c->state == CONN_OPEN && c->ops->on_drained)
        c->ops->on_drained(c, c->owner);
}

/* ---- events ---- */

static void on_ready(struct watch *w, uint32_t events)
{
    struct conn *c = (struct conn *)w; /* its first member */
    if (c->state == CONN_CLOSED)
        return;
    if (events & (EPOLLERR | EPOLLHUP)) {
        conn_end(c, CONN_END_PEER);
        return;
    }
    if (events & EPOLLRDHUP)
        c->fin_seen = true;
    if (events & (EPOLLIN | EPOLLRDHUP))
        c->readable = true;
    if (events & EPOLLOUT)
        c->writable = true;
    if (c->ssl) /* either direction of TLS may have waited for the other */
        c->readable = c->writable = true;
    if (c->writable)
        write_more(c);
    if (c->state != CONN_CLOSED)
        read_all(c);
    if ((events & EPOLLRDHUP) && c->state == CONN_OPEN && !c->eof && full(c) && c->ops->on_eof)
        c->ops->on_eof(c, c->owner);
}

struct conn *conn_open(struct conn_home *h, int fd, const struct addr *peer, struct ssl_st *ssl)
{
    struct conn *c = calloc(1, sizeof *c + h->owner_size);
    if (c) {
        c->watch = (struct watch){fd, on_ready};
        c->home = h;
        c->ops = h->ops;
        c->ssl = ssl;
        conn_set_out_max(c, h->out_max);
        c->peer = *peer;
        c->writable = true;
        if (loop_watch(h->loop, &c->watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP) == ERR_OK) {
            c->next = h->first;
            if (h->first)
                h->first->prev = c;
            h->first = c;
            return c;
        }
    }
    SSL_free(ssl);
    (void)close(fd);
    free(c);
    return NULL;
}
