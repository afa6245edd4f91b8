#include "base/arena.h"
#include "base/log.h"
#include "store/conn_in.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- prepared statements ---- */

static enum err prepare(struct db *db, const struct sql *q, struct stmt **ret_stmt)
{
    struct stmt *st = calloc(1, sizeof *st);
    if (!st)
        return ERR_NO_MEMORY;
    st->q = q;
    const char *tail = "";
    int rc = sqlite3_prepare_v3(db->h, q->text, -1, SQLITE_PREPARE_PERSISTENT, &st->h, &tail);
    enum err e = db_conn_check(db, rc, q->name);
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

/* Statements are static, so their address is their name. */
static struct stmt **slot_of(struct db *db, const struct sql *q)
{
    size_t i = (size_t)((uintptr_t)q >> 4) * 0x9e3779b97f4a7c15U >> 20;
    for (;; i++) {
        struct stmt **slot = &db->slots[i % STMT_SLOTS];
        if (!*slot || (*slot)->q == q)
            return slot;
    }
}

static enum err take(struct db *db, const struct sql *q, struct stmt **ret_stmt)
{
    struct stmt **slot = slot_of(db, q);
    if (*slot && !(*slot)->in_use) {
        (*slot)->in_use = true;
        *ret_stmt = *slot;
        return ERR_OK;
    }
    struct stmt *st;
    enum err e = prepare(db, q, &st);
    if (e)
        return e;
    st->in_use = true;
    if (!*slot && db->cached < STMT_SLOTS / 2) {
        st->cached = true;
        *slot = st;
        db->cached++;
    }
    *ret_stmt = st;
    return ERR_OK;
}

static void give_back(struct stmt *st)
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
static enum err start(struct db *db, const struct sql *q, const struct val *args,
                      sqlite3_destructor_type keep, struct stmt **ret_stmt)
{
    struct stmt *st;
    enum err e = take(db, q, &st);
    if (e)
        return e;
    int n = 0;
    int rc = SQLITE_OK;
    for (; args[n].kind != VAL_END && rc == SQLITE_OK; n++)
        rc = bind_one(st->h, n + 1, &args[n], keep);
    assert(rc != SQLITE_OK || n == sqlite3_bind_parameter_count(st->h));
    e = db_conn_check(db, rc, q->name);
    if (e) {
        give_back(st);
        return e;
    }
    *ret_stmt = st;
    return ERR_OK;
}

/* ERR_NOT_FOUND: no further row. */
static enum err step(struct db *db, struct stmt *st)
{
    int rc = sqlite3_step(st->h);
    if (rc == SQLITE_ROW)
        return ERR_OK;
    return rc == SQLITE_DONE ? ERR_NOT_FOUND : db_conn_check(db, rc, st->q->name);
}

/* ---- columns ---- */

static enum err copy_text(sqlite3_stmt *h, int i, struct arena *arena, const char **to)
{
    const char *s = (const char *)sqlite3_column_text(h, i);
    size_t len = (size_t)sqlite3_column_bytes(h, i);
    *to = s ? arena_dup(arena, s, len) : NULL;
    return *to ? ERR_OK : ERR_NO_MEMORY;
}

static enum err copy_blob(sqlite3_stmt *h, int i, struct arena *arena, struct blob *to)
{
    const void *p = sqlite3_column_blob(h, i); /* NULL when empty */
    size_t len = (size_t)sqlite3_column_bytes(h, i);
    unsigned char *copy = arena_bytes(arena, len + 1, 1);
    if (!copy)
        return ERR_NO_MEMORY;
    if (p)
        memcpy(copy, p, len);
    *to = (struct blob){copy, len};
    return ERR_OK;
}

static void set_null(const struct col *c)
{
    switch (c->kind) {
    case COL_I64: *(int64_t *)c->to = 0; break;
    case COL_INT: *(int *)c->to = 0; break;
    case COL_BOOL: *(bool *)c->to = false; break;
    case COL_TEXT: *(const char **)c->to = NULL; break;
    case COL_BLOB: *(struct blob *)c->to = (struct blob){0}; break;
    case COL_END: break;
    }
}

static bool fits(const struct col *c, int type, int64_t n)
{
    switch (c->kind) {
    case COL_I64: return type == SQLITE_INTEGER;
    case COL_INT: return type == SQLITE_INTEGER && n >= INT_MIN && n <= INT_MAX;
    case COL_BOOL: return type == SQLITE_INTEGER && (n == 0 || n == 1);
    case COL_TEXT: return type == SQLITE_TEXT;
    case COL_BLOB: return type == SQLITE_BLOB;
    case COL_END: break;
    }
    return false;
}

static enum err read_column(sqlite3_stmt *h, int i, struct arena *arena, const struct col *c)
{
    int64_t n = sqlite3_column_int64(h, i);
    switch (c->kind) {
    case COL_I64: *(int64_t *)c->to = n; return ERR_OK;
    case COL_INT: *(int *)c->to = (int)n; return ERR_OK;
    case COL_BOOL: *(bool *)c->to = n != 0; return ERR_OK;
    case COL_TEXT: return copy_text(h, i, arena, c->to);
    case COL_BLOB: return copy_blob(h, i, arena, c->to);
    case COL_END: break;
    }
    return ERR_STORE;
}

static enum err read_row(struct stmt *st, struct arena *arena, const struct col *cols)
{
    int n = 0;
    for (; cols[n].kind != COL_END; n++) {
        int type = sqlite3_column_type(st->h, n);
        enum err e = ERR_OK;
        if (type == SQLITE_NULL) {
            set_null(&cols[n]);
        } else if (!fits(&cols[n], type,
                         type == SQLITE_INTEGER ? sqlite3_column_int64(st->h, n) : 0)) {
            log_error("a column is not of the kind its reader wants",
                      LOG_S("statement", st->q->name), LOG_I("column", n));
            e = ERR_STORE;
        } else {
            e = read_column(st->h, n, arena, &cols[n]);
        }
        if (e)
            return e;
    }
    assert(n == sqlite3_column_count(st->h));
    return ERR_OK;
}

/* ---- the door ---- */

enum err db_row(struct db *db, struct arena *arena, const struct sql *q, const struct val *args,
                const struct col *cols)
{
    struct stmt *st;
    enum err e = start(db, q, args, SQLITE_STATIC, &st);
    if (e)
        return e;
    e = step(db, st);
    if (!e)
        e = read_row(st, arena, cols);
    give_back(st);
    return e;
}

enum err db_i64(struct db *db, const struct sql *q, const struct val *args, int64_t *ret_i64)
{
    return db_row(db, NULL, q, args, COLS(C(ret_i64)));
}

enum err db_do(struct db *db, const struct sql *q, const struct val *args, int64_t *ret_changed)
{
    struct stmt *st;
    enum err e = start(db, q, args, SQLITE_STATIC, &st);
    if (e)
        return e;
    do {
        e = step(db, st);
    } while (!e);
    if (e == ERR_NOT_FOUND) {
        e = ERR_OK;
        if (ret_changed)
            *ret_changed = sqlite3_stmt_readonly(st->h) ? 0 : sqlite3_changes64(db->h);
    }
    give_back(st);
    return e;
}

enum err db_conn_run(struct db *db, const struct sql *q)
{
    return db_do(db, q, ARGS(), NULL);
}

struct rows db_rows(struct db *db, const struct sql *q, const struct val *args)
{
    struct rows r = {.db = db};
    /* The values are copied: they may be gone when the second row is read. */
    r.e = start(db, q, args, SQLITE_TRANSIENT, &r.st);
    if (!r.e)
        db->open_rows++;
    return r;
}

bool rows_next(struct rows *r, struct arena *arena, const struct col *cols)
{
    if (r->e || !r->st)
        return false;
    r->e = step(r->db, r->st);
    if (!r->e)
        r->e = read_row(r->st, arena, cols);
    return !r->e;
}

enum err rows_end(struct rows *r)
{
    if (r->st) {
        give_back(r->st);
        r->st = NULL;
        r->db->open_rows--;
    }
    return r->e == ERR_NOT_FOUND ? ERR_OK : r->e;
}

enum err db_check(struct db *db, const struct sql *q)
{
    struct stmt *st;
    enum err e = prepare(db, q, &st);
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
