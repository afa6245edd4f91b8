/*
 * Paying back by card: C, R, E and N by the card's state. ECPay knows no idempotency key: the state
 * is looked up before, each step is sent once, and after a lost answer it is looked up again.
 */
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "pay/ecpay_in.h"

#include <string.h>

enum { SOON_MS = 60 * 1000, LOOK_MS = 5000, STEPS_MAX = 3 };

/* One refund with what ECPay must be told of its payment. */
struct work {
    struct ecpay *e;
    struct cx *cx;
    const struct gateway_refund *ask;
    struct gateway_refunded *said;
    const char *trade_no, *gwsr; /* gwsr NULL: never heard */
    bool whole, instalments;
    bool uncaptured; /* E was done: until N or a capture, nobody is charged */
    int64_t began_mono_ms;
};

/* What a person must know who looks at it. */
static const char *with_state(struct work *w, const char *why)
{
    static const char state[] =
        "its capture is cancelled (E): the card is authorised, not charged; "
        "capture or abandon it in ECPay's back office";
    const char *text =
        w->uncaptured ? arena_fmt(w->cx->arena, "%s; %s", why ? why : "", state) : why;
    return text ? text : state;
}

static void say(struct work *w, enum gateway_refund_says says, const char *why)
{
    if (says != REFUND_SAYS_DONE)
        why = with_state(w, why);
    *w->said = (struct gateway_refunded){
        .says = says, .why = why ? arena_dup(w->cx->arena, why, strlen(why)) : NULL};
    if (says == REFUND_SAYS_LATER || says == REFUND_SAYS_UNCLEAR)
        w->said->later_ms = w->cx->now_ms + SOON_MS;
    int64_t later_ms = atomic_load(&w->e->later_ms);
    if (says == REFUND_SAYS_LATER && later_ms > w->said->later_ms)
        w->said->later_ms = later_ms;
}

/* While the daily capture runs nothing may be sent. True: said. */
static bool is_closed(struct work *w)
{
    int64_t open_ms = ecpay_closed_until(w->cx->now_ms + w->e->mono_ms() - w->began_mono_ms);
    if (!open_ms)
        return false;
    say(w, REFUND_SAYS_LATER, "ECPay captures until 20:30 in Taipei");
    w->said->later_ms = open_ms;
    return true;
}

/* ---- what is known of the payment ---- */

static void read_details(struct work *w, const char *details)
{
    json_error_t why;
    json_t *o = details ? json_loads(details, 0, &why) : NULL;
    const char *gwsr = json_string_value(json_object_get(o, "gwsr"));
    if (gwsr)
        w->gwsr = arena_dup(w->cx->arena, gwsr, strlen(gwsr));
    if (json_integer_value(json_object_get(o, "terms")) > 1)
        w->instalments = true;
    json_decref(o);
}

/* The numbers that callbacks told, or else an answer now. False: said. */
static bool know(struct work *w)
{
    const struct gateway_payment *p = &w->ask->payment;
    struct gateway_news n;
    w->trade_no = p->provider_ref;
    read_details(w, p->details);
    if (w->trade_no && w->gwsr)
        return true;
    enum err err = ecpay_query(&w->e->base, w->cx, p, &n);
    if (err) {
        say(w, REFUND_SAYS_LATER, w->cx->problem);
        return false;
    }
    if (n.says != SAYS_PAID || !n.provider_ref) {
        say(w, REFUND_SAYS_FAILED, "ECPay does not have this payment as paid");
        return false;
    }
    w->trade_no = n.provider_ref;
    read_details(w, n.details);
    return true;
}

/* Is it a card's, and a refund that cards can do? False: said. */
static bool can_try(struct work *w)
{
    const struct ecpay_method *m = ecpay_method_find(w->ask->payment.method);
    if (!m || m->kind != ECPAY_CREDIT) {
        say(w, REFUND_SAYS_MANUAL, "ECPay cannot pay this method back");
        return false;
    }
    w->whole = w->ask->amount == w->ask->payment.amount;
    w->instalments = m->terms;
    return true;
}

/* Instalments go back in full or not at all. False: said. */
static bool part_is_fine(struct work *w)
{
    if (!w->instalments || w->whole)
        return true;
    say(w, REFUND_SAYS_MANUAL, "ECPay pays instalments back in full only");
    return false;
}

/* ---- the card's state ---- */

/* ERR_NOT_FOUND: ECPay does not tell it. */
static enum err look(struct work *w, int64_t timeout_ms, struct ecpay_card *ret_card)
{
    struct ecpay_ask ask;
    const char *body;
    size_t len;
    if (!w->gwsr)
        return problem(w->cx, ERR_NOT_FOUND, "ECPay never told this card payment's number");
    ecpay_ask_begin(w->e, &ask);
    ecpay_ask_add(&ask, "CreditRefundId", w->gwsr);
    ecpay_ask_add(&ask, "CreditCheckCode", w->e->check_code);
    enum err err = ecpay_ask_int(w->cx, &ask, "CreditAmount", w->ask->payment.amount);
    if (!err)
        err = ecpay_ask_sign(w->e, w->cx, &ask);
    if (!err)
        err = ecpay_post(
            w->e, w->cx,
            &(struct ecpay_call){.path = "/CreditDetail/QueryTrade/V2", .timeout_ms = timeout_ms},
            &ask, &body, &len);
    return err ? err : ecpay_read_card(w->cx, body, len, ret_card);
}

/*
 * Is this refund among what ECPay says was paid back? What people paid back may be there too or
 * not, so both can be true. All from nothing to everything by hand: 0 <= extra <= by_hand.
 */
enum among { AMONG_NOT, AMONG_DONE, AMONG_EITHER, AMONG_ODD };
static enum among among(const struct work *w, const struct ecpay_card *card)
{
    int64_t extra = card->refunded - w->ask->refunded, hand = w->ask->by_hand;
    bool with = extra - w->ask->amount >= 0 && extra - w->ask->amount <= hand;
    bool without = extra >= 0 && extra <= hand;
    if (with)
        return without ? AMONG_EITHER : AMONG_DONE;
    if (card->amount != w->ask->payment.amount)
        return AMONG_ODD;
    return without || !card->refunded ? AMONG_NOT : AMONG_ODD; /* nothing at all is no riddle */
}

static void say_either(struct work *w, enum gateway_refund_says says)
{
    say(w, says, "as much was paid back by hand: look in ECPay's back office whether it was twice");
}

static void say_odd(struct work *w)
{
    say(w, REFUND_SAYS_FAILED, "ECPay has other refunds of this payment than we do: look there");
}

/* ---- steps ---- */

/* ERR_OK: done there; ERR_INPUT: refused, *ret_why; others as ecpay_post(). */
static enum err act(struct work *w, char action, const char **ret_why)
{
    const char step[2] = {action, '\0'};
    const struct gateway_payment *p = &w->ask->payment;
    struct ecpay_ask ask;
    const char *body;
    size_t len;
    ecpay_ask_begin(w->e, &ask);
    ecpay_ask_add(&ask, "MerchantTradeNo", p->our_ref);
    ecpay_ask_add(&ask, "TradeNo", w->trade_no);
    ecpay_ask_add(&ask, "Action", step);
    enum err err =
        ecpay_ask_int(w->cx, &ask, "TotalAmount", action == 'R' ? w->ask->amount : p->amount);
    if (!err)
        err = ecpay_ask_sign(w->e, w->cx, &ask);
    if (!err)
        err = ecpay_post(w->e, w->cx,
                         &(struct ecpay_call){.path = "/CreditDetail/DoAction", .once = true}, &ask,
                         &body, &len);
    return err ? err : ecpay_read_action(w->cx, body, len, ret_why);
}

static bool pays_back(char action)
{
    return action == 'R' || action == 'N';
}

/* The answer was lost. Before R or N nothing can have been paid back. */
static void say_lost(struct work *w, char action)
{
    struct ecpay_card card;
    if (!pays_back(action))
        say(w, REFUND_SAYS_LATER, "ECPay's answer was lost");
    else if (look(w, LOOK_MS, &card) == ERR_OK && among(w, &card) == AMONG_DONE)
        say(w, REFUND_SAYS_DONE, NULL);
    else
        say(w, REFUND_SAYS_UNCLEAR, "ECPay's answer was lost");
}

/* Refused: because the daily capture moved the card on meanwhile, or for good? */
static void say_refused(struct work *w, enum ecpay_credit was, const char *why)
{
    struct ecpay_card card;
    if (was != CREDIT_UNKNOWN && look(w, LOOK_MS, &card) == ERR_OK && card.state != was)
        say(w, REFUND_SAYS_LATER, "the card's state at ECPay has just changed");
    else
        say(w, REFUND_SAYS_FAILED, why && why[0] ? why : "ECPay refused without a reason");
}

/* What an action that was not done means. */
static void say_error(struct work *w, enum err err, char action, enum ecpay_credit was,
                      const char *why)
{
    if (err == ERR_INPUT)
        say_refused(w, was, why);
    else if (ecpay_lost(err))
        say_lost(w, action);
    else if (err == ERR_NOT_FOUND)
        say(w, REFUND_SAYS_FAILED, "ECPay has no refunds here (its stage has none)");
    else
        say(w, REFUND_SAYS_LATER, w->cx->problem);
}

static enum ecpay_credit after(char action)
{
    return action == 'C' ? CREDIT_CLOSING : CREDIT_AUTHORISED;
}

/* From a state that is known, step by step. */
static void walk(struct work *w, enum ecpay_credit state)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        const char *why = NULL;
        char action = ecpay_refund_step(state, w->whole);
        if (!action) {
            say(w, REFUND_SAYS_FAILED, "ECPay has the card in a state that we do not know");
            return;
        }
        if (is_closed(w))
            return;
        enum err err = act(w, action, &why);
        if (err) {
            say_error(w, err, action, state, why);
            return;
        }
        if (pays_back(action)) {
            say(w, REFUND_SAYS_DONE, NULL);
            return;
        }
        w->uncaptured = action == 'E';
        state = after(action);
    }
    say(w, REFUND_SAYS_LATER, "the card's state at ECPay does not settle");
}

/* "R: why; N: why": nobody can say which of them is the one that matters. */
static const char *with_reason(struct work *w, const char *reasons, char action, const char *why)
{
    const char *text = arena_fmt(w->cx->arena, "%s%s%c: %s", reasons, reasons[0] ? "; " : "",
                                 action, why ? why : "");
    return text ? text : reasons;
}

/*
 * The state is not told: what does not fit it is refused and changes nothing, so the steps are
 * tried from the likeliest on.
 */
static void try_all(struct work *w)
{
    const char *steps = w->whole ? "RNEN" : "RCR", *reasons = "";
    for (size_t i = 0; steps[i]; i++) {
        const char *why = NULL;
        if (is_closed(w))
            return;
        enum err err = act(w, steps[i], &why);
        if (err == ERR_INPUT)
            reasons = with_reason(w, reasons, steps[i], why);
        if (!err && pays_back(steps[i])) {
            say(w, REFUND_SAYS_DONE, NULL);
            return;
        }
        if (!err)
            w->uncaptured = steps[i] == 'E';
        bool last = steps[i + 1] == '\0' || !pays_back(steps[i]);
        if (err && (err != ERR_INPUT || last)) {
            say_error(w, err, steps[i], CREDIT_UNKNOWN, reasons);
            return;
        }
    }
}

static struct work begin(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                         struct gateway_refunded *said)
{
    struct ecpay *e = (struct ecpay *)g;
    return (struct work){.e = e, .cx = cx, .ask = ask, .said = said, .began_mono_ms = e->mono_ms()};
}

/* The card's state is told, and with it what was paid back before. */
static void go_on(struct work *w, const struct ecpay_card *card)
{
    switch (among(w, card)) {
    case AMONG_DONE: say(w, REFUND_SAYS_DONE, NULL); return; /* a request that came late there */
    case AMONG_EITHER: say_either(w, REFUND_SAYS_FAILED); return;
    case AMONG_ODD: say_odd(w); return;
    case AMONG_NOT: walk(w, card->state);
    }
}

static void say_asked(struct work *w, const struct ecpay_card *card)
{
    switch (among(w, card)) {
    case AMONG_DONE: say(w, REFUND_SAYS_DONE, NULL); return;
    case AMONG_EITHER: say_either(w, REFUND_SAYS_UNCLEAR); return;
    case AMONG_ODD: say_odd(w); return;
    case AMONG_NOT: say(w, REFUND_SAYS_LATER, "ECPay has no such refund");
    }
}

void ecpay_refund(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                  struct gateway_refunded *ret_refunded)
{
    struct work w = begin(g, cx, ask, ret_refunded);
    struct ecpay_card card;
    if (!can_try(&w) || is_closed(&w))
        return;
    if (!know(&w) || !part_is_fine(&w))
        return;
    enum err err = look(&w, 0, &card);
    if (err == ERR_NOT_FOUND)
        try_all(&w);
    else if (err)
        say(&w, REFUND_SAYS_LATER, cx->problem);
    else
        go_on(&w, &card);
}

void ecpay_refund_ask(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                      struct gateway_refunded *ret_refunded)
{
    struct work w = begin(g, cx, ask, ret_refunded);
    struct ecpay_card card;
    if (!can_try(&w))
        return;
    if (!know(&w)) {
        if (ret_refunded->says == REFUND_SAYS_LATER)
            ret_refunded->says = REFUND_SAYS_UNCLEAR; /* not even that could be asked */
        return;
    }
    enum err err = look(&w, 0, &card);
    if (err == ERR_NOT_FOUND)
        say(&w, REFUND_SAYS_UNCLEAR, "ECPay does not tell: look in its back office");
    else if (err)
        say(&w, REFUND_SAYS_UNCLEAR, cx->problem);
    else
        say_asked(&w, &card);
}
