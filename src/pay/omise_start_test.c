/* Beginning payments: what is sent, what is made of the answers, and of none. */
#include "base/crypto.h"
#include "base/test.h"
#include "pay/omise_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAID ",\"paid\":true,\"paid_at\":\"2026-11-22T00:00:05Z\",\"captured_amount\":12000"
#define QR                                                                              \
    ",\"expires_at\":\"2026-11-22T00:15:00Z\",\"source\":{\"type\":\"promptpay\","      \
    "\"scannable_code\":{\"object\":\"barcode\",\"type\":\"qr\",\"image\":{\"object\":" \
    "\"document\",\"download_uri\":\"https://api.omise.co/d/qr.svg\"}}}"

static const struct gateway_start asked = {.our_ref = DESK_REF,
                                           .order_no = "T1",
                                           .amount = 12000,
                                           .currency = "THB",
                                           .expires_ms = (DESK_NOW + 900) * 1000LL,
                                           .notify_url = "https://shop.example/hook",
                                           .return_url = "https://shop.example/back?t=1",
                                           .token = "tokn_test_5abc",
                                           .phone = "+66 81 234 5678",
                                           .platform = "ANDROID"};

static enum err start(struct desk *d, const char *method, struct gateway_next *next,
                      struct gateway_news *news)
{
    struct gateway_start ask = asked;
    ask.method = method;
    return d->g->way->start(d->g, &d->cx, &ask, next, news);
}

static void start__charges_a_card_at_once(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    desk_answer(d, 200, desk_charge(d, "successful", PAID));
    assert_int_equal(start(d, "omise_card", &next, &news), ERR_OK);
    assert_int_equal(next.what, DO_WAIT);
    assert_int_equal(news.says, SAYS_PAID);
    assert_string_equal(news.our_ref, DESK_REF);
    assert_string_equal(news.provider_ref, DESK_CHARGE);
    assert_string_equal(news.currency, "THB");
    assert_int_equal(news.amount, 12000);
    assert_int_equal(news.paid_ms, 1795305605000);
    const struct desk_request *r = desk_got(d, 0);
    assert_string_equal(r->line, "POST /charges");
    assert_string_equal(r->auth, "Basic c2tleV90ZXN0XzVzZWM6"); /* skey_test_5sec: */
    assert_string_equal(r->version, "2019-05-29");
    assert_string_equal(
        r->body,
        "{\"amount\":12000,\"currency\":\"THB\",\"description\":\"T1\",\"return_uri\":"
        "\"https://shop.example/back?t=1\",\"metadata\":{\"order\":\"T1\",\"attempt\":\"" DESK_REF
        "\"},\"card\":\"tokn_test_5abc\",\"webhook_endpoints\":[\"https://shop.example/hook\"]}");
}

static void start__sends_the_buyer_to_3d_secure(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    desk_answer(d, 200,
                desk_charge(d, "pending", ",\"authorize_uri\":\"https://pay.omise.co/3ds/1\""));
    assert_int_equal(start(d, "omise_card", &next, &news), ERR_OK);
    assert_int_equal(next.what, DO_REDIRECT);
    assert_string_equal(next.url, "https://pay.omise.co/3ds/1");
    assert_int_equal(news.says, SAYS_PENDING);
    assert_non_null(strstr(news.details, "\"url\":\"https://pay.omise.co/3ds/1\""));
}

static void start__a_declined_card_is_an_answer(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    desk_answer(d, 200,
                desk_charge(d, "failed",
                            ",\"failure_code\":\"insufficient_fund\",\"card\":{"
                            "\"brand\":\"Visa\",\"last_digits\":\"0011\"}"));
    assert_int_equal(start(d, "omise_card", &next, &news), ERR_OK);
    assert_int_equal(news.says, SAYS_FAILED);
    assert_string_equal(news.fail_code, "no_funds");
    assert_string_equal(news.details, "{\"charge\":\"" DESK_CHARGE
                                      "\",\"brand\":\"Visa\",\"last4\":\"0011\",\"failure\":"
                                      "\"insufficient_fund\"}");
}

static void start__shows_the_qr_of_promptpay(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    desk_answer(d, 200, desk_charge(d, "pending", QR));
    assert_int_equal(start(d, "omise_promptpay", &next, &news), ERR_OK);
    assert_int_equal(next.what, DO_QR);
    assert_string_equal(next.url, "https://api.omise.co/d/qr.svg");
    assert_int_equal(news.says, SAYS_CODE);
    assert_non_null(strstr(news.details, "\"expires_at\":1795306500000"));
    const struct desk_request *r = desk_got(d, 0);
    assert_non_null(strstr(r->body, "\"source\":{\"type\":\"promptpay\"}"));
    assert_non_null(strstr(r->body, "\"expires_at\":\"2026-11-22T00:15:00Z\""));
    assert_null(strstr(r->body, "tokn_"));
}

static void start__gives_a_wallet_its_phone_and_a_bank_its_platform(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    const char *pending = desk_charge(d, "pending", ",\"authorize_uri\":\"https://x.example/a\"");
    desk_answer(d, 200, pending);
    desk_answer(d, 200, pending);
    assert_int_equal(start(d, "omise_truemoney", &next, &news), ERR_OK);
    assert_non_null(strstr(desk_got(d, 0)->body, "\"source\":{\"type\":\"truemoney\","
                                                 "\"phone_number\":\"0812345678\","
                                                 "\"platform_type\":\"ANDROID\"}"));
    assert_int_equal(start(d, "omise_mobile_scb", &next, &news), ERR_OK);
    assert_non_null(strstr(desk_got(d, 1)->body, "\"source\":{\"type\":\"mobile_banking_scb\","
                                                 "\"platform_type\":\"ANDROID\"}"));
    assert_null(strstr(desk_got(d, 1)->body, "phone"));
    assert_int_equal(next.what, DO_REDIRECT);
}

static void start__refuses_before_it_asks(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    struct gateway_start ask = asked;
    assert_int_equal(start(d, "omise_bitcoin", &next, &news), ERR_INPUT);
    ask.method = "omise_card";
    static const char *const tokens[] = {
        NULL, "", "tokn_test_", "4242424242424242", "tokn_test_5/../charges", "card_test_5abc"};
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        ask.token = tokens[i];
        assert_int_equal(d->g->way->start(d->g, &d->cx, &ask, &next, &news), ERR_INPUT);
        assert_null(strstr(d->cx.problem, "4242"));
    }
    ask.method = "omise_truemoney";
    static const char *const phones[] = {NULL, "", "0212345678", "081234567", "08123456789", "x"};
    for (size_t i = 0; i < sizeof phones / sizeof phones[0]; i++) {
        ask.phone = phones[i];
        assert_int_equal(d->g->way->start(d->g, &d->cx, &ask, &next, &news), ERR_INPUT);
    }
    assert_int_equal(d->n_got, 0);
}

static void start__tells_the_buyer_what_can_be_mended(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    desk_answer(d, 400, "{\"object\":\"error\",\"code\":\"invalid_card\",\"message\":\"no\"}");
    desk_answer(d, 404, "{\"object\":\"error\",\"code\":\"service_not_found\"}");
    desk_answer(d, 400,
                "{\"object\":\"error\",\"code\":\"bad_request\",\"message\":"
                "\"token tokn_test_5abc is bad\"}");
    assert_int_equal(start(d, "omise_card", &next, &news), ERR_OK);
    assert_int_equal(news.says, SAYS_FAILED);
    assert_string_equal(news.fail_code, "bad_card");
    assert_null(news.provider_ref);
    assert_int_equal(start(d, "omise_linepay", &next, &news), ERR_OK);
    assert_string_equal(news.fail_code, "method");
    assert_int_equal(start(d, "omise_card", &next, &news), ERR_INPUT);
    assert_string_equal(d->cx.problem, "Omise refused: bad_request"); /* and no token in it */
}

/* What a charge that was made and never answered does: once sent, found, not sent again. */
static void start__finds_the_charge_whose_answer_was_lost(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    desk_answer(d, 0, NULL);
    desk_answer(d, 200, desk_list(d, desk_charge(d, "pending", QR)));
    assert_int_equal(start(d, "omise_promptpay", &next, &news), ERR_OK);
    assert_int_equal(next.what, DO_QR);
    assert_int_equal(d->n_got, 2);
    assert_string_equal(desk_got(d, 1)->line,
                        "GET /charges?order=reverse_chronological&from=2026-11-21T23:50:00Z"
                        "&to=2026-11-22T00:10:00Z&limit=100&offset=0");
    assert_string_equal(d->cx.problem, "");
}

static void start__says_that_nobody_knows_and_sends_nothing_twice(void **state)
{
    struct desk *d = *state;
    struct gateway_next next = {.what = DO_FORM};
    struct gateway_news news = {.says = SAYS_PAID};
    desk_answer(d, 503, "{\"object\":\"error\",\"code\":\"service_unavailable\"}");
    desk_answer(d, 200, desk_list(d, ""));
    desk_answer(d, 0, NULL);
    desk_answer(d, 0, NULL);
    assert_int_equal(start(d, "omise_promptpay", &next, &news), ERR_UPSTREAM);
    assert_int_equal(start(d, "omise_promptpay", &next, &news), ERR_UPSTREAM);
    assert_int_equal(next.what, DO_FORM); /* nothing is written on an error */
    assert_int_equal(news.says, SAYS_PAID);
    int posts = 0;
    for (int i = 0; i < d->n_got; i++)
        posts += strncmp(d->got[i].line, "POST", 4) == 0;
    assert_int_equal(posts, 2); /* one for each start */
}

static void start__is_sure_that_nothing_happened_when_nobody_listens(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    desk_hang_up(d);
    assert_int_equal(start(d, "omise_card", &next, &news), ERR_BUSY);
    assert_null(strstr(d->cx.problem, "127.0.0.1"));
}

static void start__waits_when_it_is_asked_to(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    desk_answer(d, 429, "{\"object\":\"error\",\"code\":\"too_many_requests\"}");
    desk_answer(d, 401, "{\"object\":\"error\",\"code\":\"authentication_failure\"}");
    assert_int_equal(gateway_later(d->g), 0);
    assert_int_equal(start(d, "omise_card", &next, &news), ERR_BUSY);
    assert_int_equal(gateway_later(d->g), d->cx.now_ms + 30000);
    assert_int_equal(start(d, "omise_card", &next, &news), ERR_BUSY);
    assert_int_equal(d->n_got, 1);
    d->cx.now_ms += 30000;
    assert_int_equal(start(d, "omise_card", &next, &news), ERR_BUSY);
    assert_string_equal(d->cx.problem, "Omise does not take our keys");
    assert_int_equal(d->n_got, 2);
}

static void start__refuses_another_charge_than_it_asked_for(void **state)
{
    struct desk *d = *state;
    struct gateway_next next;
    struct gateway_news news;
    static const char *const others[] = {
        ",\"amount\":11999", ",\"currency\":\"USD\"", ",\"livemode\":true",
        ",\"metadata\":{\"attempt\":\"someone\"}", ",\"metadata\":null"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        desk_answer(d, 200, desk_charge(d, "pending", others[i]));
        assert_int_equal(start(d, "omise_card", &next, &news), ERR_UPSTREAM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, desk_open, desk_close)
        T(start__charges_a_card_at_once),
        T(start__sends_the_buyer_to_3d_secure),
        T(start__a_declined_card_is_an_answer),
        T(start__shows_the_qr_of_promptpay),
        T(start__gives_a_wallet_its_phone_and_a_bank_its_platform),
        T(start__refuses_before_it_asks),
        T(start__tells_the_buyer_what_can_be_mended),
        T(start__finds_the_charge_whose_answer_was_lost),
        T(start__says_that_nobody_knows_and_sends_nothing_twice),
        T(start__is_sure_that_nothing_happened_when_nobody_listens),
        T(start__waits_when_it_is_asked_to),
        T(start__refuses_another_charge_than_it_asked_for),
#undef T
    };
    if (crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests_name("omise_start", tests, NULL, NULL);
}
