/* coupons_in - coupons as quotes and orders meet them. Nothing outside includes it. */
#pragma once
#include "order/quote.h"

/*
 * The coupon that was asked for (public id), or the one the cart has: q->coupon, q->sum.off and
 * q->sum.ship_free; why it does not count in q->coupon.problem. Never refuses the quote.
 */
enum err coupon_apply(struct db *db, struct cx *cx, struct quote *q, const char *asked) NODISCARD;
/* It is used up by this order; and given back when the order ends unpaid or cancelled. */
enum err coupon_use_for(struct tx *tx, const struct quote *q, int64_t order_id) NODISCARD;
enum err coupon_back(struct tx *tx, int64_t order_id) NODISCARD;
