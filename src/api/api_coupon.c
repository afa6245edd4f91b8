/* Coupons: the shop's list, dropping them into a room, taking them, and one's own. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/text.h"
#include "catalog/market.h"
#include "room/coupon.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

/* ---- the shop's side ---- */

enum err coupons_list(struct call *c)
{
    const struct staff *s = NULL;
    const char *cursor = http_query(c->req, "cursor");
    struct coupon *list = NULL;
    struct db *db = NULL;
    size_t count = 0;
    int64_t before = 0, next = 0;
    enum err e = call_shop(c, ACTION_STUDIO_SEE, &s);
    if (!e && cursor && text_i64(cursor, 1, INT64_MAX, &before))
        e = problem(c->cx, ERR_INPUT, "'cursor' is not one of ours");
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = coupon_list(c->api->set.room, db, c->cx, &c->who, s->shop_id, before, &list, &count,
                        &next);
    store_read_end(db);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(items, coupon_json(&list[i], true));
    const char *more = next ? arena_fmt(c->cx->arena, "%" PRId64, next) : NULL;
    return answer_json(c, 200, json_pack("{s:o,s:s?}", "items", items, "next", more));
}

enum err coupons_post(struct call *c)
{
    const struct staff *s = NULL;
    struct coupon_new ask = {.per_buyer_max = 1};
    struct coupon made;
    enum err e = call_shop(c, ACTION_COUPON_EDIT, &s);
    if (!e)
        e = json_need_text(c->cx, c->body, "code", 1, COUPON_CODE_CHARS_MAX, &ask.code);
    if (!e)
        e = json_need_text(c->cx, c->body, "market", 2, 2, &ask.market);
    if (!e)
        e = json_need_text(c->cx, c->body, "kind", 1, 20, &ask.kind);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "value", 0, INT64_MAX, &ask.value);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "min_spend", 0, INT64_MAX, &ask.min_spend);
    if (!e)
        e = json_need_i64(c->cx, c->body, "quota", 1, COUPON_QUOTA_MAX, &ask.quota);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "per_buyer_max", 1, COUPON_PER_BUYER_MAX,
                         &ask.per_buyer_max);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "starts_at", 0, INT64_MAX, &ask.starts_ms);
    if (!e)
        e = json_need_i64(c->cx, c->body, "ends_at", 1, INT64_MAX, &ask.ends_ms);
    if (!e)
        e = json_opt_text(c->cx, c->body, "show_id", ID_TEXT, &ask.show);
    if (e)
        return e;
    ask.shop_id = s->shop_id;
    e = coupon_create(c->api->set.room, c->cx, &c->who, &ask, &made);
    return e ? e : answer_json(c, 201, coupon_json(&made, true));
}

enum err coupon_change(struct call *c)
{
    struct coupon_edit ask = {.version = 0};
    struct coupon now;
    enum err e = call_if_match(c, &ask.version);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "quota", 1, COUPON_QUOTA_MAX, &ask.quota);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "per_buyer_max", 1, COUPON_PER_BUYER_MAX,
                         &ask.per_buyer_max);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "ends_at", 1, INT64_MAX, &ask.ends_ms);
    if (!e)
        e = coupon_patch(c->api->set.room, c->cx, &c->who, http_param(c->req, "id"), &ask, &now);
    return e ? e : answer_json(c, 200, coupon_json(&now, true));
}

enum err coupon_drop_post(struct call *c)
{
    const char *show = NULL;
    struct coupon now;
    enum err e = json_need_text(c->cx, c->body, "show_id", 1, ID_TEXT, &show);
    if (!e)
        e = coupon_drop(c->api->set.room, c->cx, &c->who, http_param(c->req, "id"), show, &now);
    return e ? e : answer_json(c, 200, coupon_json(&now, true));
}

/* ---- the buyer's side ---- */

static enum err take(struct call *c, const char *coupon, int64_t shop_id, const char *code)
{
    struct coupon_mine mine;
    bool again = false;
    enum err e = call_need_viewer(c);
    if (!e)
        e = coupon_take(c->api->set.room, c->cx, &c->who, coupon, shop_id, code, &mine, &again);
    return e ? e : answer_json(c, again ? 200 : 201, coupon_mine_json(&mine, c->cx->now_ms));
}

enum err coupon_take_post(struct call *c)
{
    return take(c, http_param(c->req, "id"), 0, NULL);
}

/* The shop of a slug, NULL: the first. */
static enum err shop_of(struct call *c, const char *slug, int64_t *ret_shop_id)
{
    struct shop shop;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = slug && *slug ? shop_by_slug(db, c->cx->arena, slug, &shop)
                          : shop_first(db, c->cx->arena, &shop);
    store_read_end(db);
    if (e == ERR_NOT_FOUND)
        return problem(c->cx, e, "there is no such shop");
    if (!e)
        *ret_shop_id = shop.id;
    return e;
}

enum err coupon_code_post(struct call *c)
{
    const char *slug = NULL, *code = NULL;
    int64_t shop_id = 0;
    enum err e = json_need_text(c->cx, c->body, "code", 1, 64, &code);
    if (!e)
        e = json_opt_text(c->cx, c->body, "shop", SLUG_MAX, &slug);
    if (!e)
        e = shop_of(c, slug, &shop_id);
    return e ? e : take(c, NULL, shop_id, code);
}

enum err my_coupons(struct call *c)
{
    const char *slug = http_query(c->req, "shop"), *market = http_query(c->req, "market");
    struct coupon_mine *list = NULL;
    struct db *db = NULL;
    size_t count = 0;
    int64_t shop_id = 0;
    enum err e = ERR_OK;
    if (market && *market && !market_find(market))
        e = problem(c->cx, ERR_INPUT, "'market' must be TW or TH");
    if (!e && slug && *slug)
        e = shop_of(c, slug, &shop_id);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = coupon_mine(db, c->cx, &c->who, shop_id, market && *market ? market : NULL, &list,
                        &count);
    store_read_end(db);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(items, coupon_mine_json(&list[i], c->cx->now_ms));
    return answer_json(c, 200, json_pack("{s:o}", "items", items));
}
