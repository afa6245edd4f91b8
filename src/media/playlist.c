#include "media/playlist.h"
#include "base/bytes.h"
#include "base/text.h"
#include "media/playlist_window_in.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOW_SEGMENTS = 10, WINDOW_TARGETS_MIN = 4, HINT_SEGMENTS = 3 };

struct playlist *playlist_make(const struct playlist_opts *opts)
{
    struct playlist *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->opts = *opts;
    p->opts.prefix[sizeof p->opts.prefix - 1] = '\0';
    if (!p->opts.window_segments)
        p->opts.window_segments = WINDOW_SEGMENTS;
    if (!p->opts.window_bytes)
        p->opts.window_bytes = PLAYLIST_BYTES;
    return p;
}

static void segment_done(struct window_segment *s)
{
    for (unsigned i = 0; i < s->n; i++)
        bytes_unref(s->parts[i].bytes);
    free(s->parts);
}

static void changed(struct playlist *p)
{
    p->version++;
}

static void forget_texts(struct playlist *p)
{
    for (unsigned k = 0; k < PLAYLIST_KINDS; k++) {
        bytes_unref(p->text[k].bytes);
        p->text[k].bytes = NULL;
    }
}

void playlist_free(struct playlist *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        segment_done(&p->segments[i]);
    free(p->segments);
    for (unsigned i = 0; i < p->inits_n; i++)
        bytes_unref(p->inits[i].bytes);
    forget_texts(p);
    free(p);
}

const struct window_segment *window_find(const struct playlist *p, uint64_t msn)
{
    if (!p->n || msn < p->segments[0].msn || msn - p->segments[0].msn >= p->n)
        return NULL;
    return &p->segments[msn - p->segments[0].msn]; /* msns have no gaps */
}

const struct window_segment *window_open(const struct playlist *p)
{
    return p->n && !p->segments[p->n - 1].complete ? &p->segments[p->n - 1] : NULL;
}

uint64_t window_next_msn(const struct playlist *p)
{
    if (!p->n)
        return p->opts.first_msn;
    return p->segments[p->n - 1].msn + (p->segments[p->n - 1].complete ? 1 : 0);
}

/* How many parts the open segment will have: as the longest of the last ones, for one that a
 * reconnect cut short tells nothing. */
static unsigned parts_expected(const struct playlist *p)
{
    unsigned most = 0;
    for (size_t back = 2; back <= p->n && back <= 1 + HINT_SEGMENTS; back++)
        most = p->segments[p->n - back].n > most ? p->segments[p->n - back].n : most;
    return most;
}

void window_hint(const struct playlist *p, uint64_t *ret_msn, unsigned *ret_index)
{
    const struct window_segment *open = window_open(p);
    *ret_msn = window_next_msn(p);
    *ret_index = open ? open->n : 0;
    if (open && parts_expected(p) == open->n) {
        *ret_msn = open->msn + 1;
        *ret_index = 0;
    }
}

enum err playlist_add_init(struct playlist *p, unsigned version, struct bytes *init,
                           const struct media_info *info)
{
    if (p->inits_n == WINDOW_INITS_MAX) { /* the oldest is needed the least */
        bytes_unref(p->inits[0].bytes);
        p->inits_n--;
        memmove(p->inits, p->inits + 1, p->inits_n * sizeof *p->inits);
    }
    p->inits[p->inits_n++] = (struct window_init){.version = version, .bytes = bytes_ref(init)};
    p->info = *info;
    p->has_info = true;
    return ERR_OK;
}

static struct window_segment *open_segment(struct playlist *p, const struct media_part *part)
{
    if (p->n && p->segments[p->n - 1].msn == part->msn)
        return &p->segments[p->n - 1];
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 32;
        if (cap > WINDOW_SEGMENTS_MAX)
            return NULL;
        struct window_segment *more = realloc(p->segments, cap * sizeof *more);
        if (!more)
            return NULL;
        p->segments = more;
        p->cap = cap;
    }
    struct window_segment *s = &p->segments[p->n++];
    *s = (struct window_segment){.msn = part->msn,
                                 .init = part->init,
                                 .discontinuity = part->discontinuity,
                                 .wall_ms = part->wall_ms};
    return s;
}

static int64_t span(const struct playlist *p, size_t from, size_t to)
{
    int64_t sum = 0;
    for (size_t i = from; i < to; i++)
        sum += p->segments[i].duration;
    return sum;
}

static void drop_oldest(struct playlist *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        segment_done(&p->segments[i]);
    p->n -= n;
    p->listed -= n;
    memmove(p->segments, p->segments + n, p->n * sizeof *p->segments);
    while (p->n && p->inits_n > 1 && p->inits[1].version <= p->segments[0].init) {
        bytes_unref(p->inits[0].bytes);
        p->inits_n--;
        memmove(p->inits, p->inits + 1, p->inits_n * sizeof *p->inits);
    }
}

/* A publisher of very much in very little time: memory counts for more than the window's length. */
static void drop_beyond(struct playlist *p)
{
    uint64_t bytes = 0;
    size_t drop = p->n;
    while (drop && (drop == p->n || bytes + p->segments[drop - 1].size <= p->opts.window_bytes))
        bytes += p->segments[--drop].size;
    for (; p->listed < drop; p->listed++)
        p->discontinuity += p->segments[p->listed].discontinuity;
    if (drop)
        drop_oldest(p, drop);
}

/* Take out of the text what is too old for it, and out of memory what was out long enough: RFC
 * 8216bis 6.2.2 keeps a removed segment for its own duration and the longest playlist's. */
static void slide(struct playlist *p)
{
    int64_t least = (int64_t)p->opts.dvr_s * MEDIA_HZ;
    int64_t targets = (int64_t)p->target_s * WINDOW_TARGETS_MIN * MEDIA_HZ;
    least = least > targets ? least : targets;
    int64_t listed = span(p, p->listed, p->n);
    while (p->n - p->listed > p->opts.window_segments &&
           listed - p->segments[p->listed].duration >= least) {
        listed -= p->segments[p->listed].duration;
        p->discontinuity += p->segments[p->listed].discontinuity;
        p->listed++;
    }
    int64_t kept = span(p, 0, p->listed);
    size_t drop = 0;
    while (drop < p->listed && kept - p->segments[drop].duration >= listed) {
        kept -= p->segments[drop].duration;
        drop++;
    }
    if (drop)
        drop_oldest(p, drop);
    drop_beyond(p);
}

static void complete(struct playlist *p, struct window_segment *s)
{
    s->complete = true;
    struct window_part *fit = realloc(s->parts, s->n * sizeof *fit);
    if (fit) {
        s->parts = fit;
        s->cap = s->n;
    }
    slide(p);
}

enum err playlist_add_part(struct playlist *p, const struct media_part *part)
{
    struct window_segment *s = open_segment(p, part);
    if (!s)
        return ERR_NO_MEMORY;
    if (s->n == s->cap) {
        unsigned cap = s->cap ? s->cap * 2 : 8;
        struct window_part *more =
            cap > PLAYLIST_PARTS_MAX ? NULL : realloc(s->parts, cap * sizeof *more);
        if (!more)
            return ERR_NO_MEMORY;
        s->parts = more;
        s->cap = cap;
    }
    s->parts[s->n++] = (struct window_part){.bytes = bytes_ref(part->bytes),
                                            .duration = part->duration,
                                            .independent = part->independent};
    s->duration += part->duration;
    s->size += part->bytes->len;
    if (part->last)
        complete(p, s);
    changed(p);
    return ERR_OK;
}

void playlist_end_segment(struct playlist *p, uint64_t msn)
{
    if (!p->n || p->segments[p->n - 1].msn != msn)
        return;
    struct window_segment *s = &p->segments[p->n - 1];
    if (s->complete)
        return;
    complete(p, s);
    changed(p);
}

void playlist_ready(struct playlist *p, unsigned target_s, int64_t part_target)
{
    p->target_s = target_s;
    p->part_target = part_target;
    p->ready = true;
    changed(p);
}

void playlist_begin_at(struct playlist *p, uint64_t discontinuity)
{
    p->discontinuity = discontinuity;
}

void playlist_end(struct playlist *p)
{
    p->ended = true;
    changed(p);
}

bool playlist_is_ready(const struct playlist *p)
{
    return p->ready;
}

bool playlist_has_ended(const struct playlist *p)
{
    return p->ended;
}

uint64_t playlist_version(const struct playlist *p)
{
    return p->version;
}

unsigned playlist_target_s(const struct playlist *p)
{
    return p->target_s;
}

const struct media_info *playlist_info(const struct playlist *p)
{
    return p->has_info ? &p->info : NULL;
}

void playlist_rates(const struct playlist *p, uint64_t *ret_peak, uint64_t *ret_average)
{
    uint64_t peak = 0, bits = 0, time = 0;
    for (size_t i = p->listed; i < p->n; i++) {
        const struct window_segment *s = &p->segments[i];
        uint64_t duration = (uint64_t)s->duration;
        if (!duration || (!s->complete && p->n - p->listed > 1))
            continue;
        uint64_t rate = s->size * 8 * MEDIA_HZ / duration;
        peak = rate > peak ? rate : peak;
        bits += s->size * 8;
        time += duration;
    }
    *ret_peak = peak;
    *ret_average = time ? bits * MEDIA_HZ / time : 0;
}

void playlist_set_reports(struct playlist *p, const struct playlist_report *reports, unsigned n)
{
    p->reports_n = 0;
    for (unsigned i = 0; i < n && i < PLAYLIST_REPORTS_MAX; i++) {
        if (!text_copy(p->reports[p->reports_n].uri, sizeof p->reports[0].uri, reports[i].uri))
            continue;
        p->reports[p->reports_n].msn = reports[i].msn;
        p->reports[p->reports_n++].part = reports[i].part;
    }
    forget_texts(p); /* nobody is woken for it, but the next text shows it */
}

struct bytes *playlist_init(const struct playlist *p, unsigned version)
{
    for (unsigned i = 0; i < p->inits_n; i++)
        if (p->inits[i].version == version)
            return bytes_ref(p->inits[i].bytes);
    return NULL;
}

struct bytes *playlist_part(const struct playlist *p, uint64_t msn, unsigned index)
{
    const struct window_segment *s = window_find(p, msn);
    return s && index < s->n ? bytes_ref(s->parts[index].bytes) : NULL;
}

unsigned playlist_segment(const struct playlist *p, uint64_t msn, struct bytes **ret_parts,
                          unsigned max)
{
    const struct window_segment *s = window_find(p, msn);
    if (!s || !s->complete)
        return 0;
    for (unsigned i = 0; i < s->n && i < max; i++)
        ret_parts[i] = bytes_ref(s->parts[i].bytes);
    return s->n;
}
