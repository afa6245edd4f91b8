/* From the end of a broadcast to a video that is ready; and videos whose time to go has come. */
#include "streamd/library/state_in.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "streamd/library/input.sql.h"
#include "streamd/library/video.h"
#include "streamd/library/video.sql.h"
#include "streamd/library/video_in.h"

#include <stdlib.h>
#include <string.h>

enum {
    TRY_FIRST_MS = 200,
    TRY_LAST_MS = 30000,
    TRIES_MAX = 20,
    SHORTEST_MS = 100, /* below: ERR_DURATION_TOO_SHORT */
    LAST_FRAME_MS = 100,
    SWEEP_EVERY_MS = 60000,
    IDEM_KEEP_MS = 6 * 3600 * 1000,
    FINISH_ARENA = 256 << 10
};

/* ---- the last job ---- */

struct done_job {
    struct library *l;
    const char *uid;
    bool ready;
    struct finished got;
    const char *error_code, *error_text;
    enum video_state now; /* for memory */
};

static void done_committed(void *arg)
{
    const struct done_job *d = arg;
    (void)pthread_mutex_lock(&d->l->lock);
    struct video_rec *v = video_of_locked(d->l, d->uid);
    struct input_rec *in = v && d->ready ? input_of_locked(d->l, v->input_uid) : NULL;
    if (v)
        v->state = d->now;
    if (in)
        (void)text_copy(in->replay_uid, UID_TEXT, v->uid);
    (void)pthread_mutex_unlock(&d->l->lock);
}

static enum err tell_video(struct tx *tx, const struct done_job *d)
{
    const struct library_setup *s = &d->l->setup;
    struct video_row v = {0};
    if (!s->hooks.video_done)
        return ERR_OK;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_video_get, ARGS(V(d->uid)), VIDEO_COLS(&v));
    if (e)
        return e;
    char *body = json_text_of(video_json(d->l, &v));
    if (!body)
        return ERR_NO_MEMORY;
    e = s->hooks.video_done(s->hooks.arg, tx, d->uid, v.input_uid ? v.input_uid : "", v.state,
                            body);
    free(body);
    return e;
}

static enum err done_run(struct tx *tx, void *arg)
{
    struct done_job *d = arg;
    int64_t changed = 0;
    enum err e;
    if (d->ready)
        e = db_do(tx->db, &SQL_video_ready,
                  ARGS(V(tx->cx->now_ms), V(d->got.duration_ms), V(d->got.size_bytes),
                       V(d->got.width ? d->got.width : -1), V(d->got.height ? d->got.height : -1),
                       V(d->uid)),
                  &changed);
    else
        e = db_do(tx->db, &SQL_video_broken,
                  ARGS(V(tx->cx->now_ms), V(d->error_code), V(d->error_text), V(d->uid)), &changed);
    if (e || !changed) /* 0: deleted meanwhile */
        return e;
    tx_after_commit(tx, done_committed, d);
    return tell_video(tx, d);
}

static enum err settle(struct library *l, const char *uid, enum err how, const struct finished *got)
{
    struct done_job d = {.l = l, .uid = uid, .now = VIDEO_ERROR};
    if (!how && got->duration_ms >= SHORTEST_MS) {
        d.ready = true;
        d.got = *got;
        d.now = VIDEO_READY;
    } else if (!how || how == ERR_NOT_FOUND) {
        d.error_code = "ERR_DURATION_TOO_SHORT";
        d.error_text = "The broadcast ended before any video could be recorded.";
    } else {
        d.error_code = "ERR_UNKNOWN";
        d.error_text = "The recording could not be completed.";
    }
    struct cx cx = {.now_ms = library_unix_ms(l), .arena = arena_make(FINISH_ARENA)};
    if (!cx.arena)
        return ERR_NO_MEMORY;
    enum err e = store_do(l->setup.store, &cx, "video.done", done_run, &d);
    arena_free(cx.arena);
    if (!e)
        log_info("video is done", LOG_S("video", uid), LOG_S("state", video_state_word(d.now)),
                 LOG_I("duration_ms", got->duration_ms), LOG_S("why", d.error_code));
    return e;
}

/* ---- one video on a worker ---- */

struct finish_task {
    struct library *l;
    struct video_rec *video; /* working: nobody else frees it */
    char uid[UID_TEXT];
    int64_t thumb_ppm;
};

/* The very end has no frame any more. */
int64_t picture_at(int64_t duration_ms, int64_t ppm)
{
    int64_t last = duration_ms - LAST_FRAME_MS;
    int64_t at = duration_ms * ppm / 1000000;
    return at < last ? at : last > 0 ? last : 0;
}

static void try_later_locked(struct library *l, struct video_rec *v, enum err why)
{
    int64_t wait = TRY_FIRST_MS << (v->tries < 8 ? v->tries : 8);
    v->tries++;
    v->next_try_ms = library_mono_ms(l) + (wait < TRY_LAST_MS ? wait : TRY_LAST_MS);
    v->next = l->unfinished;
    l->unfinished = v;
    log_warn("video is not finished yet", LOG_S("video", v->uid), LOG_S("why", err_api(why)),
             LOG_I("tries", v->tries));
}

static void finish_ended(struct finish_task *t, enum err e)
{
    struct library *l = t->l;
    struct video_rec *v = t->video;
    (void)pthread_mutex_lock(&l->lock);
    v->working = false;
    if (v->gone) {
        free(v->origins);
        free(v);
    } else if (e) {
        try_later_locked(l, v, e);
    }
    (void)pthread_mutex_unlock(&l->lock);
    free(t);
}

static void finish_run(void *arg)
{
    struct finish_task *t = arg;
    struct library *l = t->l;
    const struct library_hooks *h = &l->setup.hooks;
    struct finished got = {0};
    enum err e = h->finish ? h->finish(h->arg, t->uid, &got) : ERR_NOT_FOUND;
    bool last = t->video->tries + 1 >= TRIES_MAX;
    if (e && e != ERR_NOT_FOUND && !last) {
        finish_ended(t, e);
        return;
    }
    if (!e && h->picture)
        h->picture(h->arg, t->uid, picture_at(got.duration_ms, t->thumb_ppm));
    finish_ended(t, settle(l, t->uid, e, &got));
}

void unfinished_add_locked(struct library *l, struct video_rec *video)
{
    video->next = l->unfinished;
    video->next_try_ms = library_mono_ms(l);
    l->unfinished = video;
}

static struct finish_task *next_task_locked(struct library *l)
{
    int64_t now = library_mono_ms(l);
    struct video_rec **at = &l->unfinished;
    while (*at && (*at)->next_try_ms > now)
        at = &(*at)->next;
    struct video_rec *v = *at;
    struct finish_task *t = v && l->running ? calloc(1, sizeof *t) : NULL;
    if (!t)
        return NULL;
    *at = v->next;
    v->next = NULL;
    v->working = true;
    t->l = l;
    t->video = v;
    t->thumb_ppm = v->thumb_ppm;
    (void)text_copy(t->uid, sizeof t->uid, v->uid);
    return t;
}

void finish_due(struct library *l)
{
    for (;;) {
        (void)pthread_mutex_lock(&l->lock);
        struct finish_task *t = next_task_locked(l);
        (void)pthread_mutex_unlock(&l->lock);
        if (!t)
            return;
        const struct library_hooks *h = &l->setup.hooks;
        enum err e = h->run(h->arg, finish_run, t);
        if (!e)
            continue;
        finish_ended(t, e);
        return;
    }
}

/* ---- the sweep ---- */

struct sweep_job {
    int64_t now_ms;
};

static enum err idem_run(struct tx *tx, void *arg)
{
    const struct sweep_job *j = arg;
    return db_do(tx->db, &SQL_idem_sweep, ARGS(V(j->now_ms - IDEM_KEEP_MS)), NULL);
}

static enum err due_list(struct library *l, struct cx *cx, char (*ret_uids)[UID_TEXT], size_t max,
                         size_t *ret_n)
{
    struct db *db;
    enum err e = store_read(l->setup.store, &db);
    if (e)
        return e;
    const char *uid;
    size_t n = 0;
    struct rows r = db_rows(db, &SQL_video_due, ARGS(V(cx->now_ms)));
    while (n < max && rows_next(&r, cx->arena, COLS(C(&uid))))
        (void)text_copy(ret_uids[n++], UID_TEXT, uid);
    e = rows_end(&r);
    store_read_end(db);
    *ret_n = e ? 0 : n;
    return e;
}

static void sweep_run(void *arg)
{
    struct library *l = arg;
    char uids[16][UID_TEXT];
    size_t n = 0;
    struct cx cx = {.now_ms = library_unix_ms(l), .arena = arena_make(FINISH_ARENA)};
    struct sweep_job j = {cx.now_ms};
    enum err e = cx.arena ? due_list(l, &cx, uids, 16, &n) : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++) {
        e = library_delete_video(l, &cx, uids[i]);
        log_info("video deleted: its time has come", LOG_S("video", uids[i]));
    }
    if (!e)
        e = store_do(l->setup.store, &cx, "idempotency.sweep", idem_run, &j);
    if (e)
        log_warn("sweep failed", LOG_S("why", err_api(e)));
    arena_free(cx.arena);
    (void)pthread_mutex_lock(&l->lock);
    l->sweeping = false;
    (void)pthread_mutex_unlock(&l->lock);
}

void sweep_due(struct library *l)
{
    int64_t now = library_mono_ms(l);
    (void)pthread_mutex_lock(&l->lock);
    bool go = l->running && !l->sweeping && now >= l->sweep_due_ms;
    if (go) {
        l->sweeping = true;
        l->sweep_due_ms = now + SWEEP_EVERY_MS;
    }
    (void)pthread_mutex_unlock(&l->lock);
    if (go && l->setup.hooks.run(l->setup.hooks.arg, sweep_run, l)) {
        (void)pthread_mutex_lock(&l->lock);
        l->sweeping = false;
        (void)pthread_mutex_unlock(&l->lock);
    }
}
