#include "net/listen.h"
#include "base/crypto.h"
#include "base/log.h"
#include "net/conn.h"
#include "net/conn_home.h"
#include "net/loop.h"
#include "net/tls.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 4096,
    ACCEPTS_PER_TURN = 128,
    RETRY_MS = 100,
    USER_TIMEOUT_MS = 30000,
    FENCE = 1 << 14, /* counters per address, by hash: a power of two */
    SPARE_FDS = 64,  /* left for files, databases, upstream connections */
    IN_MAX = 64 << 10,
    OUT_MAX = 1 << 20,
    STALL_MS = 20000,
    PER_ADDR_MAX = 4096
};

/* One loop's share. */
struct post {
    struct watch watch;
    struct conn_home home;
    struct listener *listener;
    struct timer retry; /* after running out of descriptors */
    struct loop_task again;
    struct loop_mail start, mail;
    bool listening;
};

struct listener {
    struct listen_opts o;
    struct addr addr;
    uint64_t hash_key;
    atomic_uint open;
    atomic_uint_least64_t refused;
    atomic_uint fence[FENCE];
    pthread_mutex_t lock; /* of `waiting`, for stop and drop */
    pthread_cond_t quiet;
    unsigned waiting; /* loops that have not answered yet */
    bool stopped;
    unsigned n;
    struct post at[];
};

/* ---- how many, and from whom ---- */

/* A hash slot of the address (IPv6: of its /64), or NULL when it is spared. */
static atomic_uint *fence_slot(struct listener *l, const struct addr *peer)
{
    if ((!l->o.count_loopback && addr_is_loopback(peer)) ||
        (l->o.spare && cidrs_has(l->o.spare, peer)))
        return NULL;
    uint64_t part;
    if (addr_is_v4(peer))
        memcpy(&part, peer->ip + 8, sizeof part);
    else
        memcpy(&part, peer->ip, sizeof part);
    uint64_t h = (part ^ l->hash_key) * 0x9e3779b97f4a7c15U;
    h = (h ^ (h >> 32) ^ l->hash_key) * 0xd6e8feb86659fd93U;
    return &l->fence[(h >> 40) & (FENCE - 1)];
}

static bool admit(struct listener *l, const struct addr *peer)
{
    if (atomic_fetch_add_explicit(&l->open, 1, memory_order_relaxed) < l->o.conns_max) {
        atomic_uint *slot = fence_slot(l, peer);
        if (!slot || atomic_fetch_add_explicit(slot, 1, memory_order_relaxed) < l->o.per_addr_max)
            return true;
        atomic_fetch_sub_explicit(slot, 1, memory_order_relaxed);
    }
    atomic_fetch_sub_explicit(&l->open, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&l->refused, 1, memory_order_relaxed);
    return false;
}

static void release(struct listener *l, const struct addr *peer)
{
    atomic_uint *slot = fence_slot(l, peer);
    if (slot)
        atomic_fetch_sub_explicit(slot, 1, memory_order_relaxed);
    /* last: once it is 0, listen_drop() may return and the listener be freed */
    atomic_fetch_sub_explicit(&l->open, 1, memory_order_release);
}

static void on_left(struct conn_home *h, const struct addr *peer)
{
    struct post *p = (struct post *)((char *)h - offsetof(struct post, home));
    release(p->listener, peer);
}

/* ---- accepting ---- */

static void accept_all(void *arg);

static void take(struct post *p, int fd, const struct addr *peer)
{
    struct listener *l = p->listener;
    if (!admit(l, peer)) {
        (void)close(fd);
        return;
    }
    struct ssl_st *ssl = l->o.tls ? tls_session(l->o.tls, fd) : NULL;
    if (l->o.tls && !ssl) {
        (void)close(fd);
        release(l, peer);
        return;
    }
    struct conn *c = conn_open(&p->home, fd, peer, ssl);
    if (!c)
        release(l, peer);
    else if (l->o.on_conn)
        l->o.on_conn(c, conn_owner(c), l->o.arg);
}

/* False: no more now. */
static bool accept_one(struct post *p)
{
    struct sockaddr_storage sock;
    socklen_t len = sizeof sock;
    int fd = accept4(p->watch.fd, (struct sockaddr *)&sock, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        struct addr peer;
        addr_from_sock(&sock, &peer);
        take(p, fd, &peer);
        return true;
    }
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO)
        return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK) { /* out of descriptors or kernel memory */
        log_warn("cannot accept a connection", LOG_I("errno", errno));
        timer_set(p->home.loop, &p->retry, RETRY_MS, accept_all, p);
    }
    return false;
}

static void accept_all(void *arg)
{
    struct post *p = arg;
    for (int i = 0; p->listening && accept_one(p); i++)
        if (i == ACCEPTS_PER_TURN) {
            loop_defer(p->home.loop, &p->again, accept_all, p);
            return;
        }
}

static void on_ready(struct watch *w, uint32_t events)
{
    (void)events;
    accept_all((char *)w - offsetof(struct post, watch));
}

/* ---- sockets ---- */

static void set_int(int fd, int level, int name, int value)
{
    if (setsockopt(fd, level, name, &value, sizeof value))
        log_warn("cannot set a socket option", LOG_I("option", name), LOG_I("errno", errno));
}

/* Options set here are inherited by accepted sockets. */
static int bind_one(const struct addr *a, bool share)
{
    struct sockaddr_storage sock;
    socklen_t len = addr_to_sock(a, &sock);
    int fd = socket(sock.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (share)
        set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (sock.ss_family == AF_INET6)
        set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
    set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, USER_TIMEOUT_MS / 2000);
    set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    if (bind(fd, (struct sockaddr *)&sock, len) == 0 && (!share || listen(fd, BACKLOG) == 0))
        return fd;
    int e = errno;
    (void)close(fd);
    errno = e;
    return -1;
}

/*
 * SO_REUSEPORT would let a second process share the port without a word. So a bind without it
 * comes first, which fails when anyone listens there.
 */
static int probe(const struct addr *a)
{
    int fd = a->port ? bind_one(a, false) : -2;
    if (fd >= 0)
        (void)close(fd);
    return fd == -1 ? -1 : 0;
}

static int open_posts(struct listener *l)
{
    if (probe(&l->addr))
        return -1;
    for (unsigned i = 0; i < l->n; i++) {
        int fd = bind_one(&l->addr, true);
        if (fd < 0)
            return -1;
        l->at[i].watch.fd = fd;
        struct sockaddr_storage sock;
        socklen_t len = sizeof sock;
        if (getsockname(fd, (struct sockaddr *)&sock, &len))
            return -1;
        addr_from_sock(&sock, &l->addr); /* port 0 becomes the real one */
    }
    return 0;
}

/* ---- opening ---- */

static void start_post(void *arg)
{
    struct post *p = arg;
    p->listening = loop_watch(p->home.loop, &p->watch, EPOLLIN) == ERR_OK;
    if (!p->listening)
        log_error("cannot watch a listening socket", LOG_I("errno", errno));
}

static void fill_defaults(struct listen_opts *o)
{
    struct rlimit files = {.rlim_cur = 1024};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    if (!o->in_max)
        o->in_max = IN_MAX;
    if (!o->out_max)
        o->out_max = OUT_MAX;
    if (!o->stall_ms)
        o->stall_ms = STALL_MS;
    if (!o->per_addr_max)
        o->per_addr_max = PER_ADDR_MAX;
    if (!o->conns_max) {
        rlim_t n = files.rlim_cur > UINT32_MAX ? UINT32_MAX : files.rlim_cur;
        o->conns_max = (unsigned)(n > 4 * SPARE_FDS ? n - SPARE_FDS : n / 2);
    }
}

static struct listener *listener_new(struct loops *ls, const struct listen_opts *o)
{
    unsigned n = loops_count(ls);
    struct listener *l = calloc(1, sizeof *l + n * sizeof l->at[0]);
    if (!l)
        return NULL;
    l->o = *o;
    fill_defaults(&l->o);
    crypto_random(&l->hash_key, sizeof l->hash_key);
    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_cond_init(&l->quiet, NULL);
    l->n = n;
    for (unsigned i = 0; i < n; i++) {
        struct post *p = &l->at[i];
        p->listener = l;
        p->watch = (struct watch){-1, on_ready};
        p->home = (struct conn_home){.loop = loops_at(ls, i),
                                     .ops = o->ops,
                                     .owner_size = o->owner_size,
                                     .in_max = l->o.in_max,
                                     .out_max = l->o.out_max,
                                     .stall_ms = l->o.stall_ms,
                                     .left = on_left};
    }
    return l;
}

static void listener_delete(struct listener *l)
{
    for (unsigned i = 0; i < l->n; i++)
        if (l->at[i].watch.fd >= 0)
            (void)close(l->at[i].watch.fd);
    (void)pthread_cond_destroy(&l->quiet);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

enum err listen_open(struct loops *ls, const struct listen_opts *o, char why[LISTEN_WHY],
                     struct listener **ret_listener)
{
    assert(o->ops && o->ops->on_data);
    struct addr a;
    if (addr_parse(o->addr, &a)) {
        (void)snprintf(why, LISTEN_WHY,
                       "not an address to listen on: '%.60s' (ip:port, [ip6]:port)", o->addr);
        return ERR_INPUT;
    }
    struct listener *l = listener_new(ls, o);
    if (!l) {
        (void)snprintf(why, LISTEN_WHY, "out of memory");
        return ERR_NO_MEMORY;
    }
    l->addr = a;
    if (open_posts(l)) {
        bool used = errno == EADDRINUSE;
        (void)snprintf(why, LISTEN_WHY, "cannot listen on '%.60s': %s", o->addr,
                       used ? "the port is in use" : strerrordesc_np(errno));
        listener_delete(l);
        return used ? ERR_EXISTS : ERR_IO;
    }
    for (unsigned i = 0; i < l->n; i++)
        loop_post_mail(l->at[i].home.loop, &l->at[i].start, start_post, &l->at[i]);
    *ret_listener = l;
    return ERR_OK;
}

const struct addr *listen_addr(const struct listener *l)
{
    return &l->addr;
}

unsigned listen_conns(const struct listener *l)
{
    return atomic_load_explicit(&l->open, memory_order_relaxed);
}

void listen_bytes(const struct listener *l, uint64_t *ret_in, uint64_t *ret_out)
{
    *ret_in = *ret_out = 0;
    for (unsigned i = 0; i < l->n; i++) {
        *ret_in += atomic_load_explicit(&l->at[i].home.bytes_in, memory_order_relaxed);
        *ret_out += atomic_load_explicit(&l->at[i].home.bytes_out, memory_order_relaxed);
    }
}

uint64_t listen_refused(const struct listener *l)
{
    return atomic_load_explicit(&l->refused, memory_order_relaxed);
}

void listen_each_here(struct listener *l, void (*fn)(struct conn *c, void *owner))
{
    assert(loop_here());
    conn_each(&l->at[loop_index(loop_here())].home, fn);
}

/* ---- closing ---- */

static void done_one(struct listener *l)
{
    (void)pthread_mutex_lock(&l->lock);
    l->waiting--;
    (void)pthread_cond_signal(&l->quiet);
    (void)pthread_mutex_unlock(&l->lock);
}

static void ask_all(struct listener *l, void (*fn)(void *arg))
{
    assert(!loop_here());
    l->waiting = l->n;
    for (unsigned i = 0; i < l->n; i++)
        loop_post_mail(l->at[i].home.loop, &l->at[i].mail, fn, &l->at[i]);
    (void)pthread_mutex_lock(&l->lock);
    while (l->waiting)
        (void)pthread_cond_wait(&l->quiet, &l->lock);
    (void)pthread_mutex_unlock(&l->lock);
}

static void stop_post(void *arg)
{
    struct post *p = arg;
    if (p->listening)
        loop_unwatch(p->home.loop, &p->watch);
    p->listening = false;
    timer_cancel(p->home.loop, &p->retry);
    (void)close(p->watch.fd);
    p->watch.fd = -1;
    done_one(p->listener);
}

void listen_stop(struct listener *l)
{
    if (!l->stopped)
        ask_all(l, stop_post);
    l->stopped = true;
}

/* Comes back each turn until this loop's connections are buried. */
static void drop_post(void *arg)
{
    struct post *p = arg;
    conn_drop_all(&p->home);
    if (p->home.first || p->again.queued)
        timer_set(p->home.loop, &p->retry, 1, drop_post, p);
    else
        done_one(p->listener);
}

void listen_drop(struct listener *l)
{
    ask_all(l, drop_post);
}

void listen_free(struct listener *l)
{
    if (!l)
        return;
    listen_stop(l);
    listen_drop(l);
    listener_delete(l);
}
