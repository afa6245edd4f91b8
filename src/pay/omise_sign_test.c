/* Signatures of webhooks: the vector, both lists of a rotation, the window, forgeries. */
#include "base/crypto.h"
#include "base/test.h"
#include "pay/omise_sign.h"

#include <stdio.h>
#include <string.h>

#define SECRET "b21pc2Utd2ViaG9vay1zZWNyZXQtZm9yLXRlc3RzISE="
#define OTHER  "YW5vdGhlciBzZWNyZXQ="
#define AT     "1795305600"
#define SIG    "4207128c450dc2093310d85452c4f884036ba79bcd3ab70c4be5c00ddc01f244"
#define BODY                                                                    \
    "{\"object\":\"event\",\"id\":\"evnt_test_1\",\"key\":\"charge.complete\"," \
    "\"data\":{\"object\":\"charge\",\"id\":\"chrg_test_1\"}}"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

enum { AT_S = 1795305600 };

static enum err check_at(int64_t now_s, const char *secrets, const char *sig, const char *at)
{
    struct cx cx = {.now_ms = now_s * 1000};
    return omise_sign_check(&cx, secrets, sig, at, BODY, strlen(BODY));
}

static void sign__gives_the_vector(void **state)
{
    (void)state;
    char out[OMISE_SIGN_TEXT];
    assert_int_equal(omise_sign(SECRET, AT_S, BODY, strlen(BODY), out), ERR_OK);
    assert_string_equal(out, SIG);
    assert_int_equal(check_at(AT_S, SECRET, SIG, AT), ERR_OK);
}

static void check__takes_either_secret_of_either_list(void **state)
{
    (void)state;
    char both[OMISE_SIGN_TEXT];
    assert_int_equal(omise_sign(OTHER ", " SECRET, AT_S, BODY, strlen(BODY), both), ERR_OK);
    assert_int_equal(strlen(both), 129);
    assert_string_equal(both + 65, SIG);
    assert_int_equal(check_at(AT_S, SECRET, both, AT), ERR_OK);
    assert_int_equal(check_at(AT_S, OTHER, both, AT), ERR_OK);
    assert_int_equal(check_at(AT_S, OTHER "," SECRET, SIG, AT), ERR_OK);
    assert_int_equal(check_at(AT_S, SECRET "," OTHER, SIG, AT), ERR_OK);
    assert_int_equal(check_at(AT_S, SECRET, ZEROS " , " SIG " ", AT), ERR_OK);
    assert_int_equal(check_at(AT_S, SECRET, ZEROS, AT), ERR_FORBIDDEN);
    assert_int_equal(check_at(AT_S, OTHER, SIG, AT), ERR_FORBIDDEN);
}

static void check__refuses_what_is_not_signed(void **state)
{
    (void)state;
    struct cx cx = {.now_ms = AT_S * 1000LL};
    assert_int_equal(check_at(AT_S, SECRET, NULL, AT), ERR_FORBIDDEN);
    assert_int_equal(check_at(AT_S, SECRET, SIG, NULL), ERR_FORBIDDEN);
    assert_int_equal(check_at(AT_S, SECRET, "", AT), ERR_FORBIDDEN);
    assert_int_equal(check_at(AT_S, SECRET, SIG, "soon"), ERR_FORBIDDEN);
    assert_int_equal(check_at(AT_S, SECRET, SIG "0", AT), ERR_FORBIDDEN);
    assert_int_equal(check_at(AT_S, SECRET, SIG, "1795305601"), ERR_FORBIDDEN);
    assert_int_equal(omise_sign_check(&cx, SECRET, SIG, AT, BODY, strlen(BODY) - 1), ERR_FORBIDDEN);
    assert_string_equal(cx.problem, "the webhook's signature is wrong");
}

static void check__keeps_to_its_window(void **state)
{
    (void)state;
    assert_int_equal(check_at(AT_S + OMISE_SIGN_WINDOW_S, SECRET, SIG, AT), ERR_OK);
    assert_int_equal(check_at(AT_S - OMISE_SIGN_WINDOW_S, SECRET, SIG, AT), ERR_OK);
    assert_int_equal(check_at(AT_S + OMISE_SIGN_WINDOW_S + 1, SECRET, SIG, AT), ERR_FORBIDDEN);
    assert_int_equal(check_at(AT_S - OMISE_SIGN_WINDOW_S - 1, SECRET, SIG, AT), ERR_FORBIDDEN);
}

static void secrets__that_are_no_base64_are_ours_to_mend(void **state)
{
    (void)state;
    char long_key[400];
    memset(long_key, 'A', sizeof long_key);
    long_key[sizeof long_key - 1] = '\0';
    assert_int_equal(omise_secrets_check(SECRET), ERR_OK);
    assert_int_equal(omise_secrets_check(SECRET " ," OTHER), ERR_OK);
    static const char *const bad[] = {"",
                                      ",",
                                      "omise-secret!",
                                      SECRET ",",
                                      "b21pc2U",
                                      "Y Q==",
                                      OTHER "," OTHER "," OTHER "," OTHER "," OTHER};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(omise_secrets_check(bad[i]), ERR_INPUT);
    assert_int_equal(omise_secrets_check(long_key), ERR_INPUT);
    assert_int_equal(check_at(AT_S, "omise-secret!", SIG, AT), ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign__gives_the_vector),
        cmocka_unit_test(check__takes_either_secret_of_either_list),
        cmocka_unit_test(check__refuses_what_is_not_signed),
        cmocka_unit_test(check__keeps_to_its_window),
        cmocka_unit_test(secrets__that_are_no_base64_are_ours_to_mend),
    };
    if (crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests_name("omise_sign", tests, NULL, NULL);
}
