/* Does the database still agree with itself? All rooms' checks, and POST /admin/reconcile. */
#include "api/reconcile.h"
#include "api/call_in.h"
#include "base/clock.h"
#include "cart/cart.h"
#include "order/order.h"
#include "room/check.h"
#include "store/store.h"
#include "till/check.h"

#include <inttypes.h>
#include <stdio.h>

enum { SHOWN_MAX = 100 };

static const struct reconcile_list *const lists[] = {&stock_checks, &cart_checks, &room_checks,
                                                     &order_checks};

enum err reconcile_all(struct db *db, struct cx *cx, int64_t shop_id,
                       struct reconcile_report *ret_report)
{
    struct reconcile_report r = {.count = 0};
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < sizeof lists / sizeof lists[0]; i++)
        e = reconcile_run(db, cx, lists[i], shop_id, &r);
    if (!e)
        e = money_check_chain(db, cx, shop_id, &r);
    if (!e)
        *ret_report = r;
    return e;
}

static json_t *difference_json(const struct difference *d)
{
    char object[64], detail[96];
    (void)snprintf(object, sizeof object, "%s %" PRId64, d->check->of, d->id);
    (void)snprintf(detail, sizeof detail, "is %" PRId64 ", not %" PRId64, d->found, d->want);
    return json_pack("{s:s,s:s,s:s}", "check", d->check->name, "object", object, "detail", detail);
}

enum err reconcile_post(struct call *c)
{
    const struct staff *s = NULL;
    struct reconcile_report r;
    struct db *db = NULL;
    int64_t start_us = clock_mono_us();
    enum err e = call_shop(c, ACTION_RECONCILE, &s);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = reconcile_all(db, c->cx, s->shop_id, &r);
    store_read_end(db);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < r.count && i < SHOWN_MAX; i++)
        (void)json_array_append_new(items, difference_json(&r.items[i]));
    return answer_json(c, 200,
                       json_pack("{s:I,s:o,s:I,s:I}", "differences", (json_int_t)r.count, "items",
                                 items, "checks", (json_int_t)r.checks, "took_ms",
                                 (json_int_t)(clock_mono_us() - start_us) / 1000));
}
