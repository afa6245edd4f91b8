/* Prices and units of one variant: edited in place, while it is being sold. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/text.h"
#include "catalog/edit.h"
#include "stock/stock.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

struct variant_job {
    struct api *api;
    struct variant variant;
    bool set[MARKET_COUNT];
    struct price price[MARKET_COUNT];
    struct stock_adjust adjust;
    struct audit audit;
    struct product done;
};

static enum err find(struct call *c, enum action what, struct variant *ret_variant)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = variant_by_public_id(db, c->cx->arena, 0, http_param(c->req, "id"), ret_variant);
    store_read_end(db);
    if (e == ERR_NOT_FOUND)
        return problem(c->cx, e, "there is no such variant");
    return e ? e : call_may(c, ret_variant->shop_id, what);
}

static enum err finish(struct tx *tx, struct variant_job *j)
{
    enum err e = audit_write(tx, &j->audit);
    return e ? e
             : product_by_id(tx->db, tx->cx->arena, j->variant.shop_id, j->variant.product_id,
                             &j->done);
}

/* ---- prices ---- */

static enum err prices_job(struct tx *tx, void *arg)
{
    struct variant_job *j = arg;
    enum err e = product_set_prices(tx, j->variant.shop_id, j->variant.id, j->audit.actor_id,
                                    j->set, j->price);
    return e ? e : finish(tx, j);
}

/* For the audit log: the prices before, and those that were set. */
static enum err note_prices(struct call *c, struct variant_job *j)
{
    struct variant after = j->variant;
    for (size_t i = 0; i < MARKET_COUNT; i++)
        if (j->set[i])
            after.price[i] = j->price[i];
    return call_note(c, prices_json(&j->variant), prices_json(&after), &j->audit);
}

enum err variant_prices_put(struct call *c)
{
    struct variant_job j = {.api = c->api};
    enum err e = find(c, ACTION_PRODUCT_EDIT, &j.variant);
    if (!e)
        e = prices_read(c->cx, json_object_get(c->body, "prices"), "prices", j.set, j.price);
    if (e)
        return e;
    j.audit = call_audit(c, j.variant.shop_id, "price.set", j.variant.public_id);
    e = note_prices(c, &j);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "price.set", prices_job, &j);
    if (!e)
        call_prices_changed(c, j.done.public_id);
    return e ? e : answer_json(c, 200, product_json(&j.done, true));
}

/* ---- units ---- */

static enum err stock_job(struct tx *tx, void *arg)
{
    struct variant_job *j = arg;
    struct stock_turn turn;
    struct stock_level level;
    turn_begin(&turn, tx, j->api->set.watch);
    enum err e = stock_adjust(&turn, &j->adjust, &level);
    if (!e)
        e = turn_end(&turn);
    return e ? e : finish(tx, j);
}

static enum err read_adjust(struct call *c, struct variant_job *j)
{
    const char *reason = "adjust";
    enum err e = json_need_i64(c->cx, c->body, "delta", -STOCK_MAX, STOCK_MAX, &j->adjust.delta);
    if (!e)
        e = json_opt_text(c->cx, c->body, "reason", 20, &reason);
    if (!e && stock_reason_parse(reason, &j->adjust.reason))
        return problem(c->cx, ERR_INPUT, "'reason' must be adjust, restock or return");
    j->adjust.variant_id = j->variant.id;
    j->adjust.actor_id = c->who.viewer_id;
    return e;
}

enum err variant_stock_post(struct call *c)
{
    struct variant_job j = {.api = c->api};
    enum err e = find(c, ACTION_STOCK_ADJUST, &j.variant);
    if (!e)
        e = read_adjust(c, &j);
    if (e)
        return e;
    j.audit = call_audit(c, j.variant.shop_id, "stock.adjust", j.variant.public_id);
    e = call_note(c, NULL,
                  json_pack("{s:I,s:s}", "delta", (json_int_t)j.adjust.delta, "reason",
                            stock_reason_name(j.adjust.reason)),
                  &j.audit);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "stock.adjust", stock_job, &j);
    return e ? e : answer_json(c, 200, product_json(&j.done, true));
}

static json_t *move_json(struct call *c, struct db *db, const struct stock_move *m)
{
    struct viewer v = {.name = NULL};
    char id[24];
    (void)snprintf(id, sizeof id, "%lld", (long long)m->id);
    if (m->actor_id && viewer_by_id(db, c->cx->arena, m->actor_id, &v))
        v.name = NULL;
    return json_pack("{s:s,s:I,s:I,s:s,s:s?,s:s?,s:I}", "id", id, "d_total", (json_int_t)m->d_total,
                     "d_held", (json_int_t)m->d_held, "reason", m->reason, "ref", m->ref, "by",
                     v.name, "at", (json_int_t)m->at_ms);
}

enum err variant_moves_get(struct call *c)
{
    struct variant v = {.id = 0};
    struct stock_move *moves = NULL;
    size_t count = 0;
    int64_t before = 0;
    struct db *db = NULL;
    const char *cursor = http_query(c->req, "cursor");
    enum err e = find(c, ACTION_PRODUCT_SEE, &v);
    if (!e && cursor && *cursor && text_i64(cursor, 1, INT64_MAX, &before))
        return problem(c->cx, ERR_INPUT, "'cursor' must be the 'next' of a page");
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = stock_moves(db, c->cx, v.id, before, STOCK_MOVES_MAX, &moves, &count);
    json_t *items = json_array();
    for (size_t i = 0; !e && i < count; i++)
        (void)json_array_append_new(items, move_json(c, db, &moves[i]));
    store_read_end(db);
    if (e) {
        json_decref(items);
        return e;
    }
    const char *next = count == STOCK_MOVES_MAX
                           ? arena_fmt(c->cx->arena, "%lld", (long long)moves[count - 1].id)
                           : NULL;
    return answer_json(c, 200, json_pack("{s:o,s:s?}", "items", items, "next", next));
}
