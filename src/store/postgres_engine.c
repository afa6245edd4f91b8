#include "base/clock.h"
#include "base/log.h"
#include "store/postgres.sql.h"
#include "store/postgres_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- reading ---- */

static enum err read_begin(struct db *db)
{
    (void)db; /* begins with the first statement */
    return ERR_OK;
}

static void read_end(struct db *db)
{
    struct pg *p = pg_of(db);
    if (!p->in_tx)
        return;
    p->in_tx = p->broken = false;
    if (p->lost)
        return;
    if (pg_send(p, &SQL_pg_commit, ARGS()) == ERR_OK)
        pg_leave(p);
}

/* ---- a batch ---- */

enum { WRITER_LOCK = 0x6e6d31 };

static void roll_back(struct db *db)
{
    struct pg *p = pg_of(db);
    if (!p->lost)
        (void)pg_settle(p);
    if (!p->lost && p->in_tx) {
        p->broken = false;
        if (pg_send(p, &SQL_pg_roll_back, ARGS()) == ERR_OK)
            (void)pg_settle(p);
    }
    p->in_tx = p->busy = p->committing = false;
    p->broken = p->lost;
}

static enum err lock(struct pg *p)
{
    PGresult *res;
    enum err e = pg_ask(p, &SQL_pg_lock, ARGS(V(WRITER_LOCK)), &res);
    if (e)
        return e;
    const struct stmt st = {&SQL_pg_lock, res, 0};
    struct cell xid;
    pg_cell(&st, 0, &xid);
    p->xid = xid.i;
    PQclear(res);
    return ERR_OK;
}

/* A connection that broke since the last batch shows here: nothing has happened yet. */
static enum err begin(struct db *db)
{
    struct pg *p = pg_of(db);
    int64_t until_ms = clock_mono_ms() + BUSY_MS;
    p->job = 0;
    p->committing = false;
    for (;;) {
        enum err e = pg_reconnect(p, until_ms);
        if (e)
            return e;
        p->in_tx = true;
        e = pg_send(p, &SQL_pg_begin_write, ARGS());
        if (!e)
            e = lock(p);
        if (!e)
            return ERR_OK;
        bool lost = p->lost;
        roll_back(db);
        if (!lost || clock_mono_ms() >= until_ms)
            return lost ? ERR_BUSY : e;
    }
}

static enum err savepoint(struct db *db)
{
    struct pg *p = pg_of(db);
    p->job++;
    return pg_send(p, &SQL_pg_savepoint, ARGS());
}

static enum err release(struct db *db)
{
    return pg_send(pg_of(db), &SQL_pg_release, ARGS());
}

static enum err undo(struct db *db)
{
    struct pg *p = pg_of(db);
    if (p->broken && (p->lost || p->busy || db->again != AGAIN_NO))
        return p->busy ? ERR_BUSY : ERR_STORE;
    p->broken = false;
    enum err e = pg_send(p, &SQL_pg_undo, ARGS());
    return e ? e : pg_send(p, &SQL_pg_release, ARGS());
}

/* ---- the end of a batch ---- */

static enum err notify(struct pg *p, const char *text)
{
    return pg_send(p, &SQL_pg_notify, ARGS(V(text)));
}

/* The last n of each. "self about:n about:n ..."; a notification has less than 8,000 bytes. */
static enum err tell(struct db *db, int64_t self, const struct tellings *list)
{
    enum { TEXT_MAX = 7900, ONE_MAX = 48 };
    char text[TEXT_MAX];
    enum err e = ERR_OK;
    size_t head = (size_t)snprintf(text, sizeof text, "%" PRId64, self);
    size_t len = head;
    for (size_t i = 0; i < list->count && !e; i++) {
        const struct telling *t = &list->list[i];
        bool later = false;
        for (size_t j = i + 1; j < list->count && !later; j++)
            later = list->list[j].about == t->about;
        if (later)
            continue;
        len += (size_t)snprintf(text + len, sizeof text - len, " %" PRId64 ":%" PRId64, t->about,
                                t->n);
        if (len > TEXT_MAX - ONE_MAX) {
            e = notify(pg_of(db), text);
            len = head;
        }
    }
    return e || len == head ? e : notify(pg_of(db), text);
}

/* What became of a transaction: "committed", "aborted", "in progress"; false: nobody knows. */
static bool ask_outcome(struct pg *p, int64_t xid, char *out, size_t size)
{
    PGresult *res;
    if (pg_ask(p, &SQL_pg_outcome, ARGS(V(xid)), &res))
        return false;
    bool known = PQntuples(res) == 1 && !PQgetisnull(res, 0, 0);
    if (known)
        (void)snprintf(out, size, "%s", PQgetvalue(res, 0, 0));
    PQclear(res);
    return known;
}

/* The answer to a COMMIT was lost with the connection: the server is asked on a new one. */
static enum err settle_outcome(struct pg *p)
{
    int64_t until_ms = clock_mono_ms() + OUTCOME_MS;
    char outcome[16] = "";
    do {
        if (pg_reconnect(p, until_ms) || !ask_outcome(p, p->xid, outcome, sizeof outcome))
            outcome[0] = '\0';
        if (strcmp(outcome, "committed") == 0)
            return ERR_OK;
        if (strcmp(outcome, "aborted") == 0) {
            p->db.again = AGAIN_LOST;
            return ERR_STORE;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    } while (clock_mono_ms() < until_ms);
    log_error("it is not known whether a batch has committed");
    p->db.again = AGAIN_NO;
    return ERR_UNKNOWN;
}

static enum err commit(struct db *db)
{
    struct pg *p = pg_of(db);
    p->committing = true;
    enum err e = pg_send(p, &SQL_pg_commit, ARGS());
    if (!e)
        e = pg_settle(p);
    if (e && p->lost) {
        p->in_tx = false;
        e = settle_outcome(p);
    }
    if (!e)
        p->in_tx = false;
    p->committing = false;
    return e;
}

/* ---- the schema ---- */

static enum err known(struct db *db, int64_t *ret_steps, int64_t *ret_things)
{
    /* In this order: another process may be making the first of both between the two. */
    enum err e = db_i64(db, &SQL_pg_things_known, ARGS(), ret_things);
    return e ? e : db_i64(db, &SQL_pg_steps_known, ARGS(), ret_steps);
}

static enum err backup(struct cx *cx, const char *url, const char *path)
{
    (void)url;
    (void)path;
    return problem(
        cx, ERR_INPUT,
        "a PostgreSQL database is copied with pg_dump: pg_dump -Fc \"$DATABASE_URL\" >FILE");
}

const struct engine engine_postgres = {
    .slow_job_us = 50000,
    .check_url = pg_check_url,
    .open = pg_open,
    .close = pg_close,
    .start = pg_start,
    .step = pg_step,
    .columns = pg_columns,
    .cell = pg_cell,
    .stmt_name = pg_stmt_name,
    .end = pg_end,
    .run = pg_run,
    .check = pg_check,
    .script = pg_script,
    .read_begin = read_begin,
    .read_end = read_end,
    .begin = begin,
    .savepoint = savepoint,
    .release = release,
    .undo = undo,
    .tell = tell,
    .commit = commit,
    .roll_back = roll_back,
    .known = known,
    .translate = pg_translate,
    .backup = backup,
    .listen = pg_listen,
    .listen_stop = pg_listen_stop,
};
