/* Counting units: what people add, find, lose and take back; and the ledger of it. */
#include "stock/stock.h"
#include "base/arena.h"
#include "stock/stock.sql.h"
#include "stock/stock_in.h"

#include <inttypes.h>
#include <string.h>

static const char *const reason_names[] = {
#define X(name, text) text,
    STOCK_REASON_TABLE(X)
#undef X
};

const char *stock_reason_name(enum stock_reason r)
{
    return reason_names[r];
}

enum err stock_reason_parse(const char *text, enum stock_reason *ret_reason)
{
    static const enum stock_reason typed[] = {STOCK_IMPORT, STOCK_ADJUST, STOCK_RESTOCK,
                                              STOCK_RETURN};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++)
        if (strcmp(reason_names[typed[i]], text) == 0) {
            *ret_reason = typed[i];
            return ERR_OK;
        }
    return ERR_INPUT;
}

static struct stock_level level_of(const struct turn_variant *v)
{
    return (struct stock_level){v->total, v->held, v->total - v->held, v->tracked};
}

enum err stock_adjust(struct stock_turn *turn, const struct stock_adjust *a,
                      struct stock_level *ret_level)
{
    if (a->delta == 0 || a->delta > STOCK_TOTAL_MAX || a->delta < -STOCK_TOTAL_MAX)
        return problem(turn->tx->cx, ERR_INPUT, "the difference must be 1..%d, or as many fewer",
                       STOCK_TOTAL_MAX);
    struct turn_variant now;
    enum err e = units_adjust(turn, a->variant_id, a->delta, &now);
    if (e)
        return e;
    const struct units_move m = {.variant_id = a->variant_id,
                                 .d_total = a->delta,
                                 .reason = a->reason,
                                 .ref = a->ref,
                                 .actor_id = a->actor_id};
    e = units_note(turn, &m);
    if (!e)
        *ret_level = level_of(&now);
    return e;
}

enum err stock_count(struct stock_turn *turn, const struct stock_adjust *a, int64_t total,
                     struct stock_level *ret_level)
{
    if (total < 0 || total > STOCK_TOTAL_MAX)
        return problem(turn->tx->cx, ERR_INPUT, "the quantity must be 0..%d", STOCK_TOTAL_MAX);
    struct turn_variant now;
    enum err e = units_lock(turn, a->variant_id, &now);
    if (e)
        return e;
    if (now.total == total) {
        *ret_level = level_of(&now);
        return ERR_OK;
    }
    struct stock_adjust by = *a;
    by.delta = total - now.total;
    return stock_adjust(turn, &by, ret_level);
}

enum err stock_left(struct db *db, int64_t variant_id, struct stock_level *ret_level)
{
    struct turn_variant v = {.id = variant_id};
    enum err e = db_row(db, NULL, &SQL_stock_level, ARGS(V(variant_id)),
                        COLS(C(&v.total), C(&v.held), C(&v.tracked)));
    if (!e)
        *ret_level = level_of(&v);
    return e;
}

enum err stock_moves(struct db *db, struct cx *cx, int64_t variant_id, int64_t before, size_t max,
                     struct stock_move **ret_moves, size_t *ret_count)
{
    struct stock_move *list = arena_array(cx->arena, struct stock_move, STOCK_MOVES_MAX);
    if (!list)
        return ERR_NO_MEMORY;
    int64_t limit = max < STOCK_MOVES_MAX ? (int64_t)max : STOCK_MOVES_MAX;
    size_t n = 0;
    struct stock_move m;
    struct rows r =
        db_rows(db, &SQL_move_list, ARGS(V(variant_id), V(before ? before : INT64_MAX), V(limit)));
    while (n < STOCK_MOVES_MAX &&
           rows_next(&r, cx->arena,
                     COLS(C(&m.id), C(&m.d_total), C(&m.d_held), C(&m.reason), C(&m.ref),
                          C(&m.actor_id), C(&m.at_ms))))
        list[n++] = m;
    enum err e = rows_end(&r);
    if (e)
        return e;
    *ret_moves = list;
    *ret_count = n;
    return ERR_OK;
}

enum err stock_merge(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer)
{
    struct db *db = turn->tx->db;
    enum err e = deal_buyer_merge(turn, from_viewer, to_viewer);
    if (!e)
        e = db_do(db, &SQL_offers_merge, ARGS(V(to_viewer), V(from_viewer)), NULL);
    return e ? e : db_do(db, &SQL_waiting_merge, ARGS(V(to_viewer), V(from_viewer)), NULL);
}
