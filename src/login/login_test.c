/* The whole way there and back, with a provider on loopback. */
#include "base/test.h"

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "login/issuer_testkit.h"
#include "login/openid_in.h"
#include "login/try.sql.h"
#include "store/testkit.h"

#include <stdio.h>
#include <string.h>

#define LATER_MS (TRY_MS + 1)

static enum login_code code_of(struct issuer *i, const struct login_back *back)
{
    return trip_finish(i, back).code;
}

#define T_(f) cmocka_unit_test_setup_teardown(f, issuer_open, issuer_close)

/* ---- there ---- */

static void start__asks_for_what_the_rules_say(void **state)
{
    struct issuer *i = *state;
    struct trip t, u;
    trip_start(i, NULL, "/s/1", &t);
    assert_true(text_has_prefix(t.sent.url, i->url));
    assert_string_equal(form_text(&t.asked, "response_type"), "code");
    assert_string_equal(form_text(&t.asked, "client_id"), ISSUER_CLIENT);
    assert_string_equal(form_text(&t.asked, "scope"), "openid profile email");
    assert_string_equal(form_text(&t.asked, "redirect_uri"),
                        "http://shop.test/api/v1/auth/home/callback");
    assert_string_equal(form_text(&t.asked, "code_challenge_method"), "S256");
    assert_string_equal(form_text(&t.asked, "ui_locales"), "th");
    assert_int_equal(strlen(t.state), 43);
    assert_int_equal(strlen(t.nonce), 43);
    assert_int_equal(strlen(t.challenge), 43);
    trip_start(i, t.sent.browser, "/s/1", &u);
    assert_string_equal(t.sent.browser, u.sent.browser); /* two tabs, one browser */
    assert_string_not_equal(t.state, u.state);
    assert_string_not_equal(t.nonce, u.nonce);
    trip_start(i, "not one of ours", "/s/1", &u);
    assert_int_equal(strlen(u.sent.browser), 43);
    assert_int_equal(i->asked_discovery, 1);
}

static void start__line_is_asked_for_no_automatic_login_on_a_retry(void **state)
{
    struct issuer *i = *state;
    struct trip t;
    assert_true(provider_preset(i->home, "line", i->url));
    struct login_start ask = {.provider = "line", .lang = "zh-TW"};
    trip_go(i, &ask, &t);
    assert_null(strstr(t.sent.url, "disable_auto_login"));
    assert_null(strstr(t.sent.url, "bot_prompt"));
    ask.retry = true;
    trip_go(i, &ask, &t);
    assert_string_equal(form_text(&t.asked, "disable_auto_login"), "true");
}

static void pkce__challenge_is_that_of_rfc_7636(void **state)
{
    char out[PKCE_TEXT];
    (void)state;
    pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", out);
    assert_string_equal(out, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void next__is_a_path_of_ours(void **state)
{
    struct issuer *i = *state;
    static const char *const rows[][2] = {
        {"/s/shw_1?x=1&y=%2F", "/s/shw_1?x=1&y=%2F"},
        {"/", "/"},
        {"/s/夜 市", "/s/%E5%A4%9C%20%E5%B8%82"},
        {"/a\"><b", "/a%22%3E%3Cb"},
        {"", "/"},
        {"/me?from=https://x#a//b", "/me?from=https://x#a//b"},
        {"//evil.test", "/"},
        {"/.//evil.test", "/"}, /* "//evil.test" once a browser has resolved it */
        {"/x/..//evil.test", "/"},
        {"https://evil.test", "/"},
        {"/\\evil.test", "/"},
        {"/a\\b", "/"},
        {"\\/evil.test", "/"},
        {"/a\r\nLocation: x", "/"},
        {"/\tevil", "/"},
        {" /x", "/"},
        {"javascript:alert(1)", "/"},
        {"/api/v1/auth/line/start", "/"},
    };
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)
        assert_string_equal(login_next(&i->t->cx, rows[n][0]), rows[n][1]);
    assert_string_equal(login_next(&i->t->cx, NULL), "/");
}

static void start__a_browser_has_a_few_tries_open_at_most(void **state)
{
    struct issuer *i = *state;
    struct trip first, t;
    trip_start(i, NULL, "/", &first);
    for (int n = 0; n < 12; n++) {
        i->t->cx.now_ms++;
        trip_start(i, first.sent.browser, "/", &t);
    }
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM login_try"), 8);
    const struct login_back back = trip_answer(&first);
    assert_int_equal(code_of(i, &back), LOGIN_EXPIRED);
}

/* ---- and back ---- */

static void finish__gives_the_person_and_tells_nobody_the_secrets(void **state)
{
    struct issuer *i = *state;
    struct trip t;
    char challenge[PKCE_TEXT];
    struct form sent;
    trip_start(i, NULL, "/s/1", &t);
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM login_try"), 1);
    const struct login_back back = trip_answer(&t);
    struct login_done d = trip_finish(i, &back);
    assert_int_equal(d.code, LOGIN_DONE);
    assert_int_equal(d.purpose, LOGIN_ENTER);
    assert_string_equal(d.next, "/s/1");
    assert_string_equal(d.who.proof.provider, "home");
    assert_string_equal(d.who.proof.subject, "person-1");
    assert_string_equal(d.who.proof.email, "mei@people.test");
    assert_true(d.who.proof.email_verified);
    assert_string_equal(d.who.proof.name, "Mei");
    assert_string_equal(d.who.refresh_token, "rt-1");
    assert_int_equal(strlen(d.tag), LOGIN_TAG);
    assert_int_equal(form_read(&i->t->cx, i->form, strlen(i->form), &sent), ERR_OK);
    assert_string_equal(form_text(&sent, "grant_type"), "authorization_code");
    assert_string_equal(form_text(&sent, "code"), "c/1+ö");
    assert_string_equal(form_text(&sent, "redirect_uri"), form_text(&t.asked, "redirect_uri"));
    pkce_challenge(form_text(&sent, "code_verifier"), challenge);
    assert_string_equal(challenge, t.challenge);
    assert_true(text_has_prefix(i->authorization, "Basic "));
    assert_null(form_get(&sent, "client_secret"));
    assert_int_equal(i->asked_userinfo, 0);
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM login_try"), 0);
}

static void finish__works_with_each_algorithm(void **state)
{
    struct issuer *i = *state;
    for (enum id_alg alg = ID_RS256; alg <= ID_HS256; alg++) {
        issuer_use(i, alg);
        assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
    }
}

static void finish__a_try_is_used_once(void **state)
{
    struct issuer *i = *state;
    struct trip t;
    trip_start(i, NULL, "/", &t);
    const struct login_back back = trip_answer(&t);
    assert_int_equal(code_of(i, &back), LOGIN_DONE);
    assert_int_equal(code_of(i, &back), LOGIN_EXPIRED);
    assert_int_equal(i->asked_token, 1);
}

static void finish__another_browser_is_told_so_and_uses_it_up(void **state)
{
    struct issuer *i = *state;
    struct trip t;
    trip_start(i, NULL, "/s/9", &t);
    struct login_back back = trip_answer(&t);
    back.browser = NULL; /* LINE's automatic login may end in another browser */
    struct login_done d = trip_finish(i, &back);
    assert_int_equal(d.code, LOGIN_MISMATCH);
    assert_string_equal(d.next, "/s/9");
    back.browser = t.sent.browser;
    assert_int_equal(code_of(i, &back), LOGIN_EXPIRED);
    trip_start(i, NULL, "/", &t);
    struct trip other;
    trip_start(i, NULL, "/", &other);
    back = trip_answer(&t);
    back.browser = other.sent.browser;
    assert_int_equal(code_of(i, &back), LOGIN_MISMATCH);
    assert_int_equal(i->asked_token, 0);
}

static void finish__two_tabs_end_in_any_order(void **state)
{
    struct issuer *i = *state;
    struct trip one, two;
    trip_start(i, NULL, "/one", &one);
    trip_start(i, one.sent.browser, "/two", &two);
    struct login_back back = trip_answer(&two);
    struct login_done d = trip_finish(i, &back);
    assert_int_equal(d.code, LOGIN_DONE);
    assert_string_equal(d.next, "/two");
    (void)snprintf(i->nonce, sizeof i->nonce, "%s", one.nonce);
    back = trip_answer(&one);
    d = trip_finish(i, &back);
    assert_int_equal(d.code, LOGIN_DONE);
    assert_string_equal(d.next, "/one");
}

static void finish__a_try_lasts_ten_minutes(void **state)
{
    struct issuer *i = *state;
    struct trip t;
    trip_start(i, NULL, "/s/2", &t);
    i->t->cx.now_ms += LATER_MS;
    const struct login_back back = trip_answer(&t);
    struct login_done d = trip_finish(i, &back);
    assert_int_equal(d.code, LOGIN_EXPIRED);
    assert_string_equal(d.next, "/s/2");
}

static void finish__what_does_not_belong_together_is_refused(void **state)
{
    struct issuer *i = *state;
    struct trip t;
    trip_start(i, NULL, "/", &t);
    struct login_back back = trip_answer(&t);
    back.provider = "other"; /* a state of one at the address of another */
    assert_int_equal(code_of(i, &back), LOGIN_FAILED);
    back.provider = "nobody";
    assert_int_equal(code_of(i, &back), LOGIN_UNSUPPORTED);
    trip_start(i, NULL, "/", &t);
    back = trip_answer(&t);
    back.iss = "https://another.test";
    assert_int_equal(code_of(i, &back), LOGIN_FAILED);
    trip_start(i, NULL, "/", &t);
    back = trip_answer(&t);
    back.iss = i->url;
    assert_int_equal(code_of(i, &back), LOGIN_DONE);
    static const char *const states[] = {NULL, "", "x",
                                         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t n = 0; n < 4; n++) {
        back.state = states[n];
        assert_int_equal(code_of(i, &back), LOGIN_EXPIRED);
    }
    trip_start(i, NULL, "/", &t);
    back = trip_answer(&t);
    back.code = NULL;
    assert_int_equal(code_of(i, &back), LOGIN_FAILED);
    assert_int_equal(i->asked_token, 1);
}

static void finish__an_announced_iss_must_be_there(void **state)
{
    struct issuer *i = *state;
    i->more_discovery = "\"authorization_response_iss_parameter_supported\":true,";
    assert_int_equal(issuer_come_in(i).code, LOGIN_FAILED);
    assert_int_equal(i->asked_token, 0);
}

static void finish__a_refusal_has_its_code(void **state)
{
    struct issuer *i = *state;
    static const struct {
        const char *error;
        enum login_code code;
    } rows[] = {{"access_denied", LOGIN_DENIED},
                {"user_cancelled_authorize", LOGIN_DENIED},
                {"server_error", LOGIN_PROVIDER_DOWN},
                {"temporarily_unavailable", LOGIN_PROVIDER_DOWN},
                {"<script>", LOGIN_FAILED},
                {"", LOGIN_FAILED}};
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        struct trip t;
        trip_start(i, NULL, "/", &t);
        struct login_back back = trip_answer(&t);
        back.error = rows[n].error;
        assert_int_equal(code_of(i, &back), rows[n].code);
    }
    assert_int_equal(i->asked_token, 0);
}

static void finish__a_code_that_is_refused_or_a_provider_that_is_down(void **state)
{
    struct issuer *i = *state;
    i->token_status = 400;
    struct login_done d = issuer_come_in(i);
    assert_int_equal(d.code, LOGIN_FAILED);
    assert_string_equal(d.why, "invalid_grant");
    i->token_error = "invalid_client";
    assert_int_equal(issuer_come_in(i).code, LOGIN_FAILED);
    i->token_status = 503;
    assert_int_equal(issuer_come_in(i).code, LOGIN_PROVIDER_DOWN);
    i->token_status = 0;
    i->claims = "\"nonce\":\"of another login\"";
    d = issuer_come_in(i);
    assert_int_equal(d.code, LOGIN_FAILED);
    assert_string_equal(d.why, "another nonce");
}

static void finish__says_who_we_are_as_the_provider_takes_it(void **state)
{
    struct issuer *i = *state;
    i->only_auth = "post"; /* both are announced, one is taken */
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
    assert_int_equal(i->asked_token, 2);
    i->auth_methods = "[\"client_secret_post\"]";
    issuer_restart(i);
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
    assert_int_equal(i->asked_token, 3);
    assert_non_null(strstr(i->form, "client_secret=" ISSUER_SECRET));
    assert_string_equal(i->authorization, "");
    i->auth_methods = "[\"private_key_jwt\"]";
    issuer_restart(i);
    assert_int_equal(issuer_come_in(i).code, LOGIN_FAILED);
    assert_int_equal(i->asked_token, 3);
}

static void userinfo__fills_in_what_is_lacking_of_the_same_person(void **state)
{
    struct issuer *i = *state;
    i->claims = "\"name\":null,\"email\":null,\"email_verified\":null";
    i->userinfo = "{\"sub\":\"person-1\",\"name\":\"Lan\",\"email\":\"lan@people.test\","
                  "\"email_verified\":true}";
    struct login_done d = issuer_come_in(i);
    assert_int_equal(d.code, LOGIN_DONE);
    assert_string_equal(d.who.proof.name, "Lan");
    assert_string_equal(d.who.proof.email, "lan@people.test");
    assert_true(d.who.proof.email_verified);
    i->userinfo = "{\"sub\":\"person-2\",\"name\":\"Lan\"}";
    d = issuer_come_in(i);
    assert_int_equal(d.code, LOGIN_FAILED);
    assert_string_equal(d.why, "userinfo of another person");
    i->userinfo = NULL; /* 404: then without */
    d = issuer_come_in(i);
    assert_int_equal(d.code, LOGIN_DONE);
    assert_null(d.who.proof.name);
}

/* ---- what it is for ---- */

static struct session_new enter(struct issuer *i, const struct login_who *who, const char *old,
                                struct viewer *v)
{
    struct login_entered in;
    const struct login_enter ask = {.who = who, .lang = "th", .old_cookie = old};
    assert_int_equal(login_enter(i->login, &i->t->cx, &ask, &in), ERR_OK);
    *v = in.viewer;
    return in.session;
}

static void enter__makes_an_account_once_and_a_session_each_time(void **state)
{
    struct issuer *i = *state;
    struct viewer v, again;
    struct login_done d = issuer_come_in(i);
    struct session_new s = enter(i, &d.who, NULL, &v);
    d = issuer_come_in(i);
    struct session_new t = enter(i, &d.who, s.cookie, &again);
    assert_int_equal(v.id, again.id);
    assert_int_equal(v.kind, VIEWER_ACCOUNT);
    assert_string_equal(v.name, "Mei");
    assert_memory_not_equal(s.hash, t.hash, sizeof s.hash);
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM session"), 1); /* the old one ended */
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM identity"), 1);
    assert_int_equal(
        test_number(i->t, "SELECT count(*) FROM identity WHERE token_sealed IS NOT NULL"), 1);
}

static void link__is_for_the_session_that_asked(void **state)
{
    struct issuer *i = *state;
    struct viewer v, w;
    struct trip t;
    struct login_done d = issuer_come_in(i);
    struct session_new mine = enter(i, &d.who, NULL, &v);
    i->claims = "\"sub\":\"person-2\"";
    d = issuer_come_in(i);
    struct session_new other = enter(i, &d.who, NULL, &w);
    struct login_start ask = {.provider = "home",
                              .purpose = LOGIN_LINK,
                              .next = "/me",
                              .session_hash = mine.hash,
                              .viewer_id = v.id};
    trip_go(i, &ask, &t);
    struct login_back back = trip_answer(&t);
    back.session_hash = other.hash; /* signed in as somebody else meanwhile */
    assert_int_equal(code_of(i, &back), LOGIN_WRONG_ACCOUNT);
    trip_go(i, &ask, &t);
    back = trip_answer(&t); /* signed out meanwhile */
    assert_int_equal(code_of(i, &back), LOGIN_WRONG_ACCOUNT);
    assert_int_equal(i->asked_token, 2);
    trip_go(i, &ask, &t);
    back = trip_answer(&t);
    back.session_hash = mine.hash;
    d = trip_finish(i, &back);
    assert_int_equal(d.code, LOGIN_DONE);
    assert_int_equal(d.purpose, LOGIN_LINK);
    assert_int_equal(d.viewer_id, v.id);
    assert_int_equal(login_link(i->login, &i->t->cx, v.id, d.session_hash, &d.who),
                     ERR_EXISTS); /* w's */
    i->claims = "\"sub\":\"person-3\"";
    trip_go(i, &ask, &t);
    back = trip_answer(&t);
    back.session_hash = mine.hash;
    d = trip_finish(i, &back);
    /* Thrown out while the provider was called: nothing is left behind. */
    assert_int_equal(login_link(i->login, &i->t->cx, w.id, d.session_hash, &d.who), ERR_CONFLICT);
    test_exec(i->t, "UPDATE session SET expires_at = -expires_at");
    assert_int_equal(login_link(i->login, &i->t->cx, v.id, d.session_hash, &d.who), ERR_CONFLICT);
    test_exec(i->t, "UPDATE session SET expires_at = -expires_at");
    assert_int_equal(login_link(i->login, &i->t->cx, v.id, d.session_hash, &d.who), ERR_OK);
    d = issuer_come_in(i);
    (void)enter(i, &d.who, NULL, &w);
    assert_int_equal(w.id, v.id);
}

static void prove__is_by_the_same_account_and_anew(void **state)
{
    struct issuer *i = *state;
    struct viewer v;
    struct trip t;
    struct login_done d = issuer_come_in(i);
    struct session_new mine = enter(i, &d.who, NULL, &v);
    struct login_start ask = {
        .provider = "home", .purpose = LOGIN_PROOF, .session_hash = mine.hash, .viewer_id = v.id};
    trip_go(i, &ask, &t);
    assert_string_equal(form_text(&t.asked, "prompt"), "login");
    assert_string_equal(form_text(&t.asked, "max_age"), "0");
    struct login_back back = trip_answer(&t);
    back.session_hash = mine.hash;
    d = trip_finish(i, &back); /* no auth_time */
    assert_int_equal(d.code, LOGIN_FAILED);
    assert_string_equal(d.why, "did not prove anew who they are");
    i->auth_time = i->t->cx.now_ms / 1000 - 3600; /* an old one */
    trip_go(i, &ask, &t);
    back = trip_answer(&t);
    back.session_hash = mine.hash;
    assert_int_equal(code_of(i, &back), LOGIN_FAILED);
    i->t->cx.now_ms += 700000;
    i->auth_time = i->t->cx.now_ms / 1000;
    trip_go(i, &ask, &t);
    back = trip_answer(&t);
    back.session_hash = mine.hash;
    d = trip_finish(i, &back);
    assert_int_equal(d.code, LOGIN_DONE);
    const struct login_prove proof = {.who = &d.who, .viewer_id = v.id, .session_hash = mine.hash};
    struct session_new fresh;
    d.who.proof.subject = "person-9";
    assert_int_equal(login_prove(i->login, &i->t->cx, &proof, &fresh, &v), ERR_CONFLICT);
    d.who.proof.subject = "person-1";
    assert_int_equal(login_prove(i->login, &i->t->cx, &proof, &fresh, &v), ERR_OK);
    assert_memory_not_equal(fresh.hash, mine.hash, sizeof fresh.hash);
    assert_int_equal(fresh.auth_ms, i->t->cx.now_ms);
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM session"), 1);
    assert_int_equal(login_prove(i->login, &i->t->cx, &proof, &fresh, &v), ERR_CONFLICT); /* gone */
}

/* ---- what is kept ---- */

static enum err sweep_run(struct tx *tx, void *arg)
{
    (void)arg;
    return login_sweep(tx, 100);
}

static enum err once_run(struct tx *tx, void *arg)
{
    return login_once(tx, "line", arg, tx->cx->now_ms + 1000);
}

static void sweep__drops_what_is_past_its_time(void **state)
{
    struct issuer *i = *state;
    struct trip t;
    unsigned char hash[SHA256_LEN] = {1};
    trip_start(i, NULL, "/", &t);
    assert_int_equal(store_do(i->t->store, &i->t->cx, "t", once_run, hash), ERR_OK);
    assert_int_equal(store_do(i->t->store, &i->t->cx, "t", once_run, hash), ERR_EXISTS);
    for (int n = 0; n < 5; n++)
        trip_start(i, NULL, "/", &t);
    i->t->cx.now_ms += LATER_MS;
    trip_start(i, NULL, "/", &t); /* takes four of the six along */
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM login_try"), 3);
    assert_int_equal(store_do(i->t->store, &i->t->cx, "t", sweep_run, NULL), ERR_OK);
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM login_try"), 1);
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM login_nonce_seen"), 0);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct issuer *i = *state;
#define X(q) assert_int_equal(test_check_sql(i->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T_(start__asks_for_what_the_rules_say),
        T_(start__line_is_asked_for_no_automatic_login_on_a_retry),
        cmocka_unit_test(pkce__challenge_is_that_of_rfc_7636),
        T_(next__is_a_path_of_ours),
        T_(start__a_browser_has_a_few_tries_open_at_most),
        T_(finish__gives_the_person_and_tells_nobody_the_secrets),
        T_(finish__works_with_each_algorithm),
        T_(finish__a_try_is_used_once),
        T_(finish__another_browser_is_told_so_and_uses_it_up),
        T_(finish__two_tabs_end_in_any_order),
        T_(finish__a_try_lasts_ten_minutes),
        T_(finish__what_does_not_belong_together_is_refused),
        T_(finish__an_announced_iss_must_be_there),
        T_(finish__a_refusal_has_its_code),
        T_(finish__a_code_that_is_refused_or_a_provider_that_is_down),
        T_(finish__says_who_we_are_as_the_provider_takes_it),
        T_(userinfo__fills_in_what_is_lacking_of_the_same_person),
        T_(enter__makes_an_account_once_and_a_session_each_time),
        T_(link__is_for_the_session_that_asked),
        T_(prove__is_by_the_same_account_and_anew),
        T_(sweep__drops_what_is_past_its_time),
        T_(sql__every_statement_prepares_with_ordered_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
