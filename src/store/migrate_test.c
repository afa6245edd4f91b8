#include "base/test.h"

#include "store/testkit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct migration steps[] = {
    {1, "first", "CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT; INSERT INTO a VALUES (1), (2);"},
    {2, "second", "CREATE TABLE b (y INTEGER REFERENCES a (x)) STRICT; INSERT INTO b VALUES (2);"},
    /* Rebuilds a table that others refer to. */
    {5, "third",
     "CREATE TABLE a2 (x INTEGER PRIMARY KEY, t TEXT NOT NULL DEFAULT '') STRICT;"
     "INSERT INTO a2 (x) SELECT x FROM a; DROP TABLE a; ALTER TABLE a2 RENAME TO a;"},
};
/* PostgreSQL rebuilds no table that others refer to: there a step says what it wants. */
static const struct migration altered[] = {
    {1, "first", "CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT; INSERT INTO a VALUES (1), (2);"},
    {2, "second", "CREATE TABLE b (y INTEGER REFERENCES a (x)) STRICT; INSERT INTO b VALUES (2);"},
    {5, "third", "ALTER TABLE a ADD COLUMN t TEXT NOT NULL DEFAULT '';"},
};
static const struct schema empty = {steps, 0};
static const struct schema older = {steps, 1};
static struct schema newest = {steps, 3};

static int make(void **state)
{
    *state = test_store_make(NULL);
    if (test_on_postgres())
        newest.steps = altered;
    return 0;
}

static int drop(void **state)
{
    test_store_free(*state);
    return 0;
}

static enum err open_with(struct test_store *t, const struct schema *schema)
{
    struct store_setup setup = {.url = t->url, .schema = schema};
    store_close(t->store);
    t->store = NULL;
    t->cx.problem[0] = '\0';
    return store_open(&t->cx, &setup, &t->store);
}

static void migrate__brings_an_empty_database_up_to_date(void **state)
{
    struct test_store *t = *state;
    assert_int_equal(open_with(t, &newest), ERR_OK);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM migration"), 3);
    assert_int_equal(test_number(t, "SELECT COUNT(t) FROM a"), 2);
    assert_int_equal(open_with(t, &newest), ERR_OK); /* a second start changes nothing */
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM migration"), 3);
}

static void migrate__brings_an_older_database_up_to_date(void **state)
{
    struct test_store *t = *state;
    assert_int_equal(open_with(t, &empty), ERR_OK);
    assert_int_equal(open_with(t, &older), ERR_OK);
    test_exec(t, "INSERT INTO a VALUES (77)");
    assert_int_equal(open_with(t, &newest), ERR_OK);
    assert_int_equal(test_number(t, "SELECT COUNT(t) FROM a"), 3);
    assert_int_equal(test_number(t, "SELECT MAX(version) FROM migration"), 5);
}

static void migrate__refuses_a_newer_database(void **state)
{
    struct test_store *t = *state;
    assert_int_equal(open_with(t, &newest), ERR_OK);
    assert_int_equal(open_with(t, &older), ERR_CONFLICT);
    assert_string_equal(t->cx.problem,
                        "the database is at version 2, newer than this program knows");
    assert_int_equal(open_with(t, &newest), ERR_OK);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM migration"), 3);
}

static void migrate__refuses_the_database_of_another_program(void **state)
{
    struct test_store *t = *state;
    static const struct migration others[] = {{1, "videos", "CREATE TABLE v (x TEXT) STRICT;"}};
    static const struct schema other = {others, 1};
    assert_int_equal(open_with(t, &other), ERR_OK);
    assert_int_equal(open_with(t, &newest), ERR_CONFLICT);
    assert_non_null(strstr(t->cx.problem, "'videos'"));

    assert_int_equal(open_with(t, &other), ERR_OK);
    test_exec(t, "DROP TABLE migration");
    assert_int_equal(open_with(t, &newest), ERR_CONFLICT);
    assert_int_equal(open_with(t, &other), ERR_CONFLICT);
}

static void migrate__refuses_a_file_that_is_no_database(void **state)
{
    struct test_store *t = *state;
    int fd = open(t->url + strlen("sqlite:"), O_CREAT | O_WRONLY, 0600);
    char line[64] = "a letter, or something of the kind";
    for (int i = 0; i < 64; i++)
        assert_int_equal(write(fd, line, sizeof line), sizeof line);
    assert_int_equal(close(fd), 0);
    assert_int_equal(open_with(t, &newest), ERR_STORE);
    assert_null(t->store);
}

static void migrate__undoes_a_step_that_fails(void **state)
{
    struct test_store *t = *state;
    static const struct migration bad[] = {
        {1, "good", "CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT;"},
        {2, "bad", "CREATE TABLE b (x TEXT) STRICT; INSERT INTO nowhere VALUES (1);"},
    };
    static const struct migration dangling[] = {
        {1, "good", "CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT;"},
        {2, "bad", "CREATE TABLE c (x INTEGER REFERENCES a (x)) STRICT; INSERT INTO c VALUES (9);"},
    };
    static const struct schema with_bad = {bad, 2};
    static const struct schema with_dangling = {dangling, 2};
    static const struct schema good = {bad, 1};
    assert_int_equal(open_with(t, &with_bad), ERR_STORE);
    assert_string_equal(t->cx.problem, "migration 2 'bad' failed");
    assert_int_equal(open_with(t, &with_dangling), ERR_STORE);
    assert_int_equal(open_with(t, &good), ERR_OK);
    assert_int_equal(
        test_number(t, test_on_postgres()
                           ? "SELECT COUNT(*) FROM pg_class WHERE relname IN ('b', 'c')"
                           : "SELECT COUNT(*) FROM sqlite_schema"
                             " WHERE name IN ('b', 'c')"),
        0);
}

static void migrate__lets_two_programs_start_at_once(void **state)
{
    struct test_store *t = *state;
    pid_t child[4];
    for (int i = 0; i < 4; i++) {
        child[i] = fork();
        assert_true(child[i] >= 0);
        if (child[i] == 0)
            _exit(open_with(t, &newest) == ERR_OK ? 0 : 1);
    }
    for (int i = 0; i < 4; i++) {
        int status = -1;
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(open_with(t, &newest), ERR_OK);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM migration"), 3);
}

/* Each header brings its own SQL_ALL, the last one counts. */
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
#include "store/migrate.sql.h"
static void check_migrate(struct test_store *t)
{
    SQL_ALL(X)
}
#include "store/sqlite.sql.h"
static void check_sqlite(struct test_store *t)
{
    SQL_ALL(X)
}
#include "store/postgres.sql.h"
static void check_postgres(struct test_store *t)
{
    SQL_ALL(X)
}
#undef X

static void shop_schema__migrates_and_every_statement_prepares(void **state)
{
    struct test_store *t = *state;
    assert_int_equal(open_with(t, &shop_schema), ERR_OK);
    check_migrate(t);
    if (test_on_postgres())
        check_postgres(t);
    else
        check_sqlite(t);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest both[] = {
        T(migrate__brings_an_empty_database_up_to_date),
        T(migrate__brings_an_older_database_up_to_date),
        T(migrate__refuses_a_newer_database),
        T(migrate__refuses_the_database_of_another_program),
        T(migrate__undoes_a_step_that_fails),
        T(migrate__lets_two_programs_start_at_once),
        T(shop_schema__migrates_and_every_statement_prepares),
    };
    const struct CMUnitTest sqlite[] = {
        T(migrate__refuses_a_file_that_is_no_database),
    };
    int failed = cmocka_run_group_tests(both, NULL, NULL);
    return test_on_postgres() ? failed : failed + cmocka_run_group_tests(sqlite, NULL, NULL);
}
