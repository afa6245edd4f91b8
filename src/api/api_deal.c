#include "api/call_in.h"
#include "catalog/edit.h"
#include "room/deal.h"
#include "store/store.h"

static const char *id_of(struct call *c)
{
    return http_param(c->req, "id");
}

static enum err read_prices(struct call *c, struct deal_new *ask)
{
    bool set[MARKET_COUNT] = {false};
    struct price price[MARKET_COUNT];
    for (int m = 0; m < MARKET_COUNT; m++)
        ask->price[m] = -1;
    enum err e = prices_read(c->cx, json_object_get(c->body, "prices"), "prices", set, price);
    for (int m = 0; !e && m < MARKET_COUNT; m++)
        if (set[m])
            ask->price[m] = price[m].amount;
    return e;
}

enum err deals_post(struct call *c)
{
    struct deal_new ask = {.per_buyer_max = 1, .countdown_s = 30, .run_s = 300};
    json_t *deal = NULL;
    enum err e = read_prices(c, &ask);
    if (!e)
        e = json_opt_text(c->cx, c->body, "variant_id", ID_TEXT, &ask.variant);
    if (!e)
        e = json_need_i64(c->cx, c->body, "quota", 1, STOCK_MAX, &ask.quota);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "per_buyer_max", 1, 999, &ask.per_buyer_max);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "countdown_s", 1, 86400, &ask.countdown_s);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "run_s", 1, 86400, &ask.run_s);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "start", &ask.start);
    if (!e)
        e = deal_create(c->api->set.room, c->cx, &c->who, id_of(c), &ask, &deal);
    return e ? e : answer_json(c, 201, deal);
}

enum err deal_start_post(struct call *c)
{
    json_t *deal = NULL;
    int64_t countdown_s = 0;
    enum err e = json_opt_i64(c->cx, c->body, "countdown_s", 1, 86400, &countdown_s);
    if (!e)
        e = deal_start(c->api->set.room, c->cx, &c->who, id_of(c), countdown_s, &deal);
    return e ? e : answer_json(c, 200, deal);
}

enum err deal_close_post(struct call *c)
{
    json_t *deal = NULL;
    enum err e = deal_close(c->api->set.room, c->cx, &c->who, id_of(c), &deal);
    return e ? e : answer_json(c, 200, deal);
}

enum err deal_cancel_post(struct call *c)
{
    json_t *deal = NULL;
    enum err e = deal_cancel(c->api->set.room, c->cx, &c->who, id_of(c), &deal);
    return e ? e : answer_json(c, 200, deal);
}

enum err deals_list(struct call *c)
{
    json_t *list = NULL;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = deal_list(c->api->set.room, db, c->cx, &c->who, id_of(c), &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}
