#include "base/test.h"

#include "base/arena.h"
#include "room/remind.h"
#include "room/remind.sql.h"
#include "room/remind_in.h"
#include "room/testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START INT64_C(100000000)

static const unsigned char key[SECRET_KEY_LEN] = "a key of thirty-two bytes in all";

static int make(void **state)
{
    *state = test_room_make();
    return 0;
}

static int drop(void **state)
{
    test_room_free(*state);
    return 0;
}

static void move_to(struct test_room *k, int64_t starts_ms)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql, "UPDATE show SET starts_at = %lld WHERE public_id = 'shw_one'",
                   (long long)starts_ms);
    test_exec(k->t, sql);
}

static struct show show_at(struct test_room *k, int64_t starts_ms)
{
    struct show s = test_show(k, "shw_one", SHOW_SCHEDULED);
    move_to(k, starts_ms);
    return s;
}

/* A browser for somebody, so that push notices become rows. */
static void browse(struct test_room *k, int64_t id, int64_t viewer)
{
    char sql[300];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO push_subscription (id, viewer_id, endpoint, p256dh, auth, "
                   "created_at, seen_at) VALUES (%lld, %lld, 'https://push.example.net/%lld', "
                   "%s, %s, 1, 1)",
                   (long long)id, (long long)viewer, (long long)id,
                   test_on_postgres() ? "'\\x04'" : "x'04'",
                   test_on_postgres() ? "'\\x04'" : "x'04'");
    test_exec(k->t, sql);
}

static int64_t rows(struct test_room *k, const char *kind)
{
    char sql[120];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox WHERE kind = '%s'", kind);
    return test_number(k->t, sql);
}

static void remind(struct test_room *k, const struct room_who *who)
{
    assert_int_equal(remind_set(k->r, k->cx, who, "shw_one", true, false), ERR_OK);
}

static struct reminder get(struct test_room *k, const struct room_who *who)
{
    struct reminder m;
    struct db *db;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(remind_get(k->r, db, k->cx, who, "shw_one", &m), ERR_OK);
    store_read_end(db);
    return m;
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_room *k = *state;
#define X(q) assert_int_equal(test_check_sql(k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

static void set__is_kept_and_counted_for_staff(void **state)
{
    struct test_room *k = *state;
    (void)show_at(k, START);
    remind(k, &k->ann);
    remind(k, &k->ann);
    remind(k, &k->bob);
    assert_true(get(k, &k->ann).push);
    assert_false(get(k, &k->ann).email);
    assert_false(get(k, &k->member).push);
    assert_int_equal(get(k, &k->ann).count, 0);
    assert_false(get(k, &k->ann).staff);
    assert_int_equal(get(k, &k->host).count, 2);
    assert_false(get(k, &k->nobody).push);
    assert_int_equal(remind_drop(k->r, k->cx, &k->ann, "shw_one"), ERR_OK);
    assert_false(get(k, &k->ann).push);
    assert_int_equal(remind_set(k->r, k->cx, &k->nobody, "shw_one", true, false), ERR_NEED_LOGIN);
    assert_int_equal(remind_set(k->r, k->cx, &k->ann, "shw_one", true, true), ERR_CONFLICT);
    assert_int_equal(remind_set(k->r, k->cx, &k->ann, "shw_none", true, false), ERR_NOT_FOUND);
}

static void set__is_refused_once_the_show_has_begun(void **state)
{
    struct test_room *k = *state;
    (void)test_show(k, "shw_one", SHOW_LIVE);
    assert_int_equal(remind_set(k->r, k->cx, &k->ann, "shw_one", true, false), ERR_CLOSED);
}

static void tick__tells_ten_minutes_before_and_once(void **state)
{
    struct test_room *k = *state;
    (void)show_at(k, START);
    browse(k, 1, k->ann.viewer_id);
    remind(k, &k->ann);
    remind_tick(k->r, key, START - REMIND_BEFORE_MS - 1000);
    assert_int_equal(rows(k, "show_soon"), 0);
    remind_tick(k->r, key, START - REMIND_BEFORE_MS);
    remind_tick(k->r, key, START - REMIND_BEFORE_MS + 1000);
    assert_int_equal(rows(k, "show_soon"), 1);
    assert_int_equal(test_number(k->t, "SELECT until_at FROM outbox"), START);
    move_to(k, START + 7200000); /* told anew */
    remind_tick(k->r, key, START + 7200000 - 60000);
    assert_int_equal(rows(k, "show_soon"), 2);
}

static void tick__who_asks_at_the_last_minute_is_told_when_it_is_live(void **state)
{
    struct test_room *k = *state;
    (void)show_at(k, START);
    browse(k, 1, k->ann.viewer_id);
    k->cx->now_ms = START - 120000;
    remind(k, &k->ann);
    remind_tick(k->r, key, START - 60000);
    assert_int_equal(rows(k, "show_soon"), 0);
    test_exec(k->t, "UPDATE show SET state = 'live', live_started_at = 100000000");
    remind_tick(k->r, key, START);
    remind_tick(k->r, key, START + 1000);
    assert_int_equal(rows(k, "show_live"), 1);
    assert_false(get(k, &k->ann).push); /* it is done */
}

static void tick__says_that_a_show_is_off(void **state)
{
    struct test_room *k = *state;
    (void)show_at(k, START);
    browse(k, 1, k->ann.viewer_id);
    remind(k, &k->ann);
    test_exec(k->t, "UPDATE show SET state = 'cancelled'");
    remind_tick(k->r, key, START - 9000000);
    remind_tick(k->r, key, START);
    assert_int_equal(rows(k, "show_cancelled"), 1);
    assert_int_equal(rows(k, "show_soon"), 0);
}

/* More than one job holds: every one is told, by several jobs. */
static void tick__reaches_a_crowd_in_slices(void **state)
{
    struct test_room *k = *state;
    enum { CROWD = 130 };
    struct show s = show_at(k, START);
    char sql[200];
    for (int i = 0; i < CROWD; i++) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at) "
                       "VALUES (%d, 'viw_c%d', 'guest', 'c', 'th', 1)",
                       1000 + i, i);
        test_exec(k->t, sql);
        browse(k, 1000 + i, 1000 + i);
    }
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO reminder (show_id, viewer_id, push, email, created_at, changed_at) "
                   "SELECT %lld, id, 1, 0, 1, 1 FROM viewer WHERE id >= 1000",
                   (long long)s.id);
    test_exec(k->t, sql);
    test_exec(k->t, "UPDATE show SET state = 'live', live_started_at = 100000000");
    remind_tick(k->r, key, START);
    assert_int_equal(rows(k, "show_live"), CROWD);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM reminder WHERE over = 0"), 0);
}

static void stop__takes_its_own_links_alone(void **state)
{
    struct test_room *k = *state;
    char token[REMIND_TOKEN];
    const char *title, *viewer = "viw_stop";
    struct db *db;
    (void)show_at(k, START);
    test_exec(k->t, "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at) "
                    "VALUES (900, 'viw_stop', 'account', 's', 'th', 1)");
    test_exec(k->t,
              "INSERT INTO reminder (show_id, viewer_id, push, email, created_at, changed_at) "
              "SELECT id, 900, 1, 1, 1, 1 FROM show");
    remind_token(key, "shw_one", viewer, token);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(remind_stop_look(db, k->cx, key, token, LANG_EN, &title), ERR_OK);
    assert_true(strlen(title) > 0);
    store_read_end(db);
    char *last = token + strlen(token) - 1;
    *last = *last == 'A' ? 'B' : 'A';
    assert_int_equal(remind_stop(k->r, k->cx, key, token), ERR_NOT_FOUND);
    assert_int_equal(remind_stop(k->r, k->cx, key, "shw_one.viw_stop."), ERR_NOT_FOUND);
    assert_int_equal(remind_stop(k->r, k->cx, key, "x"), ERR_NOT_FOUND);
    assert_int_equal(test_number(k->t, "SELECT email FROM reminder"), 1);
    remind_token(key, "shw_one", viewer, token);
    assert_int_equal(remind_stop(k->r, k->cx, key, token), ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT email FROM reminder"), 0);
    assert_int_equal(test_number(k->t, "SELECT push FROM reminder"), 1);
}

static void calendar__is_folded_and_escaped(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_one", SHOW_SCHEDULED);
    struct buf out;
    s.starts_ms = INT64_C(1795435200000);
    s.version = 7;
    s.title[LANG_TH] = "ไลฟ์ขายของ, ลดราคา; \\ วันนี้ ไลฟ์ขายของ ลดราคา วันนี้ ไลฟ์ขายของ ลดราคา";
    buf_init(&out, 8192);
    assert_int_equal(remind_calendar(k->cx, &s, LANG_TH, "https://shop.example", &out), ERR_OK);
    for (const char *l = out.data, *end; *l; l = end + 2) {
        end = strstr(l, "\r\n");
        assert_non_null(end);
        assert_true(end - l <= 75);
        assert_true(((unsigned char)*l & 0xc0) != 0x80); /* no character is cut */
    }
    assert_non_null(strstr(out.data, "\r\nDTSTART:20261123T120000Z\r\n"));
    assert_non_null(strstr(out.data, "\r\nUID:shw_one@shop.example\r\n"));
    assert_non_null(strstr(out.data, "\r\nSEQUENCE:7\r\n"));
    assert_non_null(strstr(out.data, "\\, "));
    assert_non_null(strstr(out.data, "\\; \\\\"));
    assert_non_null(strstr(out.data, "\r\nTRIGGER:-PT10M\r\n"));
    s.starts_ms = 0;
    assert_int_equal(remind_calendar(k->cx, &s, LANG_TH, "https://shop.example", &out),
                     ERR_NOT_FOUND);
    buf_done(&out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sql__every_statement_prepares_with_ordered_parameters),
        TEST(set__is_kept_and_counted_for_staff),
        TEST(set__is_refused_once_the_show_has_begun),
        TEST(tick__tells_ten_minutes_before_and_once),
        TEST(tick__who_asks_at_the_last_minute_is_told_when_it_is_live),
        TEST(tick__says_that_a_show_is_off),
        TEST(tick__reaches_a_crowd_in_slices),
        TEST(stop__takes_its_own_links_alone),
        TEST(calendar__is_folded_and_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
