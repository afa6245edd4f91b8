/* The encoder's health: the rules, and telling the staff. */
#include "base/clock.h"
#include "base/json.h"
#include "room/room_in.h"

#include <stdlib.h>
#include <string.h>

static const char *const warning_names[] = {
#define X(name, text) [INGEST_##name] = (text),
    INGEST_WARNING_TABLE(X)
#undef X
};

void ingest_health_init(struct ingest_health *h)
{
    *h = (struct ingest_health){.bitrate_bps = -1,
                                .fps_milli = -1,
                                .key_interval_ms = -1,
                                .width = -1,
                                .height = -1,
                                .dropped = -1};
}

/* Cloudflare Stream's rules for encoders; the low-latency beta is stricter. */
enum {
    BITRATE_MIN = 2000000,
    BITRATE_MAX = 14000000,
    GOP_MIN_MS = 2000,
    GOP_MAX_MS = 10000,
    GOP_LOW_LATENCY_MAX_MS = 4000,
    GOP_SLACK_MS = 100, /* 29.97 frames a second do not make even seconds */
    FPS_SPREAD_PERCENT = 20
};

static bool codec_is(const char *codec, const char *const *prefix)
{
    for (; *prefix; prefix++)
        if (strncmp(codec, *prefix, strlen(*prefix)) == 0)
            return true;
    return false;
}

static unsigned video_warnings(const struct ingest_health *h, int64_t fps_spread_milli,
                               bool low_latency)
{
    static const char *const h264[] = {"avc1", "avc3", "h264", "H264", NULL};
    int64_t gop_max = low_latency ? GOP_LOW_LATENCY_MAX_MS : GOP_MAX_MS;
    int64_t gop = h->key_interval_ms;
    unsigned w = 0;
    if (h->bitrate_bps >= 0 && h->bitrate_bps < BITRATE_MIN)
        w |= 1u << INGEST_BITRATE_LOW;
    if (h->bitrate_bps > BITRATE_MAX)
        w |= 1u << INGEST_BITRATE_HIGH;
    if (gop >= 0 && gop < GOP_MIN_MS - GOP_SLACK_MS)
        w |= 1u << INGEST_GOP_SHORT;
    if (gop > gop_max + GOP_SLACK_MS)
        w |= 1u << INGEST_GOP_LONG;
    if (low_latency && h->b_frames == KNOWN_YES)
        w |= 1u << INGEST_B_FRAMES;
    if (h->video_codec[0] && !codec_is(h->video_codec, h264))
        w |= 1u << INGEST_NOT_H264;
    if (h->fps_milli > 0 && fps_spread_milli * 100 > h->fps_milli * FPS_SPREAD_PERCENT)
        w |= 1u << INGEST_FPS_UNSTABLE;
    return w;
}

unsigned ingest_warnings(const struct ingest_health *h, int64_t fps_spread_milli, bool low_latency)
{
    static const char *const aac[] = {"mp4a", "aac", "AAC", NULL};
    if (!h->connected)
        return 0;
    unsigned w = 0;
    if (h->video == KNOWN_NO)
        w |= 1u << INGEST_NO_VIDEO;
    else
        w |= video_warnings(h, fps_spread_milli, low_latency);
    if (h->audio == KNOWN_NO)
        w |= 1u << INGEST_NO_AUDIO;
    else if (h->audio_codec[0] && !codec_is(h->audio_codec, aac))
        w |= 1u << INGEST_NOT_AAC;
    return w;
}

/* ---- the object IngestHealth ---- */

static json_t *number_json(int64_t n)
{
    return n < 0 ? json_null() : json_integer(n);
}

static json_t *fps_json(int64_t milli)
{
    if (milli < 0)
        return json_null();
    return milli % 1000 ? json_real((double)milli / 1000.0) : json_integer(milli / 1000);
}

static json_t *known_json(enum known k)
{
    return k == KNOWN_NOT ? json_null() : json_boolean(k == KNOWN_YES);
}

static json_t *text_json(const char *s)
{
    return s[0] ? json_string(s) : json_null();
}

static json_t *health_json(const struct ingest_health *h, unsigned warnings)
{
    json_t *list = json_array();
    for (int i = 0; list && i < INGEST_WARNING_COUNT; i++)
        if (warnings & (1u << i))
            (void)json_array_append_new(list, json_string(warning_names[i]));
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "connected",
                     h->connected, "since", show_ms_json(h->since_ms), "bitrate_bps",
                     number_json(h->bitrate_bps), "fps", fps_json(h->fps_milli), "key_interval_ms",
                     number_json(h->key_interval_ms), "width", number_json(h->width), "height",
                     number_json(h->height), "video_codec", text_json(h->video_codec),
                     "audio_codec", text_json(h->audio_codec), "b_frames", known_json(h->b_frames),
                     "dropped", number_json(h->dropped), "warnings", list);
}

/* ---- the last reading of a show ---- */

enum { FPS_READINGS = 8, FPS_ENOUGH = 4 };

static void remember_locked(struct hub *h, const struct ingest_health *now)
{
    if (!now->connected || now->since_ms != h->ingest.last.since_ms)
        h->ingest.fps_count = 0; /* another connection: its own rate */
    if (now->connected && now->fps_milli > 0)
        h->ingest.fps[h->ingest.fps_count++ % FPS_READINGS] = now->fps_milli;
    h->ingest.last = *now;
    h->ingest.known = true;
}

static int64_t spread_locked(const struct hub *h)
{
    int n = h->ingest.fps_count < FPS_READINGS ? h->ingest.fps_count : FPS_READINGS;
    if (n < FPS_ENOUGH)
        return 0;
    int64_t lo = h->ingest.fps[0], hi = lo;
    for (int i = 1; i < n; i++) {
        lo = h->ingest.fps[i] < lo ? h->ingest.fps[i] : lo;
        hi = h->ingest.fps[i] > hi ? h->ingest.fps[i] : hi;
    }
    return hi - lo;
}

void ingest_report(struct room *r, int64_t show_id, const struct ingest_health *health)
{
    int64_t now_ms = clock_unix_ms();
    struct hub *h = hub_get(r, show_id);
    if (!h)
        return;
    (void)pthread_mutex_lock(&h->ingest.lock);
    remember_locked(h, health);
    json_t *o = health_json(health, ingest_warnings(health, spread_locked(h), true));
    (void)pthread_mutex_unlock(&h->ingest.lock);
    char *text = json_text_of(o);
    const struct event ev = {
        .seq = -1, .type = "staff.ingest", .at_ms = now_ms, .media_at_ms = now_ms, .data = text};
    if (text)
        hub_side(h, SIDE_INGEST, event_frame(&ev, false));
    free(text);
    hub_put(h);
}

json_t *ingest_json(struct room *r, const struct show *s)
{
    struct ingest_health last;
    int64_t spread = 0;
    ingest_health_init(&last);
    struct hub *h = hub_find(r, s->id);
    if (h) {
        (void)pthread_mutex_lock(&h->ingest.lock);
        if (h->ingest.known)
            last = h->ingest.last;
        spread = spread_locked(h);
        (void)pthread_mutex_unlock(&h->ingest.lock);
        hub_put(h);
    }
    if (last.connected != s->input_connected) { /* the row is newer than the last reading */
        ingest_health_init(&last);
        last.connected = s->input_connected;
    }
    return health_json(&last, ingest_warnings(&last, spread, true));
}
