#include "base/buf.h"
#include "base/bytes.h"
#include "media/playlist_window_in.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum {
    TEXT_MAX = 8 << 20,
    UNITS_5 = 100000,
    HOLD_BACK_PARTS = 3,
    SKIP_TARGETS = 6,
    PARTS_TARGETS = 3
};
enum { VERSION_LL = 9, VERSION_PLAIN = 6 };

/* Seconds with five decimals; `up`: rounded up, so that nothing rounds above a limit. */
static void put_seconds(struct buf *b, int64_t time, bool up)
{
    int64_t n = (time * UNITS_5 + (up ? MEDIA_HZ - 1 : MEDIA_HZ / 2)) / MEDIA_HZ;
    buf_fmt(b, "%" PRId64 ".%05" PRId64, n / UNITS_5, n % UNITS_5);
}

static void put_date(struct buf *b, int64_t wall_ms)
{
    time_t s = (time_t)(wall_ms / 1000);
    struct tm tm;
    if (!gmtime_r(&s, &tm))
        return;
    char text[40];
    if (strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm))
        buf_fmt(b, "#EXT-X-PROGRAM-DATE-TIME:%s.%03dZ\n", text, (int)(wall_ms % 1000));
}

static void put_map(struct buf *b, const struct playlist *p, unsigned init)
{
    buf_fmt(b, "#EXT-X-MAP:URI=\"%sinit-%u.mp4\"\n", p->opts.prefix, init);
}

static void put_parts(struct buf *b, const struct playlist *p, const struct window_segment *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        buf_str(b, "#EXT-X-PART:DURATION=");
        put_seconds(b, s->parts[i].duration, false);
        buf_fmt(b, ",URI=\"%spart-%" PRIu64 "-%u.m4s\"%s\n", p->opts.prefix, s->msn, i,
                s->parts[i].independent ? ",INDEPENDENT=YES" : "");
    }
}

static void put_segment(struct buf *b, const struct playlist *p, const struct window_segment *s,
                        unsigned *map, bool parts)
{
    if (s->discontinuity)
        buf_str(b, "#EXT-X-DISCONTINUITY\n");
    if (s->init != *map)
        put_map(b, p, s->init);
    *map = s->init;
    put_date(b, s->wall_ms);
    if (parts)
        put_parts(b, p, s);
    if (!s->complete)
        return;
    buf_str(b, "#EXTINF:");
    put_seconds(b, s->duration, false);
    buf_fmt(b, ",\n%sseg-%" PRIu64 ".m4s\n", p->opts.prefix, s->msn);
}

static void put_head(struct buf *b, const struct playlist *p, bool ll)
{
    buf_fmt(b, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%u\n",
            ll ? VERSION_LL : VERSION_PLAIN, p->target_s);
    if (ll) {
        int64_t target = (p->part_target * UNITS_5 + MEDIA_HZ - 1) / MEDIA_HZ;
        int64_t back = target * HOLD_BACK_PARTS;
        buf_fmt(b,
                "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=%" PRId64 ".%05" PRId64
                ",CAN-SKIP-UNTIL=%u.0\n",
                back / UNITS_5, back % UNITS_5, p->target_s * SKIP_TARGETS);
        buf_str(b, "#EXT-X-PART-INF:PART-TARGET=");
        put_seconds(b, p->part_target, true);
        buf_ch(b, '\n');
    }
    uint64_t first = p->listed < p->n ? p->segments[p->listed].msn : window_next_msn(p);
    buf_fmt(b, "#EXT-X-MEDIA-SEQUENCE:%" PRIu64 "\n", first);
    if (p->discontinuity)
        buf_fmt(b, "#EXT-X-DISCONTINUITY-SEQUENCE:%" PRIu64 "\n", p->discontinuity);
}

static void put_tail(struct buf *b, const struct playlist *p, bool ll)
{
    if (p->ended) {
        buf_str(b, "#EXT-X-ENDLIST\n");
        return;
    }
    if (!ll)
        return;
    uint64_t msn;
    unsigned index;
    window_hint(p, &msn, &index);
    buf_fmt(b, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"%spart-%" PRIu64 "-%u.m4s\"\n", p->opts.prefix,
            msn, index);
    for (unsigned i = 0; i < p->reports_n; i++)
        buf_fmt(b,
                "#EXT-X-RENDITION-REPORT:URI=\"%s\",LAST-MSN=%" PRIu64 ",LAST-PART=%" PRIu64 "\n",
                p->reports[i].uri, p->reports[i].msn, p->reports[i].part);
}

static int64_t listed_span(const struct playlist *p)
{
    int64_t sum = 0;
    for (size_t i = p->listed; i < p->n; i++)
        sum += p->segments[i].duration;
    return sum;
}

/* How many listed segments lie wholly before the skip boundary, 6 target durations from the end. */
static size_t skippable(const struct playlist *p)
{
    int64_t left = listed_span(p);
    size_t n = 0;
    while (p->listed + n < p->n && p->segments[p->listed + n].complete) {
        left -= p->segments[p->listed + n].duration;
        if (left < (int64_t)p->target_s * SKIP_TARGETS * MEDIA_HZ)
            break;
        n++;
    }
    return n;
}

static void write_live(struct buf *b, const struct playlist *p, enum playlist_kind kind)
{
    bool ll = kind != PLAYLIST_PLAIN;
    put_head(b, p, ll);
    size_t from = p->listed;
    int64_t left = listed_span(p); /* from the segment's start to the end */
    unsigned map = 0;
    size_t skip = kind == PLAYLIST_LL_SKIP ? skippable(p) : 0;
    if (skip)
        buf_fmt(b, "#EXT-X-SKIP:SKIPPED-SEGMENTS=%zu\n", skip);
    for (size_t i = 0; i < skip; i++)
        left -= p->segments[from++].duration;
    for (size_t i = from; i < p->n; i++) {
        const struct window_segment *s = &p->segments[i];
        if (!ll && !s->complete)
            break;
        int64_t after = left - s->duration; /* parts go when their end is three targets back */
        put_segment(b, p, s, &map, ll && after < (int64_t)p->target_s * PARTS_TARGETS * MEDIA_HZ);
        left = after;
    }
    put_tail(b, p, ll);
}

struct bytes *playlist_text(struct playlist *p, enum playlist_kind kind)
{
    if (!p->ready)
        return NULL;
    if (p->text[kind].bytes && p->text[kind].version == p->version)
        return bytes_ref(p->text[kind].bytes);
    struct buf b;
    buf_init(&b, TEXT_MAX);
    write_live(&b, p, kind);
    struct bytes *text = buf_err(&b) ? NULL : bytes_make(b.data, b.len);
    buf_done(&b);
    bytes_unref(p->text[kind].bytes);
    p->text[kind].bytes = text;
    p->text[kind].version = p->version;
    return bytes_ref(text);
}

static void put_variant(struct buf *out, const struct playlist_variant *v)
{
    const struct media_info *i = v->info;
    buf_fmt(out, "#EXT-X-STREAM-INF:BANDWIDTH=%" PRIu64, v->peak_bps ? v->peak_bps : 1);
    if (v->average_bps)
        buf_fmt(out, ",AVERAGE-BANDWIDTH=%" PRIu64, v->average_bps);
    buf_fmt(out, ",CODECS=\"%s\"", i->codecs);
    if (i->video && i->width)
        buf_fmt(out, ",RESOLUTION=%ux%u", i->width, i->height);
    if (i->video && i->fps_num && i->fps_den) {
        uint64_t milli = ((uint64_t)i->fps_num * 1000 + i->fps_den / 2) / i->fps_den;
        buf_fmt(out, ",FRAME-RATE=%" PRIu64 ".%03" PRIu64, milli / 1000, milli % 1000);
    }
    buf_fmt(out, "\n%s\n", v->uri);
}

void playlist_write_master(struct buf *out, const struct playlist_variant *variants, unsigned n)
{
    buf_fmt(out, "#EXTM3U\n#EXT-X-VERSION:%d\n", VERSION_PLAIN);
    for (unsigned i = 0; i < n; i++)
        put_variant(out, &variants[i]);
}

void playlist_write_vod(struct buf *out, const struct playlist_vod_segment *segments, size_t n,
                        unsigned growing_s)
{
    int64_t longest = growing_s ? (int64_t)growing_s * MEDIA_HZ : MEDIA_HZ;
    for (size_t i = 0; i < n; i++)
        longest = segments[i].duration > longest ? segments[i].duration : longest;
    buf_fmt(out, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%" PRId64 "\n", VERSION_PLAIN,
            (longest + MEDIA_HZ / 2) / MEDIA_HZ);
    buf_fmt(out, "#EXT-X-PLAYLIST-TYPE:%s\n#EXT-X-MEDIA-SEQUENCE:0\n", growing_s ? "EVENT" : "VOD");
    const char *map = "";
    for (size_t i = 0; i < n; i++) {
        const struct playlist_vod_segment *s = &segments[i];
        if (s->discontinuity && i)
            buf_str(out, "#EXT-X-DISCONTINUITY\n");
        if (strcmp(s->init_uri, map) != 0)
            buf_fmt(out, "#EXT-X-MAP:URI=\"%s\"\n", s->init_uri);
        map = s->init_uri;
        if (s->wall_ms)
            put_date(out, s->wall_ms);
        buf_str(out, "#EXTINF:");
        put_seconds(out, s->duration, false);
        buf_fmt(out, ",\n%s\n", s->uri);
    }
    if (!growing_s)
        buf_str(out, "#EXT-X-ENDLIST\n");
}
