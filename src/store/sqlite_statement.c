#include "base/log.h"
#include "store/sqlite_in.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- prepared statements ---- */

static enum err prepare(struct lite *l, const struct sql *q, struct stmt **ret_stmt)
{
    struct stmt *st = calloc(1, sizeof *st);
    if (!st)
        return ERR_NO_MEMORY;
    st->q = q;
    const char *tail = "";
    int rc = sqlite3_prepare_v3(l->h, q->text, -1, SQLITE_PREPARE_PERSISTENT, &st->h, &tail);
    enum err e = lite_check(l, rc, q->name);
    if (!e && (!st->h || tail[strspn(tail, " \t\r\n;")])) {
        log_error("a named statement must be one statement", LOG_S("statement", q->name));
        e = ERR_STORE;
    }
    if (e) {
        (void)sqlite3_finalize(st->h);
        free(st);
        return e;
    }
    *ret_stmt = st;
    return ERR_OK;
}

static struct stmt **slot_of(struct lite *l, const struct sql *q)
{
    for (size_t i = sql_hash(q);; i++) {
        struct stmt **slot = &l->slots[i % STMT_SLOTS];
        if (!*slot || (*slot)->q == q)
            return slot;
    }
}

static enum err take(struct lite *l, const struct sql *q, struct stmt **ret_stmt)
{
    struct stmt **slot = slot_of(l, q);
    if (*slot && !(*slot)->in_use) {
        (*slot)->in_use = true;
        *ret_stmt = *slot;
        return ERR_OK;
    }
    struct stmt *st;
    enum err e = prepare(l, q, &st);
    if (e)
        return e;
    st->in_use = true;
    if (!*slot && l->cached < STMT_SLOTS / 2) {
        st->cached = true;
        *slot = st;
        l->cached++;
    }
    *ret_stmt = st;
    return ERR_OK;
}

void lite_end(struct stmt *st)
{
    (void)sqlite3_reset(st->h); /* repeats the error of the last step, which was seen there */
    (void)sqlite3_clear_bindings(st->h);
    st->in_use = false;
    if (!st->cached) {
        (void)sqlite3_finalize(st->h);
        free(st);
    }
}

static int bind_one(sqlite3_stmt *h, int i, const struct val *v, sqlite3_destructor_type keep)
{
    switch (v->kind) {
    case VAL_I64: return sqlite3_bind_int64(h, i, v->i);
    case VAL_TEXT:
        if (v->len == SIZE_MAX)
            return sqlite3_bind_text(h, i, v->p, -1, keep);
        return sqlite3_bind_text64(h, i, v->p, v->len, keep, SQLITE_UTF8);
    case VAL_BLOB: return sqlite3_bind_blob64(h, i, v->p, v->len, keep);
    case VAL_NULL:
    case VAL_END: break;
    }
    return sqlite3_bind_null(h, i);
}

/* A statement with its values, ready to step. */
enum err lite_start(struct db *db, const struct sql *q, const struct val *args, bool keep,
                    struct stmt **ret_stmt)
{
    struct lite *l = lite_of(db);
    struct stmt *st;
    enum err e = take(l, q, &st);
    if (e)
        return e;
    int n = 0;
    int rc = SQLITE_OK;
    for (; args[n].kind != VAL_END && rc == SQLITE_OK; n++)
        rc = bind_one(st->h, n + 1, &args[n], keep ? SQLITE_TRANSIENT : SQLITE_STATIC);
    assert(rc != SQLITE_OK || n == sqlite3_bind_parameter_count(st->h));
    e = lite_check(l, rc, q->name);
    if (e) {
        lite_end(st);
        return e;
    }
    *ret_stmt = st;
    return ERR_OK;
}

enum err lite_step(struct db *db, struct stmt *st)
{
    int rc = sqlite3_step(st->h);
    if (rc == SQLITE_ROW)
        return ERR_OK;
    return rc == SQLITE_DONE ? ERR_NOT_FOUND : lite_check(lite_of(db), rc, st->q->name);
}

int lite_columns(const struct stmt *st)
{
    return sqlite3_column_count(st->h);
}

void lite_cell(const struct stmt *st, int i, struct cell *ret_cell)
{
    *ret_cell = (struct cell){.kind = CELL_OTHER};
    switch (sqlite3_column_type(st->h, i)) {
    case SQLITE_NULL: ret_cell->kind = CELL_NULL; return;
    case SQLITE_INTEGER:
        ret_cell->kind = CELL_I64;
        ret_cell->i = sqlite3_column_int64(st->h, i);
        return;
    case SQLITE_TEXT:
        ret_cell->kind = CELL_TEXT;
        ret_cell->p = sqlite3_column_text(st->h, i);
        break;
    case SQLITE_BLOB:
        ret_cell->kind = CELL_BLOB;
        ret_cell->p = sqlite3_column_blob(st->h, i); /* NULL when empty */
        break;
    default: return;
    }
    ret_cell->len = (size_t)sqlite3_column_bytes(st->h, i);
}

const char *lite_stmt_name(const struct stmt *st)
{
    return st->q->name;
}

enum err lite_run(struct db *db, const struct sql *q, const struct val *args, int64_t *ret_changed)
{
    struct stmt *st;
    enum err e = lite_start(db, q, args, false, &st);
    if (e)
        return e;
    do {
        e = lite_step(db, st);
    } while (!e);
    if (e == ERR_NOT_FOUND) {
        e = ERR_OK;
        if (ret_changed)
            *ret_changed = sqlite3_stmt_readonly(st->h) ? 0 : sqlite3_changes64(lite_of(db)->h);
    }
    lite_end(st);
    return e;
}

enum err lite_prepares(struct db *db, const struct sql *q)
{
    struct stmt *st;
    enum err e = prepare(lite_of(db), q, &st);
    if (e)
        return e;
    for (int i = 1; i <= sqlite3_bind_parameter_count(st->h); i++) {
        char want[16];
        (void)snprintf(want, sizeof want, "$%d", i);
        const char *got = sqlite3_bind_parameter_name(st->h, i);
        if (got && strcmp(got, want) == 0)
            continue;
        log_error("a parameter is out of order", LOG_S("statement", q->name), LOG_I("place", i));
        e = ERR_STORE;
    }
    (void)sqlite3_finalize(st->h);
    free(st);
    return e;
}
