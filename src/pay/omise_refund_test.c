/* Paying back through Omise, and which methods an account has. */
#include "base/crypto.h"
#include "base/test.h"
#include "base/text.h"
#include "pay/omise_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFUND                                                                             \
    "{\"object\":\"refund\",\"id\":\"rfnd_test_5r\",\"amount\":5000,\"currency\":\"thb\"," \
    "\"charge\":\"" DESK_CHARGE "\",\"status\":\"closed\",\"metadata\":{\"refund_id\":"    \
    "\"ref1\"}}"
#define OTHER                                                         \
    "{\"object\":\"refund\",\"id\":\"rfnd_test_5o\",\"amount\":5000," \
    "\"metadata\":{\"refund_id\":\"ref0\"}}"
#define THAI    "คืนเงินไม่ได้"
#define REFUNDS "/charges/" DESK_CHARGE "/refunds"

static struct gateway_refunded refund(struct desk *d, const char *method)
{
    struct gateway_refund ask = {
        .payment = desk_payment(method, DESK_CHARGE), .refund_ref = "ref1", .amount = 5000};
    struct gateway_refunded r;
    d->g->way->refund(d->g, &d->cx, &ask, &r);
    return r;
}

static struct gateway_refunded ask(struct desk *d, int64_t amount)
{
    struct gateway_refund ask = {
        .payment = desk_payment("omise_card", DESK_CHARGE), .refund_ref = "ref1", .amount = amount};
    struct gateway_refunded r;
    d->g->way->refund_ask(d->g, &d->cx, &ask, &r);
    return r;
}

static int posts(const struct desk *d)
{
    int n = 0;
    for (int i = 0; i < d->n_got; i++)
        n += strncmp(d->got[i].line, "POST", 4) == 0;
    return n;
}

static void refund__looks_and_sends_once(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200, desk_list(d, OTHER));
    desk_answer(d, 200, REFUND);
    struct gateway_refunded r = refund(d, "omise_card");
    assert_int_equal(r.says, REFUND_SAYS_DONE);
    assert_string_equal(r.provider_ref, "rfnd_test_5r");
    assert_string_equal(desk_got(d, 0)->line,
                        "GET " REFUNDS "?order=reverse_chronological&limit=100");
    assert_string_equal(desk_got(d, 1)->line, "POST " REFUNDS);
    assert_string_equal(desk_got(d, 1)->body,
                        "{\"amount\":5000,\"metadata\":{\"refund_id\":\"ref1\"}}");
}

static void refund__that_was_sent_before_is_not_sent_again(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200, desk_list(d, OTHER "," REFUND));
    assert_int_equal(refund(d, "omise_card").says, REFUND_SAYS_DONE);
    assert_int_equal(posts(d), 0);
}

static void refund__a_lost_answer_is_looked_for(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200, desk_list(d, ""));
    desk_answer(d, 0, NULL);
    desk_answer(d, 200, desk_list(d, REFUND));
    assert_int_equal(refund(d, "omise_card").says, REFUND_SAYS_DONE);
    desk_answer(d, 200, desk_list(d, ""));
    desk_answer(d, 500, "");
    desk_answer(d, 200, desk_list(d, ""));
    struct gateway_refunded r = refund(d, "omise_card");
    assert_int_equal(r.says, REFUND_SAYS_UNCLEAR); /* it may be on its way still */
    assert_int_equal(r.later_ms, d->cx.now_ms + 60000);
    desk_answer(d, 200, desk_list(d, ""));
    desk_answer(d, 0, NULL);
    assert_int_equal(refund(d, "omise_card").says, REFUND_SAYS_UNCLEAR);
    assert_int_equal(posts(d), 3);
}

static void refund__that_was_refused_is_for_a_person(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200, desk_list(d, ""));
    desk_answer(d, 400,
                "{\"object\":\"error\",\"code\":\"failed_refund\",\"message\":"
                "\"charge can't be\\u0007 refunded\"}");
    struct gateway_refunded r = refund(d, "omise_truemoney");
    assert_int_equal(r.says, REFUND_SAYS_FAILED);
    assert_string_equal(r.why, "failed_refund: charge can't be refunded");
    desk_answer(d, 200, desk_list(d, ""));
    desk_answer(d, 400,
                "{\"object\":\"error\",\"code\":\"failed_refund\",\"message\":\"x" THAI THAI THAI
                    THAI THAI THAI "\"}");
    r = refund(d, "omise_truemoney"); /* cut, and not within a character */
    assert_true(text_is_utf8(r.why, strlen(r.why)) && strlen(r.why) < 180);
}

static void refund__comes_later_when_nothing_happened(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 500, "");
    assert_int_equal(refund(d, "omise_card").says, REFUND_SAYS_LATER);
    desk_answer(d, 200, desk_list(d, ""));
    desk_answer(d, 429, "");
    assert_int_equal(refund(d, "omise_card").says, REFUND_SAYS_LATER);
    d->cx.now_ms += 600000;
    desk_hang_up(d);
    struct gateway_refunded r = refund(d, "omise_card");
    assert_int_equal(r.says, REFUND_SAYS_LATER);
    assert_int_equal(r.later_ms, d->cx.now_ms + 60000);
}

static void refund__of_what_omise_cannot_pay_back_is_manual(void **state)
{
    struct desk *d = *state;
    static const char *const manual[] = {"omise_promptpay",  "omise_mobile_kbank",
                                         "omise_mobile_scb", "omise_mobile_bbl",
                                         "omise_mobile_bay", "omise_mobile_ktb"};
    for (size_t i = 0; i < sizeof manual / sizeof manual[0]; i++)
        assert_int_equal(refund(d, manual[i]).says, REFUND_SAYS_MANUAL);
    struct gateway_refund ask = {.payment = desk_payment("omise_card", NULL), .refund_ref = "ref1"};
    struct gateway_refunded r;
    d->g->way->refund(d->g, &d->cx, &ask, &r);
    assert_int_equal(r.says, REFUND_SAYS_FAILED);
    assert_int_equal(d->n_got, 0);
}

static void refund_ask__says_whether_it_happened(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200, desk_list(d, REFUND "," OTHER));
    assert_int_equal(ask(d, 5000).says, REFUND_SAYS_DONE);
    desk_answer(d, 200, desk_list(d, OTHER));
    assert_int_equal(ask(d, 5000).says, REFUND_SAYS_LATER); /* surely not done */
    desk_answer(d, 200, desk_list(d, REFUND));              /* another amount under our reference */
    assert_int_equal(ask(d, 4000).says, REFUND_SAYS_UNCLEAR);
    desk_answer(d, 200,
                desk_list(d, "{\"object\":\"refund\",\"id\":\"rfnd_test_5r\",\"amount\":5000,"
                             "\"status\":\"pending\",\"metadata\":{\"refund_id\":\"ref1\"}}"));
    assert_int_equal(ask(d, 5000).says, REFUND_SAYS_PENDING);
    desk_answer(d, 0, NULL);
    assert_int_equal(ask(d, 5000).says, REFUND_SAYS_UNCLEAR);
    assert_int_equal(posts(d), 0);
}

/* ---- /capability ---- */

static bool offers(struct desk *d, const char *method)
{
    int64_t min = -1, max = -1;
    return d->g->way->offers(d->g, method, &min, &max);
}

static void offers__what_the_account_has(void **state)
{
    struct desk *d = *state;
    int64_t min, max;
    assert_true(offers(d, "omise_card") && offers(d, "omise_promptpay"));
    assert_false(offers(d, "omise_truemoney")); /* nothing was heard yet */
    desk_answer(d, 200,
                "{\"object\":\"capability\",\"limits\":{\"charge_amount\":{\"min\":3000,\"max\":"
                "10000000}},\"payment_methods\":[{\"name\":\"card\",\"currencies\":[\"THB\"]},"
                "{\"name\":\"truemoney_jumpapp\",\"currencies\":[\"thb\"]},7,{\"name\":"
                "\"rabbit_linepay\",\"currencies\":[\"SGD\"]},{\"name\":\"grabpay\",\"currencies\""
                ":[\"THB\"]},{\"name\":\"promptpay\",\"currencies\":[\"THB\"]}]}");
    d->g->way->tick(d->g, &d->cx);
    assert_string_equal(desk_got(d, 0)->line, "GET /capability");
    assert_string_equal(desk_got(d, 0)->auth, "Basic cGtleV90ZXN0XzVwdWI6"); /* pkey_test_5pub: */
    assert_true(offers(d, "omise_card") && offers(d, "omise_truemoney"));
    assert_false(offers(d, "omise_linepay") || offers(d, "omise_mobile_scb") || offers(d, "x"));
    assert_true(d->g->way->offers(d->g, "omise_promptpay", &min, &max));
    assert_int_equal(min, 3000);
    assert_int_equal(max, 10000000); /* the lower of both */
    d->g->way->tick(d->g, &d->cx);
    assert_int_equal(d->n_got, 1); /* from memory for a while */
}

static void tick__keeps_what_it_knows_when_omise_is_away(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200,
                "{\"object\":\"capability\",\"payment_methods\":[{\"name\":\"shopeepay\","
                "\"currencies\":[\"THB\"]}]}");
    desk_answer(d, 500, "");
    desk_answer(d, 200, "{\"object\":\"list\"}");
    d->g->way->tick(d->g, &d->cx);
    d->cx.now_ms += 10 * 60 * 1000;
    d->g->way->tick(d->g, &d->cx);
    d->g->way->tick(d->g, &d->cx);
    assert_int_equal(d->n_got, 2);
    d->cx.now_ms += 30 * 1000;
    d->g->way->tick(d->g, &d->cx);
    assert_int_equal(d->n_got, 3);
    assert_true(offers(d, "omise_shopeepay"));
    assert_false(offers(d, "omise_card"));
}

static void start__takes_the_app_of_a_wallet_where_the_account_has_that_alone(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    desk_answer(d, 200,
                "{\"object\":\"capability\",\"payment_methods\":[{\"name\":"
                "\"shopeepay_jumpapp\",\"currencies\":[\"THB\"]}]}");
    d->g->way->tick(d->g, &d->cx);
    desk_answer(d, 200, desk_charge(d, "pending", ""));
    struct gateway_start a = {.our_ref = DESK_REF,
                              .order_no = "T1",
                              .method = "omise_shopeepay",
                              .amount = 12000,
                              .currency = "THB",
                              .platform = "IOS"};
    assert_int_equal(d->g->way->start(d->g, &d->cx, &a, &next, &news), ERR_OK);
    assert_non_null(strstr(desk_got(d, 1)->body,
                           "\"source\":{\"type\":\"shopeepay_jumpapp\",\"platform_type\":"
                           "\"IOS\"}"));
}

static void make__takes_keys_of_one_mode(void **state)
{
    (void)state;
    struct cx cx = {.now_ms = 1};
    struct gateway *g = NULL;
    static const struct omise_setup bad[] = {
        {.public_key = NULL, .secret_key = "skey_test_1"},
        {.public_key = "pkey_test_1", .secret_key = ""},
        {.public_key = "pkey_test_1", .secret_key = "pkey_test_1"},
        {.public_key = "pkey_test_1", .secret_key = "skey_1"},
        {.public_key = "pkey_1", .secret_key = "skey_test_1"},
        {.public_key = "pkey_test_1\r\nX: y", .secret_key = "skey_test_1"},
        {.public_key = "pkey_test_1", .secret_key = "skey_test_1", .api_url = "ftp://x"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(omise_gateway_make(&cx, &bad[i], &g), ERR_INPUT);
        assert_null(strstr(cx.problem, "_1"));
    }
    struct omise_setup live = {.public_key = "pkey_5a", .secret_key = "skey_5b"};
    assert_int_equal(omise_gateway_make(&cx, &live, &g), ERR_OK);
    assert_string_equal(g->way->provider, "omise");
    gateway_free(g);
    assert_true(omise_is_test("pkey_test_1") && !omise_is_test("skey_5b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, desk_open, desk_close)
        T(refund__looks_and_sends_once),
        T(refund__that_was_sent_before_is_not_sent_again),
        T(refund__a_lost_answer_is_looked_for),
        T(refund__that_was_refused_is_for_a_person),
        T(refund__comes_later_when_nothing_happened),
        T(refund__of_what_omise_cannot_pay_back_is_manual),
        T(refund_ask__says_whether_it_happened),
        T(offers__what_the_account_has),
        T(tick__keeps_what_it_knows_when_omise_is_away),
        T(start__takes_the_app_of_a_wallet_where_the_account_has_that_alone),
#undef T
        cmocka_unit_test(make__takes_keys_of_one_mode),
    };
    if (crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests_name("omise_refund", tests, NULL, NULL);
}
