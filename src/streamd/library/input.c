#include "streamd/library/input.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "streamd/library/input.sql.h"
#include "streamd/library/input_in.h"
#include "streamd/library/shape_in.h"

#include <assert.h>
#include <string.h>

enum { IDEM_KEEP_MS = 6 * 3600 * 1000, ROW_ARENA = 64 << 10 };

static enum err to_json(struct library *l, const struct input_row *row, json_t **ret_object)
{
    json_t *o = input_json(l, row);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_object = o;
    return ERR_OK;
}

static enum err row_of(struct cx *cx, struct db *db, const char *uid, struct input_row *row)
{
    return db_row(db, cx->arena, &SQL_input_get, ARGS(V(uid)), INPUT_COLS(row));
}

enum err library_get_input(struct library *l, struct cx *cx, const char *uid, json_t **ret_object)
{
    assert(l && cx && uid && ret_object);
    struct db *db;
    struct input_row row;
    if (!library_uid_ok(uid))
        return ERR_NOT_FOUND;
    enum err e = store_read(l->setup.store, &db);
    if (e)
        return e;
    e = row_of(cx, db, uid, &row);
    store_read_end(db);
    return e ? e : to_json(l, &row, ret_object);
}

/* ---- list ---- */

static json_t *list_row(const struct input_row *row)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:b, s:o}", "uid", row->uid, "created",
                     shape_time(row->created_ms), "modified", shape_time(row->modified_ms), "meta",
                     shape_stored(row->meta, json_object()), "enabled", row->enabled,
                     "deleteRecordingAfterDays", shape_number(row->delete_after_days));
}

/* The texts of one row live until its object is made. */
static bool next_row(struct rows *r, json_t *rows, enum err *e)
{
    struct input_row row;
    struct arena *a = arena_make(ROW_ARENA);
    bool more =
        a && rows_next(r, a,
                       COLS(C(&row.id), C(&row.uid), C(&row.created_ms), C(&row.modified_ms),
                            C(&row.meta), C(&row.enabled), C(&row.delete_after_days)));
    if (!a || (more && json_array_append_new(rows, list_row(&row))))
        *e = ERR_NO_MEMORY;
    arena_free(a);
    return more && !*e;
}

static enum err read_rows(struct db *db, json_t *rows, int64_t *ret_total)
{
    enum err e = ERR_OK;
    struct rows r = db_rows(db, &SQL_input_list, ARGS(V(INPUT_LIST_MAX)));
    while (next_row(&r, rows, &e))
        continue;
    enum err read = rows_end(&r);
    if (!e)
        e = read;
    return e ? e : db_i64(db, &SQL_input_count, ARGS(), ret_total);
}

enum err library_list_inputs(struct library *l, struct cx *cx, json_t **ret_rows,
                             int64_t *ret_total)
{
    assert(l && cx && ret_rows && ret_total);
    struct db *db;
    enum err e = store_read(l->setup.store, &db);
    if (e)
        return e;
    json_t *rows = json_array();
    e = rows ? read_rows(db, rows, ret_total) : ERR_NO_MEMORY;
    store_read_end(db);
    if (e)
        json_decref(rows);
    else
        *ret_rows = rows;
    return e;
}

/* ---- create ---- */

struct create_job {
    struct library *l;
    const char *idem_key;
    char uid[UID_TEXT];
    struct credentials cred;
    struct input_row row; /* the new one, or the one of the same key */
    bool repeated;
};

static void create_committed(void *arg)
{
    struct create_job *j = arg;
    struct input_conf conf;
    struct input_rec *in;
    input_conf_of(j->l, &j->row, &conf);
    (void)pthread_mutex_lock(&j->l->lock);
    if (!input_of_locked(j->l, conf.uid) &&
        input_remember_locked(j->l, &conf, j->row.rtmps_key, &in))
        log_error("live input cannot be used before a restart: out of memory",
                  LOG_S("input", conf.uid));
    (void)pthread_mutex_unlock(&j->l->lock);
}

/* Is there an input made with this key? ERR_NOT_FOUND: no, go on. */
static enum err same_key(struct tx *tx, struct create_job *j)
{
    const char *uid;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_idem_get,
                        ARGS(V(j->idem_key), V(tx->cx->now_ms - IDEM_KEEP_MS)), COLS(C(&uid)));
    if (e)
        return e;
    e = row_of(tx->cx, tx->db, uid, &j->row);
    j->repeated = !e;
    return e == ERR_NOT_FOUND ? problem(tx->cx, ERR_CONFLICT,
                                        "Idempotency key already used for a deleted live input")
                              : e;
}

static enum err create_run(struct tx *tx, void *arg)
{
    struct create_job *j = arg;
    const struct input_row *r = &j->row;
    enum err e = j->idem_key ? same_key(tx, j) : ERR_NOT_FOUND;
    if (e != ERR_NOT_FOUND)
        return e;
    e = db_do(tx->db, &SQL_input_add,
              ARGS(V(r->uid), V(r->created_ms), V(r->modified_ms), V(r->meta), V(r->enabled),
                   V(r->default_creator), V(r->delete_after_days), V(r->prefer_ll), V(r->record),
                   V(r->timeout_s), V(r->signed_only), V(r->hide_viewers), V(r->origins),
                   V(r->rtmps_key), V(r->rtmps_play_key), V(r->srt_pass), V(r->srt_play_pass),
                   V(r->webrtc_secret)),
              NULL);
    if (!e && j->idem_key)
        e = db_do(tx->db, &SQL_idem_put, ARGS(V(j->idem_key), V(r->uid), V(r->created_ms)), NULL);
    if (!e)
        tx_after_commit(tx, create_committed, j);
    return e;
}

enum err library_create_input(struct library *l, struct cx *cx, const json_t *body,
                              const char *idem_key, json_t **ret_object)
{
    assert(l && cx && body && ret_object);
    struct create_job j = {.l = l, .idem_key = idem_key};
    input_defaults(&j.row);
    enum err e = input_apply(cx, body, &j.row);
    if (e)
        return e;
    if (idem_key && (!*idem_key || strlen(idem_key) > IDEMPOTENCY_KEY_MAX))
        return problem(cx, ERR_INPUT, "'Idempotency-Key' must have 1 to %d bytes",
                       IDEMPOTENCY_KEY_MAX);
    crypto_random_hex(j.uid, UID_TEXT - 1);
    credentials_make(&j.cred);
    j.row.uid = j.uid;
    j.row.created_ms = j.row.modified_ms = cx->now_ms;
    credentials_point(&j.row, &j.cred);
    e = store_do(l->setup.store, cx, "input.create", create_run, &j);
    return e ? e : to_json(l, &j.row, ret_object);
}

/* ---- change ---- */

struct change_job {
    struct library *l;
    const char *uid;
    const json_t *body;             /* of an update; NULL: rotate */
    const struct credentials *cred; /* of a rotation */
    struct input_row row;
    const char *kick; /* why its publisher must go, or NULL */
};

static void change_committed(void *arg)
{
    struct change_job *j = arg;
    struct library *l = j->l;
    struct input_conf conf;
    input_conf_of(l, &j->row, &conf);
    (void)pthread_mutex_lock(&l->lock);
    struct input_rec *in = input_of_locked(l, j->uid);
    if (in) {
        in->conf = conf;
        if (!conf.enabled && (input_event_locked(l, in, EVENT_STOP, "disabled", NULL) & DO_KICK))
            j->kick = "disabled";
        if (j->cred && !input_rekey_locked(l, in, j->cred->rtmps_key))
            j->kick = "keys_rotated";
    }
    (void)pthread_mutex_unlock(&l->lock);
}

static int64_t later(int64_t now_ms, int64_t before_ms)
{
    return now_ms > before_ms ? now_ms : before_ms + 1;
}

static enum err write_update(struct tx *tx, struct change_job *j)
{
    struct input_row *r = &j->row;
    enum err e = input_apply(tx->cx, j->body, r);
    if (e)
        return e;
    r->modified_ms = later(tx->cx->now_ms, r->modified_ms);
    return db_do(tx->db, &SQL_input_put,
                 ARGS(V(r->modified_ms), V(r->meta), V(r->enabled), V(r->default_creator),
                      V(r->delete_after_days), V(r->prefer_ll), V(r->record), V(r->timeout_s),
                      V(r->signed_only), V(r->hide_viewers), V(r->origins), V(j->uid)),
                 NULL);
}

static enum err write_rotation(struct tx *tx, struct change_job *j)
{
    struct input_row *r = &j->row;
    r->modified_ms = r->rotated_ms = later(tx->cx->now_ms, r->modified_ms);
    credentials_point(r, j->cred);
    return db_do(tx->db, &SQL_input_rotate,
                 ARGS(V(r->modified_ms), V(r->rotated_ms), V(r->rtmps_key), V(r->rtmps_play_key),
                      V(r->srt_pass), V(r->srt_play_pass), V(r->webrtc_secret), V(j->uid)),
                 NULL);
}

static enum err change_run(struct tx *tx, void *arg)
{
    struct change_job *j = arg;
    enum err e = row_of(tx->cx, tx->db, j->uid, &j->row);
    if (!e)
        e = j->cred ? write_rotation(tx, j) : write_update(tx, j);
    if (!e)
        tx_after_commit(tx, change_committed, j);
    return e;
}

static enum err change(struct library *l, struct cx *cx, struct change_job *j, json_t **ret_object)
{
    const struct library_hooks *h = &l->setup.hooks;
    if (!library_uid_ok(j->uid))
        return ERR_NOT_FOUND;
    enum err e = store_do(l->setup.store, cx, "input.change", change_run, j);
    if (e)
        return e;
    if (j->kick && h->kick)
        h->kick(h->arg, j->uid, j->kick);
    return to_json(l, &j->row, ret_object);
}

enum err library_update_input(struct library *l, struct cx *cx, const char *uid, const json_t *body,
                              json_t **ret_object)
{
    assert(l && cx && uid && body && ret_object);
    struct change_job j = {.l = l, .uid = uid, .body = body};
    return change(l, cx, &j, ret_object);
}

enum err library_rotate_keys(struct library *l, struct cx *cx, const char *uid, json_t **ret_object)
{
    assert(l && cx && uid && ret_object);
    struct credentials cred;
    credentials_make(&cred);
    struct change_job j = {.l = l, .uid = uid, .cred = &cred};
    return change(l, cx, &j, ret_object);
}

/* ---- delete ---- */

struct drop_job {
    struct library *l;
    const char *uid;
    bool kick;
};

static void drop_committed(void *arg)
{
    struct drop_job *j = arg;
    struct library *l = j->l;
    (void)pthread_mutex_lock(&l->lock);
    struct input_rec *in = input_of_locked(l, j->uid);
    if (in) {
        j->kick = input_event_locked(l, in, EVENT_STOP, "deleted", NULL) & DO_KICK;
        input_forget_locked(l, in);
    }
    (void)pthread_mutex_unlock(&l->lock);
}

static enum err drop_run(struct tx *tx, void *arg)
{
    struct drop_job *j = arg;
    int64_t gone = 0;
    enum err e = db_do(tx->db, &SQL_input_drop, ARGS(V(j->uid)), &gone);
    if (e)
        return e;
    if (!gone)
        return ERR_NOT_FOUND;
    tx_after_commit(tx, drop_committed, j);
    return ERR_OK;
}

enum err library_delete_input(struct library *l, struct cx *cx, const char *uid)
{
    assert(l && cx && uid);
    const struct library_hooks *h = &l->setup.hooks;
    struct drop_job j = {.l = l, .uid = uid};
    if (!library_uid_ok(uid))
        return ERR_NOT_FOUND;
    enum err e = store_do(l->setup.store, cx, "input.delete", drop_run, &j);
    if (!e && j.kick && h->kick)
        h->kick(h->arg, uid, "deleted");
    return e;
}
