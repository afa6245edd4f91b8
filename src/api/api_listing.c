#include "api/call_in.h"
#include "base/arena.h"
#include "catalog/edit.h"
#include "room/listing.h"
#include "room/pulse.h"
#include "stock/turn.h"
#include "store/store.h"

#include <string.h>

static const char *id_of(struct call *c)
{
    return http_param(c->req, "id");
}

enum err listings_list(struct call *c)
{
    json_t *list = NULL;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = listing_list(c->api->set.room, db, c->cx, &c->who, id_of(c), &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}

/* ---- quick add: a product that is not there yet ---- */

struct quick_job {
    struct call *c;
    struct product_save save;
    struct audit audit;
};

static enum err quick_run(struct tx *tx, void *arg)
{
    struct quick_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, room_watch(j->c->api->set.room));
    enum err e = product_create(&turn, &j->save);
    if (!e)
        e = audit_write(tx, &j->audit);
    return e ? e : turn_end(&turn);
}

/* {title, prices, qty, image} as the catalogue's quick add has it. */
static json_t *quick_body(const json_t *o)
{
    json_t *prices = json_object_get(o, "prices"), *qty = json_object_get(o, "qty");
    json_t *image = json_object_get(o, "image");
    return json_pack("{s:O?, s:O?, s:O?, s:o*}", "title", json_object_get(o, "title"), "price",
                     prices ? prices : json_object_get(o, "price"), "quantity",
                     qty ? qty : json_object_get(o, "quantity"), "media",
                     json_is_string(image) ? json_pack("[O]", image) : NULL);
}

static enum err quick_add(struct call *c, const json_t *o, const char **ret_product)
{
    struct show s;
    struct product_spec spec;
    struct quick_job j = {.c = c};
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = show_find_for(c->api->set.room, db, c->cx, &c->who, id_of(c), ACTION_LISTING_EDIT, &s);
    store_read_end(db);
    if (!e)
        e = call_may(c, s.shop_id, ACTION_PRODUCT_EDIT);
    json_t *body = e ? NULL : quick_body(o);
    if (!e && (!body || arena_at_end(c->cx->arena, (void (*)(void *))json_decref, body)))
        e = ERR_NO_MEMORY;
    if (!e)
        e = spec_read(c->cx, body, NULL, &spec);
    if (!e)
        e = product_make(c->cx, s.shop_id, c->who.viewer_id, &spec, NULL, &j.save);
    if (e)
        return e;
    j.audit = call_audit(c, s.shop_id, "product.create", j.save.public_id);
    e = store_do(c->api->set.store, c->cx, "product.quick", quick_run, &j);
    *ret_product = e ? NULL : arena_dup(c->cx->arena, j.save.public_id, strlen(j.save.public_id));
    return e || *ret_product ? e : ERR_NO_MEMORY;
}

static enum err read_mode(struct call *c, enum claim_mode *mode, bool *ret_set)
{
    const char *text = NULL;
    enum err e = json_opt_text(c->cx, c->body, "claim_mode", 10, &text);
    *ret_set = text != NULL;
    if (!e && text && claim_mode_parse(text, mode))
        e = problem(c->cx, ERR_INPUT, "'claim_mode' must be auto, review or off");
    return e;
}

enum err listings_post(struct call *c)
{
    struct listing_new ask = {.mode = CLAIM_MODE_AUTO};
    json_t *fresh = json_object_get(c->body, "new"), *made = NULL;
    bool set;
    enum err e = json_opt_text(c->cx, c->body, "product_id", ID_TEXT, &ask.product);
    if (!e)
        e = json_opt_text(c->cx, c->body, "find", SKU_CHARS_MAX, &ask.find);
    if (!e)
        e = json_opt_text(c->cx, c->body, "code", CODE_MAX, &ask.code);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "per_buyer_max", 1, LISTING_EACH_MAX, &ask.per_buyer_max);
    if (!e)
        e = read_mode(c, &ask.mode, &set);
    if (!e && json_is_object(fresh))
        e = quick_add(c, fresh, &ask.product);
    if (!e)
        e = listing_add(c->api->set.room, c->cx, &c->who, id_of(c), &ask, &made);
    return e ? e : answer_json(c, 201, made);
}

enum err listing_patch(struct call *c)
{
    struct listing_edit ask = {.code = NULL};
    json_t *made = NULL;
    const char *state = NULL;
    int64_t version = 0;
    enum err e = call_if_match(c, &version);
    if (!e)
        e = json_opt_text(c->cx, c->body, "code", CODE_MAX, &ask.code);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "per_buyer_max", 1, LISTING_EACH_MAX, &ask.per_buyer_max);
    if (!e)
        e = read_mode(c, &ask.mode, &ask.set_mode);
    if (!e)
        e = json_opt_text(c->cx, c->body, "state", 12, &state);
    if (!e && state && listing_state_parse(state, &ask.state))
        e = problem(c->cx, ERR_INPUT, "'state' must be queued or withdrawn");
    ask.set_state = state != NULL;
    ask.set_each = ask.per_buyer_max > 0;
    if (!e)
        e = listing_edit(c->api->set.room, c->cx, &c->who, id_of(c), version, &ask, &made);
    return e ? e : answer_json(c, 200, made);
}

enum err listing_delete(struct call *c)
{
    enum err e = listing_remove(c->api->set.room, c->cx, &c->who, id_of(c));
    return e ? e : answer_empty(c, 204);
}

enum err run_order_put(struct call *c)
{
    const json_t *ids = json_object_get(c->body, "ids");
    size_t n = json_array_size(ids);
    if (!json_is_array(ids) || n > LISTINGS_MAX)
        return problem(c->cx, ERR_INPUT, "'ids' must be a list of at most %d", LISTINGS_MAX);
    const char **id = arena_array(c->cx->arena, const char *, n + 1);
    if (!id)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        id[i] = json_string_value(json_array_get(ids, i));
        if (!id[i])
            return problem(c->cx, ERR_INPUT, "'ids' must be texts");
    }
    enum err e = listing_order(c->api->set.room, c->cx, &c->who, id_of(c), id, n);
    return e ? e : answer_empty(c, 204);
}
