#include "api/call_in.h"
#include "cart/cart.h"
#include "catalog/market.h"
#include "room/claim.h"
#include "store/store.h"

#include <string.h>

/* ---- POST /cart/waitlist ---- */

struct join_job {
    const struct stock_watch *watch;
    const char *variant, *listing, *key;
    struct waiting_new w;
    struct waiting_place place;
    struct claim_ruling by; /* a show decides: nothing was done */
};

static enum err join_run(struct tx *tx, void *arg)
{
    struct join_job *j = arg;
    struct cart_goods g;
    struct stock_turn turn;
    const struct claim_rule_ask rule = {j->variant, j->listing, j->w.viewer_id, j->key};
    enum err e = claim_ruled(tx->db, tx->cx, &rule, &j->by);
    if (e || j->by.listing)
        return e;
    e = cart_goods(tx->db, tx->cx, j->variant, j->listing, j->w.market, &g);
    if (e)
        return e;
    j->w.shop_id = g.shop_id;
    j->w.variant_id = g.variant_id;
    j->w.show_id = g.show_id;
    j->w.listing_id = g.listing_id;
    j->w.unit_amount = g.unit_amount;
    turn_begin(&turn, tx, j->watch);
    e = waiting_join(&turn, &j->w, &j->place);
    return e ? e : turn_end(&turn);
}

/* By its number, or by its public id. */
static enum err answer_place(struct call *c, int status, int64_t id, const char *public_id)
{
    struct waiting *rows = NULL;
    size_t n = 0;
    struct db *db = NULL;
    json_t *o = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = waiting_of_viewer(db, c->cx, c->who.viewer_id, 0, &rows, &n);
    for (size_t i = 0; !e && !o && i < n; i++)
        if (public_id ? strcmp(rows[i].public_id, public_id) == 0 : rows[i].id == id)
            e = waiting_json(db, c->cx, &rows[i], &o);
    store_read_end(db);
    if (!e && !o)
        e = problem(c->cx, ERR_NOT_FOUND, "no such place in a waiting list");
    return e ? e : answer_json(c, status, o);
}

/* A show decides: they wait there as after a claim, or are refused as a claim is. */
static enum err wait_by_claim(struct call *c, const struct join_job *j, const char *key)
{
    const struct claim_ask ask = {.listing = j->by.listing,
                                  .variant = j->variant,
                                  .qty = j->w.qty,
                                  .idem = key,
                                  .how = CLAIM_WAIT};
    json_t *claim = NULL;
    bool again = false;
    enum err e = call_claim(c, &ask, j->w.market, &claim, &again);
    if (e)
        return e;
    const char *place = json_string_value(json_object_get(claim, "waiting_id"));
    e = place ? answer_place(c, again ? 200 : 201, 0, place)
              : problem(c->cx, ERR_CONFLICT, "this Idempotency-Key was used for a claim");
    json_decref(claim);
    return e;
}

enum err waitlist_post(struct call *c)
{
    struct join_job j = {.watch = c->api->set.watch};
    const char *key, *asked = NULL;
    enum err e = call_idem(c, &key);
    if (!e)
        e = json_need_text(c->cx, c->body, "variant_id", 1, ID_TEXT, &j.variant);
    if (!e)
        e = json_need_i64(c->cx, c->body, "qty", 1, STOCK_QTY_MAX, &j.w.qty);
    if (!e)
        e = json_opt_text(c->cx, c->body, "listing_id", ID_TEXT, &j.listing);
    if (!e)
        e = json_opt_text(c->cx, c->body, "market", 8, &asked);
    const struct market *m = market_find(asked ? asked : c->who.market);
    if (e)
        return e;
    if (!m)
        return problem(c->cx, ERR_INPUT, "'market' must be TW or TH");
    e = call_need_viewer(c);
    if (e)
        return e;
    if (j.w.qty > CART_EACH_MAX)
        j.w.qty = CART_EACH_MAX;
    j.w.market = m->code;
    j.key = key;
    j.w.viewer_id = c->who.viewer_id;
    waiting_ids(&j.w);
    e = store_do(c->api->set.store, c->cx, "waitlist.join", join_run, &j);
    if (!e && j.by.listing)
        return wait_by_claim(c, &j, key);
    return e ? e : answer_place(c, j.place.again ? 200 : 201, j.place.waiting_id, NULL);
}

/* ---- one place ---- */

struct place_job {
    const struct stock_watch *watch;
    const char *id;
    struct cart_add add;
    struct cart_added got;
    struct cart_line line;
};

static enum err leave_run(struct tx *tx, void *arg)
{
    struct place_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, j->watch);
    enum err e = waiting_leave(&turn, j->id, j->add.viewer_id);
    return e ? e : turn_end(&turn);
}

enum err waitlist_delete(struct call *c)
{
    struct place_job j = {.watch = c->api->set.watch,
                          .id = http_param(c->req, "id"),
                          .add = {.viewer_id = c->who.viewer_id}};
    enum err e = store_do(c->api->set.store, c->cx, "waitlist.leave", leave_run, &j);
    return e ? e : answer_empty(c, 204);
}

static enum err accept_run(struct tx *tx, void *arg)
{
    struct place_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, j->watch);
    enum err e = cart_accept(&turn, j->id, &j->add, &j->got);
    if (!e)
        e = line_get_id(tx->db, tx->cx, j->got.line_id, &j->line);
    return e ? e : turn_end(&turn);
}

enum err waitlist_accept(struct call *c)
{
    struct place_job j = {.watch = c->api->set.watch,
                          .id = http_param(c->req, "id"),
                          .add = {.viewer_id = c->who.viewer_id}};
    enum err e = call_idem(c, &j.add.idem);
    if (e)
        return e;
    line_ids(&j.add.ids);
    e = store_do(c->api->set.store, c->cx, "waitlist.accept", accept_run, &j);
    if (e)
        return e;
    const struct added a = {.line_public = j.line.public_id,
                            .shop_id = j.line.shop_id,
                            .market = j.line.market,
                            .asked = j.got.qty,
                            .qty = j.got.qty,
                            .until_ms = j.got.until_ms};
    return answer_added(c, 200, &a);
}

enum err waitlist_list(struct call *c)
{
    struct waiting *rows = NULL;
    size_t n = 0;
    struct db *db = NULL;
    json_t *items = json_array();
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = waiting_of_viewer(db, c->cx, c->who.viewer_id, 0, &rows, &n);
    for (size_t i = 0; !e && i < n; i++) {
        json_t *o = NULL;
        e = waiting_json(db, c->cx, &rows[i], &o);
        if (!e && json_array_append_new(items, o))
            e = ERR_NO_MEMORY;
    }
    store_read_end(db);
    json_t *answer = e ? NULL : json_pack("{s:O}", "items", items);
    json_decref(items);
    return e ? e : answer_json(c, 200, answer);
}
