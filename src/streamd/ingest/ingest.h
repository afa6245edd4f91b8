/*
 * ingest - where encoders come in: RTMP and RTMPS publishers of H.264 and AAC.
 *
 * Shape:   a listener per address; each connection lives on the loop that accepted it and feeds
 *          one broadcast of the origin. The stream key is the only credential: it is looked up in
 *          the library by a worker and appears in no log line and no error text.
 * Units:   times in milliseconds.
 * Memory:  ingest_make() allocates, ingest_free() frees. A connection holds at most
 *          INGEST_MESSAGE_MAX bytes of a message plus its read buffer.
 * Thread:  any; the calls do not block unless they say so.
 * Source:  docs/decisions/0006-origin.md; Adobe RTMP 1.0; Enhanced RTMP v2.
 */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct addr;
struct ingest;
struct library;
struct loops;
struct origin;
struct pool;
struct tls;

enum { INGEST_MESSAGE_MAX = 8 << 20 };

struct ingest_conf {
    struct library *library;
    struct origin *origin;
    struct loops *loops;
    struct pool *pool;
    bool refuse_second;    /* a second publisher on a key: false takes over, true is refused */
    int64_t hello_ms;      /* from accept to publish; 0: 10 s */
    int64_t frozen_ms;     /* no bytes from a publisher; 0: 15 s */
    int conns_max;         /* of all; 0: 2,000 */
    int conns_per_address; /* 0: 64 */
};

/* For /metrics: gauges `connections`, `publishers`; the others only grow. */
struct ingest_counts {
    int64_t connections, publishers, bytes_in, accepted, refused;
};

enum err ingest_make(const struct ingest_conf *conf, struct ingest **ret_ingest) NODISCARD;

/*
 * Accept encoders on "127.0.0.1:1935"; port 0 takes a free one, ret_addr has the real one. `tls`
 * NULL: plain RTMP. `why` gets one line for a person.
 *
 * ERR_INPUT  no such address
 * ERR_EXISTS the port is taken
 * ERR_IO
 */
enum err ingest_listen(struct ingest *in, const char *address, struct tls *tls, char why[200],
                       struct addr *ret_addr) NODISCARD;

void ingest_count(struct ingest *in, struct ingest_counts *ret_counts);

/* Accept nobody any more, tell publishers, end their connections. Blocks until they are gone. */
void ingest_stop(struct ingest *in);
/* After ingest_stop() and after the loops have stopped. NULL is fine. */
void ingest_free(struct ingest *in);
