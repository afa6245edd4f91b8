/*
 * chunk - RTMP chunk streams: bytes to messages and messages to bytes.
 *
 * Shape:  all four header types, extended timestamps (repeated in type 3 chunks or not), any chunk
 *         size a peer may set, Abort. Messages of different chunk streams may interleave.
 * Limits: CHUNK_STREAMS_MAX chunk streams; one message, and all that is held of unfinished
 *         messages, at most the `message_max` given at the start. Memory grows with the bytes that
 *         really came, not with the length a header claims; while message_max is no more than
 *         CHUNK_KEEP_BYTES, nothing is kept of a message that is done or forgotten.
 * Memory: a message points into the bytes given or into the reader, until the next chunk_read().
 * Thread: one at a time.
 * Source: Adobe RTMP 1.0, section 5.
 */
#pragma once
#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CHUNK_STREAMS_MAX = 32,
    CHUNK_SIZE_FIRST = 128,        /* both directions, until Set Chunk Size */
    CHUNK_SIZE_MAX = 0xFFFFFF,     /* no message is longer */
    CHUNK_KEEP_BYTES = 128 * 1024, /* memory a chunk stream keeps between messages, if any */
};

struct chunk_message {
    unsigned type;
    uint32_t ts_ms;
    uint32_t stream; /* message stream id */
    const uint8_t *data;
    size_t len;
};

struct chunk_stream {
    uint32_t id;
    uint32_t ts_ms;
    uint32_t stamp; /* as in the last header: absolute after type 0, else a delta */
    uint32_t len, stream;
    uint8_t type;
    bool extended, absolute;
    bool inside; /* a message has begun and is not complete */
    struct buf body;
};

struct chunk_reader {
    struct chunk_stream at[CHUNK_STREAMS_MAX];
    unsigned n;
    uint32_t size;
    size_t message_max;
    size_t held;               /* bytes of unfinished messages */
    struct chunk_stream *open; /* whose payload comes next; NULL: a header does */
    size_t left;               /* payload bytes the open chunk still has */
    struct chunk_stream *done; /* whose body was handed out last */
};

enum chunk_step {
    CHUNK_MORE, /* give more bytes, those not taken again in front of them */
    CHUNK_GOT,  /* one message is complete */
    CHUNK_BAD,  /* breaks the protocol or a limit; the reader is of no more use */
};

void chunk_reader_init(struct chunk_reader *r, size_t message_max);
void chunk_reader_done(struct chunk_reader *r);

/*
 * Take bytes until a message is complete. At most 18 bytes, a header cut short, are left when it
 * says CHUNK_MORE. ret_message is written with CHUNK_GOT only.
 */
enum chunk_step chunk_read(struct chunk_reader *r, const uint8_t *data, size_t len,
                           size_t *ret_used, struct chunk_message *ret_message);
/* Set Chunk Size from the peer. False: not a size. */
bool chunk_set_size(struct chunk_reader *r, uint32_t size);
/* From now on messages may be this long. */
void chunk_set_message_max(struct chunk_reader *r, size_t message_max);
/* Abort: forget what came of the unfinished message of chunk stream `id`. */
void chunk_abort(struct chunk_reader *r, uint32_t id);

/* Append one message as a type 0 chunk and what follows it. `id` is 2..63. */
void chunk_write(struct buf *out, unsigned id, const struct chunk_message *m, uint32_t size);
