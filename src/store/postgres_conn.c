#include "base/clock.h"
#include "base/log.h"
#include "store/postgres_in.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OLDEST = 130000 };

enum err pg_check_url(struct cx *cx, const char *url)
{
    char *why = NULL;
    PQconninfoOption *parts = PQconninfoParse(url, &why);
    PQfreemem(why); /* it may repeat the password */
    PQconninfoFree(parts);
    return parts ? ERR_OK : problem(cx, ERR_INPUT, "the database URL is not a PostgreSQL URL");
}

/* ---- connecting ---- */

/* Short statements only; a process that stops in the middle of a batch gives its locks back soon.
 */
static const char writer_settings[] =
    "SET lock_timeout = 5000; SET idle_in_transaction_session_timeout = 10000;"
    "SET jit = off; SET max_parallel_workers_per_gather = 0;"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'";
static const char reader_settings[] =
    "SET default_transaction_read_only = on; SET idle_in_transaction_session_timeout = 60000;"
    "SET jit = off; SET max_parallel_workers_per_gather = 0";

static bool set_up(PGconn *conn, const char *settings)
{
    PGresult *res = PQexec(conn, settings);
    ExecStatusType status = PQresultStatus(res);
    PQclear(res);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* What is wrong with this connection; NULL: nothing. */
static const char *fault(PGconn *conn)
{
    if (PQstatus(conn) != CONNECTION_OK)
        return PQerrorMessage(conn); /* names host and user, never the password */
    if (PQserverVersion(conn) < OLDEST)
        return "the server is older than PostgreSQL 13";
    const char *encoding = PQparameterStatus(conn, "server_encoding");
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return "the database is not in UTF8";
    return NULL;
}

static void keep_quiet(void *arg, const char *notice)
{
    (void)arg;
    (void)notice; /* that a table is there already, and the like */
}

PGconn *pg_connect(const char *url, const char *what)
{
    /* What stands before the URL it may replace; what stands after it is ours. */
    static const char *const keys[] = {
        "connect_timeout",  "keepalives_idle",  "keepalives_interval",
        "keepalives_count", "tcp_user_timeout", "fallback_application_name",
        "dbname",           "client_encoding",  NULL};
    const char *values[] = {"5", "5", "2", "3", "10000", "nightmarket", url, "UTF8", NULL};
    PGconn *conn = PQconnectdbParams(keys, values, 1);
    const char *why = conn ? fault(conn) : "no memory";
    if (!why) {
        (void)PQsetNoticeProcessor(conn, keep_quiet, NULL);
        return conn;
    }
    log_error("the database cannot be reached", LOG_S("for", what), LOG_S("why", why));
    PQfinish(conn);
    return NULL;
}

static enum err connect_once(struct pg *p)
{
    const bool writer = p->kind == CONN_WRITER;
    PQfinish(p->conn);
    p->waiting = 0;
    p->in_tx = p->broken = p->lost = false;
    pg_forget_plans(p);
    p->conn = pg_connect(p->url, writer ? "writing" : "reading");
    if (p->conn && set_up(p->conn, writer ? writer_settings : reader_settings) &&
        PQenterPipelineMode(p->conn) == 1)
        return ERR_OK;
    p->lost = true;
    return ERR_BUSY;
}

enum err pg_reconnect(struct pg *p, int64_t until_mono_ms)
{
    if (p->conn && !p->lost)
        return ERR_OK;
    long wait_ms = 20;
    while (connect_once(p)) {
        if (clock_mono_ms() + wait_ms >= until_mono_ms)
            return ERR_BUSY;
        (void)nanosleep(&(struct timespec){wait_ms / 1000, wait_ms % 1000 * 1000000}, NULL);
        wait_ms = wait_ms < 500 ? wait_ms * 2 : wait_ms;
    }
    return ERR_OK;
}

enum err pg_open(struct cx *cx, const char *url, enum conn_kind kind, struct db **ret_db)
{
    struct pg *p = calloc(1, sizeof *p);
    char *copy = strdup(url);
    if (!p || !copy) {
        free(p);
        free(copy);
        return problem(cx, ERR_NO_MEMORY, "no memory for a connection");
    }
    p->db.engine = &engine_postgres;
    p->kind = kind;
    p->url = copy;
    if (kind == CONN_WRITER && connect_once(p)) {
        pg_close(&p->db);
        return problem(cx, ERR_STORE, "the database cannot be reached, the log says why");
    }
    *ret_db = &p->db;
    return ERR_OK;
}

void pg_close(struct db *db)
{
    if (!db)
        return;
    struct pg *p = pg_of(db);
    PQfinish(p->conn);
    pg_free_plans(p);
    free(p->url);
    free(p);
}

/* Several statements in one text: only outside of the pipeline. */
enum err pg_script(struct db *db, const char *what, const char *text)
{
    struct pg *p = pg_of(db);
    enum err e = pg_settle(p);
    if (e)
        return e;
    if (PQexitPipelineMode(p->conn) != 1)
        return ERR_STORE;
    PGresult *res = PQexec(p->conn, text);
    ExecStatusType status = PQresultStatus(res);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        p->broken = p->in_tx;
        p->lost = PQstatus(p->conn) != CONNECTION_OK;
        const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
        const char *why = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
        log_error("a statement failed", LOG_S("statement", what), LOG_S("sqlstate", state),
                  LOG_S("why", why));
        e = ERR_STORE;
    }
    PQclear(res);
    if (!p->lost && PQenterPipelineMode(p->conn) != 1)
        e = ERR_STORE;
    return e;
}
