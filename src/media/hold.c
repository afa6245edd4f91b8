#include "media/hold_in.h"

#include <string.h>

enum { RATE_FRAMES_MIN = 4 };

void hold_init(struct hold *h)
{
    memset(h, 0, sizeof *h);
    buf_init(&h->data, HOLD_BYTES_MAX);
}

void hold_done(struct hold *h)
{
    buf_done(&h->data);
}

void hold_clear(struct hold *h)
{
    hold_done(h); /* not needed again before the next publisher */
    hold_init(h);
}

bool hold_is_full(const struct hold *h, size_t len)
{
    return h->units == HOLD_UNITS_MAX ||
           h->data.len + len + sizeof(struct access_unit) > HOLD_BYTES_MAX;
}

enum err hold_add(struct hold *h, const struct access_unit *au)
{
    if (hold_is_full(h, au->len))
        return ERR_NO_MEMORY;
    buf_add(&h->data, au, sizeof *au);
    buf_add(&h->data, au->data, au->len);
    enum err e = buf_err(&h->data);
    if (e)
        return e;
    if (!h->units) {
        h->first_ms = au->ts_ms;
        h->first_now_ms = au->now_ms;
    }
    int32_t stamp = (int32_t)(au->ts_ms - h->first_ms);
    h->earliest = stamp < h->earliest ? stamp : h->earliest;
    h->latest = stamp > h->latest ? stamp : h->latest;
    if (au->track == TIMELINE_VIDEO) {
        if (h->video < HOLD_STAMPS_MAX)
            h->stamps[h->video] = stamp;
        h->video++;
        h->keys += au->key;
    }
    h->units++;
    return ERR_OK;
}

int64_t hold_span_ms(const struct hold *h, int64_t now_ms)
{
    int64_t stamps = (int64_t)h->latest - h->earliest;
    int64_t wall = h->units ? now_ms - h->first_now_ms : 0;
    return stamps > wall ? stamps : wall;
}

bool hold_next(const struct hold *h, size_t *at, struct access_unit *ret_au)
{
    if (*at >= h->data.len)
        return false;
    memcpy(ret_au, h->data.data + *at, sizeof *ret_au);
    ret_au->data = (const uint8_t *)h->data.data + *at + sizeof *ret_au;
    *at += sizeof *ret_au + ret_au->len;
    return true;
}

/* Do the stamps, but for `strays` of them, lie within 0.4 frames of an even grid, and the last
 * right on it? */
static bool fits(const struct hold *h, unsigned n, struct frame_rate rate, unsigned strays)
{
    if (!rate.num || !rate.den)
        return false;
    int64_t frame_us = 1000000LL * rate.den / rate.num;
    int64_t off_us = 0;
    for (unsigned i = 1; i < n; i++) {
        int64_t even_us = (int64_t)(1000000ULL * i * rate.den / rate.num);
        off_us = ((int64_t)h->stamps[i] - h->stamps[0]) * 1000 - even_us;
        if ((off_us > frame_us * 2 / 5 || off_us < -frame_us * 2 / 5) && strays-- == 0)
            return false;
    }
    int64_t end_us = frame_us / 8 > 2000 ? frame_us / 8 : 2000;
    return off_us <= end_us && off_us >= -end_us;
}

struct frame_rate hold_frame_rate(const struct hold *h, const struct frame_rate *hints, unsigned n)
{
    static const struct frame_rate common[] = {
        {30, 1},  {25, 1},  {60, 1},  {24, 1}, {50, 1}, {15, 1}, {20, 1},       {10, 1},
        {48, 1},  {12, 1},  {5, 1},   {8, 1},  {6, 1},  {18, 1}, {24000, 1001}, {90, 1},
        {100, 1}, {120, 1}, {144, 1}, {4, 1},  {3, 1},  {2, 1},  {1, 1}};
    unsigned stamps = h->video < HOLD_STAMPS_MAX ? h->video : HOLD_STAMPS_MAX;
    if (stamps < RATE_FRAMES_MIN)
        return (struct frame_rate){0};
    for (unsigned i = 0; i < n; i++)
        if (fits(h, stamps, hints[i], stamps / 4)) /* the encoder says so: more trust */
            return hints[i];
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        if (fits(h, stamps, common[i], 0))
            return common[i];
    return (struct frame_rate){0};
}
