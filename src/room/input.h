/*
 * input - the border to the Stream API: what it tells about a show's live input, and what is to be
 * asked of it. Nothing here calls it; the program above does, and reports back.
 *
 * Shape:   notices (webhook or poll) are applied once and in order of their time: a repeated,
 *          late or reordered one changes nothing. Calls to make are rows of a to-do list that
 *          survives a crash.
 * Rest:    as room.h. Calls without `who` are the system's own.
 */
#pragma once
#include "room/show.h"

enum { INPUT_UID_MAX = 64, URL_MAX = 500 };

/* Draft to interrupted: in all other states a live input must be off. */
bool show_takes_input(const struct show *s);

/*
 * Remember the live input that was made for a show (needed when show.input is NULL).
 * `live_hls` is the manifest URL for viewers.
 *
 * ERR_EXISTS      the show has another one by now: delete yours, read the show again
 * ERR_TRANSITION  the show has ended meanwhile, and nothing would switch the input off: delete it
 * ERR_NOT_FOUND   delete it
 */
enum err input_attach(struct room *r, struct cx *cx, const char *show, const char *uid,
                      const char *live_hls) NODISCARD;

/* ---- on and off ---- */

struct input_notice {
    const char *uid;
    bool connected;
    int64_t at_us; /* the sender's time of the change; of a poll: our time when it was sent */
    bool poll;     /* our own look: while it agrees with the row nothing is written */
};
/*
 * *ret_applied (may be NULL): false when it was old, repeated, or the input is nobody's.
 */
enum err input_notify(struct room *r, struct cx *cx, const struct input_notice *n,
                      bool *ret_applied) NODISCARD;

struct input_watched {
    int64_t show_id;
    const char *show; /* public id */
    const char *uid;
    enum show_state state;
    bool connected;
};
/* Inputs of shows that have not ended: to be polled. At most `max`, on air first. */
enum err input_watch_list(struct db *db, struct cx *cx, size_t max, struct input_watched **ret_list,
                          size_t *ret_count) NODISCARD;

/* ---- health ---- */

enum known { KNOWN_NOT, KNOWN_NO, KNOWN_YES };

/* What the engine says about the encoder; -1 or KNOWN_NOT or "" where it does not say. */
struct ingest_health {
    bool connected;
    int64_t since_ms; /* 0: unknown */
    int64_t bitrate_bps, fps_milli, key_interval_ms, width, height, dropped;
    enum known video, audio, b_frames; /* KNOWN_NO: there is none */
    char video_codec[32], audio_codec[32];
};
void ingest_health_init(struct ingest_health *h); /* nothing known */

#define INGEST_WARNING_TABLE(X)     \
    X(BITRATE_LOW, "bitrate_low")   \
    X(BITRATE_HIGH, "bitrate_high") \
    X(GOP_SHORT, "gop_short")       \
    X(GOP_LONG, "gop_long")         \
    X(B_FRAMES, "b_frames")         \
    X(NO_AUDIO, "no_audio")         \
    X(NO_VIDEO, "no_video")         \
    X(FPS_UNSTABLE, "fps_unstable") \
    X(NOT_H264, "not_h264")         \
    X(NOT_AAC, "not_aac")

enum ingest_warning {
#define X(name, text) INGEST_##name,
    INGEST_WARNING_TABLE(X)
#undef X
        INGEST_WARNING_COUNT
};
/*
 * Bits 1u << enum ingest_warning. `fps_spread_milli`: highest less lowest of the last readings, 0
 * while there are too few. Source: Cloudflare Stream's rules for encoders (2-14 Mbps, closed GOP of
 * 2-10 s; low latency: 2-4 s, no B-frames).
 */
unsigned ingest_warnings(const struct ingest_health *h, int64_t fps_spread_milli, bool low_latency);

/* Keep the last reading of a show and tell its staff (staff.ingest). Writes nothing. */
void ingest_report(struct room *r, int64_t show_id, const struct ingest_health *health);
/* The object IngestHealth of the API, of the last reading or of what the show's row says. */
json_t *ingest_json(struct room *r, const struct show *s);

/* ---- recordings ---- */

struct recording {
    const char *uid;
    int64_t created_ms; /* of its first frame */
    int64_t duration_ms;
    const char *hls;
    const char *thumbnail; /* or NULL */
};
/* The first that holds the moment the show went live: its index, or -1. */
int recording_choose(const struct recording *list, size_t count, int64_t live_started_ms);
/*
 * The recordings that are ready. With the right one the show becomes replay_ready (once).
 * *ret_found: false when none of them holds the show.
 */
enum err input_recordings(struct room *r, struct cx *cx, const char *uid,
                          const struct recording *list, size_t count, bool *ret_found) NODISCARD;
/* A video of this input is said to be ready: look now. An unknown input is fine. */
enum err input_recording_hint(struct room *r, struct cx *cx, const char *uid) NODISCARD;

/* ---- thumbnails: copied once from the engine ---- */

struct thumbnail_task {
    int64_t show_id, shop_id;
    const char *show; /* public id */
    const char *url;  /* where the engine has it */
    int tries;
};
/* One that is due at cx->now_ms. ERR_NOT_FOUND: none. */
enum err thumbnail_next(struct db *db, struct cx *cx, struct thumbnail_task *ret_task) NODISCARD;
/* It is ours now: the key of its file (files/link.h). */
enum err thumbnail_kept(struct room *r, struct cx *cx, const struct thumbnail_task *task,
                        const char *key) NODISCARD;
/* It failed: again later (10 s, doubling to 1 h; 20 times). */
enum err thumbnail_later(struct room *r, struct cx *cx,
                         const struct thumbnail_task *task) NODISCARD;

/* ---- the to-do list ---- */

enum task_kind { TASK_DISABLE_INPUT, TASK_FIND_RECORDING };

struct show_task {
    int64_t id;
    enum task_kind kind;
    const char *show; /* public id */
    const char *uid;  /* of the input */
    int tries;
};
/* What is due at cx->now_ms, at most `max`. */
enum err task_list(struct db *db, struct cx *cx, size_t max, struct show_task **ret_list,
                   size_t *ret_count) NODISCARD;
/* It is done, or can never be. Done twice is fine. */
enum err task_done(struct room *r, struct cx *cx, int64_t task_id) NODISCARD;
/* It failed or is not there yet: again later (5 s, doubling to 10 min; given up after 2 days). */
enum err task_later(struct room *r, struct cx *cx, int64_t task_id) NODISCARD;
