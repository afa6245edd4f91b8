/* Clocks: holds of carts and offers whose time has passed are ended, in slices. */
#include "cart/cart_in.h"

#include <stdlib.h>

/* In one call of cart_sweep_all(); the next tick goes on. */
enum { SLICES_MAX = 64 };

/* Deals first, then variants by id: the order in which rows are locked. */
static int by_row(const void *a, const void *b)
{
    const struct hold *x = a, *y = b;
    if (x->deal_id != y->deal_id)
        return x->deal_id < y->deal_id ? -1 : 1;
    if (x->variant_id != y->variant_id)
        return x->variant_id < y->variant_id ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static enum err end_one(struct stock_turn *turn, const struct hold *due)
{
    struct hold h;
    enum err e =
        due->owner == HOLD_CART ? line_hold_expire(turn, due, &h) : hold_expire(turn, due->id, &h);
    if (e == ERR_NOT_FOUND)
        return ERR_OK; /* ended by somebody else since it was read */
    if (e)
        return e;
    return h.owner == HOLD_OFFER ? waiting_lapse(turn, h.owner_id) : line_expire(turn, &h);
}

enum err cart_sweep(struct stock_turn *turn, size_t *ret_ended)
{
    struct hold *due;
    size_t n = 0;
    enum err e = hold_due(turn->tx->db, turn->tx->cx, HOLD_DUE_MAX, &due, &n);
    if (e)
        return e;
    qsort(due, n, sizeof *due, by_row);
    for (size_t i = 0; !e && i < n; i++)
        e = end_one(turn, &due[i]);
    if (!e)
        *ret_ended = n;
    return e;
}

struct sweep {
    const struct stock_watch *watch;
    size_t ended;
};

static enum err sweep_run(struct tx *tx, void *arg)
{
    struct sweep *s = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, s->watch);
    enum err e = cart_sweep(&turn, &s->ended);
    return e ? e : turn_end(&turn);
}

static enum err any_due(struct store *store, struct cx *cx, bool *ret_due)
{
    struct db *db;
    int64_t first = INT64_MAX;
    enum err e = store_read(store, &db);
    if (e)
        return e;
    e = hold_next_due(db, &first);
    store_read_end(db);
    *ret_due = !e && first <= cx->now_ms;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err cart_sweep_all(struct store *store, struct cx *cx, const struct stock_watch *watch,
                        size_t *ret_ended)
{
    struct sweep s = {.watch = watch, .ended = HOLD_DUE_MAX};
    size_t ended = 0;
    bool due = false;
    enum err e = any_due(store, cx, &due);
    for (int i = 0; !e && due && i < SLICES_MAX && s.ended == HOLD_DUE_MAX; i++) {
        e = store_do(store, cx, "cart.sweep", sweep_run, &s);
        ended += e ? 0 : s.ended;
    }
    if (!e)
        *ret_ended = ended;
    return e;
}
