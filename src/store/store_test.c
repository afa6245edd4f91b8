#include "base/test.h"

#include "base/arena.h"
#include "store/engine_in.h"
#include "store/testkit.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct migration steps[] = {
    {1, "things", "CREATE TABLE thing (id INTEGER PRIMARY KEY, n INTEGER, t TEXT, b BLOB) STRICT;"},
};
static const struct schema schema = {steps, 1};

static const struct sql put = {"put", "INSERT INTO thing (id, n, t, b) VALUES ($1, $2, $3, $4)"};
static const struct sql get = {"get", "SELECT n, t, b FROM thing WHERE id = $1"};
static const struct sql ids = {"ids", "SELECT id FROM thing ORDER BY id LIMIT $1"};
static const struct sql count = {"count", "SELECT COUNT(*) FROM thing"};
static const struct sql grow = {"grow", "UPDATE thing SET n = n + 1 WHERE id <= $1 RETURNING id"};

static int make(void **state)
{
    *state = test_store_make(&schema);
    return 0;
}

static int drop(void **state)
{
    test_store_free(*state);
    return 0;
}

struct thing {
    int64_t id, n;
    const char *t;
    struct blob b;
};

static enum err put_run(struct tx *tx, void *arg)
{
    const struct thing *x = arg;
    return db_do(tx->db, &put, ARGS(V(x->id), V(x->n), V(x->t), VBLOB(x->b.p, x->b.len)), NULL);
}

static void add(struct test_store *t, struct thing x)
{
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &x), ERR_OK);
}

static enum err get_thing(struct test_store *t, struct arena *arena, int64_t id, struct thing *x)
{
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    enum err e = db_row(db, arena, &get, ARGS(V(id)), COLS(C(&x->n), C(&x->t), C(&x->b)));
    store_read_end(db);
    return e;
}

static void values__come_back_as_they_went(void **state)
{
    struct test_store *t = *state;
    const unsigned char bytes[] = {0, 1, 0, 255};
    add(t, (struct thing){1, INT64_MAX, "帆布包 กี้", {bytes, sizeof bytes}});
    add(t, (struct thing){2, INT64_MIN, "", {bytes, 0}});
    add(t, (struct thing){3, 0, NULL, {NULL, 0}});

    struct thing x;
    assert_int_equal(get_thing(t, t->cx.arena, 1, &x), ERR_OK);
    assert_true(x.n == INT64_MAX);
    assert_string_equal(x.t, "帆布包 กี้");
    assert_int_equal(x.b.len, 4);
    assert_memory_equal(x.b.p, bytes, 4);
    assert_int_equal(get_thing(t, t->cx.arena, 2, &x), ERR_OK);
    assert_true(x.n == INT64_MIN);
    assert_string_equal(x.t, "");
    assert_non_null(x.b.p);
    assert_int_equal(x.b.len, 0);
    assert_int_equal(get_thing(t, t->cx.arena, 3, &x), ERR_OK);
    assert_null(x.t);
    assert_null(x.b.p);
}

static void row__says_what_is_missing(void **state)
{
    struct test_store *t = *state;
    struct thing x = {0};
    assert_int_equal(get_thing(t, t->cx.arena, 1, &x), ERR_NOT_FOUND);
    add(t, (struct thing){1, 7, "a text that does not fit", {0}});
    struct arena *small = arena_make(16);
    assert_int_equal(get_thing(t, small, 1, &x), ERR_NO_MEMORY);
    arena_free(small);
}

static void row__refuses_a_column_of_another_kind(void **state)
{
    struct test_store *t = *state;
    static const struct sql mixed = {"mixed", "SELECT 'x'"};
    static const struct sql wide = {"wide", "SELECT 4294967296"};
    static const struct sql two = {"two", "SELECT 2"};
    struct db *db;
    int64_t n = 5;
    int small = 5;
    bool yes = true;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(db_i64(db, &mixed, ARGS(), &n), ERR_STORE);
    assert_int_equal(db_row(db, NULL, &wide, ARGS(), COLS(C(&small))), ERR_STORE);
    assert_int_equal(db_row(db, NULL, &two, ARGS(), COLS(C(&yes))), ERR_STORE);
    assert_int_equal(db_row(db, NULL, &two, ARGS(), COLS(C(&small))), ERR_OK);
    store_read_end(db);
    assert_int_equal(n, 5);
    assert_int_equal(small, 2);
}

/* Literals and comparisons are of several types in PostgreSQL, sums are numeric. */
static void row__reads_the_integers_of_both_engines(void **state)
{
    struct test_store *t = *state;
    static const struct {
        struct sql q;
        int64_t want;
    } cases[] = {
        {{"yes", "SELECT 1 = 1"}, 1},
        {{"no", "SELECT 1 = 2"}, 0},
        {{"case", "SELECT CASE WHEN n > 3 THEN -1 ELSE 7 END FROM thing WHERE id = 1"}, -1},
        {{"count", "SELECT COUNT(*) FROM thing"}, 3},
        {{"sum", "SELECT SUM(n) FROM thing"}, -120034},
        {{"sum of some", "SELECT SUM(n) FROM thing WHERE id = 2"}, 9960},
        {{"sum of nothing", "SELECT COALESCE(SUM(n), 0) FROM thing WHERE id > 9"}, 0},
        {{"product", "SELECT SUM(n * 1000000000000) FROM thing WHERE id = 1"}, 6000000000000},
    };
    add(t, (struct thing){.id = 1, .n = 6});
    add(t, (struct thing){.id = 2, .n = 9960});
    add(t, (struct thing){.id = 3, .n = -130000});
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t n = 99;
        assert_int_equal(db_i64(db, &cases[i].q, ARGS(), &n), ERR_OK);
        assert_true(n == cases[i].want);
    }
    store_read_end(db);
}

static void arguments__may_be_null_in_one_use_and_not_in_the_next(void **state)
{
    struct test_store *t = *state;
    static const struct sql find = {"find", "SELECT COUNT(*) FROM thing WHERE t IS NULL AND $1 = 1"
                                            " OR t = $2 OR n = COALESCE($3, -7)"};
    add(t, (struct thing){.id = 1, .n = -7, .t = "one"});
    add(t, (struct thing){.id = 2, .n = 2});
    struct db *db;
    int64_t n = 0;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(db_i64(db, &find, ARGS(VNULL, VNULL, VNULL), &n), ERR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(db_i64(db, &find, ARGS(V(1), V("one"), V(2)), &n), ERR_OK);
    assert_int_equal(n, 2);
    assert_int_equal(db_i64(db, &find, ARGS(VNULL, V("two"), VNULL), &n), ERR_OK);
    assert_int_equal(n, 1);
    store_read_end(db);
}

static void rows__may_end_early_and_be_nested(void **state)
{
    struct test_store *t = *state;
    for (int i = 1; i <= 5; i++)
        add(t, (struct thing){.id = i, .n = i});
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    int64_t outer;
    int64_t inner;
    int pairs = 0;
    struct rows r = db_rows(db, &ids, ARGS(V(3)));
    while (rows_next(&r, NULL, COLS(C(&outer)))) {
        struct rows again = db_rows(db, &ids, ARGS(V(100)));
        while (rows_next(&again, NULL, COLS(C(&inner))) && inner < outer)
            pairs++;
        assert_int_equal(rows_end(&again), ERR_OK);
    }
    assert_int_equal(rows_end(&r), ERR_OK);
    assert_int_equal(pairs, 0 + 1 + 2);
    store_read_end(db);
}

static enum err grow_run(struct tx *tx, void *arg)
{
    return db_do(tx->db, &grow, ARGS(V(3)), arg);
}

static void do__counts_the_rows_it_changed(void **state)
{
    struct test_store *t = *state;
    for (int i = 1; i <= 5; i++)
        add(t, (struct thing){.id = i, .n = i});
    int64_t changed = 0;
    assert_int_equal(store_do(t->store, &t->cx, "grow", grow_run, &changed), ERR_OK);
    assert_int_equal(changed, 3);
    assert_int_equal(test_number(t, "SELECT SUM(n) FROM thing"), 15 + 3);
}

static int64_t things(struct db *db)
{
    int64_t n = -1;
    assert_int_equal(db_i64(db, &count, ARGS(), &n), ERR_OK);
    return n;
}

static void reader__keeps_its_snapshot(void **state)
{
    struct test_store *t = *state;
    struct db *early;
    struct db *late;
    assert_int_equal(store_read(t->store, &early), ERR_OK);
    assert_int_equal(store_read(t->store, &late), ERR_OK);
    assert_int_equal(things(early), 0);
    add(t, (struct thing){.id = 1});
    assert_int_equal(things(early), 0); /* began before */
    assert_int_equal(things(late), 1);  /* its first statement is now */
    store_read_end(early);
    store_read_end(late);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM thing"), 1);
}

static void reader__cannot_write(void **state)
{
    struct test_store *t = *state;
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(db_do(db, &put, ARGS(V(1), V(1), VNULL, VNULL), NULL), ERR_STORE);
    store_read_end(db);
}

static void reader__is_refused_when_all_are_out(void **state)
{
    struct test_store *t = *state;
    struct db *out[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(store_read(t->store, &out[i]), ERR_OK);
    struct db *more;
    assert_int_equal(store_read(t->store, &more), ERR_BUSY);
    for (int i = 0; i < 4; i++)
        store_read_end(out[i]);
    assert_int_equal(store_read(t->store, &more), ERR_OK);
    store_read_end(more);
}

static void check__finds_a_bad_statement(void **state)
{
    struct test_store *t = *state;
    static const struct sql order = {"order", "SELECT $2, $1"};
    static const struct sql other = {"other", "SELECT :id"};
    static const struct sql broken = {"broken", "SELECT FROM"};
    static const struct sql several = {"several", "SELECT 1; SELECT 2"};
    static const struct sql quotes = {"quotes", "SELECT \"no such column\""};
    assert_int_equal(test_check_sql(t, &put), ERR_OK);
    assert_int_equal(test_check_sql(t, &order), ERR_STORE);
    assert_int_equal(test_check_sql(t, &other), ERR_STORE);
    assert_int_equal(test_check_sql(t, &broken), ERR_STORE);
    assert_int_equal(test_check_sql(t, &several), ERR_STORE);
    assert_int_equal(test_check_sql(t, &quotes), ERR_STORE);
}

static void cache__gives_way_to_more_statements_than_it_holds(void **state)
{
    struct test_store *t = *state;
    static struct sql many[STMT_SLOTS];
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    for (size_t i = 0; i < STMT_SLOTS; i++) {
        int64_t n = 0;
        many[i] = (struct sql){"many", "SELECT 7"};
        assert_int_equal(db_i64(db, &many[i], ARGS(), &n), ERR_OK);
        assert_int_equal(n, 7);
    }
    store_read_end(db);
}

/* ---- two programs at one database ---- */

struct ear {
    atomic_llong about, n;
    atomic_int deaf, words;
    sem_t word;
};

static void hear(void *arg, int64_t about, int64_t n)
{
    struct ear *ear = arg;
    if (about) {
        atomic_store(&ear->about, about);
        atomic_store(&ear->n, n);
        atomic_fetch_add(&ear->words, 1);
    } else {
        atomic_fetch_add(&ear->deaf, 1);
    }
    (void)sem_post(&ear->word);
}

static enum err tell_run(struct tx *tx, void *arg)
{
    int64_t n = *(const int64_t *)arg;
    tx_tell(tx, 7, n - 1);
    tx_tell(tx, 7, n);
    return n < 0 ? ERR_CONFLICT : ERR_OK;
}

static void wait_word(struct ear *ear)
{
    while (sem_wait(&ear->word) != 0)
        continue;
}

static void listen__hears_what_others_committed(void **state)
{
    struct test_store *t = *state;
    struct store *other;
    struct ear here = {0};
    struct ear there = {0};
    int64_t n = 42;
    int64_t failing = -1;
    struct store_setup setup = {.url = t->url, .schema = &schema};
    (void)sem_init(&here.word, 0, 0);
    (void)sem_init(&there.word, 0, 0);
    assert_int_equal(store_open(&t->cx, &setup, &other), ERR_OK);
    assert_int_equal(store_listen(t->store, hear, &here), ERR_OK);
    assert_int_equal(store_listen(other, hear, &there), ERR_OK);
    if (test_on_postgres()) { /* both begin deaf */
        wait_word(&here);
        wait_word(&there);
    }
    assert_int_equal(store_do(t->store, &t->cx, "tell", tell_run, &failing), ERR_CONFLICT);
    assert_int_equal(store_do(t->store, &t->cx, "tell", tell_run, &n), ERR_OK);
    if (test_on_postgres()) {
        wait_word(&there);
        assert_int_equal(atomic_load(&there.about), 7);
        assert_int_equal(atomic_load(&there.n), 42);
    }
    store_listen_end(t->store);
    store_close(other);
    assert_int_equal(atomic_load(&there.words), test_on_postgres() ? 1 : 0);
    assert_int_equal(atomic_load(&here.words), 0);
    (void)sem_destroy(&here.word);
    (void)sem_destroy(&there.word);
}

/* ---- SQLite's file ---- */

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static void open__keeps_the_files_private(void **state)
{
    struct test_store *t = *state;
    char path[128];
    add(t, (struct thing){.id = 1});
    (void)snprintf(path, sizeof path, "%s/test.db", t->dir);
    assert_int_equal(mode_of(path), 0600);
    (void)snprintf(path, sizeof path, "%s/test.db-wal", t->dir);
    assert_int_equal(mode_of(path), 0600);
}

static void open__refuses_what_it_cannot_open(void **state)
{
    struct test_store *t = *state;
    struct store *s = NULL;
    struct store_setup setup = {.schema = &schema};
    static const char *const urls[] = {"mysql://u:hunter2@localhost/db",
                                       "postgresql://u:hunter2@localhost/db?hunter2", "hunter2"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        setup.url = urls[i];
        assert_int_equal(store_open(&t->cx, &setup, &s), ERR_INPUT);
        assert_null(strstr(t->cx.problem, "hunter2"));
        assert_int_equal(store_check_url(&t->cx, urls[i]), ERR_INPUT);
    }
    setup.url = "postgresql://u:hunter2@127.0.0.1:1/db";
    assert_int_equal(store_open(&t->cx, &setup, &s), ERR_STORE);
    assert_null(strstr(t->cx.problem, "hunter2"));
    setup.url = "sqlite::memory:";
    assert_int_equal(store_open(&t->cx, &setup, &s), ERR_INPUT);
    setup.url = "sqlite:/nowhere/at/all.db";
    assert_int_equal(store_open(&t->cx, &setup, &s), ERR_INPUT);
    assert_null(s);
}

static void open__leaves_the_mode_of_a_folder_alone(void **state)
{
    struct test_store *t = *state;
    struct store *s = NULL;
    char path[128], url[160];
    (void)snprintf(path, sizeof path, "%s/folder", t->dir);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(chmod(path, 0755), 0);
    struct store_setup setup = {.url = url, .schema = &schema};
    assert_int_equal(store_open(&t->cx, &setup, &s), ERR_INPUT);
    assert_int_equal(mode_of(path), 0755);
    assert_int_equal(rmdir(path), 0);
}

static void backup__copies_what_is_committed(void **state)
{
    struct test_store *t = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/test.db.copy", t->dir);
    for (int i = 1; i <= 50; i++)
        add(t, (struct thing){.id = i, .n = i});
    assert_int_equal(store_backup(&t->cx, t->url, path), ERR_OK);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(store_backup(&t->cx, t->url, path), ERR_EXISTS);
    add(t, (struct thing){.id = 51});

    char url[140];
    struct store *copy;
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    struct store_setup setup = {.url = url, .schema = &schema};
    assert_int_equal(store_open(&t->cx, &setup, &copy), ERR_OK);
    struct db *db;
    assert_int_equal(store_read(copy, &db), ERR_OK);
    assert_int_equal(things(db), 50);
    store_read_end(db);
    store_close(copy);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest both[] = {
        T(values__come_back_as_they_went),
        T(row__says_what_is_missing),
        T(row__refuses_a_column_of_another_kind),
        T(row__reads_the_integers_of_both_engines),
        T(arguments__may_be_null_in_one_use_and_not_in_the_next),
        T(rows__may_end_early_and_be_nested),
        T(do__counts_the_rows_it_changed),
        T(reader__keeps_its_snapshot),
        T(reader__cannot_write),
        T(reader__is_refused_when_all_are_out),
        T(check__finds_a_bad_statement),
        T(cache__gives_way_to_more_statements_than_it_holds),
        T(open__refuses_what_it_cannot_open),
        T(listen__hears_what_others_committed),
    };
    const struct CMUnitTest sqlite[] = {
        T(open__keeps_the_files_private),
        T(open__leaves_the_mode_of_a_folder_alone),
        T(backup__copies_what_is_committed),
    };
    int failed = cmocka_run_group_tests(both, NULL, NULL);
    return test_on_postgres() ? failed : failed + cmocka_run_group_tests(sqlite, NULL, NULL);
}
