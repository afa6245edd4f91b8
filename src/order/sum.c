#include "order/sum.h"

#include <assert.h>

/* Products of two amounts need more than 64 bits. */
__extension__ typedef __int128 wide;

int64_t sum_tax(int64_t total, int64_t tax_bp)
{
    int64_t d = 10000 + tax_bp;
    int64_t net = (total * 20000 + d) / (2 * d); /* half up */
    return total - net;
}

static void give_rest(int64_t rest, uint64_t *left, size_t n, int64_t *part)
{
    for (; rest > 0; rest--) {
        size_t best = 0;
        for (size_t i = 1; i < n; i++)
            if (left[i] > left[best])
                best = i;
        part[best]++;
        left[best] = 0;
    }
}

void sum_split(int64_t whole, const int64_t *weight, size_t n, int64_t *part)
{
    uint64_t left[SUM_LINES_MAX] = {0};
    int64_t sum = 0, rest = whole;
    assert(n >= 1 && n <= SUM_LINES_MAX);
    for (size_t i = 0; i < n; i++)
        sum += weight[i];
    for (size_t i = 0; i < n; i++) {
        wide of = (wide)whole * weight[i];
        part[i] = sum ? (int64_t)(of / sum) : 0;
        left[i] = sum ? (uint64_t)(of % sum) : 0;
        rest -= part[i];
    }
    if (!sum)
        part[0] = whole;
    else
        give_rest(rest, left, n, part);
}

int64_t sum_units(int64_t net, int64_t qty, int64_t before, int64_t n)
{
    int64_t each = net / qty, more = net % qty;
    int64_t from = before < more ? before : more, to = before + n < more ? before + n : more;
    return each * n + (to - from);
}

enum err sum_goods(const struct sum_line *lines, size_t n, int64_t *ret_subtotal)
{
    int64_t sum = 0;
    if (n > SUM_LINES_MAX)
        return ERR_INPUT;
    for (size_t i = 0; i < n; i++) {
        int64_t amount;
        if (lines[i].qty < 1 || lines[i].unit < 0 ||
            __builtin_mul_overflow(lines[i].qty, lines[i].unit, &amount) ||
            amount > SUM_TOTAL_MAX || (sum += amount) > SUM_TOTAL_MAX)
            return ERR_INPUT;
    }
    *ret_subtotal = sum;
    return ERR_OK;
}

static bool in_range(int64_t n)
{
    return n >= 0 && n <= SUM_TOTAL_MAX;
}

static void ship(struct sum *s)
{
    int64_t goods = s->subtotal - s->discount;
    bool free = s->ship_free || (s->free_over >= 0 && goods >= s->free_over);
    s->shipping = free ? 0 : s->ship_fee;
    s->free_remaining = free || s->free_over < 0 ? 0 : s->free_over - goods;
}

static void split_lines(const struct sum *s, struct sum_line *lines, size_t n)
{
    int64_t weight[SUM_LINES_MAX] = {0}, part[SUM_LINES_MAX] = {0};
    for (size_t i = 0; i < n; i++)
        weight[i] = lines[i].amount = lines[i].qty * lines[i].unit;
    sum_split(s->discount, weight, n, part);
    for (size_t i = 0; i < n; i++) {
        lines[i].discount = part[i];
        weight[i] -= part[i];
    }
    sum_split(s->tax, weight, n, part);
    for (size_t i = 0; i < n; i++)
        lines[i].tax = part[i];
}

enum err sum_make(struct sum *sum, struct sum_line *lines, size_t n)
{
    struct sum s = *sum;
    enum err e = sum_goods(lines, n, &s.subtotal);
    if (e || !in_range(s.ship_fee) || s.free_over < -1 || s.free_over > SUM_TOTAL_MAX ||
        !in_range(s.off) || s.tax_bp < 0 || s.tax_bp > 10000)
        return ERR_INPUT;
    s.discount = s.off < s.subtotal ? s.off : s.subtotal;
    if (n)
        ship(&s);
    else
        s.shipping = s.free_remaining = 0;
    s.total = s.subtotal - s.discount + s.shipping;
    if (s.total > SUM_TOTAL_MAX)
        return ERR_INPUT;
    s.tax = sum_tax(s.total, s.tax_bp);
    if (n)
        split_lines(&s, lines, n);
    *sum = s;
    return ERR_OK;
}
