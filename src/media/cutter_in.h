/*
 * cutter - frames on the stream's timeline in, parts and segments out. Private to media.
 *
 * Shape:  the declared clock `t0` is where the open part begins in the playlist's eyes. It moves by
 *         what each part declares, so declared durations add up to media time; media may stick out
 *         of a part by less than a frame. Video closes parts; audio does when there is no video or
 *         it has fallen silent.
 * Units:  1/MEDIA_HZ s, audio positions in samples.
 * Source: docs/decisions/0004-packaging.md
 */
#pragma once
#include "base/buf.h"
#include "media/fmp4.h"
#include "media/packager.h"

enum { CUTTER_SAMPLES_MAX = 256 };

struct cutter_track {
    struct buf data;
    struct fmp4_sample samples[CUTTER_SAMPLES_MAX];
    unsigned n;
    int64_t dts;  /* of the first sample, in the track's timescale */
    int64_t last; /* of the last one */
};

struct cutter {
    struct packager_sink sink;
    void *arg;
    struct packager_stats *stats;

    bool video, audio; /* what the current init has */
    int64_t sample_hz, frame_samples;
    unsigned init;

    int64_t part_target; /* 0 until settled; then fixed */
    unsigned target_s;   /* likewise */
    bool ready;          /* said so */

    int64_t t0, segment_start;
    size_t segment_bytes;
    uint64_t msn;
    unsigned index; /* of the open part */
    uint32_t sequence;
    bool broken;        /* the next segment begins with a DISCONTINUITY */
    bool discontinuity; /* the current one does */
    uint64_t discontinuities;
    int64_t anchor, anchor_wall_ms; /* a point of the timeline and its wall clock */

    bool fresh;       /* no part yet since the start or the DISCONTINUITY */
    bool silent;      /* no video lately: audio closes parts */
    int64_t lead;     /* by how much audio tends to arrive ahead of video */
    int64_t audio_at; /* end of the latest audio */
    int64_t frame;    /* how long the last video frame lasts */
    int64_t last_key; /* -1: none since the break */
    int64_t gop;      /* 0: none seen */

    struct cutter_track v, a;
};

struct cutter_frame {
    int64_t dts;
    int64_t duration; /* as far as known now */
    int32_t cts;
    bool key;
    const uint8_t *data;
    size_t len;
};

void cutter_init(struct cutter *c, const struct packager_resume *resume,
                 const struct packager_sink *sink, void *arg, struct packager_stats *stats);
void cutter_done(struct cutter *c);

/* End the part and segment and begin anew after a DISCONTINUITY, at `at` or later. */
void cutter_break(struct cutter *c, int64_t at, int64_t wall_ms);
enum err cutter_video(struct cutter *c, const struct cutter_frame *f) NODISCARD;
enum err cutter_audio(struct cutter *c, int64_t position, const uint8_t *data,
                      size_t len) NODISCARD;
/* Give out the open part and end the segment. */
void cutter_flush(struct cutter *c);
/* Say ready, even with nothing to go by. */
void cutter_settle(struct cutter *c);
