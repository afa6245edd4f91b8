/* The card's side of a trade: what DoAction may do in which state (ECPay's pages 9242, 16567). */
#include "sandboxd/ecpay_trade.h"

#include "sandboxd/ecpay_clock.h"

const char *credit_state_name(enum credit_state s)
{
    static const char *const names[] = {"", "已授權", "要關帳", "已關帳", "操作取消"};
    return names[s];
}

static void note(struct trade *t, int64_t amount, int64_t now_ms)
{
    if (t->closing_n < CLOSINGS_MAX)
        t->closings[t->closing_n++] = (struct closing){amount, now_ms};
}

static void to_capture(struct trade *t, int64_t amount, int64_t at_ms)
{
    t->credit = CREDIT_TO_CAPTURE;
    t->captured = amount;
    t->capture_at_ms = 0;
    t->close_at_ms = taipei_next(at_ms, 20, 30);
    note(t, amount, at_ms);
}

static void close_it(struct trade *t)
{
    t->credit = CREDIT_CAPTURED;
    t->close_at_ms = 0;
}

void trade_settle(struct trade *t, int64_t now_ms)
{
    if (t->credit == CREDIT_AUTHORISED && t->capture_at_ms && t->capture_at_ms <= now_ms)
        to_capture(t, t->amount, t->capture_at_ms);
    if (t->credit == CREDIT_TO_CAPTURE && t->close_at_ms <= now_ms)
        close_it(t);
}

enum err trade_set_credit(struct trade *t, enum credit_state to, int64_t now_ms)
{
    bool forward = to > t->credit && to <= CREDIT_CAPTURED;
    if (t->credit < CREDIT_AUTHORISED || !forward)
        return ERR_TRANSITION;
    if (t->credit == CREDIT_AUTHORISED)
        to_capture(t, t->amount, now_ms);
    if (to == CREDIT_CAPTURED)
        close_it(t);
    return ERR_OK;
}

static enum err say(enum err e, const char *why, const char **ret_why)
{
    *ret_why = why;
    return e;
}

static enum err capture(struct trade *t, int64_t amount, int64_t now_ms, const char **ret_why)
{
    if (t->credit != CREDIT_AUTHORISED)
        return say(ERR_TRANSITION, "only what is authorised can be captured", ret_why);
    if (amount > t->amount || (t->terms && amount != t->amount))
        return say(ERR_INPUT, "the amount cannot be captured", ret_why);
    to_capture(t, amount, now_ms);
    return ERR_OK;
}

static enum err refund(struct trade *t, int64_t amount, int64_t now_ms, const char **ret_why)
{
    int64_t left = t->captured - t->refunded;
    if (t->credit != CREDIT_TO_CAPTURE && t->credit != CREDIT_CAPTURED)
        return say(ERR_TRANSITION, "nothing was captured that could be refunded", ret_why);
    if (amount > left)
        return say(ERR_INPUT, "the amount is more than what is left", ret_why);
    if ((t->terms || trade_text(t, AIO_REDEEM)[0] == 'Y') && amount != t->amount)
        return say(ERR_INPUT, "instalments and redeemed points are refunded in full only", ret_why);
    if (t->credit == CREDIT_TO_CAPTURE && amount == t->amount)
        return say(ERR_TRANSITION, "before the capture a full refund is E, then N", ret_why);
    if (t->closing_n == CLOSINGS_MAX)
        return say(ERR_INPUT, "too many refunds", ret_why);
    t->refunded += amount;
    note(t, -amount, now_ms);
    return ERR_OK;
}

static enum err cancel_capture(struct trade *t, int64_t amount, const char **ret_why)
{
    if (t->credit != CREDIT_TO_CAPTURE)
        return say(ERR_TRANSITION, "no capture waits that could be cancelled", ret_why);
    if (t->refunded)
        return say(ERR_TRANSITION, "a part of it was refunded", ret_why);
    if (amount != t->captured)
        return say(ERR_INPUT, "a capture is cancelled in full only", ret_why);
    t->credit = CREDIT_AUTHORISED;
    t->captured = 0;
    t->close_at_ms = 0;
    t->closing_n = 0;
    return ERR_OK;
}

static enum err leave(struct trade *t, int64_t amount, const char **ret_why)
{
    if (t->credit != CREDIT_AUTHORISED)
        return say(ERR_TRANSITION, "only what is authorised can be given up", ret_why);
    if (amount != t->amount)
        return say(ERR_INPUT, "an authorisation is given up in full only", ret_why);
    t->credit = CREDIT_LEFT;
    t->capture_at_ms = 0;
    return ERR_OK;
}

enum err trade_act(struct trade *t, char action, int64_t amount, int64_t now_ms,
                   const char **ret_why)
{
    trade_settle(t, now_ms);
    if (t->credit == CREDIT_NONE)
        return say(ERR_TRANSITION, "not paid by card", ret_why);
    if (amount < 1)
        return say(ERR_INPUT, "the amount must be at least 1", ret_why);
    switch (action) {
    case 'C': return capture(t, amount, now_ms, ret_why);
    case 'R': return refund(t, amount, now_ms, ret_why);
    case 'E': return cancel_capture(t, amount, ret_why);
    case 'N': return leave(t, amount, ret_why);
    default: return say(ERR_INPUT, "Action must be C, R, E or N", ret_why);
    }
}
