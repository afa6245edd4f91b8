#include "base/clock.h"
#include "base/crypto.h"
#include "net/http_own.h"
#include "net/listen.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { HEAD_SCRATCH = 32 << 10, WORKER_POLL_MS = 20 };

static void fill_limits(struct http_limits *l)
{
#define DEFAULT(name, value) l->name = l->name ? l->name : (value)
    DEFAULT(head_ms, 10000);
    DEFAULT(idle_ms, 60000);
    DEFAULT(body_ms, 10000);
    DEFAULT(body_min_bps, 2048);
    DEFAULT(stall_ms, 20000);
    DEFAULT(gone_ms, 3000);
    DEFAULT(target_max, 8 << 10);
    DEFAULT(head_max, 32 << 10);
    DEFAULT(fields_max, 100);
    DEFAULT(arena_max, 4 << 20);
    DEFAULT(stream_unsent, 256 << 10);
#undef DEFAULT
}

struct http_server *http_server_make(const struct http_server_opts *o)
{
    unsigned n = loops_count(o->loops);
    struct http_server *s = calloc(1, sizeof *s + n * sizeof s->spots[0]);
    struct router *r = s ? router_make(o->routes) : NULL;
    if (!r) {
        free(s);
        return NULL;
    }
    for (const struct http_route *route = o->routes; route->method; route++)
        assert(route->where == HTTP_ON_LOOP || o->pool);
    s->o = *o;
    s->router = r;
    fill_limits(&s->o.limits);
    s->parse_max = (struct http_parse_max){s->o.limits.target_max, s->o.limits.head_max,
                                           s->o.limits.fields_max};
    crypto_random_hex(s->id_prefix, 8);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->quiet, NULL);
    s->n_spots = n;
    for (unsigned i = 0; i < n; i++) {
        s->spots[i].server = s;
        s->spots[i].loop = loops_at(o->loops, i);
        buf_init(&s->spots[i].head, HEAD_SCRATCH);
    }
    return s;
}

enum err http_server_listen(struct http_server *s, const char *addr, struct tls *tls, char *why,
                            struct addr *ret_addr)
{
    if (s->n_listeners == HTTP_LISTENERS_MAX) {
        (void)snprintf(why, LISTEN_WHY, "more than %d addresses to listen on", HTTP_LISTENERS_MAX);
        return ERR_INPUT;
    }
    const struct http_limits *l = &s->o.limits;
    struct listen_opts o = {.addr = addr,
                            .tls = tls,
                            .ops = &http_conn_ops,
                            .owner_size = sizeof(struct http_conn),
                            .arg = s,
                            .on_conn = http_conn_begin,
                            .out_max = SIZE_MAX, /* an answer is as large as its handler made it */
                            .stall_ms = l->stall_ms,
                            .conns_max = l->conns_max,
                            .per_addr_max = l->per_addr_max,
                            .count_loopback = l->count_loopback,
                            .spare = &s->o.trusted};
    struct listener *made;
    enum err e = listen_open(s->o.loops, &o, why, &made);
    if (e)
        return e;
    s->listeners[s->n_listeners++] = made;
    if (ret_addr)
        *ret_addr = *listen_addr(made);
    return ERR_OK;
}

/* ---- stopping ---- */

static void drain_spot(void *arg)
{
    struct http_spot *spot = arg;
    spot->draining = true;
    for (unsigned i = 0; i < spot->server->n_listeners; i++)
        listen_each_here(spot->server->listeners[i], http_conn_drain);
    (void)pthread_mutex_lock(&spot->server->lock);
    (void)pthread_cond_signal(&spot->server->quiet);
    (void)pthread_mutex_unlock(&spot->server->lock);
}

static unsigned open_conns(const struct http_server *s)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->n_listeners; i++)
        n += listen_conns(s->listeners[i]);
    return n;
}

static uint64_t sum(const struct http_server *s, unsigned which)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < s->n_spots; i++)
        n += atomic_load_explicit(&s->spots[i].count[which], memory_order_acquire);
    return n;
}

/* Sleeps until there is news or a little time has passed. */
static void wait_news(struct http_server *s)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WORKER_POLL_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    (void)pthread_mutex_lock(&s->lock);
    (void)pthread_cond_timedwait(&s->quiet, &s->lock, &until);
    (void)pthread_mutex_unlock(&s->lock);
}

void http_server_stop(struct http_server *s, int64_t patience_ms)
{
    if (s->stopped)
        return;
    s->stopped = true;
    for (unsigned i = 0; i < s->n_listeners; i++)
        listen_stop(s->listeners[i]);
    for (unsigned i = 0; s->n_listeners && i < s->n_spots; i++)
        loop_post_mail(s->spots[i].loop, &s->spots[i].mail, drain_spot, &s->spots[i]);
    int64_t until = clock_mono_ms() + patience_ms;
    while (open_conns(s) && clock_mono_ms() < until)
        wait_news(s);
    for (unsigned i = 0; i < s->n_listeners; i++)
        listen_drop(s->listeners[i]);
    while (sum(s, COUNT_WORKING)) /* their requests are ours to free */
        wait_news(s);
}

void http_server_free(struct http_server *s)
{
    if (!s)
        return;
    http_server_stop(s, 0);
    for (unsigned i = 0; i < s->n_listeners; i++)
        listen_free(s->listeners[i]);
    for (unsigned i = 0; i < s->n_spots; i++)
        buf_done(&s->spots[i].head);
    router_free(s->router);
    (void)pthread_cond_destroy(&s->quiet);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

void http_stats(const struct http_server *s, struct http_stats *ret_stats)
{
    struct http_stats st = {.refused = sum(s, COUNT_REFUSED),
                            .parked = sum(s, COUNT_PARKED),
                            .streams = sum(s, COUNT_STREAMS),
                            .working = sum(s, COUNT_WORKING),
                            .conns = open_conns(s)};
    for (unsigned i = 0; i < HTTP_STATUS_CLASSES; i++)
        st.requests[i] = sum(s, COUNT_REQUESTS + i);
    for (unsigned i = 0; i < s->n_listeners; i++) {
        uint64_t in, out;
        listen_bytes(s->listeners[i], &in, &out);
        st.bytes_in += in;
        st.bytes_out += out;
        st.turned_away += listen_refused(s->listeners[i]);
    }
    *ret_stats = st;
}
