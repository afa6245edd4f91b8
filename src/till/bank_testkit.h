/*
 * testkit - a provider of payments with a truth of its own, for tests of money. Tests only.
 *
 * Shape:   a bank keeps trades (payments that were begun there) and refunds. Its buyers pay, fail,
 *          or let them end, at times of their own; its gateway is honest about them, but may be
 *          down, lose an answer after it did what was asked, or be slow. What must never be asked
 *          of it (a second beginning, a refund over the rest, the same refund twice) it keeps in
 *          `wrong`.
 * Thread:  one.
 */
#pragma once
#include "base/id.h"
#include "pay/gateway.h"

enum { BANK_TRADES_MAX = 64, BANK_REFUNDS_MAX = 128 };

enum bank_state { BANK_OPEN, BANK_PAID, BANK_FAILED, BANK_EXPIRED };
struct bank_trade {
    char our_ref[GATEWAY_REF + 1], provider_ref[24], method[32];
    enum bank_state state;
    int64_t asked, paid, refunded; /* paid: what the buyer paid, whatever was asked */
    const char *currency;          /* of what was paid; asked for in the bank's own */
};
struct bank_refund {
    char ref[ID_TEXT];
    int trade;
    int64_t amount;
    enum { BANK_REFUND_PENDING, BANK_REFUND_DONE, BANK_REFUND_FAILED } state;
};

/* How often, of a hundred. */
struct bank_faults {
    int down;    /* nothing happened, and it says so */
    int lose;    /* it happened, perhaps, and the answer is lost */
    int crash;   /* our program ends before it can write the answer down */
    int slow;    /* refunds: accepted, and done later */
    int refuse;  /* refunds: it will not */
    int not_now; /* refunds: closed hours */
    int by_hand; /* refunds: it cannot */
    int at_once; /* starts: a card that is paid or declined in the answer */
};

struct bank {
    const char *provider, *currency;
    struct bank_faults faults;
    uint32_t *seed;
    struct bank_trade trades[BANK_TRADES_MAX];
    struct bank_refund refunds[BANK_REFUNDS_MAX];
    int trade_count, refund_count;
    char wrong[200]; /* "": nothing was asked that must not be */
};

/* A gateway at this bank; gateway_free() ends it, the bank stays. */
struct gateway *bank_gateway(struct bank *b);
/* As struct till_setup wants it: by the bank's own number. */
enum err bank_fetch(struct gateway *g, struct cx *cx, const char *provider_ref,
                    struct gateway_news *ret_news) NODISCARD;
/* What is true of a trade; text lives as long as the bank. */
struct gateway_news bank_news(const struct bank *b, const struct bank_trade *t);
struct bank_trade *bank_find(struct bank *b, const char *our_ref); /* NULL: none */
struct bank_trade *bank_find_theirs(struct bank *b, const char *their_ref);

uint32_t bank_pick(uint32_t *seed, uint32_t below);
bool bank_chance(uint32_t *seed, int percent);
