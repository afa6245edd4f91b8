/*
 * buf - bytes that grow up to a maximum set when made.
 *
 * Shape:  data[0..len) are the bytes; data[len] is always NUL once anything was added, so a buf
 *         of text can be read as a C string. `data` is NULL while nothing was added.
 * Errors: a call that would pass `max` (or finds no memory) adds nothing, sets `failed`, and so
 *         does every later one: write freely, look once at the end.
 * Thread: one thread at a time.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct buf {
    char *data;
    size_t len, cap, max;
    bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);  /* frees; b may be used again after buf_init() */
void buf_clear(struct buf *b); /* len 0, failed false, memory kept */

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_str(struct buf *b, const char *s);
void buf_ch(struct buf *b, char c);
__attribute__((format(printf, 2, 3))) void buf_fmt(struct buf *b, const char *fmt, ...);
/* Big-endian integers, as network and MP4 formats want them. */
void buf_u8(struct buf *b, unsigned v);
void buf_be16(struct buf *b, unsigned v);
void buf_be24(struct buf *b, uint32_t v);
void buf_be32(struct buf *b, uint32_t v);
void buf_be64(struct buf *b, uint64_t v);
/* Room for `len` more bytes, to be filled by the caller, who then adds to b->len; NULL: failed. */
void *buf_room(struct buf *b, size_t len);
/* Drop the first `n` bytes. */
void buf_drop(struct buf *b, size_t n);
/* ERR_OK, or ERR_NO_MEMORY when some write did not fit. */
enum err buf_err(const struct buf *b) NODISCARD;
