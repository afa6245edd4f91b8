#include "base/test.h"

#include "account/account.h"
#include "account/limit.h"
#include "account/session.sql.h"
#include "base/arena.h"
#include "base/clock.h"
#include "store/testkit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define OWNER  "owner@example.test"
#define GOOD   "a lantern in the rain"

struct people {
    struct test_store *t;
    struct limits *limits;
};

static int make(void **state)
{
    struct people *p = calloc(1, sizeof *p);
    if (!p)
        return 1;
    p->t = test_store_make(&shop_schema);
    p->limits = limits_make(1000);
    *state = p;
    return 0;
}

static int drop(void **state)
{
    struct people *p = *state;
    test_store_free(p->t);
    limits_free(p->limits);
    free(p);
    return 0;
}

/* ---- jobs, so that each test line is one act ---- */

static enum err do_job(struct people *p, enum err (*run)(struct tx *tx, void *arg), void *arg)
{
    return store_do(p->t->store, &p->t->cx, "test", run, arg);
}

static enum err guest_run(struct tx *tx, void *arg)
{
    return guest_create(tx, arg);
}

static struct guest_new add_guest(struct people *p, const char *name)
{
    struct guest_new g;
    guest_make(&g, name, "th");
    assert_int_equal(do_job(p, guest_run, &g), ERR_OK);
    return g;
}

static enum err account_run(struct tx *tx, void *arg)
{
    return account_create(tx, arg);
}

static int64_t add_account(struct people *p, const char *email)
{
    struct account_new a;
    assert_int_equal(account_make(&p->t->cx, email, "Mei", "zh-TW", GOOD, &a), ERR_OK);
    assert_int_equal(do_job(p, account_run, &a), ERR_OK);
    return a.viewer_id;
}

static enum err find(struct people *p, const char *cookie, struct session *s)
{
    struct db *db;
    assert_int_equal(store_read(p->t->store, &db), ERR_OK);
    enum err e = session_find(db, &p->t->cx, cookie, s);
    store_read_end(db);
    return e;
}

static bool is_signed_on(struct people *p, const char *cookie)
{
    struct session s;
    enum err e = find(p, cookie, &s);
    assert_true(e == ERR_OK || e == ERR_NEED_LOGIN);
    return e == ERR_OK;
}

static enum err sign_in_from(struct people *p, const char *email, const char *password,
                             const char *old_cookie, struct session_new *s)
{
    struct viewer v;
    struct sign_in ask = {
        .email = email, .password = password, .fence = "192.0.2.1", .old_cookie = old_cookie};
    return account_sign_in(p->t->store, p->limits, &p->t->cx, &ask, s, &v);
}

static enum err sign_in(struct people *p, const char *email, const char *password)
{
    struct session_new s;
    return sign_in_from(p, email, password, NULL, &s);
}

static enum err touch_run(struct tx *tx, void *arg)
{
    return session_touch(tx, arg);
}

static enum err end_run(struct tx *tx, void *arg)
{
    return session_end(tx, arg);
}

/* ---- guests and sessions ---- */

static void guest__is_known_by_the_cookie(void **state)
{
    struct people *p = *state;
    struct guest_new g = add_guest(p, "สมชาย");
    struct session s;
    assert_int_equal(find(p, g.session.cookie, &s), ERR_OK);
    assert_true(s.viewer.id == g.viewer_id);
    assert_int_equal(s.viewer.kind, VIEWER_GUEST);
    assert_string_equal(s.viewer.name, "สมชาย");
    assert_string_equal(s.viewer.public_id, g.public_id);
    assert_string_equal(s.viewer.lang, "th");
    assert_string_equal(s.csrf, g.session.csrf);
    assert_true(s.expires_ms == p->t->cx.now_ms + 8 * DAY_MS);
    assert_true(s.expires_ms == g.session.expires_ms);
    assert_false(s.stale);
}

static void session__refuses_every_other_cookie(void **state)
{
    struct people *p = *state;
    struct guest_new g = add_guest(p, "Mei");
    char changed[TOKEN_TEXT];
    memcpy(changed, g.session.cookie, sizeof changed);
    changed[7] = changed[7] == 'a' ? 'b' : 'a';
    assert_false(is_signed_on(p, changed));
    changed[42] = '\0';
    assert_false(is_signed_on(p, changed));
    assert_false(is_signed_on(p, ""));
    assert_false(is_signed_on(p, "' OR 1=1 --"));
    assert_false(is_signed_on(p, "ééééééééééééééééééééé!"));
}

static void session__is_stored_as_a_hash_only(void **state)
{
    struct people *p = *state;
    struct guest_new g = add_guest(p, "Mei");
    char text[200];
    (void)snprintf(text, sizeof text,
                   "SELECT COUNT(*) FROM session WHERE CAST(token_hash AS TEXT) = '%s'",
                   g.session.cookie);
    assert_int_equal(test_number(p->t, text), 0);
    assert_int_equal(
        test_number(p->t, "SELECT COUNT(*) FROM session WHERE LENGTH(token_hash) = 32"), 1);
}

static void csrf__fits_its_session_only(void **state)
{
    struct people *p = *state;
    struct guest_new a = add_guest(p, "a");
    struct guest_new b = add_guest(p, "b");
    struct session s;
    assert_int_equal(find(p, a.session.cookie, &s), ERR_OK);
    assert_true(session_csrf_ok(&s, a.session.csrf));
    assert_false(session_csrf_ok(&s, b.session.csrf));
    assert_false(session_csrf_ok(&s, a.session.cookie));
    assert_false(session_csrf_ok(&s, ""));
    assert_false(session_csrf_ok(&s, NULL));
}

static void session__ends_when_idle_and_moves_on_when_used(void **state)
{
    struct people *p = *state;
    struct cx *cx = &p->t->cx;
    struct session s;
    struct session_new n;
    int64_t start_ms = cx->now_ms;
    struct guest_new g = add_guest(p, "Mei");
    (void)add_account(p, OWNER);
    assert_int_equal(sign_in_from(p, OWNER, GOOD, NULL, &n), ERR_OK);

    cx->now_ms = start_ms + 30 * DAY_MS - 1;
    assert_int_equal(find(p, n.cookie, &s), ERR_OK);
    assert_true(s.stale);
    assert_int_equal(do_job(p, touch_run, s.hash), ERR_OK);
    cx->now_ms += 30 * DAY_MS - 1;
    assert_true(is_signed_on(p, n.cookie));
    cx->now_ms += 1;
    assert_false(is_signed_on(p, n.cookie));
    assert_int_equal(do_job(p, touch_run, n.hash), ERR_OK); /* does not wake the dead */
    assert_false(is_signed_on(p, n.cookie));

    cx->now_ms = start_ms + 8 * DAY_MS - 1; /* seen once; seen again: longer */
    assert_int_equal(find(p, g.session.cookie, &s), ERR_OK);
    assert_int_equal(do_job(p, touch_run, s.hash), ERR_OK);
    cx->now_ms += 180 * DAY_MS - 1;
    assert_true(is_signed_on(p, g.session.cookie));
    cx->now_ms += 1;
    assert_false(is_signed_on(p, g.session.cookie));
}

/* Used every day, it ends all the same: 90 days after the person signed in. */
static void session__of_an_account_has_an_absolute_end(void **state)
{
    struct people *p = *state;
    struct cx *cx = &p->t->cx;
    struct session_new n;
    int64_t start_ms = cx->now_ms;
    (void)add_account(p, OWNER);
    assert_int_equal(sign_in_from(p, OWNER, GOOD, NULL, &n), ERR_OK);
    for (int day = 29; day < 90; day += 20) {
        cx->now_ms = start_ms + day * DAY_MS;
        assert_int_equal(do_job(p, touch_run, n.hash), ERR_OK);
    }
    cx->now_ms = start_ms + 90 * DAY_MS - 1;
    assert_true(is_signed_on(p, n.cookie));
    cx->now_ms += 1;
    assert_false(is_signed_on(p, n.cookie));
}

static enum err sweep_run(struct tx *tx, void *arg)
{
    return session_sweep(tx, 2, arg);
}

static void sweep__drops_ended_sessions_in_slices(void **state)
{
    struct people *p = *state;
    int64_t dropped = -1;
    for (int i = 0; i < 3; i++)
        (void)add_guest(p, "Mei");
    assert_int_equal(do_job(p, sweep_run, &dropped), ERR_OK);
    assert_int_equal(dropped, 0);
    p->t->cx.now_ms += 181 * DAY_MS;
    struct guest_new g = add_guest(p, "new");
    assert_int_equal(do_job(p, sweep_run, &dropped), ERR_OK);
    assert_int_equal(dropped, 2);
    assert_int_equal(do_job(p, sweep_run, &dropped), ERR_OK);
    assert_int_equal(dropped, 1);
    assert_true(is_signed_on(p, g.session.cookie));
}

/* Rows of guests were kept for ever, and anybody may make 500 a minute. */
static void sweep__drops_guests_that_left_nothing(void **state)
{
    struct people *p = *state;
    int64_t dropped;
    struct guest_new wrote = add_guest(p, "wrote"), left = add_guest(p, "left");
    (void)add_guest(p, "silent");
    test_exec(p->t, "INSERT INTO shop (id, public_id, slug, name, created_at)"
                    " VALUES (1, 'shp_one', 'one', 'One', 1)");
    test_exec(
        p->t,
        "INSERT INTO show (id, public_id, shop_id, title, host_name, state, came_from, created_at)"
        " VALUES (1, 'shw_a', 1, '{}', '', 'live', 'draft', 1)");
    test_exec(p->t,
              "INSERT INTO message (id, public_id, show_id, viewer_id, name, text, lang, kind,"
              " state, at, seq) SELECT 1, 'msg_a', 1, id, 'a', 'a', 'en', 'chat', 'shown', 1,"
              " 1 FROM viewer WHERE display_name = 'wrote'");
    assert_int_equal(do_job(p, end_run, left.session.hash), ERR_OK);
    assert_int_equal(test_number(p->t, "SELECT COUNT(*) FROM viewer"), 2);
    p->t->cx.now_ms += 8 * DAY_MS;
    assert_int_equal(do_job(p, sweep_run, &dropped), ERR_OK);
    assert_int_equal(dropped, 2);
    assert_int_equal(test_number(p->t, "SELECT id FROM viewer"), wrote.viewer_id);
}

static void session__ends_when_told(void **state)
{
    struct people *p = *state;
    struct guest_new g = add_guest(p, "Mei");
    assert_int_equal(do_job(p, end_run, g.session.hash), ERR_OK);
    assert_false(is_signed_on(p, g.session.cookie));
    assert_int_equal(do_job(p, end_run, g.session.hash), ERR_OK);
}

static enum err rename_run(struct tx *tx, void *arg)
{
    return viewer_rename(tx, *(int64_t *)arg, "New name");
}

static void viewer__is_renamed_and_found(void **state)
{
    struct people *p = *state;
    struct guest_new g = add_guest(p, "Mei");
    int64_t nobody = 5;
    assert_int_equal(do_job(p, rename_run, &g.viewer_id), ERR_OK);
    assert_int_equal(do_job(p, rename_run, &nobody), ERR_NOT_FOUND);
    struct db *db;
    struct viewer v;
    assert_int_equal(store_read(p->t->store, &db), ERR_OK);
    assert_int_equal(viewer_by_public_id(db, p->t->cx.arena, g.public_id, &v), ERR_OK);
    assert_string_equal(v.name, "New name");
    assert_int_equal(viewer_by_id(db, p->t->cx.arena, 5, &v), ERR_NOT_FOUND);
    assert_int_equal(viewer_by_email(db, p->t->cx.arena, OWNER, &v), ERR_NOT_FOUND);
    store_read_end(db);
}

/* ---- accounts and signing in ---- */

static void account__is_one_for_an_email(void **state)
{
    struct people *p = *state;
    struct account_new a;
    int64_t id = add_account(p, "Owner@Example.TEST");
    assert_int_equal(account_make(&p->t->cx, OWNER, "Other", "en", GOOD, &a), ERR_OK);
    assert_int_equal(do_job(p, account_run, &a), ERR_EXISTS);
    assert_int_equal(test_number(p->t, "SELECT COUNT(*) FROM viewer"), 1);
    assert_null(strstr(a.password_hash, GOOD));
    assert_int_equal(account_make(&p->t->cx, OWNER, "x", "en", "too short", &a), ERR_INPUT);
    assert_int_equal(account_make(&p->t->cx, OWNER, "", "en", GOOD, &a), ERR_INPUT);

    struct db *db;
    struct viewer v;
    assert_int_equal(store_read(p->t->store, &db), ERR_OK);
    assert_int_equal(viewer_by_email(db, p->t->cx.arena, OWNER, &v), ERR_OK);
    store_read_end(db);
    assert_true(v.id == id);
    assert_int_equal(v.kind, VIEWER_ACCOUNT);
    assert_string_equal(v.lang, "zh-TW");
}

static void sign_in__wants_the_password(void **state)
{
    struct people *p = *state;
    struct session_new n;
    struct session s;
    int64_t id = add_account(p, OWNER);
    assert_int_equal(sign_in_from(p, " OWNER@example.test", GOOD, NULL, &n), ERR_OK);
    assert_int_equal(find(p, n.cookie, &s), ERR_OK);
    assert_true(s.viewer.id == id);
    assert_true(s.expires_ms == p->t->cx.now_ms + 30 * DAY_MS);

    assert_int_equal(sign_in(p, OWNER, "a lantern in the rai"), ERR_BAD_LOGIN);
    char said[sizeof p->t->cx.problem];
    memcpy(said, p->t->cx.problem, sizeof said);
    assert_int_equal(sign_in(p, "nobody@example.test", GOOD), ERR_BAD_LOGIN);
    assert_string_equal(p->t->cx.problem, said); /* says nothing of who is known */
    assert_int_equal(sign_in(p, "no address", GOOD), ERR_BAD_LOGIN);
    assert_string_equal(p->t->cx.problem, said);
    assert_int_equal(sign_in(p, "", ""), ERR_BAD_LOGIN);
}

static int64_t shortest_us(struct people *p, const char *email)
{
    int64_t shortest = INT64_MAX;
    for (int i = 0; i < 4; i++) {
        int64_t start_us = clock_mono_us();
        assert_int_equal(sign_in(p, email, "wrong password"), ERR_BAD_LOGIN);
        int64_t took_us = clock_mono_us() - start_us;
        shortest = took_us < shortest ? took_us : shortest;
    }
    return shortest;
}

static void sign_in__takes_as_long_for_an_email_nobody_has(void **state)
{
    struct people *p = *state;
    (void)add_account(p, OWNER);
    int64_t known_us = shortest_us(p, OWNER);
    int64_t unknown_us = shortest_us(p, "nobody@example.test");
    /* A hash takes tens of milliseconds, all the rest less than one. */
    assert_true(unknown_us * 2 > known_us && known_us * 2 > unknown_us);
}

static void sign_in__starts_a_new_session_and_ends_the_planted_one(void **state)
{
    struct people *p = *state;
    struct session_new first;
    struct session_new second;
    (void)add_account(p, OWNER);
    struct guest_new planted = add_guest(p, "a stranger's");
    assert_int_equal(sign_in_from(p, OWNER, GOOD, planted.session.cookie, &first), ERR_OK);
    assert_string_not_equal(first.cookie, planted.session.cookie);
    assert_false(is_signed_on(p, planted.session.cookie));
    assert_true(is_signed_on(p, first.cookie));

    assert_int_equal(sign_in_from(p, OWNER, GOOD, first.cookie, &second), ERR_OK);
    assert_false(is_signed_on(p, first.cookie));
    assert_true(is_signed_on(p, second.cookie));
    /* A failed attempt leaves what was there. */
    assert_int_equal(sign_in_from(p, OWNER, "wrong password", second.cookie, &first),
                     ERR_BAD_LOGIN);
    assert_true(is_signed_on(p, second.cookie));
}

static void sign_in__keeps_the_sessions_last_used(void **state)
{
    struct people *p = *state;
    struct session_new n[SESSIONS_MAX + 2];
    (void)add_account(p, OWNER);
    for (int i = 0; i < SESSIONS_MAX + 2; i++) {
        p->t->cx.now_ms += 1000;
        assert_int_equal(sign_in_from(p, OWNER, GOOD, NULL, &n[i]), ERR_OK);
    }
    assert_false(is_signed_on(p, n[0].cookie));
    assert_false(is_signed_on(p, n[1].cookie));
    assert_true(is_signed_on(p, n[2].cookie));
    assert_true(is_signed_on(p, n[SESSIONS_MAX + 1].cookie));
}

static void sign_in__is_locked_after_five_failures(void **state)
{
    struct people *p = *state;
    struct session_new n;
    struct viewer v;
    int64_t wait_ms = 0;
    struct sign_in here = {OWNER, GOOD, "192.0.2.1", NULL, &wait_ms, NULL};
    (void)add_account(p, OWNER);
    (void)add_account(p, "other@example.test");
    for (int i = 0; i < 9; i++) /* what succeeds does not count */
        assert_int_equal(sign_in(p, OWNER, GOOD), ERR_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(sign_in(p, OWNER, "wrong password"), ERR_BAD_LOGIN);
    /* From now on the right one is refused too: a guess learns nothing. */
    assert_int_equal(account_sign_in(p->t->store, p->limits, &p->t->cx, &here, &n, &v),
                     ERR_SLOW_DOWN);
    assert_int_equal(wait_ms, 12000);
    assert_int_equal(sign_in(p, "other@example.test", GOOD), ERR_OK);
    p->t->cx.now_ms += 12000;
    assert_int_equal(sign_in(p, OWNER, GOOD), ERR_OK);
}

static enum err sign_in_at(struct people *p, int net, const char *password)
{
    struct session_new n;
    struct viewer v;
    char fence[24];
    struct sign_in ask = {.email = OWNER, .password = password, .fence = fence};
    (void)snprintf(fence, sizeof fence, "198.51.%d.9", net);
    return account_sign_in(p->t->store, p->limits, &p->t->cx, &ask, &n, &v);
}

static void sign_in__strangers_do_not_lock_the_owner_out(void **state)
{
    struct people *p = *state;
    (void)add_account(p, OWNER);
    for (int i = 0; i < 7; i++)
        assert_int_equal(sign_in_at(p, 1, "wrong password"), i < 5 ? ERR_BAD_LOGIN : ERR_SLOW_DOWN);
    assert_int_equal(sign_in_at(p, 2, "wrong password"), ERR_BAD_LOGIN);
    assert_int_equal(sign_in_at(p, 3, GOOD), ERR_OK);
    for (int i = 0; i < 94; i++) /* a hundred a minute is no accident any more */
        assert_int_equal(limit_take(p->limits, LIMIT_LOGIN_EMAIL, OWNER, p->t->cx.now_ms, NULL),
                         ERR_OK);
    assert_int_equal(sign_in_at(p, 3, GOOD), ERR_SLOW_DOWN);
}

static void sign_in__is_locked_for_emails_nobody_has(void **state)
{
    struct people *p = *state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(sign_in(p, "nobody@example.test", GOOD), ERR_BAD_LOGIN);
    assert_int_equal(sign_in(p, "nobody@example.test", GOOD), ERR_SLOW_DOWN);
}

struct new_password {
    int64_t viewer_id;
    char hash[PASSWORD_HASH_MAX];
};

static enum err password_run(struct tx *tx, void *arg)
{
    const struct new_password *n = arg;
    return account_set_password(tx, n->viewer_id, n->hash, NULL);
}

static void password__change_ends_every_session(void **state)
{
    struct people *p = *state;
    struct session_new s;
    struct new_password n = {.viewer_id = add_account(p, OWNER)};
    assert_int_equal(sign_in_from(p, OWNER, GOOD, NULL, &s), ERR_OK);
    assert_int_equal(password_hash(&p->t->cx, "another lantern", n.hash), ERR_OK);
    assert_int_equal(do_job(p, password_run, &n), ERR_OK);
    assert_false(is_signed_on(p, s.cookie));
    assert_int_equal(sign_in(p, OWNER, GOOD), ERR_BAD_LOGIN);
    assert_int_equal(sign_in(p, OWNER, "another lantern"), ERR_OK);
    n.viewer_id = add_guest(p, "guests have none").viewer_id;
    assert_int_equal(do_job(p, password_run, &n), ERR_NOT_FOUND);
}

static void deleted__is_nobody(void **state)
{
    struct people *p = *state;
    struct session_new s;
    (void)add_account(p, OWNER);
    assert_int_equal(sign_in_from(p, OWNER, GOOD, NULL, &s), ERR_OK);
    test_exec(p->t, "UPDATE viewer SET deleted_at = 1");
    assert_false(is_signed_on(p, s.cookie));
    assert_int_equal(sign_in(p, OWNER, GOOD), ERR_BAD_LOGIN);
}

/* ---- many at once ---- */

struct entrant {
    struct people *p;
    char email[40];
    enum err e;
    pthread_t thread;
};

static void *enter(void *arg)
{
    struct entrant *en = arg;
    struct session_new n;
    struct viewer v;
    struct cx cx = {.arena = arena_make(1 << 16), .now_ms = 1000000};
    struct sign_in ask = {.email = en->email, .password = GOOD, .fence = "192.0.2.7"};
    en->e = account_sign_in(en->p->t->store, en->p->limits, &cx, &ask, &n, &v);
    arena_free(cx.arena);
    return NULL;
}

static void enter_together(struct entrant *list, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_create(&list[i].thread, NULL, enter, &list[i]), 0);
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_join(list[i].thread, NULL), 0);
}

static void sign_in__waits_its_turn(void **state)
{
    struct entrant few[5];
    (void)add_account(*state, OWNER);
    for (int i = 0; i < 5; i++)
        few[i] = (struct entrant){.p = *state, .email = OWNER};
    enter_together(few, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(few[i].e, ERR_OK);
}

/* Each that waits holds a worker of the server: a flood once took all of them for seconds. */
static void sign_in__turns_a_flood_away_at_once(void **state)
{
    enum { FLOOD = 40 };
    struct entrant flood[FLOOD];
    int busy = 0;
    for (int i = 0; i < FLOOD; i++) {
        flood[i] = (struct entrant){.p = *state};
        (void)snprintf(flood[i].email, sizeof flood[i].email, "nobody%d@example.test", i);
    }
    enter_together(flood, FLOOD);
    for (int i = 0; i < FLOOD; i++) {
        assert_true(flood[i].e == ERR_BAD_LOGIN || flood[i].e == ERR_BUSY);
        busy += flood[i].e == ERR_BUSY;
    }
    assert_in_range(busy, 1, FLOOD - 2);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct people *p = *state;
    /* Each header brings its own SQL_ALL, the last one counts. */
#define X(q) assert_int_equal(test_check_sql(p->t, &(q)), ERR_OK);
    SQL_ALL(X)
#include "account/viewer.sql.h"
    SQL_ALL(X)
#undef X
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(guest__is_known_by_the_cookie),
        T(session__refuses_every_other_cookie),
        T(session__is_stored_as_a_hash_only),
        T(csrf__fits_its_session_only),
        T(session__ends_when_idle_and_moves_on_when_used),
        T(session__of_an_account_has_an_absolute_end),
        T(sweep__drops_ended_sessions_in_slices),
        T(sweep__drops_guests_that_left_nothing),
        T(session__ends_when_told),
        T(viewer__is_renamed_and_found),
        T(account__is_one_for_an_email),
        T(sign_in__wants_the_password),
        T(sign_in__takes_as_long_for_an_email_nobody_has),
        T(sign_in__starts_a_new_session_and_ends_the_planted_one),
        T(sign_in__keeps_the_sessions_last_used),
        T(sign_in__is_locked_after_five_failures),
        T(sign_in__strangers_do_not_lock_the_owner_out),
        T(sign_in__is_locked_for_emails_nobody_has),
        T(password__change_ends_every_session),
        T(deleted__is_nobody),
        T(sign_in__waits_its_turn),
        T(sign_in__turns_a_flood_away_at_once),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
