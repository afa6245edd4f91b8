/* testkit_in - the PostgreSQL half of testkit.h: a database for each test. */
#pragma once
#include "store/testkit.h"

/* Makes the database and t->url. `schema` NULL: an empty one. */
void test_postgres_make(struct test_store *t, const struct schema *schema);
void test_postgres_drop(struct test_store *t);
int64_t test_postgres_number(struct test_store *t, const char *text);
/* SQL as SQLite reads it: bytes are written x'0f', which are bits to PostgreSQL. */
char *test_postgres_text(struct arena *arena, const char *text);
