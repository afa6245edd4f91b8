#include "account/staff.h"
#include "api/call_in.h"
#include "base/arena.h"
#include "cart/cart.h"
#include "catalog/market.h"
#include "room/claim.h"
#include "store/store.h"

#include <string.h>

/* ---- what all of them answer ---- */

static enum err read_cart(struct call *c, int64_t shop_id, const char *market, json_t **ret_cart)
{
    const struct cart_view view = {
        .viewer_id = c->who.viewer_id, .shop_id = shop_id, .market = market};
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = cart_json(db, c->cx, &view, ret_cart);
    store_read_end(db);
    return e;
}

static enum err answer_cart(struct call *c, int status, int64_t shop_id, const char *market)
{
    json_t *cart = NULL;
    enum err e = read_cart(c, shop_id, market, &cart);
    return e ? e : answer_json(c, status, cart);
}

enum err answer_added(struct call *c, int status, const struct added *a)
{
    json_t *cart = NULL;
    enum err e = read_cart(c, a->shop_id, a->market, &cart);
    if (e)
        return e;
    const char *cut = a->qty >= a->asked ? NULL : a->limited ? "limit" : "sold_out";
    json_t *until = a->until_ms ? json_integer(a->until_ms) : json_null();
    return answer_json(c, status,
                       json_pack("{s:s?,s:I,s:I,s:s?,s:o,s:o}", "line_id", a->line_public, "asked",
                                 (json_int_t)a->asked, "qty", (json_int_t)a->qty, "short", cut,
                                 "hold_until", until, "cart", cart));
}

/* ---- GET /cart ---- */

static enum err asked_market(struct call *c, const char *asked, const char **ret_market)
{
    const struct market *m = market_find(asked && *asked ? asked : c->who.market);
    if (!m)
        return problem(c->cx, ERR_INPUT, "'market' must be TW or TH");
    *ret_market = m->code;
    return ERR_OK;
}

enum err cart_show(struct call *c)
{
    const char *slug = http_query(c->req, "shop"), *market = NULL;
    struct shop shop = {.id = 0};
    struct db *db = NULL;
    enum err e = asked_market(c, http_query(c->req, "market"), &market);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e && slug && *slug)
        e = shop_by_slug(db, c->cx->arena, slug, &shop);
    else if (!e)
        e = shop_first(db, c->cx->arena, &shop);
    store_read_end(db);
    return e ? e : answer_cart(c, 200, shop.id, market);
}

/* ---- POST /cart/lines ---- */

struct add_job {
    const struct stock_watch *watch;
    const char *variant, *listing;
    struct cart_add add;
    struct cart_added got;
    struct claim_ruling by; /* a show decides: nothing was done */
};

static enum err add_run(struct tx *tx, void *arg)
{
    struct add_job *j = arg;
    struct cart_goods g;
    struct stock_turn turn;
    const struct claim_rule_ask rule = {j->variant, j->listing, j->add.viewer_id, j->add.idem};
    enum err e = cart_added_before(tx->db, j->add.viewer_id, j->add.idem, &j->got);
    if (e != ERR_NOT_FOUND) /* what this key made stays what it was, whatever the show says now */
        return e;
    e = claim_ruled(tx->db, tx->cx, &rule, &j->by);
    if (e || j->by.listing)
        return e;
    e = cart_goods(tx->db, tx->cx, j->variant, j->listing, j->add.market, &g);
    if (e)
        return e;
    j->add.shop_id = g.shop_id;
    j->add.variant_id = g.variant_id;
    j->add.unit_amount = g.unit_amount;
    j->add.listing_id = g.listing_id;
    j->add.show_id = g.show_id;
    j->add.others_wait = g.waits;
    turn_begin(&turn, tx, j->watch);
    e = cart_add(&turn, &j->add, &j->got);
    if (!e && j->got.qty == 0)
        return problem(tx->cx, ERR_SOLD_OUT, "there is none left");
    return e ? e : turn_end(&turn);
}

/* A show decides: it is claimed there, or refused as a claim is. */
static enum err add_by_claim(struct call *c, const struct add_job *j)
{
    const struct claim_ask ask = {.listing = j->by.listing,
                                  .variant = j->variant,
                                  .qty = j->add.qty,
                                  .idem = j->add.idem,
                                  .how = CLAIM_NOW};
    json_t *claim = NULL;
    bool again = false;
    enum err e = call_claim(c, &ask, j->add.market, &claim, &again);
    if (e)
        return e;
    const char *why = json_string_value(json_object_get(claim, "reason"));
    const struct added a = {.line_public = json_string_value(json_object_get(claim, "line_id")),
                            .shop_id = j->by.shop_id,
                            .market = j->add.market,
                            .asked = json_integer_value(json_object_get(claim, "asked")),
                            .qty = json_integer_value(json_object_get(claim, "given")),
                            .limited = why && strcmp(why, "limit") == 0,
                            .until_ms = json_integer_value(json_object_get(claim, "hold_until"))};
    e = a.line_public ? answer_added(c, again ? 200 : 201, &a)
                      : problem(c->cx, ERR_CONFLICT, "this Idempotency-Key was used for a claim");
    json_decref(claim);
    return e;
}

/* What an answer says of the line that this call or an earlier one made. */
static enum err name_line(struct call *c, int64_t line_id, struct added *a)
{
    struct cart_line line;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = line_get_id(db, c->cx, line_id, &line);
    store_read_end(db);
    if (!e) {
        a->line_public = line.public_id;
        a->shop_id = line.shop_id;
        a->market = line.market;
    }
    return e;
}

enum err cart_lines_post(struct call *c)
{
    struct add_job j = {.watch = c->api->set.watch,
                        .add = {.source = LINE_LIST, .each = CART_EACH_MAX, .partial = true}};
    const char *market = NULL;
    enum err e = call_idem(c, &j.add.idem);
    if (!e)
        e = json_need_text(c->cx, c->body, "variant_id", 1, ID_TEXT, &j.variant);
    if (!e)
        e = json_need_i64(c->cx, c->body, "qty", 1, STOCK_QTY_MAX, &j.add.qty);
    if (!e)
        e = json_opt_text(c->cx, c->body, "listing_id", ID_TEXT, &j.listing);
    if (!e)
        e = json_opt_text(c->cx, c->body, "market", 8, &market);
    if (!e)
        e = asked_market(c, market, &j.add.market);
    if (!e)
        e = call_need_viewer(c);
    if (e)
        return e;
    j.add.viewer_id = c->who.viewer_id;
    line_ids(&j.add.ids);
    e = store_do(c->api->set.store, c->cx, "cart.add", add_run, &j);
    if (!e && j.by.listing)
        return add_by_claim(c, &j);
    struct added a = {.asked = j.got.again ? j.got.qty : j.add.qty,
                      .qty = j.got.qty,
                      .limited = j.got.cut == HOLD_LIMIT,
                      .until_ms = j.got.until_ms};
    if (!e)
        e = name_line(c, j.got.line_id, &a);
    return e ? e : answer_added(c, j.got.again ? 200 : 201, &a);
}

/* ---- one line ---- */

struct line_job {
    const struct stock_watch *watch;
    const char *id;
    int64_t viewer_id, qty, hold_id;
    struct cart_line line;
    struct hold_got got;
    const char *variant;
    struct claim_ruling by; /* of line_again: a show decides, nothing was done */
};

static struct line_job line_job_of(struct call *c)
{
    return (struct line_job){.watch = c->api->set.watch,
                             .id = http_param(c->req, "id"),
                             .viewer_id = c->who.viewer_id,
                             .hold_id = id_next()};
}

/* While a show sells it, more is claimed there; what was claimed grows in the cart but for deals.
 */
static enum err more_of(struct tx *tx, struct line_job *j)
{
    struct claim_ruling by;
    enum err e = claim_ruled_line(tx->db, tx->cx, j->line.id, &j->variant, &by);
    if (!e && by.listing && (by.deal || !j->line.claim_id))
        return problem(tx->cx, ERR_CLOSED, "more of it is claimed in the show");
    return e;
}

static enum err qty_run(struct tx *tx, void *arg)
{
    struct line_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, j->watch);
    enum err e = line_get(tx->db, tx->cx, j->id, j->viewer_id, &j->line);
    const struct line_qty ask = {.qty = j->qty, .deal_max = INT64_MAX};
    if (!e)
        e = line_may(tx->db, tx->cx, &j->line, j->qty);
    if (!e && j->qty > j->line.qty)
        e = more_of(tx, j);
    if (!e)
        e = line_set_qty(&turn, &j->line, &ask, &j->got);
    if (!e && j->got.qty < j->qty)
        return problem(tx->cx, ERR_SOLD_OUT, "there are no more");
    return e ? e : turn_end(&turn);
}

enum err cart_line_patch(struct call *c)
{
    struct line_job j = line_job_of(c);
    enum err e = json_need_i64(c->cx, c->body, "qty", 1, STOCK_QTY_MAX, &j.qty);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "cart.qty", qty_run, &j);
    return e ? e : answer_cart(c, 200, j.line.shop_id, j.line.market);
}

static enum err remove_run(struct tx *tx, void *arg)
{
    struct line_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, j->watch);
    enum err e = line_get(tx->db, tx->cx, j->id, j->viewer_id, &j->line);
    if (!e && j->line.state == LINE_STATE_REMOVED)
        return ERR_OK; /* asked twice */
    if (!e)
        e = line_may(tx->db, tx->cx, &j->line, 0);
    if (!e)
        e = line_remove(&turn, &j->line);
    return e ? e : turn_end(&turn);
}

enum err cart_line_delete(struct call *c)
{
    struct line_job j = line_job_of(c);
    enum err e = store_do(c->api->set.store, c->cx, "cart.remove", remove_run, &j);
    return e ? e : answer_cart(c, 200, j.line.shop_id, j.line.market);
}

static enum err again_run(struct tx *tx, void *arg)
{
    struct line_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, j->watch);
    enum err e = line_get(tx->db, tx->cx, j->id, j->viewer_id, &j->line);
    if (!e && j->line.state == LINE_STATE_HELD) { /* asked twice */
        j->got.qty = j->line.qty;
        return ERR_OK;
    }
    if (!e)
        e = claim_ruled_line(tx->db, tx->cx, j->line.id, &j->variant, &j->by);
    if (e || j->by.listing)
        return e;
    e = line_again(&turn, &j->line, j->hold_id, 0, &j->got);
    if (!e && j->got.qty == 0)
        return problem(tx->cx, ERR_SOLD_OUT, "there is none left");
    if (!e)
        j->line.until_ms = tx->cx->now_ms + CART_HOLD_MS;
    return e ? e : turn_end(&turn);
}

/* A show decides: the line that ran out makes room for a claim. */
static enum err again_by_claim(struct call *c, struct line_job *j, const char *key)
{
    const struct add_job claim = {
        .variant = j->variant,
        .by = j->by,
        .add = {.viewer_id = j->viewer_id,
                .qty = j->line.qty,
                .market = j->line.market,
                .idem = key},
    };
    enum err e = add_by_claim(c, &claim);
    if (!e && store_do(c->api->set.store, c->cx, "cart.remove", remove_run, j))
        log_warn("a line that ran out stays beside its claim", LOG_S("line", j->line.public_id));
    return e;
}

enum err cart_line_again(struct call *c)
{
    struct line_job j = line_job_of(c);
    const char *key;
    enum err e = call_idem(c, &key);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "cart.again", again_run, &j);
    if (!e && j.by.listing)
        return again_by_claim(c, &j, key);
    const struct added a = {.line_public = e ? NULL : j.line.public_id,
                            .shop_id = j.line.shop_id,
                            .market = j.line.market,
                            .asked = j.line.qty,
                            .qty = j.got.qty,
                            .until_ms = j.line.until_ms};
    return e ? e : answer_added(c, 200, &a);
}
