/*
 * publisher - one connection of an encoder, from accept to the end.
 *
 * Thread: the connection's loop.
 */
#pragma once
#include "net/conn.h"
#include "net/loop.h"
#include "streamd/ingest/ingest.h"
#include <stdatomic.h>

enum { INGEST_LISTENERS_MAX = 8 };

struct publisher;

struct ingest {
    struct ingest_conf conf;
    struct listener *listener[INGEST_LISTENERS_MAX];
    unsigned n;
    struct publisher *first[LOOPS_MAX]; /* connections, each list its loop's own */
    atomic_llong connections, publishers, bytes_in, accepted, refused;
};

/* For struct listen_opts: the owner beside a connection is one pointer; arg is the ingest. */
extern const struct conn_ops publisher_ops;
enum { PUBLISHER_OWNER_SIZE = sizeof(void *) };
/* On its loop: tell every publisher of this loop that the server is stopping. */
void publishers_leave(struct ingest *in);
void publisher_on_conn(struct conn *c, void *owner, void *arg);
