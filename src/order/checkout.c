/* From a cart to an order, in one transaction. */
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "order/coupons_in.h"
#include "order/day.h"
#include "order/invoice.h"
#include "order/order.sql.h"
#include "order/order_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSENT_VERSION "2026-11"

struct buy {
    struct orders *o;
    const struct room_who *who;
    const struct checkout *ask;
    const struct market *market;
    const char *address, *invoice, *note, *idem;
    char public_id[ID_TEXT], secret[ORDER_SECRET_SIZE];
    unsigned char hash[SHA256_LEN];
    int64_t order_id, audit_id, shop_id;
    struct payment_new payment;
    /* made by the job */
    int64_t found_id; /* the order that was there before */
    struct quote q;
    char no[ORDER_NO_SIZE];
};

/* ---- pieces of the job ---- */

static enum err next_number(struct tx *tx, const struct market *m, int64_t shop_id,
                            char out[ORDER_NO_SIZE])
{
    char day[ORDER_DAY_TEXT];
    int64_t n;
    day_order_text(m, tx->cx->now_ms, day);
    enum err e = db_i64(tx->db, &SQL_order_number, ARGS(V(shop_id), V((const char *)day)), &n);
    if (!e)
        (void)snprintf(out, ORDER_NO_SIZE, "%s-%04" PRId64, day, n);
    return e;
}

static bool ticked(const json_t *exempt, size_t no)
{
    for (size_t i = 0; i < json_array_size(exempt); i++)
        if (json_integer_value(json_array_get(exempt, i)) == (json_int_t)no)
            return true;
    return false;
}

static enum err check_exempt(struct cx *cx, const struct buy *b)
{
    for (size_t i = 0; !b->ask->assisted && i < b->q.count; i++)
        if (strcmp(b->q.items[i].exempt, "none") != 0 && !ticked(b->ask->consent.exempt, i + 1))
            return problem(cx, ERR_INPUT, "'consents.exempt' must have line %zu", i + 1);
    return ERR_OK;
}

/* The confirm page is the contract (I14). */
static enum err check_quote(struct cx *cx, const struct buy *b)
{
    const struct quote *q = &b->q;
    if (q->gone)
        return problem(cx, ERR_CONFLICT, "a line is not for sale any more");
    if (!q->at.active)
        return problem(cx, ERR_CONFLICT, "the shop does not sell there now");
    if (q->sum.total && (!q->method || strcmp(q->method->id, b->ask->pay_method) != 0))
        return problem(cx, ERR_INPUT, "'pay_method' cannot be had for this order");
    if (q->sum.total && !b->invoice && invoice_wanted(b->market))
        return problem(cx, ERR_INPUT, "'invoice' is missing");
    if (!b->ask->assisted && strcmp(q->hash, b->ask->quote_hash) != 0)
        return problem(cx, ERR_PRICE_CHANGED, "the cart is not what the page showed");
    return check_exempt(cx, b);
}

static bool paid_later(const struct buy *b)
{
    return b->q.sum.total && !b->q.method->provider->confirms_at_once;
}

static int64_t show_of(const struct quote *q)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->items[i].line.show_id)
            return q->items[i].line.show_id;
    return 0;
}

static struct val id_or_null(int64_t id)
{
    return id ? V(id) : VNULL;
}

static enum err insert_order(struct tx *tx, const struct buy *b, int64_t expires_ms)
{
    const struct quote *q = &b->q;
    const struct sum *s = &q->sum;
    bool later = paid_later(b);
    return db_do(tx->db, &SQL_order_insert,
                 ARGS(V(b->order_id), V((const char *)b->public_id), V((const char *)b->no),
                      V(q->cart.shop_id), V(q->cart.viewer_id), V(q->cart.id),
                      id_or_null(show_of(q)), V(q->at.market->code), V(q->at.market->currency),
                      V(order_state_name(later ? ORDER_AWAITING_PAYMENT : ORDER_CONFIRMED)),
                      V(s->subtotal), V(s->discount), V(s->shipping), V(s->tax), V(s->total),
                      id_or_null(q->coupon.id), V(delivery_name(q->delivery)), V(b->address),
                      V(b->invoice), V(b->note), V(q->method ? q->method->id : "none"),
                      VBLOB(b->hash, sizeof b->hash), V(b->idem), V((const char *)q->hash),
                      id_or_null(expires_ms), later ? VNULL : V(tx->cx->now_ms), V(tx->cx->now_ms)),
                 NULL);
}

static enum err insert_line(struct tx *tx, const struct buy *b, size_t i, int64_t line_id)
{
    const struct cart_item *it = &b->q.items[i];
    const struct sum_line *l = &b->q.lines[i];
    return db_do(tx->db, &SQL_order_line_insert,
                 ARGS(V(line_id), V(b->order_id), V((int64_t)i + 1), V(it->line.variant_id),
                      V(it->title), V(it->options), V(it->code),
                      V(image_text(tx->cx, it->image_key, it->image_builtin)), V(l->qty),
                      V(l->unit), V(l->discount), V(l->tax), V(line_source_name(it->line.source)),
                      id_or_null(it->line.show_id), id_or_null(it->line.claim_id),
                      V(it->line.hold_id), V(it->exempt)),
                 NULL);
}

/* Where a line stood, so that holds can be taken by variant while lines count by age. */
struct place {
    int64_t variant_id, line_id;
    size_t at;
};

static int by_variant(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->variant_id != y->variant_id)
        return x->variant_id < y->variant_id ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static enum err move_holds(struct stock_turn *turn, const struct buy *b, struct place *places,
                           int64_t until_ms)
{
    enum err e = ERR_OK;
    if (b->q.count)
        qsort(places, b->q.count, sizeof *places, by_variant);
    for (size_t i = 0; !e && i < b->q.count; i++) {
        int64_t hold_id = b->q.items[places[i].at].line.hold_id;
        e = until_ms ? hold_move(turn, hold_id, HOLD_ORDER, places[i].line_id, until_ms)
                     : hold_sell(turn, hold_id, places[i].line_id, b->no);
    }
    return e == ERR_NOT_FOUND ? ERR_STORE : e; /* held lines have active holds */
}

static enum err insert_lines(struct stock_turn *turn, const struct buy *b, int64_t until_ms)
{
    enum err e = ERR_OK;
    struct place *places = arena_array(turn->tx->cx->arena, struct place, b->q.count + 1);
    if (!places)
        return ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < b->q.count; i++) {
        places[i] = (struct place){b->q.items[i].line.variant_id, id_next(), i};
        e = insert_line(turn->tx, b, i, places[i].line_id);
    }
    return e ? e : move_holds(turn, b, places, until_ms);
}

static enum err insert_consents(struct tx *tx, const struct buy *b)
{
    const struct {
        bool given;
        const char *kind;
    } all[] = {{b->ask->consent.terms, "terms"},
               {b->ask->consent.privacy, "privacy"},
               {b->ask->consent.withdrawal_notice, "withdrawal_notice"},
               {b->ask->consent.marketing, "marketing"},
               {json_array_size(b->ask->consent.exempt) > 0, "exempt_notice"}};
    enum err e = ERR_OK;
    for (size_t i = 0; !e && !b->ask->assisted && i < sizeof all / sizeof all[0]; i++)
        if (all[i].given)
            e = db_do(tx->db, &SQL_consent_insert,
                      ARGS(V(id_next()), V(b->q.cart.viewer_id), V(all[i].kind), V(CONSENT_VERSION),
                           V((const char *)b->no), V(tx->cx->now_ms)),
                      NULL);
    return e;
}

static enum err keep_address(struct tx *tx, const struct buy *b)
{
    int64_t changed = 0;
    const char *market = b->q.at.market->code;
    enum err e =
        db_do(tx->db, &SQL_address_touch,
              ARGS(V(tx->cx->now_ms), V(b->q.cart.viewer_id), V(market), V(b->address)), &changed);
    if (!e && !changed)
        e = db_do(tx->db, &SQL_address_insert,
                  ARGS(V(id_next()), V(b->q.cart.viewer_id), V(market),
                       V(delivery_name(b->q.delivery)), V(b->address), V(tx->cx->now_ms)),
                  NULL);
    return e;
}

static enum err start_payment(struct tx *tx, const struct buy *b, int64_t expires_ms)
{
    if (!b->q.sum.total)
        return ERR_OK;
    return payment_start(tx, &b->payment, b->order_id, b->q.method, b->q.sum.total,
                         b->q.at.market->currency, expires_ms);
}

static enum err write_order(struct stock_turn *turn, struct buy *b)
{
    struct tx *tx = turn->tx;
    bool later = paid_later(b);
    int64_t expires_ms = later ? tx->cx->now_ms + b->q.minutes * 60000 : 0;
    enum err e = next_number(tx, b->q.at.market, b->q.cart.shop_id, b->no);
    if (!e)
        e = insert_order(tx, b, expires_ms);
    if (!e)
        e = insert_lines(turn, b, later ? expires_ms + ORDER_GRACE_MS : 0);
    if (!e)
        e = start_payment(tx, b, expires_ms);
    if (!e)
        e = coupon_use_for(tx, &b->q, b->order_id);
    if (!e)
        e = insert_consents(tx, b);
    if (!e)
        e = keep_address(tx, b);
    if (!e)
        e = order_step(tx, b->order_id, "ordered", b->who->viewer_id);
    if (e || later)
        return e;
    const struct invoice_new invoice = {.order_id = b->order_id,
                                        .shop_id = b->q.cart.shop_id,
                                        .total = b->q.sum.total,
                                        .market = b->q.at.market->code};
    e = order_step(tx, b->order_id, "confirmed", 0);
    if (!e)
        e = order_mail_receipt(b->o, tx, b->order_id);
    return e ? e : invoice_begin(tx, &invoice);
}

/* ---- the job ---- */

/* A buyer's key is theirs; on a bill and by staff it is of the cart's buyer. */
static bool key_is_own(const struct buy *b)
{
    return b->who->viewer_id && !b->ask->assisted && !b->ask->cart.bill;
}

/* An order that this key of the viewer's has made already, of what is asked for. ERR_NOT_FOUND */
static enum err order_of_key(struct db *db, struct cx *cx, int64_t viewer_id, struct buy *b)
{
    int64_t id;
    const char *cart, *shop, *market;
    const struct cart_ref *ref = &b->ask->cart;
    enum err e = db_row(db, cx->arena, &SQL_order_of_key, ARGS(V(viewer_id), V(b->idem)),
                        COLS(C(&id), C(&cart), C(&shop), C(&market)));
    if (e)
        return e;
    bool same = ref->cart ? strcmp(ref->cart, cart) == 0
                          : (!ref->shop || strcmp(ref->shop, shop) == 0) &&
                                (!ref->market || strcmp(ref->market, market) == 0);
    if (!same)
        return problem(cx, ERR_CONFLICT, "this Idempotency-Key made another order");
    b->found_id = id;
    return ERR_OK;
}

/* Before any cart is looked for: the one that made the order is open no more. ERR_NOT_FOUND */
static enum err find_by_key(struct db *db, struct cx *cx, struct buy *b)
{
    return key_is_own(b) ? order_of_key(db, cx, b->who->viewer_id, b) : ERR_NOT_FOUND;
}

/* An order that this key or this cart has made already. ERR_NOT_FOUND: none. */
static enum err find_made(struct tx *tx, struct buy *b, const struct cart *cart, bool open)
{
    enum err e = key_is_own(b) ? ERR_NOT_FOUND : order_of_key(tx->db, tx->cx, cart->viewer_id, b);
    if (e == ERR_NOT_FOUND && !open)
        e = db_i64(tx->db, &SQL_order_of_cart, ARGS(V(cart->id)), &b->found_id);
    return e;
}

static enum err note_assisted(struct tx *tx, const struct buy *b)
{
    const struct audit a = {.id = b->audit_id,
                            .actor_id = b->who->viewer_id,
                            .shop_id = b->q.cart.shop_id,
                            .action = "order.assist",
                            .object = b->public_id,
                            .addr = b->who->addr};
    return b->ask->assisted ? audit_write(tx, &a) : ERR_OK;
}

static enum err tell_made(struct tx *tx, const struct buy *b)
{
    const struct order_row r = {.id = b->order_id,
                                .no = b->no,
                                .show_id = show_of(&b->q),
                                .viewer_id = b->q.cart.viewer_id,
                                .total = b->q.sum.total,
                                .state = paid_later(b) ? ORDER_AWAITING_PAYMENT : ORDER_CONFIRMED};
    return order_tell_status(b->o, tx, &r,
                             paid_later(b) ? STATUS_AWAITING_PAYMENT : STATUS_PREPARING);
}

/* Another process was quicker with this cart: its order is the answer, if it made one. */
static enum err taken_already(struct tx *tx, struct buy *b, const struct cart *cart)
{
    enum err e = db_i64(tx->db, &SQL_order_of_cart, ARGS(V(cart->id)), &b->found_id);
    return e == ERR_NOT_FOUND
               ? problem(tx->cx, ERR_CONFLICT, "nothing is held in this cart any more")
               : e;
}

static enum err take_cart(struct stock_turn *turn, struct buy *b, const struct cart *cart)
{
    struct cart_item *items;
    size_t n;
    const struct quote_ask ask = {b->ask->delivery, b->ask->pay_method, b->ask->coupon};
    enum err e = cart_take_for_order(turn, cart->id, &items, &n);
    if (e == ERR_NOT_FOUND || e == ERR_CONFLICT)
        return taken_already(turn->tx, b, cart);
    if (!e)
        e = quote_make(b->o, turn->tx->db, turn->tx->cx, cart, items, n, &ask, &b->q);
    return e ? e : check_quote(turn->tx->cx, b);
}

static enum err buy_job(struct tx *tx, void *arg)
{
    struct buy *b = arg;
    struct stock_turn turn;
    struct cart cart;
    bool open;
    b->found_id = 0;
    enum err e = find_by_key(tx->db, tx->cx, b);
    if (e != ERR_NOT_FOUND)
        return e;
    e = cart_by_ref(tx->db, tx->cx, b->who, &b->ask->cart, b->ask->assisted, &cart, &open);
    if (e)
        return e;
    e = find_made(tx, b, &cart, open);
    if (e != ERR_NOT_FOUND)
        return e;
    turn_begin(&turn, tx, b->o->watch);
    e = take_cart(&turn, b, &cart);
    if (e || b->found_id)
        return e;
    e = write_order(&turn, b);
    if (!e)
        e = note_assisted(tx, b);
    if (!e)
        e = turn_end(&turn);
    return e ? e : tell_made(tx, b);
}

/* ---- before and after ---- */

static enum err check_consents(struct cx *cx, const struct checkout *ask)
{
    if (ask->assisted)
        return ERR_OK;
    if (!ask->consent.terms)
        return problem(cx, ERR_INPUT, "'consents.terms' must be given");
    if (!ask->consent.privacy)
        return problem(cx, ERR_INPUT, "'consents.privacy' must be given");
    if (!ask->consent.withdrawal_notice)
        return problem(cx, ERR_INPUT, "'consents.withdrawal_notice' must be given");
    return ERR_OK;
}

static enum err tidy_note(struct cx *cx, const char *typed, const char **ret_note)
{
    *ret_note = NULL;
    if (!typed || !typed[0])
        return ERR_OK;
    char *note = arena_dup(cx->arena, typed, strlen(typed));
    if (!note)
        return ERR_NO_MEMORY;
    size_t len = text_tidy(note, strlen(note));
    note[len] = '\0';
    if (text_chars(note, len) > ORDER_NOTE_CHARS_MAX)
        return problem(cx, ERR_INPUT, "'note' is too long");
    *ret_note = len ? note : NULL;
    return ERR_OK;
}

/* The market decides how an address looks: it is read first, the job looks again. */
static enum err check_form(struct cx *cx, struct buy *b)
{
    struct db *db = NULL;
    struct cart cart = {.id = 0};
    bool open = false;
    enum err e = store_read(b->o->store, &db);
    if (!e)
        e = find_by_key(db, cx, b);
    if (e == ERR_NOT_FOUND)
        e = cart_by_ref(db, cx, b->who, &b->ask->cart, b->ask->assisted, &cart, &open);
    store_read_end(db);
    if (e || b->found_id)
        return e;
    if (b->ask->assisted && !account_may(room_role(b->who, cart.shop_id), ACTION_ORDER_EDIT))
        return problem(cx, ERR_FORBIDDEN, "your role may not do this");
    b->shop_id = cart.shop_id;
    b->market = market_find(cart.market);
    if (!b->market)
        return ERR_STORE;
    if (!open)
        return ERR_OK; /* it has its order: the answer is that */
    e = address_check(cx, b->market, b->ask->delivery, b->ask->address, &b->address);
    if (!e && b->ask->invoice && !json_is_null(b->ask->invoice))
        e = invoice_check(cx, b->market, b->ask->invoice, &b->invoice);
    if (!e)
        e = tidy_note(cx, b->ask->note, &b->note);
    return e ? e : check_consents(cx, b->ask);
}

static enum err new_quote(struct cx *cx, const struct buy *b, json_t **ret_quote)
{
    struct db *db = NULL;
    json_t *quote = NULL;
    const struct quote_ask ask = {b->ask->delivery, b->ask->pay_method, b->ask->coupon};
    enum err e = store_read(b->o->store, &db);
    if (!e)
        e = quote_read(b->o, db, cx, b->who, &b->ask->cart, &ask, &quote);
    store_read_end(db);
    if (e)
        return e;
    *ret_quote = quote;
    return problem(cx, ERR_PRICE_CHANGED, "the cart is not what the page showed");
}

static enum err vouch(struct cx *cx, const struct buy *b)
{
    if (!b->ask->vouch || !b->invoice)
        return ERR_OK;
    json_t *invoice = json_loads(b->invoice, 0, NULL);
    enum err e = b->ask->vouch(b->ask->vouch_arg, cx, b->shop_id, invoice);
    json_decref(invoice);
    return e;
}

/* The order as its buyer gets it, with the secret of its link. */
static enum err made_json(struct cx *cx, const struct buy *b, int64_t id, json_t **ret_order)
{
    char secret[ORDER_SECRET_SIZE];
    json_t *j = NULL;
    enum err e = order_json_id(b->o, cx, id, b->ask->assisted, &j);
    if (e)
        return e;
    order_secret(b->o, "order", json_string_value(json_object_get(j, "id")), secret);
    (void)json_object_set_new(j, "secret", json_string(secret));
    *ret_order = j;
    return ERR_OK;
}

enum err order_checkout(struct orders *o, struct cx *cx, const struct room_who *who,
                        const struct checkout *ask, json_t **ret_order, bool *ret_again)
{
    struct buy b = {.o = o, .who = who, .ask = ask, .order_id = id_next(), .audit_id = id_next()};
    if (!ask->idem || !ask->pay_method || (!ask->quote_hash && !ask->assisted))
        return problem(cx, ERR_INPUT, "'quote_hash' and 'pay_method' must be given");
    b.idem = ask->assisted ? arena_fmt(cx->arena, "staff:%s", ask->idem) : ask->idem;
    enum err e = b.idem ? check_form(cx, &b) : ERR_NO_MEMORY;
    if (!e)
        e = vouch(cx, &b);
    if (e)
        return e;
    id_make("ord", b.public_id);
    order_secret(o, "order", b.public_id, b.secret);
    secret_hash(b.secret, b.hash);
    payment_make(&b.payment);
    if (!b.found_id)
        e = store_do(o->store, cx, "order.checkout", buy_job, &b);
    if (e == ERR_PRICE_CHANGED)
        return new_quote(cx, &b, ret_order);
    if (!e)
        e = made_json(cx, &b, b.found_id ? b.found_id : b.order_id, ret_order);
    if (!e)
        *ret_again = b.found_id != 0;
    return e;
}
