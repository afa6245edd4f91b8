/*
 * returns - goods that come back.
 *
 * Shape:   within the market's days after the day of arrival a buyer may send back anything that is
 *          not exempt, without a reason; the moment of asking decides. What was asked in time
 *          cannot be refused.
 * Rest:    as order.h.
 */
#pragma once
#include "order/order.h"

struct return_ask {
    const json_t *lines; /* [{"no","qty"}] */
    const char *reason;  /* or NULL */
    const char *idem;
};
struct return_refusal {
    const char *reason;   /* too_late, exempt, not_delivered, nothing_left */
    const char *last_day; /* or NULL */
};
/* ERR_RETURN_REFUSED with *refusal written; *ret_order is the object Order. */
enum err return_open(struct orders *o, struct cx *cx, const struct room_who *who,
                     const struct order_ref *ref, const struct return_ask *ask,
                     struct return_refusal *refusal, json_t **ret_order, bool *ret_again) NODISCARD;

struct return_set {
    const char *state;
    const char *note; /* or NULL */
    bool restock;     /* with received: it can be sold again */
};
/* By staff: order.edit, and order.refund for "refunded". ERR_TRANSITION. *ret_return: Return. */
enum err return_edit(struct orders *o, struct cx *cx, const struct room_who *who,
                     const char *return_id, const struct return_set *ask,
                     json_t **ret_return) NODISCARD;
