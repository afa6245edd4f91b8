#include "login/liff.h"

#include "base/arena.h"
#include "base/test.h"
#include "login/issuer_testkit.h"

#include <stdio.h>
#include <string.h>

#define ES256 "{\"alg\":\"ES256\",\"kid\":\"k0\",\"typ\":\"JWT\"}"

static int open_line(void **state)
{
    (void)issuer_open(state);
    struct issuer *i = *state;
    assert_true(provider_preset(i->home, "line", i->url));
    (void)snprintf(i->home->liff_id, sizeof i->home->liff_id, "1234567890-AbcdEfgh");
    i->claims = "\"nonce\":null,\"sub\":\"U1234567890abcdef1234567890abcdef\"";
    issuer_restart(i);
    return 0;
}

static enum err enter(struct issuer *i, const char *token, struct login_who *who)
{
    const char *why = NULL;
    i->t->cx.problem[0] = '\0';
    enum err e = login_liff(i->login, &i->t->cx, token, who, &why);
    assert_non_null(why); /* the log says it as it is */
    assert_int_equal(*why != '\0', e == ERR_BAD_LOGIN);
    return e;
}

static const char *token_of(struct issuer *i)
{
    return issuer_sign(i, ID_ES256, ES256, issuer_claims(i));
}

static void token__of_lines_app_says_who_it_is(void **state)
{
    struct issuer *i = *state;
    struct login_who who;
    assert_int_equal(enter(i, token_of(i), &who), ERR_OK);
    assert_string_equal(who.proof.provider, "line");
    assert_string_equal(who.proof.subject, "U1234567890abcdef1234567890abcdef");
    assert_string_equal(who.proof.name, "Mei");
    assert_false(who.proof.email_verified); /* whatever the token says */
    assert_null(who.refresh_token);
}

static void token__is_good_once_however_it_is_signed(void **state)
{
    struct issuer *i = *state;
    struct login_who who;
    const char *first = token_of(i), *again = token_of(i);
    assert_string_not_equal(first, again); /* ECDSA: another signature of the same words */
    assert_int_equal(enter(i, first, &who), ERR_OK);
    assert_int_equal(enter(i, first, &who), ERR_BAD_LOGIN);
    assert_int_equal(enter(i, again, &who), ERR_BAD_LOGIN);
    i->t->cx.now_ms += 1000;
    assert_int_equal(enter(i, token_of(i), &who), ERR_OK);
}

static void algorithm__is_that_of_the_flow(void **state)
{
    struct issuer *i = *state;
    struct login_who who;
    const char *claims = issuer_claims(i);
    /* The web's way of signing, with the channel's own secret, is not taken here. */
    assert_int_equal(enter(i, issuer_sign(i, ID_HS256, "{\"alg\":\"HS256\"}", claims), &who),
                     ERR_BAD_LOGIN);
    assert_int_equal(enter(i, issuer_sign(i, ID_HS256, ES256, claims), &who), ERR_BAD_LOGIN);
    assert_int_equal(
        enter(i, issuer_sign(i, ID_RS256, "{\"alg\":\"RS256\",\"kid\":\"k0\"}", claims), &who),
        ERR_BAD_LOGIN);
    assert_int_equal(enter(i, "eyJhbGciOiJub25lIn0.e30.", &who), ERR_BAD_LOGIN);
    assert_int_equal(enter(i, "", &who), ERR_BAD_LOGIN);
    assert_int_equal(enter(i, "no.token", &who), ERR_BAD_LOGIN);
}

static void token__is_fresh_and_for_our_channel(void **state)
{
    struct issuer *i = *state;
    struct login_who who;
    const char *old = token_of(i);
    i->claims = "\"nonce\":null,\"aud\":\"9999999999\"";
    assert_int_equal(enter(i, token_of(i), &who), ERR_BAD_LOGIN);
    i->claims = "\"nonce\":null,\"iss\":\"https://access.line.me\"";
    assert_int_equal(enter(i, token_of(i), &who), ERR_BAD_LOGIN);
    i->claims = "\"nonce\":null,\"exp\":1";
    assert_int_equal(enter(i, token_of(i), &who), ERR_BAD_LOGIN);
    i->claims = "\"nonce\":null,\"exp\":2000000000";
    const char *long_lived = token_of(i);
    i->t->cx.now_ms += 1000;                               /* so that the next one is another */
    assert_int_equal(enter(i, token_of(i), &who), ERR_OK); /* its end is far, and that is fine */
    i->t->cx.now_ms += LIFF_AGE_MS + 120000;
    assert_int_equal(enter(i, long_lived, &who), ERR_BAD_LOGIN);
    assert_int_equal(enter(i, old, &who), ERR_BAD_LOGIN);
}

static void liff__needs_its_app_set_up(void **state)
{
    struct issuer *i = *state;
    struct login_who who;
    i->home->liff_id[0] = '\0';
    assert_int_equal(enter(i, token_of(i), &who), ERR_NOT_FOUND);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, open_line, issuer_close)
    const struct CMUnitTest tests[] = {
        WITH(token__of_lines_app_says_who_it_is), WITH(token__is_good_once_however_it_is_signed),
        WITH(algorithm__is_that_of_the_flow),     WITH(token__is_fresh_and_for_our_channel),
        WITH(liff__needs_its_app_set_up),
    };
#undef WITH
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
