/*
 * s3 - client of one bucket of Cloudflare R2, or of whatever else speaks S3.
 *
 * Shape:   path-style addresses under the endpoint, which may have a path itself; requests signed
 *          by SigV4 (s3_sign.c). Bodies come from memory or from a file, never all of a big file
 *          at once. What a server answers is bounded and parsed as hostile.
 * Keys:    1..1024 bytes of UTF-8, no control characters, no segment "." or ".."; not beginning
 *          with '/'. Anything else is ERR_INPUT.
 * Memory:  texts live in cx->arena.
 * Thread:  any that may block; a client is shared by all of them.
 * Errors:  ERR_NOT_FOUND no such key or upload; ERR_FORBIDDEN key or secret is wrong, or the clock
 *          (cx->problem says which); ERR_PRECONDITION; ERR_SLOW_DOWN; ERR_TOO_LARGE; ERR_UPSTREAM
 *          unwell, or refused for another reason; ERR_TIMEOUT; ERR_BUSY after s3_end().
 *          429, 500, 503 and lost connections are tried again.
 * Secrets: neither the secret nor a signature reaches a problem text or a log line.
 * Source:  Cloudflare R2 "S3 API compatibility", "Error codes"; docs/guides/r2.md
 */
#pragma once
#include "base/buf.h"
#include "base/cx.h"
#include <stddef.h>

struct s3;

struct s3_setup {
    const char *endpoint; /* "https://<account>.r2.cloudflarestorage.com" */
    const char *bucket;
    const char *access_key, *secret_key;
    const char *region;  /* NULL: "auto" */
    const char *ca_file; /* NULL: the system's */
    int64_t timeout_ms;  /* for one try of a small request; 0: 15 s. Bodies add to it */
    unsigned tries;      /* 0: 4 */
};

/* Copies what it is given. ERR_INPUT: an address, bucket or key that cannot be. */
enum err s3_make(struct cx *cx, const struct s3_setup *setup, struct s3 **ret_s3) NODISCARD;
/* Calls on their way end within a second or so with ERR_BUSY, as do new ones. NULL is fine. */
void s3_end(struct s3 *s);
void s3_free(struct s3 *s); /* NULL is fine */

enum { S3_KEY_MAX = 1024, S3_ETAG_MAX = 300, S3_UPLOAD_MAX = 2048 };
bool s3_key_ok(const char *key);

/* ---- objects ---- */

/* Bytes to send: `data`, or (data NULL) `len` bytes of fd from `off`. */
struct s3_body {
    const void *data;
    int fd;
    uint64_t off, len;
};

struct s3_put {
    const char *key;
    const char *type;          /* Content-Type, or NULL */
    const char *cache_control; /* or NULL */
    bool once;                 /* ERR_PRECONDITION if there is one already (If-None-Match: *) */
    struct s3_body body;
};
/* Replaces what was there. `ret_etag` (may be NULL) has S3_ETAG_MAX bytes. */
enum err s3_put(struct s3 *s, struct cx *cx, const struct s3_put *put, char *ret_etag) NODISCARD;

struct s3_head {
    uint64_t size;
    char etag[S3_ETAG_MAX]; /* with its quotes */
    char type[100];
};
enum err s3_head(struct s3 *s, struct cx *cx, const char *key, struct s3_head *ret_head) NODISCARD;

/*
 * Up to `len` bytes from `off` (len 0: to the end) into `out`, whose max must suffice: a longer
 * object is ERR_TOO_LARGE. ERR_INPUT: off lies behind the end.
 */
enum err s3_get(struct s3 *s, struct cx *cx, const char *key, uint64_t off, uint64_t len,
                struct buf *out) NODISCARD;
/* The whole object into the file fd, from its beginning; ERR_TOO_LARGE over max. */
enum err s3_get_file(struct s3 *s, struct cx *cx, const char *key, int fd, uint64_t max,
                     uint64_t *ret_len) NODISCARD;
/* ERR_OK also when there is none. */
enum err s3_delete(struct s3 *s, struct cx *cx, const char *key) NODISCARD;

struct s3_entry {
    const char *key;
    uint64_t size;
    const char *etag;
};
enum { S3_LIST_MAX = 1000 };
struct s3_page {
    struct s3_entry *items;
    size_t count;
    const char *next; /* to be given as `from`; NULL: no more */
};
/* In order of the keys; `max` 1..S3_LIST_MAX; from NULL: the first page. */
enum err s3_list(struct s3 *s, struct cx *cx, const char *prefix, const char *from, int max,
                 struct s3_page *ret_page) NODISCARD;

/* ---- big objects ---- */

enum { S3_PART_MIN = 5 * 1024 * 1024, S3_PARTS_MAX = 10000 };

struct s3_part {
    const char *etag;
};
enum err s3_multipart_begin(struct s3 *s, struct cx *cx, const char *key, const char *type,
                            char ret_upload[S3_UPLOAD_MAX]) NODISCARD;
/* `number` 1..S3_PARTS_MAX. All but the last have one size, S3_PART_MIN at least. */
enum err s3_multipart_part(struct s3 *s, struct cx *cx, const char *key, const char *upload,
                           int number, const struct s3_body *body,
                           char ret_etag[S3_ETAG_MAX]) NODISCARD;
/* Parts 1..n. ERR_NOT_FOUND: the upload is over: done before, or given up. */
enum err s3_multipart_end(struct s3 *s, struct cx *cx, const char *key, const char *upload,
                          const struct s3_part *parts, int n) NODISCARD;
enum err s3_multipart_abort(struct s3 *s, struct cx *cx, const char *key,
                            const char *upload) NODISCARD;

/* ---- addresses that carry their own permission ---- */

enum { S3_PRESIGN_MAX_S = 604800 };

struct s3_presign {
    const char *method; /* GET, HEAD, PUT, DELETE */
    const char *key;
    int64_t seconds;  /* from cx->now_ms; 1..S3_PRESIGN_MAX_S */
    const char *type; /* the Content-Type that must be sent, or NULL */
    int64_t length;   /* the Content-Length that must be sent; -1: any */
};
enum err s3_presign(struct s3 *s, struct cx *cx, const struct s3_presign *ask,
                    const char **ret_url) NODISCARD;

/* ---- the bucket ---- */

/* Let pages of `origin` PUT and GET by presigned addresses. Replaces the bucket's rules. */
enum err s3_cors_put(struct s3 *s, struct cx *cx, const char *origin) NODISCARD;
/* "https://host[:port]" of the endpoint: for Content-Security-Policy. */
const char *s3_origin(const struct s3 *s);
