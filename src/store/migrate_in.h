/* migrate_in - bring a database's schema up to date. Only store/ sees it. */
#pragma once
#include "store/engine_in.h"

/*
 * Is this database empty, or made by a prefix of `schema`? Writes nothing.
 * ERR_CONFLICT  newer, or another program's; cx->problem says which
 */
enum err migrate_check(struct cx *cx, struct db *db, const struct schema *schema) NODISCARD;
/* Run what is missing, each step in a transaction of its own. As above, and ERR_BUSY. */
enum err migrate(struct cx *cx, struct db *db, const struct schema *schema) NODISCARD;
