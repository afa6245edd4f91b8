/*
 * listen - accepts connections, one SO_REUSEPORT socket per loop.
 *
 * Thread: open, close and free from any thread that is no loop; on_conn on the connection's loop.
 * Sockets get TCP_NODELAY, TCP_USER_TIMEOUT 30 s and keep-alive.
 */
#pragma once
#include "base/err.h"
#include "net/addr.h"
#include <stddef.h>

struct conn;
struct conn_ops;
struct listener;
struct loops;
struct tls;

struct listen_opts {
    const char *addr; /* "127.0.0.1:8080"; port 0 picks a free one */
    struct tls *tls;  /* NULL: plain. Must outlive the listener */
    const struct conn_ops *ops;
    size_t owner_size; /* zeroed bytes beside each connection */
    void *arg;         /* for on_conn */
    void (*on_conn)(struct conn *c, void *owner, void *arg); /* first call; NULL is fine */
    size_t in_max;                                           /* 0: 64 KiB */
    size_t out_max;                                          /* 0: 1 MiB */
    int64_t stall_ms;                                        /* 0: 20 s */
    unsigned conns_max;        /* 0: what the descriptor limit leaves */
    unsigned per_addr_max;     /* 0: 4096; an IPv6 address counts as its /64 */
    bool count_loopback;       /* else loopback peers are spared per_addr_max */
    const struct cidrs *spare; /* likewise these; NULL: none. Must outlive the listener */
};

enum { LISTEN_WHY = 200 };

/* ERR_INPUT: bad address; ERR_EXISTS: in use; ERR_IO. `why` is one line for a person. */
enum err listen_open(struct loops *ls, const struct listen_opts *o, char why[LISTEN_WHY],
                     struct listener **ret_listener) NODISCARD;
/* The address it listens on, with the real port. */
const struct addr *listen_addr(const struct listener *l);
unsigned listen_conns(const struct listener *l); /* open now */
/* Bytes of all connections so far, as they went over the socket's API. */
void listen_bytes(const struct listener *l, uint64_t *ret_in, uint64_t *ret_out);
uint64_t listen_refused(const struct listener *l); /* turned away by conns_max or per_addr_max */
/* On a loop: fn for each open connection that lives there; fn may close it. */
void listen_each_here(struct listener *l, void (*fn)(struct conn *c, void *owner));
/* Accept no more; returns when every loop has stopped. Open connections go on. */
void listen_stop(struct listener *l);
/* Close every open connection (CONN_END_SHUTDOWN) and wait until all on_closed have returned. */
void listen_drop(struct listener *l);
void listen_free(struct listener *l); /* stops and drops first; NULL is fine */
