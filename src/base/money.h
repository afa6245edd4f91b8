/*
 * money - integer minor units with their currency. Never a float, never without a currency.
 *
 * Units: TWD and JPY have no minor unit (exponent 0); THB and USD have two digits.
 *        ISO 4217 lists TWD with 2: shops, buyers and ECPay use whole dollars.
 */
#pragma once
#include "base/err.h"

struct money {
    int64_t amount;   /* minor units */
    char currency[4]; /* "TWD" */
};

/* -1 for a currency that is not in our table. */
int money_exponent(const char *currency);
/* ERR_INPUT: currencies differ or are unknown, or the sum does not fit. */
enum err money_add(struct money a, struct money b, struct money *ret_sum) NODISCARD;
enum err money_sub(struct money a, struct money b, struct money *ret_diff) NODISCARD;
/* floor(amount * basis points / 10,000) of an amount >= 0, 0 <= bp <= 10,000. */
enum err money_share_bp(struct money m, int64_t bp, struct money *ret_share) NODISCARD;
