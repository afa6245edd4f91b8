/*
 * on_air_world - a whole engine for tests: real listeners, loops and workers, and a library made of
 * one live input, in memory, which takes the real one's place. The encoder is scripted and as fast
 * as the socket; media is ffmpeg's. For one .c file a program.
 */
#pragma once
#include "base/crypto.h"
#include "base/test.h"
#include "media/media_testkit.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/pool.h"
#include "streamd/ingest/encoder_testkit.h"
#include "streamd/ingest/ingest.h"
#include "streamd/ingest/viewer_testkit.h"
#include "streamd/library/library.h"
#include "streamd/origin/origin.h"
#include <ftw.h>
#include <pthread.h>
#include <unistd.h>

static const char INPUT[] = "00112233445566778899aabbccddeeff";
static const char KEY[] = "thegoodkey";

/* ---- a library with one live input ---- */

struct library {
    pthread_mutex_t lock;
    bool record, disabled, signed_only, connected, fresh;
    bool video_signed, video_gone, input_gone;
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
    bool known =
        is_input ? !l->input_gone : !l->video_gone && l->video[0] && strcmp(uid, l->video) == 0;
    *ret = (struct playback){.is_input = is_input,
                             .connected = l->connected,
                             .signed_only = is_input ? l->signed_only : l->video_signed,
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

static inline void set_lib(bool *flag, bool to)
{
    pthread_mutex_lock(&lib.lock);
    *flag = to;
    pthread_mutex_unlock(&lib.lock);
}

static inline unsigned count_of(const unsigned *counter)
{
    pthread_mutex_lock(&lib.lock);
    unsigned n = *counter;
    pthread_mutex_unlock(&lib.lock);
    return n;
}

/* Poll for what another thread does; 5 s at most. */
static inline void wait_for(const unsigned *counter, unsigned n)
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

static inline void start(struct stage *s)
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

static inline void stop(struct stage *s)
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

static inline int setup(void **state)
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

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static inline int teardown(void **state)
{
    struct stage *s = *state;
    stop(s);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread is left */
    assert_int_equal(nftw(s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    test_free(s);
    return 0;
}

/* ---- the viewer ---- */

static inline struct answer get(const struct stage *s, const char *path)
{
    return viewer_get(s->web.port, path);
}

static inline int status_of(const struct stage *s, const char *path)
{
    struct answer a = get(s, path);
    buf_done(&a.text);
    return a.status;
}

static inline const char *path_of(const char *format)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "/%s/%s", INPUT, format);
    return path;
}

static inline const char *media_path(const char *file)
{
    static char path[256];
    pthread_mutex_lock(&lib.lock);
    (void)snprintf(path, sizeof(path), "/%s/hls/%s/%s", INPUT, lib.video, file);
    pthread_mutex_unlock(&lib.lock);
    return path;
}

/* The same, and the playlist's rules hold. */
static inline struct answer playlist(const struct stage *s, struct playlist_check *c,
                                     const char *file)
{
    struct answer a = get(s, media_path(file));
    assert_int_equal(a.status, 200);
    const char *wrong = playlist_check_text(c, a.body, a.len);
    if (wrong)
        fail_msg("%s\n%s", wrong, a.body);
    return a;
}

/* ---- of a whole program ---- */

static inline int media_make(void **state)
{
    (void)state;
    if (crypto_init() != ERR_OK)
        return -1;
    shared_flv = media_make_flv("-v error -f lavfi -i testsrc2=size=320x180:rate=30 "
                                "-f lavfi -i sine=frequency=440:sample_rate=48000 -t 4 "
                                "-c:v libx264 -preset ultrafast -g 30 -keyint_min 30 "
                                "-sc_threshold 0 -pix_fmt yuv420p -c:a aac");
    return 0;
}

static inline int media_drop(void **state)
{
    (void)state;
    buf_done(&shared_flv);
    return 0;
}
