/*
 * http_own - private to net/: what the parts of the HTTP server know of each other.
 *
 * Shape:  server -> one spot per loop -> connections -> the request in flight.
 *         http_server.c  making, listening, stopping, counters
 *         http_conn.c    the connection's state machine
 *         http_req.c     a request's life and its accessors
 *         http_reply.c   filling in an answer (any thread that has the request)
 *         http_send.c    an answer's way out (the loop)
 *         http_wait.c    parked requests and event streams
 *         http_pipe.c    a body on its way to the worker that reads it
 */
#pragma once
#include "base/buf.h"
#include "net/addr.h"
#include "net/conn.h"
#include "net/http.h"
#include "net/http_parse.h"
#include "net/http_route.h"
#include "net/loop.h"
#include <pthread.h>
#include <stdatomic.h>

struct arena;
struct http_pipe;
struct listener;

enum {
    HTTP_LISTENERS_MAX = 8,
    HTTP_STATUS_CLASSES = 6,
    SKIP_MAX = 16 << 10 /* bytes of a body that nobody wants */
};

enum http_count {
    COUNT_REQUESTS, /* and the status classes after it */
    COUNT_REFUSED = COUNT_REQUESTS + HTTP_STATUS_CLASSES,
    COUNT_PARKED,
    COUNT_STREAMS,
    COUNT_WORKING,
    COUNTS
};

/* One loop's share of the server. Only `count` is read from elsewhere. */
struct http_spot {
    struct http_server *server;
    struct loop *loop;
    size_t n_conns;
    bool draining;
    uint32_t next_id;
    int64_t date_s; /* of `date` */
    char date[32];
    struct buf head; /* scratch for an answer's head */
    struct loop_mail mail;
    atomic_uint_least64_t count[COUNTS];
};

struct http_server {
    struct http_server_opts o;
    struct http_parse_max parse_max;
    struct router *router;
    char id_prefix[10];
    struct listener *listeners[HTTP_LISTENERS_MAX];
    unsigned n_listeners;
    pthread_mutex_t lock; /* with `quiet`: stop waits here */
    pthread_cond_t quiet;
    bool stopped;
    unsigned n_spots;
    struct http_spot spots[];
};

/* Where a connection stands. http_conn_set() is the only one to change it. */
enum http_state {
    HC_IDLE,    /* between requests; req NULL */
    HC_HEAD,    /* a head is coming in */
    HC_BODY,    /* a body is coming into memory */
    HC_PIPE,    /* a body is coming in and a worker reads it */
    HC_BUSY,    /* a handler has the request, on the loop or on a worker */
    HC_PARKED,  /* the request waits for news */
    HC_SENDING, /* the answer is queued; req NULL */
    HC_STREAM,  /* the answer does not end; req NULL */
    HC_CLOSING  /* nothing more is read; req NULL, or with a worker still */
};

struct http_stream {
    void (*on_gone)(struct http_stream *s, void *arg);
    void *arg;
};

/* The owner beside each struct conn. */
struct http_conn {
    struct http_spot *spot;
    struct conn *conn;
    struct http_req *req;
    union {
        struct http_stream stream; /* HC_STREAM */
        struct {
            int64_t since_ms;   /* HC_BODY, HC_PIPE: when the pace began to count */
            uint64_t since_len; /* and what had come by then */
        } pace;
    };
    uint8_t state;
    bool in_data; /* inside on_data: it will go on by itself */
};

enum http_place {
    PLACE_LOOP,
    PLACE_WORKER, /* only the worker may touch the request, but for conn and pipe */
    PLACE_PARKED
};

enum http_body_kind { BODY_NONE, BODY_COPY, BODY_HEAP, BODY_BYTES, BODY_LIST, BODY_FILE };

/* What a handler said. */
struct http_answer {
    int status; /* 0: nothing yet */
    enum http_body_kind kind;
    int fd;
    unsigned n_list;
    const void *mem;     /* COPY (on the loop), HEAP */
    struct bytes *bytes; /* BYTES: one reference */
    struct bytes **list; /* LIST: references, array in the arena */
    uint64_t off, len;
    bool ranges, bad; /* bad: some field could not be added */
    bool drop;        /* nothing is sent */
    const char *etag;
    struct buf fields; /* lines for the head */
};

struct http_req {
    struct http_conn *hc; /* the loop's; NULL: the peer has gone */
    struct http_spot *spot;
    struct cx cx;
    struct addr peer;
    bool https, close_after;
    bool starved;     /* some text could not be decoded for lack of memory: the answer is 500 */
    int64_t began_us; /* monotonic, when the head was complete */
    enum http_place place;
    struct http_parse parse;
    struct route_match match;
    char *body;
    size_t body_len, body_cap;
    uint64_t skipped; /* bytes of a body that nobody wants */
    struct http_pipe *pipe;
    struct http_answer answer;
    void (*next_fn)(struct http_req *req); /* where it goes on, and on which thread */
    enum http_where next_where;
    void *note;

    struct http_req *next, *prev; /* on `list` */
    struct http_waiters *list;
    struct timer late;
    void (*on_late)(struct http_req *req);
    void (*on_gone)(struct http_req *req);
    struct loop_mail mail;
};

static inline void http_count(struct http_spot *s, enum http_count which, int64_t more)
{
    uint64_t old = atomic_load_explicit(&s->count[which], memory_order_relaxed);
    atomic_store_explicit(&s->count[which], old + (uint64_t)more, memory_order_release);
}

/* http_conn.c */
extern const struct conn_ops http_conn_ops;
void http_conn_begin(struct conn *c, void *owner, void *arg); /* arg: the server */
void http_conn_set(struct http_conn *hc, enum http_state to);
/* The request is answered and freed: close, or be ready for the next. */
void http_conn_answered(struct http_conn *hc, bool keep);
/* Answer `status` and close. */
void http_conn_refuse(struct http_conn *hc, int status, const char *why);
void http_conn_run(struct http_req *req, enum http_where where, void (*fn)(struct http_req *req));
void http_conn_drain(struct conn *c, void *owner); /* the server is stopping */

/* http_req.c */
struct http_req *http_req_make(struct http_conn *hc);
void http_req_free(struct http_req *req);                        /* on the loop */
void http_req_begin(struct http_req *req);                       /* the head is complete */
bool http_req_add_body(void *req, const char *data, size_t len); /* a parse sink */
bool http_req_skip_body(void *req, const char *data,
                        size_t len); /* likewise: counts, keeps nothing */

/* http_send.c */
void http_send_answer(struct http_req *req); /* on the loop; frees req */

/* http_wait.c */
void http_unpark(struct http_req *req); /* off its list, timer off; PLACE_LOOP again */

/* http_reply.c */
void http_answer_done(struct http_answer *a);

/* http_pipe.c: put and end on the loop, get on the worker */
struct http_pipe *http_pipe_make(struct http_req *req);
void http_pipe_free(struct http_pipe *p);
size_t http_pipe_room(struct http_pipe *p); /* 0: the reader will have conn_resume() called */
bool http_pipe_put(void *req, const char *data, size_t len); /* a parse sink */
void http_pipe_end(struct http_pipe *p, enum err e);         /* ERR_OK: the body is complete */
