#include "media/timeline.h"

#include <string.h>

enum { HZ_PER_MS = MEDIA_HZ / 1000 };

void timeline_init(struct timeline *t, int64_t at)
{
    memset(t, 0, sizeof *t);
    t->latest = at; /* in 1/MEDIA_HZ s all through */
}

static bool continuous(int64_t step)
{
    return step >= -(int64_t)TIMELINE_BACK_MS * HZ_PER_MS &&
           step <= (int64_t)TIMELINE_AHEAD_MS * HZ_PER_MS;
}

/* Unwrapped against the last stamp of any track: tracks stay comparable over the wrap. */
static int64_t unwrap(struct timeline *t, uint32_t ts_ms)
{
    if (!t->begun)
        t->raw = ts_ms;
    else
        t->raw += (int32_t)(ts_ms - (uint32_t)t->raw);
    return t->raw;
}

bool timeline_map(struct timeline *t, enum timeline_track track, uint32_t ts_ms, uint32_t nano,
                  int64_t *ret_time)
{
    bool first = !t->begun;
    int64_t raw = unwrap(t, ts_ms) * HZ_PER_MS + (int64_t)nano * HZ_PER_MS / 1000000;
    bool jump = false;
    if (first) {
        t->begun = true;
        t->offset = t->latest - raw;
    }
    int64_t offset = t->track[track].offset;
    bool known = t->track[track].begun;
    /* A track first keeps to its own past, or to the whole stream's if it was silent; then it
     * follows a jump another track has made; only then is it a jump itself. */
    if (!known ||
        (!continuous(raw - t->track[track].raw) && !continuous(raw + offset - t->latest))) {
        offset = t->offset;
        if (!continuous(raw + offset - t->latest)) {
            offset = t->latest - raw;
            jump = known;
            if (known)
                t->offset = offset;
        }
    }
    t->track[track].begun = true;
    t->track[track].raw = raw;
    t->track[track].offset = offset;
    *ret_time = raw + offset;
    if (*ret_time > t->latest)
        t->latest = *ret_time;
    return jump;
}
