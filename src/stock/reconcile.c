/* Does the database still agree with itself? */
#include "stock/reconcile.h"
#include "base/arena.h"
#include "base/cx.h"
#include "stock/reconcile.sql.h"
#include "store/store.h"

static const struct reconcile_check checks[] = {
    {"stock.held", "variant", &SQL_check_held},
    {"stock.range", "variant", &SQL_check_range},
    {"stock.ledger.total", "variant", &SQL_check_ledger_total},
    {"stock.ledger.held", "variant", &SQL_check_ledger_held},
    {"deal.taken", "deal", &SQL_check_deal},
    {"deal.buyer", "viewer", &SQL_check_deal_buyer},
    {"deal.hold", "hold", &SQL_check_deal_hold},
    {"waiting.place", "variant", &SQL_check_place},
    {"waiting.offer", "waiting", &SQL_check_offer},
    {"waiting.hold", "hold", &SQL_check_offer_hold},
    {"waiting.idle", "variant", &SQL_check_idle},
};
const struct reconcile_list stock_checks = {checks, sizeof checks / sizeof checks[0]};

static enum err run_one(struct db *db, const struct reconcile_check *check, int64_t shop_id,
                        struct reconcile_report *report)
{
    struct difference d = {.check = check};
    size_t left = DIFFERENCES_MAX - report->count;
    int64_t limit = left < DIFFERENCES_PER_CHECK ? (int64_t)left : DIFFERENCES_PER_CHECK;
    struct rows r = db_rows(db, check->q, ARGS(V(shop_id), V(limit)));
    while (report->count < DIFFERENCES_MAX &&
           rows_next(&r, NULL, COLS(C(&d.id), C(&d.want), C(&d.found))))
        report->items[report->count++] = d;
    report->checks++;
    return rows_end(&r);
}

enum err reconcile_run(struct db *db, struct cx *cx, const struct reconcile_list *list,
                       int64_t shop_id, struct reconcile_report *report)
{
    if (!report->items)
        report->items = arena_array(cx->arena, struct difference, DIFFERENCES_MAX);
    if (!report->items)
        return ERR_NO_MEMORY;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < list->count; i++)
        e = run_one(db, &list->checks[i], shop_id, report);
    return e;
}
