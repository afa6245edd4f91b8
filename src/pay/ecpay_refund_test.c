/* Paying back by card: every state and step, lost answers, refusals, closed hours. */
#include "base/arena.h"
#include "base/test.h"
#include "pay/ecpay_in.h"
#include "pay/ecpay_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DONE    "1|OK"
#define REFUSED "0|no"
#define CARD_AT(status, movements)                                                 \
    "{\"RtnMsg\":\"\",\"RtnValue\":{\"TradeID\":\"" BOOTH_GWSR                     \
    "\",\"amount\":\"590\",\"clsamt\":\"0\",\"authtime\":\"2026/11/23 07:29:50\"," \
    "\"status\":\"" status "\",\"close_data\":[" movements "]}}"
#define MOVED(amount) \
    "{\"status\":\"已關帳\",\"sno\":\"1\",\"amount\":\"" amount "\",\"datetime\":\"x\"}"
#define AUTHORISED         CARD_AT("已授權", "")
#define CLOSING            CARD_AT("要關帳", MOVED("590"))
#define CLOSED             CARD_AT("已關帳", MOVED("590"))
#define GIVEN_BACK(amount) CARD_AT("已關帳", MOVED("590") "," MOVED(amount))
#define UNTOLD             "{\"RtnMsg\":\"error\",\"RtnValue\":{}}"
#define OVER               CARD_AT("操作取消", "")

static struct gateway_refund ask_for(int64_t amount)
{
    return (struct gateway_refund){
        .payment = booth_payment("ecpay_card"), .refund_ref = "ref1", .amount = amount};
}

static struct gateway_refunded refund(struct booth *b, const struct gateway_refund *ask)
{
    struct gateway_refunded r;
    b->g->way->refund(b->g, &b->cx, ask, &r);
    return r;
}

static struct gateway_refunded refund_ask(struct booth *b, const struct gateway_refund *ask)
{
    struct gateway_refunded r;
    b->g->way->refund_ask(b->g, &b->cx, ask, &r);
    return r;
}

/* The actions sent since `from`, as letters; every one signed and whole. */
static const char *actions(struct booth *b, int from)
{
    static char letters[BOOTH_STEPS + 1];
    int n = 0;
    for (int i = from; i < booth_count(b); i++) {
        if (strcmp(b->got[i].path, "/CreditDetail/DoAction") != 0)
            continue;
        assert_string_equal(booth_got(b, i, "MerchantTradeNo"), BOOTH_REF);
        assert_string_equal(booth_got(b, i, "TradeNo"), BOOTH_TRADE);
        letters[n++] = booth_got(b, i, "Action")[0];
    }
    letters[n] = '\0';
    return letters;
}

static void refund__takes_the_step_of_each_state(void **state)
{
    struct booth *b = *state;
    static const struct {
        const char *card;
        int64_t amount;
        const char *steps, *last_amount;
    } table[] = {{AUTHORISED, 590, "N", "590"}, {AUTHORISED, 100, "CR", "100"},
                 {CLOSING, 590, "EN", "590"},   {CLOSING, 100, "R", "100"},
                 {CLOSED, 590, "R", "590"},     {CLOSED, 100, "R", "100"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int from = booth_count(b);
        struct gateway_refund ask = ask_for(table[i].amount);
        if (i == 3) { /* the script has a dozen lines */
            booth_clear(b);
            from = 0;
        }
        booth_answer(b, 200, table[i].card);
        for (size_t k = 0; k < strlen(table[i].steps); k++)
            booth_answer(b, 200, DONE);
        assert_int_equal(refund(b, &ask).says, REFUND_SAYS_DONE);
        assert_string_equal(actions(b, from), table[i].steps);
        assert_string_equal(booth_got(b, booth_count(b) - 1, "TotalAmount"), table[i].last_amount);
        assert_string_equal(b->got[from].path, "/CreditDetail/QueryTrade/V2");
        assert_string_equal(booth_got(b, from, "CreditRefundId"), BOOTH_GWSR);
        assert_string_equal(booth_got(b, from, "CreditAmount"), "590");
        assert_string_equal(booth_got(b, from, "CreditCheckCode"), "62861749");
    }
}

static void step__has_an_answer_for_every_state(void **state)
{
    (void)state;
    static const struct {
        enum ecpay_credit at;
        char whole, part;
    } table[] = {{CREDIT_UNKNOWN, 0, 0},
                 {CREDIT_AUTHORISED, 'N', 'C'},
                 {CREDIT_CLOSING, 'E', 'R'},
                 {CREDIT_CLOSED, 'R', 'R'},
                 {CREDIT_OVER, 0, 0}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(ecpay_refund_step(table[i].at, true), table[i].whole);
        assert_int_equal(ecpay_refund_step(table[i].at, false), table[i].part);
    }
}

static void refund__captures_all_before_it_gives_a_part_back(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(100);
    booth_answer(b, 200, AUTHORISED);
    booth_answer(b, 200, DONE);
    booth_answer(b, 200, DONE);
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_DONE);
    assert_string_equal(booth_got(b, 1, "TotalAmount"), "590");
    assert_string_equal(booth_got(b, 2, "TotalAmount"), "100");
}

static void refund__reads_either_notation(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(100);
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 200,
                 "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeNo=" BOOTH_TRADE
                 "&RtnCode=1&RtnMsg=");
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_DONE);
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 200, "MerchantID=3002607&RtnCode=10100050&RtnMsg=%E9%A4%98%E9%A1%8D%0A+short");
    booth_answer(b, 200, CLOSED);
    struct gateway_refunded r = refund(b, &ask);
    assert_int_equal(r.says, REFUND_SAYS_FAILED);
    assert_string_equal(r.why, "餘額 short");
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 200, "0|no money");
    booth_answer(b, 200, CLOSED);
    r = refund(b, &ask);
    assert_int_equal(r.says, REFUND_SAYS_FAILED);
    assert_string_equal(r.why, "no money");
}

static void refund__sends_nothing_while_the_capture_runs(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(590);
    b->cx.now_ms = BOOTH_NOW_MS + (12 * 60 + 50) * INT64_C(60000); /* 20:20 */
    struct gateway_refunded r = refund(b, &ask);
    assert_int_equal(r.says, REFUND_SAYS_LATER);
    assert_int_equal(r.later_ms, b->cx.now_ms + 10 * 60000);
    assert_int_equal(booth_count(b), 0);
    booth_answer(b, 200, OVER); /* asking is fine */
    assert_int_equal(refund_ask(b, &ask).says, REFUND_SAYS_DONE);
}

static void refund__leaves_to_people_what_ecpay_cannot(void **state)
{
    struct booth *b = *state;
    static const char *const methods[] = {"ecpay_atm",    "ecpay_cvs",  "ecpay_barcode",
                                          "ecpay_webatm", "ecpay_twqr", "unheard_of"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct gateway_refund ask = ask_for(590);
        ask.payment.method = methods[i];
        assert_int_equal(refund(b, &ask).says, REFUND_SAYS_MANUAL);
        assert_int_equal(refund_ask(b, &ask).says, REFUND_SAYS_MANUAL);
    }
    struct gateway_refund part = ask_for(100);
    part.payment.method = "ecpay_installment";
    assert_int_equal(refund(b, &part).says, REFUND_SAYS_MANUAL);
    part = ask_for(100); /* chosen on ECPay's page */
    part.payment.details = "{\"gwsr\":\"" BOOTH_GWSR "\",\"terms\":6}";
    assert_int_equal(refund(b, &part).says, REFUND_SAYS_MANUAL);
    assert_int_equal(booth_count(b), 0);
    struct gateway_refund all = ask_for(590);
    all.payment.method = "ecpay_installment";
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 200, DONE);
    assert_int_equal(refund(b, &all).says, REFUND_SAYS_DONE);
}

static void refund__looks_up_the_numbers_that_no_notice_told(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(590);
    ask.payment.provider_ref = NULL;
    ask.payment.details = NULL;
    booth_answer(b, 200,
                 booth_form(&b->cx, &booth_keys,
                            "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeAmt=590"
                            "&TradeNo=" BOOTH_TRADE "&TradeStatus=1&gwsr=" BOOTH_GWSR));
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 200, DONE);
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_DONE);
    assert_string_equal(actions(b, 0), "R");
    booth_answer(b, 200,
                 booth_form(&b->cx, &booth_keys,
                            "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeAmt=590"
                            "&TradeNo=" BOOTH_TRADE "&TradeStatus=0"));
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_FAILED); /* nothing was paid */
    booth_answer(b, 500, "");
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_LATER);
    booth_answer(b, 500, "");
    assert_int_equal(refund_ask(b, &ask).says, REFUND_SAYS_UNCLEAR);
}

static void refund__a_lost_answer_is_looked_up_and_never_repeated(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(100);
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 0, NULL); /* it was done, nobody heard */
    booth_answer(b, 200, CARD_AT("已關帳", MOVED("590") "," MOVED("-100")));
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_DONE);
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 0, NULL);
    booth_answer(b, 200, CLOSED);
    struct gateway_refunded r = refund(b, &ask);
    assert_int_equal(r.says, REFUND_SAYS_UNCLEAR); /* it may be on its way still */
    assert_int_equal(r.later_ms, b->cx.now_ms + 60000);
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 200, "what?");
    booth_answer(b, 500, "");
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_UNCLEAR);
    assert_string_equal(actions(b, 0), "RRR");
}

static void refund__a_step_lost_before_money_moves_is_no_doubt(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(590);
    booth_answer(b, 200, CLOSING);
    booth_answer(b, 0, NULL); /* E */
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_LATER);
    booth_answer(b, 200, AUTHORISED); /* it had come: on from there */
    booth_answer(b, 200, DONE);
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_DONE);
    assert_string_equal(actions(b, 0), "EN");
}

static void refund_ask__tells_done_from_not_done(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(100);
    static const struct {
        const char *card;
        int64_t before;
        enum gateway_refund_says says;
        int64_t by_hand;
    } table[] = {
        {CLOSED, 0, REFUND_SAYS_LATER, 0},
        {GIVEN_BACK("-100"), 0, REFUND_SAYS_DONE, 0},
        {GIVEN_BACK("-100"), 100, REFUND_SAYS_LATER, 0},
        {GIVEN_BACK("-200"), 100, REFUND_SAYS_DONE, 0},
        {GIVEN_BACK("-300"), 0, REFUND_SAYS_FAILED, 0},
        {GIVEN_BACK("-100"), 200, REFUND_SAYS_FAILED, 0},
        {CLOSED, 0, REFUND_SAYS_LATER, 100},
        {GIVEN_BACK("-100"), 0, REFUND_SAYS_UNCLEAR, 100}, /* this one, or the hand's? */
        {GIVEN_BACK("-200"), 0, REFUND_SAYS_DONE, 100},
        {GIVEN_BACK("-50"), 0, REFUND_SAYS_LATER, 50}, /* too little to be this one */
        {GIVEN_BACK("-100"), 0, REFUND_SAYS_DONE, 50}, /* too much to be the hand's */
        {GIVEN_BACK("-200"), 100, REFUND_SAYS_UNCLEAR, 100},
        {GIVEN_BACK("-170"), 0, REFUND_SAYS_FAILED, 50},
        {CARD_AT("已關帳", "{\"status\":\"已退款\",\"amount\":100}"), 0, REFUND_SAYS_DONE, 0},
        {"{\"RtnMsg\":\"error_nopay\",\"RtnValue\":{}}", 0, REFUND_SAYS_UNCLEAR, 0},
        {"nonsense", 0, REFUND_SAYS_UNCLEAR, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        ask.refunded = table[i].before;
        ask.by_hand = table[i].by_hand;
        if (i == 10) /* the script has a dozen lines */
            booth_clear(b);
        booth_answer(b, 200, table[i].card);
        assert_int_equal(refund_ask(b, &ask).says, table[i].says);
    }
    assert_string_equal(actions(b, 0), "");
}

/* As much went back by a bank's transfer before: what ECPay has may be that, or this. */
static void refund__after_one_by_hand_is_never_sent_twice(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(100);
    ask.by_hand = 100;
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 0, NULL); /* it was done, nobody heard */
    booth_answer(b, 200, GIVEN_BACK("-100"));
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_UNCLEAR);
    booth_answer(b, 200, GIVEN_BACK("-100"));
    assert_int_equal(refund_ask(b, &ask).says, REFUND_SAYS_UNCLEAR);
    booth_answer(b, 200, GIVEN_BACK("-100")); /* staff press on */
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_FAILED);
    assert_string_equal(actions(b, 0), "R");
}

static int64_t slow_ms;
static int64_t slow_clock(void)
{
    return slow_ms += 60000; /* each look at it is a minute later */
}

static void refund__that_took_long_sends_nothing_into_the_capture(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(590);
    ((struct ecpay *)b->g)->mono_ms = slow_clock;
    b->cx.now_ms = BOOTH_NOW_MS + (12 * 60 + 42) * INT64_C(60000) + 30000; /* 20:12:30 */
    booth_answer(b, 200, CLOSED);
    struct gateway_refunded r = refund(b, &ask);
    assert_int_equal(r.says, REFUND_SAYS_LATER);
    assert_int_equal(r.later_ms, BOOTH_NOW_MS + 13 * 60 * INT64_C(60000));
    assert_string_equal(actions(b, 0), "");
}

static void refund__says_that_a_capture_stays_cancelled(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(590);
    booth_answer(b, 200, CLOSING);
    booth_answer(b, 200, DONE); /* E */
    booth_answer(b, 200, "0|no");
    booth_answer(b, 200, AUTHORISED);
    struct gateway_refunded r = refund(b, &ask);
    assert_int_equal(r.says, REFUND_SAYS_FAILED);
    assert_non_null(strstr(r.why, "no; its capture is cancelled (E)"));
    booth_answer(b, 200, UNTOLD);
    booth_answer(b, 200, REFUSED);
    booth_answer(b, 200, REFUSED);
    booth_answer(b, 200, DONE);
    booth_answer(b, 200, REFUSED);
    r = refund(b, &ask);
    assert_int_equal(r.says, REFUND_SAYS_FAILED);
    assert_non_null(strstr(r.why, "its capture is cancelled (E)"));
}

static void refund__does_nothing_when_ecpay_has_other_refunds(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(100);
    booth_answer(b, 200, CARD_AT("已關帳", MOVED("590") "," MOVED("-300")));
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_FAILED);
    booth_answer(b, 200, CARD_AT("已關帳", MOVED("590") "," MOVED("-100"))); /* it came late */
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_DONE);
    booth_answer(b, 200, CARD_AT("不明", ""));
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_FAILED);
    assert_string_equal(actions(b, 0), "");
}

static void refund__refused_because_the_card_moved_on_is_tried_again(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(590);
    booth_answer(b, 200, AUTHORISED);
    booth_answer(b, 200, REFUSED);
    booth_answer(b, 200, CLOSING);
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_LATER);
    booth_answer(b, 200, AUTHORISED);
    booth_answer(b, 200, REFUSED);
    booth_answer(b, 200, AUTHORISED);
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_FAILED);
}

/* What does not fit the card's state is refused there, so steps can be tried. */
static void refund__without_the_state_tries_step_after_step(void **state)
{
    struct booth *b = *state;
    static const struct {
        int64_t amount;
        const char *answers; /* '1' done, '0' refused */
        const char *steps;
        enum gateway_refund_says says;
    } table[] = {
        {590, "1", "R", REFUND_SAYS_DONE},         {590, "01", "RN", REFUND_SAYS_DONE},
        {590, "0011", "RNEN", REFUND_SAYS_DONE},   {590, "000", "RNE", REFUND_SAYS_FAILED},
        {590, "0010", "RNEN", REFUND_SAYS_FAILED}, {100, "011", "RCR", REFUND_SAYS_DONE},
        {100, "00", "RC", REFUND_SAYS_FAILED},     {100, "010", "RCR", REFUND_SAYS_FAILED}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct gateway_refund ask = ask_for(table[i].amount);
        booth_clear(b);
        if (i % 2)
            booth_answer(b, 404, "");
        else
            booth_answer(b, 200, UNTOLD);
        for (const char *a = table[i].answers; *a; a++)
            booth_answer(b, 200, *a == '1' ? DONE : REFUSED);
        assert_int_equal(refund(b, &ask).says, table[i].says);
        assert_string_equal(actions(b, 0), table[i].steps);
    }
}

static void refund__without_the_state_stops_at_a_lost_answer(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(590);
    booth_answer(b, 200, UNTOLD);
    booth_answer(b, 200, REFUSED);
    booth_answer(b, 0, NULL);
    booth_answer(b, 200, UNTOLD);
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_UNCLEAR);
    assert_string_equal(actions(b, 0), "RN");
    booth_answer(b, 200, UNTOLD);
    booth_answer(b, 404, ""); /* ECPay's stage */
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_FAILED);
}

static void refund__without_the_state_tells_every_refusal(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(590);
    booth_answer(b, 200, UNTOLD);
    booth_answer(b, 200, "0|balance is short");
    booth_answer(b, 200, "0|captured");
    booth_answer(b, 200, "0|closed");
    struct gateway_refunded r = refund(b, &ask);
    assert_int_equal(r.says, REFUND_SAYS_FAILED);
    assert_string_equal(r.why, "R: balance is short; N: captured; E: closed");
}

static void refund__waits_out_a_lock(void **state)
{
    struct booth *b = *state;
    struct gateway_refund ask = ask_for(590);
    booth_answer(b, 200, CLOSED);
    booth_answer(b, 403, "");
    struct gateway_refunded r = refund(b, &ask);
    assert_int_equal(r.says, REFUND_SAYS_LATER);
    assert_int_equal(r.later_ms, BOOTH_NOW_MS + 30 * 60000);
    booth_hang_up(b);
    b->cx.now_ms = r.later_ms;
    assert_int_equal(refund(b, &ask).says, REFUND_SAYS_LATER); /* nobody there: nothing sent */
}

int main(void)
{
#define WITH_BOOTH(t) cmocka_unit_test_setup_teardown(t, booth_open, booth_close)
    const struct CMUnitTest tests[] = {
        WITH_BOOTH(refund__takes_the_step_of_each_state),
        cmocka_unit_test(step__has_an_answer_for_every_state),
        WITH_BOOTH(refund__captures_all_before_it_gives_a_part_back),
        WITH_BOOTH(refund__reads_either_notation),
        WITH_BOOTH(refund__sends_nothing_while_the_capture_runs),
        WITH_BOOTH(refund__leaves_to_people_what_ecpay_cannot),
        WITH_BOOTH(refund__looks_up_the_numbers_that_no_notice_told),
        WITH_BOOTH(refund__a_lost_answer_is_looked_up_and_never_repeated),
        WITH_BOOTH(refund__a_step_lost_before_money_moves_is_no_doubt),
        WITH_BOOTH(refund_ask__tells_done_from_not_done),
        WITH_BOOTH(refund__after_one_by_hand_is_never_sent_twice),
        WITH_BOOTH(refund__that_took_long_sends_nothing_into_the_capture),
        WITH_BOOTH(refund__says_that_a_capture_stays_cancelled),
        WITH_BOOTH(refund__does_nothing_when_ecpay_has_other_refunds),
        WITH_BOOTH(refund__refused_because_the_card_moved_on_is_tried_again),
        WITH_BOOTH(refund__without_the_state_tries_step_after_step),
        WITH_BOOTH(refund__without_the_state_stops_at_a_lost_answer),
        WITH_BOOTH(refund__without_the_state_tells_every_refusal),
        WITH_BOOTH(refund__waits_out_a_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
