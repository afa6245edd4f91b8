/* Requests of viewers for a broadcast that is on air, answered on their loop out of its views. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "net/addr.h"
#include "streamd/origin/crowd_in.h"
#include "streamd/origin/file_in.h"
#include "streamd/origin/origin_in.h"
#include <assert.h>

enum { MASTER_WAIT_MS = 6000, PLAYER_RANDOM = 16, PLAYER_TAG = 16 };

static const char PLAYLIST_TYPE[] = "application/vnd.apple.mpegurl";

enum wait_kind { WAIT_MASTER, WAIT_PLAYLIST, WAIT_PART };

/* What a parked request waits for; in its arena. */
struct wait {
    enum wait_kind kind;
    struct view *view;        /* WAIT_MASTER: looked for each time */
    char video_uid[UID_TEXT]; /* WAIT_MASTER */
    struct playlist_ask ask;
    struct file_name file;
};

/* ---- who watches ---- */

static uint64_t mix(uint64_t h, const void *data, size_t len)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 0x100000001B3U; /* FNV-1a */
    return h;
}

static void sign_player(const struct origin *o, const char *random, char tag[PLAYER_TAG + 1])
{
    unsigned char mac[SHA256_LEN];
    crypto_hmac_sha256(o->player_key, sizeof(o->player_key), random, PLAYER_RANDOM, mac);
    crypto_hex(mac, PLAYER_TAG / 2, tag);
}

static bool is_our_player(const struct origin *o, const char *s)
{
    char tag[PLAYER_TAG + 1];
    if (!s || strlen(s) != PLAYER_RANDOM + PLAYER_TAG)
        return false;
    sign_player(o, s, tag);
    return crypto_same(s + PLAYER_RANDOM, PLAYER_TAG, tag, PLAYER_TAG);
}

/* The master gave each player a number, signed so that nobody can make up a crowd; one that came
 * without it is its address and its name. */
static uint64_t player_of(struct http_req *req)
{
    uint64_t h = 0xCBF29CE484222325U;
    const char *s = http_query(req, "s");
    if (is_our_player(origin_of(req), s)) {
        h = mix(h, s, strlen(s));
    } else {
        const char *agent = http_header(req, "User-Agent");
        h = mix(h, http_peer(req)->ip, sizeof(http_peer(req)->ip));
        h = mix(h, agent ? agent : "", agent ? strlen(agent) : 0);
    }
    return h ? h : 1;
}

/* ---- who may ---- */

/* The one uid has its own rules, the other others; a video that is gone is gone for both. */
static const struct view_access *access_of(struct view *v, const char *id)
{
    bool by_video = strcmp(id, v->video_uid) == 0;
    struct view_access *a = by_video ? &v->by_video : &v->by_input;
    struct library *l = v->seat->o->library;
    int64_t now = loop_now_ms(v->seat->loop);
    if (now - a->checked_ms < VIEW_CHECK_MS)
        return a;
    a->checked_ms = now;
    struct playback pb, video;
    a->e = library_playback(l, id, &pb);
    if (!a->e && !by_video)
        a->e = library_playback(l, v->video_uid, &video);
    if (a->e)
        return a;
    if (pb.signed_only)
        a->e = ERR_NEED_LOGIN;
    memcpy(a->allowed_origins, pb.allowed_origins, sizeof(a->allowed_origins));
    return a;
}

/* ---- answers ---- */

static void send_playlist(struct http_req *req, struct view *v, const struct playlist_ask *ask)
{
    enum playlist_kind kind = ask->plain  ? PLAYLIST_PLAIN
                              : ask->skip ? PLAYLIST_LL_SKIP
                                          : PLAYLIST_LL;
    struct bytes *text = playlist_text(v->playlist, kind);
    if (!text) {
        access_fail(req, 503, "not ready");
        return;
    }
    access_headers(req);
    /* An answer to "as of this part" stays true; one to "now" does not (RFC 8216bis B.1). */
    http_add(req, "Cache-Control", ask->wait ? "max-age=2" : "no-cache");
    http_send_bytes(req, 200, PLAYLIST_TYPE, text);
    bytes_unref(text);
}

static void send_media(struct http_req *req, struct bytes *const *parts, size_t n)
{
    access_headers(req);
    http_add(req, "Cache-Control", "public, max-age=31536000, immutable");
    http_ranges(req);
    http_send_list(req, 200, "video/mp4", parts, n);
}

static void send_master(struct http_req *req, struct view *v)
{
    const char *protocol = http_query(req, "protocol");
    bool plain = protocol && strcmp(protocol, "hls") == 0;
    char player[PLAYER_RANDOM + PLAYER_TAG + 1], uri[128];
    crypto_random_hex(player, PLAYER_RANDOM);
    sign_player(v->seat->o, player, player + PLAYER_RANDOM);
    (void)snprintf(uri, sizeof(uri), "../hls/%s/%s?s=%s", v->video_uid,
                   plain ? "plain.m3u8" : "live.m3u8", player);

    struct playlist_variant variant = {.info = playlist_info(v->playlist), .uri = uri};
    playlist_rates(v->playlist, &variant.peak_bps, &variant.average_bps);
    struct buf text;
    buf_init(&text, 4096);
    playlist_write_master(&text, &variant, 1);
    if (text.failed) {
        buf_done(&text);
        access_fail(req, 500, "out of memory");
        return;
    }
    access_headers(req);
    http_add(req, "Cache-Control", "no-store"); /* it numbers the player */
    http_send_heap(req, 200, PLAYLIST_TYPE, text.data, text.len);
}

/* ---- waiting ---- */

static void too_late(struct http_req *req)
{
    struct wait *w = http_note(req);
    if (w->kind == WAIT_MASTER) {
        access_headers(req);
        http_send_empty(req, 204);
    } else {
        access_fail(req, 503, "nothing new for three target durations");
    }
}

static void park(struct http_req *req, const struct wait *what)
{
    struct wait *w = arena_new(http_cx(req)->arena, struct wait);
    if (!w) {
        access_fail(req, 500, "out of memory");
        return;
    }
    *w = *what;
    http_set_note(req, w);
    if (w->kind == WAIT_MASTER)
        http_park(req, &seat_here(origin_of(req))->early, MASTER_WAIT_MS, too_late, NULL);
    else
        http_park(req, &w->view->waiters, (int64_t)playlist_wait_ms(w->view->playlist), too_late,
                  NULL);
}

/* Answer when what is waited for is there. False: it has to wait. */
static bool try_playlist(struct http_req *req, const struct wait *w)
{
    switch (playlist_answer(w->view->playlist, &w->ask)) {
    case PLAYLIST_WAIT: return false;
    case PLAYLIST_BAD: access_fail(req, 400, "_HLS_msn is too far ahead"); return true;
    case PLAYLIST_NOW: send_playlist(req, w->view, &w->ask); return true;
    }
    return false;
}

static bool try_part(struct http_req *req, const struct wait *w)
{
    const struct playlist *p = w->view->playlist;
    struct bytes *part = playlist_part(p, w->file.msn, w->file.index);
    if (part) {
        send_media(req, &part, 1);
        bytes_unref(part);
        return true;
    }
    if (playlist_expects_part(p, w->file.msn, w->file.index) && !playlist_has_ended(p))
        return false;
    http_to_worker(req, vod_media);
    return true;
}

static bool try_master(struct http_req *req, const struct wait *w)
{
    struct view *v = view_find(seat_here(origin_of(req)), w->video_uid);
    if (!v || !playlist_is_ready(v->playlist))
        return false;
    send_master(req, v);
    return true;
}

static bool try_answer(struct http_req *req, const struct wait *w)
{
    switch (w->kind) {
    case WAIT_MASTER: return try_master(req, w);
    case WAIT_PLAYLIST: return try_playlist(req, w);
    case WAIT_PART: return try_part(req, w);
    }
    return false;
}

static void wake_one(struct http_req *req, void *arg)
{
    const struct wait *w = http_note(req);
    if (!try_answer(req, w) && *(bool *)arg)
        access_fail(req, 503, "ask again");
}

void live_wake(struct view *v, bool gone)
{
    http_waiters_each(&v->waiters, wake_one, &gone);
}

void live_wake_early(struct seat *s, bool gone)
{
    http_waiters_each(&s->early, wake_one, &gone);
}

static void answer_or_park(struct http_req *req, const struct wait *w)
{
    if (!try_answer(req, w))
        park(req, w);
}

/* ---- routes ---- */

/* Of a broadcast that is on air, or was before the server was started anew. */
static void wait_for_master(struct http_req *req, const struct playback *pb)
{
    struct origin *o = origin_of(req);
    struct wait w = {.kind = WAIT_MASTER};
    memcpy(w.video_uid, pb->video_uid, UID_TEXT);
    if (!view_find(seat_here(o), pb->video_uid))
        broadcast_revive(o, pb);
    answer_or_park(req, &w);
}

/* A video that this loop has no view of. `pb` says why. */
static void manifest_elsewhere(struct http_req *req, const struct playback *pb)
{
    switch (pb->state) {
    case PLAYBACK_VOD:
    case PLAYBACK_PROCESSING: {
        char *uid = arena_dup(http_cx(req)->arena, pb->video_uid, strlen(pb->video_uid));
        http_set_note(req, uid);
        if (uid)
            http_to_worker(req, vod_manifest);
        else
            access_fail(req, 500, "out of memory");
        return;
    }
    case PLAYBACK_ERROR: access_fail(req, 424, "the video has failed"); return;
    case PLAYBACK_LIVE: wait_for_master(req, pb); return;
    case PLAYBACK_IDLE:
        access_headers(req);
        http_add(req, "Cache-Control", "no-store");
        http_send_empty(req, 204);
        return;
    }
}

void live_manifest(struct http_req *req)
{
    struct origin *o = origin_of(req);
    const char *id = http_param(req, "id");
    struct playback pb = {.state = PLAYBACK_IDLE};
    enum err e = access_uid_ok(id) ? library_playback(o->library, id, &pb) : ERR_NOT_FOUND;
    if (!e && pb.signed_only)
        e = ERR_NEED_LOGIN;
    if (!access_may_watch(req, e, e ? "" : pb.allowed_origins))
        return;
    struct view *v = pb.video_uid[0] ? view_find(seat_here(o), pb.video_uid) : NULL;
    bool shows = v && pb.state != PLAYBACK_ERROR && pb.state != PLAYBACK_VOD &&
                 (playlist_is_ready(v->playlist) || !playlist_has_ended(v->playlist));
    if (shows)
        wait_for_master(req, &pb);
    else
        manifest_elsewhere(req, &pb);
}

static void media_of_view(struct http_req *req, struct view *v, const struct file_name *f)
{
    struct playlist *p = v->playlist;
    switch (f->kind) {
    case FILE_PLAYLIST:
    case FILE_PLAIN_PLAYLIST: {
        struct wait w = {.kind = WAIT_PLAYLIST, .view = v};
        const char *query = http_query_text(req);
        if (playlist_read_ask(query, strlen(query), &w.ask) != ERR_OK) {
            access_fail(req, 400, "bad delivery directives");
            return;
        }
        w.ask.plain = w.ask.plain || f->kind == FILE_PLAIN_PLAYLIST;
        if (strcmp(http_method(req), "HEAD") != 0)
            crowd_see(v->crowd, player_of(req), loop_now_ms(v->seat->loop));
        answer_or_park(req, &w);
        return;
    }
    case FILE_VOD: break;
    case FILE_PART:
        answer_or_park(req, &(struct wait){.kind = WAIT_PART, .view = v, .file = *f});
        return;
    case FILE_INIT: {
        struct bytes *init = playlist_init(p, f->index);
        if (!init)
            break;
        send_media(req, &init, 1);
        bytes_unref(init);
        return;
    }
    case FILE_SEGMENT: {
        struct bytes *parts[PLAYLIST_PARTS_MAX];
        unsigned n = playlist_segment(p, f->msn, parts, PLAYLIST_PARTS_MAX);
        if (!n)
            break;
        n = n < PLAYLIST_PARTS_MAX ? n : PLAYLIST_PARTS_MAX;
        send_media(req, parts, n);
        for (unsigned i = 0; i < n; i++)
            bytes_unref(parts[i]);
        return;
    }
    }
    http_to_worker(req, vod_media);
}

/* Media and playlists of a video this loop has no view of: from disk, unless it is live. */
static void media_elsewhere(struct http_req *req, const struct file_name *f, const char *id,
                            const char *video)
{
    struct origin *o = origin_of(req);
    struct playback pb = {.state = PLAYBACK_IDLE}, asked = {.state = PLAYBACK_IDLE};
    enum err e = library_playback(o->library, id, &asked);
    if (!e && asked.signed_only)
        e = ERR_NEED_LOGIN;
    if (!e)
        e = library_playback(o->library, video, &pb);
    /* By input, every broadcast of that input is playable, not only the latest. */
    if (!e && strcmp(id, video) != 0 && strcmp(id, pb.input_uid) != 0)
        e = ERR_NOT_FOUND;
    if (!access_may_watch(req, e, e ? "" : asked.allowed_origins))
        return;
    bool playlist =
        f->kind == FILE_PLAYLIST || f->kind == FILE_PLAIN_PLAYLIST || f->kind == FILE_VOD;
    if (playlist && pb.state == PLAYBACK_LIVE) {
        broadcast_revive(o, &pb);
        http_add(req, "Retry-After", "1");
        access_fail(req, 503, "the publisher is away");
        return;
    }
    http_to_worker(req, vod_media);
}

void live_media(struct http_req *req)
{
    struct origin *o = origin_of(req);
    const char *id = http_param(req, "id"), *video = http_param(req, "video");
    struct file_name f;
    if (!access_uid_ok(id) || !access_uid_ok(video) ||
        !file_read_name(http_param(req, "file"), &f)) {
        access_fail(req, 404, "not found");
        return;
    }
    struct view *v = view_find(seat_here(o), video);
    if (!v || (strcmp(id, v->input_uid) != 0 && strcmp(id, video) != 0)) {
        media_elsewhere(req, &f, id, video);
        return;
    }
    const struct view_access *a = access_of(v, id);
    if (access_may_watch(req, a->e, a->allowed_origins))
        media_of_view(req, v, &f);
}
