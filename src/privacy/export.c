/* Exports: asked for, written by the runner, read in pieces. */
#include "base/arena.h"
#include "base/log.h"
#include "privacy/erase_run.sql.h"
#include "privacy/export.sql.h"
#include "privacy/export_in.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 128 * 1024, DAY_MS = 86400000 };

void export_make(struct export_ask *ask, int64_t viewer_id, const char *lang)
{
    *ask = (struct export_ask){.request_id = id_next(), .viewer_id = viewer_id, .lang = lang};
    id_make("req", ask->code);
    id_make("exp", ask->public_id);
}

enum err export_begin(struct tx *tx, struct privacy *p, const struct export_ask *ask)
{
    int64_t running = 0, recent = 0, changed = 0, now_ms = tx->cx->now_ms;
    enum err e = db_row(tx->db, NULL, &SQL_export_recent,
                        ARGS(V(ask->viewer_id), V(now_ms - DAY_MS)), COLS(C(&running), C(&recent)));
    if (!e && running)
        return problem(tx->cx, ERR_CONFLICT, "a copy is being written already");
    if (!e && recent >= EXPORT_PER_DAY)
        return problem(tx->cx, ERR_LIMIT, "at most %d copies in 24 hours", EXPORT_PER_DAY);
    if (!e)
        e = db_do(
            tx->db, &SQL_export_request,
            ARGS(V(ask->request_id), V((const char *)ask->code), V(now_ms), V(ask->viewer_id)),
            &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_NOT_FOUND, "there is no such person");
    if (!e)
        e = db_do(tx->db, &SQL_export_insert,
                  ARGS(V(ask->request_id), V((const char *)ask->public_id), V(ask->viewer_id),
                       V(ask->lang), V(now_ms + EXPORT_KEEP_MS)),
                  NULL);
    if (!e && p)
        tx_after_commit(tx, privacy_wake, p);
    return e;
}

/* ---- writing it ---- */

struct piece {
    int64_t request_id, n;
    const char *bytes;
    size_t len;
};

static enum err chunk_job(struct tx *tx, void *arg)
{
    const struct piece *c = arg;
    enum err e = ERR_OK;
    if (c->n == 0) /* of a runner that came to grief */
        e = db_do(tx->db, &SQL_export_forget_chunks, ARGS(V(c->request_id)), NULL);
    return e ? e
             : db_do(tx->db, &SQL_export_chunk_insert,
                     ARGS(V(c->n), VBLOB(c->bytes, c->len), V(c->request_id)), NULL);
}

struct ready {
    const struct request *r;
    int64_t bytes;
};

static enum err ready_job(struct tx *tx, void *arg)
{
    const struct ready *d = arg;
    int64_t now_ms = tx->cx->now_ms;
    enum err e = db_do(tx->db, &SQL_export_ready,
                       ARGS(V(d->bytes), V(now_ms), V(now_ms + EXPORT_KEEP_MS), V(d->r->id)), NULL);
    return e ? e
             : db_do(tx->db, &SQL_request_done, ARGS(V(now_ms), V(d->r->id), V(d->r->lease_until)),
                     NULL);
}

static enum err failed_job(struct tx *tx, void *arg)
{
    const struct request *r = arg;
    return db_do(tx->db, &SQL_export_failed, ARGS(V(tx->cx->now_ms), V(r->id)), NULL);
}

static enum err keep_zip(struct privacy *p, struct cx *cx, const struct request *r,
                         const char *bytes, size_t len)
{
    enum err e = ERR_OK;
    struct piece c = {.request_id = r->id};
    for (size_t at = 0; !e && at < len; at += c.len, c.n++) {
        c.bytes = bytes + at;
        c.len = len - at < CHUNK ? len - at : CHUNK;
        e = store_do(p->set.store, cx, "privacy.chunk", chunk_job, &c);
    }
    struct ready d = {r, (int64_t)len};
    return e ? e : store_do(p->set.store, cx, "privacy.ready", ready_job, &d);
}

static enum err read_lang(struct privacy *p, struct cx *cx, const struct request *r,
                          const char **ret_lang)
{
    struct db *db;
    enum err e = store_read(p->set.store, &db);
    if (e)
        return e;
    e = db_row(db, cx->arena, &SQL_export_lang, ARGS(V(r->id)), COLS(C(ret_lang)));
    store_read_end(db);
    return e;
}

enum { EXPORT_TRIES_MAX = 5 };

/* One export at a time in this process. */
enum err export_tick(struct privacy *p, struct cx *cx, bool *ret_more)
{
    struct request r;
    const char *lang = NULL;
    char *bytes = NULL;
    size_t len = 0;
    enum err e = request_take(p, cx, "export", &r);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    *ret_more = true;
    e = read_lang(p, cx, &r, &lang);
    if (!e)
        e = export_zip(p, r.viewer_id, lang, &bytes, &len);
    if (!e)
        e = keep_zip(p, cx, &r, bytes, len);
    free(bytes);
    if (!e)
        return ERR_OK;
    log_warn("an export failed", LOG_I("request", r.id), LOG_S("err", err_api(e)));
    bool over = e == ERR_TOO_LARGE || e == ERR_NOT_FOUND || r.tries >= EXPORT_TRIES_MAX;
    return over ? store_do(p->set.store, cx, "privacy.failed", failed_job, &r)
                : request_wait(p, cx, &r);
}

/* ---- reading it ---- */

static json_t *export_json(const char *public_id, const char *state, int64_t bytes, int64_t at_ms,
                           int64_t ready_ms, int64_t expires_ms)
{
    bool ready = strcmp(state, "done") == 0;
    json_t *o = json_pack(
        "{s:s,s:s,s:o,s:I,s:o,s:I}", "id", public_id, "state", ready ? "ready" : state, "bytes",
        ready ? json_integer((json_int_t)bytes) : json_null(), "at", (json_int_t)at_ms, "ready_at",
        ready_ms ? json_integer((json_int_t)ready_ms) : json_null(), "expires_at",
        (json_int_t)expires_ms);
    return o;
}

enum err export_read(struct db *db, struct cx *cx, int64_t viewer_id, const char *public_id,
                     json_t **ret_export)
{
    const char *id, *state;
    int64_t bytes, at, ready, expires;
    enum err e =
        db_row(db, cx->arena, &SQL_export_one, ARGS(V(viewer_id), V(cx->now_ms), V(public_id)),
               COLS(C(&id), C(&state), C(&bytes), C(&at), C(&ready), C(&expires)));
    if (e)
        return e == ERR_NOT_FOUND ? problem(cx, e, "there is no such copy") : e;
    json_t *o = export_json(id, state, bytes, at, ready, expires);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_export = o;
    return ERR_OK;
}

enum err export_list(struct db *db, struct cx *cx, int64_t viewer_id, json_t **ret_list)
{
    const char *id, *state;
    int64_t bytes, at, ready, expires;
    json_t *list = json_array();
    struct rows rows = db_rows(db, &SQL_export_list, ARGS(V(viewer_id), V(cx->now_ms)));
    while (rows_next(&rows, cx->arena,
                     COLS(C(&id), C(&state), C(&bytes), C(&at), C(&ready), C(&expires))))
        (void)json_array_append_new(list, export_json(id, state, bytes, at, ready, expires));
    enum err e = rows_end(&rows);
    if (e)
        json_decref(list);
    else
        *ret_list = json_pack("{s:o}", "items", list);
    return e;
}

enum err export_chunk(struct db *db, struct cx *cx, int64_t viewer_id, const char *public_id,
                      int64_t n, const unsigned char **ret_bytes, size_t *ret_len)
{
    struct blob body = {NULL, 0};
    enum err e = db_row(db, cx->arena, &SQL_export_bytes,
                        ARGS(V(viewer_id), V(cx->now_ms), V(public_id), V(n)), COLS(C(&body)));
    if (e == ERR_NOT_FOUND && n > 0) {
        body = (struct blob){(const unsigned char *)"", 0}; /* after the last */
        e = ERR_OK;
    }
    if (e)
        return e == ERR_NOT_FOUND ? problem(cx, e, "there is no such copy") : e;
    *ret_bytes = body.p;
    *ret_len = body.len;
    return ERR_OK;
}
