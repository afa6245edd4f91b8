/*
 * sqlite_in - the SQLite engine's own: one connection with its prepared statements.
 *
 * Thread: one thread at a time. A failed fsync, whoever sees it, ends the process (lite_check).
 */
#pragma once
#include "store/engine_in.h"

#include <sqlite3.h>

enum {
    EXIT_FAILED_FSYNC = 70,
    CHECKPOINT_PAGES = 1000, /* 4 MB of log, then it is folded into the main file */
};

struct stmt {
    const struct sql *q;
    sqlite3_stmt *h;
    bool in_use;
    bool cached; /* else finalised after use: q was in use already */
};

struct lite {
    struct db db; /* first */
    sqlite3 *h;
    struct stmt *slots[STMT_SLOTS];
    size_t cached;
    int wal_pages; /* after the last commit here */
};

static inline struct lite *lite_of(struct db *db)
{
    return (struct lite *)db;
}

enum err lite_check_url(struct cx *cx, const char *url) NODISCARD;
/* The file is made, mode 0600, for CONN_WRITER. Does not touch what is in it. */
enum err lite_open(struct cx *cx, const char *url, enum conn_kind kind,
                   struct db **ret_db) NODISCARD;
void lite_close(struct db *db); /* NULL is fine */
enum err lite_backup(struct cx *cx, const char *url, const char *path) NODISCARD;

/* ERR_OK, or what rc means; logs all but a lock that was not given. May not return. */
enum err lite_check(struct lite *l, int rc, const char *what);
enum err lite_script(struct db *db, const char *what, const char *text) NODISCARD;

/* Statements, as struct engine wants them. */
enum err lite_start(struct db *db, const struct sql *q, const struct val *args, bool keep,
                    struct stmt **ret_stmt) NODISCARD;
enum err lite_step(struct db *db, struct stmt *st) NODISCARD;
int lite_columns(const struct stmt *st);
void lite_cell(const struct stmt *st, int i, struct cell *ret_cell);
const char *lite_stmt_name(const struct stmt *st);
void lite_end(struct stmt *st);
enum err lite_run(struct db *db, const struct sql *q, const struct val *args,
                  int64_t *ret_changed) NODISCARD;
enum err lite_prepares(struct db *db, const struct sql *q) NODISCARD;
