#include "base/test.h"

#include "base/crypto.h"
#include "pay/ledger.h"
#include "pay/ledger.sql.h"
#include "pay/pay.h"
#include "store/testkit.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct test_store *shop_make(void)
{
    struct test_store *t = test_store_make(&shop_schema);
    assert_int_equal(crypto_init(), ERR_OK);
    test_exec(t, "INSERT INTO shop (id, public_id, name, slug, created_at)"
                 " VALUES (1, 'shp_1', 'One', 'one', 1)");
    test_exec(t, "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at)"
                 " VALUES (1, 'viw_1', 'guest', 'A', 'en', 1)");
    test_exec(t, "INSERT INTO orders (id, public_id, no, shop_id, viewer_id, market, currency,"
                 " state, subtotal, discount, shipping, tax, total, delivery, address, pay_method,"
                 " quote_hash, created_at) VALUES (7, 'ord_7', 'T1-1', 1, 1, 'TW', 'TWD',"
                 " 'confirmed', 100, 0, 0, 5, 100, 'home', '{}', 'card', 'q', 1)");
    test_exec(t, "INSERT INTO payment (id, public_id, order_id, provider, method, amount, currency,"
                 " state, our_ref, created_at, changed_at)"
                 " VALUES (5, 'pay_5', 7, 'ecpay', 'card', 100, 'TWD', 'paid', 'r5', 1, 1)");
    return t;
}

static enum err post_job(struct tx *tx, void *arg)
{
    return ledger_post(tx, arg);
}

static void post(struct test_store *t, enum ledger_kind kind, int64_t amount)
{
    struct movement m = {.kind = kind, .payment_id = 5, .amount = amount};
    assert_int_equal(store_do(t->store, &t->cx, "test.post", post_job, &m), ERR_OK);
}

static int64_t first_bad(struct test_store *t)
{
    struct db *db;
    int64_t bad = -1;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(ledger_verify(db, 1, &bad), ERR_OK);
    store_read_end(db);
    return bad;
}

static void ledger__a_movement_is_two_lines_that_sum_to_nothing(void **state)
{
    struct test_store *t = shop_make();
    struct ledger_row rows[LEDGER_PAGE];
    struct ledger_balance list[LEDGER_BALANCES_MAX];
    struct db *db;
    size_t n = 0;
    (void)state;
    post(t, LEDGER_PAID, 100);
    assert_int_equal(test_number(t, "SELECT count(*) FROM money_entry"), 2);
    assert_int_equal(test_number(t, "SELECT sum(amount) FROM money_entry"), 0);
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    const struct ledger_filter f = {.shop_id = 1};
    assert_int_equal(ledger_read(db, t->cx.arena, &f, rows, &n), ERR_OK);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].into, "gateway:ecpay");
    assert_string_equal(rows[0].out_of, "orders");
    assert_string_equal(rows[0].order_no, "T1-1");
    assert_null(rows[0].refund);
    assert_int_equal(rows[0].amount, 100);
    const struct ledger_filter later = {.shop_id = 1, .from_ms = t->cx.now_ms + 1};
    assert_int_equal(ledger_read(db, t->cx.arena, &later, rows, &n), ERR_OK);
    assert_int_equal(n, 0);
    assert_int_equal(ledger_balances(db, t->cx.arena, 1, list, &n), ERR_OK);
    assert_int_equal(n, 2);
    assert_string_equal(list[0].account, "gateway:ecpay");
    assert_int_equal(list[0].amount, 100);
    assert_int_equal(list[1].amount, -100);
    store_read_end(db);
    test_store_free(t);
}

/* The text that is hashed is spelled out here once more: nobody changes it unseen. */
static void ledger__its_first_link_is_the_hash_that_its_text_has(void **state)
{
    struct test_store *t = shop_make();
    unsigned char text[256] = {0}, want[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1], ask[160];
    (void)state;
    post(t, LEDGER_PAID, 100);
    int n = snprintf((char *)text + 32, sizeof text - 32,
                     "[1,1,%lld,\"paid\",7,5,0,\"TWD\",\"gateway:ecpay\",\"orders\",100]",
                     (long long)t->cx.now_ms);
    crypto_sha256(text, 32 + (size_t)n, want);
    crypto_hex(want, sizeof want, hex);
    (void)snprintf(ask, sizeof ask,
                   test_on_postgres() ? "SELECT count(*) FROM money_entry WHERE chain = '\\x%s'"
                                      : "SELECT count(*) FROM money_entry WHERE chain = x'%s'",
                   hex);
    assert_int_equal(test_number(t, ask), 2);
    test_store_free(t);
}

static void ledger__what_was_changed_or_taken_out_shows(void **state)
{
    struct test_store *t = shop_make();
    (void)state;
    assert_int_equal(first_bad(t), 0); /* nothing was written yet */
    post(t, LEDGER_PAID, 100);
    for (int i = 0; i < 300; i++) /* more than one slice */
        post(t, LEDGER_COD_SETTLED, 1 + i);
    assert_int_equal(first_bad(t), 0);
    test_exec(t, "UPDATE money_entry SET amount = amount * 2 WHERE no = 250");
    assert_int_equal(first_bad(t), 250);
    test_exec(t, "UPDATE money_entry SET amount = amount / 2 WHERE no = 250");
    assert_int_equal(first_bad(t), 0);
    test_exec(t, "UPDATE money_entry SET at = at + 1 WHERE no = 3 AND line = 2");
    assert_int_equal(first_bad(t), 3);
    test_exec(t, "DELETE FROM money_entry WHERE no = 3");
    assert_int_equal(first_bad(t), 3);
    test_store_free(t);
}

static void ledger__the_last_movement_taken_out_shows(void **state)
{
    struct test_store *t = shop_make();
    (void)state;
    post(t, LEDGER_PAID, 100);
    post(t, LEDGER_COD_SETTLED, 1);
    test_exec(t, "DELETE FROM money_entry WHERE no = 2");
    assert_int_equal(first_bad(t), 2);
    test_exec(t, "DELETE FROM money_head");
    assert_int_equal(first_bad(t), 1);
    test_store_free(t);
}

/* A payment's money comes in once: the database itself refuses a second movement. */
static void ledger__money_of_a_payment_comes_in_once(void **state)
{
    struct test_store *t = shop_make();
    struct movement m = {.kind = LEDGER_ORPHAN_DOUBLE, .payment_id = 5, .amount = 100};
    (void)state;
    post(t, LEDGER_PAID, 100);
    assert_int_equal(store_do(t->store, &t->cx, "test.post", post_job, &m), ERR_STORE);
    assert_int_equal(test_number(t, "SELECT count(*) FROM money_entry"), 2);
    assert_int_equal(first_bad(t), 0);
    test_store_free(t);
}

/* ---- nothing in the program changes a row ---- */

static bool is_sql(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".sql") == 0;
}

/* As one line in upper case, with one space where any were. */
static void squeeze(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (!isspace((unsigned char)*from))
            *to++ = (char)toupper((unsigned char)*from);
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    }
    *to = '\0';
}

static bool changes_ledger(const char *path)
{
    char text[64 * 1024];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    (void)fclose(f);
    assert_true(n < sizeof text - 1);
    text[n] = '\0';
    squeeze(text);
    return strstr(text, "UPDATE MONEY_ENTRY") || strstr(text, "DELETE FROM MONEY_ENTRY") ||
           strstr(text, "DROP TABLE MONEY_ENTRY");
}

static int walk(const char *dir, int depth)
{
    int seen = 0;
    char path[512];
    DIR *d = opendir(dir);
    assert_non_null(d);
    const struct dirent *i;
    while ((i = readdir(d))) { /* NOLINT(concurrency-mt-unsafe): a DIR of our own */
        if (i->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, i->d_name);
        if (i->d_type == DT_DIR && depth < 4)
            seen += walk(path, depth + 1);
        if (!is_sql(i->d_name))
            continue;
        seen++;
        if (changes_ledger(path))
            fail_msg("%s changes the ledger", path);
    }
    (void)closedir(d);
    return seen;
}

static void ledger__no_statement_changes_or_deletes_a_row(void **state)
{
    (void)state;
    assert_true(walk("src", 0) > 30);
}

static void sql__every_statement_prepares_in_order(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    (void)state;
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
    test_store_free(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ledger__a_movement_is_two_lines_that_sum_to_nothing),
        cmocka_unit_test(ledger__its_first_link_is_the_hash_that_its_text_has),
        cmocka_unit_test(ledger__what_was_changed_or_taken_out_shows),
        cmocka_unit_test(ledger__the_last_movement_taken_out_shows),
        cmocka_unit_test(ledger__money_of_a_payment_comes_in_once),
        cmocka_unit_test(ledger__no_statement_changes_or_deletes_a_row),
        cmocka_unit_test(sql__every_statement_prepares_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
