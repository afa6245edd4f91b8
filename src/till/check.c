/* The ledger's chain, and the watch over the money of a running server. */
#include "till/check.h"
#include "base/arena.h"
#include "base/log.h"
#include "order/order.h"
#include "pay/ledger.h"
#include "store/store.h"
#include "till/check.sql.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { SHOPS_SLICE = 100, WATCH_ARENA = 1 << 20, LOGGED_MAX = 5 };

/* ---- the chain ---- */

static const struct reconcile_check chain = {"money.chain", "movement", NULL};

static enum err check_shop(struct db *db, int64_t shop_id, struct reconcile_report *report)
{
    int64_t bad = 0;
    enum err e = ledger_verify(db, shop_id, &bad);
    if (!e && bad && report->count < DIFFERENCES_MAX)
        report->items[report->count++] =
            (struct difference){.check = &chain, .id = bad, .want = 1, .found = 0};
    return e;
}

enum err money_check_chain(struct db *db, struct cx *cx, int64_t shop_id,
                           struct reconcile_report *report)
{
    int64_t shops[SHOPS_SLICE], last = 0;
    size_t n;
    enum err e = ERR_OK;
    if (!report->items)
        report->items = arena_array(cx->arena, struct difference, DIFFERENCES_MAX);
    if (!report->items)
        return ERR_NO_MEMORY;
    report->checks++;
    do {
        n = 0;
        struct rows r =
            db_rows(db, &SQL_check_shops, ARGS(V(last), V(shop_id), V((int64_t)SHOPS_SLICE)));
        while (n < SHOPS_SLICE && rows_next(&r, NULL, COLS(C(&shops[n]))))
            last = shops[n++];
        e = rows_end(&r);
        for (size_t i = 0; !e && i < n; i++)
            e = check_shop(db, shops[i], report);
    } while (!e && n == SHOPS_SLICE);
    return e;
}

/* ---- the watch ---- */

struct money_watch {
    struct store *store;
    int64_t next_ms; /* 0: it has not begun */
    _Atomic int64_t differences, checked_ms;
};

enum err money_watch_make(struct store *store, struct money_watch **ret_watch)
{
    struct money_watch *w = calloc(1, sizeof *w);
    if (!w)
        return ERR_NO_MEMORY;
    w->store = store;
    *ret_watch = w;
    return ERR_OK;
}

void money_watch_free(struct money_watch *w)
{
    free(w);
}

static enum err look(struct money_watch *w, struct cx *cx, struct reconcile_report *r)
{
    struct db *db;
    enum err e = store_read(w->store, &db);
    if (e)
        return e;
    e = reconcile_run(db, cx, &order_checks, 0, r);
    if (!e)
        e = money_check_chain(db, cx, 0, r);
    store_read_end(db);
    return e;
}

static void tell(const struct reconcile_report *r)
{
    for (size_t i = 0; i < r->count && i < LOGGED_MAX; i++) {
        const struct difference *d = &r->items[i];
        log_error("money does not agree", LOG_S("check", d->check->name), LOG_S("of", d->check->of),
                  LOG_I("id", d->id), LOG_I("want", d->want), LOG_I("found", d->found));
    }
}

void money_watch_tick(struct money_watch *w, int64_t now_ms)
{
    struct reconcile_report r = {.count = 0};
    if (!w->next_ms)
        w->next_ms = now_ms + MONEY_WATCH_FIRST_S * INT64_C(1000);
    if (now_ms < w->next_ms)
        return;
    w->next_ms = now_ms + MONEY_WATCH_EVERY_S * INT64_C(1000);
    struct cx cx = {.arena = arena_make(WATCH_ARENA), .now_ms = now_ms};
    enum err e = cx.arena ? look(w, &cx, &r) : ERR_NO_MEMORY;
    if (!e) {
        tell(&r);
        atomic_store(&w->differences, (int64_t)r.count);
        atomic_store(&w->checked_ms, now_ms);
    } else {
        log_warn("money was not looked at", LOG_S("err", err_api(e)));
    }
    arena_free(cx.arena);
}

void money_watch_read(const struct money_watch *w, int64_t *ret_differences,
                      int64_t *ret_checked_ms)
{
    *ret_differences = atomic_load(&w->differences);
    *ret_checked_ms = atomic_load(&w->checked_ms);
}
