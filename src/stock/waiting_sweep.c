/* What no turn came to: waiting lists of deals that are over, units free for very many. */
#include "stock/stock_in.h"

/* Variants in a round, and rounds in one call; the next tick goes on. */
enum { VARIANTS_MAX = 16, SLICES_MAX = 8 };

struct sweep_job {
    const struct stock_watch *watch;
    int64_t variant_id;
    size_t done;
};

static enum err over_run(struct tx *tx, void *arg)
{
    struct sweep_job *j = arg;
    struct waiting *rows = NULL;
    struct stock_turn turn;
    turn_begin(&turn, tx, j->watch);
    enum err e = waiting_deals_over(tx->db, tx->cx, &rows, &j->done);
    for (size_t i = 0; !e && i < j->done; i++)
        e = waiting_to_list_price(&turn, &rows[i]);
    return e ? e : turn_end(&turn);
}

static enum err offer_run(struct tx *tx, void *arg)
{
    const struct sweep_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, j->watch);
    enum err e = waiting_resume(&turn, j->variant_id);
    return e ? e : turn_end(&turn);
}

static enum err look(struct store *store, struct cx *cx, size_t *ret_over, int64_t *ret_ids,
                     size_t *ret_count)
{
    struct waiting *rows = NULL;
    struct db *db;
    enum err e = store_read(store, &db);
    if (e)
        return e;
    e = waiting_deals_over(db, cx, &rows, ret_over);
    if (!e)
        e = waiting_stranded(db, ret_ids, VARIANTS_MAX, ret_count);
    store_read_end(db);
    return e;
}

enum err waiting_sweep(struct store *store, struct cx *cx, const struct stock_watch *watch)
{
    struct sweep_job j = {.watch = watch};
    int64_t ids[VARIANTS_MAX];
    size_t n = 0;
    enum err e = look(store, cx, &j.done, ids, &n);
    for (int round = 0; !e && (j.done || n) && round < SLICES_MAX; round++) {
        if (j.done)
            e = store_do(store, cx, "waiting.deal_over", over_run, &j);
        for (size_t i = 0; !e && i < n; i++) {
            j.variant_id = ids[i];
            e = store_do(store, cx, "waiting.offer", offer_run, &j);
        }
        if (!e)
            e = look(store, cx, &j.done, ids, &n);
    }
    return e;
}
