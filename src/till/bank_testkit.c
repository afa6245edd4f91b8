#include "base/test.h"

#include "base/arena.h"
#include "till/bank_testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t bank_pick(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % below;
}

bool bank_chance(uint32_t *seed, int percent)
{
    return (int)bank_pick(seed, 100) < percent;
}

struct at_bank {
    struct gateway g;
    struct bank *b;
};

static struct bank *bank_of(struct gateway *g)
{
    return ((struct at_bank *)g)->b;
}

static void wrong(struct bank *b, const char *what, const char *ref)
{
    if (!b->wrong[0])
        (void)snprintf(b->wrong, sizeof b->wrong, "%s: %s", what, ref);
}

/* From here on nothing more can be written in this piece of work. */
static void crash(struct bank *b, struct cx *cx)
{
    if (!bank_chance(b->seed, b->faults.crash))
        return;
    for (size_t size = 1 << 20; size; size /= 2)
        while (arena_bytes(cx->arena, size, 1))
            continue;
}

struct bank_trade *bank_find(struct bank *b, const char *our_ref)
{
    for (int i = 0; i < b->trade_count; i++)
        if (strcmp(b->trades[i].our_ref, our_ref) == 0)
            return &b->trades[i];
    return NULL;
}

struct gateway_news bank_news(const struct bank *b, const struct bank_trade *t)
{
    static const enum gateway_says says[] = {[BANK_OPEN] = SAYS_PENDING,
                                             [BANK_PAID] = SAYS_PAID,
                                             [BANK_FAILED] = SAYS_FAILED,
                                             [BANK_EXPIRED] = SAYS_EXPIRED};
    bool paid = t->state == BANK_PAID;
    return (struct gateway_news){.our_ref = t->our_ref,
                                 .provider_ref = t->provider_ref,
                                 .says = says[t->state],
                                 .amount = paid ? t->paid : t->asked,
                                 .currency = paid ? t->currency : b->currency,
                                 .fail_code = t->state == BANK_FAILED ? "declined" : NULL};
}

/* ---- payments ---- */

static enum err lost(struct cx *cx)
{
    return problem(cx, ERR_TIMEOUT, "the answer was lost");
}

static struct bank_trade *begin(struct bank *b, const struct gateway_start *ask)
{
    static long numbers;
    assert_true(b->trade_count < BANK_TRADES_MAX);
    struct bank_trade *t = &b->trades[b->trade_count++];
    *t = (struct bank_trade){.asked = ask->amount, .currency = b->currency};
    (void)snprintf(t->our_ref, sizeof t->our_ref, "%s", ask->our_ref);
    (void)snprintf(t->provider_ref, sizeof t->provider_ref, "%s_%ld", b->provider, ++numbers);
    (void)snprintf(t->method, sizeof t->method, "%s", ask->method);
    if (strcmp(ask->currency, b->currency) != 0)
        wrong(b, "another currency", ask->our_ref);
    return t;
}

/* ECPay's begins with a form that may be made twice: the buyer's browser posts it once. */
static enum err bank_start(struct gateway *g, struct cx *cx, const struct gateway_start *ask,
                           struct gateway_next *ret_next, struct gateway_news *ret_news)
{
    struct bank *b = bank_of(g);
    bool form = strcmp(b->provider, "ecpay") == 0;
    if (!form && bank_chance(b->seed, b->faults.down))
        return problem(cx, ERR_BUSY, "no connection");
    struct bank_trade *t = bank_find(b, ask->our_ref);
    if (t && !form)
        wrong(b, "began twice", ask->our_ref);
    if (!form && bank_chance(b->seed, b->faults.lose / 2))
        return lost(cx); /* and it never came there */
    if (!t)
        t = begin(b, ask);
    if (!form && bank_chance(b->seed, b->faults.at_once)) {
        t->state = bank_chance(b->seed, 70) ? BANK_PAID : BANK_FAILED;
        t->paid = t->asked;
    }
    if (!form && bank_chance(b->seed, b->faults.lose))
        return lost(cx);
    crash(b, cx);
    *ret_next = form ? (struct gateway_next){.what = DO_FORM, .url = "https://bank.example/pay"}
                     : (struct gateway_next){.what = DO_WAIT};
    *ret_news = bank_news(b, t);
    if (form) {
        ret_news->says = SAYS_PENDING;
        ret_news->provider_ref = NULL;
    }
    return ERR_OK;
}

static enum err bank_ask(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                         struct gateway_news *ret_news)
{
    struct bank *b = bank_of(g);
    if (bank_chance(b->seed, b->faults.down))
        return problem(cx, ERR_BUSY, "no connection");
    if (bank_chance(b->seed, b->faults.lose))
        return lost(cx);
    const struct bank_trade *t = bank_find(b, p->our_ref);
    crash(b, cx);
    *ret_news = t ? bank_news(b, t) : (struct gateway_news){.our_ref = p->our_ref};
    return ERR_OK;
}

enum err bank_fetch(struct gateway *g, struct cx *cx, const char *provider_ref,
                    struct gateway_news *ret_news)
{
    struct bank *b = bank_of(g);
    if (bank_chance(b->seed, b->faults.down))
        return problem(cx, ERR_BUSY, "no connection");
    if (bank_chance(b->seed, b->faults.lose))
        return lost(cx);
    for (int i = 0; i < b->trade_count; i++) {
        if (strcmp(b->trades[i].provider_ref, provider_ref) != 0)
            continue;
        crash(b, cx);
        *ret_news = bank_news(b, &b->trades[i]);
        return ERR_OK;
    }
    return problem(cx, ERR_NOT_FOUND, "no such trade");
}

/* Omise's can be ended, ECPay's end by themselves. */
static enum err bank_close(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                           struct gateway_news *ret_news)
{
    struct bank *b = bank_of(g);
    if (bank_chance(b->seed, b->faults.down))
        return problem(cx, ERR_BUSY, "no connection");
    struct bank_trade *t = bank_find(b, p->our_ref);
    if (t && t->state == BANK_OPEN && strcmp(b->provider, "omise") == 0)
        t->state = BANK_EXPIRED;
    if (bank_chance(b->seed, b->faults.lose))
        return lost(cx);
    *ret_news = t ? bank_news(b, t) : (struct gateway_news){.our_ref = p->our_ref};
    return ERR_OK;
}

/* ---- refunds ---- */

static struct bank_refund *find_refund(struct bank *b, const char *ref)
{
    for (int i = 0; i < b->refund_count; i++)
        if (strcmp(b->refunds[i].ref, ref) == 0)
            return &b->refunds[i];
    return NULL;
}

/* One that was refused may be sent anew under its own reference. */
static struct bank_refund *take_refund(struct bank *b, const struct gateway_refund *ask)
{
    struct bank_trade *t = bank_find(b, ask->payment.our_ref);
    struct bank_refund *r = find_refund(b, ask->refund_ref);
    if (!t || t->state != BANK_PAID) {
        wrong(b, "paid back what never came", ask->payment.our_ref);
        return NULL;
    }
    if (r && r->state != BANK_REFUND_FAILED)
        wrong(b, "told to pay back twice", ask->refund_ref);
    if (strcmp(ask->payment.currency, t->currency) != 0)
        wrong(b, "paid back in another currency", ask->refund_ref);
    if (ask->amount < 1 || t->refunded + ask->amount > t->paid)
        wrong(b, "paid back more than came", ask->refund_ref);
    if (!r) {
        assert_true(b->refund_count < BANK_REFUNDS_MAX);
        r = &b->refunds[b->refund_count++];
    }
    *r = (struct bank_refund){.trade = (int)(t - b->trades), .amount = ask->amount};
    (void)snprintf(r->ref, sizeof r->ref, "%s", ask->refund_ref);
    t->refunded += ask->amount; /* it is kept for it while it is pending */
    return r;
}

static void say(const struct bank_refund *r, struct gateway_refunded *ret)
{
    static const enum gateway_refund_says says[] = {[BANK_REFUND_PENDING] = REFUND_SAYS_PENDING,
                                                    [BANK_REFUND_DONE] = REFUND_SAYS_DONE,
                                                    [BANK_REFUND_FAILED] = REFUND_SAYS_FAILED};
    *ret = (struct gateway_refunded){.says = says[r->state], .provider_ref = NULL};
}

static void refuse(struct bank *b, struct bank_refund *r)
{
    r->state = BANK_REFUND_FAILED;
    b->trades[r->trade].refunded -= r->amount;
}

static void bank_refund(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                        struct gateway_refunded *ret)
{
    struct bank *b = bank_of(g);
    const struct bank_faults *f = &b->faults;
    if (bank_chance(b->seed, f->down) || bank_chance(b->seed, f->not_now)) {
        *ret = (struct gateway_refunded){.says = REFUND_SAYS_LATER};
        return;
    }
    if (bank_chance(b->seed, f->by_hand)) {
        *ret = (struct gateway_refunded){.says = REFUND_SAYS_MANUAL};
        return;
    }
    if (bank_chance(b->seed, f->lose / 2)) { /* it never came there */
        *ret = (struct gateway_refunded){.says = REFUND_SAYS_UNCLEAR};
        return;
    }
    struct bank_refund *r = take_refund(b, ask);
    if (!r) {
        *ret = (struct gateway_refunded){.says = REFUND_SAYS_FAILED};
        return;
    }
    if (bank_chance(b->seed, f->refuse))
        refuse(b, r);
    else
        r->state = bank_chance(b->seed, f->slow) ? BANK_REFUND_PENDING : BANK_REFUND_DONE;
    if (bank_chance(b->seed, f->lose))
        *ret = (struct gateway_refunded){.says = REFUND_SAYS_UNCLEAR};
    else
        say(r, ret);
    crash(b, cx);
}

static void bank_refund_ask(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                            struct gateway_refunded *ret)
{
    struct bank *b = bank_of(g);
    struct bank_refund *r = find_refund(b, ask->refund_ref);
    if (bank_chance(b->seed, b->faults.down) || bank_chance(b->seed, b->faults.lose)) {
        *ret = (struct gateway_refunded){.says = REFUND_SAYS_UNCLEAR};
        return;
    }
    if (!r) {
        *ret = (struct gateway_refunded){.says = REFUND_SAYS_LATER};
        return;
    }
    if (r->state == BANK_REFUND_PENDING && bank_chance(b->seed, b->faults.refuse))
        refuse(b, r);
    else if (r->state == BANK_REFUND_PENDING && !bank_chance(b->seed, b->faults.slow))
        r->state = BANK_REFUND_DONE;
    say(r, ret);
    crash(b, cx);
}

/* ---- the way ---- */

static bool bank_offers(struct gateway *g, const char *method, int64_t *ret_min, int64_t *ret_max)
{
    (void)g;
    (void)method;
    *ret_min = *ret_max = 0;
    return true;
}

static void bank_free(struct gateway *g)
{
    free(g);
}

#define WAY(name)                                                                      \
    {                                                                                  \
        .provider = (name), .start = bank_start, .ask = bank_ask, .close = bank_close, \
        .refund = bank_refund, .refund_ask = bank_refund_ask, .offers = bank_offers,   \
        .free = bank_free                                                              \
    }
static const struct gateway_way ecpay_way = WAY("ecpay"), omise_way = WAY("omise");

struct gateway *bank_gateway(struct bank *b)
{
    struct at_bank *g = calloc(1, sizeof *g);
    assert_non_null(g);
    g->g.way = strcmp(b->provider, "ecpay") == 0 ? &ecpay_way : &omise_way;
    g->b = b;
    return &g->g;
}
