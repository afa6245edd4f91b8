/*
 * conn_home - private to net/: where connections of one listener live on one loop.
 *
 * Thread: the loop's.
 */
#pragma once
#include "net/conn.h"
#include <stdatomic.h>

struct ssl_st;

struct conn_home {
    struct loop *loop;
    const struct conn_ops *ops;
    size_t owner_size;
    size_t in_max, out_max;
    int64_t stall_ms;
    struct conn *first;                                         /* all that are open */
    atomic_uint_least64_t bytes_in, bytes_out;                  /* written by the loop alone */
    void (*left)(struct conn_home *h, const struct addr *peer); /* after on_closed */
};

/* Takes fd and ssl (NULL: plain), also on failure: NULL, out of memory or epoll refused. */
struct conn *conn_open(struct conn_home *h, int fd, const struct addr *peer, struct ssl_st *ssl);
void conn_drop_all(struct conn_home *h);
/* fn for each that is open; fn may close it. */
void conn_each(struct conn_home *h, void (*fn)(struct conn *c, void *owner));
