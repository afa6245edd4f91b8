#include "streamd/library/video.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "streamd/library/check_in.h"
#include "streamd/library/video.sql.h"
#include "streamd/library/video_in.h"

#include <assert.h>
#include <string.h>

enum {
    ROW_ARENA = 64 << 10,
    DAY_MS = 86400000,
    KEEP_DAYS_MIN = 30,
    KEEP_DAYS_MAX = 1096,
    DURATION_MAX_S = 21600
};

enum err library_get_video(struct library *l, struct cx *cx, const char *uid, json_t **ret_object)
{
    assert(l && cx && uid && ret_object);
    struct db *db;
    struct video_row v;
    if (!library_uid_ok(uid))
        return ERR_NOT_FOUND;
    enum err e = store_read(l->setup.store, &db);
    if (e)
        return e;
    e = db_row(db, cx->arena, &SQL_video_get, ARGS(V(uid)), VIDEO_COLS(&v));
    store_read_end(db);
    if (e)
        return e;
    json_t *o = video_json(l, &v);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_object = o;
    return ERR_OK;
}

/* ---- list ---- */

static struct val or_null(int64_t n)
{
    return n ? V(n) : VNULL;
}

static enum err count(struct db *db, const struct video_filter *f, bool all_times, int64_t *ret_n)
{
    return db_i64(db, &SQL_video_count,
                  ARGS(V(f->creator), V(f->uids), V(f->input_uid), V(f->names), V(f->search),
                       V(f->name), V(f->states), f->live ? V(f->live > 0) : VNULL,
                       all_times ? VNULL : or_null(f->after_ms),
                       all_times ? VNULL : or_null(f->before_ms)),
                  ret_n);
}

/* The texts of one row live until its object is made. */
static bool next_row(struct library *l, struct rows *r, json_t *objects, enum err *e)
{
    struct video_row v;
    struct arena *a = arena_make(ROW_ARENA);
    bool more = a && rows_next(r, a, VIDEO_COLS(&v));
    if (!a || (more && json_array_append_new(objects, video_json(l, &v))))
        *e = ERR_NO_MEMORY;
    arena_free(a);
    return more && !*e;
}

static enum err read_page(struct library *l, struct db *db, const struct video_filter *f,
                          struct video_page *page)
{
    enum err e = ERR_OK;
    struct rows r = db_rows(db, &SQL_video_list,
                            ARGS(V(f->creator), V(f->uids), V(f->input_uid), V(f->names),
                                 V(f->search), V(f->name), V(f->states),
                                 f->live ? V(f->live > 0) : VNULL, or_null(f->after_ms),
                                 or_null(f->before_ms), V(f->oldest_first ? 1 : -1), V(f->limit)));
    while (next_row(l, &r, page->objects, &e))
        continue;
    enum err read = rows_end(&r);
    if (!e)
        e = read;
    if (!e && f->want_counts)
        e = count(db, f, true, &page->total);
    if (!e && f->want_counts)
        e = count(db, f, false, &page->range);
    return e;
}

enum err library_list_videos(struct library *l, struct cx *cx, const struct video_filter *f,
                             struct video_page *ret_page)
{
    assert(l && cx && f && ret_page && f->limit >= 1 && f->limit <= VIDEO_LIST_MAX);
    struct db *db;
    enum err e = store_read(l->setup.store, &db);
    if (e)
        return e;
    struct video_page page = {.objects = json_array()};
    e = page.objects ? read_page(l, db, f, &page) : ERR_NO_MEMORY;
    store_read_end(db);
    if (e)
        json_decref(page.objects);
    else
        *ret_page = page;
    return e;
}

/* ---- edit ---- */

struct edit_job {
    struct library *l;
    const char *uid;
    const json_t *body;
    struct video_row v; /* as it is after the edit */
};

static enum err edit_thumb(struct cx *cx, const json_t *body, struct video_row *v)
{
    const json_t *n = json_object_get(body, "thumbnailTimestampPct");
    if (!n)
        return ERR_OK;
    double pct = json_number_value(n);
    if (!json_is_number(n) || !(pct >= 0.0 && pct <= 1.0))
        return problem(cx, ERR_INPUT, "'thumbnailTimestampPct' must be 0 to 1");
    v->thumb_ppm = (int64_t)(pct * 1e6 + 0.5);
    return ERR_OK;
}

static enum err edit_deletion(struct cx *cx, const json_t *body, struct video_row *v)
{
    int64_t at = 0;
    if (!field_given(body, "scheduledDeletion"))
        return ERR_OK;
    enum err e = check_time_or_null(cx, body, "scheduledDeletion", &at);
    if (e)
        return e;
    if (at && (at < v->uploaded_ms + (int64_t)KEEP_DAYS_MIN * DAY_MS || at < cx->now_ms))
        return problem(cx, ERR_INPUT, "'scheduledDeletion' must be at least %d days after upload",
                       KEEP_DAYS_MIN);
    if (at > v->created_ms + (int64_t)KEEP_DAYS_MAX * DAY_MS)
        return problem(cx, ERR_INPUT, "'scheduledDeletion' must be at most %d days after creation",
                       KEEP_DAYS_MAX);
    v->delete_ms = at;
    return ERR_OK;
}

static enum err edit_origins(struct cx *cx, const json_t *body, struct video_row *v)
{
    const char *origins = NULL;
    if (!field_given(body, "allowedOrigins"))
        return ERR_OK;
    enum err e = check_origins(cx, body, "allowedOrigins", &origins);
    if (!e)
        v->origins = origins ? origins : "[]";
    return e;
}

static enum err edit_texts(struct cx *cx, const json_t *body, struct video_row *v)
{
    enum err e = ERR_OK;
    if (field_given(body, "creator"))
        e = check_text_or_null(cx, body, "creator", CREATOR_MAX, &v->creator);
    if (!e && field_given(body, "meta"))
        e = check_object(cx, body, "meta", &v->meta);
    if (!e && field_given(body, "publicDetails"))
        e = check_object(cx, body, "publicDetails", &v->details);
    if (!e && field_given(body, "requireSignedURLs"))
        e = check_bool(cx, body, "requireSignedURLs", &v->signed_only);
    return e;
}

static enum err apply_edit(struct cx *cx, const json_t *body, struct video_row *v)
{
    enum err e = edit_texts(cx, body, v);
    if (!e)
        e = edit_origins(cx, body, v);
    if (!e)
        e = edit_thumb(cx, body, v);
    if (!e)
        e = edit_deletion(cx, body, v);
    if (!e && field_given(body, "maxDurationSeconds"))
        e = check_number_or_null(cx, body, "maxDurationSeconds", 1, DURATION_MAX_S,
                                 &v->max_duration_s);
    if (!e && field_given(body, "uploadExpiry"))
        e = check_time_or_null(cx, body, "uploadExpiry", &v->upload_expiry_ms);
    return e;
}

static void edit_committed(void *arg)
{
    const struct edit_job *j = arg;
    char flat[ORIGINS_TEXT];
    (void)origins_flat(j->v.origins, flat);
    (void)pthread_mutex_lock(&j->l->lock);
    struct video_rec *rec = video_of_locked(j->l, j->uid);
    if (rec) {
        char *copy = flat[0] ? strdup(flat) : NULL;
        rec->signed_only = j->v.signed_only;
        rec->thumb_ppm = j->v.thumb_ppm;
        if (copy || !flat[0]) {
            free(rec->origins);
            rec->origins = copy;
        }
    }
    (void)pthread_mutex_unlock(&j->l->lock);
}

static enum err edit_run(struct tx *tx, void *arg)
{
    struct edit_job *j = arg;
    struct video_row *v = &j->v;
    char name[NAME_MAX_BYTES];
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_video_get, ARGS(V(j->uid)), VIDEO_COLS(v));
    if (!e)
        e = apply_edit(tx->cx, j->body, v);
    if (e)
        return e;
    meta_name(v->meta, name, sizeof name);
    v->modified_ms = tx->cx->now_ms > v->modified_ms ? tx->cx->now_ms : v->modified_ms + 1;
    e = db_do(tx->db, &SQL_video_edit,
              ARGS(V(v->modified_ms), V(v->creator), V(&name[0]), V(v->meta), V(v->delete_ms),
                   V(v->upload_expiry_ms), V(v->max_duration_s), V(v->origins), V(v->signed_only),
                   V(v->thumb_ppm), V(v->details), V(j->uid)),
              NULL);
    if (!e)
        tx_after_commit(tx, edit_committed, j);
    return e;
}

enum err library_edit_video(struct library *l, struct cx *cx, const char *uid, const json_t *body,
                            json_t **ret_object)
{
    assert(l && cx && uid && body && ret_object);
    struct edit_job j = {.l = l, .uid = uid, .body = body};
    if (!library_uid_ok(uid))
        return ERR_NOT_FOUND;
    const json_t *other = json_object_get(body, "uid");
    if (other && (!json_is_string(other) || strcmp(json_string_value(other), uid) != 0))
        return problem(cx, ERR_INPUT, "'uid' must be the video's own");
    enum err e = store_do(l->setup.store, cx, "video.edit", edit_run, &j);
    if (e)
        return e;
    const struct library_hooks *h = &l->setup.hooks;
    if (field_given(body, "thumbnailTimestampPct") && strcmp(j.v.state, "ready") == 0 && h->picture)
        h->picture(h->arg, uid, picture_at(j.v.duration_ms, j.v.thumb_ppm));
    json_t *o = video_json(l, &j.v);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_object = o;
    return ERR_OK;
}

/* ---- delete ---- */

struct drop_job {
    struct library *l;
    const char *uid;
    char kick[UID_TEXT]; /* the input that must stop, or "" */
};

static void drop_committed(void *arg)
{
    struct drop_job *j = arg;
    struct library *l = j->l;
    (void)pthread_mutex_lock(&l->lock);
    struct video_rec *v = video_of_locked(l, j->uid);
    struct input_rec *in = v ? input_of_locked(l, v->input_uid) : NULL;
    bool on_air = in && in->video_kept && strcmp(in->video_uid, v->uid) == 0;
    if (v)
        video_forget_locked(l, v); /* first: there is nothing to finish */
    if (on_air && (input_event_locked(l, in, EVENT_STOP, "video_deleted", NULL) & DO_KICK))
        (void)text_copy(j->kick, sizeof j->kick, in->conf.uid);
    (void)pthread_mutex_unlock(&l->lock);
}

static enum err drop_run(struct tx *tx, void *arg)
{
    struct drop_job *j = arg;
    int64_t gone = 0;
    enum err e = db_do(tx->db, &SQL_video_drop, ARGS(V(j->uid)), &gone);
    if (e)
        return e;
    if (!gone)
        return ERR_NOT_FOUND;
    tx_after_commit(tx, drop_committed, j);
    return ERR_OK;
}

enum err library_delete_video(struct library *l, struct cx *cx, const char *uid)
{
    assert(l && cx && uid);
    const struct library_hooks *h = &l->setup.hooks;
    struct drop_job j = {.l = l, .uid = uid};
    if (!library_uid_ok(uid))
        return ERR_NOT_FOUND;
    enum err e = store_do(l->setup.store, cx, "video.delete", drop_run, &j);
    if (e)
        return e;
    if (j.kick[0] && h->kick)
        h->kick(h->arg, j.kick, "video_deleted");
    e = h->drop ? h->drop(h->arg, uid) : ERR_OK;
    if (e) /* the row is gone, so the answer is yes; the files are an operator's matter */
        log_error("files of a deleted video stay", LOG_S("video", uid), LOG_S("why", err_api(e)));
    return ERR_OK;
}

enum err library_usage(struct library *l, struct cx *cx, const char *creator,
                       struct video_usage *ret_usage)
{
    assert(l && cx && ret_usage);
    struct db *db;
    struct video_usage u;
    enum err e = store_read(l->setup.store, &db);
    if (e)
        return e;
    e = db_row(db, cx->arena, &SQL_video_usage, ARGS(V(creator)),
               COLS(C(&u.videos), C(&u.seconds)));
    store_read_end(db);
    if (!e)
        *ret_usage = u;
    return e;
}
