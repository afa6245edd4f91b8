/*
 * A random player of money: checkouts, payments, banks with a will of their own, messages that come
 * late, twice, out of order or never, clocks, refunds, crashes and restarts; after every step the
 * books must agree with themselves and with the banks.
 *
 * NM_MODEL_SEED=n plays that one sequence and tells it; NM_MODEL_SECONDS=s plays for as long, from
 * sequence NM_MODEL_FIRST on (make soak).
 */
#include "base/test.h"

#include "base/arena.h"
#include "base/clock.h"
#include "till/model_testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEPS = 45, SECONDS = 9, SETTLE_ROUNDS = 46, TOLD_ROUNDS = 12, COPIES_MAX = 4 };
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

/* ---- looking ---- */

static const struct sql order_is = {
    "model_order_is", "SELECT count(*) FROM orders WHERE no = $1 AND id = $2 AND state = $3"};
static const struct sql order_id_of = {"model_order_id",
                                       "SELECT max(id) FROM orders WHERE no = $1"};
static const struct sql free_units = {"model_free",
                                      "SELECT stock_total - stock_held FROM variant WHERE id = $1"};
static const struct sql came_as = {
    "model_came_as",
    "SELECT count(*) FROM money_entry e JOIN payment p ON p.id = e.payment_id"
    " WHERE p.our_ref = $1 AND e.line = 1 AND e.refund_id IS NULL AND ($2 = '' OR e.kind = $2)"};
static const struct sql order_of_ref = {"model_order_of_ref",
                                        "SELECT order_id FROM payment WHERE our_ref = $1"};
static const struct sql simulated = {"model_simulated",
                                     "SELECT simulated FROM payment WHERE our_ref = $1"};
static const struct sql payment_ends = {
    "model_payment_ends", "SELECT COALESCE(expires_at, 0) FROM payment WHERE our_ref = $1"};

static bool is_state(struct world *w, const struct model_order *o, const char *state)
{
    return model_number(w, &order_is, ARGS(V((const char *)o->no), V(o->id), V(state))) == 1;
}

static const char *state_of(struct world *w, const struct model_order *o)
{
    static const char *const states[] = {"awaiting_payment", "confirmed", "cancelled", "expired",
                                         "completed"};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (is_state(w, o, states[i]))
            return states[i];
    model_fail(w, "order %s has no state", o->no);
}

static bool came_with(struct world *w, const char *our_ref, const char *kind)
{
    return model_number(w, &came_as, ARGS(V(our_ref), V(kind))) > 0;
}

static struct model_order *any_order(struct world *w)
{
    return w->order_count ? &w->orders[model_pick(w, (uint32_t)w->order_count)] : NULL;
}

static struct room_who buyer_of(const struct model_order *o)
{
    return test_buyer(o->viewer);
}

/* ---- buyers ---- */

/* NULL: no more orders, or nothing is left of what was wanted. */
static const struct model_order *order_something(struct world *w)
{
    if (w->order_count == MODEL_ORDERS_MAX)
        return NULL;
    struct model_order *o = &w->orders[w->order_count];
    *o = (struct model_order){.viewer = (int64_t)w->sequence * MODEL_BUYERS + 1 +
                                        model_pick(w, MODEL_BUYERS),
                              .variant = model_variant(w, (int)model_pick(w, 2)),
                              .qty = 1 + model_pick(w, 2),
                              .thai = model_pick(w, 2) == 0};
    struct cart_add add = test_add_of(o->viewer, o->variant, o->qty);
    struct cart_added a = {.qty = 0};
    add.market = o->thai ? "TH" : "TW";
    add.unit_amount = o->thai ? 10000 : 100;
    enum err e = test_add_do(w->t->k, &add, &a);
    if (e || a.qty != o->qty)
        return NULL;
    o->at_door = model_pick(w, 7) == 0;
    const char *method = o->at_door ? "cod" : model_method(w, o->thai);
    struct cx cx = model_cx(w);
    e = model_checkout(w, &cx, o, method);
    model_say(w, "viewer %" PRId64 " orders %" PRId64 " of %" PRId64 " by %s: %s %s", o->viewer,
              o->qty, o->variant, method, err_api(e), e ? cx.problem : o->no);
    arena_free(cx.arena);
    if (e)
        model_fail(w, "a checkout must go well");
    o->id = model_number(w, &order_id_of, ARGS(V((const char *)o->no)));
    w->order_count++;
    return o;
}

static void begin_payment(struct world *w, const struct model_order *o)
{
    json_t *started = NULL;
    char idem[32];
    bool again = false;
    int64_t later = 0;
    const char *method = model_method(w, o->thai);
    (void)snprintf(idem, sizeof idem, "s%" PRId64 "_%u", o->id, model_pick(w, 4));
    const struct room_who who = buyer_of(o);
    const struct order_ref ref = {.no = o->no};
    const struct till_ask ask = {.method = method,
                                 .idem = idem,
                                 .token = "tokn_test_1",
                                 .phone = "0812345678",
                                 .platform = "WEB",
                                 .lang = "en"};
    bool waits = is_state(w, o, "awaiting_payment");
    struct cx cx = model_cx(w);
    enum err e = till_start(w->till, &cx, &who, &ref, &ask, &started, &again, &later);
    model_say(w, "%s starts %s (%s): %s%s", o->no, method, idem, err_api(e),
              again ? ", again" : "");
    json_decref(started);
    arena_free(cx.arena);
    if (!e && !waits && !again)
        model_fail(w, "a payment of an order that does not wait was begun");
}

static void act_start(struct world *w)
{
    const struct model_order *o = any_order(w);
    if (o)
        begin_payment(w, o);
}

static void act_checkout(struct world *w)
{
    const struct model_order *o = order_something(w);
    if (o && !o->at_door && model_pick(w, 4))
        begin_payment(w, o);
}

static void act_cancel(struct world *w)
{
    const struct model_order *o = any_order(w);
    json_t *after = NULL;
    if (!o)
        return;
    const struct order_ref ref = {.no = o->no};
    const struct room_who who = buyer_of(o);
    bool staff = model_pick(w, 2) == 0;
    struct cx cx = model_cx(w);
    enum err e = staff ? order_cancel_staff(w->t->o, &cx, &w->t->manager, &ref, "no", &after)
                       : order_cancel(w->t->o, &cx, &who, &ref, &after);
    model_say(w, "%s is cancelled by %s: %s", o->no, staff ? "staff" : "its buyer", err_api(e));
    json_decref(after);
    arena_free(cx.arena);
}

/* ---- banks ---- */

static struct bank_trade *any_open(struct world *w, int *ret_bank)
{
    int bank = (int)model_pick(w, 2);
    struct bank *b = &w->banks[bank];
    for (int i = 0; b->trade_count && i < 6; i++) {
        struct bank_trade *t = &b->trades[model_pick(w, (uint32_t)b->trade_count)];
        *ret_bank = bank;
        if (t->state == BANK_OPEN)
            return t;
    }
    return NULL;
}

/* It will be told so many times, or never. */
static void note_event(struct world *w, int bank, const struct bank_trade *t, int copies)
{
    if (w->note_count == MODEL_NOTES_MAX || !copies)
        return;
    w->notes[w->note_count++] = (struct model_note){.bank = bank,
                                                    .trade = (int)(t - w->banks[bank].trades),
                                                    .copies = copies,
                                                    .number = ++w->numbers,
                                                    .news = bank_news(&w->banks[bank], t)};
}

static void pay(struct world *w, struct bank *b, struct bank_trade *t)
{
    t->state = BANK_PAID;
    t->paid = t->asked;
    t->currency = b->currency;
    uint32_t odd = model_pick(w, 14);
    if (odd == 0)
        t->paid += model_pick(w, 2) ? 1 : -1;
    else if (odd == 1)
        t->currency = strcmp(b->currency, "TWD") == 0 ? "THB" : "TWD";
}

/* A test notice of ECPay's: signed as the others, and no money moved. */
static void simulate(struct world *w, int bank, const struct bank_trade *t)
{
    note_event(w, bank, t, 1);
    if (!w->note_count)
        return;
    struct gateway_news *n = &w->notes[w->note_count - 1].news;
    n->says = SAYS_PAID;
    n->amount = t->asked;
    n->simulated = true;
    model_say(w, "%s: a test notice", t->our_ref);
}

static void act_bank(struct world *w)
{
    int bank = 0;
    struct bank_trade *t = any_open(w, &bank);
    if (!t)
        return;
    uint32_t what = model_pick(w, 10);
    if (bank == ECPAY && model_pick(w, 15) == 0) {
        simulate(w, bank, t);
        return;
    }
    if (what < 7)
        pay(w, &w->banks[bank], t);
    else if (what < 9)
        t->state = what == 7 ? BANK_FAILED : BANK_EXPIRED;
    int copies = (int)model_pick(w, COPIES_MAX);
    if (model_number(w, &payment_ends, ARGS(V((const char *)t->our_ref))) < w->t->cx->now_ms)
        copies++; /* so late that only telling can find it */
    model_say(w, "%s at %s: %s %" PRId64 " %s, told %d times", t->our_ref, w->banks[bank].provider,
              gateway_says_name(bank_news(&w->banks[bank], t).says), t->paid, t->currency, copies);
    note_event(w, bank, t, copies);
}

/* ---- messages ---- */

struct before {
    const struct model_order *order;
    const char *state;
    bool known; /* its money was in the books */
    int64_t free_units;
};

static struct before look_before(struct world *w, const char *our_ref)
{
    struct before b = {.known = came_with(w, our_ref, "")};
    int64_t id = model_number(w, &order_of_ref, ARGS(V(our_ref)));
    for (int i = 0; i < w->order_count; i++)
        if (w->orders[i].id == id)
            b.order = &w->orders[i];
    if (!b.order)
        model_fail(w, "%s is of no order", our_ref);
    b.state = state_of(w, b.order);
    b.free_units = model_number(w, &free_units, ARGS(V(b.order->variant)));
    return b;
}

/* What money must have become, by what was true before it came. The whole model in one place. */
static const char *expect(const struct before *b, const struct bank_trade *t, const char *own)
{
    bool stands = strcmp(b->state, "confirmed") == 0 || strcmp(b->state, "completed") == 0;
    if (t->paid != t->asked || strcmp(t->currency, own) != 0)
        return "orphan_amount";
    if (stands)
        return "orphan_double";
    if (strcmp(b->state, "cancelled") == 0)
        return "orphan_cancelled";
    if (strcmp(b->state, "awaiting_payment") == 0)
        return "paid";
    return b->free_units >= b->order->qty ? "paid_late" : "orphan_late";
}

static void check_paid(struct world *w, const struct before *b, const struct bank_trade *t,
                       const char *own)
{
    const char *want = expect(b, t, own);
    if (!came_with(w, t->our_ref, want))
        model_fail(w, "%s should have come as %s (order was %s, %" PRId64 " free)", t->our_ref,
                   want, b->state, b->free_units);
    bool confirms = strncmp(want, "paid", 4) == 0;
    if (confirms && !is_state(w, b->order, "confirmed"))
        model_fail(w, "%s paid %s, which is not confirmed", t->our_ref, b->order->no);
    if (!confirms && !is_state(w, b->order, b->state))
        model_fail(w, "%s moved %s, which it must not", t->our_ref, b->order->no);
}

static enum err send(struct world *w, const struct model_note *n, int64_t shop_id)
{
    struct bank *b = &w->banks[n->bank];
    char key[40];
    (void)snprintf(key, sizeof key, "note-%d-%d", w->sequence, n->number);
    struct till_message m = {.shop_id = shop_id,
                             .provider = b->provider,
                             .event_key = key,
                             .kind = "payment",
                             .body = "{}"};
    if (n->bank == ECPAY)
        m.news = &n->news;
    else
        m.provider_ref = n->news.provider_ref;
    struct cx cx = model_cx(w);
    enum err e = till_take(w->till, &cx, &m);
    arena_free(cx.arena);
    return e;
}

static void act_tell(struct world *w)
{
    if (!w->note_count)
        return;
    size_t i = model_pick(w, (uint32_t)w->note_count);
    struct model_note *n = &w->notes[i];
    const struct bank_trade *t = &w->banks[n->bank].trades[n->trade];
    struct before b = look_before(w, t->our_ref);
    enum err e = send(w, n, 1);
    model_say(w, "told %s of %s: %s", gateway_says_name(n->news.says), t->our_ref, err_api(e));
    if (e)
        model_fail(w, "a genuine message must be taken");
    bool right = t->paid == t->asked && strcmp(t->currency, w->banks[n->bank].currency) == 0;
    if (!right && !b.known && came_with(w, t->our_ref, ""))
        model_fail(w, "a notice of other money was believed");
    if (right && n->bank == ECPAY && n->news.says == SAYS_PAID && !n->news.simulated && !b.known)
        check_paid(w, &b, t, w->banks[n->bank].currency);
    if (--n->copies == 0)
        w->notes[i] = w->notes[--w->note_count];
}

/* Of another shop, or of nobody: it must change nothing (the check after the step sees to it). */
static void act_tell_wrong(struct world *w)
{
    struct bank *b = &w->banks[ECPAY];
    if (!b->trade_count)
        return;
    const struct bank_trade *t = &b->trades[model_pick(w, (uint32_t)b->trade_count)];
    struct model_note n = {.bank = ECPAY, .number = ++w->numbers, .news = bank_news(b, t)};
    bool stranger = model_pick(w, 2) == 0;
    if (stranger)
        n.news.our_ref = "00000000000000000000";
    n.news.says = SAYS_PAID;
    n.news.amount = t->asked;
    enum err e = send(w, &n, stranger ? 1 : 2);
    model_say(w, "told %s of %s: %s", stranger ? "money" : "another shop", n.news.our_ref,
              err_api(e));
}

/* ---- staff ---- */

static void act_refund(struct world *w)
{
    const struct model_order *o = any_order(w);
    json_t *after = NULL;
    char idem[16];
    bool again = false;
    if (!o)
        return;
    int64_t unit = o->thai ? 10000 : 100;
    const struct order_ref ref = {.no = o->no};
    (void)snprintf(idem, sizeof idem, "r%u", model_pick(w, 5));
    const struct refund_ask ask = {
        .amount = unit * (1 + (int64_t)model_pick(w, 4)) / 2, .reason = "why", .idem = idem};
    struct cx cx = model_cx(w);
    enum err e = order_refund(w->t->o, &cx, &w->t->manager, &ref, &ask, &after, &again);
    model_say(w, "%s: %" PRId64 " to go back (%s): %s%s", o->no, ask.amount, idem, err_api(e),
              again ? ", again" : "");
    json_decref(after);
    arena_free(cx.arena);
}

/* Staff see to the refunds of an order: those by hand are paid, failed ones go again. */
static void act_worklist(struct world *w)
{
    const struct model_order *o = any_order(w);
    struct refund list[REFUND_LIST_MAX];
    struct db *db;
    size_t n = 0;
    if (!o)
        return;
    struct cx cx = model_cx(w);
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    assert_int_equal(refund_list(db, cx.arena, o->id, list, &n), ERR_OK);
    store_read_end(db);
    for (size_t i = 0; i < n; i++) {
        static const char *const words[] = {"done", "failed", "queued", "sent"};
        json_t *after = NULL;
        struct refund_set set = {
            .state = words[model_pick(w, 4)], .note = "by hand", .by_hand = model_pick(w, 4) == 0};
        bool lie = list[i].state == REFUND_SENT; /* staff who say what they do not know */
        enum err e =
            lie ? ERR_TRANSITION
                : order_refund_set(w->t->o, &cx, &w->t->manager, list[i].public_id, &set, &after);
        model_say(w, "staff say %s of a refund that is %s: %s", set.state,
                  refund_state_name(list[i].state), err_api(e));
        json_decref(after);
    }
    arena_free(cx.arena);
}

static void act_ask_now(struct world *w)
{
    struct bank *b = &w->banks[model_pick(w, 2)];
    json_t *p = NULL;
    if (!b->trade_count || !w->order_count)
        return;
    const struct model_order *o = any_order(w);
    struct db *db;
    struct payment pay_row = {.id = 0};
    struct cx cx = model_cx(w);
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    enum err e = payment_of_order(db, cx.arena, o->id, &pay_row);
    store_read_end(db);
    if (!e)
        e = till_ask_now(w->till, &cx, &w->t->manager, pay_row.public_id, &p);
    model_say(w, "staff ask about the payment of %s: %s", o->no, err_api(e));
    json_decref(p);
    arena_free(cx.arena);
}

/* ---- parcels ---- */

/* The next thing that happens to the parcel of an order that is paid at the door. */
static void act_parcel(struct world *w)
{
    static const char *const way[] = {"packed", "shipped", "at_store", "collected"};
    struct model_order *o = NULL;
    json_t *got = NULL;
    for (int i = 0; i < 8 && !(o && o->at_door); i++)
        o = any_order(w);
    if (!o || !o->at_door)
        return;
    struct cx cx = model_cx(w);
    const struct order_ref ref = {.no = o->no};
    const struct parcel_new make = {.orders = &ref, .count = 1};
    struct parcel_set set = {.state = NULL};
    enum err e;
    if (!o->parcel[0]) {
        e = parcel_make(w->t->o, &cx, &w->t->packer, &make, &got);
        if (!e)
            (void)snprintf(o->parcel, sizeof o->parcel, "%s",
                           test_text(json_array_get(got, 0), "id"));
    } else {
        if (o->stage == 3 && model_pick(w, 4) == 0)
            set.state = "returned";
        else if (o->stage < 4)
            set.state = way[o->stage];
        else
            set.settled = true;
        e = parcel_edit(w->t->o, &cx, &w->t->packer, o->parcel, &set, &got);
        o->stage += !e;
    }
    model_say(w, "parcel of %s: %s: %s", o->no,
              set.settled ? "settled"
              : set.state ? set.state
                          : "made",
              err_api(e));
    json_decref(got);
    arena_free(cx.arena);
}

/* ---- the world moves ---- */

static void round_at(struct world *w)
{
    int64_t now = w->t->cx->now_ms;
    orders_tick(w->t->o, now);
    till_round(w->till, now);
    refunds_tick(w->refunds, now);
}

static void act_clock(struct world *w)
{
    static const int64_t jumps[] = {1000,        1000,        5000,        30 * 1000,  30 * 1000,
                                    MINUTE,      MINUTE,      2 * MINUTE,  5 * MINUTE, 5 * MINUTE,
                                    11 * MINUTE, 16 * MINUTE, 16 * MINUTE, 2 * HOUR,   25 * HOUR};
    int64_t jump = jumps[model_pick(w, sizeof jumps / sizeof jumps[0])];
    w->t->cx->now_ms += jump;
    model_say(w, "%" PRId64 " s later", jump / 1000);
    round_at(w);
}

struct units {
    const struct stock_watch *watch;
    int64_t variant, delta;
};

static enum err units_job(struct tx *tx, void *arg)
{
    const struct units *u = arg;
    struct stock_turn turn;
    struct stock_level level;
    const struct stock_adjust by = {
        .variant_id = u->variant, .delta = u->delta, .reason = STOCK_RESTOCK};
    turn_begin(&turn, tx, u->watch);
    enum err e = stock_adjust(&turn, &by, &level);
    return e ? e : turn_end(&turn);
}

static void act_stock(struct world *w)
{
    struct units u = {&w->t->k->watch, model_variant(w, (int)model_pick(w, 2)),
                      (int64_t)model_pick(w, 5) - 3};
    if (model_pick(w, 3) == 0) /* somebody takes all that is left */
        u.delta = -model_number(w, &free_units, ARGS(V(u.variant)));
    if (!u.delta)
        return;
    struct cx cx = model_cx(w);
    enum err e = store_do(w->t->k->t->store, &cx, "model.units", units_job, &u);
    arena_free(cx.arena);
    model_say(w, "%+" PRId64 " units of %" PRId64 ": %s", u.delta, u.variant, err_api(e));
}

static void act_weather(struct world *w)
{
    struct bank *b = &w->banks[model_pick(w, 2)];
    bool bad = model_weather(w, b);
    model_say(w, "%s is %s", b->provider, bad ? "out of order" : "well");
}

static void act_restart(struct world *w)
{
    model_say(w, "the program is started again");
    model_restart(w);
}

/* ---- a sequence ---- */

static int64_t setting(const char *name, int64_t otherwise)
{
    const char *text = getenv(name); // NOLINT(concurrency-mt-unsafe): nobody sets variables
    return text && *text ? strtoll(text, NULL, 10) : otherwise;
}

typedef void act_fn(struct world *w);
static const struct {
    act_fn *act;
    uint32_t weight;
} acts[] = {{act_checkout, 14},  {act_start, 10},  {act_bank, 24},    {act_tell, 22},
            {act_clock, 14},     {act_refund, 10}, {act_worklist, 5}, {act_cancel, 5},
            {act_stock, 9},      {act_weather, 5}, {act_parcel, 10},  {act_ask_now, 4},
            {act_tell_wrong, 3}, {act_restart, 1}};

static act_fn *any_act(struct world *w)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        sum += acts[i].weight;
    uint32_t at = model_pick(w, sum);
    size_t i = 0;
    for (; at >= acts[i].weight; i++)
        at -= acts[i].weight;
    return acts[i].act;
}

/* What cannot be done now is passed over: each step is something that happened. */
static void step(struct world *w)
{
    size_t said = w->log_len;
    w->steps++;
    for (int i = 0; w->log_len == said && i < 50; i++)
        any_act(w)(w);
    model_check(w);
}

static bool will_be_told(const struct world *w, int bank, int trade)
{
    for (int i = 0; i < w->note_count; i++)
        if (w->notes[i].bank == bank && w->notes[i].trade == trade)
            return true;
    return false;
}

/*
 * Paid within its time: asking alone must find it, though nobody tells. But of what a test notice
 * came for: there the answer may mean that notice, and a person looks.
 */
static void check_found(struct world *w)
{
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < w->banks[i].trade_count; j++) {
            const struct bank_trade *t = &w->banks[i].trades[j];
            if (t->state == BANK_PAID && !will_be_told(w, i, j) && !came_with(w, t->our_ref, "") &&
                !model_number(w, &simulated, ARGS(V((const char *)t->our_ref))))
                model_fail(w, "%s was paid at %s, and nobody found it", t->our_ref,
                           w->banks[i].provider);
        }
}

/* The banks are well again, nobody pays any more, and time passes. */
static void settle(struct world *w, int rounds)
{
    for (int i = 0; i < 2; i++)
        w->banks[i].faults = (struct bank_faults){0};
    for (int i = 0; i < rounds; i++) {
        w->t->cx->now_ms += i < 10 ? MINUTE : i < 20 ? 10 * MINUTE : 5 * HOUR;
        round_at(w);
    }
}

static void play(struct world *w, uint32_t seed)
{
    model_begin(w, seed);
    model_check(w);
    for (int i = 0; i < STEPS; i++)
        step(w);
    model_say(w, "all settles");
    settle(w, SETTLE_ROUNDS);
    check_found(w);
    while (w->note_count)
        act_tell(w);
    settle(w, TOLD_ROUNDS);
    model_check_end(w);
    if (setting("NM_MODEL_SEED", 0))
        (void)fputs(w->log, stdout);
}

/* ---- the test ---- */

static void money__is_always_where_the_books_say(void **state)
{
    int64_t until = clock_mono_ms() + setting("NM_MODEL_SECONDS", SECONDS) * 1000;
    int64_t only = setting("NM_MODEL_SEED", 0), played = 0;
    uint32_t seed = (uint32_t)setting("NM_MODEL_FIRST", 1);
    int64_t seen[LEDGER_KIND_COUNT] = {0};
    (void)state;
    while (!played || (!only && clock_mono_ms() < until)) {
        struct world *w = model_make(seen);
        for (int i = 0; i < MODEL_SEQUENCES && (!played || clock_mono_ms() < until); i++) {
            play(w, only ? (uint32_t)only : seed++);
            played++;
            if (only)
                break;
        }
        model_free(w);
    }
    (void)printf("%" PRId64 " sequences:", played);
    for (int i = 0; i < LEDGER_KIND_COUNT; i++)
        (void)printf(" %s %" PRId64, ledger_kind_name((enum ledger_kind)i), seen[i]);
    (void)printf("\n");
}

/* Paid, never told, and nobody answers until long after its end. */
static void money__is_found_after_an_outage(void **state)
{
    int64_t seen[LEDGER_KIND_COUNT] = {0};
    struct world *w = model_make(seen);
    (void)state;
    model_begin(w, 1);
    struct bank *b = &w->banks[ECPAY];
    b->faults = (struct bank_faults){0};
    const struct model_order *o = NULL;
    while (!o || o->at_door || o->thai)
        o = order_something(w);
    while (!b->trade_count)
        begin_payment(w, o);
    struct bank_trade *t = &b->trades[0];
    t->state = BANK_PAID;
    t->paid = t->asked;
    b->faults.down = 100;
    for (int i = 0; i < 10; i++) {
        w->t->cx->now_ms += 5 * HOUR;
        round_at(w);
    }
    assert_false(came_with(w, t->our_ref, ""));
    settle(w, SETTLE_ROUNDS);
    model_check_end(w);
    assert_true(came_with(w, t->our_ref, "paid_late"));
    model_free(w);
}

int main(void)
{
    /* Thousands of commits: none of them needs a disk to be right. */
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("NM_TEST_DIR", "/dev/shm", 0); // NOLINT(concurrency-mt-unsafe): alone yet
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(money__is_found_after_an_outage),
        cmocka_unit_test(money__is_always_where_the_books_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
