/*
 * packager - a live stream: media messages of a publisher in, CMAF parts for LL-HLS out.
 *
 * Shape:  see docs/decisions/0004-packaging.md. Part target: the smallest whole number of frames of
 *         at least part_ms (variable rate: 1.25 part_ms); segments are GOPs of at least 1 s, cut at
 *         a part edge before they would round above the target duration. Both targets are fixed
 *         once `ready` was called and for the life of the playlist, over reconnects too.
 * Order:  sink calls come from inside packager_take(), packager_begin(), packager_stop() and
 *         packager_finish(): init before the first part that needs it; the parts of a segment;
 *         segment_end after its last part. `ready` comes once: only now show a playlist (parts
 *         before it belong to it). A part with `last` set is followed by segment_end at once; a
 *         segment can also end without, when only the next key frame shows that it is over.
 * Memory: one heap object; parts and inits are new bytes: the sink takes its own reference.
 * Thread: one at a time, the stream's own loop; sink calls run on it.
 * Limits: one access unit PACKAGER_AU_MAX bytes; a part or segment that gets too big is cut early.
 */
#pragma once
#include "base/err.h"
#include "media/flv.h"
#include "media/part.h"

struct packager;

enum { PACKAGER_AU_MAX = 8 << 20 };

/* Where a stream goes on after a restart of the server; all zero for a new stream. */
struct packager_resume {
    uint64_t msn;           /* the next segment's */
    unsigned init;          /* the last init version used; 0: none */
    unsigned target_s;      /* TARGETDURATION in whole seconds; 0: not settled */
    int64_t part_target;    /* 1/MEDIA_HZ s; 0: not settled */
    int64_t time;           /* where the timeline goes on */
    uint64_t discontinuity; /* DISCONTINUITYs so far */
};

struct packager_opts {
    unsigned part_ms;              /* 0: 200; 50..1000 */
    struct packager_resume resume; /* not zero: begins with a DISCONTINUITY */
};

struct packager_sink {
    /* A new init segment; versions count up from 1. */
    void (*init)(void *arg, unsigned version, struct bytes *init, const struct media_info *info);
    void (*part)(void *arg, const struct media_part *part);
    /* The segment is complete; `next` is what to store so that a restart can go on from here. */
    void (*segment_end)(void *arg, uint64_t msn, const struct packager_resume *next);
    /* The targets are settled: the playlist may be shown. part_target in 1/MEDIA_HZ s. */
    void (*ready)(void *arg, unsigned target_s, int64_t part_target);
};

/* What went by, for the studio's ingest health and for tests. Counted over the stream's life. */
struct packager_stats {
    uint64_t video_frames, audio_frames, key_frames, bytes_in;
    uint64_t dropped_frames;  /* before the first key frame, or not decodable */
    uint64_t bad_messages;    /* refused with ERR_INPUT */
    uint64_t jumps;           /* DISCONTINUITYs that timestamps made */
    uint64_t late_stamps;     /* duplicate or backward, moved on */
    uint64_t holes;           /* pauses of the whole stream without a jump */
    int64_t time;             /* how far the timeline has come, 1/MEDIA_HZ s */
    int64_t gop;              /* last one, 1/MEDIA_HZ s; 0 unknown */
    const char *unsupported;  /* name of the last codec refused, or NULL */
    uint64_t parts, segments; /* given out */
};

/* NULL when out of memory. `sink` is copied. */
struct packager *packager_make(const struct packager_opts *opts, const struct packager_sink *sink,
                               void *arg);
void packager_free(struct packager *p); /* NULL is fine; gives out nothing more */

/* A publisher is connected: stamps start anew; from the second one on, with a DISCONTINUITY. */
void packager_begin(struct packager *p);
/*
 * One RTMP message: audio (8), video (9) or data (18; onMetaData is read, all else ignored).
 * Whatever comes back, the stream goes on and the next message may be given.
 *
 * ERR_INPUT       malformed; it was skipped
 * ERR_MEDIA_TYPE  a codec, or a kind of H.264, we do not take: packager_stats()->unsupported names
 * it ERR_TOO_LARGE   above PACKAGER_AU_MAX ERR_NO_MEMORY
 */
enum err packager_take(struct packager *p, enum flv_type type, uint32_t ts_ms, const uint8_t *body,
                       size_t len, int64_t now_ms) NODISCARD;
/* The publisher is gone: give out what is open and end the segment. What comes next is a new one.
 */
void packager_stop(struct packager *p);
/* Once the stream will not come back: as packager_stop(), and `ready` if it never came. */
void packager_finish(struct packager *p);

const struct packager_stats *packager_stats(const struct packager *p);
const struct media_info *packager_info(const struct packager *p);
