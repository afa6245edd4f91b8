#include "base/test.h"

#include "account/limit.h"
#include "room/chat.sql.h"
#include "room/room_in.h"
#include "room/testkit.h"

#include <stdio.h>
#include <string.h>

static int make(void **state)
{
    struct test_room *k = test_room_make();
    (void)test_show(k, "shw_a", SHOW_LIVE);
    *state = k;
    return 0;
}

static int drop(void **state)
{
    test_room_free(*state);
    return 0;
}

/* As test_say(), with what a refusal tells. */
static enum err refused(struct test_room *k, const struct room_who *who, const char *text,
                        struct chat_refusal *ret_refusal)
{
    const struct chat_new ask = {.text = text};
    struct message m;
    *ret_refusal = (struct chat_refusal){-1, -1};
    return chat_post(k->r, k->cx, who, "shw_a", &ask, &m, ret_refusal);
}

/* Texts of a page, newest first, "a|b|". */
static void history(struct test_room *k, const struct room_who *who, int limit, char out[300])
{
    struct chat_page page = {0};
    out[0] = '\0';
    do {
        struct db *db;
        assert_int_equal(store_read(k->t->store, &db), ERR_OK);
        assert_int_equal(chat_list(k->r, db, k->cx, who, "shw_a", page.next, limit, &page), ERR_OK);
        store_read_end(db);
        for (size_t i = 0; i < page.count; i++) {
            size_t len = strlen(out);
            (void)snprintf(out + len, 300 - len, "%s%s|", page.items[i].text,
                           page.items[i].state == MESSAGE_SHOWN    ? ""
                           : page.items[i].state == MESSAGE_HIDDEN ? "(hidden)"
                                                                   : "(held)");
        }
    } while (page.next);
}

static int64_t events(struct test_room *k, const char *type)
{
    char sql[100];
    (void)snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM event WHERE type = '%s'", type);
    return test_number(k->t, sql);
}

/* ---- posting ---- */

static void post__tidies_and_tells_everybody(void **state)
{
    struct test_room *k = *state;
    struct message m;
    assert_int_equal(test_say(k, &k->ann, "shw_a", "  hi\n\tthere \u202e ", &m), ERR_OK);
    assert_string_equal(m.text, "hi there");
    assert_string_equal(m.name, "Ann");
    assert_string_equal(m.lang, "th");
    assert_null(m.badge);
    assert_int_equal(m.state, MESSAGE_SHOWN);
    assert_int_equal(events(k, "chat.message"), 1);
    json_t *o = message_json(&m, true);
    assert_null(json_object_get(o, "viewer_id"));
    assert_true(json_is_true(json_object_get(o, "mine")));
    json_decref(o);
    assert_int_equal(test_say(k, &k->host, "shw_a", "hello", &m), ERR_OK);
    assert_string_equal(m.badge, "host");
    assert_int_equal(test_say(k, &k->moderator, "shw_a", "hello", &m), ERR_OK);
    assert_string_equal(m.badge, "moderator");
}

static void post__needs_a_name_and_some_text(void **state)
{
    struct test_room *k = *state;
    char longest[CHAT_CHARS_MAX * 3 + 8] = "";
    assert_int_equal(test_say(k, &k->nobody, "shw_a", "hi", NULL), ERR_NEED_LOGIN);
    assert_int_equal(test_say(k, &k->ann, "shw_a", " \u200e ", NULL), ERR_INPUT);
    assert_int_equal(test_say(k, &k->ann, "shw_a", "\xc3", NULL), ERR_INPUT);
    for (int i = 0; i < CHAT_CHARS_MAX; i++)
        memcpy(longest + i * 3, "帆", 4);
    assert_int_equal(test_say(k, &k->ann, "shw_a", longest, NULL), ERR_OK);
    memcpy(longest + CHAT_CHARS_MAX * 3, "!", 2);
    assert_int_equal(test_say(k, &k->ann, "shw_a", longest, NULL), ERR_INPUT);
    assert_int_equal(test_say(k, &k->ann, "shw_none", "hi", NULL), ERR_NOT_FOUND);
}

static void post__is_open_from_countdown_to_the_end(void **state)
{
    static const enum err expected[SHOW_STATE_COUNT] = {
        [SHOW_DRAFT] = ERR_NOT_FOUND,       [SHOW_SCHEDULED] = ERR_OK,
        [SHOW_BACKSTAGE] = ERR_OK,          [SHOW_LIVE] = ERR_OK,
        [SHOW_INTERRUPTED] = ERR_OK,        [SHOW_ENDED] = ERR_CONFLICT,
        [SHOW_REPLAY_READY] = ERR_CONFLICT, [SHOW_CANCELLED] = ERR_NOT_FOUND,
    };
    struct test_room *k = *state;
    for (int s = 0; s < SHOW_ARCHIVED; s++) {
        char id[40];
        (void)snprintf(id, sizeof id, "shw_s%d", s);
        (void)test_show(k, id, (enum show_state)s);
        k->cx->now_ms += 10000;
        assert_int_equal(test_say(k, &k->ann, id, "hi", NULL), expected[s]);
    }
}

static void pace__one_a_second_for_a_viewer(void **state)
{
    struct test_room *k = *state;
    struct chat_refusal why;
    int passed = 0;
    for (int i = 0; i < 40; i++) { /* ten seconds, four a second */
        char text[20];
        (void)snprintf(text, sizeof text, "n %d", i);
        enum err e = refused(k, &k->ann, text, &why);
        passed += e == ERR_OK;
        if (e) {
            assert_int_equal(e, ERR_SLOW_DOWN);
            assert_in_range(why.wait_ms, 1, 1000);
        }
        assert_int_equal(test_say(k, &k->host, "shw_a", text, NULL), ERR_OK);
        k->cx->now_ms += 250;
    }
    assert_in_range(passed, 10, 12);
}

static void pace__the_same_words_wait(void **state)
{
    struct test_room *k = *state;
    struct chat_refusal why;
    assert_int_equal(test_say(k, &k->ann, "shw_a", "+1", NULL), ERR_OK);
    assert_int_equal(test_say(k, &k->bob, "shw_a", "+1", NULL), ERR_OK);
    k->cx->now_ms += 2000;
    assert_int_equal(refused(k, &k->ann, " +1 ", &why), ERR_SLOW_DOWN);
    assert_int_equal(why.wait_ms, CHAT_REPEAT_MS - 2000);
    k->cx->now_ms += CHAT_REPEAT_MS - 2000;
    assert_int_equal(test_say(k, &k->ann, "shw_a", "+1", NULL), ERR_OK);
}

static enum err set_mode(struct test_room *k, const struct room_who *who, enum chat_mode mode,
                         int slow_s)
{
    struct chat_settings to = {mode, slow_s}, now;
    enum err e = chat_set_mode(k->r, k->cx, who, "shw_a", true, slow_s != 0, &to, &now);
    if (!e)
        assert_int_equal(now.mode, mode);
    return e;
}

static void mode__slow_members_and_off(void **state)
{
    struct test_room *k = *state;
    struct chat_refusal why;
    assert_int_equal(set_mode(k, &k->moderator, CHAT_SLOW, 30), ERR_OK);
    assert_int_equal(test_say(k, &k->ann, "shw_a", "one", NULL), ERR_OK);
    k->cx->now_ms += 20000;
    assert_int_equal(refused(k, &k->ann, "two", &why), ERR_SLOW_DOWN);
    assert_int_equal(why.wait_ms, 10000);
    k->cx->now_ms += 10000;
    assert_int_equal(test_say(k, &k->ann, "shw_a", "two", NULL), ERR_OK);

    assert_int_equal(set_mode(k, &k->moderator, CHAT_MEMBERS, 0), ERR_OK);
    assert_int_equal(test_say(k, &k->bob, "shw_a", "guest", NULL), ERR_NEED_LOGIN);
    assert_int_equal(test_say(k, &k->member, "shw_a", "member", NULL), ERR_OK);

    assert_int_equal(set_mode(k, &k->moderator, CHAT_OFF, 0), ERR_OK);
    assert_int_equal(test_say(k, &k->member, "shw_a", "again", NULL), ERR_CONFLICT);
    assert_int_equal(test_say(k, &k->host, "shw_a", "the chat rests", NULL), ERR_OK);
    assert_int_equal(set_mode(k, &k->moderator, CHAT_OFF, 0), ERR_OK); /* no second event */
    assert_int_equal(events(k, "chat.mode"), 3);
}

static void mode__is_for_moderators_and_within_bounds(void **state)
{
    struct test_room *k = *state;
    assert_int_equal(set_mode(k, &k->ann, CHAT_OFF, 0), ERR_FORBIDDEN);
    assert_int_equal(set_mode(k, &k->rival, CHAT_OFF, 0), ERR_FORBIDDEN);
    assert_int_equal(set_mode(k, &k->host, CHAT_SLOW, 2), ERR_INPUT);
    assert_int_equal(set_mode(k, &k->host, CHAT_SLOW, 121), ERR_INPUT);
    assert_int_equal(set_mode(k, &k->host, CHAT_SLOW, 120), ERR_OK);
}

/* ---- blocked words ---- */

static void put_words(struct test_room *k, const char *const *words, size_t n)
{
    assert_int_equal(words_put(k->r, k->cx, &k->moderator, "shw_a", words, n), ERR_OK);
}

static void words__hold_a_message_for_the_moderators(void **state)
{
    struct test_room *k = *state;
    const char *const words[] = {"詐騙", "โกง", "scam"};
    struct message m, decided;
    char got[300];
    put_words(k, words, 3);
    assert_int_equal(test_say(k, &k->ann, "shw_a", "這是詐 騙！", &m), ERR_OK);
    assert_int_equal(m.state, MESSAGE_HELD);
    assert_int_equal(events(k, "staff.held"), 1);
    assert_int_equal(events(k, "chat.message"), 0);
    history(k, &k->bob, 0, got);
    assert_string_equal(got, "");
    history(k, &k->ann, 0, got);
    assert_string_equal(got, "這是詐 騙！(held)|");
    history(k, &k->moderator, 0, got);
    assert_string_equal(got, "這是詐 騙！(held)|");

    assert_int_equal(test_say(k, &k->host, "shw_a", "no scam here", &decided), ERR_OK);
    assert_int_equal(decided.state, MESSAGE_SHOWN); /* staff are not held */
    assert_int_equal(
        chat_set_state(k->r, k->cx, &k->moderator, m.public_id, MESSAGE_SHOWN, &decided), ERR_OK);
    assert_true(decided.seq > m.seq); /* it enters the room now */
    history(k, &k->bob, 0, got);
    assert_string_equal(got, "這是詐 騙！|no scam here|");
}

static void words__a_new_list_counts_at_once(void **state)
{
    struct test_room *k = *state;
    const char *const first[] = {"foo"}, *const second[] = {"bar"};
    struct message m;
    put_words(k, first, 1);
    assert_int_equal(test_say(k, &k->ann, "shw_a", "foo", &m), ERR_OK);
    assert_int_equal(m.state, MESSAGE_HELD);
    put_words(k, second, 1);
    k->cx->now_ms += 60000;
    assert_int_equal(test_say(k, &k->ann, "shw_a", "foo", &m), ERR_OK);
    assert_int_equal(m.state, MESSAGE_SHOWN);
    assert_int_equal(test_say(k, &k->ann, "shw_a", "bar", &m), ERR_OK);
    assert_int_equal(m.state, MESSAGE_HELD);
}

static void words__are_listed_and_bounded(void **state)
{
    struct test_room *k = *state;
    const char *const words[] = {" a b ", "詐騙"};
    const char *const empty[] = {"..."}, *const blank[] = {"  "};
    const char *many[WORDS_MAX + 1], **list;
    struct db *db;
    size_t n;
    put_words(k, words, 2);
    assert_int_equal(words_put(k->r, k->cx, &k->host, "shw_a", empty, 1), ERR_INPUT);
    assert_int_equal(words_put(k->r, k->cx, &k->host, "shw_a", blank, 1), ERR_INPUT);
    assert_int_equal(words_put(k->r, k->cx, &k->ann, "shw_a", words, 2), ERR_FORBIDDEN);
    for (size_t i = 0; i <= WORDS_MAX; i++)
        many[i] = "x";
    assert_int_equal(words_put(k->r, k->cx, &k->host, "shw_a", many, WORDS_MAX + 1), ERR_INPUT);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(words_list(k->r, db, k->cx, &k->ann, "shw_a", &list, &n), ERR_FORBIDDEN);
    assert_int_equal(words_list(k->r, db, k->cx, &k->owner, "shw_a", &list, &n), ERR_OK);
    store_read_end(db);
    assert_int_equal(n, 2);
    assert_string_equal(list[0], "a b");
    assert_string_equal(list[1], "詐騙");
}

/* ---- moderating ---- */

static void hide__takes_it_from_the_room_and_back(void **state)
{
    struct test_room *k = *state;
    struct message m, after;
    char got[300];
    assert_int_equal(test_say(k, &k->ann, "shw_a", "rude", &m), ERR_OK);
    enum err e = chat_set_state(k->r, k->cx, &k->ann, m.public_id, MESSAGE_HIDDEN, &after);
    assert_int_equal(e, ERR_FORBIDDEN);
    e = chat_set_state(k->r, k->cx, &k->moderator, m.public_id, MESSAGE_HIDDEN, &after);
    assert_int_equal(e, ERR_OK);
    e = chat_set_state(k->r, k->cx, &k->moderator, m.public_id, MESSAGE_HIDDEN, &after);
    assert_int_equal(e, ERR_OK);
    assert_int_equal(events(k, "chat.removed"), 1); /* once is enough */
    history(k, &k->ann, 0, got);
    assert_string_equal(got, "");
    e = chat_set_state(k->r, k->cx, &k->moderator, m.public_id, MESSAGE_SHOWN, &after);
    assert_int_equal(e, ERR_OK);
    assert_int_equal(after.seq, m.seq); /* where it was */
    history(k, &k->ann, 0, got);
    assert_string_equal(got, "rude|");
    e = chat_set_state(k->r, k->cx, &k->moderator, m.public_id, MESSAGE_HIDDEN, &after);
    assert_int_equal(e, ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM event WHERE data LIKE '%rude%'"), 0);
    e = chat_set_state(k->r, k->cx, &k->moderator, m.public_id, MESSAGE_HELD, &after);
    assert_int_equal(e, ERR_INPUT);
    e = chat_set_state(k->r, k->cx, &k->moderator, "msg_none", MESSAGE_HIDDEN, &after);
    assert_int_equal(e, ERR_NOT_FOUND);
}

static void history__comes_in_pages(void **state)
{
    struct test_room *k = *state;
    char got[300];
    const char *const said[] = {"a", "b", "c", "d", "e"};
    for (int i = 0; i < 5; i++)
        assert_int_equal(test_say(k, &k->host, "shw_a", said[i], NULL), ERR_OK);
    history(k, &k->nobody, 2, got);
    assert_string_equal(got, "e|d|c|b|a|");
    struct chat_page page;
    struct db *db;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(chat_list(k->r, db, k->cx, &k->ann, "shw_a", "x", 0, &page), ERR_INPUT);
    assert_int_equal(chat_list(k->r, db, k->cx, &k->ann, "shw_a", NULL, 101, &page), ERR_INPUT);
    store_read_end(db);
}

static json_t *snapshot(struct test_room *k, const struct room_who *who)
{
    struct db *db;
    json_t *o;
    int64_t seq;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(room_snapshot(k->r, db, k->cx, who, "shw_a", &o, &seq), ERR_OK);
    store_read_end(db);
    return o;
}

static void pin__is_in_the_snapshot_and_not_in_the_history(void **state)
{
    struct test_room *k = *state;
    char got[300];
    assert_int_equal(chat_pin(k->r, k->cx, &k->ann, "shw_a", "me!"), ERR_FORBIDDEN);
    assert_int_equal(chat_pin(k->r, k->cx, &k->host, "shw_a", "  "), ERR_INPUT);
    assert_int_equal(chat_pin(k->r, k->cx, &k->host, "shw_a", "Free shipping today"), ERR_OK);
    history(k, &k->host, 0, got);
    assert_string_equal(got, "");
    json_t *o = snapshot(k, &k->ann);
    const json_t *pinned = json_object_get(json_object_get(o, "chat"), "pinned");
    assert_string_equal(json_string_value(json_object_get(pinned, "text")), "Free shipping today");
    assert_string_equal(json_string_value(json_object_get(pinned, "kind")), "system");
    json_decref(o);
    assert_int_equal(chat_pin(k->r, k->cx, &k->moderator, "shw_a", NULL), ERR_OK);
    o = snapshot(k, &k->ann);
    assert_true(json_is_null(json_object_get(json_object_get(o, "chat"), "pinned")));
    json_decref(o);
    assert_int_equal(events(k, "chat.pinned"), 2);
}

/* ---- sanctions ---- */

static enum err punish(struct test_room *k, const struct room_who *by, const char *message,
                       enum sanction_kind kind, int minutes, struct sanction *ret)
{
    const struct sanction_new ask = {message, kind, minutes, "why not"};
    return sanction_create(k->r, k->cx, by, "shw_a", &ask, ret);
}

static void sanction__a_mute_ends_by_itself(void **state)
{
    struct test_room *k = *state;
    struct chat_refusal why;
    struct sanction san;
    struct message m;
    (void)test_show(k, "shw_b", SHOW_LIVE);
    assert_int_equal(test_say(k, &k->ann, "shw_a", "spam", &m), ERR_OK);
    assert_int_equal(punish(k, &k->moderator, m.public_id, SANCTION_MUTE, 10, &san), ERR_OK);
    assert_int_equal(san.until_ms, k->cx->now_ms + 600000);
    assert_string_equal(san.name, "Ann");
    k->cx->now_ms += 5000;
    assert_int_equal(refused(k, &k->ann, "more", &why), ERR_MUTED);
    assert_int_equal(why.until_ms, san.until_ms);
    assert_int_equal(test_say(k, &k->bob, "shw_a", "hi", NULL), ERR_OK);
    k->cx->now_ms += 5000;
    assert_int_equal(test_say(k, &k->ann, "shw_b", "elsewhere", NULL), ERR_OK);
    json_t *o = snapshot(k, &k->ann);
    const json_t *me = json_object_get(json_object_get(o, "me"), "sanction");
    assert_string_equal(json_string_value(json_object_get(me, "kind")), "mute");
    json_decref(o);
    k->cx->now_ms = san.until_ms;
    assert_int_equal(test_say(k, &k->ann, "shw_a", "I am back", NULL), ERR_OK);
}

static void sanction__a_ban_holds_in_the_shop_and_hides(void **state)
{
    struct test_room *k = *state;
    struct chat_refusal why;
    struct sanction san;
    struct message m;
    char got[300];
    (void)test_show(k, "shw_b", SHOW_LIVE);
    struct room_who ann = k->ann, fresh = k->bob;
    ann.device = fresh.device = "dev_x";
    assert_int_equal(test_say(k, &ann, "shw_a", "bad 1", &m), ERR_OK);
    k->cx->now_ms += 2000;
    assert_int_equal(test_say(k, &ann, "shw_a", "bad 2", NULL), ERR_OK);
    assert_int_equal(test_say(k, &k->host, "shw_a", "good", NULL), ERR_OK);
    assert_int_equal(punish(k, &k->moderator, m.public_id, SANCTION_BAN, 0, &san), ERR_OK);
    history(k, &ann, 0, got);
    assert_string_equal(got, "good|");
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM event WHERE data LIKE '%bad %'"), 0);
    k->cx->now_ms += 5000;
    assert_int_equal(refused(k, &ann, "more", &why), ERR_MUTED);
    assert_int_equal(why.until_ms, 0);
    assert_int_equal(test_say(k, &ann, "shw_b", "more", NULL), ERR_MUTED);
    k->cx->now_ms += 5000;
    assert_int_equal(test_say(k, &fresh, "shw_a", "a new name", NULL), ERR_MUTED); /* the device */

    assert_int_equal(sanction_end(k->r, k->cx, &k->rival, san.public_id), ERR_NOT_FOUND);
    assert_int_equal(sanction_end(k->r, k->cx, &k->ann, san.public_id), ERR_NOT_FOUND);
    assert_int_equal(sanction_end(k->r, k->cx, &k->moderator, san.public_id), ERR_OK);
    k->cx->now_ms += 5000;
    assert_int_equal(test_say(k, &ann, "shw_a", "sorry", NULL), ERR_OK);
}

static void sanction__spares_staff_and_strangers_messages(void **state)
{
    struct test_room *k = *state;
    struct sanction san, *list;
    struct message host, ann;
    struct db *db;
    size_t n;
    assert_int_equal(test_say(k, &k->host, "shw_a", "hello", &host), ERR_OK);
    assert_int_equal(test_say(k, &k->ann, "shw_a", "hello", &ann), ERR_OK);
    enum err e = punish(k, &k->moderator, host.public_id, SANCTION_BAN, 1, &san);
    assert_int_equal(e, ERR_FORBIDDEN);
    assert_int_equal(punish(k, &k->ann, ann.public_id, SANCTION_MUTE, 1, &san), ERR_FORBIDDEN);
    assert_int_equal(punish(k, &k->host, ann.public_id, SANCTION_MUTE, 1441, &san), ERR_INPUT);
    assert_int_equal(punish(k, &k->host, "msg_x", SANCTION_MUTE, 5, &san), ERR_NOT_FOUND);
    assert_int_equal(punish(k, &k->host, ann.public_id, SANCTION_MUTE, 5, &san), ERR_OK);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(sanction_list(k->r, db, k->cx, &k->ann, "shw_a", &list, &n), ERR_FORBIDDEN);
    assert_int_equal(sanction_list(k->r, db, k->cx, &k->host, "shw_a", &list, &n), ERR_OK);
    store_read_end(db);
    assert_int_equal(n, 1);
    assert_string_equal(list[0].why, "why not");
    json_t *o = sanction_json(&list[0]);
    assert_int_equal(json_object_size(o), 6);
    json_decref(o);
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
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(post__tidies_and_tells_everybody),
        T(post__needs_a_name_and_some_text),
        T(post__is_open_from_countdown_to_the_end),
        T(pace__one_a_second_for_a_viewer),
        T(pace__the_same_words_wait),
        T(mode__slow_members_and_off),
        T(mode__is_for_moderators_and_within_bounds),
        T(words__hold_a_message_for_the_moderators),
        T(words__a_new_list_counts_at_once),
        T(words__are_listed_and_bounded),
        T(hide__takes_it_from_the_room_and_back),
        T(history__comes_in_pages),
        T(pin__is_in_the_snapshot_and_not_in_the_history),
        T(sanction__a_mute_ends_by_itself),
        T(sanction__a_ban_holds_in_the_shop_and_hides),
        T(sanction__spares_staff_and_strangers_messages),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
