/*
 * index - what a recording folder holds, line by line: DIR/<video_uid>/media.mp4 and index.
 *
 * Shape:  media.mp4 only grows: init segments and parts in the order in which they were made. The
 *         index has one line for each, after its bytes were written, so both add up up to the last
 *         whole line whatever happens; lines are
 *           i VERSION BYTES VIDEO AUDIO WIDTH HEIGHT FPS_NUM FPS_DEN HZ CHANNELS CODECS
 *           p MSN INDEX INIT BYTES DURATION WALL_MS FLAGS
 *           n MSN INIT TARGET_S PART_TARGET TIME DISCONTINUITY    where a restart goes on
 *           t TARGET_S PART_TARGET                                what the playlist has promised
 *           e                                                     the recording is complete
 * Units:  DURATION, PART_TARGET and TIME in 1/MEDIA_HZ s.
 * Memory: struct rec_map owns its arrays: rec_map_done().
 * Thread: blocks on files: workers.
 */
#pragma once
#include "base/buf.h"
#include "media/packager.h"
#include "media/part.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REC_PATH_MAX = 1024,
    REC_SEGMENTS_MAX = 1 << 20,
    REC_INITS_MAX = 4096,
    REC_TAIL_SEGMENTS = 10, /* the parts of so many last segments are known one by one */
};

enum { REC_DISCONTINUITY = 1, REC_INDEPENDENT = 2 };

struct rec_init {
    unsigned version;
    uint64_t off, len;
    struct media_info info;
};

struct rec_segment {
    uint64_t msn;
    unsigned init;
    int64_t duration, wall_ms;
    uint64_t off, len;
    bool discontinuity;
};

struct rec_part {
    struct media_part part; /* without bytes and `start` */
    uint64_t off, len;
};

struct rec_map {
    struct rec_segment *segments; /* by ascending msn */
    size_t n, cap;
    struct rec_init *inits;
    size_t n_inits, cap_inits;
    struct rec_part *tail; /* of the last segments */
    size_t n_tail, cap_tail;
    struct packager_resume next; /* also right after a crash inside a segment */
    int64_t duration;
    uint64_t media_len, index_len; /* of what adds up; a torn tail is not counted */
    bool ended;
};

/*
 * Read the index in `dir` against the size of the media file.
 *
 * ERR_NOT_FOUND  no index, or nothing in it
 * ERR_IO         cannot be read
 * ERR_NO_MEMORY
 */
enum err rec_read(const char *dir, struct rec_map *ret_map) NODISCARD;
/* The same for an index that is in memory; `media_len` is the media file's size. */
enum err rec_parse(const char *text, size_t len, uint64_t media_len,
                   struct rec_map *ret_map) NODISCARD;
void rec_map_done(struct rec_map *m);

/* NULL when it is not there. */
const struct rec_segment *rec_segment_of(const struct rec_map *m, uint64_t msn);
const struct rec_init *rec_init_of(const struct rec_map *m, unsigned version);

/* Append one line. */
void rec_put_init(struct buf *out, unsigned version, size_t len, const struct media_info *info);
/* `hole`: something before it was not recorded. */
void rec_put_part(struct buf *out, const struct media_part *part, bool hole);
void rec_put_next(struct buf *out, const struct packager_resume *next);
void rec_put_targets(struct buf *out, unsigned target_s, int64_t part_target);
void rec_put_end(struct buf *out);

/* "DIR/NAME" into out; false: too long. */
bool rec_path(const char *dir, const char *name, char out[REC_PATH_MAX]);
