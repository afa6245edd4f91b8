#include "base/log.h"
#include "store/postgres_in.h"

#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25, NAME_LEN = 16 };

/* ---- what was sent ---- */

static bool push(struct pg *p, struct sent what)
{
    assert(p->waiting < SENT_MAX);
    what.job = p->job;
    p->sent[(p->first + p->waiting++) % SENT_MAX] = what;
    return true;
}

static struct sent pop(struct pg *p)
{
    assert(p->waiting);
    struct sent s = p->sent[p->first];
    p->first = (p->first + 1) % SENT_MAX;
    p->waiting--;
    return s;
}

/* ---- errors ---- */

static bool among(const char *state, const char *const *list)
{
    for (; *list; list++)
        if (strncmp(state, *list, strlen(*list)) == 0)
            return true;
    return false;
}

static void say_failed(const struct sent *s, const PGresult *res, const char *state)
{
    const char *why = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    log_error("a statement failed", LOG_S("statement", s->q ? s->q->name : "sync"),
              LOG_S("sqlstate", state), LOG_S("why", why));
}

/* A statement that is only looked at has no values yet, so its parameters have no types. What that
 * alone may make wrong: "operator does not exist: bigint + text", "could not determine data type".
 * Its first use shows whether it was that. */
static bool wants_types(const PGresult *res, const char *state)
{
    const char *why = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    return among(state, (const char *const[]){"42P18", "42P08", "42725", "42804", NULL}) ||
           (strcmp(state, "42883") == 0 && why && strncmp(why, "operator", 8) == 0);
}

/* Sets the marks that say what can be done about it. */
static void note_failure(struct pg *p, const struct sent *s, const PGresult *res)
{
    /* Serialisation, deadlock; a plan that a migration has made stale. */
    static const char *const others[] = {"40001", "40P01", "0A000", NULL};
    static const char *const gone[] = {"08", "57P01", "57P02", "57P03", "25P03", NULL};
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    if (p->untyped && state && wants_types(res, state))
        return;
    p->broken = true;
    if (state && strcmp(state, "0A000") == 0)
        pg_forget_plans(p);
    if (!state || PQstatus(p->conn) != CONNECTION_OK || among(state, gone)) {
        p->lost = true;
        p->db.again = AGAIN_LOST;
        log_warn("the connection to the database broke",
                 LOG_S("statement", s->q ? s->q->name : "sync"), LOG_S("sqlstate", state));
    } else if (strcmp(state, "55P03") == 0) {
        p->busy = true;
    } else if (p->in_tx && p->kind == CONN_WRITER && among(state, others)) {
        p->db.again = AGAIN_LOST;
    } else if (s->job != p->job || (p->committing && p->job > 1)) {
        p->db.again = AGAIN_APART; /* run alone, it will be said whose it is */
    } else {
        say_failed(s, res, state);
    }
}

static void note_lost(struct pg *p)
{
    if (!p->lost)
        log_warn("the connection to the database broke");
    p->lost = p->broken = true;
    p->waiting = 0;
    p->db.again = AGAIN_LOST;
}

/* ---- answers ---- */

/* The answer to the oldest thing sent. NULL: the connection is gone. */
static PGresult *answer(struct pg *p, struct sent *ret_what)
{
    *ret_what = pop(p);
    PGresult *res = PQgetResult(p->conn);
    if (!res) /* the mark between two answers */
        res = PQgetResult(p->conn);
    if (!res || ret_what->kind == SENT_SYNC)
        return res;
    PGresult *more;
    while ((more = PQgetResult(p->conn)))
        PQclear(more);
    return res;
}

static void look(struct pg *p, const struct sent *s, const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    if (s->plan && status != PGRES_COMMAND_OK)
        s->plan->number = 0;
    if (status == PGRES_FATAL_ERROR && !p->broken)
        note_failure(p, s, res);
    if (status == PGRES_FATAL_ERROR && PQstatus(p->conn) != CONNECTION_OK)
        note_lost(p);
}

/* All that was sent; the last answer to a statement, or NULL, is the caller's. */
static PGresult *drain(struct pg *p)
{
    PGresult *last = NULL;
    while (p->waiting && !p->lost) {
        struct sent s;
        PGresult *res = answer(p, &s);
        if (!res) {
            note_lost(p);
            break;
        }
        look(p, &s, res);
        if (s.kind == SENT_RUN) {
            PQclear(last);
            last = res;
        } else {
            PQclear(res);
        }
    }
    return last;
}

static enum err verdict(const struct pg *p)
{
    return !p->broken ? ERR_OK : p->busy ? ERR_BUSY : ERR_STORE;
}

static void sync_up(struct pg *p)
{
    if (p->lost || PQpipelineSync(p->conn) != 1)
        note_lost(p);
    else
        (void)push(p, (struct sent){.kind = SENT_SYNC});
}

enum err pg_settle(struct pg *p)
{
    sync_up(p);
    PQclear(drain(p));
    return verdict(p);
}

void pg_leave(struct pg *p)
{
    sync_up(p);
    if (!p->lost && PQflush(p->conn) < 0)
        note_lost(p);
}

/* ---- plans ---- */

static Oid type_of(const struct val *v)
{
    switch (v->kind) {
    case VAL_I64: return OID_INT8;
    case VAL_TEXT: return OID_TEXT;
    case VAL_BLOB: return OID_BYTEA;
    case VAL_NULL:
    case VAL_END: break;
    }
    return 0;
}

/* The place of q among the plans: its own, or an empty one. */
static struct plan **slot_of(struct pg *p, const struct sql *q)
{
    for (size_t i = sql_hash(q);; i++) {
        struct plan **slot = &p->plans[i % STMT_SLOTS];
        if (!*slot || (*slot)->q == q)
            return slot;
    }
}

void pg_forget_plans(struct pg *p)
{
    for (size_t i = 0; i < STMT_SLOTS; i++)
        if (p->plans[i])
            p->plans[i]->number = 0;
}

void pg_free_plans(struct pg *p)
{
    for (size_t i = 0; i < STMT_SLOTS; i++)
        free(p->plans[i]);
}

static void name_of(const struct plan *plan, char out[NAME_LEN])
{
    if (plan->cached)
        (void)snprintf(out, NAME_LEN, "s%u", plan->number);
    else
        out[0] = '\0';
}

static bool send_plan(struct pg *p, struct plan *plan)
{
    char name[NAME_LEN];
    plan->number = ++p->last_number;
    name_of(plan, name);
    return PQsendPrepare(p->conn, name, plan->q->text, plan->params, plan->types) == 1 &&
           push(p,
                (struct sent){.kind = SENT_PLAN, .q = plan->q, .plan = plan->cached ? plan : NULL});
}

/* The plan for q with values of these kinds, prepared if need be; `spare` when all places are
 * taken. A value that was NULL whenever q was used has no type yet: then q is prepared anew. */
static struct plan *plan_for(struct pg *p, const struct sql *q, const struct val *args,
                             struct plan *spare)
{
    struct plan **slot = slot_of(p, q);
    struct plan *plan = *slot;
    if (!plan && p->cached < STMT_SLOTS / 2 && (plan = calloc(1, sizeof *plan))) {
        *slot = plan;
        p->cached++;
        plan->cached = true;
    }
    if (!plan)
        plan = spare;
    plan->q = q;
    bool same = plan->number != 0;
    int n = 0;
    for (; args[n].kind != VAL_END; n++) {
        assert(n < PARAMS_MAX);
        Oid type = type_of(&args[n]);
        if (type && type != plan->types[n]) {
            plan->types[n] = type;
            same = false;
        }
    }
    plan->params = n;
    return same || send_plan(p, plan) ? plan : NULL;
}

/* ---- sending ---- */

struct bound {
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX], formats[PARAMS_MAX];
    uint64_t numbers[PARAMS_MAX];
};

static void bind(struct bound *b, const struct val *args)
{
    for (int n = 0; args[n].kind != VAL_END; n++) {
        const struct val *v = &args[n];
        size_t len = v->len;
        b->formats[n] = 1;
        b->values[n] = v->p;
        if (v->kind == VAL_I64) {
            b->numbers[n] = htobe64((uint64_t)v->i);
            b->values[n] = (const char *)&b->numbers[n];
            len = sizeof b->numbers[n];
        } else if (v->kind == VAL_TEXT && len == SIZE_MAX) {
            len = strlen(v->p);
        } else if (v->kind == VAL_NULL) {
            b->values[n] = NULL;
            len = 0;
        }
        assert(len <= INT_MAX);
        b->lengths[n] = (int)len;
    }
}

enum err pg_send(struct pg *p, const struct sql *q, const struct val *args)
{
    if (p->broken)
        return ERR_STORE;
    if (p->waiting > SENT_MAX - 8) { /* room for a plan, its run and a sync */
        if (PQsendFlushRequest(p->conn) != 1)
            note_lost(p);
        PQclear(drain(p));
        if (p->broken)
            return pg_settle(p);
    }
    struct plan spare = {0};
    struct bound b;
    char name[NAME_LEN];
    const struct plan *plan = plan_for(p, q, args, &spare);
    if (plan) {
        bind(&b, args);
        name_of(plan, name);
        if (PQsendQueryPrepared(p->conn, name, plan->params, b.values, b.lengths, b.formats, 1) ==
            1)
            return push(p, (struct sent){.kind = SENT_RUN, .q = q}) ? ERR_OK : ERR_STORE;
    }
    note_lost(p);
    return ERR_STORE;
}

enum err pg_ask(struct pg *p, const struct sql *q, const struct val *args, PGresult **ret_rows)
{
    enum err e = pg_send(p, q, args);
    if (e)
        return e;
    if (!p->in_tx)
        sync_up(p);
    else if (PQsendFlushRequest(p->conn) != 1)
        note_lost(p);
    PGresult *rows = drain(p);
    if (!p->broken && rows) {
        *ret_rows = rows;
        return ERR_OK;
    }
    PQclear(rows);
    if (!p->lost && p->in_tx)
        return pg_settle(p);
    e = verdict(p);
    if (!p->lost)
        p->broken = p->busy = false; /* the sync was the end of it */
    return e;
}

enum err pg_prepare_only(struct pg *p, const struct sql *q)
{
    if (p->broken || PQsendPrepare(p->conn, "", q->text, 0, NULL) != 1)
        return ERR_STORE;
    (void)push(p, (struct sent){.kind = SENT_PLAN, .q = q});
    p->untyped = true;
    enum err e = pg_settle(p);
    p->untyped = false;
    return e;
}
