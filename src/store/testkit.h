/*
 * testkit - a store of its own for each test of this room and of rooms above. Tests only.
 *
 * Engines: SQLite in a folder of its own; or, when NM_TEST_POSTGRES holds the URL of a server
 *          ("postgresql://app@127.0.0.1:5433"), a database of its own there, copied from one that
 *          was migrated once. CTest runs every test that has a store on both
 * (cmake/postgres.cmake). Errors: none are returned: what fails here fails the test.
 */
#pragma once
#include "store/store.h"

struct test_store {
    struct store *store;
    struct cx cx; /* arena of 2 MiB, now_ms 1,000,000 */
    char dir[64], url[160];
    void *side; /* of the PostgreSQL kit: a connection beside the store's */
};

/* Is this run on PostgreSQL? For what only one of the two has. */
bool test_on_postgres(void);

/* A fresh database, migrated to `schema`; its file lies in $NM_TEST_DIR, or in /tmp. Returns t. */
struct test_store *test_store_make(const struct schema *schema);
void test_store_free(struct test_store *t);
/* Close and open again, as a restart would. */
void test_store_reopen(struct test_store *t, const struct schema *schema);

/* Any SQL, committed. */
void test_exec(struct test_store *t, const char *text);
/* The one integer that this SQL gives, of what is committed. */
int64_t test_number(struct test_store *t, const char *text);
/* ERR_OK when `q` prepares with its parameters in order. */
enum err test_check_sql(struct test_store *t, const struct sql *q);
