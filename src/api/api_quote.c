/* The confirm page: what a cart costs. And pieces that handlers of orders share. */
#include "api/order_in.h"
#include "base/arena.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

struct order_ref call_order(struct call *c)
{
    const char *secret = http_query(c->req, "secret"), *shop = http_query(c->req, "shop");
    return (struct order_ref){.no = http_param(c->req, "no"),
                              .secret = secret && *secret ? secret : NULL,
                              .shop = shop && *shop ? shop : NULL};
}

enum err answer_made(struct call *c, enum err e, int status, json_t *body)
{
    return e ? e : answer_json(c, status, body);
}

enum err read_cart_ref(struct call *c, struct cart_ref *ref)
{
    enum err e = json_opt_text(c->cx, c->body, "cart", ID_TEXT, &ref->cart);
    if (!e)
        e = json_opt_text(c->cx, c->body, "bill", ID_TEXT, &ref->bill);
    if (!e)
        e = json_opt_text(c->cx, c->body, "secret", 64, &ref->secret);
    if (!e)
        e = json_opt_text(c->cx, c->body, "shop", SLUG_MAX, &ref->shop);
    if (!e)
        e = json_opt_text(c->cx, c->body, "market", 4, &ref->market);
    if (!e && !ref->market)
        ref->market = c->who.market;
    return e;
}

enum err read_delivery(struct call *c, enum delivery *ret_delivery)
{
    const char *text = NULL;
    enum err e = json_opt_text(c->cx, c->body, "delivery", 10, &text);
    *ret_delivery = DELIVERY_HOME;
    if (!e && text && delivery_parse(text, ret_delivery))
        e = problem(c->cx, ERR_INPUT, "'delivery' must be home or cvs");
    return e;
}

void name_field(struct call *c, enum err e)
{
    const char *p = c->cx->problem, *end = p[0] == '\'' ? strchr(p + 1, '\'') : NULL;
    if (e != ERR_INPUT || !end)
        return;
    json_decref(c->extra);
    c->extra = json_pack("{s:[s%]}", "fields", p + 1, (size_t)(end - p - 1));
}

enum err answer_buf(struct call *c, enum err e, const char *type, const char *file, struct buf *b)
{
    char name[120];
    if (!e) {
        http_add(c->req, "X-Content-Type-Options", "nosniff");
        http_add(c->req, "Referrer-Policy", "no-referrer");
        http_add(c->req, "Cache-Control", "no-store");
        http_add(c->req, "Content-Security-Policy",
                 "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
        (void)snprintf(name, sizeof name, "attachment; filename=\"%s\"", file ? file : "");
        if (file)
            http_add(c->req, "Content-Disposition", name);
        http_send(c->req, 200, type, b->data, b->len);
    }
    buf_done(b);
    return e;
}

enum err quote_post(struct call *c)
{
    struct cart_ref ref = {.cart = NULL};
    struct quote_ask ask = {.pay_method = NULL};
    struct db *db = NULL;
    json_t *quote = NULL;
    enum err e = read_cart_ref(c, &ref);
    if (!e)
        e = read_delivery(c, &ask.delivery);
    if (!e)
        e = json_opt_text(c->cx, c->body, "pay_method", 40, &ask.pay_method);
    if (!e)
        e = json_opt_text(c->cx, c->body, "coupon_id", ID_TEXT, &ask.coupon);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = quote_read(c->api->set.orders, db, c->cx, &c->who, &ref, &ask, &quote);
    store_read_end(db);
    name_field(c, e);
    return answer_made(c, e, 200, quote);
}
