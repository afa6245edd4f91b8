#include "base/test.h"

#include "base/arena.h"
#include "login/id_token_in.h"
#include "login/issuer_testkit.h"

#include <stdio.h>
#include <string.h>

/* social-login notes, section 1: made with the secret that ISSUER_SECRET is. */
#define LINE_TOKEN                                                                             \
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."                                                    \
    "eyJpc3MiOiJodHRwczovL2FjY2Vzcy5saW5lLm1lIiwic3ViIjoiVTEyMzQ1Njc4OTBhYmNkZWYxMjM0NTY3ODkw" \
    "YWJjZGVmIiwiYXVkIjoiMTIzNDU2Nzg5MCIsImV4cCI6MTc5NTMwOTIwMCwiaWF0IjoxNzk1MzA1NjAwLCJub25j" \
    "ZSI6Im4tMFM2X1d6QTJNaiIsImFtciI6WyJsaW5lc3NvIl0sIm5hbWUiOiJUYXJvIExpbmUifQ."              \
    "WH96zRPSAhKfpwYdjpkwdv9naiBpYD1o_669EvN3kzU"

#define HS "{\"alg\":\"HS256\"}"

static struct cx *cx_of(struct issuer *i)
{
    arena_free(i->t->cx.arena);
    i->t->cx.arena = arena_make(4 << 20);
    i->t->cx.problem[0] = '\0';
    return &i->t->cx;
}

static enum err check(struct issuer *i, const char *token, struct id_claims *c, const char **why)
{
    const struct id_rule rule = {
        .alg = i->home->alg, .nonce = "n", .access_token = "at-1", .now_ms = i->t->cx.now_ms};
    return login_check_id_token(i->login, &i->t->cx, i->home, token, &rule, c, why);
}

/* Signed honestly with the client's secret, over claims that are changed like this. */
static const char *why_claims(struct issuer *i, const char *change)
{
    struct id_claims c;
    const char *why = NULL;
    (void)cx_of(i);
    i->claims = change;
    (void)snprintf(i->nonce, sizeof i->nonce, "n");
    enum err e = check(i, issuer_sign(i, ID_HS256, HS, issuer_claims(i)), &c, &why);
    i->claims = NULL;
    assert_int_equal(e, why ? ERR_INPUT : ERR_OK);
    return why ? why : "taken";
}

static const char *why_token(struct issuer *i, const char *token)
{
    struct id_claims c;
    const char *why = NULL;
    enum err e = check(i, token, &c, &why);
    assert_int_equal(e, why ? ERR_INPUT : ERR_OK);
    return why ? why : "taken";
}

static void line__vector_is_taken_with_its_secret_alone(void **state)
{
    struct issuer *i = *state;
    struct provider *p = i->home;
    struct id_claims c;
    const char *why;
    assert_true(provider_preset(p, "line", NULL));
    (void)snprintf(p->client_id, sizeof p->client_id, "1234567890");
    const struct id_rule rule = {
        .alg = p->alg, .nonce = "n-0S6_WzA2Mj", .now_ms = INT64_C(1795305600000)};
    assert_int_equal(p->alg, ID_HS256);
    assert_int_equal(login_check_id_token(i->login, &i->t->cx, p, LINE_TOKEN, &rule, &c, &why),
                     ERR_OK);
    assert_string_equal(c.sub, "U1234567890abcdef1234567890abcdef");
    assert_string_equal(c.name, "Taro Line");
    (void)snprintf(p->secret, sizeof p->secret, "1123456789abcdef0123456789abcdef");
    assert_int_equal(login_check_id_token(i->login, &i->t->cx, p, LINE_TOKEN, &rule, &c, &why),
                     ERR_INPUT);
    assert_string_equal(why, "bad signature");
}

static void claims__each_is_checked(void **state)
{
    struct issuer *i = *state;
    issuer_use(i, ID_HS256);
    static const struct {
        const char *change, *why;
    } rows[] = {
        {"", "taken"},
        {"\"iss\":\"https://x.test\"", "another issuer"},
        {"\"iss\":null", "another issuer"},
        {"\"aud\":\"someone\"", "not for us"},
        {"\"aud\":null", "not for us"},
        {"\"aud\":7", "not for us"},
        {"\"aud\":[]", "not for us"},
        {"\"aud\":[7,\"shop-client\"]", "aud of a wrong type"},
        {"\"aud\":[\"shop-client\"]", "taken"},
        {"\"aud\":[\"shop-client\",\"someone\"]", "for others too"},
        {"\"aud\":[\"shop-client\",\"someone\"],\"azp\":\"shop-client\"", "taken"},
        {"\"aud\":[\"shop-client\",\"someone\"],\"azp\":\"someone\"", "made for another party"},
        {"\"azp\":\"someone\"", "made for another party"},
        {"\"azp\":[\"shop-client\"]", "made for another party"},
        {"\"exp\":null", "without exp"},
        {"\"exp\":\"1795309200\"", "a time of a wrong type"},
        {"\"exp\":1e300", "a time of a wrong type"},
        {"\"exp\":-5", "a time of a wrong type"},
        {"\"exp\":1795305540", "expired"},
        {"\"exp\":1795305541", "taken"},
        {"\"exp\":1795305600.5", "taken"},
        {"\"iat\":null", "without iat"},
        {"\"iat\":true", "a time of a wrong type"},
        {"\"iat\":1795305661", "from the future"},
        {"\"iat\":1795305660", "taken"},
        {"\"auth_time\":\"now\"", "a time of a wrong type"},
        {"\"nonce\":null", "another nonce"},
        {"\"nonce\":\"m\"", "another nonce"},
        {"\"nonce\":7", "another nonce"},
        {"\"sub\":null", "no subject"},
        {"\"sub\":\"\"", "no subject"},
        {"\"sub\":42", "no subject"},
        {"\"at_hash\":\"AAAA\"", "another access token"},
        {"\"at_hash\":1", "another access token"},
        {"\"at_hash\":\"R8PYaIQdcYEdkSc9TeGyiQ\"", "taken"},
    };
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        const char *why = why_claims(i, rows[n].change);
        if (strcmp(why, rows[n].why) != 0)
            fail_msg("%s: '%s', not '%s'", rows[n].change, why, rows[n].why);
    }
}

static void claims__a_subject_has_255_bytes_at_most(void **state)
{
    struct issuer *i = *state;
    char text[400], sub[300] = "";
    issuer_use(i, ID_HS256);
    memset(sub, 'x', 255);
    (void)snprintf(text, sizeof text, "\"sub\":\"%s\"", sub);
    assert_string_equal(why_claims(i, text), "taken");
    (void)snprintf(text, sizeof text, "\"sub\":\"%sx\"", sub);
    assert_string_equal(why_claims(i, text), "no subject");
}

static void claims__googles_second_spelling_is_googles_alone(void **state)
{
    struct issuer *i = *state;
    issuer_use(i, ID_HS256);
    (void)snprintf(i->home->also_issuer, sizeof i->home->also_issuer, "accounts.google.com");
    assert_string_equal(why_claims(i, "\"iss\":\"accounts.google.com\""), "taken");
    i->home->also_issuer[0] = '\0';
    assert_string_equal(why_claims(i, "\"iss\":\"accounts.google.com\""), "another issuer");
}

static void claims__of_a_person_are_believed_by_the_provider(void **state)
{
    struct provider p = {.name = "x"};
    struct login_who who;
    struct id_claims c = {.sub = "1", .email = "Mei@Gmail.com", .email_verified = true};
    (void)state;
    assert_true(provider_preset(&p, "google", NULL));
    login_who_of(&p, &c, &who);
    assert_true(who.proof.email_verified && who.proof.email_authoritative);
    c.email = "mei@old-company.test"; /* it may belong to somebody else by now */
    login_who_of(&p, &c, &who);
    assert_true(who.proof.email_verified && !who.proof.email_authoritative);
    c.hosted = true;
    login_who_of(&p, &c, &who);
    assert_true(who.proof.email_authoritative);
    c.email_verified = false;
    login_who_of(&p, &c, &who);
    assert_false(who.proof.email_verified || who.proof.email_authoritative);
    c.email_verified = true;
    assert_true(provider_preset(&p, "google", "http://127.0.0.1:9")); /* a stand-in */
    login_who_of(&p, &c, &who);
    assert_true(who.proof.email_verified && !who.proof.email_authoritative);
    assert_true(provider_preset(&p, "line", NULL));
    login_who_of(&p, &c, &who);
    assert_false(who.proof.email_verified || who.proof.email_authoritative);
}

static void header__is_compared_and_never_followed(void **state)
{
    struct issuer *i = *state;
    static const struct {
        const char *header, *why;
    } rows[] = {
        {HS, "taken"},
        {"{\"alg\":\"HS256\",\"typ\":\"jwt\"}", "taken"},
        {"{\"alg\":\"HS256\",\"kid\":\"any\"}", "taken"},
        {"{\"alg\":\"HS256\",\"jku\":\"http://127.0.0.1:1/\"}", "taken"}, /* not looked at */
        {"{\"alg\":\"none\"}", "another algorithm"},
        {"{\"alg\":\"hs256\"}", "another algorithm"},
        {"{\"alg\":\"RS256\"}", "another algorithm"},
        {"{\"alg\":\"HS512\"}", "another algorithm"},
        {"{\"alg\":[\"HS256\"]}", "another algorithm"},
        {"{}", "another algorithm"},
        {"{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", "critical extensions"},
        {"{\"alg\":\"HS256\",\"b64\":false}", "critical extensions"},
        {"{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", "not an id_token"},
        {"{\"alg\":\"HS256\",\"typ\":7}", "not an id_token"},
        {"{\"alg\":\"HS256\",\"kid\":7}", "bad kid"},
        {"{\"alg\":\"none\",\"alg\":\"HS256\"}", "not a signed token"}, /* twice */
        {"[\"HS256\"]", "not a signed token"},
    };
    issuer_use(i, ID_HS256);
    (void)snprintf(i->nonce, sizeof i->nonce, "n");
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        (void)cx_of(i);
        const char *why = why_token(i, issuer_sign(i, ID_HS256, rows[n].header, issuer_claims(i)));
        if (strcmp(why, rows[n].why) != 0)
            fail_msg("%s: '%s', not '%s'", rows[n].header, why, rows[n].why);
    }
}

static void token__is_strict_in_its_form(void **state)
{
    struct issuer *i = *state;
    struct cx *cx = &i->t->cx;
    issuer_use(i, ID_HS256);
    (void)snprintf(i->nonce, sizeof i->nonce, "n");
    const char *good = issuer_sign(i, ID_HS256, HS, issuer_claims(i));
    const char *twice = issuer_sign(i, ID_HS256, HS, "{\"sub\":\"a\",\"sub\":\"b\"}");
    size_t n = strlen(good);
    const char *bad[] = {"",
                         ".",
                         "..",
                         "a.b",
                         twice,
                         issuer_sign(i, ID_HS256, HS, "[]"),
                         issuer_sign(i, ID_HS256, HS, "{\"sub\":"),
                         arena_fmt(cx->arena, "%s.x", good),
                         arena_fmt(cx->arena, "%s=", good),
                         arena_fmt(cx->arena, "%s ", good),
                         arena_fmt(cx->arena, " %s", good),
                         arena_fmt(cx->arena, "%.*s", (int)(strrchr(good, '.') - good + 1), good)};
    assert_string_equal(why_token(i, good), "taken");
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        assert_string_equal(why_token(i, bad[k]), "not a signed token");
    /* A signature of 32 bytes leaves two bits over: another last letter is another spelling. */
    char *spelled = arena_dup(cx->arena, good, n);
    spelled[n - 1] = (char)(spelled[n - 1] + 1);
    assert_string_not_equal(why_token(i, spelled), "taken");
    char *longer = arena_bytes(cx->arena, 20001, 1);
    memset(longer, 'a', 20000);
    assert_string_equal(why_token(i, longer), "not a signed token");
}

static void signature__is_by_the_key_of_our_settings(void **state)
{
    struct issuer *i = *state;
    static const char *const headers[] = {[ID_RS256] = "{\"alg\":\"RS256\",\"kid\":\"k0\"}",
                                          [ID_ES256] = "{\"alg\":\"ES256\",\"kid\":\"k0\"}",
                                          [ID_HS256] = "{\"alg\":\"HS256\",\"kid\":\"k0\"}"};
    (void)snprintf(i->nonce, sizeof i->nonce, "n");
    for (enum id_alg ours = ID_RS256; ours <= ID_HS256; ours++)
        for (enum id_alg theirs = ID_RS256; theirs <= ID_HS256; theirs++) {
            issuer_use(i, ours);
            const char *why =
                why_token(i, issuer_sign(i, theirs, headers[theirs], issuer_claims(i)));
            assert_string_equal(why, ours == theirs ? "taken" : "another algorithm");
        }
}

static void signature__changed_bytes_and_other_keys_are_refused(void **state)
{
    struct issuer *i = *state;
    issuer_use(i, ID_RS256);
    (void)snprintf(i->nonce, sizeof i->nonce, "n");
    i->key_id = 1; /* listed: k0 only */
    const char *forged =
        issuer_sign(i, ID_RS256, "{\"alg\":\"RS256\",\"kid\":\"k0\"}", issuer_claims(i));
    i->key_id = 0;
    assert_string_equal(why_token(i, forged), "bad signature");
    assert_string_equal(
        why_token(i, issuer_sign(i, ID_RS256, "{\"alg\":\"RS256\"}", issuer_claims(i))), "taken");
    assert_string_equal(
        why_token(i, issuer_sign(i, ID_RS256, "{\"alg\":\"RS256\",\"kid\":\"unknown\"}",
                                 issuer_claims(i))),
        "signed with an unknown key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, issuer_open, issuer_close)
        T(line__vector_is_taken_with_its_secret_alone),
        T(claims__each_is_checked),
        T(claims__a_subject_has_255_bytes_at_most),
        T(claims__googles_second_spelling_is_googles_alone),
        T(claims__of_a_person_are_believed_by_the_provider),
        T(header__is_compared_and_never_followed),
        T(token__is_strict_in_its_form),
        T(signature__is_by_the_key_of_our_settings),
        T(signature__changed_bytes_and_other_keys_are_refused),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
