/* Draws: made, opened, entered, called off. */
#include "account/account.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/market.h"
#include "room/giveaway.sql.h"
#include "room/giveaway_in.h"
#include "stock/hold.h"

#include <stdlib.h>
#include <string.h>

/* Every call that changes a draw, but for its seed. */
struct run_job {
    struct room *r;
    const struct room_who *who;
    const char *giveaway;
    const char *permit_no, *commit; /* of open */
    const unsigned char *sealed;
    size_t sealed_len;
    int64_t audit_id, hold_id;
    json_t *result;
};

/* The answer, as it is after the change. */
static enum err answer(struct tx *tx, struct run_job *j, int64_t id)
{
    struct giveaway g;
    enum err e = giveaway_read_id(tx->db, tx->cx, id, &g);
    json_decref(j->result);
    j->result = NULL;
    return e ? e : giveaway_json(tx->db, tx->cx, &g, j->who->viewer_id, &j->result);
}

/* Run it; the result is the caller's. */
static enum err run(struct cx *cx, struct run_job *j, const char *name,
                    enum err (*fn)(struct tx *tx, void *arg), json_t **ret_giveaway)
{
    enum err e = store_do(j->r->store, cx, name, fn, j);
    if (e) {
        json_decref(j->result);
        return e;
    }
    *ret_giveaway = j->result;
    return ERR_OK;
}

static enum err not_from(struct tx *tx, const struct giveaway *g, const char *what)
{
    return problem(tx->cx, ERR_TRANSITION, "a draw that is %s cannot be %s",
                   giveaway_state_name(g->state), what);
}

/* ---- made ---- */

struct create_job {
    struct run_job run;
    const char *show;
    const struct giveaway_new *ask;
    const char *rule;
    int64_t id;
    char public_id[ID_TEXT];
};

static enum err create_run(struct tx *tx, void *arg)
{
    struct create_job *j = arg;
    const struct giveaway_new *a = j->ask;
    struct show s;
    struct variant v;
    enum err e = show_read(tx->db, tx->cx, j->show, &s);
    if (!e && room_role(j->run.who, s.shop_id) == ROLE_NONE)
        e = problem(tx->cx, ERR_NOT_FOUND, "no such show in your shop");
    if (!e)
        e = show_check(tx->cx, &s, j->run.who, ACTION_GIVEAWAY_RUN);
    if (e)
        return e;
    e = variant_by_public_id(tx->db, tx->cx->arena, s.shop_id, a->variant, &v);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, ERR_INPUT, "'variant_id' is not one of this shop");
    if (!e)
        e = db_do(tx->db, &SQL_giveaway_insert,
                  ARGS(V(j->id), V((const char *)j->public_id), V(s.id), V(a->market), V(j->rule),
                       V(v.id), V(a->winners), V(a->claim_hours), V(a->permit_no),
                       V(tx->cx->now_ms)),
                  NULL);
    if (!e)
        e = room_note(tx, j->run.who, j->run.audit_id, s.shop_id, "giveaway.create", j->public_id);
    return e ? e : answer(tx, &j->run, j->id);
}

/* {"text":{…},"login":…} in the arena. */
static enum err rule_json(struct cx *cx, const struct giveaway_new *ask, const char **ret_rule)
{
    json_t *text = json_object();
    for (int l = 0; l < LANG_COUNT; l++) {
        size_t len = ask->text[l] ? strlen(ask->text[l]) : 0;
        if (!len)
            continue;
        char *tidy =
            text_is_utf8(ask->text[l], len) ? arena_dup(cx->arena, ask->text[l], len) : NULL;
        if (tidy)
            len = text_tidy(tidy, len);
        if (!tidy || !len || text_chars(tidy, len) > GIVEAWAY_RULE_CHARS_MAX) {
            json_decref(text);
            return problem(cx, ERR_INPUT, "'rule' must have 1 to %d characters",
                           GIVEAWAY_RULE_CHARS_MAX);
        }
        (void)json_object_set_new(text, lang_name((enum lang)l), json_string(tidy));
    }
    bool none = json_object_size(text) == 0;
    char *json = json_text_of(json_pack("{s:o,s:b}", "text", text, "login", ask->login));
    *ret_rule = json ? arena_dup(cx->arena, json, strlen(json)) : NULL;
    free(json);
    if (none)
        return problem(cx, ERR_INPUT, "'rule' is missing");
    return *ret_rule ? ERR_OK : ERR_NO_MEMORY;
}

static enum err tidy_permit(struct cx *cx, const char *typed, const char **ret_permit)
{
    *ret_permit = NULL;
    size_t len = typed ? strlen(typed) : 0;
    if (!len)
        return ERR_OK;
    char *tidy = text_is_utf8(typed, len) ? arena_dup(cx->arena, typed, len) : NULL;
    len = tidy ? text_tidy(tidy, len) : 0;
    if (!tidy || text_chars(tidy, len) > GIVEAWAY_PERMIT_CHARS_MAX)
        return problem(cx, ERR_INPUT, "'permit_no' has at most %d characters",
                       GIVEAWAY_PERMIT_CHARS_MAX);
    *ret_permit = len ? tidy : NULL;
    return ERR_OK;
}

enum err giveaway_create(struct room *r, struct cx *cx, const struct room_who *who,
                         const char *show, const struct giveaway_new *ask, json_t **ret_giveaway)
{
    struct giveaway_new a = *ask;
    struct create_job j = {.run = {.r = r, .who = who, .audit_id = id_next()},
                           .show = show,
                           .ask = &a,
                           .id = id_next()};
    if (!market_find(ask->market))
        return problem(cx, ERR_INPUT, "'market' must be TW or TH");
    if (ask->winners < 1 || ask->winners > GIVEAWAY_WINNERS_MAX)
        return problem(cx, ERR_INPUT, "'winners_n' must be 1 to %d", GIVEAWAY_WINNERS_MAX);
    if (ask->claim_hours < 1 || ask->claim_hours > GIVEAWAY_HOURS_MAX)
        return problem(cx, ERR_INPUT, "'claim_hours' must be 1 to %d", GIVEAWAY_HOURS_MAX);
    enum err e = rule_json(cx, ask, &j.rule);
    if (!e)
        e = tidy_permit(cx, ask->permit_no, &a.permit_no);
    if (e)
        return e;
    id_make("giv", j.public_id);
    e = store_do(r->store, cx, "giveaway.create", create_run, &j);
    if (e) {
        json_decref(j.run.result);
        return e;
    }
    *ret_giveaway = j.run.result;
    return ERR_OK;
}

/* ---- opened ---- */

/* Hold a prize for every winner: nobody buys it before the draw. Can a winner's cart be ordered? */
static enum err hold_prizes(struct tx *tx, const struct run_job *j, const struct giveaway *g)
{
    struct stock_turn turn;
    struct hold_got got;
    int64_t amount;
    enum err e = price_of(tx->db, g->shop_id, g->variant_id, g->market, &amount);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, ERR_CONFLICT, "the prize must be on sale in this market");
    if (e)
        return e;
    const struct hold_ask ask = {.hold_id = j->hold_id,
                                 .variant_id = g->variant_id,
                                 .qty = g->winners,
                                 .viewer_id = j->who->viewer_id,
                                 .owner = HOLD_PRIZE,
                                 .owner_id = g->id,
                                 .until_ms = HOLD_NO_CLOCK};
    turn_begin(&turn, tx, &j->r->watch);
    e = hold_take(&turn, &ask, 1, &got);
    if (!e && got.qty == 0)
        e = problem(tx->cx, ERR_SOLD_OUT, "there are fewer prizes than winners");
    return e ? e : turn_end(&turn);
}

static enum err open_run(struct tx *tx, void *arg)
{
    struct run_job *j = arg;
    struct giveaway g;
    struct show s;
    int64_t running = 0, changed = 0;
    json_t *data = NULL;
    enum err e = giveaway_for(j->r, tx->db, tx->cx, j->who, j->giveaway, &g, &s);
    if (e)
        return e;
    if (!giveaway_may_move(g.state, GIVEAWAY_OPEN))
        return not_from(tx, &g, "opened");
    const char *permit = j->permit_no ? j->permit_no : g.permit_no;
    if (strcmp(g.market, "TH") == 0 && !permit)
        return problem(tx->cx, ERR_CONFLICT, "a draw in Thailand needs its permit number");
    if (!show_public(&s))
        return problem(tx->cx, ERR_CONFLICT, "nobody can see this show");
    e = db_i64(tx->db, &SQL_giveaway_running, ARGS(V(s.id)), &running);
    if (!e && running)
        e = problem(tx->cx, ERR_CONFLICT, "another draw runs in this show");
    if (!e)
        e = hold_prizes(tx, j, &g);
    if (!e)
        e = db_do(tx->db, &SQL_giveaway_set_open,
                  ARGS(V(permit), V(j->commit), VBLOB(j->sealed, j->sealed_len), V(tx->cx->now_ms),
                       V(j->hold_id), V(g.id)),
                  &changed);
    if (!e && !changed)
        e = not_from(tx, &g, "opened");
    if (!e)
        e = room_note(tx, j->who, j->audit_id, g.shop_id, "giveaway.open", g.public_id);
    g.commit = j->commit;
    if (!e)
        e = giveaway_open_json(tx->db, tx->cx, &g, &data);
    if (!e)
        e = answer(tx, j, g.id);
    if (e) {
        json_decref(data);
        return e;
    }
    const struct event ev = {.show_id = s.id, .type = "giveaway.open", .audience = AUDIENCE_ALL};
    return event_add(tx, j->r, &ev, data);
}

enum err giveaway_open(struct room *r, struct cx *cx, const struct room_who *who,
                       const char *giveaway, const unsigned char *key, const char *permit_no,
                       json_t **ret_giveaway)
{
    unsigned char seed[GIVEAWAY_SEED_LEN], sealed[GIVEAWAY_SEED_LEN + SEAL_OVERHEAD];
    unsigned char hash[SHA256_LEN];
    char commit[2 * SHA256_LEN + 1];
    struct run_job j = {
        .r = r, .who = who, .giveaway = giveaway, .audit_id = id_next(), .hold_id = id_next()};
    enum err e = tidy_permit(cx, permit_no, &j.permit_no);
    if (e)
        return e;
    crypto_random(seed, sizeof seed);
    crypto_sha256(seed, sizeof seed, hash);
    crypto_hex(hash, sizeof hash, commit);
    crypto_seal(key, seed, sizeof seed, sealed);
    crypto_wipe(seed, sizeof seed);
    j.commit = commit;
    j.sealed = sealed;
    j.sealed_len = sizeof sealed;
    return run(cx, &j, "giveaway.open", open_run, ret_giveaway);
}

/* ---- called off ---- */

static enum err cancel_run(struct tx *tx, void *arg)
{
    struct run_job *j = arg;
    struct giveaway g;
    struct show s;
    struct stock_turn turn;
    int64_t changed = 0;
    enum err e = giveaway_for(j->r, tx->db, tx->cx, j->who, j->giveaway, &g, &s);
    if (!e)
        e = db_do(tx->db, &SQL_giveaway_set_cancelled, ARGS(V(g.id)), &changed);
    if (!e && !changed)
        e = not_from(tx, &g, "called off");
    turn_begin(&turn, tx, &j->r->watch);
    if (!e)
        e = giveaway_unhold(&turn, &g);
    if (!e)
        e = turn_end(&turn);
    if (!e)
        e = room_note(tx, j->who, j->audit_id, g.shop_id, "giveaway.cancel", g.public_id);
    if (!e)
        e = answer(tx, j, g.id);
    if (e || g.state == GIVEAWAY_DRAFT)
        return e;
    const struct event ev = {.show_id = s.id, .type = "giveaway.gone", .audience = AUDIENCE_ALL};
    return event_add(tx, j->r, &ev, json_pack("{s:s}", "giveaway_id", g.public_id));
}

enum err giveaway_cancel(struct room *r, struct cx *cx, const struct room_who *who,
                         const char *giveaway, json_t **ret_giveaway)
{
    struct run_job j = {.r = r, .who = who, .giveaway = giveaway, .audit_id = id_next()};
    return run(cx, &j, "giveaway.cancel", cancel_run, ret_giveaway);
}

/* ---- entered ---- */

struct enter_job {
    struct room *r;
    const struct room_who *who;
    const char *giveaway;
    struct giveaway_entered in;
    char fresh[ID_TEXT];
};

static enum err may_enter(struct tx *tx, const struct enter_job *j, const struct giveaway *g)
{
    struct show s;
    struct sanction san;
    enum err e = show_find(j->r, tx->db, tx->cx, j->who, g->show_public_id, &s);
    if (e == ERR_NOT_FOUND || (!e && g->state == GIVEAWAY_DRAFT))
        return problem(tx->cx, ERR_NOT_FOUND, "no such draw");
    if (e)
        return e;
    if (room_role(j->who, g->shop_id) != ROLE_NONE)
        return problem(tx->cx, ERR_FORBIDDEN, "who works in the shop may not enter its draws");
    json_t *rule = stored_json(g->rule);
    bool login = json_is_true(json_object_get(rule, "login"));
    json_decref(rule);
    if (login && !j->who->account)
        return problem(tx->cx, ERR_NEED_LOGIN, "this draw is for signed-in members");
    e = sanction_in_force(tx->db, tx->cx, &s, j->who->viewer_id, device_hash(j->who->device), &san);
    if (!e)
        return problem(tx->cx, ERR_MUTED, "you may not enter");
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err count_in(struct tx *tx, struct enter_job *j, const struct giveaway *g)
{
    char masked[MASKED_SIZE];
    int64_t changed = 0;
    account_mask_name(j->who->name, masked);
    enum err e =
        db_i64(tx->db, &SQL_giveaway_count_in, ARGS(V(g->id), V(GIVEAWAY_ENTRIES_MAX)), &j->in.n);
    if (e == ERR_NOT_FOUND && g->entries >= GIVEAWAY_ENTRIES_MAX)
        return problem(tx->cx, ERR_CONFLICT, "the draw is full");
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, ERR_TRANSITION, "the draw is not open");
    if (!e)
        e = db_do(tx->db, &SQL_entry_insert,
                  ARGS(V(g->id), V(j->who->viewer_id), V((const char *)j->fresh),
                       V((const char *)masked), V(tx->cx->now_ms)),
                  &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_BUSY, "entered twice at the same moment: try again");
    memcpy(j->in.entry, j->fresh, sizeof j->fresh);
    return e;
}

static enum err enter_run(struct tx *tx, void *arg)
{
    struct enter_job *j = arg;
    struct giveaway g;
    const char *entry, *state;
    int64_t rank, until;
    j->in.again = false;
    enum err e = giveaway_read(tx->db, tx->cx, j->giveaway, &g);
    if (!e)
        e = may_enter(tx, j, &g);
    if (e)
        return e;
    e = db_row(tx->db, tx->cx->arena, &SQL_entry_of_viewer, ARGS(V(g.id), V(j->who->viewer_id)),
               COLS(C(&entry), C(&rank), C(&state), C(&until)));
    if (e == ERR_NOT_FOUND)
        return count_in(tx, j, &g);
    if (e)
        return e;
    j->in.again = true;
    j->in.n = g.entries;
    (void)text_copy(j->in.entry, sizeof j->in.entry, entry);
    return ERR_OK;
}

enum err giveaway_enter(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *giveaway, struct giveaway_entered *ret_entered)
{
    struct enter_job j = {.r = r, .who = who, .giveaway = giveaway};
    id_make("ent", j.fresh);
    enum err e = store_do(r->store, cx, "giveaway.enter", enter_run, &j);
    if (!e)
        *ret_entered = j.in;
    return e;
}

enum err giveaway_merge(struct tx *tx, int64_t from_viewer, int64_t to_viewer)
{
    return db_do(tx->db, &SQL_entry_merge, ARGS(V(to_viewer), V(from_viewer), V(to_viewer)), NULL);
}
