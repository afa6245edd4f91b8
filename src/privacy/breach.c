#include "privacy/breach.h"
#include "base/arena.h"
#include "base/text.h"
#include "privacy/breach.sql.h"
#include "store/store.h"

#include <string.h>

static enum err check_what(struct cx *cx, const char *what)
{
    size_t len = strlen(what), chars = text_chars(what, len);
    return text_is_utf8(what, len) && chars >= 1 && chars <= BREACH_CHARS_MAX
               ? ERR_OK
               : problem(cx, ERR_INPUT, "'what' must have 1 to %d characters", BREACH_CHARS_MAX);
}

enum err breach_add(struct tx *tx, const struct breach *b)
{
    enum err e = check_what(tx->cx, b->what);
    return e ? e
             : db_do(tx->db, &SQL_breach_insert,
                     ARGS(V(b->id), V((const char *)b->public_id), V(b->shop_id), V(b->by_id),
                          V(b->found_ms), V(b->what), b->people > 0 ? V(b->people) : VNULL,
                          V(tx->cx->now_ms)),
                     NULL);
}

enum err breach_set(struct tx *tx, const struct breach *b)
{
    int64_t version = 0, changed = 0;
    enum err e = b->what ? check_what(tx->cx, b->what) : ERR_OK;
    if (!e)
        e = db_i64(tx->db, &SQL_breach_version, ARGS(V((const char *)b->public_id), V(b->shop_id)),
                   &version);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "there is no such note");
    if (!e)
        e = db_do(tx->db, &SQL_breach_update,
                  ARGS(V(b->what), V(b->people), V(b->told_ms), V(b->closed_ms),
                       V((const char *)b->public_id), V(b->shop_id), V(b->version)),
                  &changed);
    return e || changed ? e : problem(tx->cx, ERR_PRECONDITION, "somebody changed it meanwhile");
}

struct row {
    const char *id, *what, *by;
    int64_t found, people, told, closed, at, version;
};

static json_t *ms_json(int64_t ms)
{
    return ms ? json_integer((json_int_t)ms) : json_null();
}

static json_t *row_json(const struct row *r)
{
    return json_pack("{s:s,s:I,s:s,s:o,s:o,s:o,s:s?,s:I,s:I}", "id", r->id, "found_at",
                     (json_int_t)r->found, "what", r->what, "people",
                     r->people < 0 ? json_null() : json_integer((json_int_t)r->people), "told_at",
                     ms_json(r->told), "closed_at", ms_json(r->closed), "by", r->by, "at",
                     (json_int_t)r->at, "version", (json_int_t)r->version);
}

#define ROW_COLS(r)                                                                             \
    COLS(C(&(r).id), C(&(r).found), C(&(r).what), C(&(r).people), C(&(r).told), C(&(r).closed), \
         C(&(r).by), C(&(r).at), C(&(r).version))

enum err breach_read(struct db *db, struct cx *cx, int64_t shop_id, const char *public_id,
                     json_t **ret_breach)
{
    struct row r;
    enum err e =
        db_row(db, cx->arena, &SQL_breach_get, ARGS(V(shop_id), V(public_id)), ROW_COLS(r));
    if (e)
        return e == ERR_NOT_FOUND ? problem(cx, e, "there is no such note") : e;
    *ret_breach = row_json(&r);
    return *ret_breach ? ERR_OK : ERR_NO_MEMORY;
}

enum err breach_list(struct db *db, struct cx *cx, int64_t shop_id, json_t **ret_list)
{
    struct row r;
    json_t *items = json_array();
    struct rows rows = db_rows(db, &SQL_breach_all, ARGS(V(shop_id), V((int64_t)BREACH_LIST_MAX)));
    while (rows_next(&rows, cx->arena, ROW_COLS(r)))
        (void)json_array_append_new(items, row_json(&r));
    enum err e = rows_end(&rows);
    if (e)
        json_decref(items);
    else
        *ret_list = json_pack("{s:o}", "items", items);
    return e;
}
