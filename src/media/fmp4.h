/*
 * fmp4 - CMAF: the init segment and the parts (moof + mdat) after it.
 *
 * Shape:  video is track 1 with timescale MEDIA_HZ, audio track 2 with its sample rate. Decode
 *         times are 64-bit (tfdt version 1), composition offsets signed (trun version 1): no edit
 *         list is needed, a player reads presentation times from the samples alone.
 * Memory: results are new bytes with one reference.
 * Thread: any; no state.
 * Errors: ERR_NO_MEMORY, also for a part above FMP4_PART_MAX.
 * Source: ISO/IEC 14496-12 (boxes), 14496-14 and -15 (esds, avcC), 23000-19 (CMAF).
 */
#pragma once
#include "base/err.h"
#include "media/part.h"

struct aac_config;
struct bytes;
struct h264_config;

enum { FMP4_TRACK_VIDEO = 1, FMP4_TRACK_AUDIO = 2, FMP4_PART_MAX = 64 << 20 };

struct fmp4_sample {
    uint32_t size;     /* bytes */
    uint32_t duration; /* in the track's timescale */
    int32_t cts;       /* likewise; 0 for audio */
    bool key;
};

struct fmp4_track {
    unsigned id;
    uint64_t dts; /* of the first sample, in the track's timescale */
    const struct fmp4_sample *samples;
    unsigned n;
    const uint8_t *data; /* the samples one after another */
    size_t len;
};

/* Either configuration may be NULL, not both. */
enum err fmp4_init(const struct h264_config *video, const struct aac_config *audio,
                   struct bytes **ret_init) NODISCARD;
/* One moof with a traf for every track that has samples, and its mdat. `sequence` counts from 1. */
enum err fmp4_part(uint32_t sequence, const struct fmp4_track *tracks, unsigned n,
                   struct bytes **ret_part) NODISCARD;
