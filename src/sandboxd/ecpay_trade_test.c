#include "sandboxd/ecpay_trade.h"

#include "base/crypto.h"
#include "base/test.h"
#include "sandboxd/ecpay_clock.h"

#include <string.h>

enum { AMOUNT = 600 };

static int64_t noon(void)
{
    int64_t ms = 0;
    assert_int_equal(taipei_parse("2026/11/22 12:00:00", &ms), ERR_OK);
    return ms;
}

static struct trade *trade(enum method m)
{
    struct aio_ask ask = {.field = {[AIO_TRADE_NO] = "T1"},
                          .amount = AMOUNT,
                          .method = m,
                          .code_days = 3,
                          .store_minutes = 60,
                          .barcode_days = 7};
    struct trade *t = trade_make(&ask, 0, 12345678, noon());
    assert_non_null(t);
    return t;
}

static struct trade *paid_card(enum credit_state to)
{
    struct trade *t = trade(METHOD_CREDIT);
    assert_int_equal(trade_pay(t, 0, noon()), ERR_OK);
    if (to != CREDIT_AUTHORISED)
        assert_int_equal(trade_set_credit(t, to, noon()), ERR_OK);
    return t;
}

/* ECPay's pages 9242 and 16567, every state with every action, all of the amount and a part. */
static void act__follows_the_table_of_states(void **state)
{
    static const struct {
        enum credit_state from;
        char action;
        int64_t amount;
        enum err e;
        enum credit_state to;
    } rows[] = {{CREDIT_AUTHORISED, 'C', AMOUNT, ERR_OK, CREDIT_TO_CAPTURE},
                {CREDIT_AUTHORISED, 'C', 200, ERR_OK, CREDIT_TO_CAPTURE},
                {CREDIT_AUTHORISED, 'R', AMOUNT, ERR_TRANSITION, CREDIT_AUTHORISED},
                {CREDIT_AUTHORISED, 'R', 200, ERR_TRANSITION, CREDIT_AUTHORISED},
                {CREDIT_AUTHORISED, 'E', AMOUNT, ERR_TRANSITION, CREDIT_AUTHORISED},
                {CREDIT_AUTHORISED, 'N', AMOUNT, ERR_OK, CREDIT_LEFT},
                {CREDIT_AUTHORISED, 'N', 200, ERR_INPUT, CREDIT_AUTHORISED},
                {CREDIT_TO_CAPTURE, 'C', AMOUNT, ERR_TRANSITION, CREDIT_TO_CAPTURE},
                {CREDIT_TO_CAPTURE, 'R', AMOUNT, ERR_TRANSITION, CREDIT_TO_CAPTURE},
                {CREDIT_TO_CAPTURE, 'R', 200, ERR_OK, CREDIT_TO_CAPTURE},
                {CREDIT_TO_CAPTURE, 'E', AMOUNT, ERR_OK, CREDIT_AUTHORISED},
                {CREDIT_TO_CAPTURE, 'E', 200, ERR_INPUT, CREDIT_TO_CAPTURE},
                {CREDIT_TO_CAPTURE, 'N', AMOUNT, ERR_TRANSITION, CREDIT_TO_CAPTURE},
                {CREDIT_CAPTURED, 'C', AMOUNT, ERR_TRANSITION, CREDIT_CAPTURED},
                {CREDIT_CAPTURED, 'R', AMOUNT, ERR_OK, CREDIT_CAPTURED},
                {CREDIT_CAPTURED, 'R', 200, ERR_OK, CREDIT_CAPTURED},
                {CREDIT_CAPTURED, 'R', AMOUNT + 1, ERR_INPUT, CREDIT_CAPTURED},
                {CREDIT_CAPTURED, 'E', AMOUNT, ERR_TRANSITION, CREDIT_CAPTURED},
                {CREDIT_CAPTURED, 'N', AMOUNT, ERR_TRANSITION, CREDIT_CAPTURED},
                {CREDIT_CAPTURED, 'X', AMOUNT, ERR_INPUT, CREDIT_CAPTURED},
                {CREDIT_CAPTURED, 'R', 0, ERR_INPUT, CREDIT_CAPTURED}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trade *t = paid_card(rows[i].from);
        const char *why = "";
        assert_int_equal(trade_act(t, rows[i].action, rows[i].amount, noon(), &why), rows[i].e);
        assert_int_equal(t->credit, rows[i].to);
        assert_true(rows[i].e == ERR_OK || *why);
        trade_free(&t->entry);
    }
}

static void act__never_pays_back_more_than_was_captured(void **state)
{
    const char *why;
    int64_t back = 0;
    (void)state;
    struct trade *t = paid_card(CREDIT_CAPTURED);
    for (int i = 0; i < 10; i++)
        back += trade_act(t, 'R', 100, noon(), &why) ? 0 : 100;
    assert_int_equal(back, AMOUNT);
    assert_int_equal(t->refunded, AMOUNT);
    trade_free(&t->entry);

    t = paid_card(CREDIT_AUTHORISED);
    assert_int_equal(trade_act(t, 'C', 250, noon(), &why), ERR_OK);
    assert_int_equal(trade_set_credit(t, CREDIT_CAPTURED, noon()), ERR_OK);
    assert_int_equal(trade_act(t, 'R', 251, noon(), &why), ERR_INPUT);
    assert_int_equal(trade_act(t, 'R', 250, noon(), &why), ERR_OK);
    trade_free(&t->entry);
}

static void settle__captures_in_the_evening_by_itself(void **state)
{
    static const int64_t minute = 60 * 1000;
    struct trade *t = paid_card(CREDIT_AUTHORISED);
    int64_t evening = taipei_next(noon(), 20, 15);
    (void)state;
    trade_settle(t, evening - minute);
    assert_int_equal(t->credit, CREDIT_AUTHORISED);
    trade_settle(t, evening + minute);
    assert_int_equal(t->credit, CREDIT_TO_CAPTURE);
    trade_settle(t, evening + 16 * minute);
    assert_int_equal(t->credit, CREDIT_CAPTURED);
    assert_int_equal(t->captured, AMOUNT);
    trade_free(&t->entry);

    const char *why;
    t = paid_card(CREDIT_TO_CAPTURE);
    assert_int_equal(trade_act(t, 'E', AMOUNT, noon(), &why), ERR_OK);
    trade_settle(t, evening + 16 * minute); /* a capture that was cancelled stays so */
    assert_int_equal(t->credit, CREDIT_AUTHORISED);
    trade_free(&t->entry);
}

static void pay__happens_once_and_after_the_code(void **state)
{
    struct trade *t = trade(METHOD_CVS);
    (void)state;
    assert_int_equal(trade_pay(t, 0, noon()), ERR_TRANSITION);
    assert_int_equal(trade_simulate(t), ERR_TRANSITION);
    assert_int_equal(trade_issue(t, "OK", noon()), ERR_OK);
    assert_int_equal(trade_issue(t, "OK", noon()), ERR_TRANSITION);
    assert_string_equal(t->type, "CVS_OK");
    assert_int_equal(strlen(t->payment_no), 14);
    assert_int_equal(t->expires_ms, noon() + INT64_C(3600000));
    assert_int_equal(trade_fail(t, 1, noon()), ERR_TRANSITION);
    assert_int_equal(trade_simulate(t), ERR_OK);
    assert_int_equal(t->state, TRADE_CODE);
    assert_int_equal(trade_pay(t, 0, t->expires_ms + 1), ERR_OK); /* late, and money all the same */
    assert_int_equal(trade_pay(t, 0, noon()), ERR_TRANSITION);
    assert_int_equal(t->credit, CREDIT_NONE);
    trade_free(&t->entry);
}

static int start(void **state)
{
    (void)state;
    return (int)crypto_init();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(act__follows_the_table_of_states),
        cmocka_unit_test(act__never_pays_back_more_than_was_captured),
        cmocka_unit_test(settle__captures_in_the_evening_by_itself),
        cmocka_unit_test(pay__happens_once_and_after_the_code),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
