/* Requests: taken with a lease by one runner of several. */
#include "privacy/erase_run.sql.h"
#include "privacy/privacy_in.h"

struct take {
    const char *kind;
    struct request *r;
    bool taken;
};

static enum err take_job(struct tx *tx, void *arg)
{
    struct take *t = arg;
    struct request *r = t->r;
    int64_t changed = 0;
    r->lease_until = tx->cx->now_ms + REQUEST_LEASE_S * INT64_C(1000);
    enum err e = db_do(tx->db, &SQL_request_take,
                       ARGS(V(r->lease_until), V(r->id), V(tx->cx->now_ms)), &changed);
    t->taken = changed > 0;
    return e || !changed ? e
                         : db_row(tx->db, NULL, &SQL_request_read, ARGS(V(r->id)),
                                  COLS(C(&r->viewer_id), C(&r->step), C(&r->after), C(&r->tries),
                                       C(&r->again)));
}

enum err request_take(struct privacy *p, struct cx *cx, const char *kind,
                      struct request *ret_request)
{
    struct request r = {.id = 0};
    struct take t = {.kind = kind, .r = &r};
    struct db *db;
    enum err e = store_read(p->set.store, &db);
    if (e)
        return e;
    e = db_i64(db, &SQL_request_due, ARGS(V(kind), V(cx->now_ms)), &r.id);
    store_read_end(db);
    if (!e)
        e = store_do(p->set.store, cx, "privacy.take", take_job, &t);
    if (!e && !t.taken)
        e = ERR_NOT_FOUND; /* another runner was quicker */
    if (!e)
        *ret_request = r;
    return e;
}

/* ---- how far it is ---- */

static enum err move_job(struct tx *tx, void *arg)
{
    const struct request *r = arg;
    return db_do(tx->db, &SQL_request_move,
                 ARGS(V(r->step), V(r->after), V(r->id), V(r->lease_until)), NULL);
}

enum err request_move(struct privacy *p, struct cx *cx, struct request *r)
{
    return store_do(p->set.store, cx, "privacy.move", move_job, r);
}

static enum err done_job(struct tx *tx, void *arg)
{
    const struct request *r = arg;
    int64_t now_ms = tx->cx->now_ms;
    return r->again
               ? db_do(tx->db, &SQL_request_over, ARGS(V(r->id), V(r->lease_until)), NULL)
               : db_do(tx->db, &SQL_request_again,
                       ARGS(V(now_ms), V(now_ms + ERASE_AGAIN_MS), V(r->id), V(r->lease_until)),
                       NULL);
}

enum err request_done(struct privacy *p, struct cx *cx, struct request *r)
{
    return store_do(p->set.store, cx, "privacy.done", done_job, r);
}

enum { WAIT_S = 5, WAIT_MAX_S = 3600 };

static enum err wait_job(struct tx *tx, void *arg)
{
    const struct request *r = arg;
    int64_t wait_s = WAIT_S;
    for (int64_t i = 0; i < r->tries && wait_s < WAIT_MAX_S; i++)
        wait_s *= 2;
    return db_do(tx->db, &SQL_request_wait,
                 ARGS(V(tx->cx->now_ms + (wait_s < WAIT_MAX_S ? wait_s : WAIT_MAX_S) * 1000),
                      V(r->id), V(r->lease_until)),
                 NULL);
}

enum err request_wait(struct privacy *p, struct cx *cx, struct request *r)
{
    return store_do(p->set.store, cx, "privacy.wait", wait_job, r);
}
