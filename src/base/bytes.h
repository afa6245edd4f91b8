/*
 * bytes - immutable bytes shared across threads: a media part, a playlist, a room event.
 *
 * Memory: reference-counted; the last bytes_unref() frees. After it is shared nobody writes.
 * Thread: ref and unref from any thread.
 */
#pragma once
#include <stdatomic.h>
#include <stddef.h>

struct bytes {
    atomic_uint refs;
    size_t len;
    unsigned char data[]; /* one NUL more than len */
};

/* A copy of data[0..len) with one reference; NULL when out of memory. `data` NULL: zeroed. */
struct bytes *bytes_make(const void *data, size_t len);
struct bytes *bytes_ref(struct bytes *b); /* returns b; NULL is fine */
void bytes_unref(struct bytes *b);        /* NULL is fine */
