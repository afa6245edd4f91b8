#include "base/test.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "store/engine_in.h"
#include "store/testkit_in.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void open_it(struct test_store *t, const struct schema *schema)
{
    struct store_setup setup = {.url = t->url, .schema = schema};
    assert_int_equal(store_open(&t->cx, &setup, &t->store), ERR_OK);
}

struct test_store *test_store_make(const struct schema *schema)
{
    assert_int_equal(crypto_init(), ERR_OK);
    struct test_store *t = calloc(1, sizeof *t);
    assert_non_null(t);
    const char *where =
        getenv("NM_TEST_DIR"); // NOLINT(concurrency-mt-unsafe): nobody sets variables
    (void)snprintf(t->dir, sizeof t->dir, "%s/store-test-XXXXXX", where ? where : "/tmp");
    assert_non_null(mkdtemp(t->dir));
    (void)snprintf(t->url, sizeof t->url, "sqlite:%s/test.db", t->dir);
    if (test_on_postgres())
        test_postgres_make(t, schema);
    t->cx.arena = arena_make(2 << 20);
    t->cx.now_ms = 1000000;
    assert_non_null(t->cx.arena);
    if (schema)
        open_it(t, schema);
    return t;
}

void test_store_free(struct test_store *t)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".copy"};
    store_close(t->store);
    if (test_on_postgres())
        test_postgres_drop(t);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/test.db%s", t->dir, ends[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(t->dir), 0);
    arena_free(t->cx.arena);
    free(t);
}

void test_store_reopen(struct test_store *t, const struct schema *schema)
{
    store_close(t->store);
    t->store = NULL;
    open_it(t, schema);
}

static enum err exec_run(struct tx *tx, void *arg)
{
    return tx->db->engine->script(tx->db, "test", arg);
}

void test_exec(struct test_store *t, const char *text)
{
    char *copy = test_on_postgres() ? test_postgres_text(t->cx.arena, text)
                                    : arena_dup(t->cx.arena, text, strlen(text));
    assert_int_equal(store_do(t->store, &t->cx, "test.exec", exec_run, copy), ERR_OK);
}

int64_t test_number(struct test_store *t, const char *text)
{
    if (test_on_postgres())
        return test_postgres_number(t, text);
    sqlite3 *h;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open(t->url + strlen("sqlite:"), &h), SQLITE_OK);
    (void)sqlite3_busy_timeout(h, 5000);
    assert_int_equal(sqlite3_prepare_v2(h, text, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
    assert_int_equal(sqlite3_close(h), SQLITE_OK);
    return n;
}

enum err test_check_sql(struct test_store *t, const struct sql *q)
{
    struct db *db;
    enum err e = store_read(t->store, &db);
    if (e)
        return e;
    e = db_check(db, q);
    store_read_end(db);
    return e;
}
