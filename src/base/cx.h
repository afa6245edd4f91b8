/* cx - what one unit of work carries: its arena, its clock, its name, its problem text. */
#pragma once
#include "base/err.h"

struct arena;

struct cx {
    struct arena *arena;
    int64_t now_ms;    /* Unix ms, read once when the work began: tests set it */
    char id[24];       /* request id for the log, "" outside a request */
    char problem[200]; /* detail for the error answer; empty while all is well */
};

/* Record why, return `e`: `return problem(cx, ERR_INPUT, "qty must be 1..%d", max);` */
__attribute__((format(printf, 3, 4))) enum err problem(struct cx *cx, enum err e, const char *why,
                                                       ...);
