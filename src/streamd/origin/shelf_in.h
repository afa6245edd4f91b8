/*
 * shelf - the recordings that were read lately: their index and their playlist.
 *
 * Memory: at most SHELF_BOOKS are kept; each is shared and lives until its last reader is done.
 * Thread: blocks on files: workers.
 */
#pragma once
#include "streamd/origin/index_in.h"
#include <stdatomic.h>

struct bytes;
struct origin;

enum {
    SHELF_BOOKS = 64,
    SHELF_FRESH_MS = 1000 /* how long a growing recording is not read again */
};

struct book {
    atomic_uint refs;
    struct book *next;
    char video_uid[33];
    struct rec_map map;
    struct bytes *playlist;
    int64_t read_ms;
};

/* ERR_NOT_FOUND: nothing was recorded. ERR_IO, ERR_NO_MEMORY. */
enum err shelf_get(struct origin *o, const char *video_uid, struct book **ret_book) NODISCARD;
void book_unref(struct book *b);
