/*
 * conn - one non-blocking stream connection, TCP or TLS, for HTTP and for RTMP ingest.
 *
 * Shape:  net/listen.h makes it, with `owner_size` zeroed bytes for its owner beside it. The owner
 *         gets callbacks; on_closed is the last one and always comes, then conn and owner are
 * freed. Input:  on_data is offered what has arrived and says how much it took; the rest is kept,
 * up to in_max, and offered again with more bytes or by conn_resume(). While it is full nothing is
 * read: the peer waits. Output: conn_send() writes at once what the socket takes and queues the
 * rest, up to out_max. Memory: an idle connection has no buffers. Thread: its loop. Close:
 * conn_close() and conn_finish() never call back from inside; on_closed comes later in the turn.
 * After either, other calls do nothing.
 */
#pragma once
#include "base/bytes.h"
#include "base/err.h"
#include "net/addr.h"
#include <stddef.h>

struct conn;
struct loop;

enum conn_end {
    CONN_END_PEER,    /* the peer closed or reset, or TLS failed */
    CONN_END_US,      /* conn_close() or conn_finish() */
    CONN_END_STALLED, /* took nothing for stall_ms though bytes were waiting */
    CONN_END_FULL,    /* out_max passed: too slow for what it asked for */
    CONN_END_SHUTDOWN /* the listener is being closed and its time is over */
};

/* NULL where it is not needed, except on_data. */
struct conn_ops {
    /* Bytes are there; return how many were taken. */
    size_t (*on_data)(struct conn *c, void *owner, const unsigned char *data, size_t len);
    /* The queue was not empty and now is. */
    void (*on_drained)(struct conn *c, void *owner);
    /*
     * The peer will send no more (FIN); answers can still be sent. conn_peer_done(): all it sent
     * has been offered. Else bytes that found no room are still to come, and this comes again.
     * NULL: closed.
     */
    void (*on_eof)(struct conn *c, void *owner);
    /* conn_deadline() has passed. NULL: closed. */
    void (*on_deadline)(struct conn *c, void *owner);
    void (*on_closed)(struct conn *c, void *owner, enum conn_end why);
};

/* One thing to send. */
enum piece_kind {
    PIECE_COPY,  /* mem[0..len): copied if it cannot be sent at once */
    PIECE_HEAP,  /* the same, from malloc(): taken over, freed when sent */
    PIECE_BYTES, /* bytes->data[off..off+len): one reference is added while queued */
    PIECE_FILE   /* fd from off, len bytes: fd is taken over, closed when sent (sendfile) */
};
struct piece {
    enum piece_kind kind;
    int fd;
    const void *mem; /* COPY, HEAP */
    struct bytes *bytes;
    uint64_t off; /* of the first byte, in any kind */
    uint64_t len;
};
#define PIECE_OF(m, n)      ((struct piece){.kind = PIECE_COPY, .mem = (m), .len = (n)})
#define PIECE_OF_HEAP(m, n) ((struct piece){.kind = PIECE_HEAP, .mem = (m), .len = (n)})
#define PIECE_OF_BYTES(b)   ((struct piece){.kind = PIECE_BYTES, .bytes = (b), .len = (b)->len})
#define PIECE_OF_FILE(f, at, n) \
    ((struct piece){.kind = PIECE_FILE, .fd = (f), .off = (at), .len = (n)})

/*
 * Send the pieces in order. Whatever happens, HEAP memory and FILE descriptors are taken. False:
 * the connection is closing (out_max, memory, peer gone) and on_closed will come.
 * A file that turns out shorter than promised closes the connection.
 */
bool conn_send(struct conn *c, const struct piece *pieces, size_t n);
size_t conn_unsent(const struct conn *c); /* bytes of memory in the queue; files count 0 */
bool conn_drained(const struct conn *c);  /* nothing at all waits to be sent */

void *conn_owner(struct conn *c);
/* The owner that came with the connection stays; this changes who is called and with which limit.
 */
void conn_set_ops(struct conn *c, const struct conn_ops *ops);
void conn_set_out_max(struct conn *c, size_t bytes);
/* on_deadline in `delay_ms`, replacing the one before; 0: none. Moving it is cheap. */
void conn_deadline(struct conn *c, int64_t delay_ms);
/* Offer kept bytes again (and on_eof, if it came) and go on reading, later in this turn. */
void conn_resume(struct conn *c);

void conn_close(struct conn *c); /* at once; unsent bytes are dropped */
/* Send the queue, then FIN, then wait a little for the peer's FIN so that it can read the answer.
 */
void conn_finish(struct conn *c);
bool conn_closing(const struct conn *c);
bool conn_peer_done(const struct conn *c); /* its FIN came, and all before it was offered */

struct loop *conn_loop(const struct conn *c);
const struct addr *conn_peer(const struct conn *c);
bool conn_is_tls(const struct conn *c);
uint64_t conn_bytes_in(const struct conn *c);
uint64_t conn_bytes_out(const struct conn *c);
