/* Claims by tap and by staff, taking them back, and the lists of them. */
#include "room/claim.h"
#include "account/account.h"
#include "account/limit.h"
#include "base/arena.h"
#include "cart/cart.h"
#include "room/claim.sql.h"
#include "room/claim_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum err claim_refused(struct cx *cx, enum claim_no why)
{
    switch (why) {
    case NO_CLOSED: return problem(cx, ERR_CLOSED, "it is not open for claims");
    case NO_SOLD_OUT: return problem(cx, ERR_SOLD_OUT, "it is sold out");
    case NO_LIMIT: return problem(cx, ERR_LIMIT, "that is all that one buyer may have");
    case NO_BANNED: return problem(cx, ERR_MUTED, "you may not buy here");
    case NO_NEED_OPTION: return problem(cx, ERR_NEED_OPTION, "'variant_id' must say which one");
    case NO_NEED_LOGIN: return problem(cx, ERR_NEED_LOGIN, "sign in to claim in this show");
    case NO_PAID_BEFORE:
        return problem(cx, ERR_RULE, "this show is for those who have bought here before");
    case NO_MARKET: return problem(cx, ERR_MARKET, "it is not sold in your market");
    case NO_NOT:
    case NO_UNKNOWN_CODE:
    case NO_COUNT: break;
    }
    return problem(cx, ERR_NOT_FOUND, "no such listing");
}

struct buyer buyer_of(const struct room_who *who)
{
    return (struct buyer){.viewer_id = who->viewer_id,
                          .name = who->name ? who->name : "",
                          .market = who->market ? who->market
                                                : account_market(who->lang ? who->lang : ""),
                          .account = who->account,
                          .device = device_hash(who->device)};
}

enum err buyer_read(struct db *db, struct cx *cx, int64_t viewer_id, struct buyer *ret_buyer)
{
    struct viewer v;
    enum err e = viewer_by_id(db, cx->arena, viewer_id, &v);
    if (e)
        return e == ERR_NOT_FOUND ? problem(cx, e, "no such buyer") : e;
    *ret_buyer = (struct buyer){
        .viewer_id = v.id, .name = v.name, .market = v.market, .account = v.kind == VIEWER_ACCOUNT};
    return ERR_OK;
}

static enum err answer(const struct claim_done *done, json_t **ret_claim)
{
    json_t *o = json_loads(done->text, 0, NULL);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_claim = o;
    return ERR_OK;
}

static enum err check_ask(struct cx *cx, const struct claim_ask *ask)
{
    if (ask->qty < 1 || ask->qty > CLAIM_QTY_MAX)
        return problem(cx, ERR_INPUT, "'qty' must be 1 to %d", CLAIM_QTY_MAX);
    if (ask->variant && !id_ok(ask->variant, "var"))
        return problem(cx, ERR_NOT_FOUND, "no such variant");
    return ERR_OK;
}

/* ---- by tap ---- */

struct tap_job {
    struct room *r;
    struct buyer buyer;
    struct claim_want want;
    struct claim_done done;
};

static enum err tap_run(struct tx *tx, void *arg)
{
    struct tap_job *j = arg;
    struct claim_run run;
    claim_run_begin(&run, tx, j->r);
    enum err e = claim_one(&run, &j->buyer, &j->want, &j->done);
    if (!e && j->done.no)
        return claim_refused(tx->cx, j->done.no); /* nothing stays of it */
    return e ? e : claim_run_end(&run);
}

static enum err tap_allowed(struct room *r, struct cx *cx, const struct room_who *who,
                            int64_t *ret_wait_ms)
{
    char key[24];
    (void)snprintf(key, sizeof key, "%" PRId64, who->viewer_id);
    enum err e = limit_take_both(r->limits, LIMIT_CLAIM_VIEWER, key, LIMIT_CLAIM_ADDR, who->fence,
                                 cx->now_ms, ret_wait_ms);
    return e ? problem(cx, e, "claims come too quickly") : ERR_OK;
}

enum err claim_tap(struct room *r, struct cx *cx, const struct room_who *who,
                   const struct claim_ask *ask, json_t **ret_claim, bool *ret_again,
                   struct claim_refusal *ret_refusal)
{
    struct tap_job j = {.r = r, .buyer = buyer_of(who)};
    enum err e = check_ask(cx, ask);
    if (!e && (!who->viewer_id || !who->name))
        e = problem(cx, ERR_NEED_LOGIN, "say your name first");
    if (!e)
        e = tap_allowed(r, cx, who, &ret_refusal->wait_ms);
    if (e)
        return e;
    j.want = (struct claim_want){.listing = ask->listing,
                                 .variant = ask->variant,
                                 .qty = ask->qty,
                                 .via = VIA_TAP,
                                 .how = ask->how,
                                 .idem = ask->idem};
    e = store_do(r->store, cx, "claim.tap", tap_run, &j);
    if (e == ERR_CLOSED)
        ret_refusal->opens_ms = j.done.opens_ms;
    if (!e)
        e = answer(&j.done, ret_claim);
    if (!e)
        *ret_again = j.done.again;
    return e;
}

static enum err ruled_now(struct db *db, struct cx *cx, const char *variant, const char *listing,
                          struct claim_ruling *ret_ruling)
{
    struct claim_ruling by = {.listing = NULL};
    enum err e = db_row(db, cx->arena, &SQL_claim_ruled, ARGS(V(variant), V(listing)),
                        COLS(C(&by.listing), C(&by.shop_id), C(&by.deal)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    *ret_ruling = by;
    return ERR_OK;
}

enum err claim_ruled(struct db *db, struct cx *cx, const struct claim_rule_ask *ask,
                     struct claim_ruling *ret_ruling)
{
    struct claim_ruling by = {.listing = NULL};
    enum err e = db_row(db, cx->arena, &SQL_claim_of_key, ARGS(V(ask->viewer_id), V(ask->idem)),
                        COLS(C(&by.listing), C(&by.shop_id)));
    if (e == ERR_NOT_FOUND)
        return ruled_now(db, cx, ask->variant, ask->listing, ret_ruling);
    if (!e)
        *ret_ruling = by;
    return e;
}

enum err claim_ruled_line(struct db *db, struct cx *cx, int64_t line_id, const char **ret_variant,
                          struct claim_ruling *ret_ruling)
{
    const char *variant = NULL, *listing = NULL;
    enum err e =
        db_row(db, cx->arena, &SQL_line_seen_at, ARGS(V(line_id)), COLS(C(&variant), C(&listing)));
    if (!e)
        e = ruled_now(db, cx, variant, listing, ret_ruling);
    if (!e)
        *ret_variant = variant;
    return e;
}

/* ---- by staff ---- */

struct assist_job {
    struct room *r;
    const struct room_who *who;
    const char *show;
    const struct claim_assist *ask;
    const char *idem;
    int64_t audit_id;
    struct claim_done done;
};

/* The writer of a message of this show, or the buyer of a claim of it. */
static enum err find_buyer(struct tx *tx, const struct assist_job *j, const struct show *s,
                           struct buyer *b)
{
    struct claim c;
    int64_t viewer_id = 0;
    enum err e = ERR_NOT_FOUND;
    if (j->ask->message) {
        e = db_i64(tx->db, &SQL_message_buyer, ARGS(V(j->ask->message), V(s->id)), &viewer_id);
        if (e == ERR_NOT_FOUND)
            e = problem(tx->cx, e, "no such message");
    } else {
        e = claim_read(tx->db, tx->cx, j->ask->claim, &c);
        if (!e && c.show_id != s->id)
            e = problem(tx->cx, ERR_NOT_FOUND, "no such claim");
        viewer_id = e ? 0 : c.viewer_id;
    }
    return e ? e : buyer_read(tx->db, tx->cx, viewer_id, b);
}

static enum err assist_run(struct tx *tx, void *arg)
{
    struct assist_job *j = arg;
    struct claim_run run;
    struct buyer b;
    struct show s;
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_CLAIMS_ASSIST, &s);
    if (!e)
        e = find_buyer(tx, j, &s, &b);
    if (e)
        return e;
    const struct claim_want want = {.listing = j->ask->ask.listing,
                                    .variant = j->ask->ask.variant,
                                    .qty = j->ask->ask.qty,
                                    .via = VIA_STAFF,
                                    .show_id = s.id,
                                    .idem = j->idem};
    claim_run_begin(&run, tx, j->r);
    e = claim_one(&run, &b, &want, &j->done);
    if (!e && j->done.no)
        return claim_refused(tx->cx, j->done.no);
    if (!e)
        e = claim_run_end(&run);
    return e ? e
             : room_note(tx, j->who, j->audit_id, s.shop_id, "claim.assist", j->ask->ask.listing);
}

enum err claim_assist(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                      const struct claim_assist *ask, json_t **ret_claim, bool *ret_again)
{
    struct assist_job j = {.r = r, .who = who, .show = show, .ask = ask, .audit_id = id_next()};
    enum err e = check_ask(cx, &ask->ask);
    if (!e && !ask->message == !ask->claim)
        e = problem(cx, ERR_INPUT, "'message_id' or 'claim_id' must say for whom");
    if (e)
        return e;
    if (ask->ask.idem) { /* the buyer's own keys are others */
        j.idem = arena_fmt(cx->arena, "staff:%s", ask->ask.idem);
        if (!j.idem)
            return ERR_NO_MEMORY;
    }
    e = store_do(r->store, cx, "claim.assist", assist_run, &j);
    if (!e)
        e = answer(&j.done, ret_claim);
    if (!e)
        *ret_again = j.done.again;
    return e;
}

/* ---- fewer, or none ---- */

enum err claim_fewer(struct claim_run *run, const struct claim *c, int64_t qty)
{
    struct tx *tx = run->tx;
    struct cart_line line;
    bool waits = strcmp(c->state, "waitlisted") == 0;
    bool held = strcmp(c->state, "granted") == 0 || strcmp(c->state, "partial") == 0 ||
                strcmp(c->state, "reduced") == 0;
    if ((!waits && !held) || (waits && qty > 0))
        return problem(tx->cx, ERR_TRANSITION, "the claim is %s", c->state);
    if (waits)
        return waiting_leave(&run->turn, c->waiting_public, c->viewer_id);
    if (qty > c->given)
        return problem(tx->cx, ERR_INPUT, "'qty' can only be fewer than %" PRId64, c->given);
    if (qty == c->given)
        return ERR_OK;
    enum err e = line_get_id(tx->db, tx->cx, c->line_id, &line);
    if (!e && qty == 0) {
        e = line_remove(&run->turn, &line);
    } else if (!e) {
        struct hold_got got;
        e = line_set_qty(&run->turn, &line, &(struct line_qty){.qty = qty}, &got);
    }
    if (e == ERR_NOT_FOUND || e == ERR_CONFLICT)
        return problem(tx->cx, ERR_TRANSITION, "it is not held any more");
    return e;
}

struct reduce_job {
    struct room *r;
    const struct room_who *who;
    const char *claim;
    int64_t qty, audit_id;
    const char *text;
};

static enum err reduce_check(struct tx *tx, const struct reduce_job *j, const struct claim *c,
                             struct show *s, bool *ret_staff)
{
    struct sale sale;
    enum err e = show_read_id(tx->db, tx->cx, c->show_id, s);
    if (e)
        return e;
    *ret_staff = account_may(room_role(j->who, s->shop_id), ACTION_CLAIMS_ASSIST);
    if (*ret_staff)
        return ERR_OK;
    if (!j->who->viewer_id || c->viewer_id != j->who->viewer_id)
        return problem(tx->cx, ERR_NOT_FOUND, "no such claim");
    e = sale_read(tx->db, tx->cx, s->id, &sale);
    if (!e && !sale.set.cancel_ok)
        e = problem(tx->cx, ERR_FORBIDDEN, "claims of this show are not taken back");
    return e;
}

static enum err reduce_run(struct tx *tx, void *arg)
{
    struct reduce_job *j = arg;
    struct claim_run run;
    struct claim c;
    struct show s = {0};
    bool staff = false;
    enum err e = claim_read(tx->db, tx->cx, j->claim, &c);
    if (!e)
        e = reduce_check(tx, j, &c, &s, &staff);
    if (e)
        return e;
    claim_run_begin(&run, tx, j->r);
    e = claim_fewer(&run, &c, j->qty);
    if (!e)
        e = claim_run_end(&run); /* the news of it move the claim */
    if (!e)
        e = claim_read(tx->db, tx->cx, j->claim, &c);
    if (e)
        return e;
    j->text = claim_text(tx->cx, &c);
    if (!j->text)
        return ERR_NO_MEMORY;
    return staff ? room_note(tx, j->who, j->audit_id, s.shop_id, "claim.reduce", j->claim) : ERR_OK;
}

enum err claim_reduce(struct room *r, struct cx *cx, const struct room_who *who, const char *claim,
                      int64_t qty, json_t **ret_claim)
{
    struct reduce_job j = {.r = r, .who = who, .claim = claim, .qty = qty, .audit_id = id_next()};
    if (qty < 0 || qty > CLAIM_QTY_MAX)
        return problem(cx, ERR_INPUT, "'qty' must be 0 to %d", CLAIM_QTY_MAX);
    enum err e = store_do(r->store, cx, "claim.reduce", reduce_run, &j);
    return e ? e : answer(&(struct claim_done){.text = j.text}, ret_claim);
}

/* ---- lists ---- */

static enum err read_page(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                          bool names, size_t max, json_t *items, int64_t *ret_last)
{
    struct claim c = {.id = 0};
    const char *name;
    struct col cols[CLAIM_COLUMNS + 2];
    size_t n = 0;
    claim_columns(&c, cols);
    cols[CLAIM_COLUMNS] = C(&name);
    cols[CLAIM_COLUMNS + 1] = (struct col){0};
    struct rows rows = db_rows(db, q, args);
    while (n < max && rows_next(&rows, cx->arena, cols)) {
        const char *text = claim_text(cx, &c);
        json_t *o = text ? json_loads(text, 0, NULL) : NULL;
        if (o && names) {
            (void)json_object_set_new(o, "name", json_string(c.name_masked));
            (void)json_object_set_new(o, "viewer_name", json_string(name));
        }
        (void)json_array_append_new(items, o);
        *ret_last = c.seq_no;
        c = (struct claim){.id = 0};
        n++;
    }
    enum err e = rows_end(&rows);
    return e || json_array_size(items) == n ? e : ERR_NO_MEMORY;
}

enum err claim_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                    const char *show, int64_t after, int limit, json_t **ret_list)
{
    struct show s;
    struct sale sale;
    int64_t last = after;
    size_t max = limit ? (size_t)limit : 100;
    if (limit < 0 || limit > CLAIM_PAGE_MAX)
        return problem(cx, ERR_INPUT, "'limit' must be 1 to %d", CLAIM_PAGE_MAX);
    enum err e = show_find_for(r, db, cx, who, show, ACTION_CLAIMS_SEE, &s);
    if (!e)
        e = sale_read(db, cx, s.id, &sale);
    if (e)
        return e;
    json_t *items = json_array();
    e = read_page(db, cx, &SQL_claims_of_show, ARGS(V(s.id), V(after), V((int64_t)max)), true, max,
                  items, &last);
    if (e) {
        json_decref(items);
        return e;
    }
    bool full = json_array_size(items) == max;
    *ret_list = json_pack("{s:o, s:o, s:o}", "items", items, "head", claims_head_json(&sale),
                          "next", full ? json_integer(last) : json_null());
    return *ret_list ? ERR_OK : ERR_NO_MEMORY;
}

enum err claim_mine(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                    const char *show, json_t **ret_list)
{
    struct show s;
    int64_t last;
    json_t *items = json_array();
    enum err e = show_find(r, db, cx, who, show, &s);
    if (!e && who->viewer_id)
        e = read_page(db, cx, &SQL_claims_of_viewer,
                      ARGS(V(who->viewer_id), V(s.id), V(INT64_C(0) + CLAIM_PAGE_MAX)), false,
                      CLAIM_PAGE_MAX, items, &last);
    if (e) {
        json_decref(items);
        return e;
    }
    *ret_list = json_pack("{s:o}", "items", items);
    return *ret_list ? ERR_OK : ERR_NO_MEMORY;
}
