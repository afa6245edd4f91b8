#include "nightmarket/follow.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cloud/stream.h"
#include "net/client.h"
#include "nightmarket/follow_round.h"
#include "nightmarket/follow_thumb.h"
#include "room/input.h"
#include "store/store.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    ARENA = 4 << 20,
    TASKS = 20,
    INPUTS = 200,
    LOCAL_PER_TURN = 20,
    CLOUD_PER_TURN = 1,
    TURN_MS = 1000
};

struct follow {
    struct follow_setup set;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    struct follow_round round;
};

static bool stopping(struct follow *f)
{
    (void)pthread_mutex_lock(&f->lock);
    bool stop = f->stop;
    (void)pthread_mutex_unlock(&f->lock);
    return stop;
}

/* ---- the to-do list ---- */

static enum err find_recording(struct follow *f, struct cx *cx, const struct show_task *t,
                               bool *ret_done)
{
    struct stream_video *v = arena_array(cx->arena, struct stream_video, STREAM_VIDEOS_MAX);
    struct recording *ready = arena_array(cx->arena, struct recording, STREAM_VIDEOS_MAX);
    size_t n = 0, k = 0;
    if (!v || !ready)
        return ERR_NO_MEMORY;
    enum err e = stream_input_videos(f->set.stream, cx, t->uid, v, &n);
    if (e)
        return e;
    for (size_t i = n; i-- > 0;) /* newest first there, oldest first here */
        if (v[i].state == VIDEO_READY)
            ready[k++] = (struct recording){.uid = v[i].uid,
                                            .created_ms = v[i].created_ms,
                                            .duration_ms = v[i].duration_ms,
                                            .hls = v[i].hls,
                                            .thumbnail = v[i].thumbnail};
    return input_recordings(f->set.room, cx, t->uid, ready, k, ret_done);
}

static enum err disable_input(struct follow *f, struct cx *cx, const struct show_task *t,
                              bool *ret_done)
{
    struct stream_input in;
    enum err e = stream_input_enable(f->set.stream, cx, t->uid, false, &in);
    *ret_done = !e || e == ERR_NOT_FOUND; /* gone is off, too */
    return *ret_done ? ERR_OK : e;
}

static void carry_out(struct follow *f, struct cx *cx, const struct show_task *t)
{
    bool done = false;
    enum err e = t->kind == TASK_FIND_RECORDING ? find_recording(f, cx, t, &done)
                                                : disable_input(f, cx, t, &done);
    if (e && stopping(f)) /* called off: it stays as it was for the next start */
        return;
    if (e)
        log_warn("task for stream failed", LOG_S("show", t->show), LOG_I("kind", t->kind),
                 LOG_I("tries", t->tries), LOG_S("why", cx->problem));
    e = done && !e ? task_done(f->set.room, cx, t->id) : task_later(f->set.room, cx, t->id);
    if (e)
        log_warn("task cannot be moved", LOG_S("show", t->show), LOG_S("err", err_api(e)));
}

static enum err read_tasks(struct follow *f, struct cx *cx, struct show_task **ret, size_t *ret_n)
{
    struct db *db = NULL;
    enum err e = store_read(f->set.store, &db);
    if (!e)
        e = task_list(db, cx, TASKS, ret, ret_n);
    store_read_end(db);
    return e;
}

/* ---- how are the inputs? ---- */

static void read_health(const struct stream_input *in, struct ingest_health *h)
{
    const struct stream_ingest *g = &in->ingest;
    ingest_health_init(h);
    h->connected = in->connected;
    h->since_ms = in->connected ? in->status_ms : 0;
    if (!in->connected || !g->known)
        return;
    h->bitrate_bps = g->bitrate_bps;
    h->fps_milli = (int64_t)llround(g->fps * 1000);
    h->key_interval_ms = g->key_interval_ms > 0 ? g->key_interval_ms : -1;
    h->width = g->width;
    h->height = g->height;
    h->dropped = g->dropped;
    h->video = g->video_codec[0] ? KNOWN_YES : KNOWN_NO;
    h->audio = g->audio_codec[0] ? KNOWN_YES : KNOWN_NO;
    h->b_frames = g->b_frames ? KNOWN_YES : KNOWN_NO;
    (void)text_copy(h->video_codec, sizeof h->video_codec, g->video_codec);
    (void)text_copy(h->audio_codec, sizeof h->audio_codec, g->audio_codec);
    if (g->since_ms)
        h->since_ms = g->since_ms;
}

static void poll_input(struct follow *f, struct cx *cx, const struct input_watched *w)
{
    struct stream_input in;
    struct ingest_health h;
    struct input_notice n = {.uid = w->uid, .at_us = clock_unix_us(), .poll = true};
    enum err e = stream_input_get(f->set.stream, cx, w->uid, &in);
    if (e && stopping(f))
        return;
    if (e) {
        log_warn("live input cannot be asked", LOG_S("show", w->show), LOG_S("why", cx->problem));
        return;
    }
    n.connected = in.connected;
    e = input_notify(f->set.room, cx, &n, NULL);
    if (e)
        log_warn("live input's state is lost", LOG_S("show", w->show), LOG_S("err", err_api(e)));
    read_health(&in, &h);
    ingest_report(f->set.room, w->show_id, &h);
}

static enum err read_inputs(struct follow *f, struct cx *cx, struct input_watched **ret,
                            size_t *ret_n)
{
    struct db *db = NULL;
    enum err e = store_read(f->set.store, &db);
    if (!e)
        e = input_watch_list(db, cx, INPUTS, ret, ret_n);
    store_read_end(db);
    return e;
}

/* ---- turns ---- */

static bool going_on(void *arg)
{
    return !stopping(arg);
}

static void keep_thumbnail(struct follow *f, struct cx *cx)
{
    const struct follow_thumb t = {.store = f->set.store,
                                   .room = f->set.room,
                                   .files = f->set.files,
                                   .go_on = going_on,
                                   .arg = f};
    if (!stopping(f))
        follow_thumb_turn(&t, cx);
}

static void one_turn(struct follow *f, struct cx *cx)
{
    struct show_task *tasks = NULL;
    struct input_watched *inputs = NULL;
    size_t n = 0;
    enum err e = read_tasks(f, cx, &tasks, &n);
    for (size_t i = 0; i < n && !e && !stopping(f); i++)
        carry_out(f, cx, &tasks[i]);
    n = 0;
    if (!e)
        e = read_inputs(f, cx, &inputs, &n);
    size_t most = f->set.local ? LOCAL_PER_TURN : CLOUD_PER_TURN;
    for (size_t i = 0; i < n && i < most && !e && !stopping(f); i++)
        poll_input(f, cx, &inputs[n <= most ? i : follow_next(&f->round, inputs, n)]);
    keep_thumbnail(f, cx);
    if (e)
        log_warn("stream is not followed this time", LOG_S("err", err_api(e)));
}

/* Sleep for the rest of the turn; false: stop. */
static bool sleep_on(struct follow *f)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TURN_MS / 1000;
    (void)pthread_mutex_lock(&f->lock);
    while (!f->stop && pthread_cond_timedwait(&f->wake, &f->lock, &until) != ETIMEDOUT)
        continue;
    bool stop = f->stop;
    (void)pthread_mutex_unlock(&f->lock);
    return !stop;
}

static void *run(void *arg)
{
    struct follow *f = arg;
    do {
        struct cx cx = {.arena = arena_make(ARENA), .now_ms = clock_unix_ms(), .id = "follow"};
        if (cx.arena)
            one_turn(f, &cx);
        arena_free(cx.arena);
    } while (sleep_on(f));
    client_thread_done();
    return NULL;
}

enum err follow_start(const struct follow_setup *setup, struct follow **ret_follow)
{
    pthread_condattr_t attr;
    struct follow *f = calloc(1, sizeof *f);
    if (!f)
        return ERR_NO_MEMORY;
    f->set = *setup;
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&f->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    if (pthread_create(&f->thread, NULL, run, f) != 0) {
        free(f);
        return ERR_BUSY;
    }
    *ret_follow = f;
    return ERR_OK;
}

void follow_stop(struct follow *f)
{
    if (!f)
        return;
    (void)pthread_mutex_lock(&f->lock);
    f->stop = true;
    (void)pthread_cond_signal(&f->wake);
    (void)pthread_mutex_unlock(&f->lock);
    stream_end(f->set.stream, 0);
    (void)pthread_join(f->thread, NULL);
    (void)pthread_cond_destroy(&f->wake);
    (void)pthread_mutex_destroy(&f->lock);
    free(f);
}
