#include "api/call_in.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "room/claim.h"
#include "store/store.h"

#include <string.h>

static const char *id_of(struct call *c)
{
    return http_param(c->req, "id");
}

static enum err read_ask(struct call *c, struct claim_ask *ask)
{
    ask->qty = 1;
    enum err e = call_idem(c, &ask->idem);
    if (!e)
        e = json_opt_text(c->cx, c->body, "variant_id", ID_TEXT, &ask->variant);
    return e ? e : json_opt_i64(c->cx, c->body, "qty", 1, CLAIM_QTY_MAX, &ask->qty);
}

/* ---- POST /listings/{id}/claims ---- */

enum err call_claim(struct call *c, const struct claim_ask *ask, const char *market,
                    json_t **ret_claim, bool *ret_again)
{
    struct claim_refusal why = {0};
    struct room_who who = c->who;
    who.market = market;
    enum err e = claim_tap(c->api->set.room, c->cx, &who, ask, ret_claim, ret_again, &why);
    if (e == ERR_SLOW_DOWN)
        c->retry_ms = why.wait_ms;
    if (e == ERR_CLOSED && why.opens_ms)
        c->extra = json_pack("{s:I}", "opens_at", (json_int_t)why.opens_ms);
    return e;
}

enum err claims_post(struct call *c)
{
    struct claim_ask ask = {.listing = id_of(c)};
    json_t *claim = NULL;
    bool again = false;
    enum err e = read_ask(c, &ask);
    if (!e)
        e = call_need_viewer(c);
    if (!e)
        e = call_claim(c, &ask, c->who.market, &claim, &again);
    return e ? e : answer_json(c, again ? 200 : 201, claim);
}

/* ---- changing one ---- */

static enum err reduce(struct call *c, int64_t qty)
{
    json_t *claim = NULL;
    enum err e = claim_reduce(c->api->set.room, c->cx, &c->who, id_of(c), qty, &claim);
    return e ? e : answer_json(c, 200, claim);
}

enum err claim_patch(struct call *c)
{
    int64_t qty = 0;
    enum err e = json_need_i64(c->cx, c->body, "qty", 0, CLAIM_QTY_MAX, &qty);
    return e ? e : reduce(c, qty);
}

enum err claim_delete(struct call *c)
{
    return reduce(c, 0);
}

/* ---- lists ---- */

enum err claims_list(struct call *c)
{
    json_t *list = NULL;
    struct db *db = NULL;
    int limit = 0;
    int64_t after = 0;
    const char *text = http_query(c->req, "after");
    if (text && text_i64(text, 0, INT64_MAX, &after) != ERR_OK)
        return problem(c->cx, ERR_INPUT, "'after' must be a number of a claim");
    enum err e = call_limit(c, CLAIM_PAGE_MAX, &limit);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = claim_list(c->api->set.room, db, c->cx, &c->who, id_of(c), after, limit, &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}

enum err my_claims(struct call *c)
{
    json_t *list = NULL;
    struct db *db = NULL;
    const char *show = http_query(c->req, "show");
    if (!show)
        return problem(c->cx, ERR_INPUT, "'show' must say which");
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = claim_mine(c->api->set.room, db, c->cx, &c->who, show, &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}

enum { CSV_MAX = 64 << 20 };

enum err claims_csv(struct call *c)
{
    struct buf out;
    struct db *db = NULL;
    buf_init(&out, CSV_MAX);
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = claim_csv(c->api->set.room, db, c->cx, &c->who, id_of(c), &out);
    store_read_end(db);
    if (e) {
        buf_done(&out);
        return e;
    }
    add_security_headers(c->req, c->api, false);
    http_add(c->req, "Cache-Control", "no-store");
    http_add(c->req, "Content-Disposition", "attachment; filename=\"claims.csv\"");
    http_send_heap(c->req, 200, "text/csv; charset=utf-8", out.data, out.len);
    return ERR_OK;
}

/* ---- by staff ---- */

enum err claims_assist(struct call *c)
{
    struct claim_assist ask = {.message = NULL};
    json_t *claim = NULL;
    bool again = false;
    enum err e = read_ask(c, &ask.ask);
    if (!e)
        e = json_need_text(c->cx, c->body, "listing_id", 1, ID_TEXT, &ask.ask.listing);
    if (!e)
        e = json_opt_text(c->cx, c->body, "message_id", ID_TEXT, &ask.message);
    if (!e)
        e = json_opt_text(c->cx, c->body, "claim_id", ID_TEXT, &ask.claim);
    if (!e)
        e = claim_assist(c->api->set.room, c->cx, &c->who, id_of(c), &ask, &claim, &again);
    return e ? e : answer_json(c, again ? 200 : 201, claim);
}

enum err review_get(struct call *c)
{
    json_t *list = NULL;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = review_list(c->api->set.room, db, c->cx, &c->who, id_of(c), &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}

static enum err read_item(struct call *c, const json_t *o, struct review_item *item)
{
    item->qty = 1;
    if (!json_is_object(o))
        return problem(c->cx, ERR_INPUT, "'items' must be a list of objects");
    enum err e = json_need_text(c->cx, o, "listing_id", 1, ID_TEXT, &item->listing);
    if (!e)
        e = json_opt_text(c->cx, o, "variant_id", ID_TEXT, &item->variant);
    return e ? e : json_opt_i64(c->cx, o, "qty", 1, CLAIM_QTY_MAX, &item->qty);
}

enum err review_accept_post(struct call *c)
{
    struct review_item items[CLAIM_ITEMS_MAX] = {0};
    const json_t *list = json_object_get(c->body, "items");
    size_t n = json_array_size(list);
    json_t *claims = NULL;
    enum err e = ERR_OK;
    if (n > CLAIM_ITEMS_MAX)
        return problem(c->cx, ERR_INPUT, "'items' has more than %d", CLAIM_ITEMS_MAX);
    for (size_t i = 0; !e && i < n; i++)
        e = read_item(c, json_array_get(list, i), &items[i]);
    if (!e)
        e = review_accept(c->api->set.room, c->cx, &c->who, id_of(c), items, n, &claims);
    return e ? e : answer_json(c, 200, json_pack("{s:o}", "claims", claims));
}

enum err review_dismiss_post(struct call *c)
{
    enum err e = review_dismiss(c->api->set.room, c->cx, &c->who, id_of(c));
    return e ? e : answer_empty(c, 204);
}
