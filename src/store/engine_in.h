/*
 * engine_in - what SQLite and PostgreSQL do each in their own way, behind one table of calls.
 *
 * Shape:   a `db` is one connection, a `stmt` one running statement; each engine puts its own
 * fields behind them. statement.c reads columns, writer.c runs batches, migrate.c steps, each once
 * for both. Thread:  one thread at a time for each connection. Errors:  what fails is logged by the
 * engine, once, with the statement's name, never with values.
 */
#pragma once
#include "store/store.h"

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

/* What a batch tells the other processes: tx_tell(). */
struct telling {
    int64_t about, n;
};
struct tellings {
    struct telling *list;
    size_t count, max;
    size_t job_start;
};

/* With an error that lost a batch: may its jobs be run again, one by one? */
enum again {
    AGAIN_NO,
    AGAIN_APART, /* one of several jobs is to blame, and it is not known which */
    AGAIN_LOST,  /* others were in the way, or the connection broke: nothing of it happened */
};

struct db {
    const struct engine *engine;
    struct store *home;        /* of a reader: where it goes back to */
    struct hooks *hooks;       /* of the writer */
    struct tellings *tellings; /* of the writer */
    size_t open_rows;
    enum again again;
};

/* One column of one row. Bytes live until the next step. */
struct cell {
    enum { CELL_NULL, CELL_I64, CELL_TEXT, CELL_BLOB, CELL_OTHER } kind;
    int64_t i;
    const void *p;
    size_t len;
};

enum conn_kind { CONN_WRITER, CONN_READER };

enum {
    BUSY_MS = 5000, /* how long a lock of another process is waited for */
    OUTCOME_MS =
        12000, /* how long a lost COMMIT is asked about: the server ends idle ones in 10 s */
    STMT_SLOTS = 1024, /* prepared statements of one connection, power of two */
};

/* Hears of the commits of other processes; a thread of its own. */
struct listener;
struct listen_ask {
    struct db *db; /* the writer's: says where */
    int64_t self;  /* whom not to hear */
    void (*heard)(void *arg, int64_t about, int64_t n);
    void *arg;
};

struct engine {
    int slow_job_us; /* a job that took longer is logged; a server's answers take their time */
    /* ERR_INPUT: a URL that cannot be opened; cx->problem never repeats it. */
    enum err (*check_url)(struct cx *cx, const char *url);
    /* A reader may put off its connecting until it is used. */
    enum err (*open)(struct cx *cx, const char *url, enum conn_kind kind, struct db **ret_db);
    void (*close)(struct db *db);

    /* A statement with its values. `keep`: they may be gone at the first step(). */
    enum err (*start)(struct db *db, const struct sql *q, const struct val *args, bool keep,
                      struct stmt **ret_stmt);
    enum err (*step)(struct db *db, struct stmt *st); /* ERR_NOT_FOUND: no further row */
    int (*columns)(const struct stmt *st);
    void (*cell)(const struct stmt *st, int i, struct cell *ret_cell);
    const char *(*stmt_name)(const struct stmt *st);
    void (*end)(struct stmt *st);
    /* Nobody looks at rows. ret_changed NULL: may be sent without waiting for the answer. */
    enum err (*run)(struct db *db, const struct sql *q, const struct val *args,
                    int64_t *ret_changed);
    enum err (*check)(struct db *db, const struct sql *q); /* db_check() */
    /* Any SQL text, several statements. */
    enum err (*script)(struct db *db, const char *what, const char *text);

    enum err (*read_begin)(struct db *db);
    void (*read_end)(struct db *db);

    /* A batch. ERR_BUSY from begin(): another process kept the lock for BUSY_MS. */
    enum err (*begin)(struct db *db);
    enum err (*savepoint)(struct db *db);
    enum err (*release)(struct db *db);
    enum err (*undo)(struct db *db); /* back to the savepoint, which is released */
    /* Tell the other processes once the batch has committed. NULL: there are none to tell. */
    enum err (*tell)(struct db *db, int64_t self, const struct tellings *list);
    enum err (*commit)(struct db *db);
    void (*roll_back)(struct db *db); /* also when there is nothing to roll back */
    void (*rest)(struct db *db);      /* after the answers: what nobody should wait for */

    /* The database's tables: is `migration` there, is anything. */
    enum err (*known)(struct db *db, int64_t *ret_steps, int64_t *ret_things);
    /* The writer's connection, once it is known that the database is ours. */
    enum err (*ready)(struct cx *cx, struct db *db);
    /* Before the first step of a migration, and after the last. */
    enum err (*migrate_begin)(struct db *db);
    enum err (*migrate_end)(struct db *db);
    /* The text of a step in this engine's words: malloc'd. NULL: as it is. */
    char *(*translate)(const char *text);
    enum err (*broken)(struct db *db, int64_t *ret_references);

    enum err (*backup)(struct cx *cx, const char *url, const char *path);
    /* NULL: every process hears of its own commits only. */
    struct listener *(*listen)(const struct listen_ask *ask);
    void (*listen_stop)(struct listener *l);
};

extern const struct engine engine_sqlite, engine_postgres;

/* Which engine opens this URL. ERR_INPUT with cx->problem. */
enum err engine_of(struct cx *cx, const char *url, const struct engine **ret_engine) NODISCARD;
/* A place for a prepared statement: statements are static, so their address is their name. */
static inline size_t sql_hash(const struct sql *q)
{
    return (size_t)((uintptr_t)q >> 4) * 0x9e3779b97f4a7c15U >> 20;
}
