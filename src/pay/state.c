/* The states of payments and refunds: their names, and which leads where. */
#include "pay/pay.h"

#include <assert.h>
#include <string.h>

static const char *const payment_names[] = {
#define X(name, text) [PAYMENT_##name] = (text),
    PAYMENT_STATE_TABLE(X)
#undef X
};

const char *payment_state_name(enum payment_state s)
{
    assert((unsigned)s < PAYMENT_STATE_COUNT);
    return payment_names[s];
}

enum err payment_state_parse(const char *text, enum payment_state *ret_state)
{
    for (int i = 0; i < PAYMENT_STATE_COUNT; i++) {
        if (strcmp(text, payment_names[i]) == 0) {
            *ret_state = (enum payment_state)i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

static const struct {
    enum payment_state from, to;
} payment_moves[] = {
    {PAYMENT_CREATED, PAYMENT_PENDING},
    {PAYMENT_CREATED, PAYMENT_FAILED},
    {PAYMENT_CREATED, PAYMENT_EXPIRED},
    {PAYMENT_PENDING, PAYMENT_PAID},
    {PAYMENT_PENDING, PAYMENT_FAILED},
    {PAYMENT_PENDING, PAYMENT_EXPIRED},
    {PAYMENT_FAILED, PAYMENT_PAID}, /* late money is real money */
    {PAYMENT_EXPIRED, PAYMENT_PAID},
    {PAYMENT_PAID, PAYMENT_PART_REFUNDED},
    {PAYMENT_PAID, PAYMENT_REFUNDED},
    {PAYMENT_PART_REFUNDED, PAYMENT_REFUNDED},
    {PAYMENT_PAID, PAYMENT_ORPHANED},
    {PAYMENT_PENDING, PAYMENT_ORPHANED}, /* it came, and no order can take it */
    {PAYMENT_FAILED, PAYMENT_ORPHANED},
    {PAYMENT_EXPIRED, PAYMENT_ORPHANED},
    {PAYMENT_ORPHANED, PAYMENT_REFUNDED},
    /* cash on delivery; a part paid back shows in `refunded` alone */
    {PAYMENT_PENDING, PAYMENT_COLLECTED},
    {PAYMENT_PENDING, PAYMENT_REFUSED},
    {PAYMENT_COLLECTED, PAYMENT_SETTLED},
    {PAYMENT_COLLECTED, PAYMENT_REFUNDED},
    {PAYMENT_SETTLED, PAYMENT_REFUNDED},
};

bool payment_may(enum payment_state from, enum payment_state to)
{
    for (size_t i = 0; i < sizeof payment_moves / sizeof payment_moves[0]; i++)
        if (payment_moves[i].from == from && payment_moves[i].to == to)
            return true;
    return false;
}

bool payment_counts(enum payment_state s)
{
    return s == PAYMENT_PAID || s == PAYMENT_PART_REFUNDED || s == PAYMENT_COLLECTED ||
           s == PAYMENT_SETTLED;
}

static const char *const refund_names[] = {
#define X(name, text) [REFUND_##name] = (text),
    REFUND_STATE_TABLE(X)
#undef X
};

const char *refund_state_name(enum refund_state s)
{
    assert((unsigned)s < REFUND_STATE_COUNT);
    return refund_names[s];
}

enum err refund_state_parse(const char *text, enum refund_state *ret_state)
{
    for (int i = 0; i < REFUND_STATE_COUNT; i++) {
        if (strcmp(text, refund_names[i]) == 0) {
            *ret_state = (enum refund_state)i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

bool refund_may(enum refund_state from, enum refund_state to, bool manual)
{
    switch (from) {
    case REFUND_QUEUED: return to == REFUND_SENT || (manual && to == REFUND_DONE);
    case REFUND_SENT: return to == REFUND_DONE || to == REFUND_FAILED;
    case REFUND_FAILED: return to == REFUND_QUEUED;
    case REFUND_DONE:
    case REFUND_STATE_COUNT: return false;
    }
    return false;
}
