/*
 * sum - the arithmetic of an order: one pure function, and how a whole is split into parts.
 *
 * Rules:   total = subtotal - discount + shipping (I9); prices include tax:
 *          tax = total - round_half_up(total * 10000 / (10000 + tax_bp)). The parts of discount and
 *          tax on the lines are by largest remainder, ties to the lower line: they sum exactly.
 * Units:   minor units of one currency; basis points.
 * Thread:  any; no state.
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

enum { SUM_LINES_MAX = 400 };
#define SUM_TOTAL_MAX INT64_C(10000000000000) /* 10^13: 16 digits of room below int64 */

struct sum_line {
    int64_t qty, unit;             /* asked */
    int64_t amount, discount, tax; /* made: qty * unit, and its parts */
};

struct sum {
    int64_t tax_bp;
    int64_t ship_fee;  /* of the delivery chosen */
    int64_t free_over; /* goods after discount from here on are sent free; -1: never */
    bool ship_free;    /* by coupon */
    int64_t off;       /* by coupon: taken from the goods, at most all of them */
    /* made */
    int64_t subtotal, discount, shipping, tax, total;
    int64_t free_remaining; /* until sent free; 0: it is, or never */
};

/*
 * Fill in `sum` and the lines. No lines: all 0, and no shipping.
 *
 * ERR_INPUT  something below 0, too many lines, or beyond SUM_TOTAL_MAX
 */
enum err sum_make(struct sum *sum, struct sum_line *lines, size_t n) NODISCARD;

/* Goods before coupons, for the coupon's own rule. The same errors. */
enum err sum_goods(const struct sum_line *lines, size_t n, int64_t *ret_subtotal) NODISCARD;

/* Tax inside an amount. */
int64_t sum_tax(int64_t total, int64_t tax_bp);

/*
 * `whole` in parts by weight, largest remainder first, ties to the lower index; when all weights
 * are 0 the first part has it all. whole and weights are 0 .. SUM_TOTAL_MAX, n <= SUM_LINES_MAX.
 */
void sum_split(int64_t whole, const int64_t *weight, size_t n, int64_t *part);

/*
 * What `n` more units of a line of `qty` are worth when `before` were paid back already; over all
 * units it sums to `net`. 0 <= before, n; before + n <= qty.
 */
int64_t sum_units(int64_t net, int64_t qty, int64_t before, int64_t n);
