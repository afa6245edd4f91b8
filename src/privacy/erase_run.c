/* The rest of an erasure, step by step, a slice of a step at a time. */
#include "base/arena.h"
#include "base/log.h"
#include "cart/cart.h"
#include "order/order.h"
#include "privacy/erase_run.sql.h"
#include "privacy/privacy_in.h"
#include "room/forget.h"

#include <string.h>

enum { LINES_EACH = 20 };

struct erase_run {
    struct privacy *p;
    struct cx *cx;
    struct request *r;
    bool done; /* of the step */
};

/* ---- one step each ---- */

/* What was not paid is taken back; money that comes all the same is paid back as for any order. */
static enum err cancel_unpaid(struct erase_run *x)
{
    struct db *db;
    const char *public_id = NULL;
    enum err e = store_read(x->p->set.store, &db);
    if (e)
        return e;
    e = db_row(db, x->cx->arena, &SQL_step_unpaid, ARGS(V(x->r->viewer_id), V(x->r->after)),
               COLS(C(&x->r->after), C(&public_id)));
    store_read_end(db);
    x->done = e == ERR_NOT_FOUND || !x->p->set.orders;
    if (e || x->done)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    const struct room_who who = {.viewer_id = x->r->viewer_id, .name = "", .account = true};
    const struct order_ref ref = {.no = public_id};
    json_t *order = NULL;
    e = order_cancel(x->p->set.orders, x->cx, &who, &ref, &order);
    json_decref(order);
    return e == ERR_TRANSITION || e == ERR_CONFLICT ? ERR_OK : e; /* paid in the meantime */
}

struct one {
    const struct stock_watch *watch;
    int64_t viewer_id;
    const char *public_id;
};

static enum err line_job(struct tx *tx, void *arg)
{
    const struct one *o = arg;
    struct cart_line line;
    struct stock_turn turn;
    turn_begin(&turn, tx, o->watch);
    enum err e = line_get(tx->db, tx->cx, o->public_id, o->viewer_id, &line);
    if (!e)
        e = line_remove(&turn, &line);
    if (e == ERR_NOT_FOUND || e == ERR_CONFLICT)
        return ERR_OK; /* its clock was quicker */
    return e ? e : turn_end(&turn);
}

static enum err waiting_job(struct tx *tx, void *arg)
{
    const struct one *o = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, o->watch);
    enum err e = waiting_leave(&turn, o->public_id, o->viewer_id);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    return e ? e : turn_end(&turn);
}

/* Each of a list of public ids in a job of its own: turns take variants in order. */
static enum err each(struct erase_run *x, const struct sql *list, const char *name,
                     enum err (*job)(struct tx *tx, void *arg))
{
    const char *ids[LINES_EACH];
    size_t n = 0;
    struct db *db;
    enum err e = store_read(x->p->set.store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, list, ARGS(V(x->r->viewer_id), V((int64_t)LINES_EACH)));
    while (n < LINES_EACH && rows_next(&rows, x->cx->arena, COLS(C(&ids[n]))))
        n++;
    e = rows_end(&rows);
    store_read_end(db);
    x->done = n == 0;
    for (size_t i = 0; !e && i < n; i++) {
        struct one o = {x->p->set.watch, x->r->viewer_id, ids[i]};
        e = store_do(x->p->set.store, x->cx, name, job, &o);
    }
    return e;
}

static enum err empty_carts(struct erase_run *x)
{
    return each(x, &SQL_step_lines, "privacy.line", line_job);
}

static enum err leave_lists(struct erase_run *x)
{
    return each(x, &SQL_step_waiting, "privacy.waiting", waiting_job);
}

static bool go_on(void *arg)
{
    struct privacy *p = arg;
    (void)pthread_mutex_lock(&p->lock);
    bool stop = p->stop;
    (void)pthread_mutex_unlock(&p->lock);
    return !stop;
}

/* A show in each slice. */
static enum err forget_chat(struct erase_run *x)
{
    struct db *db;
    int64_t show_id = 0;
    enum err e = store_read(x->p->set.store, &db);
    if (e)
        return e;
    e = forget_next_show(db, x->r->viewer_id, x->r->after, &show_id);
    store_read_end(db);
    x->done = e == ERR_NOT_FOUND;
    if (e)
        return x->done ? ERR_OK : e;
    const struct forget_while w = {go_on, x->p};
    e = forget_said(x->p->set.room, x->p->set.store, x->cx->now_ms, x->r->viewer_id, show_id, &w);
    if (!e)
        x->r->after = show_id;
    return e;
}

struct ids {
    int64_t id[SLICE];
    size_t count;
};

static enum err audit_job(struct tx *tx, void *arg)
{
    const struct ids *l = arg;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < l->count; i++)
        e = db_do(tx->db, &SQL_step_audit_addr, ARGS(V(l->id[i])), NULL);
    return e;
}

/* What they did as staff stays, without the addresses they did it from. Guests are no staff. */
static enum err forget_audit(struct erase_run *x)
{
    struct ids l = {.count = 0};
    bool account = false;
    struct db *db;
    enum err e = store_read(x->p->set.store, &db);
    if (e)
        return e;
    e = db_row(db, NULL, &SQL_step_is_account, ARGS(V(x->r->viewer_id)), COLS(C(&account)));
    if (!e && account) {
        struct rows rows =
            db_rows(db, &SQL_step_audit, ARGS(V(x->r->viewer_id), V((int64_t)SLICE)));
        while (l.count < SLICE && rows_next(&rows, NULL, COLS(C(&l.id[l.count]))))
            l.count++;
        e = rows_end(&rows);
    }
    store_read_end(db);
    x->done = l.count == 0;
    return e || x->done ? e : store_do(x->p->set.store, x->cx, "privacy.audit", audit_job, &l);
}

static enum err rest_job(struct tx *tx, void *arg)
{
    static const struct sql *const all[] = {&SQL_step_sanction, &SQL_step_bill, &SQL_step_coupon};
    const struct erase_run *x = arg;
    enum err e = erase_rows(tx, x->r->viewer_id);
    for (size_t i = 0; !e && i < sizeof all / sizeof all[0]; i++)
        e = db_do(tx->db, all[i], ARGS(V(x->r->viewer_id)), NULL);
    return e;
}

static enum err forget_rest(struct erase_run *x)
{
    x->done = true;
    return store_do(x->p->set.store, x->cx, "privacy.rest", rest_job, x);
}

static enum err orders_job(struct tx *tx, void *arg)
{
    struct erase_run *x = arg;
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_step_orders,
                       ARGS(V(tx->cx->now_ms), V(x->r->viewer_id), V((int64_t)SLICE)), &changed);
    x->done = changed == 0;
    return e;
}

/* The sweep of orders does the rest, now or when nothing is open about them any more. */
static enum err mark_orders(struct erase_run *x)
{
    return store_do(x->p->set.store, x->cx, "privacy.orders", orders_job, x);
}

/* ---- all of them ---- */

static enum err (*const steps[])(struct erase_run *x) = {
    cancel_unpaid, empty_carts, leave_lists, forget_chat, forget_audit, forget_rest, mark_orders,
};
enum { STEPS = sizeof steps / sizeof steps[0] };

static enum err slice(struct erase_run *x)
{
    struct request *r = x->r;
    if (r->step >= STEPS)
        return request_done(x->p, x->cx, r);
    enum err e = steps[r->step](x);
    if (e)
        return e;
    if (x->done) {
        r->step++;
        r->after = 0;
    }
    return request_move(x->p, x->cx, r);
}

enum err erase_tick(struct privacy *p, struct cx *cx, bool *ret_more)
{
    struct request r;
    enum err e = request_take(p, cx, "erase", &r);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    struct erase_run x = {.p = p, .cx = cx, .r = &r};
    e = slice(&x);
    *ret_more = true;
    if (!e)
        return ERR_OK;
    log_warn("an erasure waits", LOG_I("request", r.id), LOG_I("step", r.step),
             LOG_S("err", err_api(e)), LOG_S("why", cx->problem));
    return request_wait(p, cx, &r);
}
