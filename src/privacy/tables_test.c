/* The schema, the statements and the files of a copy are what the table of tables says. */
#include "base/test.h"

#include "base/arena.h"
#include "privacy/export_in.h"
#include "privacy/tables.h"
#include "store/testkit.h"

#include <stdio.h>
#include <string.h>

struct table {
    enum table_fate fate;
    const char *name, *columns, *copy, *words;
};
static const struct table tables[] = {
#define X(fate, table, columns, copy, words) {FATE_##fate, #table, columns, copy, #words},
    PRIVACY_TABLES(X)
#undef X
};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* Columns that may be a person's by what they are called. */
static const char *const suspicious[] = {
    "viewer",  "actor",    "by_id",  "name",     "mail",   "phone",  "addr",  "text",
    "note",    "why",      "device", "data",     "body",   "args",   "draft", "detail",
    "subject", "endpoint", "owner",  "tracking", "before", "reason", "what",  "who",
};

static const struct table *table_named(const char *name)
{
    for (size_t i = 0; i < TABLES; i++)
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (!at[len] || at[len] == ' '))
            return true;
    return false;
}

static bool is_suspicious(const char *column)
{
    for (size_t i = 0; i < sizeof suspicious / sizeof suspicious[0]; i++)
        if (strstr(column, suspicious[i]))
            return true;
    return false;
}

static const struct sql of_sqlite = {
    "columns", "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
               " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid"};
static const struct sql of_postgres = {
    "columns", "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT)"
               " FROM information_schema.columns WHERE table_schema = 'public'"
               " ORDER BY table_name, ordinal_position"};

static void schema__has_no_table_and_no_column_of_a_person_that_is_not_listed(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    const char *table, *column;
    int unknown = 0, seen = 0;
    struct db *db;
    (void)state;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    struct rows r = db_rows(db, test_on_postgres() ? &of_postgres : &of_sqlite, ARGS());
    while (rows_next(&r, t->cx.arena, COLS(C(&table), C(&column)))) {
        const struct table *known = table_named(table);
        bool listed = known && (!is_suspicious(column) || has_word(known->columns, column));
        if (!listed)
            print_error("%s.%s is not in privacy/tables.h\n", table, column);
        unknown += !listed;
        seen++;
    }
    assert_int_equal(rows_end(&r), ERR_OK);
    store_read_end(db);
    assert_true(seen > 300);
    assert_int_equal(unknown, 0);
    test_store_free(t);
}

/* ---- statements ---- */

static const char *all_sql[400];
static size_t sql_count;
#define X(q) all_sql[sql_count++] = (q).text;
/* clang-format off */
#include "privacy/erase.sql.h"
static void add_erase(void) { SQL_ALL(X) }
#include "privacy/erase_run.sql.h"
static void add_run(void) { SQL_ALL(X) }
#include "privacy/sweep.sql.h"
static void add_sweep(void) { SQL_ALL(X) }
#undef X
/* clang-format on */

static bool some_sql(const char *verb, const char *table)
{
    char wanted[80];
    (void)snprintf(wanted, sizeof wanted, "%s %s", verb, table);
    for (size_t i = 0; i < sql_count; i++) {
        const char *at = strstr(all_sql[i], wanted);
        if (!at)
            continue;
        char after = at[strlen(wanted)];
        if (after == ' ' || after == '\n' || after == '\0' || after == ';')
            return true;
    }
    return false;
}

static void fate__has_a_statement_that_does_it(void **state)
{
    (void)state;
    add_erase();
    add_run();
    add_sweep();
    for (size_t i = 0; i < TABLES; i++) {
        const struct table *t = &tables[i];
        bool done = true;
        if (t->fate == FATE_GONE)
            done = some_sql("DELETE FROM", t->name);
        if (t->fate == FATE_CHANGED)
            done = some_sql("UPDATE", t->name) || strstr(t->words, "()") != NULL;
        if (t->fate == FATE_CLEARED)
            done = some_sql("DELETE FROM", t->name) || strstr(t->words, "()") != NULL;
        if (t->fate == FATE_KEPT)
            done = strcmp(t->words, "\"\"") != 0; /* why */
        if (!done)
            print_error("nothing does to '%s' what privacy/tables.h says\n", t->name);
        assert_true(done);
    }
}

static const struct export_file *file_named(const char *name)
{
    for (size_t i = 0; i < export_file_count; i++)
        if (strcmp(export_files[i].name, name) == 0)
            return &export_files[i];
    return NULL;
}

static void copy__has_a_file_for_each_table_of_a_person(void **state)
{
    (void)state;
    for (size_t i = 0; i < TABLES; i++) {
        const struct table *t = &tables[i];
        if (t->fate == FATE_NOBODY)
            continue;
        if (t->copy[0] && !file_named(t->copy))
            print_error("'%s' has no file '%s'\n", t->name, t->copy);
        assert_true(t->copy[0] ? file_named(t->copy) != NULL : strcmp(t->words, "\"\"") != 0);
    }
}

static void copy__never_reads_a_secret(void **state)
{
    static const char *const secrets[] = {"token", "hash",     "sealed",    "secret",  "p256dh",
                                          "idem",  "password", "code_hash", "endpoint"};
    (void)state;
    for (size_t i = 0; i < export_file_count; i++)
        for (size_t k = 0; k < sizeof secrets / sizeof secrets[0]; k++)
            assert_null(strstr(export_files[i].q->text, secrets[k]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema__has_no_table_and_no_column_of_a_person_that_is_not_listed),
        cmocka_unit_test(fate__has_a_statement_that_does_it),
        cmocka_unit_test(copy__has_a_file_for_each_table_of_a_person),
        cmocka_unit_test(copy__never_reads_a_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
