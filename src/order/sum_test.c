#include "base/test.h"

#include "base/crypto.h"
#include "order/sum.h"

#include <string.h>

/* round_half_up(total * 10000 / (10000 + bp)) by the book, slowly. */
static int64_t tax_plain(int64_t total, int64_t bp)
{
    int64_t d = 10000 + bp, net = total * 10000 / d, rest = total * 10000 % d;
    if (rest * 2 >= d)
        net++;
    return total - net;
}

static void tax__is_inside_the_price(void **state)
{
    (void)state;
    assert_int_equal(sum_tax(1460, 500), 70); /* the page of the design: NT$1,460 has NT$70 */
    assert_int_equal(sum_tax(1, 500), 0);
    assert_int_equal(sum_tax(99, 500), 5);
    assert_int_equal(sum_tax(100000, 500), 4762);
    assert_int_equal(sum_tax(65000, 700), 4252); /* 650.00 baht: 42.52 */
    assert_int_equal(sum_tax(0, 700), 0);
    for (int64_t t = 0; t < 50000; t++) {
        assert_int_equal(sum_tax(t, 500), tax_plain(t, 500));
        assert_int_equal(sum_tax(t, 700), tax_plain(t, 700));
    }
    assert_int_equal(sum_tax(SUM_TOTAL_MAX, 700), tax_plain(SUM_TOTAL_MAX, 700));
}

static void split__goes_by_largest_remainder_and_ties_to_the_lower_line(void **state)
{
    (void)state;
    int64_t part[4];
    sum_split(100, (int64_t[]){1, 1, 1}, 3, part);
    assert_memory_equal(part, ((int64_t[]){34, 33, 33}), 3 * sizeof *part);
    sum_split(100, (int64_t[]){1180, 320}, 2, part); /* 78.67 and 21.33 */
    assert_memory_equal(part, ((int64_t[]){79, 21}), 2 * sizeof *part);
    sum_split(5, (int64_t[]){1, 2, 2}, 3, part);
    assert_memory_equal(part, ((int64_t[]){1, 2, 2}), 3 * sizeof *part);
    sum_split(1, (int64_t[]){2, 3, 3}, 3, part);
    assert_memory_equal(part, ((int64_t[]){0, 1, 0}), 3 * sizeof *part);
    sum_split(7, (int64_t[]){0, 0}, 2, part);
    assert_memory_equal(part, ((int64_t[]){7, 0}), 2 * sizeof *part);
    sum_split(SUM_TOTAL_MAX, (int64_t[]){SUM_TOTAL_MAX, SUM_TOTAL_MAX}, 2, part);
    assert_int_equal(part[0] + part[1], SUM_TOTAL_MAX);
}

static void make__the_page_of_the_design_adds_up(void **state)
{
    (void)state;
    struct sum_line l[] = {{.qty = 2, .unit = 590}, {.qty = 1, .unit = 320}};
    struct sum s = {.tax_bp = 500, .ship_fee = 60, .free_over = 2000, .off = 100};
    assert_int_equal(sum_make(&s, l, 2), ERR_OK);
    assert_int_equal(s.subtotal, 1500);
    assert_int_equal(s.discount, 100);
    assert_int_equal(s.shipping, 60);
    assert_int_equal(s.total, 1460);
    assert_int_equal(s.tax, 70);
    assert_int_equal(s.free_remaining, 600);
    assert_int_equal(l[0].discount + l[1].discount, 100);
    assert_int_equal(l[0].tax + l[1].tax, 70);
}

static void make__free_shipping_counts_what_is_left_after_the_discount(void **state)
{
    (void)state;
    struct sum_line l[] = {{.qty = 1, .unit = 1500}};
    struct sum s = {.tax_bp = 500, .ship_fee = 100, .free_over = 1500};
    assert_int_equal(sum_make(&s, l, 1), ERR_OK);
    assert_int_equal(s.shipping, 0);
    assert_int_equal(s.free_remaining, 0);
    s = (struct sum){.tax_bp = 500, .ship_fee = 100, .free_over = 1500, .off = 1};
    assert_int_equal(sum_make(&s, l, 1), ERR_OK);
    assert_int_equal(s.shipping, 100);
    assert_int_equal(s.free_remaining, 1);
    s = (struct sum){.tax_bp = 500, .ship_fee = 100, .free_over = -1, .ship_free = true};
    assert_int_equal(sum_make(&s, l, 1), ERR_OK);
    assert_int_equal(s.total, 1500);
}

static void make__a_discount_is_never_more_than_the_goods(void **state)
{
    (void)state;
    struct sum_line l[] = {{.qty = 1, .unit = 50}, {.qty = 3, .unit = 10}};
    struct sum s = {.tax_bp = 500, .ship_fee = 60, .free_over = -1, .off = 1000};
    assert_int_equal(sum_make(&s, l, 2), ERR_OK);
    assert_int_equal(s.discount, 80);
    assert_int_equal(s.total, 60);
    assert_int_equal(l[0].discount, 50);
    assert_int_equal(l[1].discount, 30);
    assert_int_equal(l[0].tax + l[1].tax, s.tax); /* of the shipping alone */
}

static void make__nothing_costs_nothing(void **state)
{
    (void)state;
    struct sum s = {.tax_bp = 500, .ship_fee = 60, .free_over = 1000, .off = 10};
    assert_int_equal(sum_make(&s, NULL, 0), ERR_OK);
    assert_int_equal(s.total, 0);
    assert_int_equal(s.shipping, 0);
    struct sum_line prize[] = {{.qty = 1, .unit = 0}};
    s = (struct sum){.tax_bp = 700, .ship_fee = 0, .free_over = -1};
    assert_int_equal(sum_make(&s, prize, 1), ERR_OK);
    assert_int_equal(s.total, 0);
}

static void make__what_cannot_be_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct sum_line l[] = {{.qty = 1, .unit = 10}}, none[] = {{.qty = 0, .unit = 10}},
                    below[] = {{.qty = 1, .unit = -1}},
                    huge[] = {{.qty = 999, .unit = INT64_MAX / 10}};
    struct sum good = {.tax_bp = 500, .ship_fee = 60, .free_over = -1}, s = good;
    static struct sum_line many[SUM_LINES_MAX + 1];
    assert_int_equal(sum_make(&s, none, 1), ERR_INPUT);
    assert_int_equal(sum_make(&s, below, 1), ERR_INPUT);
    assert_int_equal(sum_make(&s, huge, 1), ERR_INPUT);
    assert_int_equal(sum_make(&s, many, SUM_LINES_MAX + 1), ERR_INPUT);
    s.off = -1;
    assert_int_equal(sum_make(&s, l, 1), ERR_INPUT);
    s = good;
    s.ship_fee = INT64_MAX;
    assert_int_equal(sum_make(&s, l, 1), ERR_INPUT);
    s = good;
    s.tax_bp = -5;
    assert_int_equal(sum_make(&s, l, 1), ERR_INPUT);
    assert_int_equal(s.total, 0);
}

static uint32_t draw(uint32_t below)
{
    uint32_t r;
    crypto_random(&r, sizeof r);
    return r % below;
}

/* I9, in both currencies: whatever is bought, the parts are the whole. */
static void make__parts_sum_to_the_whole_whatever_is_bought(void **state)
{
    (void)state;
    assert_int_equal(crypto_init(), ERR_OK);
    for (int round = 0; round < 20000; round++) {
        struct sum_line l[SUM_LINES_MAX];
        size_t n = 1 + draw(round % 50 ? 6 : SUM_LINES_MAX);
        uint32_t most = (uint32_t[]){3, 1000, 10000000}[round % 3];
        for (size_t i = 0; i < n; i++)
            l[i] = (struct sum_line){.qty = 1 + draw(9), .unit = draw(most)};
        struct sum s = {.tax_bp = round & 1 ? 500 : 700,
                        .ship_fee = draw(200),
                        .free_over = draw(2) ? -1 : (int64_t)draw(5000),
                        .ship_free = !draw(4),
                        .off = draw(most * 2)};
        assert_int_equal(sum_make(&s, l, n), ERR_OK);
        int64_t amount = 0, discount = 0, tax = 0;
        for (size_t i = 0; i < n; i++) {
            amount += l[i].amount;
            discount += l[i].discount;
            tax += l[i].tax;
            assert_in_range(l[i].discount, 0, l[i].amount);
            assert_true(l[i].tax >= 0);
        }
        assert_int_equal(amount, s.subtotal);
        assert_int_equal(discount, s.discount);
        assert_int_equal(tax, s.tax);
        assert_int_equal(s.total, s.subtotal - s.discount + s.shipping);
        assert_in_range(s.tax, 0, s.total);
    }
}

static void units__of_a_line_sum_to_what_it_cost(void **state)
{
    (void)state;
    assert_int_equal(sum_units(1000, 3, 0, 1), 334);
    assert_int_equal(sum_units(1000, 3, 1, 1), 333);
    assert_int_equal(sum_units(1000, 3, 2, 1), 333);
    for (int64_t net = 0; net < 60; net++)
        for (int64_t qty = 1; qty < 12; qty++) {
            int64_t sum = 0;
            for (int64_t i = 0; i < qty; i++)
                sum += sum_units(net, qty, i, 1);
            assert_int_equal(sum, net);
            assert_int_equal(sum_units(net, qty, 0, qty), net);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tax__is_inside_the_price),
        cmocka_unit_test(split__goes_by_largest_remainder_and_ties_to_the_lower_line),
        cmocka_unit_test(make__the_page_of_the_design_adds_up),
        cmocka_unit_test(make__free_shipping_counts_what_is_left_after_the_discount),
        cmocka_unit_test(make__a_discount_is_never_more_than_the_goods),
        cmocka_unit_test(make__nothing_costs_nothing),
        cmocka_unit_test(make__what_cannot_be_is_refused_and_changes_nothing),
        cmocka_unit_test(make__parts_sum_to_the_whole_whatever_is_bought),
        cmocka_unit_test(units__of_a_line_sum_to_what_it_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
