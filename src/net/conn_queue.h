/*
 * conn_queue - private to net/: what a connection still has to send, and how it is sent.
 *
 * Memory: heap pieces, files and references to shared bytes are owned while queued.
 * Thread: the connection's loop.
 */
#pragma once
#include "net/conn.h"

struct seg;
struct ssl_st;

/* Zeroed is empty. */
struct outq {
    struct seg *first, *last;
    size_t mem_bytes; /* that wait in memory; files are not counted */
};

enum outq_result {
    OUTQ_DONE,  /* all of it went, or the call's own limit: call again */
    OUTQ_AGAIN, /* the socket takes no more now */
    OUTQ_BROKEN /* the connection, or a file that ended early */
};

/*
 * Send the leading pieces that lie in memory, as far as one call takes them; nothing is queued or
 * taken over. *ret_sent is set in any case.
 */
enum outq_result outq_direct(int fd, struct ssl_st *ssl, const struct piece *pieces, size_t n,
                             uint64_t *ret_sent);
/* Queue what is left after the first `sent` bytes, take everything over. False: out of memory. */
bool outq_add(struct outq *q, const struct piece *pieces, size_t n, uint64_t sent);
/* Send from the queue until it is empty or the socket is full. */
enum outq_result outq_flush(struct outq *q, int fd, struct ssl_st *ssl, uint64_t *ret_sent);
void outq_clear(struct outq *q);
/* Free what the pieces own, unsent. */
void outq_dispose(const struct piece *pieces, size_t n);
