/*
 * postgres_in - the PostgreSQL engine's own: a connection, what was sent on it, its plans.
 *
 * Shape:   libpq's pipeline mode. What nobody waits for is sent and forgotten; whoever waits reads
 *          the answers to all that was sent before. An error makes the server skip what follows it
 *          up to the next sync, which is made as soon as the error is seen: the connection is then
 *          `broken` until the savepoint or the transaction is undone.
 * Blame:   what is sent carries the number of its job, so an error that is seen late is not laid to
 *          the job that happens to run: the batch is run again, one by one (db.again).
 * Reading: a reader connects when it is first used, and begins its snapshot with its first
 *          statement; the end of a snapshot is sent and its answer read at the next use.
 * Secrets: the URL stays here. Logs get SQLSTATE and the server's own sentence, never its detail,
 *          which quotes values.
 */
#pragma once
#include "store/engine_in.h"

#include <libpq-fe.h>

enum {
    PARAMS_MAX = 64,
    SENT_MAX = 512, /* unanswered at a time */
    CONNECT_S = 5,
};

/* A prepared statement of one connection. */
struct plan {
    const struct sql *q;
    unsigned number; /* its name there; 0: not prepared */
    bool cached;
    int params;
    Oid types[PARAMS_MAX]; /* 0: NULL whenever it was used so far */
};

struct stmt {
    const struct sql *q;
    PGresult *rows;
    int row;
};

struct sent {
    enum { SENT_PLAN, SENT_RUN, SENT_SYNC } kind;
    const struct sql *q;
    struct plan *plan; /* of SENT_PLAN, if it is cached */
    int job;
};

struct pg {
    struct db db; /* first */
    enum conn_kind kind;
    char *url;
    PGconn *conn; /* NULL: not connected yet */
    struct sent sent[SENT_MAX];
    size_t first, waiting;
    struct plan *plans[STMT_SLOTS];
    size_t cached;
    unsigned last_number;
    bool in_tx;
    bool broken;     /* a statement failed: only an undo or a rollback helps */
    bool lost;       /* the connection is gone */
    bool busy;       /* the error was a lock that was not given */
    bool untyped;    /* pg_prepare_only() */
    bool committing; /* all jobs of the batch have run */
    int job;         /* of the batch, from 1 */
    int64_t xid;     /* of the batch */
};

static inline struct pg *pg_of(struct db *db)
{
    return (struct pg *)db;
}

/* ---- postgres_conn.c ---- */

enum err pg_check_url(struct cx *cx, const char *url) NODISCARD;
enum err pg_open(struct cx *cx, const char *url, enum conn_kind kind, struct db **ret_db) NODISCARD;
void pg_close(struct db *db);
/* A connection as this program wants them; NULL: refused, and logged. `what`: for the log. */
PGconn *pg_connect(const char *url, const char *what);
/* Connects anew if the connection is gone; tries until BUSY_MS. ERR_BUSY. */
enum err pg_reconnect(struct pg *p, int64_t until_mono_ms) NODISCARD;
enum err pg_script(struct db *db, const char *what, const char *text) NODISCARD;

/* ---- postgres_pipe.c ---- */

/* Send, do not wait. ERR_STORE: the connection is broken, or was before. */
enum err pg_send(struct pg *p, const struct sql *q, const struct val *args) NODISCARD;
/* Send and read: the answer is in *ret_rows, the caller's to clear. */
enum err pg_ask(struct pg *p, const struct sql *q, const struct val *args,
                PGresult **ret_rows) NODISCARD;
/* Every answer is in, and the server is ready again after an error. The first error. */
enum err pg_settle(struct pg *p);
/* A sync is sent, its answer read at the next use. */
void pg_leave(struct pg *p);
/* Only the engine's own texts. */
enum err pg_prepare_only(struct pg *p, const struct sql *q) NODISCARD;
void pg_forget_plans(struct pg *p); /* after a new connection */
void pg_free_plans(struct pg *p);

/* ---- postgres_statement.c ---- */

enum err pg_start(struct db *db, const struct sql *q, const struct val *args, bool keep,
                  struct stmt **ret_stmt) NODISCARD;
enum err pg_step(struct db *db, struct stmt *st) NODISCARD;
int pg_columns(const struct stmt *st);
void pg_cell(const struct stmt *st, int i, struct cell *ret_cell);
const char *pg_stmt_name(const struct stmt *st);
void pg_end(struct stmt *st);
enum err pg_run(struct db *db, const struct sql *q, const struct val *args,
                int64_t *ret_changed) NODISCARD;
enum err pg_check(struct db *db, const struct sql *q) NODISCARD;

/* ---- postgres_ddl.c, postgres_listen.c ---- */

/* A migration written for SQLite: BIGINT, BYTEA, texts compared byte by byte; malloc'd. */
char *pg_translate(const char *text);
struct listener *pg_listen(const struct listen_ask *ask);
void pg_listen_stop(struct listener *l);
