/*
 * follow_round - which live input is asked next, when only one may be asked at a time.
 *
 * Shape:  every other turn is for those whose show runs or is about to, so that a callback of
 *         theirs that never came is made up for in seconds, however many others wait; the turns
 *         between go round all.
 * Memory: none. A zeroed struct begins.
 */
#pragma once
#include "room/input.h"

struct follow_round {
    size_t all, urgent; /* how far each of the two has come */
    bool odd;
};

/* Index of the next of `n` inputs; n > 0. */
size_t follow_next(struct follow_round *r, const struct input_watched *inputs, size_t n);
