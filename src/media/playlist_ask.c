#include "media/playlist_window_in.h"

#include <string.h>

enum { TARGETS_TO_WAIT = 3, DIGITS_MAX = 18 };

static enum err read_number(const char *s, size_t len, uint64_t *ret_n)
{
    if (!len || len > DIGITS_MAX)
        return ERR_INPUT;
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return ERR_INPUT;
        n = n * 10 + (uint64_t)(s[i] - '0');
    }
    *ret_n = n;
    return ERR_OK;
}

static bool is(const char *s, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(s, word, len) == 0;
}

static enum err read_pair(const char *name, size_t name_len, const char *value, size_t len,
                          struct playlist_ask *a)
{
    if (is(name, name_len, "_HLS_msn")) {
        if (a->wait)
            return ERR_INPUT;
        a->wait = true;
        return read_number(value, len, &a->msn);
    }
    if (is(name, name_len, "_HLS_part")) {
        if (a->has_part)
            return ERR_INPUT;
        a->has_part = true;
        return read_number(value, len, &a->part);
    }
    if (is(name, name_len, "_HLS_skip"))
        a->skip = is(value, len, "YES") || is(value, len, "v2");
    else if (is(name, name_len, "protocol"))
        a->plain = is(value, len, "hls");
    return ERR_OK;
}

enum err playlist_read_ask(const char *query, size_t len, struct playlist_ask *ret_ask)
{
    struct playlist_ask a = {0};
    for (size_t at = 0; at < len;) {
        const char *pair = query + at;
        const char *and = memchr(pair, '&', len - at);
        size_t pair_len = and? (size_t)(and-pair) : len - at;
        const char *eq = memchr(pair, '=', pair_len);
        size_t name_len = eq ? (size_t)(eq - pair) : pair_len;
        size_t value_at = eq ? name_len + 1 : pair_len;
        enum err e = read_pair(pair, name_len, pair + value_at, pair_len - value_at, &a);
        if (e)
            return e;
        at += pair_len + 1;
    }
    if (a.has_part && !a.wait)
        return ERR_INPUT;
    *ret_ask = a;
    return ERR_OK;
}

/* RFC 8216bis 6.2.5.2: how many parts ahead may be asked for. */
static uint64_t advance_parts(const struct playlist *p)
{
    if (p->part_target <= 0 || p->part_target >= MEDIA_HZ)
        return 3;
    return (uint64_t)((3LL * MEDIA_HZ + p->part_target - 1) / p->part_target);
}

enum playlist_answer playlist_answer(const struct playlist *p, const struct playlist_ask *ask)
{
    if (!ask->wait || p->ended)
        return PLAYLIST_NOW;
    uint64_t msn = ask->msn, part = ask->part, next = window_next_msn(p);
    if (msn > next + 1)
        return PLAYLIST_BAD;
    if (ask->has_part) {
        const struct window_segment *s = window_find(p, msn);
        /* Behind the last part of a complete segment stands the first of the next. */
        if (s && s->complete && part >= s->n) {
            msn++;
            part = 0;
        }
        const struct window_segment *open = window_open(p);
        if (open && msn == open->msn) {
            if (part < open->n)
                return PLAYLIST_NOW;
            if (part > open->n + advance_parts(p))
                return PLAYLIST_BAD;
        }
    }
    return msn < next ? PLAYLIST_NOW : PLAYLIST_WAIT;
}

unsigned playlist_wait_ms(const struct playlist *p)
{
    return p->target_s * TARGETS_TO_WAIT * 1000;
}

bool playlist_expects_part(const struct playlist *p, uint64_t msn, unsigned index)
{
    if (p->ended)
        return false;
    uint64_t hint_msn;
    unsigned hint_index;
    window_hint(p, &hint_msn, &hint_index);
    const struct window_segment *open = window_open(p);
    return (msn == hint_msn && index == hint_index) ||
           (msn == window_next_msn(p) && index == (open ? open->n : 0)) ||
           (open && msn == open->msn + 1 && index == 0);
}
