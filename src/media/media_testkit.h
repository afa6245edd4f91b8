/*
 * media_testkit - real media for tests: made by ffmpeg at test time, fed through the packager,
 * looked at by ffprobe; every playlist on the way goes through playlist_check.
 */
#pragma once
#include "base/buf.h"
#include "media/flv.h"
#include "media/packager.h"
#include "media/playlist.h"
#include "media/playlist_check_testkit.h"

/* Run `ffmpeg <args> -f flv` and give the file; args are split at spaces. */
struct buf media_make_flv(const char *args);

enum { RECORDER_PARTS_MAX = 4096, RECORDER_INITS_MAX = 16 };

struct recorder {
    struct packager *packager;
    struct playlist *playlist;
    struct playlist_check *check, *plain_check;
    struct packager_resume resume;
    struct media_part parts[RECORDER_PARTS_MAX]; /* each with a reference */
    unsigned n;
    struct bytes *inits[RECORDER_INITS_MAX];
    unsigned inits_n, segments;
    bool ready;
    unsigned target_s;
    int64_t part_target, ready_at; /* media time when the playlist was shown */
    int64_t now_ms;
};

/* Everything is checked on the way: a broken rule fails the test. */
void recorder_init(struct recorder *r, const struct packager_opts *opts);
void recorder_done(struct recorder *r);
/* One message at wall time r->now_ms; the outcome must be ERR_OK. */
void recorder_take(struct recorder *r, enum flv_type type, uint32_t ts_ms, const uint8_t *body,
                   size_t len);
/*
 * Every tag of an FLV image whose (shifted) stamp passes `from_ms` <= stamp < `to_ms`, with
 * `shift_ms` added; wall time follows the stamps.
 */
void recorder_feed(struct recorder *r, const struct buf *flv, uint32_t from_ms, uint32_t to_ms,
                   int64_t shift_ms);

/* What ffprobe says about one track of what was recorded. */
struct probe_track {
    unsigned packets, keys;
    double start_s, end_s;   /* presentation */
    double gap_s, overlap_s; /* the largest between one packet's end and the next one's start */
    unsigned backward;       /* decode times that did not grow */
};
struct probe {
    struct probe_track video, audio;
};

/* Concatenate the parts that need init `version` (0: the first) behind it, and look at it. */
struct probe recorder_probe(const struct recorder *r, unsigned version);
/* Decode the same with ffmpeg; how many lines it complains. */
unsigned recorder_decode_complaints(const struct recorder *r, unsigned version);

/* `packets` of them, in order, without a gap or an overlap of more than 2 ms. */
void probe_assert_whole(const struct probe_track *t, unsigned packets);
void recorder_assert_no_discontinuity(const struct recorder *r);
/* The part target in seconds. */
double recorder_part_s(const struct recorder *r);
/* All parts but the last of a segment last exactly the part target. */
void recorder_assert_even_parts(const struct recorder *r);
