/*
 * conn_in - one SQLite connection with its prepared statements. Only store/ sees it.
 *
 * Thread: one thread at a time. A failed fsync, whoever sees it, ends the process (conn_check).
 */
#pragma once
#include "store/store.h"

#include <sqlite3.h>

enum {
    BUSY_MS = 5000,    /* how long a lock of another process is waited for */
    STMT_SLOTS = 1024, /* prepared statements of one connection, power of two */
    EXIT_FAILED_FSYNC = 70,
};

struct stmt {
    const struct sql *q;
    sqlite3_stmt *h;
    bool in_use;
    bool cached; /* else finalised after use: q was in use already */
};

struct hook {
    void (*fn)(void *arg);
    void *arg;
};

/* What a batch has registered with tx_after_commit(). */
struct hooks {
    struct hook *list;
    size_t count, max;
    size_t job_start; /* of the running job */
};

struct db {
    sqlite3 *h;
    struct store *home;  /* of a reader: where it goes back to */
    struct hooks *hooks; /* of the writer */
    struct stmt *slots[STMT_SLOTS];
    size_t cached;
    size_t open_rows;
    int wal_pages; /* after the last commit here */
};

enum conn_kind { CONN_WRITER, CONN_READER };

/* "sqlite:PATH" -> PATH, pointing into url. ERR_INPUT with cx->problem. */
enum err db_conn_path(struct cx *cx, const char *url, const char **ret_path) NODISCARD;
/* Opens; the file is made, mode 0600, for CONN_WRITER. Does not touch what is in it. */
enum err db_conn_open(struct cx *cx, const char *path, enum conn_kind kind,
                      struct db **ret_db) NODISCARD;
void db_conn_close(struct db *db); /* NULL is fine */

/* ERR_OK, or what rc means; logs all but a lock that was not given. May not return. */
enum err db_conn_check(struct db *db, int rc, const char *what);
/* A statement without parameters or rows, prepared once: BEGIN and its like. */
enum err db_conn_run(struct db *db, const struct sql *q) NODISCARD;
/* Any SQL text, several statements: migrations and pragmas. */
enum err db_conn_script(struct db *db, const char *what, const char *text) NODISCARD;
/* Ends the transaction if there is one: some errors have ended it already. */
void db_conn_roll_back(struct db *db);
