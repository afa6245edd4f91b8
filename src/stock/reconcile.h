/*
 * reconcile - does the database still agree with itself? Named checks, each one statement.
 *
 * Shape:   a check is a statement that finds what is wrong: rows of (id, what it should be, what it
 *          is), with $1 the shop (0: all) and $2 a limit. No row: all is well. Rooms export lists
 * of them; all checks of a run see one snapshot, beside running writers. Thread:  any that holds a
 * reader. Errors: ERR_STORE, ERR_NO_MEMORY.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct cx;
struct db;
struct sql;

struct reconcile_check {
    const char *name; /* "stock.held" */
    const char *of;   /* what the id is of: "variant" */
    const struct sql *q;
};

struct reconcile_list {
    const struct reconcile_check *checks;
    size_t count;
};

struct difference {
    const struct reconcile_check *check;
    int64_t id, want, found;
};

/* At most so many are listed, of each check and of all; more are not looked for. */
enum { DIFFERENCES_PER_CHECK = 100, DIFFERENCES_MAX = 1000 };

struct reconcile_report {
    struct difference *items; /* in the arena */
    size_t count;
    size_t checks; /* that were made */
};

/* Adds to the report, which begins as {0}. */
enum err reconcile_run(struct db *db, struct cx *cx, const struct reconcile_list *list,
                       int64_t shop_id, struct reconcile_report *report) NODISCARD;

/* Units, holds, deals' counters, waiting lists. */
extern const struct reconcile_list stock_checks;
