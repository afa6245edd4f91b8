#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite.sql.h"
#include "store/sqlite_in.h"

#include <time.h>

static enum err say(struct db *db, const struct sql *q)
{
    return lite_run(db, q, ARGS(), NULL);
}

/* ---- reading ---- */

static void roll_back(struct db *db)
{
    struct lite *l = lite_of(db);
    if (!sqlite3_get_autocommit(l->h)) /* some errors have ended it already */
        (void)lite_check(l, sqlite3_exec(l->h, "ROLLBACK", NULL, NULL, NULL), "roll back");
}

static enum err read_begin(struct db *db)
{
    return say(db, &SQL_lite_begin_read);
}

/* Nothing was written: whether the end is a commit or a rollback, the next BEGIN tells. */
static void read_end(struct db *db)
{
    if (sqlite3_get_autocommit(lite_of(db)->h) || say(db, &SQL_lite_commit))
        roll_back(db);
}

/* ---- a batch ---- */

static enum err begin(struct db *db)
{
    return say(db, &SQL_lite_begin_write);
}

static enum err savepoint(struct db *db)
{
    return say(db, &SQL_lite_savepoint);
}

static enum err release(struct db *db)
{
    return say(db, &SQL_lite_release);
}

static enum err undo(struct db *db)
{
    enum err e = say(db, &SQL_lite_undo);
    return e ? e : say(db, &SQL_lite_release);
}

static enum err commit(struct db *db)
{
    return say(db, &SQL_lite_commit);
}

/* Folds the log. PASSIVE: never waits for a reader. */
static void rest(struct db *db)
{
    struct lite *l = lite_of(db);
    if (l->wal_pages < CHECKPOINT_PAGES)
        return;
    l->wal_pages = 0; /* the next commit says how many there are */
    int rc = sqlite3_wal_checkpoint_v2(l->h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (lite_check(l, rc, "checkpoint"))
        log_warn("the log could not be folded into the database now");
}

/* ---- the schema ---- */

static enum err known(struct db *db, int64_t *ret_steps, int64_t *ret_things)
{
    /* In this order: another process may be making the first of both between the two. */
    enum err e = db_i64(db, &SQL_lite_things_known, ARGS(), ret_things);
    return e ? e : db_i64(db, &SQL_lite_steps_known, ARGS(), ret_steps);
}

/* The log is written ahead, so readers and the writer do not wait for each other. */
static enum err write_ahead(struct cx *cx, struct db *db)
{
    enum err e = ERR_BUSY;
    int64_t until_ms = clock_mono_ms() + BUSY_MS;
    /* Switching does not ask the busy handler. */
    while ((e = say(db, &SQL_lite_journal_mode)) == ERR_BUSY && clock_mono_ms() < until_ms)
        (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    return e ? problem(cx, e, "the database is locked by another program") : ERR_OK;
}

/* Dropping a table that is being rebuilt would count as breaking what refers to it, and the switch
 * is deaf inside a transaction. Each step is looked at when it ends instead: broken(). */
static enum err migrate_begin(struct db *db)
{
    return lite_script(db, "migrate", "PRAGMA foreign_keys = 0");
}

static enum err migrate_end(struct db *db)
{
    return lite_script(db, "migrate", "PRAGMA foreign_keys = 1");
}

static enum err broken(struct db *db, int64_t *ret_references)
{
    return db_i64(db, &SQL_lite_broken_references, ARGS(), ret_references);
}

const struct engine engine_sqlite = {
    .slow_job_us = 5000,
    .check_url = lite_check_url,
    .open = lite_open,
    .close = lite_close,
    .start = lite_start,
    .step = lite_step,
    .columns = lite_columns,
    .cell = lite_cell,
    .stmt_name = lite_stmt_name,
    .end = lite_end,
    .run = lite_run,
    .check = lite_prepares,
    .script = lite_script,
    .read_begin = read_begin,
    .read_end = read_end,
    .begin = begin,
    .savepoint = savepoint,
    .release = release,
    .undo = undo,
    .commit = commit,
    .roll_back = roll_back,
    .rest = rest,
    .ready = write_ahead,
    .known = known,
    .migrate_begin = migrate_begin,
    .migrate_end = migrate_end,
    .broken = broken,
    .backup = lite_backup,
};
