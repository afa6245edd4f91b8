/*
 * frameclock - millisecond stamps put back onto the even grid they were made from.
 *
 * Shape:  stamps are rounded to milliseconds and jitter; frames come evenly. While the stamps stay
 *         near the grid the clock gives grid times, each exactly one frame after the last, and
 *         follows a slow drift in small steps. A pause is kept. A frame whose stamp repeats or
 * steps back takes its place on the grid; only stamps that go on from an earlier time for good are
 *         waited for, a tick per frame. A clock without a rate gives the stamps, each at least one
 * tick after the last. Units:  any one unit, the caller's: MEDIA_HZ for video, samples for audio.
 * Memory: a value.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct frame_clock {
    int64_t num, den; /* a frame lasts num/den units; num 0: no rate */
    int64_t tick;     /* least step, and the size of a correction */
    int64_t slack;    /* how far the stamps may lie off before they are followed at once */
    int64_t base;     /* grid time of frame 0 */
    int64_t count;    /* frames since base */
    int64_t last;     /* what it gave last */
    int64_t stamp;    /* the last one */
    int behind;       /* stamps in a row that went on from an earlier time */
    int64_t drift;    /* smoothed distance of stamps from the grid, times 16 */
    bool begun;
};

void frame_clock_init(struct frame_clock *c, int64_t num, int64_t den, int64_t tick, int64_t slack);
/* The time for the next frame; always later than the one before. `*ret_late`: had to move on. */
int64_t frame_clock_next(struct frame_clock *c, int64_t stamp, bool *ret_late);
/* How long `n` frames last after the one given last, on the grid; 0 without a rate. */
int64_t frame_clock_span(const struct frame_clock *c, int64_t n);
/* The next stamp starts a new grid; the rate stays. Times still only grow. */
void frame_clock_restart(struct frame_clock *c);
