#include "base/money.h"

#include <string.h>

static const struct {
    char code[4];
    int exponent;
} currencies[] = {{"TWD", 0}, {"THB", 2}, {"USD", 2}, {"JPY", 0}};

int money_exponent(const char *currency)
{
    for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++)
        if (strcmp(currencies[i].code, currency) == 0)
            return currencies[i].exponent;
    return -1;
}

static bool same_currency(const struct money *a, const struct money *b)
{
    return money_exponent(a->currency) >= 0 && strcmp(a->currency, b->currency) == 0;
}

enum err money_add(struct money a, struct money b, struct money *ret_sum)
{
    struct money sum = a;
    if (!same_currency(&a, &b) || __builtin_add_overflow(a.amount, b.amount, &sum.amount))
        return ERR_INPUT;
    *ret_sum = sum;
    return ERR_OK;
}

enum err money_sub(struct money a, struct money b, struct money *ret_diff)
{
    struct money diff = a;
    if (!same_currency(&a, &b) || __builtin_sub_overflow(a.amount, b.amount, &diff.amount))
        return ERR_INPUT;
    *ret_diff = diff;
    return ERR_OK;
}

enum err money_share_bp(struct money m, int64_t bp, struct money *ret_share)
{
    int64_t product;
    if (money_exponent(m.currency) < 0 || m.amount < 0 || bp < 0 || bp > 10000 ||
        __builtin_mul_overflow(m.amount, bp, &product))
        return ERR_INPUT;
    *ret_share = m;
    ret_share->amount = product / 10000;
    return ERR_OK;
}
