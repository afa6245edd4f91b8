/*
 * http_chunk - private to net/: a chunked body as it comes, however it is split.
 *
 * Shape:  what an extension says is read over (RFC 9112 7.1.1). Trailers are checked like the
 *         fields of a head, and dropped: a name, no folding, nothing that frames the body anew.
 * Memory: none. A zeroed struct begins.
 * Source: RFC 9112 7.1; RFC 9110 6.5.1.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_chunk_news {
    CHUNK_MORE, /* all bytes were taken, the body goes on */
    CHUNK_DATA, /* the last `data_len` bytes taken are the body's */
    CHUNK_END,  /* the body and its trailers are complete */
    CHUNK_BAD   /* `why` says what is wrong */
};

struct http_chunk {
    uint8_t at; /* enum place in http_chunk.c */
    uint8_t digits;
    uint8_t name_len;
    char name[24]; /* of the trailer being read, cut */
    uint64_t left; /* of the chunk */
    size_t data_len;
    const char *why;
};

/* Reads up to the next piece of the body, or up to the end; *ret_used bytes were taken. */
enum http_chunk_news http_chunk_read(struct http_chunk *c, const char *data, size_t len,
                                     size_t *ret_used);
