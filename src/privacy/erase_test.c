/* A person with something everywhere is erased: their words are nowhere, the books still agree. */
#include "base/test.h"

#include "base/arena.h"
#include "privacy/privacy.h"
#include "room/pulse.h"
#include "room/sell_testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

struct world {
    struct test_room *k;
    struct privacy *p;
    struct room_who who;
    char listing[ID_TEXT];
};

enum { PERSON = 500 };

static void exec(struct world *w, const char *sql)
{
    test_exec(w->k->t, sql);
}

static int64_t number(struct world *w, const char *sql)
{
    return test_number(w->k->t, sql);
}

static void order(struct world *w, int id, const char *state)
{
    char sql[1200];
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO orders (id, public_id, no, shop_id, viewer_id, market, currency, state,"
        " subtotal, discount, shipping, tax, total, delivery, address, invoice, note, staff_note,"
        " pay_method, quote_hash, created_at) VALUES (%d, 'ord_%d', 'T%d', 1, 500, 'TW', 'TWD',"
        " '%s', 590, 0, 0, 28, 590, 'home', '{\"name\":\"MARKER\",\"phone\":\"0912 MARKER\"}',"
        " '{\"carrier\":\"FORTAXES\"}', 'MARKER please', 'MARKER rang', 'cod', 'q', %" PRId64 ")",
        id, id, id, state, w->k->cx->now_ms);
    exec(w, sql);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO payment (id, public_id, order_id, provider, method, amount,"
                   " currency, state, our_ref, details, created_at, changed_at) VALUES (%d,"
                   " 'pay_%d', %d, 'cod', 'cod', 590, 'TWD', 'settled', 'N%d',"
                   " '{\"payer\":\"FORTAXES\"}', 1, 1)",
                   id, id, id, id);
    exec(w, sql);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO return_case (id, public_id, order_id, lines, reason, state,"
                   " withdrawal, note, asked_at, changed_at) VALUES (%d, 'ret_%d', %d, '[]',"
                   " 'MARKER does not fit', 'refunded', 1, 'MARKER', 1, 1)",
                   id, id, id);
    exec(w, sql);
}

/* BYTES in the text is some bytes, as this engine writes them. */
static void exec_bytes(struct world *w, const char *sql)
{
    char text[1200];
    const char *at = strstr(sql, "BYTES");
    const char *type = test_on_postgres() ? "BYTEA" : "BLOB";
    if (!at) {
        exec(w, sql);
        return;
    }
    (void)snprintf(text, sizeof text, "%.*sCAST('0123456789abcdef0123456789abcdef' AS %s)%s",
                   (int)(at - sql), sql, type, at + strlen("BYTES"));
    exec_bytes(w, text);
}

static void own_rows(struct world *w)
{
    static const char *const rows[] = {
        "INSERT INTO identity (provider, subject, viewer_id, created_at, public_id, email, name, "
        "token_sealed)"
        " VALUES ('line', 'U-MARKER', 500, 1, 'idn_m', 'marker@MARKER.tw', 'MARKER', BYTES)",
        "INSERT INTO password (viewer_id, hash, changed_at) VALUES (500, 'MARKER', 1)",
        "INSERT INTO session (token_hash, viewer_id, created_at, seen_at, expires_at, public_id,"
        " device) VALUES (BYTES, 500, 1, 1, 9000000000, 'ses_m',"
        " 'Chrome MARKER')",
        "INSERT INTO mail_code (purpose, key, viewer_id, email, code_hash, tries, sent_n, sent_at,"
        " window_at, expires_at) VALUES ('email', '500', 500, 'x@MARKER.tw', BYTES, 0, 1, 1, 1, 2)",
        "INSERT INTO handover (token_hash, owner, viewer_id, path, draft, created_at, expires_at)"
        " VALUES (BYTES, 'viw_500', NULL, '/', 'MARKER', 1, 9000000000)",
        "INSERT INTO address (id, viewer_id, market, kind, data, used_at)"
        " VALUES (1, 500, 'TW', 'home', '{\"name\":\"MARKER\"}', 1)",
        "INSERT INTO consent (id, viewer_id, kind, version, at) VALUES (1, 500, 'terms', '1', 1)",
        "INSERT INTO buyer_stat (viewer_id, shop_id, claims) VALUES (500, 1, 3)",
        "INSERT INTO cvs_pick (key, shop_id, viewer_id, chain, store_address, expires_at)"
        " VALUES ('k', 1, 500, '711', 'MARKER', 1)",
        "INSERT INTO push_subscription (id, viewer_id, endpoint, p256dh, auth, created_at, seen_at)"
        " VALUES (1, 500, 'https://push/MARKER', BYTES, BYTES, 1, 1)",
        "INSERT INTO outbox (id, kind, channel, viewer_id, email, lang, args, state, next_at,"
        " until_at, created_at, changed_at) VALUES (1, 'show_soon', 'email', 500, 'x@MARKER.tw',"
        " 'en', '{\"t\":\"MARKER\"}', 'queued', 1, 2, 1, 1)",
        "INSERT INTO sanction (id, public_id, shop_id, viewer_id, device, kind, name, by_id, why,"
        " at) VALUES (1, 'san_m', 1, 500, 77, 'ban', 'MARKER', 100, 'MARKER shouted', 1)",
        "INSERT INTO audit (id, actor_id, shop_id, action, object, addr, at)"
        " VALUES (1, 500, 1, 'show.edit', 'shw_a', 'MARKER 192.0.2.9', 1)",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        exec_bytes(w, rows[i]);
}

static void say(struct world *w, const char *text)
{
    struct message m;
    w->k->cx->now_ms += 2000;
    assert_int_equal(test_say(w->k, &w->who, "shw_a", text, &m), ERR_OK);
}

/* What a moderator is asked about, as review_add() writes it. */
static void ask_moderator(struct world *w)
{
    exec(w, "UPDATE show_log SET head = head + 1");
    exec(w,
         "INSERT INTO event (show_id, seq, type, audience, at, media_at, data)"
         " SELECT g.show_id, g.head, 'staff.review', 'staff', 1, 1,"
         " REPLACE('{\"review\":{\"id\":\"rev_1\",\"message\":{\"id\":\"MSG\",\"name\":\"MARKER\","
         "\"text\":\"MARKER\",\"at\":1},\"items\":[],\"at\":1}}', 'MSG',"
         " (SELECT min(m.public_id) FROM message m WHERE m.viewer_id = 500)) FROM show_log g");
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct test_claim c;
    assert_non_null(w);
    w->k = test_room_make();
    exec(w, "INSERT INTO viewer (id, public_id, kind, display_name, lang, market, created_at)"
            " VALUES (500, 'viw_500', 'account', 'MARKER Lin', 'en', 'TW', 1), (1000, 'viw_1000', "
            "'guest',"
            " 'Ann', 'en', 'TW', 1)");
    exec(w, "INSERT INTO blocked_word (shop_id, position, word) VALUES (1, 1, 'fake')");
    w->who = (struct room_who){
        .viewer_id = PERSON, .name = "MARKER Lin", .lang = "en", .market = "TW", .account = true};
    (void)test_show(w->k, "shw_a", SHOW_LIVE);
    test_pin(w->k, "shw_a", test_list_goods(w->k, "shw_a", 1, 2, 1, "A1", w->listing));
    say(w, "hello MARKER");
    say(w, "fake MARKER"); /* held */
    for (int i = 0; i < 3; i++)
        say(w, i == 0 ? "MARKER one" : i == 1 ? "MARKER two" : "MARKER three");
    ask_moderator(w);
    const struct room_who ann = {.viewer_id = 1000, .name = "Ann", .lang = "en", .market = "TW"};
    assert_int_equal(test_tap(w->k, &w->who, w->listing, "var_10", 2, "i1", &c), ERR_OK);
    assert_int_equal(c.given, 2);
    assert_int_equal(test_tap(w->k, &ann, w->listing, "var_10", 1, "i2", &c), ERR_OK);
    assert_string_equal(c.state, "waitlisted");
    own_rows(w);
    const struct privacy_setup p = {
        .store = w->k->t->store, .room = w->k->r, .watch = room_watch(w->k->r)};
    assert_int_equal(privacy_make(&p, &w->p), ERR_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    test_sums(w->k);
    privacy_free(w->p);
    test_room_free(w->k);
    free(w);
    return 0;
}

struct erase_job {
    struct privacy *p;
    int64_t viewer_id;
    struct erasure x;
};

static enum err erase_run(struct tx *tx, void *arg)
{
    struct erase_job *j = arg;
    return privacy_erase(tx, j->p, j->viewer_id, "self", &j->x);
}

static enum err erase(struct world *w, int64_t viewer_id, struct erasure *ret)
{
    struct erase_job j = {.p = w->p, .viewer_id = viewer_id};
    erasure_make(&j.x);
    enum err e = store_do(w->k->t->store, w->k->cx, "test.erase", erase_run, &j);
    *ret = j.x;
    return e;
}

static void tick(struct world *w)
{
    w->k->cx->now_ms += 1000;
    privacy_tick(w->p, w->k->cx->now_ms);
}

/* ---- looking everywhere ---- */

static const struct sql of_sqlite = {
    "columns", "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
               " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid"};
static const struct sql of_postgres = {
    "columns", "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT)"
               " FROM information_schema.columns WHERE table_schema = 'public'"
               " ORDER BY table_name, ordinal_position"};

/* In how many columns of the whole database this word stands. */
static int where_is(struct world *w, const char *word)
{
    enum { COLUMNS_MAX = 900 };
    static const char *names[COLUMNS_MAX][2];
    struct arena *arena = arena_make(1 << 20);
    struct db *db;
    int n = 0, found = 0;
    assert_int_equal(store_read(w->k->t->store, &db), ERR_OK);
    struct rows r = db_rows(db, test_on_postgres() ? &of_postgres : &of_sqlite, ARGS());
    while (n < COLUMNS_MAX && rows_next(&r, arena, COLS(C(&names[n][0]), C(&names[n][1]))))
        n++;
    assert_int_equal(rows_end(&r), ERR_OK);
    store_read_end(db);
    assert_in_range(n, 300, COLUMNS_MAX - 1);
    for (int i = 0; i < n; i++) {
        char sql[300];
        (void)snprintf(sql, sizeof sql,
                       "SELECT count(*) FROM %s WHERE CAST(\"%s\" AS TEXT) LIKE '%%%s%%'",
                       names[i][0], names[i][1], word);
        int64_t rows = number(w, sql);
        if (rows)
            print_message("%s is in %s.%s\n", word, names[i][0], names[i][1]);
        found += rows > 0;
    }
    arena_free(arena);
    return found;
}

/* ---- tests ---- */

static void erase__leaves_no_word_of_theirs_and_the_books_agree(void **state)
{
    struct world *w = *state;
    struct erasure x;
    order(w, 901, "completed");
    order(w, 902, "confirmed");
    assert_int_equal(erase(w, PERSON, &x), ERR_OK);
    assert_int_equal(x.session_count, 1);
    /* at once: nobody can come in, nobody sees the name */
    assert_int_equal(number(w, "SELECT count(*) FROM session WHERE viewer_id = 500"), 0);
    assert_int_equal(number(w, "SELECT count(*) FROM identity WHERE viewer_id = 500"), 0);
    assert_int_equal(number(w, "SELECT count(*) FROM login_revoke WHERE subject = 'U-MARKER'"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM viewer WHERE id = 500 AND"
                               " display_name LIKE '#____' AND public_id <> 'viw_500'"),
                     1);
    exec(w, "DELETE FROM login_revoke"); /* told */
    tick(w);
    assert_int_equal(number(w, "SELECT count(*) FROM privacy_request WHERE state = 'done'"), 1);
    /* the open order keeps whom to send it to; nothing else is left */
    assert_int_equal(number(w, "SELECT count(*) FROM orders WHERE id = 902 AND address LIKE"
                               " '%MARKER%'"),
                     1);
    exec(w, "UPDATE orders SET state = 'completed'");
    w->k->cx->now_ms += DAY_MS;
    tick(w);
    assert_int_equal(where_is(w, "MARKER"), 0);
    assert_int_equal(where_is(w, "FORTAXES"), 2); /* invoice and payment, for their years */
    w->k->cx->now_ms += 6 * 366 * DAY_MS;
    tick(w);
    assert_int_equal(where_is(w, "FORTAXES"), 0);
}

static void erase__gives_the_units_to_who_waits(void **state)
{
    struct world *w = *state;
    struct erasure x;
    assert_int_equal(erase(w, PERSON, &x), ERR_OK);
    tick(w);
    assert_int_equal(number(w, "SELECT count(*) FROM cart_line l JOIN cart c ON c.id = l.cart_id"
                               " WHERE c.viewer_id = 500 AND l.state = 'held'"),
                     0);
    assert_int_equal(number(w, "SELECT count(*) FROM waiting WHERE viewer_id = 1000 AND"
                               " state = 'offered'"),
                     1);
    /* and the ledger says what it said: place and masked name */
    assert_int_equal(number(w, "SELECT count(*) FROM claim WHERE viewer_id = 500 AND"
                               " name_masked LIKE 'MA%*%'"),
                     1);
}

static void erase__empties_messages_in_the_log_and_tells_the_room(void **state)
{
    struct world *w = *state;
    struct erasure x;
    json_t *last = NULL;
    int64_t events = number(w, "SELECT count(*) FROM event");
    assert_int_equal(erase(w, PERSON, &x), ERR_OK);
    tick(w);
    assert_true(number(w, "SELECT count(*) FROM event") > events); /* none is missing */
    assert_int_equal(number(w, "SELECT count(*) FROM event WHERE data LIKE '%MARKER%'"), 0);
    assert_int_equal(number(w, "SELECT count(*) FROM message WHERE viewer_id = 500 AND"
                               " (text <> '' OR name <> '' OR state <> 'hidden')"),
                     0);
    assert_int_equal(test_events(w->k, "shw_a", "chat.removed", 0, &last), 1);
    assert_int_equal(json_array_size(json_object_get(last, "ids")),
                     4); /* the held one was unseen */
    json_decref(last);
}

static void erase__asked_twice_is_one_request(void **state)
{
    struct world *w = *state;
    struct erasure x, y;
    assert_int_equal(erase(w, PERSON, &x), ERR_OK);
    assert_int_equal(erase(w, PERSON, &y), ERR_OK);
    assert_string_equal(x.code, y.code);
    assert_int_equal(number(w, "SELECT count(*) FROM privacy_request"), 1);
    assert_int_equal(erase(w, 12345, &y), ERR_NOT_FOUND);
}

static void erase__refuses_the_only_owner_of_a_shop(void **state)
{
    struct world *w = *state;
    struct erasure x;
    assert_int_equal(erase(w, w->k->owner.viewer_id, &x), ERR_CONFLICT);
    assert_non_null(strstr(w->k->cx->problem, "without an owner"));
    exec(w, "INSERT INTO staff (viewer_id, shop_id, role, created_at) VALUES (500, 1, 'owner', 1)");
    assert_int_equal(erase(w, w->k->owner.viewer_id, &x), ERR_OK);
    assert_int_equal(erase(w, PERSON, &x), ERR_CONFLICT); /* the only one by now */
}

static void erase__goes_on_after_a_runner_that_died(void **state)
{
    struct world *w = *state;
    struct erasure x;
    assert_int_equal(erase(w, PERSON, &x), ERR_OK);
    exec(w, "UPDATE privacy_request SET step = 3, lease_until = 2000000000000");
    tick(w);
    assert_int_equal(number(w, "SELECT count(*) FROM privacy_request WHERE state = 'running'"), 1);
    exec(w, "UPDATE privacy_request SET lease_until = 1, step = 0");
    tick(w);
    assert_int_equal(number(w, "SELECT count(*) FROM privacy_request WHERE state = 'done'"), 1);
}

static void erase__looks_again_for_what_was_under_way(void **state)
{
    struct world *w = *state;
    struct erasure x;
    assert_int_equal(erase(w, PERSON, &x), ERR_OK);
    tick(w);
    exec(w, "DELETE FROM sanction"); /* else the ban would hold, as it should */
    say(w, "MARKER comes late");     /* a request that had begun before */
    exec(w, "INSERT INTO address (id, viewer_id, market, kind, data, used_at)"
            " VALUES (9, 500, 'TW', 'home', '{\"name\":\"MARKER\"}', 1)");
    w->k->cx->now_ms += 120000;
    tick(w);
    exec(w, "DELETE FROM login_revoke");
    assert_int_equal(where_is(w, "MARKER"), 0);
    assert_int_equal(number(w, "SELECT count(*) FROM privacy_request WHERE again = 0"), 1);
}

static void erase__of_very_many_messages_goes_in_slices(void **state)
{
    struct world *w = *state;
    struct erasure x;
    exec(w, "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 250)"
            " INSERT INTO message (id, public_id, show_id, viewer_id, name, text, lang, kind,"
            " state, at, seq) SELECT c.n, 'msx_' || CAST(c.n AS TEXT), s.id, 500, 'MARKER',"
            " 'MARKER', 'en', 'chat', 'shown', c.n, 0 FROM c, show s");
    assert_int_equal(erase(w, PERSON, &x), ERR_OK);
    tick(w);
    assert_int_equal(number(w, "SELECT count(*) FROM message WHERE text LIKE '%MARKER%'"), 0);
    exec(w, "DELETE FROM message WHERE public_id LIKE 'msx%'");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    static const struct CMUnitTest tests[] = {
        T(erase__leaves_no_word_of_theirs_and_the_books_agree),
        T(erase__gives_the_units_to_who_waits),
        T(erase__empties_messages_in_the_log_and_tells_the_room),
        T(erase__asked_twice_is_one_request),
        T(erase__refuses_the_only_owner_of_a_shop),
        T(erase__goes_on_after_a_runner_that_died),
        T(erase__looks_again_for_what_was_under_way),
        T(erase__of_very_many_messages_goes_in_slices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
