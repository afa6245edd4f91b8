#include "media/frameclock_in.h"

enum { BEHIND_MAX = 15 };

void frame_clock_init(struct frame_clock *c, int64_t num, int64_t den, int64_t tick, int64_t slack)
{
    *c = (struct frame_clock){.num = num, .den = den ? den : 1, .tick = tick, .slack = slack};
}

void frame_clock_restart(struct frame_clock *c)
{
    c->count = -1;
    c->drift = 0;
}

static int64_t grid(const struct frame_clock *c, int64_t n)
{
    return c->base + (n * c->num + c->den / 2) / c->den;
}

static int64_t rebase(struct frame_clock *c, int64_t at)
{
    c->base = at;
    c->count = 0;
    c->drift = 0;
    return at;
}

static int64_t clamp(int64_t n, int64_t most)
{
    return n > most ? most : n < -most ? -most : n;
}

/* Stamps that stand still say nothing; those that go on from an earlier time mean it. */
static bool is_behind(struct frame_clock *c, int64_t off, int64_t stamp)
{
    if (off >= -3 * c->slack)
        c->behind = 0;
    else if (stamp > c->stamp)
        c->behind++;
    return c->behind > BEHIND_MAX;
}

int64_t frame_clock_next(struct frame_clock *c, int64_t stamp, bool *ret_late)
{
    *ret_late = c->begun && stamp <= c->last;
    int64_t at;
    if (!c->begun || !c->num || c->count < 0) {
        at = rebase(c, *ret_late ? c->last + c->tick : stamp);
    } else {
        int64_t expected = grid(c, c->count + 1);
        int64_t off = stamp - expected;
        c->drift += clamp(off, 10 * c->tick) - c->drift / 16; /* a stray counts for little */
        if (off > c->slack) { /* frames are missing: keep the pause */
            at = rebase(c, stamp);
        } else if (is_behind(c, off, stamp)) {
            at = rebase(c, c->last + c->tick);
        } else if (c->drift > 48 * c->tick || c->drift < -48 * c->tick) {
            int64_t to = expected + (c->drift > 0 ? c->tick : -c->tick);
            at = rebase(c, to > c->last ? to : c->last + 1);
        } else {
            c->count++;
            at = expected;
        }
    }
    c->begun = true;
    c->stamp = stamp;
    c->last = at;
    return at;
}

int64_t frame_clock_span(const struct frame_clock *c, int64_t n)
{
    return c->num ? grid(c, c->count + n) - grid(c, c->count) : 0;
}
