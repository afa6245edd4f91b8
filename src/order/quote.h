/*
 * quote - what a cart costs, as the confirm page shows it; its hash is what checkout compares.
 *
 * Shape:   lines in the order they were taken, sums by sum.h, the methods and fees of the shop's
 *          market. The hash is SHA-256 over all that decides money: lines with quantity, price and
 *          parts, delivery, method, coupon, sums. Clocks and addresses are not in it.
 * Rest:    as order.h.
 */
#pragma once
#include "account/staff.h"
#include "cart/cart.h"
#include "catalog/market.h"
#include "order/order.h"
#include "order/sum.h"

enum { QUOTE_HASH_SIZE = 65, COD_OFF_AFTER = 1 };

struct quote_ask {
    enum delivery delivery;
    const char *pay_method; /* NULL: the first that can be had */
    const char *coupon;     /* cpn_…, or NULL */
};

struct quote {
    struct cart cart;
    struct shop shop;
    struct shop_market at;
    struct cart_item *items; /* held, by line id */
    size_t count;
    bool gone; /* some line is not for sale any more */
    struct sum_line *lines;
    struct sum sum;
    enum delivery delivery;
    const struct pay_method *method; /* NULL: none can be had, or nothing is to be paid */
    int64_t minutes;                 /* of the method; 0: the order does not end */
    struct pay_terms *methods;       /* what the shop has in the market */
    size_t method_count;
    struct {
        int64_t id; /* 0: none is used */
        const char *public_id, *code, *kind;
        const char *problem; /* why it is not used, or NULL */
    } coupon;
    int64_t uncollected; /* parcels this buyer left, of this shop */
    char hash[QUOTE_HASH_SIZE];
};

/*
 * Price these held items of a cart. The items are put in order.
 *
 * ERR_INPUT  a sum that is too large; this shop does not deliver like that in the market
 */
enum err quote_make(struct orders *o, struct db *db, struct cx *cx, const struct cart *cart,
                    struct cart_item *items, size_t count, const struct quote_ask *ask,
                    struct quote *ret_quote) NODISCARD;

/* Why a method cannot be had for this quote; NULL: it can. As pay_terms_problem(), "uncollected".
 */
const char *quote_method_problem(const struct quote *q, const struct pay_terms *m);

/* The object Quote of whom `who` may see the cart of. ERR_NOT_FOUND */
enum err quote_read(struct orders *o, struct db *db, struct cx *cx, const struct room_who *who,
                    const struct cart_ref *ref, const struct quote_ask *ask,
                    json_t **ret_quote) NODISCARD;
