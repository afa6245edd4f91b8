/* One claim, in a job: who may, from which window, at which price, what is held, what is written.
 */
#include "account/account.h"
#include "base/arena.h"
#include "base/buf.h"
#include "cart/cart.h"
#include "room/claim.sql.h"
#include "room/claim_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const no_names[] = {
#define X(name, text) [NO_##name] = (text),
    CLAIM_NO_TABLE(X)
#undef X
};
static const char *const via_names[] = {
#define X(name, text) [VIA_##name] = (text),
    CLAIM_VIA_TABLE(X)
#undef X
};

const char *claim_no_name(enum claim_no why)
{
    return no_names[why];
}

/* ---- what there is ---- */

/* All that decides, as one statement reads it. */
struct look {
    int64_t listing_id, show_id, product_id, each, shop_id, hold_s, has, deal_id, opens_ms,
        closes_ms, deal_each, deal_variant, deal_amount;
    const char *listing, *code, *listing_state, *mode, *show, *show_state, *rule, *product_state,
        *deal_state;
    bool open, market, banned;
};

struct pick {
    int64_t id, amount;
    const char *public_id, *options;
    bool waits; /* somebody, for it: who comes now waits too */
};

static enum err look_at(struct tx *tx, const struct buyer *b, const struct claim_want *want,
                        struct look *k)
{
    const struct val device = b->device ? V(b->device) : VNULL;
    if (!id_ok(want->listing, "lst"))
        return problem(tx->cx, ERR_NOT_FOUND, "no such listing");
    enum err e =
        db_row(tx->db, tx->cx->arena, &SQL_claim_look,
               ARGS(V(b->market), V(b->viewer_id), device, V(tx->cx->now_ms), V(want->listing)),
               COLS(C(&k->listing_id), C(&k->listing), C(&k->show_id), C(&k->product_id),
                    C(&k->code), C(&k->listing_state), C(&k->mode), C(&k->open), C(&k->each),
                    C(&k->show), C(&k->shop_id), C(&k->show_state), C(&k->rule), C(&k->hold_s),
                    C(&k->product_state), C(&k->has), C(&k->deal_id), C(&k->deal_state),
                    C(&k->opens_ms), C(&k->closes_ms), C(&k->deal_each), C(&k->deal_variant),
                    C(&k->deal_amount), C(&k->market), C(&k->banned)));
    if (!e && (!k->rule || !k->show_state || !k->listing_state || !k->product_state))
        return ERR_STORE; /* the schema says it cannot be */
    if (!e && want->show_id && want->show_id != k->show_id)
        e = ERR_NOT_FOUND;
    bool seen =
        !e && strcmp(k->show_state, "draft") != 0 && strcmp(k->show_state, "cancelled") != 0;
    if (!e && (!seen || strcmp(k->listing_state, "withdrawn") == 0))
        e = ERR_NOT_FOUND;
    return e == ERR_NOT_FOUND ? problem(tx->cx, e, "no such listing") : e;
}

/* The variant that was named, or the only one. *ret_no: NO_NEED_OPTION when there are several. */
static enum err pick_variant(struct tx *tx, const struct buyer *b, const struct claim_want *want,
                             const struct look *k, struct pick *v, enum claim_no *ret_no)
{
    const struct col cols[] = {C(&v->id),     C(&v->public_id), C(&v->options),
                               C(&v->amount), C(&v->waits),     {0}};
    enum err e;
    if (want->variant_id) {
        e = db_row(tx->db, tx->cx->arena, &SQL_claim_variant_id,
                   ARGS(V(b->market), V(want->variant_id), V(k->product_id)), cols);
    } else if (want->variant) {
        e = db_row(tx->db, tx->cx->arena, &SQL_claim_variant,
                   ARGS(V(b->market), V(want->variant), V(k->product_id)), cols);
    } else {
        int n = 0;
        struct rows rows =
            db_rows(tx->db, &SQL_claim_variants, ARGS(V(b->market), V(k->product_id)));
        while (rows_next(&rows, tx->cx->arena, cols))
            n++;
        e = rows_end(&rows);
        if (!e && n != 1)
            *ret_no = n ? NO_NEED_OPTION : NO_CLOSED;
    }
    return e == ERR_NOT_FOUND ? problem(tx->cx, e, "no such variant") : e;
}

/* ---- may they? ---- */

static enum err check_buyer(struct tx *tx, const struct buyer *b, const struct look *k,
                            enum claim_no *ret_no)
{
    int64_t paid = 0;
    enum err e = ERR_OK;
    if (k->banned) {
        *ret_no = NO_BANNED;
    } else if (!k->rule) {
        return ERR_STORE; /* the schema says it cannot be */
    } else if (strcmp(k->rule, "guest") != 0 && !b->account) {
        *ret_no = NO_NEED_LOGIN;
    } else if (strcmp(k->rule, "paid_before") == 0) {
        e = db_i64(tx->db, &SQL_buyer_paid, ARGS(V(b->viewer_id), V(k->shop_id)), &paid);
        if (e == ERR_NOT_FOUND || (!e && paid < 1))
            *ret_no = NO_PAID_BEFORE;
        if (e == ERR_NOT_FOUND)
            e = ERR_OK;
    }
    return e;
}

/* How it is sold now. */
struct terms {
    int64_t deal_id, deal_each, amount;
    bool deal_out; /* all of the deal is taken: wait for it */
};

static bool on_air(const struct look *k)
{
    return strcmp(k->show_state, "live") == 0 || strcmp(k->show_state, "interrupted") == 0;
}

/* The deal first: while it counts down nothing is sold, while it runs its price is the price. */
static enum err find_terms(struct claim_run *run, const struct claim_want *want, struct look *k,
                           const struct pick *v, struct terms *t, struct claim_done *done)
{
    int64_t now = run->tx->cx->now_ms;
    bool applies = k->deal_id && k->deal_amount >= 0 && k->closes_ms > now &&
                   (!k->deal_variant || k->deal_variant == v->id);
    bool counts = applies && strcmp(k->deal_state, "countdown") == 0;
    if (counts && k->opens_ms <= now) { /* the clock decides, not who sees it first */
        struct deal d;
        enum err e = deal_read_id(run->tx->db, run->tx->cx, k->deal_id, &d);
        if (!e)
            e = deal_turn(run->tx, run->r, &d);
        if (e)
            return e;
        k->deal_state = deal_state_name(d.state);
        counts = d.state == DEAL_COUNTDOWN;
    }
    bool air = on_air(k) || (want->via == VIA_STAFF && strcmp(k->show_state, "ended") == 0);
    bool window = k->open || want->via == VIA_STAFF;
    *t = (struct terms){.amount = v->amount};
    if (counts)
        done->opens_ms = k->opens_ms;
    bool active = strcmp(k->product_state, "active") == 0;
    if (!air || counts || !active || (!applies && !window))
        done->no = NO_CLOSED;
    else if (applies)
        *t = (struct terms){.deal_id = k->deal_id,
                            .deal_each = k->deal_each,
                            .amount = k->deal_amount,
                            .deal_out = strcmp(k->deal_state, "sold_out") == 0};
    if (!done->no && (t->amount < 0 || !k->market))
        done->no = NO_MARKET;
    return ERR_OK;
}

/* ---- holding ---- */

/* What a claim got. */
struct given {
    int64_t qty, line_id, until_ms;
    const char *line;
    int64_t waiting_id, waits, place;
    const char *waiting;
    enum claim_no cut; /* why not all of it */
};

static enum err hold_units(struct claim_run *run, const struct buyer *b, const struct look *k,
                           const struct pick *v, const struct terms *t, int64_t claim_id,
                           int64_t qty, struct given *g)
{
    struct cart_add add = {.viewer_id = b->viewer_id,
                           .shop_id = k->shop_id,
                           .market = b->market,
                           .variant_id = v->id,
                           .qty = qty,
                           .unit_amount = t->amount,
                           .source = t->deal_id ? LINE_DEAL : LINE_LIVE,
                           .show_id = k->show_id,
                           .listing_id = k->listing_id,
                           .claim_id = claim_id,
                           .deal_id = t->deal_id,
                           .deal_max = t->deal_each,
                           .hold_ms = k->hold_s * 1000,
                           .partial = true};
    struct cart_added got = {.qty = 0};
    line_ids(&add.ids);
    enum err e = cart_add(&run->turn, &add, &got);
    if (e == ERR_CONFLICT) { /* the cart is full */
        g->cut = NO_LIMIT;
        return ERR_OK;
    }
    if (e)
        return e;
    g->qty = got.qty;
    g->line_id = got.qty ? got.line_id : 0;
    g->line = got.qty
                  ? arena_dup(run->tx->cx->arena, add.ids.line_public, strlen(add.ids.line_public))
                  : NULL;
    g->until_ms = got.qty ? got.until_ms : 0;
    if (got.qty < qty)
        g->cut = got.cut == HOLD_LIMIT ? NO_LIMIT : NO_SOLD_OUT;
    return ERR_OK;
}

/* Who has, or waits for, all that one may have of the deal gets no more: less than 1 then. */
static enum err deal_room(struct tx *tx, const struct buyer *b, const struct terms *t, int64_t *qty)
{
    int64_t has = 0;
    if (!t->deal_id || !t->deal_each)
        return ERR_OK;
    enum err e = db_i64(tx->db, &SQL_claim_deal_has, ARGS(V(t->deal_id), V(b->viewer_id)), &has);
    if (!e && *qty > t->deal_each - has)
        *qty = t->deal_each - has;
    return e;
}

static enum err wait_for_units(struct claim_run *run, const struct buyer *b, const struct look *k,
                               const struct pick *v, const struct terms *t, int64_t claim_id,
                               int64_t qty, struct given *g)
{
    struct waiting_new w = {.shop_id = k->shop_id,
                            .variant_id = v->id,
                            .viewer_id = b->viewer_id,
                            .show_id = k->show_id,
                            .listing_id = k->listing_id,
                            .claim_id = claim_id,
                            .deal_id = t->deal_id,
                            .market = b->market,
                            .qty = qty,
                            .unit_amount = t->amount};
    struct waiting_place got;
    int64_t waits;
    enum err e = db_i64(run->tx->db, &SQL_claim_waits,
                        ARGS(V(b->viewer_id), V(k->shop_id), V(v->id), V(k->show_id)), &waits);
    if (!e) {
        g->cut = NO_LIMIT; /* in the list already */
        return ERR_OK;
    }
    if (e != ERR_NOT_FOUND)
        return e;
    waiting_ids(&w);
    e = waiting_join(&run->turn, &w, &got);
    if (e)
        return e;
    g->waiting_id = got.waiting_id;
    g->waiting = arena_dup(run->tx->cx->arena, w.public_id, strlen(w.public_id));
    g->place = got.place;
    g->waits = w.qty;
    return ERR_OK;
}

/* ---- writing ---- */

static const char *state_of(const struct given *g, int64_t asked)
{
    if (g->waiting_id)
        return "waitlisted";
    return g->qty < asked ? "partial" : "granted";
}

/* {"name_masked",…}: the line of the ticker. */
static void add_ticker(struct claim_run *run, const struct claim *c)
{
    json_t *o = json_pack("{s:s, s:s, s:o, s:I, s:I, s:s}", "name_masked", c->name_masked, "code",
                          c->code, "options", stored_json(c->options), "qty",
                          (json_int_t)(c->given ? c->given : c->asked), "place",
                          (json_int_t)c->place, "state", c->state);
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    run->show_id = c->show_id;
    if (text && run->lines < CLAIM_ITEMS_MAX)
        run->ticker[run->lines] = arena_dup(run->tx->cx->arena, text, strlen(text));
    if (text && run->lines < CLAIM_ITEMS_MAX && run->ticker[run->lines])
        run->lines++;
    free(text);
}

/* Units are held: what is left to write. */
struct pending {
    const struct buyer *b;
    const struct claim_want *want;
    struct look k;
    struct pick v;
    struct terms t;
    struct given g;
    int64_t claim_id;
    struct claim_done *done;
};

static enum err write_claim(struct claim_run *run, const struct pending *p)
{
    const struct buyer *b = p->b;
    const struct claim_want *want = p->want;
    const struct look *k = &p->k;
    const struct pick *v = &p->v;
    const struct terms *t = &p->t;
    const struct given *g = &p->g;
    char public_id[ID_TEXT], masked[MASKED_SIZE];
    struct claim_row row = {.deal_id = t->deal_id,
                            .message_id = want->message_id,
                            .item_no = want->item_no,
                            .idem = want->idem,
                            .show_public = k->show};
    id_make("clm", public_id);
    account_mask_name(b->name, masked);
    if (strchr("=+-@", masked[0])) /* the list may be opened as a spreadsheet: no formulas */
        masked[0] = '*';
    row.c = (struct claim){.id = p->claim_id,
                           .public_id = public_id,
                           .show_id = k->show_id,
                           .viewer_id = b->viewer_id,
                           .listing_id = k->listing_id,
                           .variant_id = v->id,
                           .listing_public = k->listing,
                           .variant_public = v->public_id,
                           .options = v->options,
                           .name_masked = masked,
                           .code = k->code,
                           .asked = want->qty,
                           .given = g->qty,
                           .place = g->place,
                           .state = state_of(g, want->qty),
                           .reason = g->cut ? no_names[g->cut] : NULL,
                           .market = b->market,
                           .unit_amount = t->amount,
                           .source = t->deal_id ? "deal" : "live",
                           .via = via_names[want->via],
                           .line_id = g->line_id,
                           .waiting_id = g->waiting_id,
                           .line_public = g->line,
                           .waiting_public = g->waiting,
                           .message_public = want->message,
                           .hold_until = g->until_ms,
                           .at_ms = run->tx->cx->now_ms};
    enum err e = ledger_add(run->tx, &row);
    if (!e)
        e = claim_tell(run->tx, run->r, &row.c, &p->done->text);
    if (!e)
        add_ticker(run, &row.c);
    return e;
}

/* ---- one claim ---- */

/* The same request was here before. ERR_NOT_FOUND: it was not. */
static enum err seen_before(struct tx *tx, const struct buyer *b, const struct claim_want *want,
                            struct claim_done *done)
{
    struct claim c;
    int64_t id;
    enum err e = ERR_NOT_FOUND;
    if (want->idem)
        e = db_i64(tx->db, &SQL_claim_by_idem, ARGS(V(b->viewer_id), V(want->idem)), &id);
    else if (want->message_id && want->via != VIA_COMMENT) /* a fresh message has no claims */
        e = db_i64(tx->db, &SQL_claim_by_item, ARGS(V(want->message_id), V(want->item_no)), &id);
    if (!e)
        e = claim_read_id(tx->db, tx->cx, id, &c);
    if (e)
        return e;
    bool same = strcmp(want->listing, c.listing_public) == 0;
    if (want->idem && (!same || (want->variant && c.variant_public &&
                                 strcmp(want->variant, c.variant_public) != 0)))
        return problem(tx->cx, ERR_CONFLICT, "this Idempotency-Key was used for something else");
    *done = (struct claim_done){
        .again = true, .text = claim_text(tx->cx, &c), .code = c.code, .listing = c.listing_public};
    return done->text ? ERR_OK : ERR_NO_MEMORY;
}

static enum err take_less(struct tx *tx, const struct look *k, const struct buyer *b, int64_t qty)
{
    return qty > 0 ? db_do(tx->db, &SQL_take_less, ARGS(V(qty), V(k->listing_id), V(b->viewer_id)),
                           NULL)
                   : ERR_OK;
}

/* Hold or wait for up to `most` units, and count them towards the buyer's limit. */
static enum err get_units(struct claim_run *run, const struct pending *p, int64_t most,
                          struct given *g)
{
    const struct buyer *b = p->b;
    const struct look *k = &p->k;
    int64_t changed = 0, asked = most;
    enum err e = deal_room(run->tx, b, &p->t, &most);
    if (!e && most < asked)
        g->cut = NO_LIMIT;
    if (!e && most > 0)
        e = db_do(run->tx->db, &SQL_take_more,
                  ARGS(V(k->listing_id), V(b->viewer_id), V(most), V(k->each)), &changed);
    if (e)
        return e;
    if (!changed) { /* or another of their requests was quicker, in another process */
        g->cut = NO_LIMIT;
        return ERR_OK;
    }
    bool wait = p->t.deal_out || p->v.waits || p->want->how == CLAIM_WAIT;
    enum claim_no cut = g->cut;
    g->cut = wait ? NO_SOLD_OUT : NO_NOT;
    if (!wait)
        e = hold_units(run, b, k, &p->v, &p->t, p->claim_id, most, g);
    if (!e && !g->qty && g->cut != NO_LIMIT && p->want->how != CLAIM_NOW)
        e = wait_for_units(run, b, k, &p->v, &p->t, p->claim_id, most, g);
    if (!g->cut || g->waiting_id)
        g->cut = cut;
    return e ? e : take_less(run->tx, k, b, most - g->qty - g->waits);
}

/* Look, decide, hold. p->done->no says when it is refused. */
static enum err hold_claim(struct claim_run *run, struct pending *p)
{
    enum claim_no *no = &p->done->no;
    enum err e = look_at(run->tx, p->b, p->want, &p->k);
    if (!e)
        e = check_buyer(run->tx, p->b, &p->k, no);
    if (!e && !*no)
        e = pick_variant(run->tx, p->b, p->want, &p->k, &p->v, no);
    if (!e && !*no)
        e = find_terms(run, p->want, &p->k, &p->v, &p->t, p->done);
    if (e)
        return e;
    p->done->code = p->k.code;
    p->done->listing = p->k.listing;
    int64_t most = p->k.each - p->k.has;
    if (!*no && (most < 1 || run->count == CLAIM_ITEMS_MAX))
        *no = NO_LIMIT;
    if (*no)
        return ERR_OK;
    if (p->want->qty > most)
        p->g.cut = NO_LIMIT;
    else
        most = p->want->qty;
    e = get_units(run, p, most, &p->g);
    if (!e && !p->g.qty && !p->g.waiting_id)
        *no = p->g.cut ? p->g.cut : NO_SOLD_OUT;
    return e;
}

enum err claim_one(struct claim_run *run, const struct buyer *b, const struct claim_want *want,
                   struct claim_done *ret_done)
{
    assert(b->viewer_id && b->name && b->market && want->qty >= 1 && want->qty <= CLAIM_QTY_MAX);
    struct pending *p = arena_new(run->tx->cx->arena, struct pending);
    if (!p)
        return ERR_NO_MEMORY;
    *ret_done = (struct claim_done){.no = NO_NOT};
    enum err e = seen_before(run->tx, b, want, ret_done);
    if (e != ERR_NOT_FOUND)
        return e;
    *p = (struct pending){.b = b, .want = want, .claim_id = id_next(), .done = ret_done};
    e = hold_claim(run, p); /* the id: nobody knows it before the commit */
    if (!e && !ret_done->no)
        run->pending[run->count++] = p;
    return e;
}

enum err claim_tell_no(struct tx *tx, struct room *r, int64_t show_id, const struct buyer *b,
                       const struct claim_want *want, const struct claim_done *done)
{
    const struct event ev = {.show_id = show_id,
                             .type = "claim.result",
                             .audience = AUDIENCE_VIEWER,
                             .viewer_id = b->viewer_id};
    return event_add(tx, r, &ev,
                     json_pack("{s:n, s:s?, s:s?, s:I, s:i, s:s, s:s, s:s?, s:o}", "id",
                               "listing_id", done->listing, "code", done->code, "asked",
                               (json_int_t)want->qty, "given", 0, "state", "rejected", "reason",
                               no_names[done->no], "message_id", want->message, "opens_at",
                               show_ms_json(done->opens_ms)));
}

/* ---- a job's claims ---- */

void claim_run_begin(struct claim_run *run, struct tx *tx, struct room *r)
{
    *run = (struct claim_run){.tx = tx, .r = r};
    turn_begin(&run->turn, tx, &r->watch);
}

/* What the ticker gets once it is true. */
struct told {
    struct room *r;
    int64_t show_id;
    size_t lines;
    const char *line[CLAIM_ITEMS_MAX];
};

static void tell_ticker(void *arg)
{
    const struct told *t = arg;
    for (size_t i = 0; i < t->lines; i++)
        pulse_ticker(t->r, t->show_id, t->line[i]);
}

enum err claim_run_number(struct claim_run *run)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < run->count; i++) {
        struct pending *p = run->pending[i];
        if (p->g.waiting_id)
            continue;
        e = db_do(run->tx->db, &SQL_listing_place, ARGS(V(p->k.listing_id)), NULL);
        if (!e)
            e = db_i64(run->tx->db, &SQL_listing_placed, ARGS(V(p->k.listing_id)), &p->g.place);
    }
    run->numbered = true;
    if (e || !run->count)
        return e;
    return db_do(run->tx->db, &SQL_ledger_lock, ARGS(V(run->pending[0]->k.show_id)), NULL);
}

enum err claim_run_end(struct claim_run *run)
{
    enum err e = run->numbered ? ERR_OK : claim_run_number(run);
    for (size_t i = 0; !e && i < run->count; i++)
        e = write_claim(run, run->pending[i]);
    if (e)
        return e;
    if (run->lines) {
        struct told *t = arena_new(run->tx->cx->arena, struct told);
        if (!t)
            return ERR_NO_MEMORY;
        *t = (struct told){.r = run->r, .show_id = run->show_id, .lines = run->lines};
        memcpy(t->line, run->ticker, run->lines * sizeof run->ticker[0]);
        tx_after_commit(run->tx, tell_ticker, t);
    }
    run->r->fresh = run;
    e = turn_end(&run->turn);
    run->r->fresh = NULL;
    return e;
}

bool claim_run_made(const struct claim_run *run, int64_t claim_id)
{
    for (size_t i = 0; run && i < run->count; i++)
        if (run->pending[i]->claim_id == claim_id)
            return true;
    return false;
}
