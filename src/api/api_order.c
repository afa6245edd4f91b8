/* Orders of buyers: checkout, reading, cancelling. */
#include "api/order_in.h"
#include "store/store.h"
#include "till/invoice.h"

static enum err read_consents(struct call *c, struct checkout *ask)
{
    const json_t *o = json_object_get(c->body, "consents");
    if (!json_is_object(o))
        return problem(c->cx, ERR_INPUT, "'consents' must be an object");
    enum err e = json_opt_bool(c->cx, o, "terms", &ask->consent.terms);
    if (!e)
        e = json_opt_bool(c->cx, o, "privacy", &ask->consent.privacy);
    if (!e)
        e = json_opt_bool(c->cx, o, "withdrawal_notice", &ask->consent.withdrawal_notice);
    if (!e)
        e = json_opt_bool(c->cx, o, "marketing", &ask->consent.marketing);
    ask->consent.exempt = json_object_get(o, "exempt");
    return e;
}

static enum err read_checkout(struct call *c, struct checkout *ask)
{
    enum err e = call_idem(c, &ask->idem);
    if (!e)
        e = read_cart_ref(c, &ask->cart);
    if (!e)
        e = json_opt_text(c->cx, c->body, "quote_hash", 64, &ask->quote_hash);
    if (!e)
        e = read_delivery(c, &ask->delivery);
    if (!e)
        e = json_need_text(c->cx, c->body, "pay_method", 1, 40, &ask->pay_method);
    if (!e)
        e = json_opt_text(c->cx, c->body, "coupon_id", ID_TEXT, &ask->coupon);
    if (!e)
        e = json_opt_text(c->cx, c->body, "note", ORDER_NOTE_CHARS_MAX, &ask->note);
    ask->address = json_object_get(c->body, "address");
    ask->invoice = json_object_get(c->body, "invoice");
    ask->vouch = c->api->set.invoices ? invoices_vouch : NULL;
    ask->vouch_arg = c->api->set.invoices;
    return e;
}

static enum err run_checkout(struct call *c, const struct checkout *ask)
{
    json_t *body = NULL;
    bool again = false;
    enum err e = order_checkout(c->api->set.orders, c->cx, &c->who, ask, &body, &again);
    if (e == ERR_PRICE_CHANGED)
        c->extra = json_pack("{s:o}", "quote", body);
    name_field(c, e);
    return answer_made(c, e, again ? 200 : 201, body);
}

enum err orders_post(struct call *c)
{
    struct checkout ask = {.idem = NULL};
    enum err e = read_checkout(c, &ask);
    if (!e)
        e = read_consents(c, &ask);
    name_field(c, e);
    return e ? e : run_checkout(c, &ask);
}

/* By staff for a buyer: no consents are ticked, the shop answers for them. */
enum err staff_orders_post(struct call *c)
{
    struct checkout ask = {.assisted = true};
    enum err e = read_checkout(c, &ask);
    name_field(c, e);
    return e ? e : run_checkout(c, &ask);
}

enum err orders_mine(struct call *c)
{
    struct db *db = NULL;
    json_t *list = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = order_list(db, c->cx, &c->who, http_query(c->req, "cursor"), &list);
    store_read_end(db);
    return answer_made(c, e, 200, list);
}

enum err order_get(struct call *c)
{
    const struct order_ref ref = call_order(c);
    struct db *db = NULL;
    json_t *order = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = order_read(db, c->cx, &c->who, &ref, &order);
    if (!e)
        e = add_pay_methods(c, db, &ref, order);
    store_read_end(db);
    if (e)
        json_decref(order);
    return answer_made(c, e, 200, order);
}

enum err order_cancel_post(struct call *c)
{
    const struct order_ref ref = call_order(c);
    json_t *order = NULL;
    enum err e = order_cancel(c->api->set.orders, c->cx, &c->who, &ref, &order);
    return answer_made(c, e, 200, order);
}
