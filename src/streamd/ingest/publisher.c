#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "net/loop.h"
#include "streamd/ingest/publisher_in.h"
#include "streamd/ingest/rtmp_in.h"
#include "streamd/library/library.h"
#include "streamd/origin/broadcast.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICK_MS = 1000,
    PING_TICKS = 10,
    TOO_FAST_BPS = 60 * 1000 * 1000, /* four times what Cloudflare takes */
    TOO_FAST_TICKS = 2,
};

/*
 * Lives until its connection is closed and no broadcast_open() of it is under way.
 */
struct publisher {
    struct ingest *in;
    struct publisher *next, *prev; /* of its loop */
    struct conn *conn;             /* NULL: closed */
    struct rtmp *rtmp;
    struct broadcast *b; /* on air */
    bool opening;        /* broadcast_open() will call back */
    char input_uid[UID_TEXT];
    uint64_t generation; /* of its turn at the input */
    const char *end;     /* why it stopped, for the library and the log */
    struct timer tick;
    int64_t since_ms; /* Unix */
    int64_t media_ms; /* monotonic: when the last message with media came */
    unsigned ticks, fast_ticks;
    int64_t pace_ms, pace_time; /* when it was looked at last whether the timeline moves, and it */
    uint64_t bytes_seen, frames_seen, lost_before; /* at the last tick; at the start */
    int64_t seen_ms;
};

static struct publisher *of(void *owner)
{
    return *(struct publisher **)owner;
}

static struct publisher **list_of(struct publisher *p)
{
    return &p->in->first[loop_index(conn_loop(p->conn))];
}

static void enlist(struct publisher *p)
{
    struct publisher **first = list_of(p);
    p->next = *first;
    if (p->next)
        p->next->prev = p;
    *first = p;
}

static void unlist(struct publisher *p)
{
    if (p->next)
        p->next->prev = p->prev;
    if (p->prev)
        p->prev->next = p->next;
    else
        *list_of(p) = p->next;
}

static void free_if_done(struct publisher *p)
{
    if (p->conn || p->opening)
        return;
    rtmp_free(p->rtmp);
    free(p);
}

/* ---- figures ---- */

static void copy_codecs(struct ingest_stats *s, const char *codecs)
{
    while (*codecs) {
        size_t n = strcspn(codecs, ",");
        bool audio = text_has_prefix(codecs, "mp4a");
        (void)snprintf(audio ? s->audio_codec : s->video_codec, INGEST_CODEC_TEXT, "%.*s", (int)n,
                       codecs);
        codecs += n + (codecs[n] == ',');
    }
}

static uint64_t lost_frames(const struct packager_stats *st)
{
    return st->dropped_frames + st->bad_messages;
}

/* What the studio shows as the input's health; returns the bitrate. */
static int64_t report(struct publisher *p)
{
    const struct packager_stats *st = broadcast_stats(p->b);
    const struct media_info *info = broadcast_info(p->b);
    uint64_t bytes = conn_bytes_in(p->conn);
    int64_t now = loop_now_ms(conn_loop(p->conn)), took = now - p->seen_ms;
    struct ingest_stats s = {.at_ms = clock_unix_ms(),
                             .since_ms = p->since_ms,
                             .key_interval_ms = st->gop * 1000 / MEDIA_HZ,
                             .dropped = (int64_t)(lost_frames(st) - p->lost_before),
                             .bytes = (int64_t)bytes};
    if (took > 0) {
        s.bitrate_bps = (int64_t)(bytes - p->bytes_seen) * 8 * 1000 / took;
        s.fps = (double)(st->video_frames - p->frames_seen) * 1000 / (double)took;
    }
    if (info) {
        s.width = (int)info->width;
        s.height = (int)info->height;
        s.b_frames = info->b_frames;
        copy_codecs(&s, info->codecs);
    }
    atomic_fetch_add(&p->in->bytes_in, (long long)(bytes - p->bytes_seen));
    p->bytes_seen = bytes;
    p->frames_seen = st->video_frames;
    p->seen_ms = now;
    library_stats(p->in->conf.library, p->input_uid, p->generation, &s);
    return s.bitrate_bps;
}

/* ---- sending and ending ---- */

static void flush(struct publisher *p)
{
    struct buf *out = rtmp_out(p->rtmp);
    if (p->conn && out->len) {
        struct piece piece = PIECE_OF(out->data, out->len);
        conn_send(p->conn, &piece, 1);
    }
    buf_clear(out);
    if (p->conn && rtmp_state(p->rtmp) == RTMP_CLOSED)
        conn_finish(p->conn);
}

static void log_end(const struct publisher *p)
{
    log_info("publisher has gone", LOG_S("input", p->input_uid), LOG_S("reason", p->end));
}

/* The broadcast is not ours any more, whatever the reason. */
static void step_down(struct publisher *p)
{
    p->b = NULL;
    timer_cancel(conn_loop(p->conn), &p->tick);
    conn_deadline(p->conn, p->in->conf.hello_ms);
    atomic_fetch_sub(&p->in->publishers, 1);
    log_end(p);
}

static void tell_gone(const struct publisher *p, const char *reason)
{
    library_disconnected(p->in->conf.library, p->input_uid, p->generation, reason);
}

static void go_off_air(struct publisher *p, const char *reason)
{
    if (!p->b)
        return;
    struct broadcast *b = p->b;
    p->end = reason;
    step_down(p);
    broadcast_close(b);
    tell_gone(p, reason);
}

/* A stream of which the timeline makes less than a tenth of its way is none. */
static bool stands_still(struct publisher *p, int64_t now)
{
    if (now - p->pace_ms < p->in->conf.frozen_ms)
        return false;
    int64_t time = broadcast_stats(p->b)->time;
    int64_t moved_ms = (time - p->pace_time) * 1000 / MEDIA_HZ;
    bool still = moved_ms < (now - p->pace_ms) / 10;
    p->pace_ms = now;
    p->pace_time = time;
    return still;
}

static bool is_too_fast(struct publisher *p, int64_t bitrate_bps)
{
    p->fast_ticks = bitrate_bps > TOO_FAST_BPS ? p->fast_ticks + 1 : 0;
    return p->fast_ticks >= TOO_FAST_TICKS;
}

static void end_errored(struct publisher *p, const char *reason, const char *why)
{
    library_errored(p->in->conf.library, p->input_uid, "ERR_GOP_OUT_OF_RANGE", why, "", "");
    go_off_air(p, reason);
    rtmp_end(p->rtmp, "error", "NetStream.Publish.Failed", why);
    flush(p);
}

static void on_tick(void *arg)
{
    struct publisher *p = arg;
    int64_t now = loop_now_ms(conn_loop(p->conn));
    if (now - p->media_ms >= p->in->conf.frozen_ms) {
        go_off_air(p, "timeout");
        rtmp_end(p->rtmp, "error", "NetStream.Publish.Idle", "nothing came for too long");
        flush(p);
        return;
    }
    if (is_too_fast(p, report(p))) {
        end_errored(p, "bitrate", "more than 60 Mbit/s is too much");
        return;
    }
    if (stands_still(p, now)) {
        end_errored(p, "timestamps", "the time stamps of audio and video stand still");
        return;
    }
    if (++p->ticks % PING_TICKS == 0) {
        rtmp_ping(p->rtmp, (uint32_t)now);
        flush(p);
    }
    timer_set(conn_loop(p->conn), &p->tick, TICK_MS, on_tick, p);
}

/* ---- going on air ---- */

static void go_on_air(struct publisher *p, struct broadcast *b)
{
    p->b = b;
    p->since_ms = clock_unix_ms();
    p->seen_ms = p->media_ms = loop_now_ms(conn_loop(p->conn));
    p->bytes_seen = conn_bytes_in(p->conn);
    p->frames_seen = broadcast_stats(b)->video_frames;
    p->lost_before = lost_frames(broadcast_stats(b));
    p->ticks = p->fast_ticks = 0;
    p->pace_ms = p->seen_ms;
    p->pace_time = broadcast_stats(b)->time;
    atomic_fetch_add(&p->in->publishers, 1);
    atomic_fetch_add(&p->in->accepted, 1);
    conn_deadline(p->conn, 0);
    timer_set(conn_loop(p->conn), &p->tick, TICK_MS, on_tick, p);
    char peer[ADDR_TEXT];
    addr_text(conn_peer(p->conn), peer);
    log_info("publisher is on air", LOG_S("input", p->input_uid), LOG_S("peer", peer),
             LOG_S("protocol", conn_is_tls(p->conn) ? "rtmps" : "rtmp"));
}

static void refuse(struct publisher *p, const char *why)
{
    atomic_fetch_add(&p->in->refused, 1);
    rtmp_refuse(p->rtmp, "NetStream.Publish.BadName", why);
}

static void on_opened(void *arg, struct broadcast *b, enum err e)
{
    struct publisher *p = arg;
    p->opening = false;
    bool left = !p->conn || rtmp_state(p->rtmp) != RTMP_ASKED; /* while it was being opened */
    if (b && left)
        broadcast_close(b);
    if (!b || left)
        tell_gone(p, b ? "client_disconnect" : "error");
    if (left) {
        free_if_done(p);
        return;
    }
    if (b) {
        go_on_air(p, b);
        rtmp_accept(p->rtmp);
    } else {
        refuse(p, e == ERR_BUSY ? "another publisher was faster" : "no room for it now");
    }
    flush(p);
    conn_resume(p->conn);
}

static void on_lost(void *arg, const char *reason)
{
    struct publisher *p = arg;
    p->end = reason;
    step_down(p);
    tell_gone(p, reason);
    rtmp_end(p->rtmp, "error", "NetStream.Publish.Denied", reason);
    flush(p);
}

/* Does someone publish to this input now? */
static bool is_taken(struct publisher *p, const char *input_uid)
{
    struct playback pb;
    return library_playback(p->in->conf.library, input_uid, &pb) == ERR_OK && pb.connected;
}

static void on_publish(void *arg, const char *key)
{
    struct publisher *p = arg;
    struct library *l = p->in->conf.library;
    struct broadcast_ask ask = {.opened = on_opened, .lost = on_lost, .arg = p};
    enum err e = library_input_by_key(l, key, &ask.conf);
    if (e) {
        char peer[ADDR_TEXT];
        addr_text(conn_peer(p->conn), peer);
        log_warn("stream key refused", LOG_S("peer", peer), LOG_S("error", err_api(e)));
        refuse(p, e == ERR_FORBIDDEN ? "this live input is disabled" : "unknown stream key");
        return;
    }
    if (p->in->conf.refuse_second && is_taken(p, ask.conf.uid)) {
        refuse(p, "this live input is on air already");
        return;
    }
    text_copy(p->input_uid, UID_TEXT, ask.conf.uid);
    e = library_connected(l, p->input_uid, conn_is_tls(p->conn) ? "rtmps" : "rtmp", &ask.turn);
    if (e) {
        refuse(p, "this live input cannot be used now");
        return;
    }
    p->generation = ask.turn.generation;
    e = broadcast_open(p->in->conf.origin, &ask);
    if (e) {
        tell_gone(p, "error");
        refuse(p, "no room for it now");
        return;
    }
    p->opening = true;
}

/* ---- media ---- */

static void refuse_codec(struct publisher *p, enum flv_type type)
{
    const char *codec = broadcast_stats(p->b)->unsupported;
    bool video = type == FLV_VIDEO;
    char why[120];
    (void)snprintf(why, sizeof(why), "%s is not supported: send H.264 and AAC",
                   codec ? codec : "this codec");
    library_errored(p->in->conf.library, p->input_uid,
                    video ? "ERR_UNSUPPORTED_VIDEO_CODEC" : "ERR_UNSUPPORTED_AUDIO_CODEC", why,
                    video && codec ? codec : "", !video && codec ? codec : "");
    go_off_air(p, "unsupported codec");
    rtmp_end(p->rtmp, "error", "NetStream.Publish.Failed", why);
}

static void on_media(void *arg, enum flv_type type, uint32_t ts_ms, const uint8_t *body, size_t len)
{
    struct publisher *p = arg;
    if (type != FLV_SCRIPT)
        p->media_ms = loop_now_ms(conn_loop(p->conn));
    if (broadcast_take(p->b, type, ts_ms, body, len) == ERR_MEDIA_TYPE)
        refuse_codec(p, type);
}

static void on_unpublish(void *arg)
{
    go_off_air(arg, "client_disconnect");
}

/* ---- the connection ---- */

static size_t on_data(struct conn *c, void *owner, const unsigned char *data, size_t len)
{
    struct publisher *p = of(owner);
    (void)c;
    if (!p || rtmp_state(p->rtmp) == RTMP_CLOSED)
        return len;
    size_t used = rtmp_feed(p->rtmp, data, len);
    if (rtmp_state(p->rtmp) == RTMP_CLOSED)
        go_off_air(p, rtmp_why(p->rtmp));
    flush(p);
    return used;
}

static void on_deadline(struct conn *c, void *owner)
{
    (void)owner;
    conn_close(c); /* said too little for too long */
}

static const char *reason_of(enum conn_end why)
{
    switch (why) {
    case CONN_END_PEER:
    case CONN_END_US: break;
    case CONN_END_STALLED:
    case CONN_END_FULL: return "timeout";
    case CONN_END_SHUTDOWN: return "shutdown";
    }
    return "client_disconnect";
}

static void on_closed(struct conn *c, void *owner, enum conn_end why)
{
    (void)c;
    struct publisher *p = of(owner);
    if (!p)
        return;
    go_off_air(p, reason_of(why));
    timer_cancel(conn_loop(p->conn), &p->tick);
    atomic_fetch_sub(&p->in->connections, 1);
    unlist(p);
    p->conn = NULL;
    free_if_done(p);
}

const struct conn_ops publisher_ops = {
    .on_data = on_data, .on_deadline = on_deadline, .on_closed = on_closed};

void publisher_on_conn(struct conn *c, void *owner, void *arg)
{
    static const struct rtmp_ops ops = {on_publish, on_media, on_unpublish};
    struct ingest *in = arg;
    struct publisher *p = calloc(1, sizeof(*p));
    if (p)
        p->rtmp = rtmp_make(&ops, p, INGEST_MESSAGE_MAX);
    if (!p || !p->rtmp) {
        free(p);
        conn_close(c);
        return;
    }
    p->in = in;
    p->conn = c;
    *(struct publisher **)owner = p;
    enlist(p);
    atomic_fetch_add(&in->connections, 1);
    conn_deadline(c, in->conf.hello_ms);
}

void publishers_leave(struct ingest *in)
{
    struct publisher *p = in->first[loop_index(loop_here())];
    for (; p; p = p->next) {
        go_off_air(p, "shutdown");
        rtmp_end(p->rtmp, "error", "NetConnection.Connect.AppShutdown", "the server is stopping");
        flush(p);
    }
}
