/*
 * From an encoder's socket to a viewer's: real listeners, loops and workers, and a library made of
 * one live input, in memory. The encoder is scripted and as fast as the socket; media is ffmpeg's.
 */
#include "base/crypto.h"
#include "base/test.h"
#include "media/media_testkit.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/pool.h"
#include "streamd/ingest/encoder_testkit.h"
#include "streamd/ingest/ingest.h"
#include "streamd/library/library.h"
#include "streamd/origin/origin.h"
#include <ftw.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static const char INPUT[] = "00112233445566778899aabbccddeeff";
static const char KEY[] = "thegoodkey";
enum { ANSWER_MAX = 16 << 20 };

/* ---- a library with one live input ---- */

struct library {
    pthread_mutex_t lock;
    bool record, disabled, signed_only, connected, fresh;
    unsigned videos, connects, disconnects, errors, stats;
    char video[UID_TEXT], reason[32], error[40];
    struct ingest_stats last;
};

static struct library lib = {.lock = PTHREAD_MUTEX_INITIALIZER};

enum err library_input_by_key(struct library *l, const char *key, struct input_conf *ret_conf)
{
    if (strcmp(key, KEY) != 0)
        return ERR_NOT_FOUND;
    if (l->disabled)
        return ERR_FORBIDDEN;
    *ret_conf = (struct input_conf){.enabled = true, .record = l->record, .grace_ms = 10000};
    memcpy(ret_conf->uid, INPUT, UID_TEXT);
    return ERR_OK;
}

enum err library_connected(struct library *l, const char *input_uid, const char *protocol,
                           struct turn *ret_turn)
{
    (void)input_uid, (void)protocol;
    pthread_mutex_lock(&l->lock);
    *ret_turn = (struct turn){
        .generation = ++l->connects, .resumed = l->video[0] && !l->fresh, .record = l->record};
    if (!ret_turn->resumed)
        (void)snprintf(l->video, UID_TEXT, "%032x", ++l->videos);
    l->fresh = false;
    l->connected = true;
    memcpy(ret_turn->video_uid, l->video, UID_TEXT);
    pthread_mutex_unlock(&l->lock);
    return ERR_OK;
}

void library_stats(struct library *l, const char *input_uid, uint64_t generation,
                   const struct ingest_stats *stats)
{
    (void)input_uid, (void)generation;
    pthread_mutex_lock(&l->lock);
    l->stats++;
    l->last = *stats;
    pthread_mutex_unlock(&l->lock);
}

void library_disconnected(struct library *l, const char *input_uid, uint64_t generation,
                          const char *reason)
{
    (void)input_uid;
    pthread_mutex_lock(&l->lock);
    if (generation == l->connects) {
        l->disconnects++;
        l->connected = false;
        (void)snprintf(l->reason, sizeof(l->reason), "%s", reason);
    }
    pthread_mutex_unlock(&l->lock);
}

void library_errored(struct library *l, const char *input_uid, const char *code,
                     const char *message, const char *video_codec, const char *audio_codec)
{
    (void)input_uid, (void)message, (void)video_codec, (void)audio_codec;
    pthread_mutex_lock(&l->lock);
    l->errors++;
    (void)snprintf(l->error, sizeof(l->error), "%s", code);
    pthread_mutex_unlock(&l->lock);
}

enum err library_playback(struct library *l, const char *uid, struct playback *ret)
{
    pthread_mutex_lock(&l->lock);
    bool is_input = strcmp(uid, INPUT) == 0;
    bool known = is_input || (l->video[0] && strcmp(uid, l->video) == 0);
    *ret = (struct playback){.is_input = is_input,
                             .connected = l->connected,
                             .signed_only = l->signed_only,
                             .state = PLAYBACK_IDLE};
    memcpy(ret->input_uid, INPUT, UID_TEXT);
    if (l->video[0] && l->record) {
        memcpy(ret->video_uid, l->video, UID_TEXT);
        ret->state = l->fresh ? PLAYBACK_VOD : PLAYBACK_LIVE;
    }
    pthread_mutex_unlock(&l->lock);
    return known ? ERR_OK : ERR_NOT_FOUND;
}

enum err library_input(struct library *l, const char *input_uid, struct input_conf *ret_conf)
{
    (void)input_uid;
    return library_input_by_key(l, KEY, ret_conf);
}

static unsigned count_of(const unsigned *counter)
{
    pthread_mutex_lock(&lib.lock);
    unsigned n = *counter;
    pthread_mutex_unlock(&lib.lock);
    return n;
}

/* Poll for what another thread does; 5 s at most. */
static void wait_for(const unsigned *counter, unsigned n)
{
    for (int i = 0; i < 500 && count_of(counter) < n; i++)
        usleep(10000);
    assert_true(count_of(counter) >= n);
}

/* ---- the server ---- */

struct stage {
    struct loops *loops;
    struct pool *pool;
    struct origin *origin;
    struct ingest *ingest;
    struct http_server *http;
    struct http_route routes[ORIGIN_ROUTES_MAX + 1];
    struct addr rtmp, web;
    char dir[64];
    struct buf flv; /* 4 s, GOP 1 s, 30 fps, AAC 48 kHz */
};

static struct buf shared_flv;

static void start(struct stage *s)
{
    char why[200];
    s->loops = loops_make(2);
    s->pool = pool_make(2, 64);
    assert_int_equal(loops_start(s->loops), ERR_OK);
    struct origin_conf oc = {
        .library = &lib, .loops = s->loops, .pool = s->pool, .media_dir = s->dir};
    assert_int_equal(origin_make(&oc, &s->origin), ERR_OK);
    struct ingest_conf ic = {.library = &lib,
                             .origin = s->origin,
                             .loops = s->loops,
                             .pool = s->pool,
                             .hello_ms = 2000,
                             .frozen_ms = 3000};
    assert_int_equal(ingest_make(&ic, &s->ingest), ERR_OK);
    assert_int_equal(ingest_listen(s->ingest, "127.0.0.1:0", NULL, why, &s->rtmp), ERR_OK);
    memset(s->routes, 0, sizeof(s->routes));
    assert_true(origin_routes(s->origin, s->routes) > 0);
    struct http_server_opts ho = {.loops = s->loops, .pool = s->pool, .routes = s->routes};
    s->http = http_server_make(&ho);
    assert_non_null(s->http);
    assert_int_equal(http_server_listen(s->http, "127.0.0.1:0", NULL, why, &s->web), ERR_OK);
}

static void stop(struct stage *s)
{
    ingest_stop(s->ingest);
    origin_stop(s->origin);
    http_server_stop(s->http, 200);
    http_server_free(s->http);
    pool_free(s->pool);
    loops_stop(s->loops);
    ingest_free(s->ingest);
    origin_free(s->origin);
    loops_free(s->loops);
}

static int setup(void **state)
{
    struct stage *s = test_calloc(1, sizeof(*s));
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    lib = (struct library){.lock = lock, .record = true};
    (void)snprintf(s->dir, sizeof(s->dir), "/tmp/on_air_XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    s->flv = shared_flv;
    start(s);
    *state = s;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static int teardown(void **state)
{
    struct stage *s = *state;
    stop(s);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread is left */
    assert_int_equal(nftw(s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    test_free(s);
    return 0;
}

/* ---- the viewer ---- */

struct answer {
    int status;
    struct buf text; /* head and body */
    const char *body;
    size_t len;
};

static struct answer get(const struct stage *s, const char *path)
{
    struct answer a = {0};
    int fd = encoder_socket(s->web.port);
    char ask[512];
    (void)snprintf(ask, sizeof(ask), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                   path);
    assert_true(send(fd, ask, strlen(ask), MSG_NOSIGNAL) > 0);
    buf_init(&a.text, ANSWER_MAX);
    char piece[65536];
    for (ssize_t n; (n = recv(fd, piece, sizeof(piece), 0)) > 0;)
        buf_add(&a.text, piece, (size_t)n);
    close(fd);
    assert_true(a.text.len > 12);
    a.status = (int)strtol(a.text.data + 9, NULL, 10);
    const char *end = strstr(a.text.data, "\r\n\r\n");
    assert_non_null(end);
    a.body = end + 4;
    a.len = a.text.len - (size_t)(a.body - a.text.data);
    return a;
}

static void forget(struct answer a)
{
    buf_done(&a.text);
}

static int status_of(const struct stage *s, const char *path)
{
    struct answer a = get(s, path);
    buf_done(&a.text);
    return a.status;
}

static bool has(const struct answer *a, const char *text)
{
    return strstr(a->text.data, text) != NULL;
}

static const char *path_of(const char *format)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "/%s/%s", INPUT, format);
    return path;
}

static const char *media_path(const char *file)
{
    static char path[256];
    pthread_mutex_lock(&lib.lock);
    (void)snprintf(path, sizeof(path), "/%s/hls/%s/%s", INPUT, lib.video, file);
    pthread_mutex_unlock(&lib.lock);
    return path;
}

/* The same, and the playlist's rules hold. */
static struct answer playlist(const struct stage *s, struct playlist_check *c, const char *file)
{
    struct answer a = get(s, media_path(file));
    assert_int_equal(a.status, 200);
    const char *wrong = playlist_check_text(c, a.body, a.len);
    if (wrong)
        fail_msg("%s\n%s", wrong, a.body);
    return a;
}

static unsigned count_text(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *p = text; (p = strstr(p, what)); p++)
        n++;
    return n;
}

/* ---- tests ---- */

static void watch__a_broadcast_from_master_to_parts(void **state)
{
    struct stage *s = *state;
    assert_int_equal(status_of(s, path_of("manifest/video.m3u8")), 204);
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 3000);

    struct answer master = get(s, path_of("manifest/video.m3u8"));
    assert_int_equal(master.status, 200);
    assert_true(has(&master, "CODECS=\"avc1."));
    assert_true(has(&master, "RESOLUTION=320x180"));
    assert_true(has(&master, "Access-Control-Allow-Origin: *"));
    assert_true(has(&master, "live.m3u8?s="));
    buf_done(&master.text);

    struct playlist_check *c = playlist_check_make();
    struct answer first = playlist(s, c, "live.m3u8");
    assert_true(has(&first, "CAN-BLOCK-RELOAD=YES"));
    buf_done(&first.text);
    uint64_t msn = playlist_check_seen(c)->last_msn;
    char file[64];
    (void)snprintf(file, sizeof(file), "seg-%u.m4s", (unsigned)msn);
    struct answer segment = get(s, media_path(file));
    assert_int_equal(segment.status, 200);
    assert_true(has(&segment, "max-age=31536000"));
    assert_memory_equal(segment.body + 4, "moof", 4);
    buf_done(&segment.text);
    assert_int_equal(status_of(s, media_path("init-1.mp4")), 200);
    assert_int_equal(status_of(s, media_path("init-9.mp4")), 404);
    assert_int_equal(status_of(s, media_path("seg-999.m4s")), 404);
    assert_int_equal(status_of(s, media_path("live.m3u8?_HLS_part=1")), 400);
    assert_int_equal(status_of(s, media_path("live.m3u8?_HLS_msn=900")), 400);
    struct answer plain = get(s, media_path("plain.m3u8"));
    assert_false(has(&plain, "EXT-X-PART"));
    buf_done(&plain.text);
    playlist_check_free(c);
    close(fd);
}

struct waiter {
    const struct stage *s;
    char path[256];
    struct answer a;
};

static void *wait_there(void *arg)
{
    struct waiter *w = arg;
    w->a = get(w->s, w->path);
    return NULL;
}

static void watch__waiting_playlists_are_answered_by_the_next_part(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    forget(get(s, path_of("manifest/video.m3u8")));
    struct playlist_check *c = playlist_check_make();
    forget(playlist(s, c, "live.m3u8"));
    const struct playlist_seen *seen = playlist_check_seen(c);

    enum { WAITERS = 8 };
    struct waiter w[WAITERS];
    pthread_t thread[WAITERS];
    for (unsigned i = 0; i < WAITERS; i++) {
        w[i] = (struct waiter){.s = s};
        char file[64];
        (void)snprintf(file, sizeof(file), "live.m3u8?_HLS_msn=%u&_HLS_part=%u",
                       (unsigned)seen->last_msn + 1, seen->open_parts);
        (void)snprintf(w[i].path, sizeof(w[i].path), "%s", media_path(file));
        assert_int_equal(pthread_create(&thread[i], NULL, wait_there, &w[i]), 0);
    }
    struct http_stats st;
    for (int i = 0; i < 500; i++) {
        http_stats(s->http, &st);
        if (st.parked == WAITERS)
            break;
        usleep(10000);
    }
    assert_int_equal(st.parked, WAITERS);
    encoder_play(fd, &s->flv, 2500, 3000);
    for (unsigned i = 0; i < WAITERS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(w[i].a.status, 200);
        buf_done(&w[i].a.text);
    }
    playlist_check_free(c);
    close(fd);
}

static void watch__who_waits_in_vain_is_told_after_three_targets(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    forget(get(s, path_of("manifest/video.m3u8")));
    forget(get(s, media_path("live.m3u8?_HLS_msn=1"))); /* all that was played has arrived */
    assert_int_equal(status_of(s, media_path("live.m3u8?_HLS_msn=3")), 503);
    close(fd);
}

static void publish__a_stopping_server_says_so(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 1000);
    wait_for(&lib.stats, 1);
    ingest_stop(s->ingest);
    assert_true(encoder_hears(fd, "the server is stopping"));
    assert_int_equal(lib.disconnects, 1);
    assert_string_equal(lib.reason, "shutdown");
    close(fd);
}

static void publish__wrong_keys_are_refused(void **state)
{
    struct stage *s = *state;
    int fd = encoder_dial(s->rtmp.port, "wrongkey");
    assert_true(encoder_hears(fd, "NetStream.Publish.BadName"));
    close(fd);
    lib.disabled = true;
    fd = encoder_dial(s->rtmp.port, KEY);
    assert_true(encoder_hears(fd, "disabled"));
    close(fd);
    assert_int_equal(count_of(&lib.connects), 0);
}

static void publish__who_says_nothing_is_dropped(void **state)
{
    struct stage *s = *state;
    int fd = encoder_socket(s->rtmp.port);
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0); /* closed by the server, before our patience ends */
    close(fd);
}

static void publish__a_frozen_publisher_is_dropped(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 1000);
    assert_true(encoder_hears(fd, "NetStream.Publish.Idle"));
    wait_for(&lib.disconnects, 1);
    assert_string_equal(lib.reason, "timeout");
    assert_true(lib.stats > 0);
    assert_int_equal(lib.last.width, 320);
    close(fd);
}

static void publish__who_returns_goes_on_behind_one_discontinuity(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    struct playlist_check *c = playlist_check_make();
    forget(get(s, path_of("manifest/video.m3u8")));
    forget(playlist(s, c, "live.m3u8"));
    for (unsigned turn = 1; turn < 5; turn++) {
        close(fd);
        wait_for(&lib.disconnects, turn);
        forget(playlist(s, c, "live.m3u8")); /* all that came is complete now */
        fd = encoder_live(s->rtmp.port, KEY);
        encoder_play(fd, &s->flv, 0, 2500);
        char file[64];
        (void)snprintf(file, sizeof(file), "live.m3u8?_HLS_msn=%u",
                       (unsigned)playlist_check_seen(c)->last_msn + 1);
        struct answer a = playlist(s, c, file);
        assert_int_equal(playlist_check_seen(c)->discontinuities, turn);
        assert_int_equal(count_text(a.body, "#EXT-X-ENDLIST"), 0);
        buf_done(&a.text);
    }
    assert_int_equal(count_of(&lib.videos), 1);
    playlist_check_free(c);
    close(fd);
}

static void publish__the_same_key_takes_over(void **state)
{
    struct stage *s = *state;
    int old = encoder_live(s->rtmp.port, KEY);
    encoder_play(old, &s->flv, 0, 2500);
    for (unsigned i = 0; i < 6; i++) { /* from either loop */
        int fd = encoder_live(s->rtmp.port, KEY);
        encoder_play(fd, &s->flv, 0, 2500);
        assert_true(encoder_hears(old, "taken over"));
        close(old);
        old = fd;
    }
    assert_int_equal(count_of(&lib.disconnects), 0);
    assert_int_equal(count_of(&lib.videos), 1);
    close(old);
    wait_for(&lib.disconnects, 1);
}

/* As encoders reconnect: the old connection closes in the moment the new one publishes. */
static void publish__a_reconnect_is_on_air_for_the_library_too(void **state)
{
    struct stage *s = *state;
    int old = encoder_live(s->rtmp.port, KEY);
    for (unsigned i = 0; i < 40; i++) {
        if (i % 2)
            close(old);
        int fd = encoder_dial(s->rtmp.port, KEY);
        if (i % 2 == 0)
            close(old);
        assert_true(encoder_hears(fd, "NetStream.Publish.Start"));
        encoder_play(fd, &s->flv, 0, 100);
        old = fd;
        usleep(5000);
        pthread_mutex_lock(&lib.lock);
        bool connected = lib.connected;
        pthread_mutex_unlock(&lib.lock);
        assert_true(connected);
    }
    close(old);
}

static void publish__other_codecs_are_named_and_refused(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    struct buf b;
    buf_init(&b, 4096);
    static const uint8_t hevc[] = {0x90, 'h', 'v', 'c', '1', 1, 0, 0, 0};
    encoder_message(&b, 6, FLV_VIDEO, 0, 1, hevc, sizeof(hevc), ENCODER_CHUNK);
    encoder_send(fd, &b);
    buf_done(&b);
    assert_true(encoder_hears(fd, "HEVC"));
    wait_for(&lib.disconnects, 1);
    assert_int_equal(lib.errors, 1);
    assert_string_equal(lib.error, "ERR_UNSUPPORTED_VIDEO_CODEC");
    close(fd);
}

static void publish__a_kicked_publisher_is_told(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 1000);
    origin_kick(s->origin, INPUT, "live input was disabled");
    assert_true(encoder_hears(fd, "live input was disabled"));
    wait_for(&lib.disconnects, 1);
    assert_string_equal(lib.reason, "live input was disabled");
    close(fd);
}

static void record__off_means_no_playback(void **state)
{
    struct stage *s = *state;
    lib.record = false;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 3000);
    wait_for(&lib.stats, 1);
    assert_int_equal(status_of(s, path_of("manifest/video.m3u8")), 204);
    struct recording rec;
    assert_int_equal(origin_finish(s->origin, lib.video, &rec), ERR_CONFLICT);
    close(fd);
    wait_for(&lib.disconnects, 1);
    assert_int_equal(origin_finish(s->origin, lib.video, &rec), ERR_NOT_FOUND);
}

static void check_recording(struct stage *s, unsigned segments, unsigned discontinuities)
{
    struct answer master = get(s, path_of("manifest/video.m3u8"));
    assert_int_equal(master.status, 200);
    assert_true(has(&master, "CODECS=\"avc1."));
    buf_done(&master.text);
    struct playlist_check *c = playlist_check_make();
    struct answer a = playlist(s, c, "live.m3u8");
    assert_true(playlist_check_seen(c)->ended);
    assert_true(count_text(a.body, "seg-") >= segments);
    assert_int_equal(count_text(a.body, "#EXT-X-DISCONTINUITY\n"), discontinuities);
    assert_true(has(&a, "#EXT-X-PROGRAM-DATE-TIME"));
    buf_done(&a.text);
    playlist_check_free(c);
    struct answer segment = get(s, media_path("seg-1.m4s"));
    assert_int_equal(segment.status, 200);
    assert_memory_equal(segment.body + 4, "moof", 4);
    buf_done(&segment.text);
}

static void record__a_finished_broadcast_is_played_from_disk(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 4000);
    forget(get(s, path_of("manifest/video.m3u8")));
    close(fd);
    wait_for(&lib.disconnects, 1);
    struct recording rec, again;
    assert_int_equal(origin_finish(s->origin, lib.video, &rec), ERR_OK);
    assert_in_range(rec.duration_ms, 3900, 4100);
    assert_int_equal(rec.width, 320);
    assert_int_equal(rec.height, 180);
    assert_true(rec.size_bytes > 10000);
    assert_string_equal(rec.audio_codec, "mp4a.40.2");
    assert_int_equal(origin_finish(s->origin, lib.video, &again), ERR_OK);
    assert_int_equal(again.size_bytes, rec.size_bytes);
    lib.fresh = true;
    /* Players that were watching see the end; those that come later get the recording. */
    struct answer a = get(s, media_path("live.m3u8"));
    assert_true(has(&a, "#EXT-X-ENDLIST"));
    buf_done(&a.text);
    stop(s);
    start(s);
    check_recording(s, 4, 0);
    assert_int_equal(origin_drop(s->origin, lib.video), ERR_OK);
    assert_int_equal(status_of(s, media_path("seg-1.m4s")), 404);
}

static void record__a_restart_of_the_server_goes_on_with_the_same_playlist(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    forget(get(s, path_of("manifest/video.m3u8")));
    struct playlist_check *c = playlist_check_make();
    forget(playlist(s, c, "live.m3u8"));
    stop(s);
    close(fd);
    start(s);
    /* Players are there before the publisher is: they find the playlist as it was. */
    for (int i = 0; i < 500 && status_of(s, media_path("live.m3u8")) == 503; i++)
        usleep(10000);
    forget(playlist(s, c, "live.m3u8"));
    uint64_t msn = playlist_check_seen(c)->last_msn;
    assert_int_equal(msn, 2);
    fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 3500);
    struct answer a = playlist(s, c, "live.m3u8?_HLS_msn=4");
    assert_true(playlist_check_seen(c)->last_msn > msn);
    assert_int_equal(count_text(a.body, "#EXT-X-DISCONTINUITY\n"), 1);
    assert_int_equal(count_text(a.body, "\nseg-0.m4s"), 1);
    forget(a);
    playlist_check_free(c);
    close(fd);
    wait_for(&lib.disconnects, 2);
    struct recording rec;
    assert_int_equal(origin_finish(s->origin, lib.video, &rec), ERR_OK);
    assert_in_range(rec.duration_ms, 5700, 6300);
    lib.fresh = true;
    stop(s);
    start(s);
    check_recording(s, 6, 1);
}

static void watch__signed_inputs_answer_401(void **state)
{
    struct stage *s = *state;
    lib.signed_only = true;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    assert_int_equal(status_of(s, path_of("manifest/video.m3u8")), 401);
    assert_int_equal(status_of(s, media_path("live.m3u8")), 401);
    assert_int_equal(status_of(s, "/ffffffffffffffffffffffffffffffff/manifest/video.m3u8"), 404);
    assert_int_equal(status_of(s, "/nonsense/manifest/video.m3u8"), 404);
    close(fd);
}

static void watch__players_are_counted_once(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    forget(get(s, path_of("manifest/video.m3u8")));
    for (unsigned i = 0; i < 12; i++) { /* three players on whichever loop */
        char file[64];
        (void)snprintf(file, sizeof(file), "live.m3u8?s=%u", i % 3);
        forget(get(s, media_path(file)));
    }
    for (int i = 0; i < 500 && origin_viewers(s->origin, INPUT) != 3; i++)
        usleep(10000);
    struct answer a = get(s, path_of("views"));
    assert_string_equal(a.body, "{\"liveViewers\":3}");
    buf_done(&a.text);
    a = get(s, path_of("lifecycle"));
    assert_true(has(&a, "\"live\":true"));
    buf_done(&a.text);
    close(fd);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(watch__a_broadcast_from_master_to_parts),
        T(watch__waiting_playlists_are_answered_by_the_next_part),
        T(watch__who_waits_in_vain_is_told_after_three_targets),
        T(watch__signed_inputs_answer_401),
        T(watch__players_are_counted_once),
        T(publish__wrong_keys_are_refused),
        T(publish__a_stopping_server_says_so),
        T(publish__who_says_nothing_is_dropped),
        T(publish__a_frozen_publisher_is_dropped),
        T(publish__who_returns_goes_on_behind_one_discontinuity),
        T(publish__the_same_key_takes_over),
        T(publish__a_reconnect_is_on_air_for_the_library_too),
        T(publish__other_codecs_are_named_and_refused),
        T(publish__a_kicked_publisher_is_told),
        T(record__off_means_no_playback),
        T(record__a_finished_broadcast_is_played_from_disk),
        T(record__a_restart_of_the_server_goes_on_with_the_same_playlist),
    };
    if (crypto_init() != ERR_OK)
        return 1;
    shared_flv = media_make_flv("-v error -f lavfi -i testsrc2=size=320x180:rate=30 "
                                "-f lavfi -i sine=frequency=440:sample_rate=48000 -t 4 "
                                "-c:v libx264 -preset ultrafast -g 30 -keyint_min 30 "
                                "-sc_threshold 0 -pix_fmt yuv420p -c:a aac");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_done(&shared_flv);
    return failed;
}
