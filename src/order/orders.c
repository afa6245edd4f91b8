/* The room itself, and its clocks. */
#include "base/arena.h"
#include "base/log.h"
#include "order/order.sql.h"
#include "order/order_in.h"

#include <stdlib.h>

enum { TICK_ARENA = 512 * 1024, DUE_MAX = 64 };

enum err orders_make(const struct orders_setup *setup, struct orders **ret_orders)
{
    struct orders *o = calloc(1, sizeof *o);
    if (!o)
        return ERR_NO_MEMORY;
    o->store = setup->store;
    o->room = setup->room;
    o->watch = setup->watch;
    o->pay = setup->pay ? setup->pay : &pay_builtin;
    o->key = setup->key;
    *ret_orders = o;
    return ERR_OK;
}

void orders_free(struct orders *o)
{
    free(o);
}

struct due {
    struct orders *o;
    int64_t order_id;
};

static enum err expire_job(struct tx *tx, void *arg)
{
    const struct due *d = arg;
    struct stock_turn turn;
    struct order_row r;
    enum err e = order_by_id(tx->db, tx->cx, d->order_id, &r);
    if (e)
        return e;
    if (r.state != ORDER_AWAITING_PAYMENT || r.expires_ms > tx->cx->now_ms)
        return ERR_OK;
    turn_begin(&turn, tx, d->o->watch);
    e = order_give_up(&turn, &r, ORDER_EXPIRED, 0);
    if (!e)
        e = turn_end(&turn);
    return e ? e : order_tell(d->o, tx, &r);
}

static enum err complete_job(struct tx *tx, void *arg)
{
    const struct due *d = arg;
    struct order_row r;
    enum err e = order_by_id(tx->db, tx->cx, d->order_id, &r);
    if (e)
        return e;
    if (r.state != ORDER_CONFIRMED || !r.done_ms || r.done_ms > tx->cx->now_ms)
        return ERR_OK;
    e = order_move(tx, &r, ORDER_COMPLETED);
    if (!e)
        e = order_step(tx, r.id, "completed", 0);
    return e ? e : order_tell(d->o, tx, &r);
}

static enum err read_due(struct orders *o, const struct sql *q, const struct val *when,
                         int64_t ids[DUE_MAX], size_t *ret_count)
{
    struct db *db;
    size_t n = 0;
    enum err e = store_read(o->store, &db);
    if (e)
        return e;
    struct rows r = db_rows(db, q, when);
    while (n < DUE_MAX && rows_next(&r, NULL, COLS(C(&ids[n]))))
        n++;
    e = rows_end(&r);
    store_read_end(db);
    if (!e)
        *ret_count = n;
    return e;
}

/* An order a job: one that fails does not stop the others. */
static void run_due(struct orders *o, const struct sql *q, const struct val *when, const char *name,
                    enum err (*job)(struct tx *tx, void *arg), int64_t now_ms)
{
    int64_t ids[DUE_MAX];
    size_t n = 0;
    enum err e = read_due(o, q, when, ids, &n);
    for (size_t i = 0; !e && i < n; i++) {
        struct cx cx = {.arena = arena_make(TICK_ARENA), .now_ms = now_ms};
        struct due d = {o, ids[i]};
        enum err one = cx.arena ? store_do(o->store, &cx, name, job, &d) : ERR_NO_MEMORY;
        if (one && one != ERR_TRANSITION) /* another process was quicker */
            log_warn("order's clock", LOG_S("job", name), LOG_S("err", err_api(one)));
        arena_free(cx.arena);
    }
    if (e)
        log_warn("order's clock", LOG_S("job", name), LOG_S("err", err_api(e)));
}

void orders_tick(struct orders *o, int64_t now_ms)
{
    int64_t grace_ms = now_ms - ORDER_GRACE_MS;
    run_due(o, &SQL_orders_unpaid_due, ARGS(V(now_ms), V(grace_ms)), "order.expire", expire_job,
            now_ms);
    run_due(o, &SQL_orders_done_due, ARGS(V(now_ms)), "order.complete", complete_job, now_ms);
}
