/*
 * waiting - who gets the units that come free: a list per variant, in order, with timed offers.
 *
 * Shape:   a row waits, is offered units (a hold of its own, until offer_until), and then was
 *          taken, passed (left or declined) or lapsed. Places count 1, 2, 3 ... for each variant
 * and show (outside of shows: show 0), without gaps, and are never given twice. Units that come
 * free (expiry, cancel, restock) are offered in the same transaction, by turn_end(): they are never
 * in the open market while somebody waits. When fewer come free than the first one wants, they are
 * offered what there is; when very many do, waiting_sweep() offers on. Who joined in a deal gets
 * its price as far as its quota and what one buyer may have of it go; whom it has not reached when
 * it is over waits on, at the list price (waiting_sweep()).
 * Rest:    as stock.h.
 */
#pragma once
#include "base/id.h"
#include "stock/stock.h"

enum { OFFER_MS = 5 * 60 * 1000, WAITING_LIST_MAX = 200 };

struct store;
struct stock_watch;

#define WAITING_STATE_TABLE(X) \
    X(WAITING, "waiting")      \
    X(OFFERED, "offered")      \
    X(TAKEN, "taken")          \
    X(PASSED, "passed")        \
    X(LAPSED, "lapsed")
enum waiting_state {
#define X(name, text) WAITING_##name,
    WAITING_STATE_TABLE(X)
#undef X
        WAITING_STATE_COUNT
};
const char *waiting_state_name(enum waiting_state s);

struct waiting_new {
    int64_t id;
    char public_id[ID_TEXT];
    int64_t shop_id, variant_id, viewer_id;
    int64_t show_id, listing_id, claim_id, deal_id; /* 0: none */
    const char *market;
    int64_t qty;         /* 1..STOCK_QTY_MAX */
    int64_t unit_amount; /* the deal's price, or what is asked now */
};
/* Fills in the ids, before the job. */
void waiting_ids(struct waiting_new *w);

struct waiting {
    int64_t id;
    const char *public_id;
    int64_t shop_id, variant_id, viewer_id;
    int64_t show_id, listing_id, claim_id, deal_id;
    const char *market;
    int64_t qty; /* wanted; once offered: what is held for them */
    int64_t unit_amount, place;
    int64_t turn; /* among all who wait for the variant, whichever show they are in */
    enum waiting_state state;
    int64_t hold_id, offer_until_ms, at_ms;
};

/*
 * Join. Somebody who waits for the variant in this show already keeps that row and place, now with
 * this quantity, if it is of no claim and no deal (`ret_again` true). If units came free in the
 * meantime the offer follows at once, in turn_end().
 *
 * ERR_INPUT      the quantity
 * ERR_NOT_FOUND  no such variant
 */
struct waiting_place {
    int64_t waiting_id, place;
    bool again;
};
enum err waiting_join(struct stock_turn *turn, const struct waiting_new *w,
                      struct waiting_place *ret_place) NODISCARD;

/*
 * Leave the list, or decline the offer: its units go to the next. viewer_id: whose it must be; 0:
 * anybody's (staff). ERR_NOT_FOUND: no such row waits or is offered.
 */
enum err waiting_leave(struct stock_turn *turn, const char *public_id, int64_t viewer_id) NODISCARD;

/*
 * Take the offer: the row is taken, and its hold is the caller's to move to a cart line
 * (cart_accept() does all of that). ERR_NOT_FOUND: no such row; ERR_CONFLICT: no offer in force.
 */
enum err waiting_take(struct stock_turn *turn, const char *public_id, int64_t viewer_id,
                      struct waiting *ret_row) NODISCARD;

/* The offer whose hold has expired: the row is lapsed. In sweeps, after hold_expire(). */
enum err waiting_lapse(struct stock_turn *turn, int64_t waiting_id) NODISCARD;

/*
 * From the room's clock, at least once a second: whom a deal that is over has not reached waits on
 * at the list price (NEWS_WAITING_CHANGED), and units that lie free while somebody waits for them
 * are offered: after a deal, after a restock for very many. Short jobs, a few at each call.
 */
enum err waiting_sweep(struct store *store, struct cx *cx,
                       const struct stock_watch *watch) NODISCARD;

/* All rows of one viewer that wait or are offered; oldest first, in cx->arena. shop_id 0: all. */
enum err waiting_of_viewer(struct db *db, struct cx *cx, int64_t viewer_id, int64_t shop_id,
                           struct waiting **ret_rows, size_t *ret_count) NODISCARD;
/* ERR_NOT_FOUND */
enum err waiting_get(struct db *db, struct cx *cx, const char *public_id,
                     struct waiting *ret_row) NODISCARD;
