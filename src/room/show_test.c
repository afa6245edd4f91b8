#include "base/test.h"

#include "account/limit.h"
#include "base/arena.h"
#include "room/room_in.h"
#include "room/show.sql.h"
#include "room/testkit.h"

#include <stdio.h>
#include <string.h>

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

/* ---- the state table ---- */

/* Row: from. Column: move, in the order of SHOW_MOVE_TABLE. '.' is refused; else the state's
 * letter: d s b l i e r c a, and '<' for where a backstage show came from. */
static const struct {
    enum show_state from;
    const char *to;
} expected[] = {
    /*                    sched on off live end time rec cancel archive */
    {SHOW_DRAFT, "sb.....c."},        {SHOW_SCHEDULED, ".b.....c."},
    {SHOW_BACKSTAGE, "..<l...c."},    {SHOW_LIVE, "..i.e...."},
    {SHOW_INTERRUPTED, ".l..ee..."},  {SHOW_ENDED, "......r.."},
    {SHOW_REPLAY_READY, "........a"}, {SHOW_CANCELLED, "........."},
    {SHOW_ARCHIVED, "........."},
};

static const char letters[] = "dsblierca";

static void state__every_pair_goes_where_the_table_says(void **state)
{
    (void)state;
    for (int from = 0; from < SHOW_STATE_COUNT; from++) {
        assert_int_equal(expected[from].from, from);
        for (int move = 0; move < SHOW_MOVE_COUNT; move++) {
            for (int came = SHOW_DRAFT; came <= SHOW_SCHEDULED; came++) {
                enum show_state to;
                char want = expected[from].to[move];
                enum err e = show_next_state((enum show_state)from, (enum show_state)came,
                                             (enum show_move)move, &to);
                assert_int_equal(e, want == '.' ? ERR_TRANSITION : ERR_OK);
                if (want == '<')
                    assert_int_equal(to, came);
                else if (want != '.')
                    assert_int_equal(letters[to], want);
            }
        }
    }
}

struct move_job {
    struct test_room *k;
    struct show *s;
    enum show_move move;
};

static enum err move_run(struct tx *tx, void *arg)
{
    struct move_job *j = arg;
    return show_move(tx, j->k->r, j->s, j->move);
}

/* The same table, by the function that writes: a refusal leaves row and log as they were. */
static void state__a_refused_move_changes_nothing(void **state)
{
    struct test_room *k = *state;
    for (int from = 0; from < SHOW_STATE_COUNT; from++) {
        for (int move = 0; move < SHOW_MOVE_COUNT; move++) {
            char id[40];
            (void)snprintf(id, sizeof id, "shw_%d_%d", from, move);
            struct show s = test_show(k, id, from == SHOW_ARCHIVED ? SHOW_REPLAY_READY : from);
            if (from == SHOW_ARCHIVED)
                assert_int_equal(show_run(k->r, k->cx, &k->owner, id, SHOW_MOVE_ARCHIVE, &s), 0);
            struct show before = test_show_again(k, id);
            s = before;
            struct move_job j = {k, &s, (enum show_move)move};
            bool refused = expected[from].to[move] == '.';
            enum err e = store_do(k->t->store, k->cx, "test", move_run, &j);
            struct show after = test_show_again(k, id);
            assert_int_equal(e, refused ? ERR_TRANSITION : ERR_OK);
            assert_int_equal(after.version, before.version + !refused);
            assert_int_equal(after.state == before.state, refused);
            assert_int_equal(after.head > before.head, !refused);
            arena_free(k->cx->arena);
            k->cx->arena = arena_make(1 << 20);
        }
    }
}

static void state__words_are_the_ones_stored(void **state)
{
    (void)state;
    for (int s = 0; s < SHOW_STATE_COUNT; s++) {
        enum show_state back;
        assert_int_equal(show_state_parse(show_state_name((enum show_state)s), &back), ERR_OK);
        assert_int_equal(back, s);
    }
    enum show_state none;
    assert_int_equal(show_state_parse("on fire", &none), ERR_INPUT);
}

/* ---- create ---- */

static void create__makes_a_draft_or_a_scheduled_show(void **state)
{
    struct test_room *k = *state;
    struct show s;
    struct show_new ask = {.title = {[LANG_TH] = "  กระเป๋า  ผ้า "}};
    assert_int_equal(show_create(k->r, k->cx, &k->host, &ask, &s), ERR_OK);
    assert_int_equal(s.state, SHOW_DRAFT);
    assert_string_equal(s.title[LANG_TH], "กระเป๋า ผ้า");
    assert_null(s.title[LANG_ZH]);
    assert_string_equal(s.host_name, "Hana");
    assert_string_equal(s.shop_slug, "one");
    assert_int_equal(s.version, 1);
    assert_true(id_ok(s.public_id, "shw"));
    ask.starts_ms = k->cx->now_ms + 60000;
    ask.public_id = "shw_demo";
    assert_int_equal(show_create(k->r, k->cx, &k->host, &ask, &s), ERR_OK);
    assert_int_equal(s.state, SHOW_SCHEDULED);
    assert_string_equal(s.public_id, "shw_demo");
    assert_int_equal(show_create(k->r, k->cx, &k->host, &ask, &s), ERR_EXISTS);
}

static void create__refuses_what_cannot_be(void **state)
{
    struct test_room *k = *state;
    struct show s;
    char longest[TITLE_CHARS_MAX + 2];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const struct show_new bad[] = {
        {.title = {NULL}},
        {.title = {[LANG_EN] = "  \t "}},
        {.title = {[LANG_EN] = longest}},
        {.title = {[LANG_EN] = "\xff"}},
        {.title = {[LANG_EN] = "a"}, .cover = "no-such"},
        {.title = {[LANG_EN] = "a"}, .starts_ms = 5},
        {.title = {[LANG_EN] = "a"}, .starts_ms = INT64_MAX},
        {.title = {[LANG_EN] = "a"}, .host_name = longest},
        {.title = {[LANG_EN] = "a"}, .public_id = "nope"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(show_create(k->r, k->cx, &k->host, &bad[i], &s), ERR_INPUT);
    const struct show_new good = {.title = {[LANG_EN] = "a"}};
    assert_int_equal(show_create(k->r, k->cx, &k->moderator, &good, &s), ERR_FORBIDDEN);
    assert_int_equal(show_create(k->r, k->cx, &k->ann, &good, &s), ERR_FORBIDDEN);
    const struct show_new theirs = {.title = {[LANG_EN] = "a"}, .shop = "shp_two"};
    assert_int_equal(show_create(k->r, k->cx, &k->host, &theirs, &s), ERR_NOT_FOUND);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM show"), 0);
}

/* ---- edit ---- */

static void edit__needs_the_version_it_read(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_SCHEDULED), after;
    const struct show_edit ask = {
        .set_title = true, .title = {[LANG_EN] = "New"}, .set_cover = true, .cover = "tw-tea"};
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", s.version, &ask, &after), ERR_OK);
    assert_string_equal(after.title[LANG_EN], "New");
    assert_null(after.title[LANG_ZH]);
    assert_string_equal(after.cover, "tw-tea");
    assert_int_equal(after.version, s.version + 1);
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", s.version, &ask, &after),
                     ERR_PRECONDITION);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM event WHERE type = 'show.updated'"),
                     2); /* for everybody, and with the version for staff */
}

static void edit__schedules_a_draft_that_has_a_time(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_DRAFT), after;
    struct show_edit ask = {.schedule = true};
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", s.version, &ask, &after), ERR_INPUT);
    ask.set_starts = true;
    ask.starts_ms = k->cx->now_ms + 5000;
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", s.version, &ask, &after), ERR_OK);
    assert_int_equal(after.state, SHOW_SCHEDULED);
    assert_int_equal(after.starts_ms, k->cx->now_ms + 5000);
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", after.version, &ask, &s),
                     ERR_TRANSITION);
}

static void edit__keeps_the_time_of_a_show_that_has_begun(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_LIVE), after;
    const struct show_edit time = {.set_starts = true, .starts_ms = k->cx->now_ms + 9000};
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", s.version, &time, &after),
                     ERR_TRANSITION);
    const struct show_edit name = {.set_host_name = true, .host_name = "小美"};
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", s.version, &name, &after), ERR_OK);
    assert_string_equal(after.host_name, "小美");
}

/* The log is replayed to whoever asks, also after the show has become public. */
static void edit__of_a_draft_is_told_to_staff_alone(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_DRAFT), after;
    struct show_edit ask = {.set_title = true, .title = {[LANG_EN] = "SECRET"}};
    const struct chat_settings off = {.mode = CHAT_OFF};
    struct chat_settings now;
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", s.version, &ask, &after), ERR_OK);
    assert_int_equal(chat_pin(k->r, k->cx, &k->host, "shw_a", "SECRET"), ERR_OK);
    assert_int_equal(chat_set_mode(k->r, k->cx, &k->host, "shw_a", true, false, &off, &now),
                     ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM event"), 3);
    ask =
        (struct show_edit){.set_starts = true, .starts_ms = k->cx->now_ms + 5000, .schedule = true};
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", after.version, &ask, &after),
                     ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM event WHERE audience = 'all' AND"
                                       " (type LIKE 'chat.%' OR seq <= 3)"),
                     0);
}

static void edit__of_a_cancelled_show_is_refused(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_CANCELLED), after;
    const struct show_edit ask = {.set_title = true, .title = {[LANG_EN] = "New"}};
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", s.version, &ask, &after),
                     ERR_TRANSITION);
}

static void edit__a_null_host_name_takes_it_away(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_SCHEDULED), after;
    const struct show_edit none = {.set_host_name = true};
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_a", s.version, &none, &after), ERR_OK);
    assert_string_equal(after.host_name, "");
}

/* ---- who may ---- */

static void rights__another_shop_is_a_stranger(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_draft", SHOW_DRAFT), out;
    (void)test_show(k, "shw_live", SHOW_LIVE);
    const struct show_edit ask = {.set_host_name = true, .host_name = "x"};
    enum err hidden[] = {
        show_edit(k->r, k->cx, &k->rival, "shw_draft", s.version, &ask, &out),
        show_run(k->r, k->cx, &k->rival, "shw_draft", SHOW_MOVE_CANCEL, &out),
        show_run(k->r, k->cx, &k->ann, "shw_draft", SHOW_MOVE_CANCEL, &out),
        show_run(k->r, k->cx, &k->host, "shw_none", SHOW_MOVE_CANCEL, &out),
        show_run(k->r, k->cx, &k->host, "not an id", SHOW_MOVE_CANCEL, &out),
    };
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        assert_int_equal(hidden[i], ERR_NOT_FOUND);
    assert_int_equal(show_run(k->r, k->cx, &k->rival, "shw_live", SHOW_MOVE_END, &out),
                     ERR_FORBIDDEN);
    assert_int_equal(show_run(k->r, k->cx, &k->moderator, "shw_live", SHOW_MOVE_END, &out),
                     ERR_FORBIDDEN);
    assert_int_equal(test_show_again(k, "shw_live").state, SHOW_LIVE);
}

static enum err find(struct test_room *k, const struct room_who *who, const char *id)
{
    struct db *db;
    struct show s;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    enum err e = show_find(k->r, db, k->cx, who, id, &s);
    store_read_end(db);
    return e;
}

static void rights__the_public_never_sees_backstage(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_b", SHOW_BACKSTAGE);
    json_t *public = show_json(k->r, &s, &k->ann), *staff = show_json(k->r, &s, &k->host);
    assert_string_equal(json_string_value(json_object_get(public, "state")), "scheduled");
    assert_null(json_object_get(public, "version"));
    assert_null(json_object_get(public, "preview"));
    assert_true(json_is_null(json_object_get(public, "playback")));
    assert_string_equal(json_string_value(json_object_get(staff, "state")), "backstage");
    assert_true(json_is_object(json_object_get(staff, "preview")));
    json_decref(public);
    json_decref(staff);
    assert_int_equal(find(k, &k->ann, "shw_b"), ERR_OK);

    (void)test_show(k, "shw_d", SHOW_DRAFT);
    test_encoder(k, "shw_d", true); /* backstage, from draft */
    assert_int_equal(test_show_again(k, "shw_d").state, SHOW_BACKSTAGE);
    assert_int_equal(find(k, &k->ann, "shw_d"), ERR_NOT_FOUND);
    assert_int_equal(find(k, &k->moderator, "shw_d"), ERR_OK);
    test_encoder(k, "shw_d", false);
    assert_int_equal(test_show_again(k, "shw_d").state, SHOW_DRAFT);
}

/* ---- run ---- */

static void run__a_show_from_countdown_to_replay(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_SCHEDULED);
    assert_int_equal(show_run(k->r, k->cx, &k->host, "shw_a", SHOW_MOVE_GO_LIVE, &s),
                     ERR_TRANSITION);
    assert_string_equal(k->cx->problem, "the show is scheduled");
    test_encoder(k, "shw_a", true);
    k->cx->now_ms += 500;
    assert_int_equal(show_run(k->r, k->cx, &k->host, "shw_a", SHOW_MOVE_GO_LIVE, &s), ERR_OK);
    assert_int_equal(s.live_started_ms, k->cx->now_ms);
    json_t *o = show_json(k->r, &s, &k->ann);
    assert_string_equal(json_string_value(json_object_get(json_object_get(o, "playback"), "kind")),
                        "live");
    json_decref(o);
    int64_t began = s.live_started_ms;
    k->cx->now_ms += 1000;
    test_encoder(k, "shw_a", false);
    test_encoder(k, "shw_a", true);
    s = test_show_again(k, "shw_a");
    assert_int_equal(s.state, SHOW_LIVE);
    assert_int_equal(s.live_started_ms, began); /* the clock zero stays */
    assert_int_equal(show_run(k->r, k->cx, &k->host, "shw_a", SHOW_MOVE_END, &s), ERR_OK);
    assert_int_equal(s.ended_ms, k->cx->now_ms);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM show_task"), 2);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM audit WHERE action = 'show.end'"), 1);
}

static void timeout__ends_what_was_interrupted_for_15_minutes(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_INTERRUPTED);
    (void)test_show(k, "shw_b", SHOW_LIVE);
    room_tick(k->r, s.interrupted_ms + SHOW_INTERRUPTED_MAX_MS - 1);
    assert_int_equal(test_show_again(k, "shw_a").state, SHOW_INTERRUPTED);
    room_tick(k->r, s.interrupted_ms + SHOW_INTERRUPTED_MAX_MS);
    assert_int_equal(test_show_again(k, "shw_a").state, SHOW_ENDED);
    assert_int_equal(test_show_again(k, "shw_b").state, SHOW_LIVE);
}

/* ---- lists ---- */

static size_t list(struct test_room *k, const struct room_who *who, struct show_list_ask ask,
                   char out[200])
{
    struct db *db;
    struct show_page page;
    size_t pages = 0;
    out[0] = '\0';
    do {
        assert_int_equal(store_read(k->t->store, &db), ERR_OK);
        assert_int_equal(show_list(k->r, db, k->cx, who, &ask, &page), ERR_OK);
        store_read_end(db);
        for (size_t i = 0; i < page.count; i++) {
            size_t len = strlen(out);
            (void)snprintf(out + len, 200 - len, "%s ", page.items[i].public_id + 4);
        }
        ask.cursor = page.next;
        pages++;
    } while (page.next);
    return pages;
}

static void timeout__of_one_that_cannot_end_does_not_stop_the_others(void **state)
{
    struct test_room *k = *state;
    (void)test_show(k, "shw_a", SHOW_INTERRUPTED);
    (void)test_show(k, "shw_b", SHOW_INTERRUPTED);
    test_exec(k->t, "DELETE FROM show_log WHERE show_id = (SELECT MIN(id) FROM show)");
    room_tick(k->r, k->cx->now_ms + SHOW_INTERRUPTED_MAX_MS + 1000);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM show WHERE state = 'ended'"), 1);
}

static void list__puts_what_is_on_air_first(void **state)
{
    struct test_room *k = *state;
    char got[200];
    (void)test_show(k, "shw_r1", SHOW_REPLAY_READY);
    (void)test_show(k, "shw_d1", SHOW_DRAFT);
    k->cx->now_ms += 1000;
    (void)test_show(k, "shw_s1", SHOW_SCHEDULED);
    k->cx->now_ms -= 500;
    (void)test_show(k, "shw_b0", SHOW_BACKSTAGE); /* starts before s1 */
    (void)test_show(k, "shw_l1", SHOW_LIVE);
    (void)test_show(k, "shw_c1", SHOW_CANCELLED);
    (void)list(k, &k->ann, (struct show_list_ask){0}, got);
    assert_string_equal(got, "l1 b0 s1 r1 ");
    assert_int_equal(list(k, &k->ann, (struct show_list_ask){.limit = 1}, got), 4);
    assert_string_equal(got, "l1 b0 s1 r1 ");
    (void)list(k, &k->ann, (struct show_list_ask){.states = 1u << SHOW_SCHEDULED}, got);
    assert_string_equal(got, "b0 s1 ");
    (void)list(k, &k->ann, (struct show_list_ask){.states = 1u << SHOW_BACKSTAGE}, got);
    assert_string_equal(got, "");
    assert_int_equal(list(k, &k->host, (struct show_list_ask){.staff = true, .limit = 4}, got), 2);
    assert_int_equal(strlen(got), 18); /* six shows */
    (void)list(k, &k->rival, (struct show_list_ask){.staff = true}, got);
    assert_string_equal(got, "");
}

static void list__refuses_bad_questions(void **state)
{
    struct test_room *k = *state;
    struct show_page page;
    struct db *db;
    const struct show_list_ask bad[] = {
        {.limit = -1}, {.limit = 101}, {.cursor = "x"}, {.cursor = "1.2"}, {.cursor = "1.2.3.4"}};
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(show_list(k->r, db, k->cx, &k->ann, &bad[i], &page), ERR_INPUT);
    const struct show_list_ask staff = {.staff = true};
    assert_int_equal(show_list(k->r, db, k->cx, &k->ann, &staff, &page), ERR_FORBIDDEN);
    store_read_end(db);
}

/* ---- link previews ---- */

static void link__says_it_in_the_language_or_the_nearest(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_LIVE);
    struct show_link link;
    assert_int_equal(show_link(k->cx, &s, LANG_ZH, &link), ERR_OK);
    assert_string_equal(link.title, "帆布包");
    assert_string_equal(link.description, "直播中 · Hana · Shop One");
    assert_string_equal(link.image, "/img/tw-bag.jpg");
    assert_int_equal(show_link(k->cx, &s, LANG_TH, &link), ERR_OK);
    assert_string_equal(link.title, "Bags"); /* no Thai title: what a Thai reads next best */
    assert_int_equal(show_link(k->cx, &s, LANG_CN, &link), ERR_OK);
    assert_string_equal(link.title, "帆布包");
    assert_string_equal(link.description, "直播中 · Hana · Shop One");
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_room *k = *state;
#define X(q) assert_int_equal(test_check_sql(k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state__every_pair_goes_where_the_table_says),
        cmocka_unit_test_setup_teardown(state__a_refused_move_changes_nothing, make, drop),
        cmocka_unit_test(state__words_are_the_ones_stored),
        cmocka_unit_test_setup_teardown(create__makes_a_draft_or_a_scheduled_show, make, drop),
        cmocka_unit_test_setup_teardown(create__refuses_what_cannot_be, make, drop),
        cmocka_unit_test_setup_teardown(edit__needs_the_version_it_read, make, drop),
        cmocka_unit_test_setup_teardown(edit__schedules_a_draft_that_has_a_time, make, drop),
        cmocka_unit_test_setup_teardown(edit__keeps_the_time_of_a_show_that_has_begun, make, drop),
        cmocka_unit_test_setup_teardown(edit__of_a_draft_is_told_to_staff_alone, make, drop),
        cmocka_unit_test_setup_teardown(edit__of_a_cancelled_show_is_refused, make, drop),
        cmocka_unit_test_setup_teardown(edit__a_null_host_name_takes_it_away, make, drop),
        cmocka_unit_test_setup_teardown(rights__another_shop_is_a_stranger, make, drop),
        cmocka_unit_test_setup_teardown(rights__the_public_never_sees_backstage, make, drop),
        cmocka_unit_test_setup_teardown(run__a_show_from_countdown_to_replay, make, drop),
        cmocka_unit_test_setup_teardown(timeout__ends_what_was_interrupted_for_15_minutes, make,
                                        drop),
        cmocka_unit_test_setup_teardown(timeout__of_one_that_cannot_end_does_not_stop_the_others,
                                        make, drop),
        cmocka_unit_test_setup_teardown(list__puts_what_is_on_air_first, make, drop),
        cmocka_unit_test_setup_teardown(list__refuses_bad_questions, make, drop),
        cmocka_unit_test_setup_teardown(link__says_it_in_the_language_or_the_nearest, make, drop),
        cmocka_unit_test_setup_teardown(sql__every_statement_prepares_with_ordered_parameters, make,
                                        drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
