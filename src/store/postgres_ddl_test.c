#include "base/test.h"

#include "store/postgres_in.h"

#include <stdlib.h>

static void translate__speaks_as_postgresql_does(void **state)
{
    (void)state;
    static const struct {
        const char *sqlite, *postgres;
    } cases[] = {
        {"CREATE TABLE a (x INTEGER PRIMARY KEY, t TEXT NOT NULL, b BLOB) STRICT;",
         "CREATE TABLE a (x BIGINT PRIMARY KEY, t TEXT COLLATE \"C\" NOT NULL, b BYTEA);"},
        {"CREATE TABLE a (x INTEGER, PRIMARY KEY (x)) STRICT, WITHOUT ROWID;\nCREATE INDEX i ON a"
         " (x);",
         "CREATE TABLE a (x BIGINT, PRIMARY KEY (x));\nCREATE INDEX i ON a (x);"},
        {"CREATE TABLE a (x INTEGER) WITHOUT ROWID , STRICT ;", "CREATE TABLE a (x BIGINT) ;"},
        {"-- STRICT, INTEGER and BLOB\nCREATE TABLE a (text TEXT DEFAULT 'INTEGER) STRICT',"
         " \"BLOB\" BLOB) STRICT;",
         "-- STRICT, INTEGER and BLOB\nCREATE TABLE a (text TEXT COLLATE \"C\" DEFAULT"
         " 'INTEGER) STRICT', \"BLOB\" BYTEA);"},
        {"CREATE TABLE a (k TEXT CHECK (k IN ('it''s', 'b'))) STRICT;",
         "CREATE TABLE a (k TEXT COLLATE \"C\" CHECK (k IN ('it''s', 'b')));"},
        {"INSERT INTO a VALUES (1), (2); UPDATE a SET x = CAST(y AS TEXT);",
         "INSERT INTO a VALUES (1), (2); UPDATE a SET x = CAST(y AS TEXT);"},
        {"CREATE UNIQUE INDEX i ON a (x) WHERE state IN ('open');",
         "CREATE UNIQUE INDEX i ON a (x) WHERE state IN ('open');"},
        {"SELECT 'never ends", "SELECT 'never ends"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = pg_translate(cases[i].sqlite);
        assert_string_equal(got, cases[i].postgres);
        free(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(translate__speaks_as_postgresql_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
