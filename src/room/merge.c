/* A guest who signs in keeps what they claimed and said. */
#include "room/merge.h"
#include "room/merge.sql.h"
#include "store/store.h"

enum err claim_merge(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer)
{
    struct db *db = turn->tx->db;
    if (from_viewer == to_viewer)
        return ERR_OK;
    enum err e = db_do(db, &SQL_claims_merge, ARGS(V(to_viewer), V(from_viewer)), NULL);
    if (!e) /* by the claims, which are the account's by now: takes have no index by viewer */
        e = db_do(db, &SQL_takes_merge, ARGS(V(to_viewer), V(from_viewer)), NULL);
    if (!e)
        e = db_do(db, &SQL_takes_forget, ARGS(V(from_viewer), V(to_viewer)), NULL);
    if (!e) /* by the messages, as long as they are the guest's */
        e = db_do(db, &SQL_reviews_merge, ARGS(V(to_viewer), V(from_viewer)), NULL);
    if (!e)
        e = db_do(db, &SQL_words_merge, ARGS(V(to_viewer), V(from_viewer)), NULL);
    return e ? e : db_do(db, &SQL_word_events_merge, ARGS(V(to_viewer), V(from_viewer)), NULL);
}
