/* What could not be sent, for a shop's staff. */
#include "base/arena.h"
#include "base/text.h"
#include "notify/outbox.h"
#include "notify/outbox.sql.h"

#include <stdio.h>

struct dead {
    int64_t id, tries, created_ms, changed_ms;
    const char *kind, *channel, *result;
};

static json_t *dead_json(const struct dead *d)
{
    char id[24];
    (void)snprintf(id, sizeof id, "%lld", (long long)d->id);
    return json_pack("{s:s,s:s,s:s,s:I,s:s,s:I,s:I}", "id", id, "kind", d->kind, "channel",
                     d->channel, "tries", (json_int_t)d->tries, "result", d->result, "created_at",
                     (json_int_t)d->created_ms, "at", (json_int_t)d->changed_ms);
}

enum err outbox_dead(struct db *db, struct cx *cx, int64_t shop_id, const char *cursor,
                     json_t **ret_list)
{
    struct dead d = {.id = 0};
    int64_t before = INT64_MAX;
    int n = 0;
    if (cursor && text_i64(cursor, 1, INT64_MAX, &before))
        return problem(cx, ERR_INPUT, "'cursor' is of another list");
    json_t *items = json_array(), *next = json_null();
    struct rows r = db_rows(db, &SQL_outbox_dead_list,
                            ARGS(V(shop_id), V(before), V((int64_t)OUTBOX_PAGE + 1)));
    while (rows_next(&r, cx->arena,
                     COLS(C(&d.id), C(&d.kind), C(&d.channel), C(&d.tries), C(&d.result),
                          C(&d.created_ms), C(&d.changed_ms)))) {
        if (n++ < OUTBOX_PAGE) {
            (void)json_array_append_new(items, dead_json(&d));
            before = d.id;
        }
    }
    enum err e = rows_end(&r);
    if (n > OUTBOX_PAGE)
        next = json_sprintf("%lld", (long long)before);
    json_t *list = json_pack("{s:o,s:o}", "items", items, "next", next);
    if (!e && !list)
        e = ERR_NO_MEMORY;
    if (e)
        json_decref(list);
    else
        *ret_list = list;
    return e;
}
