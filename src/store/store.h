/*
 * store - the database: named statements, readers, and the one writer that commits jobs in groups.
 *
 * Shape:   a `store` is one opened database. Every write is a job on its writer thread; the writer
 *          puts each job in a savepoint and commits a whole batch at once. Reads take a `db` from
 *          a bounded pool and see one snapshot from their first statement on. No engine shows
 *          here: the same statements run on SQLite and PostgreSQL.
 * Text:    statements come from <topic>.sql files ("-- name:" lines), never from user data. Values
 *          go in as $1, $2 ... numbered in order of first use (db_check() proves it).
 * Types:   64-bit integers, UTF-8 text, bytes, NULL. Times are Unix ms. Booleans are 0 and 1.
 * Memory:  text and bytes that are read are copied to the arena given.
 * Errors:  on error no ret_ parameter is written. ERR_STORE: logged here, once, with the
 *          statement's name; a job must return it. Write so that normal use never violates a
 *          constraint: ON CONFLICT DO NOTHING, or an UPDATE with its condition.
 * Source:  docs/decisions/0003-store.md, 0008-postgresql.md
 */
#pragma once
#include "base/cx.h"
#include "base/err.h"
#include <stddef.h>

struct store;
struct db; /* one connection, lent to one thread: a job's, or a reader's */

/* ---- statements ---- */

struct sql {
    const char *name, *text;
};

struct val {
    enum { VAL_END, VAL_NULL, VAL_I64, VAL_TEXT, VAL_BLOB } kind;
    int64_t i;
    const void *p; /* text or bytes: the caller's, until the call returns */
    size_t len;    /* of p; text of unknown length: SIZE_MAX */
};

static inline struct val val_i64(int64_t i)
{
    return (struct val){VAL_I64, i, 0, 0};
}
/* NULL pointers become NULL values. */
static inline struct val val_textn(const char *s, size_t len)
{
    return (struct val){s ? VAL_TEXT : VAL_NULL, 0, s, len};
}
static inline struct val val_text(const char *s)
{
    return val_textn(s, SIZE_MAX);
}
static inline struct val val_blob(const void *p, size_t len)
{
    return (struct val){p ? VAL_BLOB : VAL_NULL, 0, p, len};
}
#define V(x) \
    _Generic((x),          \
        _Bool: val_i64,    \
        int: val_i64,      \
        int64_t: val_i64,  \
        char *: val_text,  \
        const char *: val_text)(x)
#define VTEXT(s, len) val_textn((s), (len))
#define VBLOB(p, len) val_blob((p), (len))
#define VNULL         ((struct val){VAL_NULL, 0, 0, 0})
#define ARGS(...)     ((const struct val[]){__VA_ARGS__ __VA_OPT__(, ){0}})

/* Bytes that were read; p is NULL for a NULL value. */
struct blob {
    const unsigned char *p;
    size_t len;
};

/*
 * Where one column goes, by the type of what it points to. NULL reads as 0, false, NULL.
 *
 *     db_row(db, cx->arena, &SQL_viewer_by_id, ARGS(V(id)), COLS(C(&v.id), C(&v.name)));
 */
struct col {
    enum { COL_END, COL_I64, COL_INT, COL_BOOL, COL_TEXT, COL_BLOB } kind;
    void *to;
};
static inline struct col col_i64(int64_t *to)
{
    return (struct col){COL_I64, to};
}
static inline struct col col_int(int *to)
{
    return (struct col){COL_INT, to};
}
static inline struct col col_bool(bool *to)
{
    return (struct col){COL_BOOL, to};
}
static inline struct col col_text(const char **to)
{
    return (struct col){COL_TEXT, to};
}
static inline struct col col_blob(struct blob *to)
{
    return (struct col){COL_BLOB, to};
}
#define C(to) \
    _Generic((to),               \
        int64_t *: col_i64,      \
        int *: col_int,          \
        bool *: col_bool,        \
        const char **: col_text, \
        struct blob *: col_blob)(to)
#define COLS(...) ((const struct col[]){__VA_ARGS__, {0}})

/* The one integer of the first row. No row: ERR_NOT_FOUND. `q` is static, here and below. */
enum err db_i64(struct db *db, const struct sql *q, const struct val *args,
                int64_t *ret_i64) NODISCARD;

/*
 * The first row, every column of it. `arena` may be NULL when no column is text or bytes.
 *
 * ERR_NOT_FOUND  no row
 * ERR_NO_MEMORY  the arena is full; some columns may be written already
 * ERR_STORE
 */
enum err db_row(struct db *db, struct arena *arena, const struct sql *q, const struct val *args,
                const struct col *cols) NODISCARD;

/* Run q; *ret_changed (may be NULL) is how many rows it inserted, updated or deleted. */
enum err db_do(struct db *db, const struct sql *q, const struct val *args,
               int64_t *ret_changed) NODISCARD;

/*
 * Many rows, one by one. Put a LIMIT into the statement: nothing here bounds the loop.
 *
 *     struct rows r = db_rows(db, &SQL_chat_last, ARGS(V(show_id), V(50)));
 *     while (rows_next(&r, arena, COLS(C(&m.seq), C(&m.text))))
 *         add(list, &m);
 *     return rows_end(&r);
 *
 * rows_end() must be called, also after an early break; it returns the first error.
 */
struct rows {
    struct db *db;
    struct stmt *st;
    enum err e;
};
struct rows db_rows(struct db *db, const struct sql *q, const struct val *args);
bool rows_next(struct rows *r, struct arena *arena, const struct col *cols);
enum err rows_end(struct rows *r) NODISCARD;

/* ERR_STORE if the statement does not prepare, or its $n are not numbered in order of use. */
enum err db_check(struct db *db, const struct sql *q) NODISCARD;

/* ---- the store ---- */

/* Made from migrations/NNNN_name.sql by the build: "<room>/migrations.sql.h". */
struct migration {
    int version;
    const char *name, *text;
};

struct schema {
    const struct migration *steps; /* ascending */
    size_t count;
};
extern const struct schema shop_schema; /* nightmarket's, from store/migrations/ */

struct store_setup {
    /* "sqlite:PATH" (the file is made when absent, mode 0600) or "postgresql://..." */
    const char *url;
    const struct schema *schema;
    size_t readers;   /* connections for reading; 0: 4 */
    size_t queue_max; /* jobs that may wait for the writer; 0: 4096 */
};

/* ERR_INPUT: store_open() would refuse this URL as such. cx->problem never repeats it. */
enum err store_check_url(struct cx *cx, const char *url) NODISCARD;

/*
 * Open, bring the schema up to date (each step in a transaction of its own), start the writer.
 * Another process may hold the lock meanwhile: waits up to 5 s for it.
 *
 * ERR_INPUT     a URL this program cannot open; cx->problem never repeats the URL
 * ERR_CONFLICT  the database is newer than the schema, or belongs to another program
 * ERR_BUSY      locked for 5 s by another process
 * ERR_STORE, ERR_NO_MEMORY
 */
enum err store_open(struct cx *cx, const struct store_setup *setup,
                    struct store **ret_store) NODISCARD;

/* Runs what is queued, refuses what comes later, closes. No reader may be out. NULL is fine. */
void store_close(struct store *s);

/*
 * A consistent copy of the database at `url` to the new file `path` (mode 0600), beside running
 * writers, of this or another process; checked before it is called done.
 *
 * ERR_EXISTS  `path` is there already
 * ERR_IO      `path` cannot be made
 * ERR_INPUT   also: a PostgreSQL database; cx->problem names pg_dump, which does this
 * ERR_BUSY, ERR_STORE
 */
enum err store_backup(struct cx *cx, const char *url, const char *path) NODISCARD;

/* ---- reading ---- */

/*
 * Borrow a connection: a snapshot that begins at the first statement and lasts until
 * store_read_end(). Waits up to 2 s when all are out, then ERR_BUSY. One per thread at a time: a
 * thread that holds one and waits for a second could wait for itself.
 *
 * Thread: any but the event loops (it blocks).
 */
enum err store_read(struct store *s, struct db **ret_db) NODISCARD;
void store_read_end(struct db *db); /* NULL is fine */

/* ---- writing ---- */

/* What the writer hands to a job: a savepoint is open, and closes when the job returns. */
struct tx {
    struct db *db;
    struct cx *cx; /* of the request that asked: its now_ms, and where `problem` goes */
};

/*
 * Run a job and wait for its batch's commit: only then may anyone be told.
 *
 * The body is a pure function of its input and the database: ids, time and random values are made
 * before it. Its error undoes this job alone. Bodies are short: over 5 ms (PostgreSQL: 50) is
 * logged.
 * `name` is for the log ("chat.post").
 * Thread: workers; never the writer itself, never an event loop.
 * ERR_BUSY   the queue is full or the store closes, or another process kept the lock for 5 s;
 *            nothing happened
 * ERR_STORE  the batch did not commit; nothing of it happened; the same job may be run again
 * ERR_UNKNOWN the connection to PostgreSQL was lost and nobody can say whether it committed. A
 *            request that may be sent again carries an idempotency key
 * else       what `run` returned
 */
enum err store_do(struct store *s, struct cx *cx, const char *name,
                  enum err (*run)(struct tx *tx, void *arg), void *arg) NODISCARD;

/* A job for those that cannot wait. The writer's own from store_submit() until done(). */
struct job {
    const char *name;
    enum err (*run)(struct tx *tx, void *arg);
    void *arg;
    struct cx *cx;
    /* On the writer thread after the commit, or after the batch was lost; may free the job. */
    void (*done)(struct job *job);
    enum err e;       /* outcome, true from done() on */
    struct job *next; /* the writer's */
};

/* Thread: any, never blocks. ERR_BUSY: not taken, done() will not come. */
enum err store_submit(struct store *s, struct job *job) NODISCARD;

/*
 * Call fn(arg) on the writer thread once this job's batch has committed: in the order of the jobs,
 * before any of them is answered. Also if nobody can say whether it committed; not if the job fails
 * or the batch is lost. For waking
 * others: it must be quick and may not block. The same fn and arg count once in a job; at most
 * TX_HOOKS_MAX of them (asserted).
 */
enum { TX_HOOKS_MAX = 8 };
void tx_after_commit(struct tx *tx, void (*fn)(void *arg), void *arg);

/* ---- other processes at the same database ---- */

/*
 * Once this job's batch has committed, tell the other processes of it: what they gave to
 * store_listen() is called with these numbers, `about` > 0. Of several n about the same thing the
 * last one arrives. Nothing on SQLite, where one process serves. At most TX_HOOKS_MAX things per
 * job (asserted).
 */
void tx_tell(struct tx *tx, int64_t about, int64_t n);

/*
 * Hear what other processes say with tx_tell(), on a thread of the store that this must not hold
 * up. heard(arg, 0, 0) whenever the ear was deaf before, so also at the start: words may have been
 * lost, they only say where to look. One listener a store. Nothing on SQLite.
 *
 * ERR_NO_MEMORY
 */
enum err store_listen(struct store *s, void (*heard)(void *arg, int64_t about, int64_t n),
                      void *arg) NODISCARD;
/* heard() is not called any more when this returns. Fine without a listener. */
void store_listen_end(struct store *s);
