/*
 * stream - client of Cloudflare Stream's REST API: what a live show needs of it.
 *
 * Shape:   the same code speaks to Cloudflare and, by its base URL, to streamd. Answers are read
 *          leniently (unknown fields are ignored, `status` may be null, text or an object), asks
 *          are written strictly.
 * Units:   times are Unix ms, UTC; 0 when Stream says none. Durations in ms, -1 unknown.
 * Memory:  text lives in cx->arena; it is "" rather than NULL when Stream says nothing.
 * Thread:  any that may block (workers); a client is shared by all of them. A Stream that hangs
 *          must not take them all: calls_max.
 * Errors:  ERR_UPSTREAM Stream refused or is unwell (cx->problem says what it said), ERR_TIMEOUT,
 *          ERR_NOT_FOUND, ERR_FORBIDDEN the token may not (or is wrong), ERR_SLOW_DOWN,
 *          ERR_CONFLICT; ERR_BUSY too many calls are on their way, or stream_end() has been called.
 *          Asks that are safe to repeat are tried again.
 * Secrets: stream keys and the token never reach a problem text or a log line; the API's address
 *          never reaches a problem text.
 * Source:  Cloudflare API, stream/live_inputs, stream/videos, stream/webhooks; alerting/v3.
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

struct stream;

struct stream_setup {
    const char *base_url; /* "https://api.cloudflare.com/client/v4", or streamd's */
    const char *account_id;
    const char *token;
    const char *ca_file; /* NULL: the system's */
    int64_t timeout_ms;  /* for one try; 0: 10 s */
    unsigned tries;      /* 0: 3 */
    unsigned calls_max;  /* on their way at once; 0: any number */
};

/* Copies what it is given. ERR_INPUT: a base URL that is not http(s), an account that is not hex.
 */
enum err stream_make(struct cx *cx, const struct stream_setup *setup,
                     struct stream **ret_stream) NODISCARD;
/*
 * For an orderly end: calls on their way are given up once `patience_ms` from now has passed (it
 * takes them up to a second to notice), and new ones are ERR_BUSY. NULL is fine.
 */
void stream_end(struct stream *s, int64_t patience_ms);
void stream_free(struct stream *s); /* NULL is fine */

/* ---- live inputs ---- */

/* What the engine says of the incoming picture. Cloudflare says nothing here: `known` is false. */
struct stream_ingest {
    bool known;
    int64_t bitrate_bps, key_interval_ms, width, height, dropped, since_ms;
    double fps;
    bool b_frames;
    const char *video_codec, *audio_codec;
};

struct stream_input {
    const char *uid;
    const char *rtmps_url, *rtmps_key; /* "" in list rows */
    const char *hls;                   /* manifest by input uid */
    const char *name;
    int64_t created_ms, modified_ms, keys_rotated_ms;
    bool enabled;
    bool ever_connected, connected;
    int64_t status_ms; /* when the present status began */
    struct stream_ingest ingest;
};

struct stream_input_ask {
    const char *name;            /* meta.name */
    const char *idempotency_key; /* the show's id: a repeated create makes one input */
    int64_t timeout_s;           /* recording.timeoutSeconds */
};

/* Recording automatic, low latency preferred. */
enum err stream_input_create(struct stream *s, struct cx *cx, const struct stream_input_ask *ask,
                             struct stream_input *ret_input) NODISCARD;
enum err stream_input_get(struct stream *s, struct cx *cx, const char *uid,
                          struct stream_input *ret_input) NODISCARD;
enum err stream_input_enable(struct stream *s, struct cx *cx, const char *uid, bool enabled,
                             struct stream_input *ret_input) NODISCARD;
enum err stream_input_rotate(struct stream *s, struct cx *cx, const char *uid,
                             struct stream_input *ret_input) NODISCARD;
enum err stream_input_delete(struct stream *s, struct cx *cx, const char *uid) NODISCARD;

/* ---- videos: recordings, running or done ---- */

enum stream_video_state { VIDEO_OTHER, VIDEO_LIVE, VIDEO_READY, VIDEO_ERROR };

struct stream_video {
    const char *uid, *input_uid, *name;
    const char *hls, *thumbnail;
    const char *error_code;
    enum stream_video_state state;
    int64_t created_ms, modified_ms, duration_ms, width, height;
};

enum { STREAM_VIDEOS_MAX = 50 };

/* Recordings of an input, newest first, at most STREAM_VIDEOS_MAX. */
enum err stream_input_videos(struct stream *s, struct cx *cx, const char *uid,
                             struct stream_video *ret_videos, size_t *ret_n) NODISCARD;
enum err stream_video_get(struct stream *s, struct cx *cx, const char *uid,
                          struct stream_video *ret_video) NODISCARD;

/* ---- the account: used by setup ---- */

/* Is the token alive? ERR_FORBIDDEN if not. */
enum err stream_token_check(struct stream *s, struct cx *cx) NODISCARD;
/* May the token list the account's live inputs? */
enum err stream_account_check(struct stream *s, struct cx *cx) NODISCARD;

struct stream_webhook {
    const char *url, *secret;
};
/* ERR_NOT_FOUND: none is set. */
enum err stream_webhook_get(struct stream *s, struct cx *cx,
                            struct stream_webhook *ret_webhook) NODISCARD;
enum err stream_webhook_put(struct stream *s, struct cx *cx, const char *url,
                            struct stream_webhook *ret_webhook) NODISCARD;

struct stream_row { /* a notification destination or policy */
    const char *id, *name;
    const char *url;         /* of a destination */
    const char *destination; /* of a policy: its first webhook's id */
    const char *alert_type;  /* of a policy */
    bool enabled;            /* of a policy */
};

enum { STREAM_ROWS_MAX = 200 };

enum err stream_destinations(struct stream *s, struct cx *cx, struct stream_row *ret_rows,
                             size_t *ret_n) NODISCARD;
/* Stream posts a test message to `url` with `secret` before it answers. */
enum err stream_destination_create(struct stream *s, struct cx *cx, const char *name,
                                   const char *url, const char *secret,
                                   const char **ret_id) NODISCARD;
enum err stream_destination_delete(struct stream *s, struct cx *cx, const char *id) NODISCARD;
enum err stream_policies(struct stream *s, struct cx *cx, struct stream_row *ret_rows,
                         size_t *ret_n) NODISCARD;
/* alert_type stream_live_notifications, for every input and event. */
enum err stream_policy_create(struct stream *s, struct cx *cx, const char *name,
                              const char *destination, const char **ret_id) NODISCARD;
enum err stream_policy_delete(struct stream *s, struct cx *cx, const char *id) NODISCARD;
