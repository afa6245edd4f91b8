/*
 * sse - server-sent events: frames, and rooms of viewers that all get the same shared bytes.
 *
 * Shape:  a fan holds, per loop, the streams that joined it. fan_send() posts once per loop; each
 *         loop appends the same bytes to its streams. A comment goes to each stream every 15 s.
 * Resume: fan_join() with `held` keeps numbered events (up to FAN_HELD_MAX) while a worker reads
 *         snapshot and log; after sending those, fan_release(s, seq) delivers what came meanwhile
 *         and is newer than seq, then lets events through as they come. Nothing is lost or doubled.
 * Memory: reference-counted: fan_send() on its way keeps it.
 * Source: WHATWG HTML 9.2 (server-sent events).
 */
#pragma once
#include "base/bytes.h"
#include "base/err.h"
#include <stddef.h>

struct buf;
struct http_req;
struct http_server;
struct fan;
struct fan_stream;
struct loops;

enum { SSE_COMMENT_MS = 15000, FAN_HELD_MAX = 512 };
#define SSE_TYPE "text/event-stream"

/* id below 1: no id line; event NULL: default name. `data` may have newlines. */
void sse_frame(struct buf *out, int64_t id, const char *event, const char *data, size_t len);
/* The same as shared bytes; NULL out of memory. */
struct bytes *sse_bytes(int64_t id, const char *event, const char *data, size_t len);
/* Cache-Control: no-store, no-transform and X-Accel-Buffering: no. */
void sse_headers(struct http_req *req);

/* One event for many. */
struct fan_note {
    struct bytes *bytes; /* the frame; a reference is taken while it travels */
    int64_t seq;         /* 0: not numbered, never held */
    uint32_t audience;   /* streams that share a bit get it */
    int64_t only;        /* not 0: only streams that joined as this viewer */
};

/* comment_ms 0: SSE_COMMENT_MS. NULL out of memory. */
struct fan *fan_make(struct loops *ls, int64_t comment_ms);
struct fan *fan_ref(struct fan *f);
void fan_unref(struct fan *f); /* NULL is fine; streams that joined keep it too */

/* Any thread. ERR_NO_MEMORY: some loops did not get it. Calls of one thread arrive in order. */
enum err fan_send(struct fan *f, const struct fan_note *n) NODISCARD;
/* Any thread: streams on all loops, about now. */
size_t fan_count(const struct fan *f);
/* Any thread: end every stream, after sending `last` (may be NULL). */
void fan_close(struct fan *f, struct bytes *last);

/* What a stream may hear, and what its owner wants to know. */
struct fan_seat {
    uint32_t audience;
    int64_t viewer; /* for fan_note.only; 0: none */
    bool held;
    void *arg;
    void (*on_gone)(struct fan_stream *s, void *arg); /* NULL is fine; last sight of s */
};

/*
 * On the request's loop: begin the stream (headers by sse_headers() are added here) and join.
 * The request is ended. NULL: it could not begin; on_gone is not called.
 */
struct fan_stream *fan_join(struct fan *f, struct http_req *req, const struct fan_seat *seat);
/* On its loop: bytes for this one alone; passes a hold. */
void fan_stream_send(struct fan_stream *s, struct bytes *b);
/* On its loop: events up to `after` are known to this viewer; go on with later ones. */
void fan_release(struct fan_stream *s, int64_t after);
void fan_leave(struct fan_stream *s); /* ends the stream; on_gone comes */
