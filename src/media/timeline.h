/*
 * timeline - the stream's own clock, made of publishers' 32-bit millisecond timestamps.
 *
 * Shape:  stamps of both tracks are unwrapped to 64 bits and moved by an offset onto one timeline
 *         that starts at 0. A stamp is continuous when it lies at most 3 s after and 0.5 s before
 *         the last of its track or the latest of the stream; any other is a jump: the timeline goes
 *         on without a hole, and the caller is told once per jump, not once per track. A track that
 *         is silent while the other goes on has not jumped.
 * Units:  in: milliseconds (and nanoseconds to add); out: 1/MEDIA_HZ s.
 * Memory: a value.
 * Thread: one at a time.
 */
#pragma once
#include "media/part.h"

enum { TIMELINE_AHEAD_MS = 3000, TIMELINE_BACK_MS = 500 };
enum timeline_track { TIMELINE_VIDEO, TIMELINE_AUDIO, TIMELINE_TRACKS };

struct timeline {
    bool begun;
    int64_t raw;    /* unwrapped, in ms, the last of any track */
    int64_t offset; /* to add, for tracks that have followed the last jump; 1/MEDIA_HZ s */
    int64_t latest; /* mapped, the latest of any track; 1/MEDIA_HZ s */
    struct {
        bool begun;
        int64_t raw, offset; /* 1/MEDIA_HZ s */
    } track[TIMELINE_TRACKS];
};

/* Start, or start again after a reconnect: the next stamp becomes `at` (1/MEDIA_HZ s). */
void timeline_init(struct timeline *t, int64_t at);
/*
 * Map one stamp. The result may lie slightly before the last one (frame clocks repair that).
 * Returns true when the stamp is a jump and the stream needs a DISCONTINUITY.
 */
bool timeline_map(struct timeline *t, enum timeline_track track, uint32_t ts_ms, uint32_t nano,
                  int64_t *ret_time);
