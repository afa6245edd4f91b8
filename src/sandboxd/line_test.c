#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/test.h"
#include "net/client.h"
#include "net/net_testkit.h"
#include "sandboxd/line_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 7636 appendix B */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define ID        "1234567890"
#define SECRET    "0123456789abcdef0123456789abcdef"
#define BACK      "http%3A%2F%2F127.0.0.1%3A9%2Fback"
#define MEI       "%E5%B0%8F%E7%BE%8E"
#define CLIENT    "&client_id=" ID "&client_secret=" SECRET
#define ASK                                                  \
    "response_type=code&client_id=" ID "&redirect_uri=" BACK \
    "&state=s%26t&scope=openid%20profile%20email&nonce=n1"
#define PKCE "&code_challenge=" CHALLENGE "&code_challenge_method=S256"

struct shop {
    struct kit kit;
    struct sandboxd s;
    struct http_route routes[LINE_ROUTES_MAX + 1];
    char text[16384], where[2048]; /* of the last answer */
};

static const char *no_variable(const char *name)
{
    (void)name;
    return NULL;
}

static int open_shop(void **state)
{
    struct shop *p = calloc(1, sizeof *p);
    struct cx cx = {.now_ms = 0};
    char at[ADDR_TEXT];
    assert_non_null(p);
    assert_int_equal(client_init(), ERR_OK);
    p->s.variable = no_variable;
    p->s.faults = faults_make();
    assert_int_equal(line_make(&cx, &p->s, &p->s.line), ERR_OK);
    (void)line_routes(p->routes);
    kit_start(&p->kit, (struct http_server_opts){.routes = p->routes, .app = &p->s});
    addr_text_port(&p->kit.addr, at);
    (void)snprintf(p->s.url, sizeof p->s.url, "http://%s", at);
    *state = p;
    return 0;
}

static int close_shop(void **state)
{
    struct shop *p = *state;
    client_thread_done();
    kit_stop(&p->kit);
    line_free(p->s.line);
    faults_free(p->s.faults);
    free(p);
    return 0;
}

/* ---- asking ---- */

static int ask(struct shop *p, const char *method, const char *path, const char *header,
               const char *body)
{
    char url[4096];
    const char *const headers[] = {
        header ? header : "Content-Type: application/x-www-form-urlencoded", NULL};
    struct client_answer a;
    (void)snprintf(url, sizeof url, "%s%s", p->s.url, path);
    const struct client_ask c = {.method = method,
                                 .url = url,
                                 .headers = headers,
                                 .body = body,
                                 .body_len = body ? strlen(body) : 0};
    assert_int_equal(client_run(&c, &a), ERR_OK);
    (void)snprintf(p->text, sizeof p->text, "%s", a.body.data ? a.body.data : "");
    if (!client_answer_header(&a, "location", p->where, sizeof p->where))
        p->where[0] = '\0';
    int status = a.status;
    client_answer_done(&a);
    return status;
}

static void part_of(const char *text, const char *before, char out[LINE_URL])
{
    const char *at = strstr(text, before);
    assert_non_null(at);
    at += strlen(before);
    size_t n = strcspn(at, "&\"");
    assert_true(n < LINE_URL);
    memcpy(out, at, n);
    out[n] = '\0';
}

/* The page is filled in and sent; the code that comes back. */
static void sign_in(struct shop *p, const char *more, char ret_code[LINE_URL])
{
    char form[2048];
    (void)snprintf(form, sizeof form, "%s%s&name=%s&as=signin", ASK, more, MEI);
    assert_int_equal(ask(p, "POST", "/line/oauth2/v2.1/authorize", NULL, form), 303);
    assert_non_null(strstr(p->where, "http://127.0.0.1:9/back?code="));
    assert_non_null(strstr(p->where, "&state=s%26t"));
    part_of(p->where, "code=", ret_code);
}

static int redeem(struct shop *p, const char *code, const char *more)
{
    char form[2048];
    (void)snprintf(form, sizeof form, "grant_type=authorization_code&code=%s%s", code, more);
    return ask(p, "POST", "/line/oauth2/v2.1/token", NULL, form);
}

/* ---- tests ---- */

static void page__speaks_the_persons_language(void **state)
{
    static const struct {
        const char *locale, *lang, *word;
    } rows[] = {{"zh-TW", "zh-Hant-TW", "登入"},
                {"th", "lang=\"th\"", "เข้าสู่ระบบ"},
                {"en", "lang=\"en\"", "Sign in"},
                {"zh-CN", "zh-Hans-CN", "登录"},
                {"ja", "lang=\"ja\"", "ログイン"}};
    struct shop *p = *state;
    char path[1024];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)snprintf(path, sizeof path, "/line/oauth2/v2.1/authorize?%s&ui_locales=%s", ASK,
                       rows[i].locale);
        assert_int_equal(ask(p, "GET", path, NULL, NULL), 200);
        assert_non_null(strstr(p->text, rows[i].lang));
        assert_non_null(strstr(p->text, rows[i].word));
    }
}

static void page__refuses_what_line_would_not_take(void **state)
{
    static const char *const bad[] = {
        "response_type=code&client_id=1&redirect_uri=" BACK "&state=s&scope=openid",
        "response_type=token&client_id=" ID "&redirect_uri=" BACK "&state=s&scope=openid",
        "response_type=code&client_id=" ID "&redirect_uri=javascript%3A1&state=s&scope=openid",
        "response_type=code&client_id=" ID "&redirect_uri=" BACK "&scope=openid",
        "response_type=code&client_id=" ID "&redirect_uri=" BACK "&state=s&scope=profile",
        ASK "&code_challenge=" CHALLENGE "&code_challenge_method=plain",
        ASK "&code_challenge=short&code_challenge_method=S256",
    };
    struct shop *p = *state;
    char path[2048];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)snprintf(path, sizeof path, "/line/oauth2/v2.1/authorize?%s", bad[i]);
        assert_int_equal(ask(p, "GET", path, NULL, NULL), 400);
        assert_string_equal(p->where, "");
        assert_int_equal(ask(p, "POST", "/line/oauth2/v2.1/authorize", NULL, bad[i]), 400);
    }
    assert_int_equal(ask(p, "POST", "/line/oauth2/v2.1/authorize", NULL, ASK "&as=signin&name=%20"),
                     200); /* the page again */
    assert_int_equal(ask(p, "POST", "/line/oauth2/v2.1/authorize", NULL, ASK "&as=cancel"), 303);
    assert_non_null(strstr(p->where, "error=access_denied&state=s%26t"));
}

static void code__is_changed_once_by_the_shop_that_asked(void **state)
{
    static const struct {
        const char *more, *says;
    } bad[] = {
        {"&redirect_uri=" BACK "&code_verifier=" VERIFIER "&client_id=" ID "&client_secret=x",
         "invalid_client"},
        {"&redirect_uri=" BACK "2&code_verifier=" VERIFIER CLIENT, "redirect_uri"},
        {"&redirect_uri=" BACK "&code_verifier=wrong" CLIENT, "code_verifier"},
        {"&redirect_uri=" BACK CLIENT, "code_verifier"},
    };
    struct shop *p = *state;
    char code[LINE_URL], access[LINE_URL], bearer[LINE_URL + 32];
    sign_in(p, PKCE, code);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(redeem(p, code, bad[i].more), 400);
        assert_non_null(strstr(p->text, bad[i].says));
    }
    const char *good = "&redirect_uri=" BACK "&code_verifier=" VERIFIER CLIENT;
    assert_int_equal(redeem(p, code, good), 200);
    part_of(p->text, "\"access_token\":\"", access);
    (void)snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", access);
    assert_int_equal(ask(p, "GET", "/line/v2/profile", bearer, NULL), 200);
    assert_non_null(strstr(p->text, "\"displayName\":\"小美\""));
    assert_int_equal(redeem(p, code, good), 400); /* and what the first got is worth no more */
    assert_int_equal(ask(p, "GET", "/line/v2/profile", bearer, NULL), 401);
}

static void token__is_hs256_by_the_channels_secret(void **state)
{
    struct shop *p = *state;
    char code[LINE_URL], token[LINE_URL], form[2 * LINE_URL];
    unsigned char mac[SHA256_LEN];
    char sig[LINE_RANDOM];
    sign_in(p, "", code);
    assert_int_equal(redeem(p, code, "&redirect_uri=" BACK CLIENT), 200);
    part_of(p->text, "\"id_token\":\"", token);
    const char *dot = strrchr(token, '.');
    crypto_hmac_sha256(SECRET, strlen(SECRET), token, (size_t)(dot - token), mac);
    crypto_base64url_text(mac, sizeof mac, sig);
    assert_string_equal(dot + 1, sig);
    (void)snprintf(form, sizeof form, "id_token=%s&client_id=" ID "&nonce=n1", token);
    assert_int_equal(ask(p, "POST", "/line/oauth2/v2.1/verify", NULL, form), 200);
    assert_non_null(strstr(p->text, "\"name\":\"小美\""));
    (void)snprintf(form, sizeof form, "id_token=%s&client_id=" ID "&nonce=n2", token);
    assert_int_equal(ask(p, "POST", "/line/oauth2/v2.1/verify", NULL, form), 400);
    token[20] ^= 1;
    (void)snprintf(form, sizeof form, "id_token=%s&client_id=" ID, token);
    assert_int_equal(ask(p, "POST", "/line/oauth2/v2.1/verify", NULL, form), 400);
}

static void person__of_one_name_is_one_person(void **state)
{
    char one[LINE_SUB], two[LINE_SUB], other[LINE_SUB];
    (void)state;
    line_sub("小美", one);
    line_sub("小美", two);
    line_sub("小明", other);
    assert_string_equal(one, two);
    assert_string_not_equal(one, other);
    assert_int_equal(strlen(one), 33);
    assert_int_equal(one[0], 'U');
}

static void deauthorization__ends_all_of_a_person(void **state)
{
    struct shop *p = *state;
    char code[LINE_URL], access[LINE_URL], channel[LINE_URL], bearer[LINE_URL + 32],
        body[LINE_URL + 32];
    sign_in(p, "", code);
    assert_int_equal(redeem(p, code, "&redirect_uri=" BACK CLIENT), 200);
    part_of(p->text, "\"access_token\":\"", access);
    (void)snprintf(body, sizeof body, "{\"userAccessToken\":\"%s\"}", access);
    assert_int_equal(ask(p, "POST", "/line/user/v1/deauthorize", "Authorization: Bearer x", body),
                     401);
    assert_int_equal(
        ask(p, "POST", "/line/oauth2/v3/token", NULL, "grant_type=client_credentials" CLIENT), 200);
    part_of(p->text, "\"access_token\":\"", channel);
    (void)snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", channel);
    assert_int_equal(ask(p, "POST", "/line/user/v1/deauthorize", bearer, body), 204);
    assert_int_equal(ask(p, "POST", "/line/user/v1/deauthorize", bearer, body), 400);
    json_t *now = line_state(p->s.line);
    char *text = json_text_of(now);
    assert_non_null(strstr(text, "\"state\":\"deauthorized\""));
    free(text);
}

static void faults__are_those_of_the_other_sandboxes(void **state)
{
    struct shop *p = *state;
    struct cx cx = {.now_ms = 0};
    json_t *o = json_pack("{s:s, s:b, s:i, s:s}", "on", "line.api", "down", 1, "status", 503,
                          "match", "certs");
    assert_int_equal(faults_set(&cx, p->s.faults, o), ERR_OK);
    json_decref(o);
    assert_int_equal(ask(p, "GET", "/line/oauth2/v2.1/certs", NULL, NULL), 503);
    faults_clear(p->s.faults);
    assert_int_equal(ask(p, "GET", "/line/oauth2/v2.1/certs", NULL, NULL), 200);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, open_shop, close_shop)
    const struct CMUnitTest tests[] = {
        WITH(page__speaks_the_persons_language),
        WITH(page__refuses_what_line_would_not_take),
        WITH(code__is_changed_once_by_the_shop_that_asked),
        WITH(token__is_hs256_by_the_channels_secret),
        cmocka_unit_test(person__of_one_name_is_one_person),
        WITH(deauthorization__ends_all_of_a_person),
        WITH(faults__are_those_of_the_other_sandboxes),
    };
#undef WITH
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
