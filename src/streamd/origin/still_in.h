/*
 * still - pictures of a video, made by the program streamd-media and kept for a while.
 *
 * Limits: STILLS pictures are kept; STILL_CHILDREN are made at a time, each within STILL_MAKE_MS.
 * Thread: still_get() on a loop; pictures are made on workers.
 */
#pragma once

struct http_req;
struct origin;
struct stills;

enum {
    STILLS = 128,
    STILL_CHILDREN = 2,
    STILL_MAKE_MS = 10 * 1000,
    STILL_LIVE_MS = 4 * 1000,       /* how long a picture of a live video is new */
    STILL_KEPT_MS = 60 * 60 * 1000, /* of a recording */
    STILL_BYTES_MAX = 4 << 20,
};

struct stills *stills_make(void);
void stills_free(struct stills *s); /* NULL is fine */

/* GET /{id}/thumbnails/thumbnail.jpg?time=1m2s&width=640&height=360&fit=crop */
void still_get(struct http_req *req);
