/*
 * hold - the first access units of a publisher, kept until it is clear what the stream is made of:
 * which tracks, and at what rate its pictures come. Private to media.
 *
 * Memory: one buffer with a maximum; hold_next() points into it.
 */
#pragma once
#include "base/buf.h"
#include "media/timeline.h"

struct access_unit {
    enum timeline_track track;
    uint32_t ts_ms, nano;
    int32_t cts_ms;
    bool key;
    int64_t now_ms; /* arrival */
    const uint8_t *data;
    size_t len;
};

enum { HOLD_UNITS_MAX = 2048, HOLD_BYTES_MAX = 24 << 20, HOLD_STAMPS_MAX = 64 };

struct hold {
    struct buf data;
    unsigned units, keys, video;
    int32_t earliest, latest; /* ms from the first unit's stamp */
    uint32_t first_ms;
    int64_t first_now_ms;
    int32_t stamps[HOLD_STAMPS_MAX]; /* of video, ms from first_ms */
};

struct frame_rate {
    unsigned num, den; /* frames per second; 0/0: variable or unknown */
};

void hold_init(struct hold *h);
void hold_clear(struct hold *h);
void hold_done(struct hold *h);
bool hold_is_full(const struct hold *h, size_t len);
/* ERR_NO_MEMORY: not added. */
enum err hold_add(struct hold *h, const struct access_unit *au) NODISCARD;
/* Milliseconds held, by stamps or by arrival, whichever is more. */
int64_t hold_span_ms(const struct hold *h, int64_t now_ms);
/* The unit at *at (0 at first), moving it on; false at the end. */
bool hold_next(const struct hold *h, size_t *at, struct access_unit *ret_au);
/* The rate that the held stamps fit: one of the `n` hints (0/0 skipped), else a common one. */
struct frame_rate hold_frame_rate(const struct hold *h, const struct frame_rate *hints, unsigned n);
