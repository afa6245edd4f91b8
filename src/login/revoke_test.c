#include "login/revoke.h"

#include "account/identity.h"
#include "base/arena.h"
#include "base/test.h"
#include "login/revoke.sql.h"
#include "login/script_testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SUB     "U1234567890abcdef1234567890abcdef"
#define CHANNEL "{\"access_token\":\"channel-1\",\"expires_in\":900,\"token_type\":\"Bearer\"}"
#define USER    "{\"access_token\":\"user-1\",\"refresh_token\":\"refresh-1\"}"
#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

struct leaving {
    struct script *s;
    struct revokes *r;
};
static struct leaving here;

/* One store for all of them, emptied before each. */
static int open_leaving(void **state)
{
    here.s = *state;
    script_clear(here.s);
    test_exec(here.s->t, "DELETE FROM login_revoke");
    test_exec(here.s->t, "DELETE FROM identity");
    script_use(here.s, "line", "channel-secret");
    const struct revokes_setup setup = {.store = here.s->t->store, .login = here.s->login};
    return revokes_make(&setup, &here.r) ? 1 : 0;
}

static int close_leaving(void **state)
{
    (void)state;
    revokes_free(here.r);
    return 0;
}

static struct script *with(const char *name, const char *secret)
{
    script_use(here.s, name, secret);
    return here.s;
}

/* ---- somebody comes, and leaves ---- */

static int64_t enter(const char *subject, const char *refresh)
{
    struct login_entered in;
    struct login_who who = {
        .proof = {.provider = here.s->p->name, .subject = subject, .name = "Mei"},
        .refresh_token = refresh};
    assert_int_equal(login_enter(here.s->login, &here.s->t->cx,
                                 &(struct login_enter){.who = &who, .lang = "en"}, &in),
                     ERR_OK);
    return in.viewer.id;
}

struct leave {
    int64_t viewer_id;
    const char *provider, *subject;
};

/* As the page does it, but with no other way in left. */
static enum err leave_job(struct tx *tx, void *arg)
{
    const struct leave *l = arg;
    const void *sealed = NULL;
    size_t len = 0;
    enum err e = identity_token(tx->db, tx->cx->arena, l->provider, l->subject, &sealed, &len);
    return e ? e : revoke_put(tx, l->provider, l->subject, sealed, len);
}

static enum err all_job(struct tx *tx, void *arg)
{
    const struct leave *l = arg;
    return revoke_viewer(tx, l->viewer_id);
}

static void leave(const char *subject)
{
    struct leave l = {.provider = here.s->p->name, .subject = subject};
    assert_int_equal(store_do(here.s->t->store, &here.s->t->cx, "test", leave_job, &l), ERR_OK);
    test_exec(here.s->t, "DELETE FROM identity");
}

static void leave_all(int64_t viewer_id)
{
    struct leave l = {.viewer_id = viewer_id};
    assert_int_equal(store_do(here.s->t->store, &here.s->t->cx, "test", all_job, &l), ERR_OK);
    test_exec(here.s->t, "DELETE FROM identity");
}

static void tick(int64_t later_ms)
{
    here.s->t->cx.now_ms += later_ms;
    revokes_tick(here.r, here.s->t->cx.now_ms);
}

static int64_t number(const char *sql)
{
    return test_number(here.s->t, sql);
}

static int64_t rows_left(void)
{
    return number("SELECT count(*) FROM login_revoke");
}

/* ---- what each provider hears ---- */

static void line__is_told_to_take_us_off_the_list(void **state)
{
    struct script *s = *state;
    script_says(s, 200, USER);
    script_says(s, 200, CHANNEL);
    script_says(s, 204, "");
    (void)enter(SUB, "refresh-1");
    leave(SUB);
    assert_int_equal(number("SELECT count(*) FROM login_revoke WHERE token_sealed IS NOT NULL"), 1);
    tick(0);
    assert_string_equal(script_heard(s, 0)->line, "POST /oauth2/v2.1/token");
    assert_string_equal(script_heard(s, 0)->body,
                        "grant_type=refresh_token&client_id=client-1&client_secret=channel-secret&"
                        "refresh_token=refresh-1");
    assert_string_equal(script_heard(s, 1)->line, "POST /oauth2/v3/token");
    assert_string_equal(script_heard(s, 2)->line, "POST /user/v1/deauthorize");
    assert_string_equal(script_heard(s, 2)->auth, "Bearer channel-1");
    assert_string_equal(script_heard(s, 2)->body, "{\"userAccessToken\":\"user-1\"}");
    assert_int_equal(rows_left(), 0); /* and the token with it */
    tick(DAY_MS);
    assert_int_equal(s->heard_n, 3);
}

static void line__whose_token_is_dead_has_nothing_to_end(void **state)
{
    struct script *s = *state;
    script_says(s, 400, "{\"error\":\"invalid_grant\"}");
    (void)enter(SUB, "refresh-1");
    leave(SUB);
    tick(0);
    assert_int_equal(s->heard_n, 1);
    assert_int_equal(rows_left(), 0);
}

static void facebook__is_told_with_our_own_token(void **state)
{
    struct script *s = with("facebook", "app-secret-1");
    char proof[65];
    unsigned char mac[SHA256_LEN];
    (void)state;
    crypto_hmac_sha256("app-secret-1", 12, "client-1|app-secret-1", 21, mac);
    crypto_hex(mac, sizeof mac, proof);
    script_says(s, 200, "{\"success\":true}");
    (void)enter("10158", NULL);
    leave("10158");
    tick(0);
    const char *line = script_heard(s, 0)->line;
    assert_non_null(strstr(line, "DELETE /v25.0/10158/permissions?access_token=client-1%7Capp-"));
    assert_non_null(strstr(line, proof));
    assert_int_equal(rows_left(), 0);
    script_says(s, 400, "{\"error\":{\"code\":100}}"); /* removed there already */
    (void)enter("10159", NULL);
    leave("10159");
    tick(0);
    assert_int_equal(s->heard_n, 2);
    assert_int_equal(rows_left(), 0);
}

static void google__is_told_by_rfc_7009(void **state)
{
    struct script *s = with("google", "google-secret");
    char discovery[800];
    (void)state;
    (void)snprintf(discovery, sizeof discovery,
                   "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/a\",\"token_endpoint\":\"%s/"
                   "t\",\"jwks_uri\":\"%s/k\",\"revocation_endpoint\":\"%s/revoke\","
                   "\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]}",
                   s->url, s->url, s->url, s->url, s->url);
    s->discovery = discovery;
    script_says(s, 200, "{}");
    (void)enter("1076", "1//refresh");
    leave("1076");
    tick(0);
    assert_string_equal(script_heard(s, 0)->line, "POST /revoke");
    assert_string_equal(script_heard(s, 0)->body,
                        "token=1%2F%2Frefresh&token_type_hint=refresh_token&client_id=client-1&"
                        "client_secret=google-secret");
    assert_int_equal(rows_left(), 0);
    script_says(s, 400, "{\"error\":\"invalid_token\"}");
    (void)enter("1077", "1//dead");
    leave("1077");
    tick(0);
    assert_int_equal(s->heard_n, 2);
    assert_int_equal(rows_left(), 0);
    s->discovery = NULL;
}

static void without_a_token_there_is_nothing_to_tell(void **state)
{
    struct script *s = *state;
    (void)enter(SUB, NULL);
    leave(SUB);
    assert_int_equal(rows_left(), 0);
    tick(0);
    assert_int_equal(s->heard_n, 0);
}

/* ---- again and again ---- */

static void outage__is_waited_for_with_longer_and_longer_pauses(void **state)
{
    struct script *s = *state;
    (void)enter(SUB, "refresh-1");
    leave(SUB); /* beyond the script every answer is 500 */
    tick(0);
    assert_int_equal(s->heard_n, 1);
    tick(REVOKE_WAIT_S * 1000 - 1);
    assert_int_equal(s->heard_n, 1);
    tick(1);
    assert_int_equal(s->heard_n, 2);
    tick(REVOKE_WAIT_S * 1000);
    assert_int_equal(s->heard_n, 2);
    tick(REVOKE_WAIT_S * 1000);
    assert_int_equal(s->heard_n, 3);
    script_clear(s);
    script_says(s, 200, USER);
    script_says(s, 200, CHANNEL);
    script_says(s, 204, "");
    tick(HOUR_MS);
    assert_int_equal(rows_left(), 0);
}

static void outage__for_ever_is_given_up_and_counted(void **state)
{
    struct script *s = *state;
    struct revoke_numbers n;
    (void)enter(SUB, "refresh-1");
    leave(SUB);
    for (int i = 0; i < REVOKE_TRIES_MAX; i++) {
        script_clear(s);
        script_says(s, 503, "{}");
        tick(REVOKE_WAIT_MAX_S * INT64_C(1000));
        assert_int_equal(s->heard_n, 1);
    }
    revokes_numbers(here.r, &n);
    assert_int_equal(n.due, 0);
    assert_int_equal(n.given_up, 1);
    assert_int_equal(number("SELECT count(*) FROM login_revoke WHERE token_sealed IS NULL AND "
                            "subject <> '" SUB "' AND last_error = 'line: answered 503'"),
                     1);
    script_clear(s);
    tick(DAY_MS);
    assert_int_equal(s->heard_n, 0);
    (void)enter(SUB, "refresh-2"); /* they came back, and leave again */
    leave(SUB);
    assert_int_equal(rows_left(), 2);
    test_exec(s->t, "DELETE FROM login_revoke WHERE state = 'due'");
    tick(REVOKE_KEEP_DAYS * DAY_MS);
    tick(DAY_MS);
    assert_int_equal(rows_left(), 0);
}

static void whoever_links_again_keeps_it(void **state)
{
    struct script *s = *state;
    (void)enter(SUB, "refresh-1");
    leave(SUB);
    (void)enter(SUB, "refresh-2");
    tick(0);
    assert_int_equal(s->heard_n, 0);
    assert_int_equal(rows_left(), 0);
}

static void erasure__tells_all_of_them(void **state)
{
    struct script *s = *state;
    int64_t viewer_id = enter(SUB, "refresh-1");
    leave_all(viewer_id);
    assert_int_equal(rows_left(), 1);
    leave_all(viewer_id); /* nothing is left to tell */
    assert_int_equal(rows_left(), 1);
    script_says(s, 200, USER);
    script_says(s, 200, CHANNEL);
    script_says(s, 204, "");
    tick(0);
    assert_int_equal(s->heard_n, 3);
}

static void lease__keeps_others_away_and_runs_out(void **state)
{
    struct script *s = *state;
    char sql[120];
    (void)enter(SUB, "refresh-1");
    leave(SUB);
    (void)snprintf(sql, sizeof sql, "UPDATE login_revoke SET lease_until = %" PRId64,
                   s->t->cx.now_ms + REVOKE_LEASE_S * INT64_C(1000));
    test_exec(s->t, sql);
    tick(REVOKE_LEASE_S * 1000 - 1);
    assert_int_equal(s->heard_n, 0);
    tick(1);
    assert_int_equal(s->heard_n, 1);
}

/* What the second of two processes does, which found the row before the first took it. */
static enum err take_job(struct tx *tx, void *arg)
{
    struct blob sealed;
    int64_t now_ms = here.s->t->cx.now_ms, *tries = arg;
    return db_row(tx->db, tx->cx->arena, &SQL_revoke_take,
                  ARGS(V(now_ms + 1000), V("line"), V(SUB), V(now_ms)), COLS(C(&sealed), C(tries)));
}

static void row__is_taken_by_one_of_two(void **state)
{
    struct script *s = *state;
    int64_t tries = 0;
    (void)enter(SUB, "refresh-1");
    leave(SUB);
    assert_int_equal(store_do(s->t->store, &s->t->cx, "test", take_job, &tries), ERR_OK);
    assert_int_equal(tries, 1);
    assert_int_equal(store_do(s->t->store, &s->t->cx, "test", take_job, &tries), ERR_NOT_FOUND);
    s->t->cx.now_ms += 1000; /* the first never came back */
    assert_int_equal(store_do(s->t->store, &s->t->cx, "test", take_job, &tries), ERR_OK);
    assert_int_equal(tries, 2);
}

static void provider__that_is_no_more_set_up_is_no_call(void **state)
{
    struct script *s = *state;
    (void)enter(SUB, "refresh-1");
    leave(SUB);
    s->list.n = 0;
    tick(0);
    assert_int_equal(s->heard_n, 0);
    assert_int_equal(number("SELECT count(*) FROM login_revoke WHERE state = 'due' AND "
                            "last_error = 'line is not set up'"),
                     1);
    s->list.n = 1;
}

static void thread__does_it_by_itself(void **state)
{
    struct script *s = *state;
    const struct timespec moment = {0, 10000000};
    s->t->cx.now_ms = 1000;
    script_says(s, 400, "{\"error\":\"invalid_grant\"}");
    (void)enter(SUB, "refresh-1");
    leave(SUB);
    assert_int_equal(revokes_run(here.r), ERR_OK);
    for (int i = 0; i < 1000 && rows_left(); i++)
        (void)nanosleep(&moment, NULL);
    revokes_stop(here.r);
    assert_int_equal(rows_left(), 0);
}

static void sql__prepares_with_ordered_parameters(void **state)
{
    struct script *s = *state;
#define X(q) assert_int_equal(test_check_sql(s->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, open_leaving, close_leaving)
    const struct CMUnitTest tests[] = {
        WITH(line__is_told_to_take_us_off_the_list),
        WITH(line__whose_token_is_dead_has_nothing_to_end),
        WITH(facebook__is_told_with_our_own_token),
        WITH(google__is_told_by_rfc_7009),
        WITH(without_a_token_there_is_nothing_to_tell),
        WITH(outage__is_waited_for_with_longer_and_longer_pauses),
        WITH(outage__for_ever_is_given_up_and_counted),
        WITH(whoever_links_again_keeps_it),
        WITH(erasure__tells_all_of_them),
        WITH(lease__keeps_others_away_and_runs_out),
        WITH(row__is_taken_by_one_of_two),
        WITH(provider__that_is_no_more_set_up_is_no_call),
        WITH(thread__does_it_by_itself),
        WITH(sql__prepares_with_ordered_parameters),
    };
#undef WITH
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, script_open, script_close);
}
