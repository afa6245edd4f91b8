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
};

static void say(struct work *w, enum gateway_refund_says says, const char *why)
{
    *w->said = (struct gateway_refunded){
        .says = says, .why = why ? arena_dup(w->cx->arena, why, strlen(why)) : NULL};
    if (says == REFUND_SAYS_LATER || says == REFUND_SAYS_UNCLEAR)
        w->said->later_ms = w->cx->now_ms + SOON_MS;
    int64_t later_ms = atomic_load(&w->e->later_ms);
    if (says == REFUND_SAYS_LATER && later_ms > w->said->later_ms)
        w->said->later_ms = later_ms;
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

/* Exactly this refund on top of those before it. */
static bool is_done(const struct work *w, const struct ecpay_card *card)
{
    return card->refunded == w->ask->refunded + w->ask->amount;
}

/*
 * Other sums were paid back there than we know of: nobody can tell what became of this one. Nothing
 * at all is no riddle: what we know of was paid back by hand.
 */
static bool is_odd(const struct work *w, const struct ecpay_card *card)
{
    return card->amount != w->ask->payment.amount ||
           (card->refunded && card->refunded != w->ask->refunded);
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
    else if (look(w, LOOK_MS, &card) == ERR_OK && is_done(w, &card))
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
        enum err err = act(w, action, &why);
        if (err) {
            say_error(w, err, action, state, why);
            return;
        }
        if (pays_back(action)) {
            say(w, REFUND_SAYS_DONE, NULL);
            return;
        }
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
        enum err err = act(w, steps[i], &why);
        if (err == ERR_INPUT)
            reasons = with_reason(w, reasons, steps[i], why);
        if (!err && pays_back(steps[i])) {
            say(w, REFUND_SAYS_DONE, NULL);
            return;
        }
        bool last = steps[i + 1] == '\0' || !pays_back(steps[i]);
        if (err && (err != ERR_INPUT || last)) {
            say_error(w, err, steps[i], CREDIT_UNKNOWN, reasons);
            return;
        }
    }
}

void ecpay_refund(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                  struct gateway_refunded *ret_refunded)
{
    struct work w = {.e = (struct ecpay *)g, .cx = cx, .ask = ask, .said = ret_refunded};
    int64_t open_ms = ecpay_closed_until(cx->now_ms);
    struct ecpay_card card;
    if (!can_try(&w))
        return;
    if (open_ms) {
        say(&w, REFUND_SAYS_LATER, "ECPay captures until 20:30 in Taipei");
        ret_refunded->later_ms = open_ms;
        return;
    }
    if (!know(&w) || !part_is_fine(&w))
        return;
    enum err err = look(&w, 0, &card);
    if (err == ERR_NOT_FOUND)
        try_all(&w);
    else if (err)
        say(&w, REFUND_SAYS_LATER, cx->problem);
    else if (is_done(&w, &card))
        say(&w, REFUND_SAYS_DONE, NULL); /* a request that came late there */
    else if (is_odd(&w, &card))
        say_odd(&w);
    else
        walk(&w, card.state);
}

void ecpay_refund_ask(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                      struct gateway_refunded *ret_refunded)
{
    struct work w = {.e = (struct ecpay *)g, .cx = cx, .ask = ask, .said = ret_refunded};
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
    else if (is_done(&w, &card))
        say(&w, REFUND_SAYS_DONE, NULL);
    else if (is_odd(&w, &card))
        say_odd(&w);
    else
        say(&w, REFUND_SAYS_LATER, "ECPay has no such refund");
}
