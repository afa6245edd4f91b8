/* Questions to ECPay: what its answers mean, whom it may be that answers, and its limits. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/test.h"
#include "net/client.h"
#include "pay/ecpay_testkit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRADE                                                                        \
    "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&StoreID=&TradeNo=" BOOTH_TRADE \
    "&TradeAmt=590&PaymentType=%s&HandlingCharge=16&PaymentTypeChargeFee=16"         \
    "&TradeDate=2026/11/23 07:29:10&ItemName=綠茶 x "                              \
    "2&CustomField1=&PaymentDate=%s&TradeStatus=%s%s"

static const char *trade(struct booth *b, const char *status, const char *more)
{
    bool paid = strcmp(status, "1") == 0;
    const char *plain = arena_fmt(b->cx.arena, TRADE, paid ? "Credit_CreditCard" : "",
                                  paid ? "2026/11/23 07:29:50" : "", status, more);
    return booth_form(&b->cx, &booth_keys, plain);
}

static enum err ask(struct booth *b, const struct gateway_payment *p, struct gateway_news *n)
{
    memset(n, 0, sizeof *n);
    return b->g->way->ask(b->g, &b->cx, p, n);
}

static void ask__hears_of_money(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_card");
    booth_answer(b, 200, trade(b, "1", "&gwsr=" BOOTH_GWSR "&card4no=2222"));
    assert_int_equal(ask(b, &p, &n), ERR_OK);
    assert_int_equal(n.says, SAYS_PAID);
    assert_string_equal(n.our_ref, BOOTH_REF);
    assert_string_equal(n.provider_ref, BOOTH_TRADE);
    assert_int_equal(n.amount, 590);
    assert_string_equal(n.currency, "TWD");
    assert_int_equal(n.paid_ms, BOOTH_NOW_MS - 10000);
    assert_non_null(strstr(n.details, "\"gwsr\":\"" BOOTH_GWSR "\""));
    assert_string_equal(b->got[0].path, "/Cashier/QueryTradeInfo/V5");
    assert_string_equal(booth_got(b, 0, "MerchantID"), "3002607");
    assert_string_equal(booth_got(b, 0, "MerchantTradeNo"), BOOTH_REF);
    assert_string_equal(booth_got(b, 0, "TimeStamp"), "1795390200");
}

static void ask__takes_no_other_status_for_money(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_card");
    static const struct {
        const char *status;
        bool over;
        enum gateway_says says;
    } table[] = {{"0", false, SAYS_PENDING},      {"10200095", false, SAYS_PENDING},
                 {"10200095", true, SAYS_FAILED}, {"10200047", false, SAYS_UNKNOWN},
                 {"11", false, SAYS_PENDING},     {"10100001", true, SAYS_PENDING}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        p.expires_ms = b->cx.now_ms + (table[i].over ? 0 : 1);
        booth_answer(b, 200, trade(b, table[i].status, ""));
        assert_int_equal(ask(b, &p, &n), ERR_OK);
        assert_int_equal(n.says, table[i].says);
        assert_int_equal(n.paid_ms, 0);
        if (n.says == SAYS_FAILED)
            assert_string_equal(n.fail_code, "declined");
    }
}

#define CODE                                                                            \
    "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeNo=" BOOTH_TRADE             \
    "&TradeAmt=590&RtnCode=2&RtnMsg=&PaymentType=ATM_BOT&TradeDate=2026/11/23 07:29:10" \
    "&BankCode=004&vAccount=9103522175887271&ExpireDate=2026/11/24"

static void ask__fetches_a_code_that_nobody_told(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_atm");
    p.details = NULL;
    booth_answer(b, 200, trade(b, "0", ""));
    booth_answer(b, 200, booth_form(&b->cx, &booth_keys, CODE));
    assert_int_equal(ask(b, &p, &n), ERR_OK);
    assert_int_equal(n.says, SAYS_CODE);
    assert_non_null(strstr(n.details, "\"account\":\"9103522175887271\""));
    assert_string_equal(b->got[1].path, "/Cashier/QueryPaymentInfo");
    assert_string_equal(booth_got(b, 1, "MerchantTradeNo"), BOOTH_REF);
    p.details = "{\"bank_code\":\"004\",\"account\":\"9103522175887271\"}";
    booth_answer(b, 200, trade(b, "0", ""));
    assert_int_equal(ask(b, &p, &n), ERR_OK); /* known: not asked for again */
    assert_int_equal(n.says, SAYS_CODE);
    assert_int_equal(booth_count(b), 3);
}

static void ask__without_a_code_is_pending(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_cvs");
    const char *refusal =
        "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&RtnCode=10200047&RtnMsg=none";
    p.details = "{}";
    booth_answer(b, 200, trade(b, "0", ""));
    booth_answer(b, 200, booth_form(&b->cx, &booth_keys, refusal));
    assert_int_equal(ask(b, &p, &n), ERR_OK);
    assert_int_equal(n.says, SAYS_PENDING);
    booth_answer(b, 200, trade(b, "0", ""));
    booth_answer(b, 0, NULL); /* the second question has no answer, the first had */
    assert_int_equal(ask(b, &p, &n), ERR_OK);
    assert_int_equal(n.says, SAYS_PENDING);
    assert_string_equal(b->cx.problem, "");
}

static void close__can_only_ask(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_card");
    booth_answer(b, 200, trade(b, "1", ""));
    assert_int_equal(b->g->way->close(b->g, &b->cx, &p, &n), ERR_OK);
    assert_int_equal(n.says, SAYS_PAID);
    assert_string_equal(b->got[0].path, "/Cashier/QueryTradeInfo/V5");
}

static void ask__believes_signed_answers_about_this_payment_alone(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_card");
    static const struct ecpay_keys other = {"3002607", "spPjZn66i0OhqJsQ", "hT5OJckN45isQTTs"};
    const char *good = trade(b, "1", "");
    char *paid = arena_dup(b->cx.arena, trade(b, "0", ""), strlen(trade(b, "0", "")));
    *(strstr(paid, "TradeStatus=0") + 12) = '1';
    const char *const bad[] = {
        booth_form(&b->cx, &other,
                   "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeAmt=590&TradeStatus=1"),
        booth_form(&b->cx, &booth_keys,
                   "MerchantID=3002607&MerchantTradeNo=another"
                   "&TradeAmt=590&TradeStatus=1"),
        booth_form(&b->cx, &booth_keys,
                   "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeAmt=590"),
        paid,
        "0|CheckMacValue Error",
        "<html>maintenance</html>",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        booth_answer(b, 200, bad[i]);
        assert_int_equal(ask(b, &p, &n), ERR_UPSTREAM);
        assert_int_equal(n.says, 0);
    }
    booth_answer(b, 200, good);
    assert_int_equal(ask(b, &p, &n), ERR_OK);
}

static void ask__says_what_is_certain_when_nothing_is_heard(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_card");
    booth_answer(b, 503, "busy");
    assert_int_equal(ask(b, &p, &n), ERR_UPSTREAM);
    booth_answer(b, 404, "");
    assert_int_equal(ask(b, &p, &n), ERR_UPSTREAM);
    booth_hang_up(b);
    assert_int_equal(ask(b, &p, &n), ERR_BUSY); /* nothing left here */
    assert_null(strstr(b->cx.problem, "127.0.0.1"));
}

static void ask__is_silent_for_half_an_hour_when_ecpay_wants_it(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_card");
    assert_int_equal(gateway_later(b->g), 0);
    booth_answer(b, 403, "Forbidden");
    assert_int_equal(ask(b, &p, &n), ERR_BUSY);
    assert_int_equal(gateway_later(b->g), BOOTH_NOW_MS + 30 * 60000);
    b->cx.now_ms += 30 * 60000 - 1;
    assert_int_equal(ask(b, &p, &n), ERR_BUSY);
    assert_int_equal(booth_count(b), 1); /* it was not asked again */
    b->cx.now_ms++;
    booth_answer(b, 200, trade(b, "0", ""));
    assert_int_equal(ask(b, &p, &n), ERR_OK);
}

static void ask__takes_turns(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_card");
    struct ecpay_setup setup = {.keys = booth_keys, .base_url = b->url};
    gateway_free(b->g);
    assert_int_equal(ecpay_gateway_make(&b->cx, &setup, &b->g), ERR_OK);
    for (int i = 0; i < 4; i++)
        booth_answer(b, 200, trade(b, "0", ""));
    int64_t began_ms = clock_mono_ms();
    for (int i = 0; i < 4; i++)
        assert_int_equal(ask(b, &p, &n), ERR_OK);
    assert_true(clock_mono_ms() - began_ms >= 3 * 200); /* five a second at most */
}

/* ---- several threads ---- */

enum { THREADS = 3, EACH = 3, APART_MS = 30 };

/* Nobody listens: what is left of a call is its turn. */
static void *ask_some(void *arg)
{
    struct booth *b = arg;
    struct gateway_payment p = booth_payment("ecpay_card");
    struct gateway_news n;
    int wrong = 0;
    for (int i = 0; i < EACH; i++) {
        struct cx cx = {.arena = arena_make(1 << 20), .now_ms = BOOTH_NOW_MS};
        wrong += b->g->way->ask(b->g, &cx, &p, &n) != ERR_BUSY;
        arena_free(cx.arena);
    }
    client_thread_done();
    return wrong ? arg : NULL;
}

static void ask__takes_turns_among_threads(void **state)
{
    struct booth *b = *state;
    pthread_t threads[THREADS];
    struct ecpay_setup setup = {.keys = booth_keys, .base_url = b->url, .apart_ms = APART_MS};
    gateway_free(b->g);
    assert_int_equal(ecpay_gateway_make(&b->cx, &setup, &b->g), ERR_OK);
    booth_hang_up(b);
    int64_t began_ms = clock_mono_ms();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_some, b), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong = b;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_true(clock_mono_ms() - began_ms >= (THREADS * EACH - 1) * APART_MS);
}

/* Who would wait for long is told when to come again. */
static void ask__does_not_queue_for_long(void **state)
{
    struct booth *b = *state;
    struct gateway_news n;
    struct gateway_payment p = booth_payment("ecpay_card");
    struct ecpay_setup setup = {.keys = booth_keys, .base_url = b->url, .apart_ms = 60000};
    gateway_free(b->g);
    assert_int_equal(ecpay_gateway_make(&b->cx, &setup, &b->g), ERR_OK);
    booth_answer(b, 200, trade(b, "0", ""));
    assert_int_equal(ask(b, &p, &n), ERR_OK);
    assert_int_equal(ask(b, &p, &n), ERR_BUSY);
    int64_t later_ms = gateway_later(b->g);
    assert_true(later_ms > BOOTH_NOW_MS + 50000 && later_ms <= BOOTH_NOW_MS + 60000);
    assert_int_equal(booth_count(b), 1);
}

int main(void)
{
#define WITH_BOOTH(t) cmocka_unit_test_setup_teardown(t, booth_open, booth_close)
    const struct CMUnitTest tests[] = {
        WITH_BOOTH(ask__hears_of_money),
        WITH_BOOTH(ask__takes_no_other_status_for_money),
        WITH_BOOTH(ask__fetches_a_code_that_nobody_told),
        WITH_BOOTH(ask__without_a_code_is_pending),
        WITH_BOOTH(close__can_only_ask),
        WITH_BOOTH(ask__believes_signed_answers_about_this_payment_alone),
        WITH_BOOTH(ask__says_what_is_certain_when_nothing_is_heard),
        WITH_BOOTH(ask__is_silent_for_half_an_hour_when_ecpay_wants_it),
        WITH_BOOTH(ask__takes_turns),
        WITH_BOOTH(ask__takes_turns_among_threads),
        WITH_BOOTH(ask__does_not_queue_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
