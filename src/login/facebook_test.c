#include "login/facebook_in.h"

#include "base/arena.h"
#include "base/test.h"
#include "login/script_testkit.h"

#include <stdio.h>
#include <string.h>

#define TOKEN "{\"access_token\":\"EAAB-token-1\",\"token_type\":\"bearer\",\"expires_in\":5183944}"
#define GOOD                                                                                   \
    "{\"data\":{\"app_id\":\"client-1\",\"type\":\"USER\",\"is_valid\":true,\"expires_at\":0," \
    "\"user_id\":\"10158\",\"scopes\":[\"email\",\"public_profile\"]}}"
#define ME "{\"id\":\"10158\",\"name\":\"\\u738b\\u5c0f\\u660e\",\"email\":\"ming@people.test\"}"

/* One store for all of them: none writes into it. */
static int begin(void **state)
{
    script_clear(*state);
    script_use(*state, "facebook", "app-secret-1");
    return 0;
}

static enum err exchange(struct script *s, struct login_who *who, const char **ret_why)
{
    struct exchange x = {.login = s->login,
                         .cx = &s->t->cx,
                         .provider = s->p,
                         .code = "code&1",
                         .redirect_uri = "https://shop.test/api/v1/auth/facebook/callback",
                         .verifier = "v",
                         .nonce = "n",
                         .why = ""};
    s->t->cx.problem[0] = '\0';
    enum err e = s->p->hooks->exchange(&x, who);
    *ret_why = x.why ? x.why : "";
    return e;
}

static void proof__matches_the_vector(void **state)
{
    struct provider p = {.secret = "app-secret-1"};
    char proof[APPSECRET_PROOF];
    (void)state;
    facebook_proof(&p, "EAAB-token-1", proof);
    assert_string_equal(proof, "ec2dfa903ba5ffdc01da407bb6fb513726ab0f9fe4f498f4851828327baf88fe");
}

static void authorize__names_version_scope_and_state(void **state)
{
    struct script *s = *state;
    struct authorize ask = {.redirect_uri = "https://shop.test/cb?a", .state = "st", .nonce = "n"};
    struct buf url;
    buf_init(&url, 2000);
    assert_int_equal(s->p->hooks->authorize(s->login, &s->t->cx, s->p, &ask, &url), ERR_OK);
    assert_non_null(strstr(url.data, "/v25.0/dialog/oauth?client_id=client-1&"));
    assert_non_null(strstr(url.data, "redirect_uri=https%3A%2F%2Fshop.test%2Fcb%3Fa&state=st"));
    assert_non_null(strstr(url.data, "scope=public_profile%2Cemail"));
    assert_null(strstr(url.data, "auth_type"));
    buf_clear(&url);
    ask.ask_email = true;
    assert_int_equal(s->p->hooks->authorize(s->login, &s->t->cx, s->p, &ask, &url), ERR_OK);
    assert_non_null(strstr(url.data, "auth_type=rerequest"));
    buf_done(&url);
}

static void authorize__goes_to_facebook_itself(void **state)
{
    struct script *s = *state;
    struct buf url;
    buf_init(&url, 2000);
    assert_true(provider_preset(s->p, "facebook", NULL));
    (void)snprintf(s->p->graph_url, sizeof s->p->graph_url, "https://graph.facebook.com");
    (void)snprintf(s->p->graph_version, sizeof s->p->graph_version, "v26.0");
    struct authorize ask = {.redirect_uri = "https://shop.test/cb", .state = "st", .nonce = "n"};
    assert_int_equal(s->p->hooks->authorize(s->login, &s->t->cx, s->p, &ask, &url), ERR_OK);
    assert_non_null(strstr(url.data, "https://www.facebook.com/v26.0/dialog/oauth?"));
    buf_clear(&url);
    facebook_url(s->p, "/me", &url);
    assert_string_equal(url.data, "https://graph.facebook.com/v26.0/me");
    assert_true(provider_may_call(s->p, url.data));
    buf_done(&url);
}

static void exchange__asks_whose_the_token_is_before_it_believes_it(void **state)
{
    struct script *s = *state;
    struct login_who who;
    const char *why;
    script_says(s, 200, TOKEN);
    script_says(s, 200, GOOD);
    script_says(s, 200, ME);
    assert_int_equal(exchange(s, &who, &why), ERR_OK);
    assert_string_equal(who.proof.provider, "facebook");
    assert_string_equal(who.proof.subject, "10158");
    assert_string_equal(who.proof.name, "王小明");
    assert_string_equal(who.proof.email, "ming@people.test");
    assert_false(who.proof.email_verified);
    assert_false(who.proof.email_authoritative);
    assert_null(who.refresh_token);
    const struct script_heard *h = script_heard(s, 0);
    assert_string_equal(h->line, "POST /v25.0/oauth/access_token"); /* no secret in the URL */
    assert_string_equal(h->body,
                        "client_id=client-1&client_secret=app-secret-1&redirect_uri=https%3A%2F%"
                        "2Fshop.test%2Fapi%2Fv1%2Fauth%2Ffacebook%2Fcallback&code=code%261");
    assert_string_equal(script_heard(s, 1)->line,
                        "GET /v25.0/debug_token?input_token=EAAB-token-1&access_token=client-1%"
                        "7Capp-secret-1");
    assert_string_equal(
        script_heard(s, 2)->line,
        "GET /v25.0/me?fields=id,name,email&access_token=EAAB-token-1&appsecret_proof="
        "ec2dfa903ba5ffdc01da407bb6fb513726ab0f9fe4f498f4851828327baf88fe");
}

static void exchange__does_without_an_email(void **state)
{
    struct script *s = *state;
    struct login_who who;
    const char *why;
    script_says(s, 200, TOKEN);
    script_says(s, 200,
                "{\"data\":{\"app_id\":\"client-1\",\"type\":\"USER\",\"is_valid\":true,"
                "\"user_id\":10158}}");
    script_says(s, 200, "{\"id\":\"10158\",\"name\":\"Mei\"}");
    assert_int_equal(exchange(s, &who, &why), ERR_OK);
    assert_null(who.proof.email);
}

static void debug_token__is_held_to_our_app_and_to_a_person(void **state)
{
#define DATA(app, type, valid, more) \
    "{\"data\":{\"app_id\":\"" app "\",\"type\":\"" type "\",\"is_valid\":" valid more "}}"
    static const struct {
        const char *body, *why;
    } rows[] = {
        {DATA("client-2", "USER", "true", ",\"user_id\":\"10158\""), "a token of another app"},
        {DATA("client-1", "USER", "false", ",\"user_id\":\"10158\""), "a token that is not valid"},
        {DATA("client-1", "USER", "1", ",\"user_id\":\"10158\""), "a token that is not valid"},
        {DATA("client-1", "PAGE", "true", ",\"user_id\":\"10158\""), "a token of no person"},
        {DATA("client-1", "APP", "true", ""), "a token of no person"},
        {DATA("client-1", "USER", "true", ""), "a token of nobody"},
        {DATA("client-1", "USER", "true", ",\"user_id\":\"10158\",\"expires_at\":1"),
         "a token that has ended"},
        {DATA("client-1", "USER", "true", ",\"user_id\":\"10158\",\"expires_at\":\"x\""),
         "a token that has ended"},
        {"{}", "a token of another app"},
        {"{\"data\":[]}", "a token of another app"},
    };
#undef DATA
    struct script *s = *state;
    struct login_who who;
    const char *why;
    s->t->cx.now_ms = INT64_C(1795305600000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        script_clear(s);
        script_says(s, 200, TOKEN);
        script_says(s, 200, rows[i].body);
        script_says(s, 200, ME);
        assert_int_equal(exchange(s, &who, &why), ERR_INPUT);
        assert_string_equal(why, rows[i].why);
        assert_int_equal(s->heard_n, 2); /* the person is not asked for */
    }
}

static void exchange__refuses_a_token_of_another_person(void **state)
{
    struct script *s = *state;
    struct login_who who;
    const char *why;
    script_says(s, 200, TOKEN);
    script_says(s, 200, GOOD);
    script_says(s, 200, "{\"id\":\"10159\",\"name\":\"Mallory\"}");
    assert_int_equal(exchange(s, &who, &why), ERR_INPUT);
    assert_string_equal(why, "a token of another person");
}

static void exchange__tells_refusal_from_outage(void **state)
{
    static const struct {
        const char *body;
        int status;
        enum err e;
    } rows[] = {
        {"{\"error\":{\"code\":100,\"message\":\"This authorization code has been used.\"}}", 400,
         ERR_INPUT},
        {"", 500, ERR_UPSTREAM},
        {"{}", 429, ERR_UPSTREAM},
        {"no json", 200, ERR_UPSTREAM},
        {"{\"access_token\":\"\"}", 200, ERR_UPSTREAM},
        {"[]", 200, ERR_UPSTREAM},
        {NULL, 0, ERR_UPSTREAM},
    };
    struct script *s = *state;
    struct login_who who;
    const char *why;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        script_clear(s);
        script_says(s, rows[i].status, rows[i].body);
        assert_int_equal(exchange(s, &who, &why), rows[i].e);
        assert_null(strstr(s->t->cx.problem, "app-secret-1"));
        assert_null(strstr(s->t->cx.problem, "EAAB"));
        assert_int_equal(s->heard_n, 1); /* a code is sent once */
    }
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup(test, begin)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proof__matches_the_vector),
        WITH(authorize__names_version_scope_and_state),
        WITH(authorize__goes_to_facebook_itself),
        WITH(exchange__asks_whose_the_token_is_before_it_believes_it),
        WITH(exchange__does_without_an_email),
        WITH(debug_token__is_held_to_our_app_and_to_a_person),
        WITH(exchange__refuses_a_token_of_another_person),
        WITH(exchange__tells_refusal_from_outage),
    };
#undef WITH
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, script_open, script_close);
}
