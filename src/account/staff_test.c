#include "base/test.h"

#include "account/account.h"
#include "account/staff.h"
#include "store/testkit.h"

#include <stdio.h>
#include <string.h>

enum { SHOP = 1, OTHER_SHOP = 2, OWNER = 10, HOST = 11, GUEST = 12, GONE = 13 };

static int make(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    test_exec(
        t, "INSERT INTO shop (id, public_id, slug, name, created_at) VALUES"
           " (1, 'shp_one', 'one', 'One', 1), (2, 'shp_two', 'two', 'Two', 1);"
           "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at, deleted_at) "
           "VALUES"
           " (10, 'viw_owner', 'account', 'Owner', 'zh', 1, NULL),"
           " (11, 'viw_host', 'account', 'Host', 'zh', 1, NULL),"
           " (12, 'viw_guest', 'guest', 'Guest', 'zh', 1, NULL),"
           " (13, 'viw_gone', 'account', 'Gone', 'zh', 1, 2);"
           "INSERT INTO identity (provider, subject, viewer_id, created_at, public_id)"
           " VALUES ('email', 'o@example.test', 10, 1, 'idn_o');"
           "INSERT INTO staff VALUES (10, 1, 'owner', 1);");
    *state = t;
    return 0;
}

static int drop(void **state)
{
    test_store_free(*state);
    return 0;
}

struct change {
    int64_t viewer_id, shop_id;
    enum role role;
};

static enum err set_run(struct tx *tx, void *arg)
{
    const struct change *c = arg;
    return staff_set(tx, c->viewer_id, c->shop_id, c->role);
}

static enum err set(struct test_store *t, int64_t viewer_id, int64_t shop_id, enum role role)
{
    struct change c = {viewer_id, shop_id, role};
    return store_do(t->store, &t->cx, "set", set_run, &c);
}

static enum role role_of(struct test_store *t, int64_t viewer_id, int64_t shop_id)
{
    struct db *db;
    enum role r = ROLE_COUNT;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(staff_role(db, viewer_id, shop_id, &r), ERR_OK);
    store_read_end(db);
    return r;
}

static enum err start_run(struct tx *tx, void *arg)
{
    const struct session_how how = {"email", NULL, tx->cx->now_ms};
    return session_start(tx, HOST, NULL, &how, arg);
}

static int64_t sessions_of_host(struct test_store *t)
{
    return test_number(t, "SELECT COUNT(*) FROM session WHERE viewer_id = 11");
}

static void start_session(struct test_store *t)
{
    struct session_new s;
    session_make(&s);
    assert_int_equal(store_do(t->store, &t->cx, "start", start_run, &s), ERR_OK);
}

static void may__follows_the_table_for_every_pair(void **state)
{
    (void)state;
    /* By hand, row by row as the documents say it: the other way to write the same table. */
    static const char *const allowed[ACTION_COUNT] = {
        [ACTION_STUDIO_SEE] = "owner manager host moderator packer",
        [ACTION_SHOW_CREATE] = "owner manager host",
        [ACTION_SHOW_EDIT] = "owner manager host",
        [ACTION_SHOW_INGEST] = "owner manager host",
        [ACTION_SHOW_RUN] = "owner manager host",
        [ACTION_SHOW_ARCHIVE] = "owner",
        [ACTION_ROOM_MODERATE] = "owner manager host moderator",
        [ACTION_PRODUCT_SEE] = "owner manager host moderator packer",
        [ACTION_PRODUCT_EDIT] = "owner manager host",
        [ACTION_STOCK_ADJUST] = "owner manager host",
        [ACTION_LISTING_EDIT] = "owner manager host",
        [ACTION_DEAL_RUN] = "owner manager host",
        [ACTION_CLAIMS_SEE] = "owner manager host moderator packer",
        [ACTION_CLAIMS_ASSIST] = "owner manager host moderator",
        [ACTION_COUPON_EDIT] = "owner manager host",
        [ACTION_GIVEAWAY_RUN] = "owner manager host",
        [ACTION_ORDER_SEE] = "owner manager host packer",
        [ACTION_ORDER_EDIT] = "owner manager host",
        [ACTION_ORDER_CANCEL] = "owner manager",
        [ACTION_ORDER_REFUND] = "owner manager",
        [ACTION_ORDER_PACK] = "owner manager packer",
        [ACTION_BILL_SEND] = "owner manager host",
        [ACTION_REPORT_SEE] = "owner manager host",
        [ACTION_FILE_UPLOAD] = "owner manager host",
        [ACTION_RECONCILE] = "owner manager",
        [ACTION_AUDIT_SEE] = "owner manager",
        [ACTION_SHOP_EDIT] = "owner manager",
        [ACTION_LEGAL_EDIT] = "owner manager",
        [ACTION_PRIVACY_SEE] = "owner manager",
        [ACTION_STAFF_MANAGE] = "owner",
    };
    for (unsigned a = 0; a < ACTION_COUNT; a++) {
        assert_non_null(allowed[a]);
        assert_false(account_may(ROLE_NONE, (enum action)a));
        for (unsigned r = ROLE_OWNER; r < ROLE_COUNT; r++) {
            bool want = strstr(allowed[a], role_name((enum role)r)) != NULL;
            if (account_may((enum role)r, (enum action)a) != want)
                fail_msg("'%s' and '%s'", role_name((enum role)r), action_name((enum action)a));
        }
    }
}

static void role__is_read_by_its_name(void **state)
{
    (void)state;
    for (unsigned r = ROLE_OWNER; r < ROLE_COUNT; r++) {
        enum role got = ROLE_NONE;
        assert_int_equal(role_parse(role_name((enum role)r), &got), ERR_OK);
        assert_int_equal(got, r);
    }
    enum role kept = ROLE_PACKER;
    assert_int_equal(role_parse("none", &kept), ERR_INPUT);
    assert_int_equal(role_parse("Owner", &kept), ERR_INPUT);
    assert_int_equal(role_parse("", &kept), ERR_INPUT);
    assert_int_equal(kept, ROLE_PACKER);
}

static void staff__has_a_role_in_one_shop(void **state)
{
    struct test_store *t = *state;
    assert_int_equal(set(t, HOST, SHOP, ROLE_HOST), ERR_OK);
    assert_int_equal(role_of(t, HOST, SHOP), ROLE_HOST);
    assert_int_equal(role_of(t, HOST, OTHER_SHOP), ROLE_NONE);
    assert_int_equal(set(t, HOST, SHOP, ROLE_MODERATOR), ERR_OK);
    assert_int_equal(role_of(t, HOST, SHOP), ROLE_MODERATOR);
    assert_int_equal(set(t, HOST, SHOP, ROLE_NONE), ERR_OK);
    assert_int_equal(role_of(t, HOST, SHOP), ROLE_NONE);
    assert_int_equal(set(t, HOST, SHOP, ROLE_NONE), ERR_OK);
}

static void staff__are_accounts_only(void **state)
{
    struct test_store *t = *state;
    assert_int_equal(set(t, GUEST, SHOP, ROLE_HOST), ERR_NOT_FOUND);
    assert_int_equal(set(t, GONE, SHOP, ROLE_HOST), ERR_NOT_FOUND);
    assert_int_equal(set(t, HOST, 99, ROLE_HOST), ERR_NOT_FOUND);
    assert_int_equal(set(t, 99, SHOP, ROLE_HOST), ERR_NOT_FOUND);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM staff"), 1);
}

static void staff__change_of_role_ends_the_sessions(void **state)
{
    struct test_store *t = *state;
    start_session(t);
    assert_int_equal(set(t, HOST, SHOP, ROLE_HOST), ERR_OK);
    assert_int_equal(sessions_of_host(t), 1);                /* hired: nobody is signed out by it */
    assert_int_equal(set(t, HOST, SHOP, ROLE_HOST), ERR_OK); /* no change */
    assert_int_equal(sessions_of_host(t), 1);
    assert_int_equal(set(t, HOST, SHOP, ROLE_PACKER), ERR_OK);
    assert_int_equal(sessions_of_host(t), 0);
    start_session(t);
    assert_int_equal(set(t, HOST, SHOP, ROLE_NONE), ERR_OK);
    assert_int_equal(sessions_of_host(t), 0);
}

static void shop__keeps_an_owner(void **state)
{
    struct test_store *t = *state;
    assert_int_equal(set(t, OWNER, SHOP, ROLE_MANAGER), ERR_CONFLICT);
    assert_int_equal(set(t, OWNER, SHOP, ROLE_NONE), ERR_CONFLICT);
    assert_int_equal(set(t, HOST, OTHER_SHOP, ROLE_OWNER), ERR_OK); /* another shop's is no help */
    assert_int_equal(set(t, OWNER, SHOP, ROLE_NONE), ERR_CONFLICT);
    assert_int_equal(role_of(t, OWNER, SHOP), ROLE_OWNER);
    assert_int_equal(set(t, HOST, SHOP, ROLE_OWNER), ERR_OK);
    assert_int_equal(set(t, OWNER, SHOP, ROLE_MANAGER), ERR_OK);
    assert_int_equal(set(t, HOST, SHOP, ROLE_NONE), ERR_CONFLICT);
}

static void staff__are_listed_by_shop_and_by_person(void **state)
{
    struct test_store *t = *state;
    struct db *db;
    struct staff *list;
    size_t n;
    assert_int_equal(set(t, HOST, SHOP, ROLE_HOST), ERR_OK);
    assert_int_equal(set(t, HOST, OTHER_SHOP, ROLE_PACKER), ERR_OK);
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(staff_of_shop(db, t->cx.arena, SHOP, &list, &n), ERR_OK);
    assert_int_equal(n, 2);
    assert_string_equal(list[0].viewer_public_id, "viw_owner");
    assert_string_equal(list[0].email, "o@example.test");
    assert_int_equal(list[1].role, ROLE_HOST);
    assert_null(list[1].email);
    assert_int_equal(staff_of_viewer(db, t->cx.arena, HOST, &list, &n), ERR_OK);
    assert_int_equal(n, 2);
    assert_string_equal(list[0].shop_slug, "one");
    assert_int_equal(list[1].role, ROLE_PACKER);
    assert_int_equal(staff_of_viewer(db, t->cx.arena, GUEST, &list, &n), ERR_OK);
    assert_int_equal(n, 0);
    store_read_end(db);
}

static enum err shop_run(struct tx *tx, void *arg)
{
    return shop_create(tx, arg);
}

static enum err add_shop(struct test_store *t, int64_t id, const char *slug, const char *name)
{
    char public_id[ID_TEXT];
    id_make("shp", public_id);
    struct shop s = {id, public_id, slug, name};
    return store_do(t->store, &t->cx, "shop", shop_run, &s);
}

static void shop__has_a_slug_of_its_own(void **state)
{
    struct test_store *t = *state;
    assert_int_equal(add_shop(t, 5, "mei-bags", "Mei 的包"), ERR_OK);
    assert_int_equal(add_shop(t, 6, "mei-bags", "Other"), ERR_EXISTS);
    assert_int_equal(add_shop(t, 6, "Mei", "Other"), ERR_INPUT);
    assert_int_equal(add_shop(t, 6, "", "Other"), ERR_INPUT);
    assert_int_equal(add_shop(t, 6, "a/b", "Other"), ERR_INPUT);
    assert_int_equal(add_shop(t, 6, "other", ""), ERR_INPUT);
    struct db *db;
    struct shop s;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(shop_by_slug(db, t->cx.arena, "mei-bags", &s), ERR_OK);
    assert_string_equal(s.name, "Mei 的包");
    assert_int_equal(shop_by_public_id(db, t->cx.arena, s.public_id, &s), ERR_OK);
    assert_true(s.id == 5);
    assert_int_equal(shop_by_id(db, t->cx.arena, 77, &s), ERR_NOT_FOUND);
    assert_int_equal(shop_first(db, t->cx.arena, &s), ERR_OK);
    assert_true(s.id == SHOP);
    store_read_end(db);
}

static enum err audit_run(struct tx *tx, void *arg)
{
    return audit_write(tx, arg);
}

static void audit__is_read_newest_first_by_shop(void **state)
{
    struct test_store *t = *state;
    for (int i = 1; i <= 5; i++) {
        struct audit a = {.id = i,
                          .actor_id = i == 1 ? 0 : OWNER,
                          .shop_id = i == 5 ? OTHER_SHOP : SHOP,
                          .action = "staff.set",
                          .object = "viw_host",
                          .after = "{\"role\":\"host\"}",
                          .addr = "192.0.2.1"};
        t->cx.now_ms = i * 100;
        assert_int_equal(store_do(t->store, &t->cx, "audit", audit_run, &a), ERR_OK);
    }
    struct db *db;
    struct audit *list;
    size_t n;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(audit_list(db, t->cx.arena, SHOP, 0, 3, &list, &n), ERR_OK);
    assert_int_equal(n, 3);
    assert_true(list[0].id == 4 && list[2].id == 2 && list[0].at_ms == 400);
    assert_string_equal(list[0].after, "{\"role\":\"host\"}");
    assert_null(list[0].before);
    assert_int_equal(audit_list(db, t->cx.arena, SHOP, 2, 1000, &list, &n), ERR_OK);
    assert_int_equal(n, 1);
    assert_true(list[0].actor_id == 0);
    store_read_end(db);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_store *t = *state;
    /* Each header brings its own SQL_ALL, the last one counts. */
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
#include "account/staff.sql.h"
    SQL_ALL(X)
#include "account/audit.sql.h"
    SQL_ALL(X)
#undef X
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(may__follows_the_table_for_every_pair),
        cmocka_unit_test(role__is_read_by_its_name),
        T(staff__has_a_role_in_one_shop),
        T(staff__are_accounts_only),
        T(staff__change_of_role_ends_the_sessions),
        T(shop__keeps_an_owner),
        T(staff__are_listed_by_shop_and_by_person),
        T(shop__has_a_slug_of_its_own),
        T(audit__is_read_newest_first_by_shop),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
