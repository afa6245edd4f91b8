/* Where a shop sells, and what sending costs there. */
#include "api/call_in.h"
#include "catalog/market.h"
#include "store/store.h"

#include <string.h>

static json_t *fee_json(int64_t fee)
{
    return fee < 0 ? json_null() : json_integer(fee);
}

static json_t *market_json(const struct shop_market *s)
{
    const struct market *m = s->market;
    return json_pack("{s:s,s:s,s:I,s:s,s:s,s:I,s:b,s:I,s:o,s:o,s:b,s:I}", "market", m->code,
                     "currency", m->currency, "tax_bp", (json_int_t)m->tax_bp, "lang", m->lang,
                     "tz", m->tz, "return_days", (json_int_t)m->return_days, "active", s->active,
                     "ship_home", (json_int_t)s->ship_home, "ship_cvs", fee_json(s->ship_cvs),
                     "free_over", fee_json(s->free_over), "cod", s->cod, "version",
                     (json_int_t)s->version);
}

static json_t *list_json(const struct shop_market list[MARKET_COUNT], bool all)
{
    json_t *items = json_array();
    for (size_t i = 0; i < MARKET_COUNT; i++)
        if (all || list[i].active)
            (void)json_array_append_new(items, market_json(&list[i]));
    return items;
}

enum err shop_get(struct call *c)
{
    struct shop shop = {.id = 0};
    struct shop_market list[MARKET_COUNT] = {0};
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = shop_by_slug(db, c->cx->arena, http_param(c->req, "slug"), &shop);
    if (e == ERR_NOT_FOUND)
        e = problem(c->cx, e, "there is no such shop");
    if (!e)
        e = shop_market_list(db, shop.id, list);
    store_read_end(db);
    if (e)
        return e;
    return answer_json(c, 200,
                       json_pack("{s:s,s:s,s:s,s:o}", "id", shop.public_id, "slug", shop.slug,
                                 "name", shop.name, "markets", list_json(list, false)));
}

enum err shop_markets_list(struct call *c)
{
    const struct staff *s = NULL;
    struct shop_market list[MARKET_COUNT] = {0};
    struct db *db = NULL;
    enum err e = call_shop(c, ACTION_STUDIO_SEE, &s);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = shop_market_list(db, s->shop_id, list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, json_pack("{s:o}", "items", list_json(list, true)));
}

/* A fee that may be taken away: null, or absent for as it was. */
static enum err read_fee(struct call *c, const char *name, int64_t *fee)
{
    if (json_is_null(json_object_get(c->body, name))) {
        *fee = -1;
        return ERR_OK;
    }
    return json_opt_i64(c->cx, c->body, name, 0, SHIP_MAX, fee);
}

static enum err read_edit(struct call *c, struct shop_market *m)
{
    enum err e = call_if_match(c, &m->version);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "active", &m->active);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "cod", &m->cod);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "ship_home", 0, SHIP_MAX, &m->ship_home);
    if (!e)
        e = read_fee(c, "ship_cvs", &m->ship_cvs);
    return e ? e : read_fee(c, "free_over", &m->free_over);
}

struct market_job {
    int64_t shop_id;
    struct shop_market market;
    struct audit audit;
};

static enum err edit_job(struct tx *tx, void *arg)
{
    struct market_job *j = arg;
    enum err e = shop_market_set(tx, j->shop_id, &j->market);
    if (!e)
        e = shop_market_get(tx->db, j->shop_id, j->market.market->code, &j->market);
    return e ? e : audit_write(tx, &j->audit);
}

enum err api_shop_market_patch(struct call *c)
{
    const struct staff *s = NULL;
    struct market_job j = {.shop_id = 0};
    struct shop_market was = {.market = NULL};
    struct db *db = NULL;
    const char *code = http_param(c->req, "code");
    enum err e = call_shop(c, ACTION_SHOP_EDIT, &s);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = shop_market_get(db, s->shop_id, code, &was);
    store_read_end(db);
    if (e == ERR_NOT_FOUND && s)
        return problem(c->cx, e, "there is no such market");
    if (e)
        return e;
    j.market = was;
    j.shop_id = s->shop_id;
    e = read_edit(c, &j.market);
    if (e)
        return e;
    j.audit = call_audit(c, s->shop_id, "market.edit", was.market->code);
    e = call_note(c, market_json(&was), market_json(&j.market), &j.audit);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "market.edit", edit_job, &j);
    return e ? e : answer_json(c, 200, market_json(&j.market));
}
