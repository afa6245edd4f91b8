/* What a guest had becomes an account's. */
#include "order/order.sql.h"
#include "order/order_in.h"

enum err order_merge(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer)
{
    static const struct sql *const moves[] = {&SQL_orders_merge, &SQL_bills_merge,
                                              &SQL_addresses_merge, &SQL_consents_merge,
                                              &SQL_stats_merge};
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < sizeof moves / sizeof moves[0]; i++)
        e = db_do(turn->tx->db, moves[i], ARGS(V(to_viewer), V(from_viewer)), NULL);
    if (!e)
        e = db_do(turn->tx->db, &SQL_bills_follow, ARGS(V(to_viewer)), NULL);
    return e ? e : db_do(turn->tx->db, &SQL_stats_merged_away, ARGS(V(from_viewer)), NULL);
}

enum err order_forget_addresses(struct tx *tx, int64_t viewer_id)
{
    return db_do(tx->db, &SQL_addresses_forget, ARGS(V(viewer_id)), NULL);
}
