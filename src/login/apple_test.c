#include "login/apple.h"

#include "base/arena.h"
#include "base/es256.h"
#include "base/test.h"
#include "login/apple_in.h"
#include "login/issuer_testkit.h"

#include <stdio.h>
#include <string.h>

/* RFC 7515 A.3 */
static const char KEY[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff\n"
                          "H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp\n"
                          "7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\n"
                          "-----END PRIVATE KEY-----\n";

/* One store for all of them. */
static int begin(void **state)
{
    struct issuer *i = *state;
    i->claims = NULL;
    i->t->cx.now_ms = ISSUER_NOW_MS;
    i->t->cx.problem[0] = '\0';
    assert_true(provider_preset(i->home, "apple", i->url));
    (void)snprintf(i->home->team_id, sizeof i->home->team_id, "TEAM123456");
    (void)snprintf(i->home->key_id, sizeof i->home->key_id, "KEY1234567");
    (void)snprintf(i->home->private_key, sizeof i->home->private_key, "%s", KEY);
    issuer_restart(i);
    return 0;
}

/* ---- the client secret ---- */

static void part(const char *text, size_t len, json_t **ret)
{
    char plain[1000];
    size_t n;
    assert_int_equal(crypto_unbase64url(text, len, plain, sizeof plain, &n), ERR_OK);
    *ret = json_loadb(plain, n, 0, NULL);
    assert_non_null(*ret);
}

static const char *text_at(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static void secret__is_a_token_of_ours_for_an_hour(void **state)
{
    struct issuer *i = *state;
    const char *secret = "";
    struct es256 *key;
    json_t *header, *claims;
    unsigned char sig[ES256_SIGNATURE];
    size_t n;
    assert_int_equal(apple_secret(i->login, &i->t->cx, i->home, &secret), ERR_OK);
    const char *dot = strchr(secret, '.'), *end = strrchr(secret, '.');
    part(secret, (size_t)(dot - secret), &header);
    part(dot + 1, (size_t)(end - dot - 1), &claims);
    assert_string_equal(text_at(header, "alg"), "ES256");
    assert_string_equal(text_at(header, "kid"), "KEY1234567");
    assert_string_equal(text_at(claims, "iss"), "TEAM123456");
    assert_string_equal(text_at(claims, "sub"), ISSUER_CLIENT);
    assert_string_equal(text_at(claims, "aud"), "https://appleid.apple.com");
    json_int_t iat = json_integer_value(json_object_get(claims, "iat"));
    assert_int_equal(iat, ISSUER_NOW_MS / 1000);
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")), iat + 3600);
    assert_int_equal(crypto_unbase64url(end + 1, strlen(end + 1), sig, sizeof sig, &n), ERR_OK);
    assert_int_equal(n, ES256_SIGNATURE); /* r and s, not DER */
    assert_int_equal(es256_read_pem(KEY, strlen(KEY), &key), ERR_OK);
    assert_true(es256_verify(key, secret, (size_t)(end - secret), sig));
    es256_free(key);
    json_decref(header);
    json_decref(claims);
}

static void secret__of_no_key_is_our_fault(void **state)
{
    struct issuer *i = *state;
    const char *secret = NULL;
    i->home->private_key[40] ^= 1;
    assert_int_equal(apple_secret(i->login, &i->t->cx, i->home, &secret), ERR_INTERNAL);
    assert_null(secret);
    assert_null(strstr(i->t->cx.problem, "AgEAMBMG"));
}

/* ---- a login ---- */

static enum err exchange(struct issuer *i, const char *user, struct login_who *who)
{
    struct exchange x = {.login = i->login,
                         .cx = &i->t->cx,
                         .provider = i->home,
                         .code = "code-1",
                         .redirect_uri = "https://shop.test/api/v1/auth/apple/callback",
                         .verifier = "v",
                         .nonce = "n1",
                         .user = user};
    (void)snprintf(i->nonce, sizeof i->nonce, "n1");
    return openid_exchange(&x, who);
}

static void login__sends_the_secret_and_takes_the_name_once(void **state)
{
    struct issuer *i = *state;
    struct login_who who;
    const char *user = "{\"name\":{\"firstName\":\"Mei\",\"lastName\":\"Lin\"},"
                       "\"email\":\"victim@people.test\"}";
    i->claims =
        "\"name\":null,\"email\":\"x1@privaterelay.appleid.com\",\"email_verified\":\"true\"";
    assert_int_equal(exchange(i, user, &who), ERR_OK);
    assert_non_null(strstr(i->form, "&client_secret=ey"));
    assert_string_equal(i->authorization, "");
    assert_string_equal(who.proof.provider, "apple");
    assert_string_equal(who.proof.name, "Mei Lin");
    assert_string_equal(who.proof.email, "x1@privaterelay.appleid.com"); /* never the form's */
    assert_true(who.proof.email_verified);
    assert_false(who.proof.email_authoritative);
    assert_string_equal(who.refresh_token, "rt-1");
    assert_int_equal(exchange(i, NULL, &who), ERR_OK); /* the second time */
    assert_null(who.proof.name);
}

static void name__is_what_somebody_typed(void **state)
{
    static const struct {
        const char *user, *name;
    } rows[] = {
        {"{\"name\":{\"firstName\":\"Mei\",\"lastName\":\"Lin\"}}", "Mei Lin"},
        {"{\"name\":{\"firstName\":\"小明\",\"lastName\":\"王\"}}", "王小明"},
        {"{\"name\":{\"firstName\":\"太郎\",\"lastName\":\"山田\"}}", "山田太郎"},
        {"{\"name\":{\"firstName\":\"สมชาย\",\"lastName\":\"ใจดี\"}}", "สมชาย ใจดี"},
        {"{\"name\":{\"firstName\":\"Mei\"}}", "Mei"},
        {"{\"name\":{\"lastName\":\"林\"}}", "林"},
        {"{\"name\":{\"firstName\":7,\"lastName\":\"\"}}", NULL},
        {"{\"name\":\"Mei\"}", NULL},
        {"{\"email\":\"a@b.test\"}", NULL},
        {"{}", NULL},
        {"", NULL},
        {"[1]", NULL},
        {"{\"name\":{\"firstName\":\"a\",\"firstName\":\"b\"}}", NULL},
    };
    struct issuer *i = *state;
    for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
        const char *name = apple_name(&i->t->cx, rows[n].user);
        if (rows[n].name)
            assert_string_equal(name, rows[n].name);
        else
            assert_null(name);
    }
    assert_string_equal(i->t->cx.problem, ""); /* none of it is an error */
}

/* ---- notices ---- */

enum { NOTICE_MAX = 12000 };
static char notice[NOTICE_MAX];

/* A notice with these claims on top of true ones, signed by the issuer. */
static enum err hear(struct issuer *i, enum id_alg alg, const char *header, const char *more,
                     struct apple_notice *n)
{
    char claims[2000];
    (void)snprintf(claims, sizeof claims,
                   "{\"iss\":\"%s\",\"aud\":\"" ISSUER_CLIENT "\",\"iat\":%lld,%s}", i->url,
                   (long long)(i->t->cx.now_ms / 1000), more);
    int len = snprintf(notice, sizeof notice, "{\"payload\":\"%s\"}",
                       issuer_sign(i, alg, header, claims));
    i->t->cx.problem[0] = '\0';
    return apple_notice_read(i->login, &i->t->cx, notice, (size_t)len, n);
}

#define RS256 "{\"alg\":\"RS256\",\"kid\":\"k0\"}"
#define EVENT(type)                                       \
    "\"jti\":\"j1\",\"events\":\"{\\\"type\\\":\\\"" type \
    "\\\",\\\"sub\\\":\\\"000123.ab\\\",\\\"event_time\\\":1}\""

static void notice__says_who_left(void **state)
{
    static const struct {
        const char *claims;
        enum apple_event event;
    } rows[] = {
        {EVENT("consent-revoked"), APPLE_CONSENT_REVOKED},
        {EVENT("account-deleted"), APPLE_ACCOUNT_DELETED},
        {EVENT("account-delete"), APPLE_ACCOUNT_DELETED},
        {EVENT("email-disabled"), APPLE_OTHER},
        {EVENT("something-new"), APPLE_OTHER},
        {"\"jti\":\"j2\",\"events\":{\"type\":\"account-deleted\",\"sub\":\"000123.ab\"}",
         APPLE_ACCOUNT_DELETED},
    };
    struct issuer *i = *state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct apple_notice n;
        assert_int_equal(hear(i, ID_RS256, RS256, rows[k].claims, &n), ERR_OK);
        assert_int_equal(n.event, rows[k].event);
        assert_string_equal(n.subject, "000123.ab");
    }
}

static void notice__is_apples_and_for_us(void **state)
{
    struct issuer *i = *state;
    struct apple_notice n;
    const char *event = EVENT("account-deleted");
    assert_int_equal(hear(i, ID_HS256, "{\"alg\":\"HS256\"}", event, &n), ERR_FORBIDDEN);
    assert_int_equal(hear(i, ID_HS256, RS256, event, &n), ERR_FORBIDDEN); /* a false signature */
    assert_int_equal(hear(i, ID_RS256, "{\"alg\":\"RS256\",\"kid\":\"k9\"}", event, &n),
                     ERR_FORBIDDEN);
    assert_int_equal(hear(i, ID_RS256, RS256, "\"events\":\"{}\"", &n), ERR_INPUT); /* no jti */
    assert_int_equal(hear(i, ID_RS256, RS256, "\"jti\":\"j\",\"events\":7", &n), ERR_INPUT);
    assert_int_equal(hear(i, ID_RS256, RS256, "\"jti\":\"j\",\"events\":\"{\"", &n), ERR_INPUT);
    (void)snprintf(i->home->client_id, sizeof i->home->client_id, "another");
    assert_int_equal(hear(i, ID_RS256, RS256, event, &n), ERR_FORBIDDEN);
    (void)snprintf(i->home->client_id, sizeof i->home->client_id, ISSUER_CLIENT);
    assert_int_equal(hear(i, ID_RS256, RS256, event, &n), ERR_OK);
    i->t->cx.now_ms += 31 * INT64_C(86400000);
    assert_int_equal(apple_notice_read(i->login, &i->t->cx, notice, strlen(notice), &n),
                     ERR_FORBIDDEN);
    assert_int_equal(apple_notice_read(i->login, &i->t->cx, "{}", 2, &n), ERR_INPUT);
    assert_int_equal(apple_notice_read(i->login, &i->t->cx, "", 0, &n), ERR_INPUT);
}

static enum err once_job(struct tx *tx, void *arg)
{
    return apple_notice_once(tx, arg);
}

static void notice__is_heard_once(void **state)
{
    struct issuer *i = *state;
    struct apple_notice n;
    assert_int_equal(hear(i, ID_RS256, RS256, EVENT("consent-revoked"), &n), ERR_OK);
    assert_int_equal(store_do(i->t->store, &i->t->cx, "test", once_job, &n), ERR_OK);
    assert_int_equal(hear(i, ID_RS256, RS256, EVENT("consent-revoked"), &n), ERR_OK);
    assert_int_equal(store_do(i->t->store, &i->t->cx, "test", once_job, &n), ERR_EXISTS);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup(test, begin)
    const struct CMUnitTest tests[] = {
        WITH(secret__is_a_token_of_ours_for_an_hour),
        WITH(secret__of_no_key_is_our_fault),
        WITH(login__sends_the_secret_and_takes_the_name_once),
        WITH(name__is_what_somebody_typed),
        WITH(notice__says_who_left),
        WITH(notice__is_apples_and_for_us),
        WITH(notice__is_heard_once),
    };
#undef WITH
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, issuer_open, issuer_close);
}
