/*
 * library - what this Stream engine keeps: live inputs, their broadcasts and recordings (videos),
 * and the states they are in. This door is what ingest and origin need; the REST API uses the
 * wider headers of this room.
 *
 * Shape:   a live input is idle -> connected -> (gap <= grace) -> connected | ended; each broadcast
 *          of an input that records is one video: live-inprogress -> ready | error. Only
 *          library_state.c changes a state.
 * Units:   times are Unix milliseconds, UTC; a uid is 32 lower-case hex digits.
 * Memory:  the library keeps a small record of every input and video in memory; what is handed out
 *          is a copy in the caller's struct.
 * Thread:  every function below may be called from any thread and never blocks: it reads and
 *          changes memory under one short lock, and the rows follow by asynchronous jobs.
 * Secrets: stream keys are looked up by their SHA-256 and never appear in a log or an error.
 * Source:  Cloudflare Stream API, "Live inputs" and "Watch a live stream", mid-2026.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

enum {
    UID_TEXT = 33,        /* 32 hex digits and a NUL */
    INPUT_NAME_MAX = 128, /* bytes with the NUL; longer names are cut here only */
    ORIGINS_TEXT = 1024,  /* bytes with the NUL */
    STREAM_KEY_MAX = 128, /* longest key looked up */
    INGEST_CODEC_TEXT = 24,
};

struct library;

/* What ingest and origin need to know of a live input: a snapshot. */
struct input_conf {
    char uid[UID_TEXT];
    char name[INPUT_NAME_MAX];
    bool enabled;
    bool record;      /* recording.mode is "automatic": without it there is no HLS either */
    bool prefer_ll;   /* preferLowLatency */
    bool signed_only; /* recording.requireSignedURLs */
    bool hide_viewers;
    int64_t grace_ms; /* recording.timeoutSeconds, the engine's default when that is 0 */
    char allowed_origins[ORIGINS_TEXT]; /* one space between two; "" allows all */
};

/*
 * The input that `key` publishes to. Looked up by hash: the time tells nothing about other keys.
 *
 * ERR_NOT_FOUND  no live input has this key
 * ERR_FORBIDDEN  the input is disabled; nothing is written to ret_conf
 */
enum err library_input_by_key(struct library *l, const char *key,
                              struct input_conf *ret_conf) NODISCARD;

/* ERR_NOT_FOUND: no such input. A disabled one is returned, with enabled false. */
enum err library_input(struct library *l, const char *input_uid,
                       struct input_conf *ret_conf) NODISCARD;

/* A publisher's turn at an input. */
struct turn {
    uint64_t generation; /* which one; what an older one still says changes nothing */
    char video_uid[UID_TEXT];
    bool resumed; /* the video of before goes on */
    bool record;  /* as when this broadcast began */
};

/*
 * A publisher is on air. Decides whether this goes on with the last video (inside the grace
 * period: `resumed`) or begins a new one, and sends live_input.connected. `protocol` is
 * "rtmp", "rtmps", "srt" or "whip" (rtmps is shown as rtmp, as Cloudflare does).
 * An input that does not record gets a video uid too (the origin needs a name), but no row.
 * A second call without library_disconnected() between is a take-over: it resumes, and the turn
 * before is over.
 *
 * While an ended broadcast is still being finished, a new one may already begin: the two have
 * different video uids.
 *
 * ERR_NOT_FOUND, ERR_FORBIDDEN  deleted or disabled since library_input_by_key()
 * ERR_NO_MEMORY
 */
enum err library_connected(struct library *l, const char *input_uid, const char *protocol,
                           struct turn *ret_turn) NODISCARD;

struct ingest_stats {
    int64_t at_ms;    /* when this was measured */
    int64_t since_ms; /* when this connection began */
    int64_t bitrate_bps;
    double fps;
    int64_t key_interval_ms;
    int width, height;
    char video_codec[INGEST_CODEC_TEXT]; /* RFC 6381: "avc1.64001f" */
    char audio_codec[INGEST_CODEC_TEXT];
    bool b_frames;
    int64_t dropped; /* frames the publisher lost or we refused, since since_ms */
    int64_t bytes;   /* received since since_ms */
};

/* About once a second while connected; shown in status.current.ingest. Unknown input, a turn that
 * is over: nothing. */
void library_stats(struct library *l, const char *input_uid, uint64_t generation,
                   const struct ingest_stats *stats);

/*
 * The publisher has gone (`reason`: "client_disconnect", "timeout", …): starts the grace clock and
 * sends live_input.disconnected. To be called once for every library_connected(), whatever ended
 * it: the old one of a take-over, and one kicked for a disabled or deleted input, change nothing.
 */
void library_disconnected(struct library *l, const char *input_uid, uint64_t generation,
                          const char *reason);

/*
 * The broadcast cannot be taken: `code` is one of ERR_GOP_OUT_OF_RANGE,
 * ERR_UNSUPPORTED_VIDEO_CODEC, ERR_UNSUPPORTED_AUDIO_CODEC, ERR_STORAGE_QUOTA_EXHAUSTED. Sends
 * live_input.errored; changes no state. Codec names may be "".
 */
void library_errored(struct library *l, const char *input_uid, const char *code,
                     const char *message, const char *video_codec, const char *audio_codec);

enum playback_state {
    PLAYBACK_IDLE,       /* an input without anything to show: 204 */
    PLAYBACK_LIVE,       /* video_uid is on air, or inside its grace period */
    PLAYBACK_VOD,        /* video_uid is ready */
    PLAYBACK_PROCESSING, /* video_uid has ended and is being finished */
    PLAYBACK_ERROR,      /* 424 */
};

struct playback {
    bool is_input;            /* the uid asked for was a live input's */
    bool connected;           /* a publisher is sending now (false inside the grace period) */
    char input_uid[UID_TEXT]; /* "" for a video that was no broadcast */
    char video_uid[UID_TEXT]; /* "" when PLAYBACK_IDLE */
    enum playback_state state;
    bool signed_only;
    bool hide_viewers;
    char allowed_origins[ORIGINS_TEXT]; /* as in struct input_conf */
};

/*
 * What lies behind the uid of a live input or of a video. By input: the broadcast on air, else the
 * latest one, or when that is broken the latest one that is ready; the input's own signed_only and
 * allowed_origins win. By video: the video's. A memory look-up: fit for an event loop.
 *
 * An input that does not record is PLAYBACK_IDLE at all times: it has no HLS; `connected` still
 * tells whether someone publishes.
 *
 * ERR_NOT_FOUND  neither an input nor a video
 */
enum err library_playback(struct library *l, const char *uid, struct playback *ret) NODISCARD;
