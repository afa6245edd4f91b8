/* Charges and capabilities as Omise writes them, and as nobody should. */
#include "base/arena.h"
#include "base/json.h"
#include "base/test.h"
#include "pay/omise_in.h"

#include <string.h>

/* As version 2019-05-29 writes one: every member that its documentation lists. */
static const char whole[] =
    "{\"object\":\"charge\",\"id\":\"chrg_test_5x1753iuub61dfe41q4\",\"location\":\"/charges/"
    "chrg_test_5x1753iuub61dfe41q4\",\"amount\":123450,\"authorization_type\":null,"
    "\"authorized_amount\":123450,\"captured_amount\":123450,\"net\":118628,\"fee\":4507,"
    "\"fee_vat\":315,\"interest\":0,\"interest_vat\":0,\"funding_amount\":123450,"
    "\"refunded_amount\":0,\"transaction_fees\":{\"fee_flat\":\"0.0\",\"fee_rate\":\"3.65\","
    "\"vat_rate\":\"7.0\"},\"platform_fee\":{\"fixed\":null,\"amount\":null,\"percentage\":null},"
    "\"currency\":\"THB\",\"funding_currency\":\"THB\",\"ip\":null,\"refunds\":{\"object\":"
    "\"list\",\"data\":[],\"limit\":20,\"offset\":0,\"total\":0,\"location\":\"/charges/x/"
    "refunds\","
    "\"order\":\"chronological\",\"from\":\"1970-01-01T00:00:00Z\",\"to\":"
    "\"2026-11-22T16:13:56Z\"},\"link\":null,\"description\":\"T26\",\"metadata\":{\"order\":"
    "\"T26\",\"attempt\":\"a1b2c3d4e5f6g7h8j9k0\"},\"card\":{\"object\":\"card\",\"id\":"
    "\"card_test_5\",\"livemode\":false,\"brand\":\"JCB\",\"last_digits\":\"0000\",\"name\":"
    "\"SOMCHAI\",\"city\":\"Bangkok\",\"postal_code\":\"10320\"},\"source\":null,\"schedule\":null,"
    "\"customer\":null,\"dispute\":null,\"transaction\":\"trxn_test_5\",\"failure_code\":null,"
    "\"failure_message\":null,\"status\":\"successful\",\"authorize_uri\":null,\"return_uri\":"
    "\"https://shop.example/back\",\"created_at\":\"2026-11-22T16:13:50Z\",\"paid_at\":"
    "\"2026-11-22T16:13:55Z\",\"expires_at\":\"2026-11-29T16:13:50Z\",\"expired_at\":null,"
    "\"reversed_at\":null,\"authorized\":true,\"capturable\":false,\"capture\":true,"
    "\"disputable\":true,\"livemode\":false,\"refundable\":true,\"reversed\":false,"
    "\"reversible\":false,\"voided\":false,\"paid\":true,\"expired\":false}";

static int open_arena(void **state)
{
    struct cx *cx = test_calloc(1, sizeof *cx);
    cx->arena = arena_make(1 << 20);
    *state = cx;
    return 0;
}

static int close_arena(void **state)
{
    struct cx *cx = *state;
    arena_free(cx->arena);
    test_free(cx);
    return 0;
}

static enum err read_text(struct cx *cx, const char *text, struct omise_charge *c)
{
    json_t *o = json_loads(text, 0, NULL);
    assert_non_null(o);
    enum err e = omise_read_charge(cx, o, c);
    json_decref(o); /* all that was read is a copy */
    return e;
}

static void charge__is_read_as_omise_writes_it(void **state)
{
    struct omise_charge c;
    assert_int_equal(read_text(*state, whole, &c), ERR_OK);
    assert_string_equal(c.id, "chrg_test_5x1753iuub61dfe41q4");
    assert_string_equal(c.news.our_ref, "a1b2c3d4e5f6g7h8j9k0");
    assert_int_equal(c.news.says, SAYS_PAID);
    assert_int_equal(c.news.amount, 123450);
    assert_string_equal(c.news.currency, "THB");
    assert_int_equal(c.news.paid_ms, 1795364035000);
    assert_false(c.live || c.news.simulated);
    assert_null(c.news.fail_code);
    assert_string_equal(c.news.details,
                        "{\"charge\":\"chrg_test_5x1753iuub61dfe41q4\",\"expires_at\":"
                        "1795968830000,\"brand\":\"JCB\",\"last4\":\"0000\"}");
    assert_null(strstr(c.news.details, "SOMCHAI"));
}

static void charge__says_by_status_and_paid(void **state)
{
    static const struct {
        const char *members;
        enum gateway_says says;
        const char *fail;
    } rows[] = {
        {"\"status\":\"pending\"", SAYS_PENDING, NULL},
        {"\"status\":\"pending\",\"paid\":true", SAYS_PENDING, NULL},
        {"\"status\":\"pending\",\"authorized\":true,\"capturable\":true", SAYS_PENDING, NULL},
        {"\"status\":\"successful\"", SAYS_PENDING, NULL},
        {"\"status\":\"successful\",\"paid\":1", SAYS_PENDING, NULL},
        {"\"status\":\"successful\",\"paid\":true", SAYS_PAID, NULL},
        {"\"status\":\"successful\",\"paid\":true,\"refunded_amount\":99", SAYS_PAID, NULL},
        {"\"status\":\"successful\",\"paid\":true,\"refunded_amount\":100", SAYS_FAILED,
         "cancelled"},
        {"\"status\":\"failed\",\"paid\":true", SAYS_FAILED, "declined"},
        {"\"status\":\"failed\",\"failure_code\":\"insufficient_balance\"", SAYS_FAILED,
         "no_funds"},
        {"\"status\":\"failed\",\"failure_code\":\"stolen_or_lost_card\"", SAYS_FAILED,
         "lost_card"},
        {"\"status\":\"failed\",\"failure_code\":\"invalid_security_code\"", SAYS_FAILED,
         "bad_code"},
        {"\"status\":\"failed\",\"failure_code\":\"invalid_account_number\"", SAYS_FAILED,
         "bad_card"},
        {"\"status\":\"failed\",\"failure_code\":\"failed_fraud_check\"", SAYS_FAILED, "fraud"},
        {"\"status\":\"failed\",\"failure_code\":\"failed_3ds_validation\"", SAYS_FAILED,
         "three_d"},
        {"\"status\":\"failed\",\"failure_code\":\"payment_cancelled\"", SAYS_FAILED, "cancelled"},
        {"\"status\":\"failed\",\"failure_code\":\"timeout\"", SAYS_FAILED, "timeout"},
        {"\"status\":\"failed\",\"failure_code\":\"a_new_word\"", SAYS_FAILED, "declined"},
        {"\"status\":\"expired\"", SAYS_EXPIRED, NULL},
        {"\"status\":\"reversed\",\"reversed\":true", SAYS_FAILED, "cancelled"},
        {"\"status\":\"a_new_word\"", SAYS_PENDING, NULL},
    };
    struct cx *cx = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct omise_charge c;
        const char *text = arena_fmt(cx->arena,
                                     "{\"object\":\"charge\",\"id\":\"chrg_5a\",\"amount\":100,"
                                     "\"currency\":\"thb\",%s}",
                                     rows[i].members);
        assert_int_equal(read_text(cx, text, &c), ERR_OK);
        assert_int_equal(c.news.says, rows[i].says);
        assert_int_equal(c.news.fail_code != NULL, rows[i].fail != NULL);
        if (rows[i].fail)
            assert_string_equal(c.news.fail_code, rows[i].fail);
        assert_true(!rows[i].fail || pay_fail_known(c.news.fail_code));
    }
}

static void charge__tells_the_amount_that_came(void **state)
{
    struct omise_charge c;
    assert_int_equal(read_text(*state,
                               "{\"object\":\"charge\",\"id\":\"chrg_5a\",\"amount\":100,"
                               "\"captured_amount\":60,\"currency\":\"thb\",\"paid\":true,"
                               "\"status\":\"successful\"}",
                               &c),
                     ERR_OK);
    assert_int_equal(c.news.amount, 60);
    assert_int_equal(read_text(*state,
                               "{\"object\":\"charge\",\"id\":\"chrg_5a\",\"amount\":-5,"
                               "\"currency\":\"baht\",\"status\":\"pending\"}",
                               &c),
                     ERR_OK);
    assert_int_equal(c.news.amount, 0);
    assert_null(c.news.currency);
}

static void charge__sends_nobody_to_a_strange_address(void **state)
{
    static const char *const bad[] = {"javascript:alert(1)", "//x",
                                      "https://x/\\\"y",     "https://x/ y",
                                      "data:text/html,x",    "https://x/\\u0e01"};
    struct cx *cx = *state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct omise_charge c;
        const char *text = arena_fmt(
            cx->arena,
            "{\"object\":\"charge\",\"id\":\"chrg_5a\",\"amount\":100,\"currency\":\"thb\","
            "\"status\":\"pending\",\"authorize_uri\":\"%s\"}",
            bad[i]);
        assert_int_equal(read_text(cx, text, &c), ERR_OK);
        assert_string_equal(c.url, "");
    }
}

static void charge__that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        "{}", "{\"object\":\"charge\"}",
        "{\"object\":\"charge\",\"id\":\"chrg_test_5\",\"status\":7}",
        "{\"object\":\"charge\",\"id\":\"chrg_test_5A\",\"status\":\"pending\"}",
        "{\"object\":\"error\",\"id\":\"chrg_test_5\",\"status\":\"pending\"}"};
    struct omise_charge c;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_text(*state, bad[i], &c), ERR_UPSTREAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, open_arena, close_arena)
        T(charge__is_read_as_omise_writes_it), T(charge__says_by_status_and_paid),
        T(charge__tells_the_amount_that_came), T(charge__sends_nobody_to_a_strange_address),
        T(charge__that_is_none_is_refused),
#undef T
    };
    return cmocka_run_group_tests_name("omise_charge", tests, NULL, NULL);
}
