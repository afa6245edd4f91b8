/* Orders as the shop's staff see and change them. */
#include "api/order_in.h"
#include "store/store.h"

enum { NOTE_CHARS_MAX = 1000, REASON_CHARS_MAX = 200 };

static const char *query(struct call *c, const char *name)
{
    const char *text = http_query(c->req, name);
    return text && *text ? text : NULL;
}

enum err staff_orders_list(struct call *c)
{
    const struct order_filter f = {.shop = query(c, "shop"),
                                   .show = query(c, "show"),
                                   .state = query(c, "state"),
                                   .status = query(c, "status"),
                                   .q = query(c, "q"),
                                   .cursor = query(c, "cursor")};
    struct db *db = NULL;
    json_t *list = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = order_list_staff(db, c->cx, &c->who, &f, &list);
    store_read_end(db);
    return answer_made(c, e, 200, list);
}

enum err staff_order_get(struct call *c)
{
    const struct order_ref ref = call_order(c);
    struct db *db = NULL;
    json_t *order = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = order_read_staff(db, c->cx, &c->who, &ref, &order);
    store_read_end(db);
    return answer_made(c, e, 200, order);
}

enum err staff_order_patch(struct call *c)
{
    const struct order_ref ref = call_order(c);
    const char *note = NULL;
    json_t *order = NULL;
    enum err e = json_opt_text(c->cx, c->body, "staff_note", NOTE_CHARS_MAX, &note);
    if (!e)
        e = order_set_note(c->api->set.orders, c->cx, &c->who, &ref, note, &order);
    return answer_made(c, e, 200, order);
}

enum err staff_order_cancel(struct call *c)
{
    const struct order_ref ref = call_order(c);
    const char *reason = NULL;
    json_t *order = NULL;
    enum err e = json_opt_text(c->cx, c->body, "reason", REASON_CHARS_MAX, &reason);
    if (!e)
        e = order_cancel_staff(c->api->set.orders, c->cx, &c->who, &ref, reason, &order);
    return answer_made(c, e, 200, order);
}

/* A plain number, or the object money. */
static enum err read_amount(struct call *c, struct refund_ask *ask)
{
    const json_t *m = json_object_get(c->body, "amount");
    if (!json_is_object(m))
        return json_opt_i64(c->cx, c->body, "amount", 1, SUM_TOTAL_MAX, &ask->amount);
    enum err e = json_need_i64(c->cx, m, "amount", 1, SUM_TOTAL_MAX, &ask->amount);
    return e ? e : json_opt_text(c->cx, m, "currency", 3, &ask->currency);
}

enum err staff_order_refund(struct call *c)
{
    const struct order_ref ref = call_order(c);
    struct refund_ask ask = {.amount = 0};
    json_t *order = NULL;
    bool again = false;
    enum err e = call_idem(c, &ask.idem);
    if (!e)
        e = read_amount(c, &ask);
    if (!e)
        e = json_need_text(c->cx, c->body, "reason", 1, REASON_CHARS_MAX, &ask.reason);
    if (!e)
        e = json_opt_text(c->cx, c->body, "note", REASON_CHARS_MAX, &ask.note);
    const json_t *lines = json_object_get(c->body, "lines");
    ask.lines = json_is_null(lines) ? NULL : lines;
    if (!e)
        e = order_refund(c->api->set.orders, c->cx, &c->who, &ref, &ask, &order, &again);
    return answer_made(c, e, again ? 200 : 201, order);
}

enum err refund_patch(struct call *c)
{
    struct refund_set ask = {.state = NULL};
    json_t *order = NULL;
    enum err e = json_need_text(c->cx, c->body, "state", 1, 10, &ask.state);
    if (!e)
        e = json_opt_text(c->cx, c->body, "note", REASON_CHARS_MAX, &ask.note);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "manual", &ask.by_hand);
    if (!e)
        e = order_refund_set(c->api->set.orders, c->cx, &c->who, http_param(c->req, "id"), &ask,
                             &order);
    return answer_made(c, e, 200, order);
}
