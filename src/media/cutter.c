#include "base/bytes.h"
#include "media/cutter_in.h"

#include <string.h>

enum {
    MS = MEDIA_HZ / 1000,
    EPS = 2 * MS,           /* stamps are milliseconds: cut with slack */
    SEGMENT_MIN = 950 * MS, /* a second, with slack */
    AUDIO_SEGMENT = 2 * MEDIA_HZ,
    PUBLISH_BY_S = 4, /* without a second key frame */
    TARGET_MIN_S = 2,
    SILENCE = 250 * MS,          /* video this late behind audio has stopped */
    PART_DATA_MAX = 16 << 20,    /* of one track */
    SEGMENT_DATA_MAX = 32 << 20, /* a segment that has so much ends, key frame or not */
};

void cutter_init(struct cutter *c, const struct packager_resume *resume,
                 const struct packager_sink *sink, void *arg, struct packager_stats *stats)
{
    *c = (struct cutter){.sink = *sink, .arg = arg, .stats = stats, .last_key = -1};
    c->msn = resume->msn;
    c->init = resume->init;
    c->target_s = resume->target_s;
    c->part_target = resume->part_target;
    c->t0 = c->segment_start = resume->time;
    c->discontinuities = resume->discontinuity;
    c->silent = c->fresh = true;
    buf_init(&c->v.data, PART_DATA_MAX);
    buf_init(&c->a.data, PART_DATA_MAX);
}

void cutter_done(struct cutter *c)
{
    buf_done(&c->v.data);
    buf_done(&c->a.data);
}

static int64_t audio_time(const struct cutter *c, int64_t position)
{
    return c->sample_hz ? position * MEDIA_HZ / c->sample_hz : 0;
}

static bool is_open(const struct cutter *c)
{
    return c->v.n || c->a.n;
}

static int64_t least(const struct cutter *c)
{
    return c->part_target * 85 / 100 + 1;
}

/* Drop the first `n` samples, which were given out. */
static void forget(struct cutter_track *t, unsigned n)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < n; i++) {
        bytes += t->samples[i].size;
        t->dts += t->samples[i].duration;
    }
    t->n -= n;
    memmove(t->samples, t->samples + n, t->n * sizeof *t->samples);
    if (t->n)
        buf_drop(&t->data, bytes);
    else
        buf_clear(&t->data);
}

static struct fmp4_track track_view(const struct cutter_track *t, unsigned id, unsigned n)
{
    struct fmp4_track view = {.id = id,
                              .dts = (uint64_t)t->dts,
                              .samples = t->samples,
                              .n = n,
                              .data = (const uint8_t *)t->data.data};
    for (unsigned i = 0; i < n; i++)
        view.len += t->samples[i].size;
    return view;
}

static void settle_target(struct cutter *c)
{
    if (c->target_s)
        return;
    c->target_s = c->video ? PUBLISH_BY_S : TARGET_MIN_S;
    if (c->video && c->gop) {
        /* Rounded up, but a hair over a whole second is jitter: 2.002 is 2. */
        int64_t s = (c->gop - 100 * MS + MEDIA_HZ - 1) / MEDIA_HZ;
        c->target_s = s < TARGET_MIN_S   ? TARGET_MIN_S
                      : s > PUBLISH_BY_S ? PUBLISH_BY_S
                                         : (unsigned)s;
    }
}

static void end_segment(struct cutter *c)
{
    if (!c->index)
        return;
    settle_target(c);
    c->msn++;
    c->index = 0;
    c->segment_bytes = 0;
    c->segment_start = c->t0;
    c->stats->segments++;
    struct packager_resume next = {.msn = c->msn,
                                   .init = c->init,
                                   .target_s = c->target_s,
                                   .part_target = c->part_target,
                                   .time = c->t0,
                                   .discontinuity = c->discontinuities};
    c->sink.segment_end(c->arg, c->msn - 1, &next);
    cutter_settle(c);
}

void cutter_settle(struct cutter *c)
{
    if (c->ready || !c->part_target)
        return;
    settle_target(c);
    c->ready = true;
    c->sink.ready(c->arg, c->target_s, c->part_target);
}

/* Would the segment, after a part of `duration` and one more, get longer than it may be? */
static bool is_long(const struct cutter *c, int64_t duration)
{
    int64_t now = c->t0 + duration - c->segment_start;
    if (!c->video)
        return now + c->part_target > AUDIO_SEGMENT + EPS;
    if (!c->target_s)
        return now >= PUBLISH_BY_S * (int64_t)MEDIA_HZ - EPS;
    return now + c->part_target >= c->target_s * (int64_t)MEDIA_HZ + MEDIA_HZ / 2;
}

/* Close the open part with all its video and its first `audio_n` audio frames, at `end` or at the
 * part target if that comes first. */
static enum err give(struct cutter *c, int64_t end, unsigned audio_n, bool last)
{
    int64_t duration = end - c->t0;
    if (duration > c->part_target)
        duration = c->part_target;
    if (duration < MS)
        duration = MS;
    if (c->index == 0) {
        c->discontinuity = c->broken;
        c->discontinuities += c->broken;
        c->broken = false;
    }
    struct media_part part = {.msn = c->msn,
                              .index = c->index,
                              .init = c->init,
                              .start = c->t0,
                              .duration = duration,
                              .wall_ms = c->anchor_wall_ms + (c->t0 - c->anchor) / MS,
                              .independent = c->v.n ? c->v.samples[0].key : !c->video,
                              .discontinuity = c->discontinuity};
    const struct fmp4_track tracks[] = {track_view(&c->v, FMP4_TRACK_VIDEO, c->v.n),
                                        track_view(&c->a, FMP4_TRACK_AUDIO, audio_n)};
    c->segment_bytes += c->v.data.len + c->a.data.len;
    part.last = last || is_long(c, duration) || c->segment_bytes >= SEGMENT_DATA_MAX;
    enum err e = fmp4_part(++c->sequence, tracks, 2, &part.bytes);
    forget(&c->v, c->v.n);
    forget(&c->a, audio_n);
    c->t0 += duration;
    c->stats->time = c->t0;
    if (e)
        return e;
    c->fresh = false;
    c->index++;
    c->stats->parts++;
    c->sink.part(c->arg, &part);
    bytes_unref(part.bytes);
    if (part.last)
        end_segment(c);
    return ERR_OK;
}

static enum err give_part(struct cutter *c, int64_t end, unsigned audio_n)
{
    return give(c, end, audio_n, false);
}

/* All that is there; its segment ends. */
static enum err give_last(struct cutter *c, int64_t end)
{
    enum err e = give(c, end, c->a.n, true);
    if (e)
        end_segment(c);
    return e;
}

/* How many of the waiting audio frames end by `by`. */
static unsigned audio_until(const struct cutter *c, int64_t by, int64_t *ret_end)
{
    int64_t at = c->a.dts;
    unsigned n = 0;
    for (; n < c->a.n; n++) {
        int64_t end = audio_time(c, at + c->frame_samples);
        if (end > by)
            break;
        *ret_end = end;
        at += c->a.samples[n].duration;
    }
    return n;
}

static int64_t starts_at(const struct cutter *c, unsigned n)
{
    int64_t at = c->a.dts;
    for (unsigned i = 0; i < n; i++)
        at += c->a.samples[i].duration;
    return audio_time(c, at);
}

/* The whole stream paused: no part may be so long. The segment ends, the clock goes on. */
static void skip_to(struct cutter *c, int64_t at)
{
    end_segment(c);
    c->t0 = c->segment_start = c->stats->time = at;
    c->stats->holes++;
}

static int64_t content_end(const struct cutter *c)
{
    int64_t end = c->t0;
    if (c->v.n && c->v.last + c->frame > end)
        end = c->v.last + c->frame;
    if (c->a.n && c->audio_at > end)
        end = c->audio_at;
    return end;
}

/* Media at `at` has come, further on than the open part can reach. */
static enum err catch_up(struct cutter *c, int64_t at)
{
    while (at - c->t0 > c->part_target + EPS) {
        int64_t end = content_end(c), by = c->t0 + c->part_target;
        if (end - c->t0 < least(c)) {
            enum err e = is_open(c) ? give_last(c, end) : ERR_OK;
            if (e)
                return e;
            skip_to(c, at);
            return ERR_OK;
        }
        int64_t unused = 0;
        enum err e = give_part(c, by, audio_until(c, by, &unused));
        if (e)
            return e;
    }
    return ERR_OK;
}

static enum err add(struct cutter_track *t, int64_t dts, const struct fmp4_sample *s,
                    const uint8_t *data)
{
    buf_add(&t->data, data, s->size);
    if (t->data.failed) {
        t->data.failed = false;
        return ERR_NO_MEMORY;
    }
    if (!t->n)
        t->dts = dts;
    else if (dts > t->last)
        t->samples[t->n - 1].duration = (uint32_t)(dts - t->last);
    t->last = dts;
    t->samples[t->n++] = *s;
    return ERR_OK;
}

/* A part that grows without its time moving on (stuck stamps, huge frames) ends its segment. */
static enum err make_room(struct cutter *c, const struct cutter_track *t, size_t len)
{
    if (t->n < CUTTER_SAMPLES_MAX && t->data.len + len <= PART_DATA_MAX)
        return ERR_OK;
    return give_last(c, content_end(c));
}

static enum err at_key_frame(struct cutter *c, int64_t at)
{
    if (c->last_key >= 0 && at > c->last_key)
        c->stats->gop = c->gop = at - c->last_key;
    c->last_key = at;
    if (at - c->segment_start < SEGMENT_MIN)
        return ERR_OK;
    /* Audio alone that came since the last frame goes into the new segment. */
    bool worth = c->v.n || (c->a.n && at - c->t0 > c->frame / 2);
    if (worth)
        return give_last(c, at);
    end_segment(c);
    return ERR_OK;
}

/* Is the open part as long as a part gets, when one more frame of `frame` would be too much? */
static bool is_full(const struct cutter *c, int64_t end, int64_t frame)
{
    return end - c->t0 >= least(c) && end + frame - c->t0 > c->part_target + EPS;
}

enum err cutter_video(struct cutter *c, const struct cutter_frame *f)
{
    if (c->fresh && !c->v.n && f->dts > c->t0 && f->dts - c->t0 < c->part_target)
        c->t0 = c->segment_start = f->dts; /* audio began a little earlier */
    enum err e = catch_up(c, f->dts);
    if (!e && c->v.n && is_full(c, f->dts, f->duration))
        e = give_part(c, f->dts, c->a.n);
    if (!e && f->key)
        e = at_key_frame(c, f->dts);
    if (!e)
        e = make_room(c, &c->v, f->len);
    if (e)
        return e;
    const struct fmp4_sample s = {
        .size = (uint32_t)f->len, .duration = (uint32_t)f->duration, .cts = f->cts, .key = f->key};
    e = add(&c->v, f->dts, &s, f->data);
    if (e)
        return e;
    int64_t end = f->dts + f->duration;
    int64_t lead = c->audio_at - end;
    c->lead = lead > c->lead ? lead : c->lead - (c->lead - lead) / 64;
    c->frame = f->duration;
    c->silent = false;
    return is_full(c, end, f->duration) ? give_part(c, end, c->a.n) : ERR_OK;
}

static enum err close_by_audio(struct cutter *c)
{
    int64_t frame = audio_time(c, c->frame_samples) + 1;
    while (c->a.n && c->audio_at + frame - c->t0 > c->part_target + EPS) {
        int64_t end = c->v.n ? c->v.last + c->frame : c->t0;
        unsigned n = audio_until(c, c->t0 + c->part_target + EPS, &end);
        bool hole = n < c->a.n && starts_at(c, n) - (end > c->t0 ? end : c->t0) > frame;
        if (!n && !c->v.n && !hole)
            n = 1; /* one frame lasts longer than a part */
        if (n || c->v.n) {
            enum err e = give(c, end, n, hole);
            if (e)
                return e;
        }
        if (hole)
            skip_to(c, starts_at(c, 0));
    }
    return ERR_OK;
}

enum err cutter_audio(struct cutter *c, int64_t position, const uint8_t *data, size_t len)
{
    enum err e = ERR_OK;
    int64_t at = audio_time(c, position);
    if (c->silent)
        e = catch_up(c, at);
    if (!e)
        e = make_room(c, &c->a, len);
    if (e)
        return e;
    const struct fmp4_sample s = {
        .size = (uint32_t)len, .duration = (uint32_t)c->frame_samples, .key = true};
    e = add(&c->a, position, &s, data);
    if (e)
        return e;
    c->audio_at = audio_time(c, position + c->frame_samples);
    int64_t lead = c->lead > 0 ? c->lead : 0;
    if (c->audio_at > c->t0 + c->part_target + lead + SILENCE)
        c->silent = true;
    return c->silent ? close_by_audio(c) : ERR_OK;
}

void cutter_flush(struct cutter *c)
{
    if (is_open(c) && c->part_target) {
        enum err e = give_last(c, content_end(c));
        if (e) /* out of memory: that part is lost, the segment still ends */
            c->stats->dropped_frames++;
    }
    end_segment(c);
}

void cutter_break(struct cutter *c, int64_t at, int64_t wall_ms)
{
    cutter_flush(c);
    if (at > c->t0)
        c->t0 = c->segment_start = at;
    c->broken = c->fresh = true;
    c->anchor = c->t0;
    c->anchor_wall_ms = wall_ms;
    c->last_key = -1;
    c->silent = true;
    c->lead = 0;
}
