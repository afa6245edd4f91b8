#include "account/audit.sql.h"
#include "account/staff.h"
#include "base/arena.h"

enum { AUDIT_LIST_MAX = 200 };

static struct val id_or_null(int64_t id)
{
    return id ? V(id) : VNULL;
}

enum err audit_write(struct tx *tx, const struct audit *a)
{
    return db_do(tx->db, &SQL_audit_insert,
                 ARGS(V(a->id), id_or_null(a->actor_id), id_or_null(a->shop_id), V(a->action),
                      V(a->object), V(a->before), V(a->after), V(a->addr), V(tx->cx->now_ms)),
                 NULL);
}

enum err audit_list(struct db *db, struct arena *arena, int64_t shop_id, int64_t before_id,
                    size_t max, struct audit **ret_list, size_t *ret_count)
{
    size_t limit = max < AUDIT_LIST_MAX ? max : AUDIT_LIST_MAX;
    struct audit *list = arena_array(arena, struct audit, limit + 1);
    if (!list)
        return ERR_NO_MEMORY;
    struct audit a = {0};
    size_t count = 0;
    struct rows r =
        db_rows(db, &SQL_audit_newest,
                ARGS(V(shop_id), V(before_id ? before_id : INT64_MAX), V((int64_t)limit)));
    while (rows_next(&r, arena,
                     COLS(C(&a.id), C(&a.actor_id), C(&a.shop_id), C(&a.action), C(&a.object),
                          C(&a.before), C(&a.after), C(&a.addr), C(&a.at_ms))))
        list[count++] = a;
    enum err e = rows_end(&r);
    if (e)
        return e;
    *ret_list = list;
    *ret_count = count;
    return ERR_OK;
}
