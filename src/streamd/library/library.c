/* Opening: rows into memory. What was on air when the program ended is in its grace period. */
#include "streamd/library/state_in.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "streamd/library/begin_in.h"
#include "streamd/library/input.sql.h"
#include "streamd/library/input_in.h"
#include "streamd/library/migrations.sql.h"
#include "streamd/library/video.sql.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ARENA = 16 << 20, PAGE_ROWS = 500 };

const struct schema streamd_schema = {streamd_library_migrations, streamd_library_migration_count};

/* ---- videos ---- */

static enum video_state video_state_of(const char *word)
{
    for (enum video_state s = VIDEO_LIVE; s < VIDEO_ERROR; s++)
        if (strcmp(word, video_state_word(s)) == 0)
            return s;
    return VIDEO_ERROR;
}

static enum err load_video(struct library *l, const char *uid, const char *input_uid,
                           const char *state, bool signed_only, const char *origins,
                           int64_t thumb_ppm)
{
    char flat[ORIGINS_TEXT];
    struct video_rec *v;
    (void)origins_flat(origins, flat);
    enum err e = video_remember_locked(l, uid, input_uid ? input_uid : "", video_state_of(state),
                                       signed_only, flat, &v);
    if (e)
        return e;
    v->thumb_ppm = thumb_ppm;
    if (v->state == VIDEO_ENDED)
        unfinished_add_locked(l, v);
    return ERR_OK;
}

static enum err load_video_page(struct library *l, struct db *db, struct arena *a, int64_t *last,
                                size_t *ret_n)
{
    const char *uid, *input_uid, *state, *origins;
    bool signed_only;
    int64_t thumb_ppm;
    enum err e = ERR_OK;
    struct rows r = db_rows(db, &SQL_video_load, ARGS(V(*last)));
    for (*ret_n = 0; !e && rows_next(&r, a,
                                     COLS(C(last), C(&uid), C(&input_uid), C(&state),
                                          C(&signed_only), C(&origins), C(&thumb_ppm)));
         ++*ret_n)
        e = load_video(l, uid, input_uid, state, signed_only, origins, thumb_ppm);
    enum err read = rows_end(&r);
    return e ? e : read;
}

/* ---- inputs ---- */

struct load_row {
    struct input_row in;
    const char *state, *video_uid, *status;
};

/* The publisher is gone: the program was. Its grace period begins anew. */
static void resume_locked(struct library *l, struct input_rec *in)
{
    struct video_rec *v = video_of_locked(l, in->video_uid);
    in->video_kept = v != NULL;
    if (in->state == INPUT_IDLE)
        return;
    if (in->state == INPUT_CONNECTED) {
        int64_t now = library_unix_ms(l);
        status_enter(in, "disconnected", "server_restart", NULL, now);
        tell_event_locked(l, &(struct live_event){.input_uid = in->conf.uid,
                                                  .event_type = "live_input.disconnected",
                                                  .at_ms = now});
    }
    in->state = v && v->state == VIDEO_LIVE ? INPUT_GAP : INPUT_IDLE;
    in->grace_due_ms = library_mono_ms(l) + in->conf.grace_ms;
    save_status_locked(l, in);
}

static enum err load_input(struct library *l, const struct load_row *row)
{
    struct input_conf conf;
    struct input_rec *in;
    input_conf_of(l, &row->in, &conf);
    enum err e = input_remember_locked(l, &conf, row->in.rtmps_key, &in);
    if (e)
        return e;
    (void)text_copy(in->video_uid, sizeof in->video_uid, row->video_uid);
    in->state = input_state_of(row->state);
    status_parse(in, row->status);
    resume_locked(l, in);
    return ERR_OK;
}

static enum err load_input_page(struct library *l, struct db *db, struct arena *a, int64_t *last,
                                size_t *ret_n)
{
    struct load_row row = {0};
    struct input_row *in = &row.in;
    enum err e = ERR_OK;
    struct rows r = db_rows(db, &SQL_input_load, ARGS(V(*last)));
    for (*ret_n = 0;
         !e && rows_next(&r, a,
                         COLS(C(last), C(&in->uid), C(&in->enabled), C(&in->record),
                              C(&in->prefer_ll), C(&in->signed_only), C(&in->hide_viewers),
                              C(&in->timeout_s), C(&in->meta), C(&in->origins), C(&in->rtmps_key),
                              C(&row.state), C(&row.video_uid), C(&row.status)));
         ++*ret_n)
        e = load_input(l, &row);
    enum err read = rows_end(&r);
    return e ? e : read;
}

/* What an input shows when its last broadcast came to nothing. */
static enum err load_replay_page(struct library *l, struct db *db, struct arena *a, int64_t *last,
                                 size_t *ret_n)
{
    const char *uid, *input_uid;
    struct rows r = db_rows(db, &SQL_video_replays, ARGS(V(*last)));
    for (*ret_n = 0; rows_next(&r, a, COLS(C(last), C(&uid), C(&input_uid))); ++*ret_n) {
        struct input_rec *in = input_of_locked(l, input_uid);
        if (in) /* else deleted: its recordings stay */
            (void)text_copy(in->replay_uid, sizeof in->replay_uid, uid);
    }
    return rows_end(&r);
}

/* ---- all of it ---- */

static enum err load_all(struct library *l, struct db *db,
                         enum err (*page)(struct library *l, struct db *db, struct arena *a,
                                          int64_t *last, size_t *ret_n))
{
    int64_t last = 0;
    size_t n = PAGE_ROWS;
    enum err e = ERR_OK;
    while (!e && n == PAGE_ROWS) {
        struct arena *a = arena_make(PAGE_ARENA);
        e = a ? page(l, db, a, &last, &n) : ERR_NO_MEMORY;
        arena_free(a);
    }
    return e;
}

/* A video that says it is on air though no input is at it: its end was lost with the program. */
static void orphan_one(struct map_node *node, void *arg)
{
    struct library *l = arg;
    struct video_rec *v = (struct video_rec *)node;
    const struct input_rec *in = input_of_locked(l, v->input_uid);
    if (v->state != VIDEO_LIVE ||
        (in && in->state != INPUT_IDLE && in->video_kept && strcmp(in->video_uid, v->uid) == 0))
        return;
    v->state = VIDEO_ENDED;
    end_video_locked(l, v->uid);
    unfinished_add_locked(l, v);
}

static enum err load(struct library *l)
{
    struct db *db;
    enum err e = store_read(l->setup.store, &db);
    if (e)
        return e;
    e = load_all(l, db, load_video_page);
    if (!e)
        e = load_all(l, db, load_input_page);
    if (!e)
        e = load_all(l, db, load_replay_page);
    store_read_end(db);
    if (!e)
        map_each(&l->videos, orphan_one, l);
    return e;
}

/* After it, no job of ours is with the writer any more. */
static enum err flush_run(struct tx *tx, void *arg)
{
    (void)tx;
    (void)arg;
    return ERR_OK;
}

enum err library_open(struct cx *cx, const struct library_setup *setup,
                      struct library **ret_library)
{
    assert(cx && setup && setup->store && ret_library);
    struct library *l = calloc(1, sizeof *l);
    if (!l)
        return ERR_NO_MEMORY;
    l->setup = *setup;
    l->backlog_end = &l->backlog;
    if (pthread_mutex_init(&l->lock, NULL)) {
        free(l);
        return ERR_NO_MEMORY;
    }
    (void)pthread_mutex_lock(&l->lock);
    enum err e = load(l);
    (void)pthread_mutex_unlock(&l->lock);
    if (e) {
        if (store_do(l->setup.store, cx, "library.flush", flush_run, NULL))
            log_warn("the library was not flushed");
        library_close(l);
        return problem(cx, e, "cannot read the library");
    }
    log_info("library is open", LOG_I("inputs", l->inputs.n), LOG_I("videos", l->videos.n));
    *ret_library = l;
    return ERR_OK;
}

void library_start(struct library *l)
{
    (void)pthread_mutex_lock(&l->lock);
    l->running = true;
    (void)pthread_mutex_unlock(&l->lock);
}

void library_set_urls(struct library *l, const struct urls *urls)
{
    (void)pthread_mutex_lock(&l->lock);
    l->urls = *urls;
    (void)pthread_mutex_unlock(&l->lock);
}

void library_urls(struct library *l, struct urls *ret_urls)
{
    (void)pthread_mutex_lock(&l->lock);
    *ret_urls = l->urls;
    (void)pthread_mutex_unlock(&l->lock);
}

void library_stop(struct library *l)
{
    (void)pthread_mutex_lock(&l->lock);
    l->running = false;
    defer_pump_locked(l);
    (void)pthread_mutex_unlock(&l->lock);
}

void library_close(struct library *l)
{
    if (!l)
        return;
    defer_done(l);
    memory_done(l);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

static void count_one(struct map_node *node, void *arg)
{
    const struct input_rec *in = (const struct input_rec *)node;
    struct library_counts *c = arg;
    c->inputs_live += in->state == INPUT_CONNECTED;
}

void library_count(struct library *l, struct library_counts *ret_counts)
{
    (void)pthread_mutex_lock(&l->lock);
    *ret_counts =
        (struct library_counts){.inputs = (int64_t)l->inputs.n, .videos = (int64_t)l->videos.n};
    map_each(&l->inputs, count_one, ret_counts);
    for (const struct video_rec *v = l->unfinished; v; v = v->next)
        ret_counts->unfinished++;
    (void)pthread_mutex_unlock(&l->lock);
}
