#include "api/call_in.h"
#include "room/listing.h"
#include "store/store.h"

static const char *id_of(struct call *c)
{
    return http_param(c->req, "id");
}

enum err pin_put(struct call *c)
{
    const char *listing = NULL;
    bool open = false, said = json_is_boolean(json_object_get(c->body, "open"));
    json_t *pinned = NULL;
    enum err e = json_need_text(c->cx, c->body, "listing_id", 1, ID_TEXT, &listing);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "open", &open);
    if (!e)
        e = listing_pin(c->api->set.room, c->cx, &c->who, id_of(c), listing,
                        !said  ? PIN_FIRST_OPENS
                        : open ? PIN_OPENS
                               : PIN_KEEPS,
                        &pinned);
    return e ? e : answer_json(c, 200, pinned);
}

enum err pin_delete(struct call *c)
{
    enum err e = listing_unpin(c->api->set.room, c->cx, &c->who, id_of(c));
    return e ? e : answer_empty(c, 204);
}

enum err claim_window_put(struct call *c)
{
    bool open = false;
    json_t *made = NULL;
    if (!json_is_boolean(json_object_get(c->body, "open")))
        return problem(c->cx, ERR_INPUT, "'open' must be true or false");
    enum err e = json_opt_bool(c->cx, c->body, "open", &open);
    if (!e)
        e = listing_window(c->api->set.room, c->cx, &c->who, id_of(c), open, &made);
    return e ? e : answer_json(c, 200, made);
}

enum err sale_show(struct call *c)
{
    struct sale_settings set = {.hold_s = 0};
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = sale_get(c->api->set.room, db, c->cx, &c->who, id_of(c), &set);
    store_read_end(db);
    return e ? e : answer_json(c, 200, sale_json(&set));
}

enum err sale_patch(struct call *c)
{
    struct sale_edit ask = {.set_rule = false};
    struct sale_settings set = {.hold_s = 0};
    const char *rule = NULL;
    enum err e = json_opt_text(c->cx, c->body, "claim_rule", 12, &rule);
    if (!e && rule && claim_rule_parse(rule, &ask.to.rule))
        e = problem(c->cx, ERR_INPUT, "'claim_rule' must be guest, login or paid_before");
    if (!e)
        e = json_opt_i64(c->cx, c->body, "hold_s", HOLD_S_MIN, HOLD_S_MAX, &ask.to.hold_s);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "cancel_ok", &ask.to.cancel_ok);
    ask.set_rule = rule != NULL;
    ask.set_hold = ask.to.hold_s > 0;
    ask.set_cancel = json_is_boolean(json_object_get(c->body, "cancel_ok"));
    if (!e)
        e = sale_set(c->api->set.room, c->cx, &c->who, id_of(c), &ask, &set);
    return e ? e : answer_json(c, 200, sale_json(&set));
}

enum err chapters_list(struct call *c)
{
    json_t *list = NULL;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = chapter_list(c->api->set.room, db, c->cx, &c->who, id_of(c), &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}
