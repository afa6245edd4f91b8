/*
 * origin - where viewers get a broadcast: live playlists and parts, then the recording.
 *
 * Shape:   one broadcast per live input that is on air (broadcast.h, fed by ingest). Its parts are
 *          immutable shared bytes in a window; every event loop holds its own view of the window,
 *          brought by one post per part, so a viewer's request takes no lock. The same parts are
 *          appended to DIR/<video_uid>/ by the workers; the recording is played from there.
 * Units:   times in milliseconds, sizes in bytes. A uid is 32 lower-case hex digits and a NUL.
 * Memory:  origin_make() allocates, origin_free() frees; results are written into the caller's.
 * Thread:  any, unless a call says that it blocks: then a worker.
 * Errors:  on error no ret_ parameter is written.
 * Source:  docs/decisions/0006-origin.md; RFC 8216bis.
 */
#pragma once
#include "base/err.h"
#include "net/http.h"
#include <stddef.h>

struct library;
struct loops;
struct origin;
struct pool;

struct origin_conf {
    struct library *library;
    struct loops *loops;
    struct pool *pool;
    const char *media_dir;   /* DIR/media; made when it is missing */
    const char *thumbnailer; /* path of the program streamd-media; NULL: no pictures */
    int64_t part_ms;         /* wished part length; 0: 200 */
    int64_t memory_max;      /* bytes one recording may have waiting for the disk; 0: 16 MiB */
};

/* What a recording came to. Numbers are 0 and texts "" where there was no such track. */
struct recording {
    int64_t duration_ms, size_bytes;
    int width, height;
    double fps;
    char video_codec[24], audio_codec[24]; /* "avc1.64001f", "mp4a.40.2" */
};

/* Numbers for /metrics: gauges `broadcasts`, `viewers`; the others only grow. */
struct origin_counts {
    int64_t broadcasts, viewers, parts, part_bytes, disk_errors;
};

/* ERR_IO: media_dir cannot be made. ERR_NO_MEMORY. */
enum err origin_make(const struct origin_conf *conf, struct origin **ret_origin) NODISCARD;

enum { ORIGIN_ROUTES_MAX = 16 };

/*
 * Write the delivery routes, for the server's table; returns how many. The table's end is not
 * among them. They are /{id}/manifest/video.m3u8, the playlists and media under /{id}/hls/,
 * /{id}/lifecycle, /{id}/views, /{id}/watch, /{id}/iframe, /{id}/thumbnails/thumbnail.jpg, and
 * OPTIONS of all of them.
 */
size_t origin_routes(struct origin *o, struct http_route ret_routes[ORIGIN_ROUTES_MAX]);

/* End a running broadcast of this input now (disabled, deleted, rotated). None: nothing happens. */
void origin_kick(struct origin *o, const char *input_uid, const char *reason);

/*
 * Blocks. Flush and close the recording of this video and write its end mark: from now on it is
 * played as a recording, after restarts too. Also recovers a recording cut off by a crash. Again
 * is harmless and gives the same numbers.
 *
 * ERR_NOT_FOUND  nothing was recorded
 * ERR_CONFLICT   its publisher is on air
 * ERR_IO         the files cannot be read or written
 */
enum err origin_finish(struct origin *o, const char *video_uid,
                       struct recording *ret_recording) NODISCARD;

/* Blocks. Remove the files of a video; ERR_OK when there are none. ERR_IO. */
enum err origin_drop(struct origin *o, const char *video_uid) NODISCARD;

/* Distinct players of this input in the last 30 s. */
int64_t origin_viewers(struct origin *o, const char *input_uid);

/*
 * Blocks. Write into `path` where one playable file of the recording lies (init and media after
 * it), for the thumbnailer. Its length may still grow.
 *
 * ERR_NOT_FOUND  nothing was recorded
 * ERR_INPUT      `size` is too small
 */
enum err origin_media_path(struct origin *o, const char *video_uid, char *ret_path,
                           size_t size) NODISCARD;

void origin_count(struct origin *o, struct origin_counts *ret_counts);

/*
 * Blocks. Takes every publisher off the air and flushes every recording, without an end: within
 * its grace period a broadcast may go on after a restart. Waiting viewers are told to ask again.
 * To be called while the loops still run and before the HTTP server stops.
 */
void origin_stop(struct origin *o);
/* After origin_stop() and after loops and pool have stopped. NULL is fine. */
void origin_free(struct origin *o);
