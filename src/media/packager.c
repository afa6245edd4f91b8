#include "media/packager.h"
#include "base/bytes.h"
#include "media/aac.h"
#include "media/amf.h"
#include "media/cutter_in.h"
#include "media/frameclock_in.h"
#include "media/h264.h"
#include "media/hold_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MS = MEDIA_HZ / 1000,
    PART_MS = 200,
    HOLD_FRAMES = 12,     /* enough to tell the rate */
    HOLD_TRACK_MS = 1000, /* a track that comes later makes a DISCONTINUITY */
    HOLD_KEY_MS = 4000,   /* then audio goes on alone */
    CTS_MS_MAX = 10000,
    PREFIX_MAX = 64 << 10,
};

enum state {
    IDLE, /* no publisher */
    HOLD, /* its first units are kept until we know what it sends */
    LIVE, /* units go to the cutter as they come */
};

struct config {
    bool has_video, has_audio;
    struct h264_config video;
    struct aac_config audio;
};

struct packager {
    enum state state;
    int64_t part_len; /* the least a part should last */
    struct packager_stats stats;
    struct media_info info;
    struct packager_sink sink;
    void *arg;
    bool goes_on; /* something came before: begin with a DISCONTINUITY */

    struct config seen;        /* what the publisher announced last */
    struct config now;         /* what the init in use says */
    struct h264_config header; /* the last sequence header, to know a repeated one */
    bool has_header;
    bool need_key;     /* no key frame since the publisher came or its configuration changed */
    struct buf prefix; /* NAL units of messages without a picture, for the next picture */

    struct { /* onMetaData; -1: does not say */
        int video, audio;
        double fps;
    } meta;

    struct hold hold;
    struct timeline time;
    struct frame_clock video_clock, audio_clock;
    int64_t video_step; /* the last one, while there is no rate */
    struct cutter cut;
};

struct packager *packager_make(const struct packager_opts *opts, const struct packager_sink *sink,
                               void *arg)
{
    struct packager *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    unsigned part_ms = opts->part_ms ? opts->part_ms : PART_MS;
    part_ms = part_ms < 50 ? 50 : part_ms > 1000 ? 1000 : part_ms;
    p->part_len = (int64_t)part_ms * MS;
    p->sink = *sink;
    p->arg = arg;
    p->goes_on = opts->resume.msn || opts->resume.init || opts->resume.time;
    hold_init(&p->hold);
    buf_init(&p->prefix, PACKAGER_AU_MAX + PREFIX_MAX);
    cutter_init(&p->cut, &opts->resume, sink, arg, &p->stats);
    return p;
}

void packager_free(struct packager *p)
{
    if (!p)
        return;
    hold_done(&p->hold);
    buf_done(&p->prefix);
    cutter_done(&p->cut);
    free(p);
}

const struct packager_stats *packager_stats(const struct packager *p)
{
    return &p->stats;
}

const struct media_info *packager_info(const struct packager *p)
{
    return &p->info;
}

void packager_begin(struct packager *p)
{
    if (p->state != IDLE)
        packager_stop(p);
    p->state = HOLD;
    p->seen.has_video = p->seen.has_audio = p->has_header = false;
    p->need_key = true;
    p->meta.video = p->meta.audio = -1;
    p->meta.fps = 0;
    buf_clear(&p->prefix);
    hold_clear(&p->hold);
}

/* ---- a new init segment ---- */

static void describe(struct packager *p)
{
    struct media_info *i = &p->info;
    char video[12] = "", audio[12] = "";
    i->video = p->now.has_video;
    i->audio = p->now.has_audio;
    if (i->video) {
        h264_codecs(&p->now.video.sps, video);
        i->width = p->now.video.sps.width;
        i->height = p->now.video.sps.height;
    }
    if (i->audio) {
        aac_codecs(&p->now.audio, audio);
        i->sample_hz = p->now.audio.out_hz;
        i->channels = p->now.audio.channels;
    }
    (void)snprintf(i->codecs, sizeof i->codecs, "%s%s%s", video, *video && *audio ? "," : "",
                   audio);
}

static bool same_video(const struct config *a, const struct config *b)
{
    return a->has_video == b->has_video &&
           (!a->has_video || (a->video.len == b->video.len &&
                              memcmp(a->video.avcc, b->video.avcc, a->video.len) == 0));
}

static bool same_audio(const struct config *a, const struct config *b)
{
    return a->has_audio == b->has_audio &&
           (!a->has_audio || (a->audio.len == b->audio.len &&
                              memcmp(a->audio.asc, b->audio.asc, a->audio.len) == 0));
}

static void start_audio_clock(struct packager *p)
{
    int64_t hz = p->now.audio.sample_hz;
    frame_clock_init(&p->audio_clock, p->now.audio.frame_samples, 1, hz / 1000 + 1, hz * 80 / 1000);
}

/* Put what was seen into use; the cutter has ended its segment. */
static enum err use_config(struct packager *p)
{
    bool same = p->cut.init && same_video(&p->seen, &p->now) && same_audio(&p->seen, &p->now);
    bool new_audio = !same_audio(&p->seen, &p->now);
    p->now = p->seen;
    p->cut.video = p->now.has_video;
    p->cut.audio = p->now.has_audio;
    if (p->now.has_audio) {
        p->cut.sample_hz = p->now.audio.sample_hz;
        p->cut.frame_samples = p->now.audio.frame_samples;
        if (new_audio)
            start_audio_clock(p);
    }
    describe(p);
    if (same)
        return ERR_OK;
    struct bytes *init;
    enum err e = fmp4_init(p->now.has_video ? &p->now.video : NULL,
                           p->now.has_audio ? &p->now.audio : NULL, &init);
    if (e)
        return e;
    p->sink.init(p->arg, ++p->cut.init, init, &p->info);
    bytes_unref(init);
    return ERR_OK;
}

/* ---- rate and targets ---- */

static void use_rate(struct packager *p, struct frame_rate rate)
{
    p->info.fps_num = rate.num;
    p->info.fps_den = rate.den;
    int64_t num = (int64_t)MEDIA_HZ * rate.den, den = rate.num ? rate.num : 1;
    int64_t slack = num / den * 3 / 5;
    frame_clock_init(&p->video_clock, num, den, MS, slack > 3 * MS ? slack : 3 * MS);
    p->video_step = MEDIA_HZ / 30;
}

/* The smallest whole number of frames of num/den units that lasts part_len, in those units. */
static int64_t whole_frames(int64_t part_len, int64_t num, int64_t den)
{
    int64_t n = (part_len * den + num - 1 - num / 1000) / num;
    return ((n ? n : 1) * num + den - 1) / den;
}

static void settle_part_target(struct packager *p)
{
    struct cutter *c = &p->cut;
    if (c->part_target)
        return;
    if (p->now.has_video && p->info.fps_num)
        c->part_target =
            whole_frames(p->part_len, (int64_t)MEDIA_HZ * p->info.fps_den, p->info.fps_num);
    else if (p->now.has_video)
        c->part_target = p->part_len * 5 / 4;
    else
        c->part_target = whole_frames(p->part_len, (int64_t)MEDIA_HZ * p->now.audio.frame_samples,
                                      p->now.audio.sample_hz);
}

/* ---- live ---- */

static int64_t end_of_media(const struct cutter *c)
{
    int64_t end = c->t0;
    if (c->v.last + c->frame > end)
        end = c->v.last + c->frame;
    return c->audio_at > end ? c->audio_at : end;
}

/* The publisher changed its configuration: a new init after a DISCONTINUITY. */
static enum err change_config(struct packager *p, int64_t now_ms)
{
    const struct h264_sps *old = &p->now.video.sps, *new = &p->seen.video.sps;
    bool new_rate = p->now.has_video && p->seen.has_video && new->fps_num &&
                    (uint64_t)old->fps_num *new->fps_den != (uint64_t) new->fps_num * old->fps_den;
    cutter_break(&p->cut, end_of_media(&p->cut), now_ms);
    if (new_rate)
        use_rate(p, (struct frame_rate){new->fps_num, new->fps_den});
    return use_config(p);
}

static int64_t map(struct packager *p, const struct access_unit *au)
{
    int64_t at;
    if (timeline_map(&p->time, au->track, au->ts_ms, au->nano, &at)) {
        p->stats.jumps++;
        cutter_break(&p->cut, at, au->now_ms);
    }
    return at;
}

/* Composition offsets are rounded to milliseconds too: back onto the grid where they are near. */
static int32_t grid_cts(const struct packager *p, int32_t cts_ms)
{
    const struct frame_clock *c = &p->video_clock;
    int64_t cts = (int64_t)cts_ms * MS;
    if (!c->num || !cts)
        return (int32_t)cts;
    int64_t half = cts > 0 ? c->num / 2 : -c->num / 2;
    int64_t even = frame_clock_span(c, (cts * c->den + half) / c->num);
    int64_t off = cts - even;
    return (int32_t)(off < 2 * MS && off > -2 * MS ? even : cts);
}

static enum err live_video(struct packager *p, const struct access_unit *au)
{
    bool changed = !same_video(&p->seen, &p->now) || !same_audio(&p->seen, &p->now);
    if (p->need_key && !au->key) {
        p->stats.dropped_frames++;
        return ERR_OK;
    }
    if (changed && au->key) {
        enum err e = change_config(p, au->now_ms);
        if (e)
            return e;
    }
    p->need_key = false;
    int64_t stamp = map(p, au), last = p->video_clock.last;
    bool begun = p->video_clock.begun, late;
    struct cutter_frame f = {.dts = frame_clock_next(&p->video_clock, stamp, &late),
                             .key = au->key,
                             .data = au->data,
                             .len = au->len};
    p->stats.late_stamps += late;
    if (begun && f.dts - last < MEDIA_HZ / 4 && f.dts - last >= MS)
        p->video_step = f.dts - last;
    f.duration = p->video_clock.num ? frame_clock_span(&p->video_clock, 1) : p->video_step;
    f.cts = grid_cts(p, au->cts_ms);
    p->stats.video_frames++;
    p->stats.key_frames += au->key;
    return cutter_video(&p->cut, &f);
}

static enum err live_audio(struct packager *p, const struct access_unit *au)
{
    if (!same_audio(&p->seen, &p->now)) {
        if (p->now.has_video && !p->cut.silent) {
            p->stats.dropped_frames++; /* until the next key frame, where a new init may begin */
            return ERR_OK;
        }
        enum err e = change_config(p, au->now_ms);
        if (e)
            return e;
    }
    if (!p->now.has_audio)
        return ERR_OK;
    int64_t at = map(p, au);
    bool late;
    int64_t position =
        frame_clock_next(&p->audio_clock, at * (int64_t)p->now.audio.sample_hz / MEDIA_HZ, &late);
    p->stats.late_stamps += late;
    p->stats.audio_frames++;
    return cutter_audio(&p->cut, position, au->data, au->len);
}

static enum err live(struct packager *p, const struct access_unit *au)
{
    return au->track == TIMELINE_VIDEO ? live_video(p, au) : live_audio(p, au);
}

/* ---- hold ---- */

static bool knows_enough(const struct packager *p, int64_t now_ms)
{
    const struct hold *h = &p->hold;
    if (!h->units)
        return false;
    int64_t span = hold_span_ms(h, now_ms);
    if (p->seen.has_video && !h->video)
        return span >= HOLD_KEY_MS;
    bool more = (!p->seen.has_audio && p->meta.audio) || (!p->seen.has_video && p->meta.video);
    if (more && span < HOLD_TRACK_MS)
        return false;
    return !p->seen.has_video || h->video >= HOLD_FRAMES || span >= HOLD_TRACK_MS ||
           (h->keys > 1 && h->video > 4);
}

/* Audio from before the first picture would make a part without one. */
static bool is_early(const struct hold *h, const struct access_unit *au)
{
    return h->video && au->track == TIMELINE_AUDIO &&
           (int32_t)(au->ts_ms - h->first_ms) < h->stamps[0] - 50;
}

static void start_timeline(struct packager *p)
{
    const struct hold *h = &p->hold;
    struct access_unit au;
    int64_t first = 0, earliest = INT64_MAX, wall_ms = INT64_MAX;
    bool any = false;
    for (size_t at = 0; hold_next(h, &at, &au);) {
        if (is_early(h, &au))
            continue;
        int64_t stamp = (int32_t)(au.ts_ms - h->first_ms);
        if (!any)
            first = stamp;
        any = true;
        if (first - stamp > TIMELINE_BACK_MS || stamp - first > TIMELINE_AHEAD_MS)
            continue; /* a jump, for the timeline to see */
        earliest = stamp < earliest ? stamp : earliest;
        /* The unit that travelled fastest: a publisher's very first one often lags. */
        wall_ms = au.now_ms - stamp < wall_ms ? au.now_ms - stamp : wall_ms;
    }
    wall_ms = any ? wall_ms + earliest : h->first_now_ms;
    int64_t begin = end_of_media(&p->cut);
    timeline_init(&p->time, begin + (any ? first - earliest : 0) * MS);
    if (p->goes_on) {
        cutter_break(&p->cut, begin, wall_ms);
    } else {
        p->cut.anchor = begin;
        p->cut.anchor_wall_ms = wall_ms;
    }
    p->goes_on = true;
}

static enum err settle(struct packager *p)
{
    const struct h264_sps *sps = &p->seen.video.sps;
    struct frame_rate hints[2] = {{0}};
    if (p->seen.has_video)
        hints[0] = (struct frame_rate){sps->fps_num, sps->fps_den};
    if (p->meta.fps >= 1 && p->meta.fps <= 300)
        hints[1] = (struct frame_rate){(unsigned)(p->meta.fps * 1000 + 0.5), 1000};
    p->state = LIVE;
    start_timeline(p);
    use_rate(p, hold_frame_rate(&p->hold, hints, 2));
    enum err e = use_config(p);
    if (p->now.has_audio)
        start_audio_clock(p);
    settle_part_target(p);
    struct access_unit au;
    for (size_t at = 0; hold_next(&p->hold, &at, &au);) {
        if (is_early(&p->hold, &au)) {
            p->stats.dropped_frames++;
            continue;
        }
        enum err unit = live(p, &au);
        e = e ? e : unit;
    }
    hold_clear(&p->hold);
    return e;
}

static enum err take_unit(struct packager *p, const struct access_unit *au)
{
    if (p->state == LIVE)
        return live(p, au);
    if (au->track == TIMELINE_VIDEO && p->need_key && !au->key && !p->hold.video) {
        p->stats.dropped_frames++;
    } else {
        if (hold_is_full(&p->hold, au->len)) {
            enum err e = settle(p);
            return e ? e : live(p, au);
        }
        enum err e = hold_add(&p->hold, au);
        if (e)
            return e;
    }
    return knows_enough(p, au->now_ms) ? settle(p) : ERR_OK;
}

/* ---- messages ---- */

static enum err take_video_config(struct packager *p, const struct flv_packet *packet)
{
    struct h264_config config;
    enum err e = h264_read_config(packet->data, packet->len, &config);
    if (e) {
        if (e == ERR_MEDIA_TYPE)
            p->stats.unsupported = "this H.264 configuration";
        return e;
    }
    if (config.sps.rich) { /* browsers show nothing of it */
        p->stats.unsupported = "H.264 other than 8 bits 4:2:0";
        return ERR_MEDIA_TYPE;
    }
    if (p->has_header && p->header.len == config.len &&
        memcmp(p->header.avcc, config.avcc, config.len) == 0)
        return ERR_OK;
    if (p->state == HOLD && p->hold.video)
        e = settle(p); /* what was held belongs to the old configuration */
    p->header = config;
    p->has_header = true;
    p->seen.video = config;
    p->seen.has_video = true;
    p->need_key = p->need_key || !same_video(&p->seen, &p->now);
    return e;
}

static enum err take_audio_config(struct packager *p, const struct flv_packet *packet)
{
    struct aac_config config;
    enum err e = aac_read_config(packet->data, packet->len, &config);
    if (e) {
        if (e == ERR_MEDIA_TYPE)
            p->stats.unsupported = "this AAC configuration";
        return e;
    }
    p->seen.audio = config;
    p->seen.has_audio = true;
    return ERR_OK;
}

/* A new SPS in the stream itself, as some encoders announce a new picture size. */
static void take_inband_config(struct packager *p, const struct h264_au *look)
{
    struct h264_config config;
    if (look->sps && !h264_config_has_sps(&p->seen.video, look->sps, look->sps_len) &&
        !h264_config_from(&p->seen.video, look, &config))
        p->seen.video = config;
}

static enum err take_picture(struct packager *p, struct access_unit *au, bool said_key)
{
    struct h264_au look;
    if (!p->seen.has_video) {
        p->stats.dropped_frames++;
        return ERR_OK;
    }
    enum err e = h264_look(au->data, au->len, p->seen.video.nal_len_bytes, &look);
    if (e)
        return e;
    if (!look.slices || p->prefix.len) {
        if (!look.slices && p->prefix.len + au->len > PREFIX_MAX)
            return ERR_TOO_LARGE;
        buf_add(&p->prefix, au->data, au->len);
        if (!look.slices)
            return buf_err(&p->prefix);
        au->data = (const uint8_t *)p->prefix.data;
        au->len = p->prefix.len;
        e = h264_look(au->data, au->len, p->seen.video.nal_len_bytes, &look);
        if (e || p->prefix.failed)
            goto done;
    }
    au->key = look.key || (said_key && look.intra);
    p->info.b_frames |= look.b;
    if (au->key && p->state == LIVE)
        take_inband_config(p, &look);
    e = take_unit(p, au);
done:
    buf_clear(&p->prefix);
    return e;
}

static enum err take_packet(struct packager *p, const struct flv_packet *packet, uint32_t ts_ms,
                            int64_t now_ms)
{
    bool video = packet->type == FLV_VIDEO;
    struct access_unit au = {.track = video ? TIMELINE_VIDEO : TIMELINE_AUDIO,
                             .ts_ms = ts_ms,
                             .nano = packet->nano,
                             .cts_ms = packet->cts_ms,
                             .key = !video,
                             .now_ms = now_ms,
                             .data = packet->data,
                             .len = packet->len};
    switch (packet->kind) {
    case FLV_NOTHING: return ERR_OK;
    case FLV_UNSUPPORTED: p->stats.unsupported = packet->codec; return ERR_MEDIA_TYPE;
    case FLV_CONFIG: return video ? take_video_config(p, packet) : take_audio_config(p, packet);
    case FLV_FRAME: break;
    }
    if (au.cts_ms > CTS_MS_MAX || au.cts_ms < -CTS_MS_MAX)
        return ERR_INPUT;
    if (video)
        return take_picture(p, &au, packet->key);
    if (!p->seen.has_audio) {
        p->stats.dropped_frames++;
        return ERR_OK;
    }
    return take_unit(p, &au);
}

/* onMetaData, bare or behind @setDataFrame: which tracks to wait for, and the rate. */
static void take_metadata(struct packager *p, const uint8_t *body, size_t len)
{
    struct amf amf;
    if (amf_read(body, len, &amf))
        return;
    unsigned i = amf_is(amf_arg(&amf, 0), "@setDataFrame") ? 1 : 0;
    const struct amf_node *o = amf_arg(&amf, i + 1);
    if (!amf_is(amf_arg(&amf, i), "onMetaData") || !o || o->type != AMF_OBJECT)
        return;
    p->meta.video = amf_member(&amf, o, "videocodecid") || amf_member(&amf, o, "width");
    p->meta.audio = amf_member(&amf, o, "audiocodecid") || amf_member(&amf, o, "audiosamplerate");
    p->meta.fps = amf_number(amf_member(&amf, o, "framerate"), 0);
}

enum err packager_take(struct packager *p, enum flv_type type, uint32_t ts_ms, const uint8_t *body,
                       size_t len, int64_t now_ms)
{
    if (p->state == IDLE)
        packager_begin(p);
    p->stats.bytes_in += len;
    if (len > PACKAGER_AU_MAX)
        return ERR_TOO_LARGE;
    if (type == FLV_SCRIPT) {
        take_metadata(p, body, len);
        return ERR_OK;
    }
    struct flv_packet packets[FLV_PACKETS_MAX];
    unsigned n = 0;
    enum err e = flv_read(type, body, len, packets, &n);
    for (unsigned i = 0; i < n; i++) {
        if (packets[i].track) /* one of each is all we package */
            continue;
        enum err one = take_packet(p, &packets[i], ts_ms, now_ms);
        e = e ? e : one;
    }
    p->stats.bad_messages += e == ERR_INPUT;
    return e;
}

void packager_stop(struct packager *p)
{
    if (p->state == HOLD && p->hold.units) {
        enum err e = settle(p);
        if (e)
            p->stats.dropped_frames++;
    }
    if (p->state == LIVE)
        cutter_flush(&p->cut);
    p->state = IDLE;
    hold_clear(&p->hold);
}

void packager_finish(struct packager *p)
{
    packager_stop(p);
    cutter_settle(&p->cut);
}
