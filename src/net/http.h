/*
 * http - the HTTP/1.1 server: routes, requests, answers, waiting requests, event streams.
 *
 * Shape:  http_server_make() with a route table; the parser (llhttp plus our own refusals) hands
 *         each complete request to its route's handler, on the loop or on a worker.
 * Answer: each request is answered exactly once, by one http_send_...() or http_fail(), which also
 *         ends it: after the call the request may not be touched. On a worker the answer leaves
 *         when the handler returns; a handler that returns without one is answered 500.
 * Hand-on: instead of answering, the last act of a handler may be http_to_loop(),
 *         http_to_worker(), http_park() or http_stream_begin() (the latter two on the loop only).
 * Thread: a request is in one place at a time: its loop or one worker; whoever has it owns it.
 * Memory: everything a request returns lives in its arena, until it is answered.
 * Gone:   a peer that leaves while a worker has its request is noticed; the request stays valid
 *         and is freed at its answer.
 */
#pragma once
#include "base/bytes.h"
#include "base/cx.h"
#include "base/err.h"
#include "net/addr.h"
#include <stddef.h>

struct buf;
struct http_req;
struct http_server;
struct http_stream;
struct loop;
struct loops;
struct pool;
struct tls;

/* ---- routes ---- */

enum http_where {
    HTTP_ON_LOOP,  /* fn must not block */
    HTTP_ON_WORKER /* plain blocking C */
};

/*
 * A pattern is literal segments and {name} for one non-empty segment; {name...} at the end takes
 * the rest, slashes included, empty too. Literal beats {name} beats {name...}. A GET route answers
 * HEAD as well. A path that matches only under other methods is 405 with Allow, except that
 * {name...} routes do not make other paths known: those stay 404. An OPTIONS {name...} route
 * answers for every path below it that has no OPTIONS of its own.
 */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order a table is read */
struct http_route {
    const char *method;  /* "GET"; NULL ends the table */
    const char *pattern; /* "/api/v1/shows/{id}/events" */
    enum http_where where;
    void (*fn)(struct http_req *req);
    uint64_t body_max; /* 0: none is taken; up to 16 KiB are read and ignored, more is 413 */
    bool body_stream;  /* fn (on a worker) starts at once and reads by http_body_read() */
    const void *arg;   /* yours, by http_route_of() */
};

/* ---- server ---- */

/* Every size and time; 0 takes the default. */
struct http_limits {
    int64_t head_ms;       /* 10 s  for a whole request head, from its first byte */
    int64_t idle_ms;       /* 60 s  between requests */
    int64_t body_ms;       /* 10 s  of patience on top of the time body_min_bps gives */
    uint64_t body_min_bps; /* 2048  bytes per second a body must come at */
    int64_t stall_ms;      /* 20 s  without the peer taking a byte */
    int64_t gone_ms;       /* 3 s   that a waiting request outlives its peer's FIN */
    size_t target_max;     /* 8 KiB request line (414) */
    size_t head_max;       /* 32 KiB head (431) */
    unsigned fields_max;   /* 100   fields (431) */
    size_t arena_max;      /* 4 MiB cx->arena of one request */
    size_t stream_unsent;  /* 256 KiB that may wait for one viewer of a stream */
    unsigned conns_max;    /* what the descriptor limit leaves */
    unsigned per_addr_max; /* 4096  connections of one address (an IPv6 /64) */
    bool count_loopback;   /* else loopback and trusted proxies are spared per_addr_max */
};

/* An error on its way out, of the core (404, 405, 400, 413 ...) or by http_fail(). */
struct http_fault {
    int status;
    enum err e;         /* ERR_INPUT when only the status says more (408, 414, 431, 501 ...) */
    const char *detail; /* one sentence, never NULL */
};

struct http_server_opts {
    struct loops *loops;
    struct pool *pool; /* NULL: no worker routes */
    /* For body_stream routes, so that slow uploads do not take every worker. NULL: `pool`. */
    struct pool *upload_pool;
    const struct http_route *routes;
    void *app; /* yours, by http_app() */
    struct http_limits limits;
    struct cidrs trusted; /* proxies whose X-Forwarded-For and -Proto count */
    /*
     * Write the error's body and set its type. On the loop or on a worker: it must not block. `req`
     * may be half-read: method "" and path "" when they never came. http_add() may be used. NULL:
     * one line of text/plain.
     */
    void (*on_error)(void *app, struct http_req *req, const struct http_fault *f, struct buf *body,
                     const char **ret_type);
    /* On the loop, after each answer (of a stream: when it begins): for logs and histograms. */
    void (*on_done)(void *app, const struct http_req *req, int status, int64_t took_us);
    /* Shutdown: say good-bye on the stream by http_stream_send(); it is ended after this. */
    void (*on_bye)(void *app, struct http_stream *s);
};

/* Routes are checked here: a bad table is a programmer's error (assert). NULL: out of memory. */
struct http_server *http_server_make(const struct http_server_opts *o);
/* Listen; may be called several times (plain and TLS). As listen_open(); `why` has 200 bytes. */
enum err http_server_listen(struct http_server *s, const char *addr, struct tls *tls, char *why,
                            struct addr *ret_addr) NODISCARD;
/*
 * Accept no more, say bye to streams, close idle connections, let requests in flight end for
 * `patience_ms`, then close what is left and wait for the workers. Not from a loop.
 */
void http_server_stop(struct http_server *s, int64_t patience_ms);
/* Stops first. Free the server, then the pool, then stop the loops. NULL is fine. */
void http_server_free(struct http_server *s);

struct http_stats {
    uint64_t requests[6]; /* by status class: [2] is 2xx; [0] were never answered (peer gone) */
    uint64_t refused;     /* malformed or over a limit: the connection was closed */
    uint64_t turned_away; /* connections over conns_max or per_addr_max */
    uint64_t bytes_in, bytes_out;
    uint64_t conns, parked, streams, working; /* now */
};
void http_stats(const struct http_server *s, struct http_stats *ret_stats); /* any thread */

/* ---- request ---- */

void *http_app(const struct http_req *req);
const struct http_route *http_route_of(const struct http_req *req); /* NULL before routing */
struct cx *http_cx(struct http_req *req); /* arena, now_ms at the end of the head, request id */
struct loop *http_loop(const struct http_req *req);

const char *http_method(const struct http_req *req);     /* "HEAD" stays "HEAD" */
const char *http_path(const struct http_req *req);       /* as sent, without the query */
const char *http_query_text(const struct http_req *req); /* as sent, without '?'; "" if none */
const char *http_host(const struct http_req *req); /* host[:port] as sent; "" under HTTP/1.0 */
bool http_is_https(const struct http_req *req);    /* TLS, or a trusted proxy says so */
const struct addr *http_peer(const struct http_req *req); /* the client, past trusted proxies */
/*
 * These three are copies in the arena. When it is full they seem to be absent ("" for http_param),
 * and whatever the handler then answers becomes ERR_NO_MEMORY.
 * Of the pattern, percent-decoded; asserts that the pattern has it.
 */
const char *http_param(struct http_req *req, const char *name);
/* First of that name, decoded ('+' is a space); NULL if absent. */
const char *http_query(struct http_req *req, const char *name);
const char *http_cookie(struct http_req *req, const char *name); /* first of that name, or NULL */
/* First of that name, case ignored; NULL if absent. The i-th one: to see repeated fields. */
const char *http_header(const struct http_req *req, const char *name);
const char *http_header_at(const struct http_req *req, const char *name, unsigned i);
/* The whole body, NUL-terminated; "" and 0 without one. */
const char *http_body(const struct http_req *req, size_t *ret_len);
/*
 * Of a body_stream route, on the worker: waits for at least one byte. 0 in *ret_len: the end.
 * ERR_IO: the peer left or was too slow; ERR_TOO_LARGE: body_max; ERR_INPUT: bad chunks.
 */
enum err http_body_read(struct http_req *req, void *out, size_t max, size_t *ret_len) NODISCARD;
/* Yours, to find your data again when the request was parked or handed on. */
void http_set_note(struct http_req *req, void *note);
void *http_note(const struct http_req *req);

/*
 * Go on in fn on a worker, or on the request's loop. The last act of a handler. When the peer has
 * left meanwhile fn may not be called: what must be freed anyway belongs to arena_at_end().
 */
void http_to_worker(struct http_req *req, void (*fn)(struct http_req *req));
void http_to_loop(struct http_req *req, void (*fn)(struct http_req *req));

/* ---- answer ---- */

/* Add a field. Date, Content-Length, Connection and, from `type`, Content-Type are ours. A value
   with control characters turns the answer into a 500. */
void http_add(struct http_req *req, const char *name, const char *value);
/*
 * Answer If-None-Match (304) and If-Range with this: `"abc"` or `W/"abc"`, quotes included. The
 * field ETag is added.
 */
void http_etag(struct http_req *req, const char *etag);
/* A 200 to GET or HEAD may become 206 or 416 (one range; Accept-Ranges is added). */
void http_ranges(struct http_req *req);

/* `type` NULL: no Content-Type. */
void http_send(struct http_req *req, int status, const char *type, const void *body, size_t len);
void http_send_text(struct http_req *req, int status, const char *type, const char *text);
/* `body` from malloc(), taken over; NULL is answered 500 (out of memory). */
void http_send_heap(struct http_req *req, int status, const char *type, char *body, size_t len);
/* No copy; a reference is taken while it is being sent. */
void http_send_bytes(struct http_req *req, int status, const char *type, struct bytes *body);
/* One body out of many parts, likewise. */
void http_send_list(struct http_req *req, int status, const char *type, struct bytes *const *parts,
                    size_t n);
/* len bytes of fd from off, by sendfile where plain; fd is taken over. */
void http_send_file(struct http_req *req, int status, const char *type, int fd, uint64_t off,
                    uint64_t len);
void http_send_empty(struct http_req *req, int status); /* 204, 201 without a body ... */
void http_redirect(struct http_req *req, int status, const char *location);
/* No answer at all: the connection is closed, as by a server that fails. For sandboxes and tests.
 */
void http_drop(struct http_req *req);
/* err_http(e) with the server's error body; detail NULL: cx->problem, or the error's name. */
void http_fail(struct http_req *req, enum err e, const char *detail);
void http_fail_status(struct http_req *req, int status, enum err e, const char *detail);

/* ---- waiting requests (the loop only) ---- */

/*
 * A list of waiting requests of one loop. Zeroed is empty. It must be empty, or the server
 * stopped, before it is freed.
 */
struct http_waiters {
    struct http_req *first, *last;
    size_t n;
};

/*
 * Wait on `list` (NULL: on none) until someone answers req. After wait_ms `on_late` is called and
 * must answer. When the peer leaves, `on_gone` (may be NULL) is called just before the request is
 * freed, already off the list; it must not answer. Server shutdown calls on_late early.
 */
void http_park(struct http_req *req, struct http_waiters *list, int64_t wait_ms,
               void (*on_late)(struct http_req *req), void (*on_gone)(struct http_req *req));
/* fn(req, arg) for each that waits now, first come first; fn answers it or lets it wait. */
void http_waiters_each(struct http_waiters *list, void (*fn)(struct http_req *req, void *arg),
                       void *arg);

/* ---- event streams (the loop only) ---- */

/*
 * Answer 200 with `type` and keep the answer open: what is sent from now on is the body, until
 * either side closes. The request is ended (copy out what you need first). `on_gone` is called
 * once when the peer has left, was too slow, or http_stream_end() was called; after it the stream
 * is freed. NULL: the peer is gone already or memory is short; nothing more to do.
 */
struct http_stream *http_stream_begin(struct http_req *req, const char *type,
                                      void (*on_gone)(struct http_stream *s, void *arg), void *arg);
/* Append shared bytes. A viewer with stream_unsent bytes waiting is closed instead. */
void http_stream_send(struct http_stream *s, struct bytes *b);
void http_stream_end(struct http_stream *s); /* sends what waits, then closes */
struct loop *http_stream_loop(const struct http_stream *s);
void *http_stream_arg(const struct http_stream *s);
