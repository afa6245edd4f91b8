#include "base/clock.h"
#include "base/log.h"
#include "store/postgres.sql.h"
#include "store/postgres_in.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* A reader's snapshot begins with its first statement; one that has no connection gets it here. */
static enum err begin_snapshot(struct pg *p)
{
    enum err e = pg_reconnect(p, clock_mono_ms());
    if (!e)
        e = pg_send(p, &SQL_pg_begin_read, ARGS());
    p->in_tx = !e;
    return e;
}

/* As pg_ask(). A connection that broke while nobody used it is seen by whoever reads next. */
static enum err ask(struct pg *p, const struct sql *q, const struct val *args, PGresult **ret_rows)
{
    if (p->kind == CONN_WRITER || p->in_tx)
        return pg_ask(p, q, args, ret_rows);
    enum err e = begin_snapshot(p);
    if (!e)
        e = pg_ask(p, q, args, ret_rows);
    if (!e || !p->lost)
        return e;
    e = begin_snapshot(p);
    return e ? e : pg_ask(p, q, args, ret_rows);
}

enum err pg_start(struct db *db, const struct sql *q, const struct val *args, bool keep,
                  struct stmt **ret_stmt)
{
    (void)keep; /* the values are on their way when this returns */
    struct stmt *st = calloc(1, sizeof *st);
    if (!st)
        return ERR_NO_MEMORY;
    enum err e = ask(pg_of(db), q, args, &st->rows);
    if (e) {
        free(st);
        return e;
    }
    st->q = q;
    st->row = -1;
    *ret_stmt = st;
    return ERR_OK;
}

enum err pg_step(struct db *db, struct stmt *st)
{
    (void)db;
    return ++st->row < PQntuples(st->rows) ? ERR_OK : ERR_NOT_FOUND;
}

int pg_columns(const struct stmt *st)
{
    return PQnfields(st->rows);
}

const char *pg_stmt_name(const struct stmt *st)
{
    return st->q->name;
}

void pg_end(struct stmt *st)
{
    PQclear(st->rows);
    free(st);
}

/* ---- columns: binary, src/backend/utils/adt of PostgreSQL says how ---- */

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_UNKNOWN = 705,
    OID_VARCHAR = 1043,
    OID_NUMERIC = 1700,
};

static uint16_t be16(const unsigned char *p)
{
    uint16_t n;
    memcpy(&n, p, sizeof n);
    return be16toh(n);
}

static uint32_t be32(const unsigned char *p)
{
    uint32_t n;
    memcpy(&n, p, sizeof n);
    return be32toh(n);
}

static uint64_t be64(const unsigned char *p)
{
    uint64_t n;
    memcpy(&n, p, sizeof n);
    return be64toh(n);
}

/* sum() of bigint is numeric: base 10,000 digits after count, weight, sign and scale. Whole numbers
 * of 64 bits only. */
static bool numeric_i64(const unsigned char *p, size_t len, int64_t *ret_n)
{
    if (len < 8)
        return false;
    unsigned digits = be16(p);
    int weight = (int16_t)be16(p + 2);
    unsigned sign = be16(p + 4);
    if (len < 8 + 2 * (size_t)digits || weight > 4 || (int)digits > weight + 1 ||
        (sign != 0 && sign != 0x4000))
        return false;
    int64_t n = 0;
    for (int i = 0; i <= weight; i++) {
        int64_t digit = i < (int)digits ? be16(p + 8 + 2 * i) : 0;
        if (__builtin_mul_overflow(n, 10000, &n) || __builtin_sub_overflow(n, digit, &n))
            return false;
    }
    if (!sign && n == INT64_MIN)
        return false;
    *ret_n = sign ? n : -n;
    return true;
}

static bool integer_of(Oid type, const unsigned char *p, size_t len, int64_t *ret_n)
{
    switch (type) {
    case OID_BOOL: *ret_n = len == 1 && p[0]; return len == 1;
    case OID_INT2: *ret_n = len == 2 ? (int16_t)be16(p) : 0; return len == 2;
    case OID_INT4: *ret_n = len == 4 ? (int32_t)be32(p) : 0; return len == 4;
    case OID_INT8: *ret_n = len == 8 ? (int64_t)be64(p) : 0; return len == 8;
    case OID_NUMERIC: return numeric_i64(p, len, ret_n);
    default: return false;
    }
}

void pg_cell(const struct stmt *st, int i, struct cell *ret_cell)
{
    *ret_cell = (struct cell){.kind = CELL_OTHER};
    if (PQgetisnull(st->rows, st->row, i)) {
        ret_cell->kind = CELL_NULL;
        return;
    }
    Oid type = PQftype(st->rows, i);
    ret_cell->p = PQgetvalue(st->rows, st->row, i);
    ret_cell->len = (size_t)PQgetlength(st->rows, st->row, i);
    if (type == OID_TEXT || type == OID_VARCHAR || type == OID_UNKNOWN || type == OID_NAME)
        ret_cell->kind = CELL_TEXT;
    else if (type == OID_BYTEA)
        ret_cell->kind = CELL_BLOB;
    else if (integer_of(type, ret_cell->p, ret_cell->len, &ret_cell->i))
        ret_cell->kind = CELL_I64;
}

/* ---- statements whose rows nobody wants ---- */

static int64_t changed_by(PGresult *res)
{
    if (strncmp(PQcmdStatus(res), "SELECT", 6) == 0)
        return 0;
    return strtoll(PQcmdTuples(res), NULL, 10); /* "" of a command that counts nothing */
}

enum err pg_run(struct db *db, const struct sql *q, const struct val *args, int64_t *ret_changed)
{
    struct pg *p = pg_of(db);
    if (p->kind == CONN_WRITER && p->in_tx && !ret_changed)
        return pg_send(p, q, args);
    PGresult *res;
    enum err e = ask(p, q, args, &res);
    if (e)
        return e;
    if (ret_changed)
        *ret_changed = changed_by(res);
    PQclear(res);
    return ERR_OK;
}

/* ---- checking ---- */

/* Numbers as tools/check_sql reads them: $n counts up in order of first use. */
static bool in_order(const char *text)
{
    long seen = 0;
    for (const char *s = strchr(text, '$'); s; s = strchr(s + 1, '$')) {
        long n = strtol(s + 1, NULL, 10);
        if (n < 1 || n > seen + 1)
            return false;
        seen = n > seen ? n : seen;
    }
    return true;
}

enum err pg_check(struct db *db, const struct sql *q)
{
    struct pg *p = pg_of(db);
    if (!in_order(q->text)) {
        log_error("a parameter is out of order", LOG_S("statement", q->name));
        return ERR_STORE;
    }
    enum err e = pg_reconnect(p, clock_mono_ms());
    if (!e)
        e = pg_prepare_only(p, q);
    if (!p->in_tx && !p->lost)
        p->broken = false;
    return e;
}
