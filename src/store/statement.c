#include "base/arena.h"
#include "base/log.h"
#include "store/engine_in.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

/* ---- columns ---- */

static enum err copy_text(const struct cell *cell, struct arena *arena, const char **to)
{
    *to = cell->p ? arena_dup(arena, cell->p, cell->len) : NULL;
    return *to ? ERR_OK : ERR_NO_MEMORY;
}

static enum err copy_blob(const struct cell *cell, struct arena *arena, struct blob *to)
{
    unsigned char *copy = arena_bytes(arena, cell->len + 1, 1);
    if (!copy)
        return ERR_NO_MEMORY;
    if (cell->len)
        memcpy(copy, cell->p, cell->len);
    *to = (struct blob){copy, cell->len};
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

static bool fits(const struct col *c, const struct cell *cell)
{
    switch (c->kind) {
    case COL_I64: return cell->kind == CELL_I64;
    case COL_INT: return cell->kind == CELL_I64 && cell->i >= INT_MIN && cell->i <= INT_MAX;
    case COL_BOOL: return cell->kind == CELL_I64 && (cell->i == 0 || cell->i == 1);
    case COL_TEXT: return cell->kind == CELL_TEXT;
    case COL_BLOB: return cell->kind == CELL_BLOB;
    case COL_END: break;
    }
    return false;
}

static enum err read_column(const struct cell *cell, struct arena *arena, const struct col *c)
{
    switch (c->kind) {
    case COL_I64: *(int64_t *)c->to = cell->i; return ERR_OK;
    case COL_INT: *(int *)c->to = (int)cell->i; return ERR_OK;
    case COL_BOOL: *(bool *)c->to = cell->i != 0; return ERR_OK;
    case COL_TEXT: return copy_text(cell, arena, c->to);
    case COL_BLOB: return copy_blob(cell, arena, c->to);
    case COL_END: break;
    }
    return ERR_STORE;
}

static enum err read_row(struct db *db, struct stmt *st, struct arena *arena,
                         const struct col *cols)
{
    int n = 0;
    for (; cols[n].kind != COL_END; n++) {
        struct cell cell;
        enum err e = ERR_OK;
        db->engine->cell(st, n, &cell);
        if (cell.kind == CELL_NULL) {
            set_null(&cols[n]);
        } else if (!fits(&cols[n], &cell)) {
            log_error("a column is not of the kind its reader wants",
                      LOG_S("statement", db->engine->stmt_name(st)), LOG_I("column", n));
            e = ERR_STORE;
        } else {
            e = read_column(&cell, arena, &cols[n]);
        }
        if (e)
            return e;
    }
    assert(n == db->engine->columns(st));
    return ERR_OK;
}

/* ---- the door ---- */

enum err db_row(struct db *db, struct arena *arena, const struct sql *q, const struct val *args,
                const struct col *cols)
{
    struct stmt *st;
    enum err e = db->engine->start(db, q, args, false, &st);
    if (e)
        return e;
    e = db->engine->step(db, st);
    if (!e)
        e = read_row(db, st, arena, cols);
    db->engine->end(st);
    return e;
}

enum err db_i64(struct db *db, const struct sql *q, const struct val *args, int64_t *ret_i64)
{
    return db_row(db, NULL, q, args, COLS(C(ret_i64)));
}

enum err db_do(struct db *db, const struct sql *q, const struct val *args, int64_t *ret_changed)
{
    return db->engine->run(db, q, args, ret_changed);
}

struct rows db_rows(struct db *db, const struct sql *q, const struct val *args)
{
    struct rows r = {.db = db};
    /* The values are copied: they may be gone when the second row is read. */
    r.e = db->engine->start(db, q, args, true, &r.st);
    if (!r.e)
        db->open_rows++;
    return r;
}

bool rows_next(struct rows *r, struct arena *arena, const struct col *cols)
{
    if (r->e || !r->st)
        return false;
    r->e = r->db->engine->step(r->db, r->st);
    if (!r->e)
        r->e = read_row(r->db, r->st, arena, cols);
    return !r->e;
}

enum err rows_end(struct rows *r)
{
    if (r->st) {
        r->db->engine->end(r->st);
        r->st = NULL;
        r->db->open_rows--;
    }
    return r->e == ERR_NOT_FOUND ? ERR_OK : r->e;
}

enum err db_check(struct db *db, const struct sql *q)
{
    return db->engine->check(db, q);
}
