/* Draws: run by staff, entered by viewers, checked by anybody. */
#include "api/call_in.h"
#include "base/lang.h"
#include "room/giveaway.h"
#include "store/store.h"

#include <string.h>

static const char *id_of(struct call *c)
{
    return http_param(c->req, "id");
}

/* ---- reading ---- */

static enum err read_with(struct call *c,
                          enum err (*fn)(struct room *r, struct db *db, struct cx *cx,
                                         const struct room_who *who, const char *id, json_t **ret),
                          json_t **ret)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = fn(c->api->set.room, db, c->cx, &c->who, id_of(c), ret);
    store_read_end(db);
    return e;
}

enum err giveaways_list(struct call *c)
{
    json_t *items = NULL;
    enum err e = read_with(c, giveaway_list, &items);
    return e ? e : answer_json(c, 200, json_pack("{s:o}", "items", items));
}

enum err giveaway_show(struct call *c)
{
    json_t *g = NULL;
    enum err e = read_with(c, giveaway_get, &g);
    return e ? e : answer_json(c, 200, g);
}

enum err giveaway_proof_get(struct call *c)
{
    json_t *proof = NULL;
    enum err e = read_with(c, giveaway_proof, &proof);
    return e ? e : answer_json(c, 200, proof);
}

enum err giveaway_csv_get(struct call *c)
{
    enum { CSV_MAX = 8 << 20 };
    struct db *db = NULL;
    struct buf out;
    buf_init(&out, CSV_MAX);
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = giveaway_csv(c->api->set.room, db, c->cx, &c->who, id_of(c), &out);
    store_read_end(db);
    if (e) {
        buf_done(&out);
        return e;
    }
    http_add(c->req, "Content-Disposition", "attachment; filename=\"entries.csv\"");
    http_add(c->req, "X-Content-Type-Options", "nosniff");
    http_send_heap(c->req, 200, "text/csv; charset=utf-8", out.data, out.len);
    return ERR_OK;
}

/* ---- running ---- */

/* A text, or {"zh-TW","th","en"}. */
static enum err read_rule(struct call *c, const char *text[LANG_COUNT])
{
    const json_t *rule = json_object_get(c->body, "rule");
    if (json_is_string(rule)) {
        text[lang_of(c->who.lang)] = json_string_value(rule);
        return ERR_OK;
    }
    enum err e = ERR_OK;
    for (int l = 0; !e && l < LANG_COUNT; l++)
        e = json_opt_text(c->cx, rule, lang_name((enum lang)l), GIVEAWAY_RULE_CHARS_MAX, &text[l]);
    return e;
}

enum err giveaways_post(struct call *c)
{
    struct giveaway_new ask = {.winners = 1, .claim_hours = 48};
    json_t *g = NULL;
    enum err e = json_need_text(c->cx, c->body, "market", 2, 2, &ask.market);
    if (!e)
        e = json_need_text(c->cx, c->body, "variant_id", 1, ID_TEXT, &ask.variant);
    if (!e)
        e = read_rule(c, ask.text);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "login", &ask.login);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "winners_n", 1, GIVEAWAY_WINNERS_MAX, &ask.winners);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "claim_hours", 1, GIVEAWAY_HOURS_MAX, &ask.claim_hours);
    if (!e)
        e = json_opt_text(c->cx, c->body, "permit_no", GIVEAWAY_PERMIT_CHARS_MAX, &ask.permit_no);
    if (!e)
        e = giveaway_create(c->api->set.room, c->cx, &c->who, id_of(c), &ask, &g);
    return e ? e : answer_json(c, 201, g);
}

enum err giveaway_open_post(struct call *c)
{
    const char *permit = NULL;
    json_t *g = NULL;
    enum err e = json_opt_text(c->cx, c->body, "permit_no", GIVEAWAY_PERMIT_CHARS_MAX, &permit);
    if (!e)
        e = giveaway_open(c->api->set.room, c->cx, &c->who, id_of(c), c->api->set.key, permit, &g);
    return e ? e : answer_json(c, 200, g);
}

enum err giveaway_freeze_post(struct call *c)
{
    const char *entropy = NULL;
    json_t *g = NULL;
    enum err e = json_opt_text(c->cx, c->body, "entropy", GIVEAWAY_ENTROPY_CHARS_MAX, &entropy);
    if (!e)
        e = giveaway_freeze(c->api->set.room, c->cx, &c->who, id_of(c), entropy, &g);
    return e ? e : answer_json(c, 200, g);
}

enum err giveaway_draw_post(struct call *c)
{
    const char *entropy = NULL;
    json_t *g = NULL;
    enum err e = json_opt_text(c->cx, c->body, "entropy", GIVEAWAY_ENTROPY_CHARS_MAX, &entropy);
    if (!e)
        e = giveaway_draw(c->api->set.room, c->cx, &c->who, id_of(c), c->api->set.key, entropy, &g);
    return e ? e : answer_json(c, 200, g);
}

enum err giveaway_cancel_post(struct call *c)
{
    json_t *g = NULL;
    enum err e = giveaway_cancel(c->api->set.room, c->cx, &c->who, id_of(c), &g);
    return e ? e : answer_json(c, 200, g);
}

/* ---- entering ---- */

enum err giveaway_enter_post(struct call *c)
{
    struct giveaway_entered in;
    enum err e = call_need_viewer(c);
    if (!e)
        e = giveaway_enter(c->api->set.room, c->cx, &c->who, id_of(c), &in);
    return e ? e
             : answer_json(c, in.again ? 200 : 201,
                           json_pack("{s:s,s:I}", "entry", in.entry, "n", (json_int_t)in.n));
}
