/*
 * hold - units kept for one buyer until a time, and how they end: used, released or expired.
 *
 * Shape:   taking is one conditional UPDATE that checks and takes at once; nothing is read first.
 *          A hold with a deal takes of the deal's quota too, and of what one buyer may have of it.
 *          Every hold that ends without sale gives all of that back, once, however often asked.
 *          Units are never handed to the open market while somebody waits for them: see waiting.h.
 * Owner:   what the hold stands for: a cart line, an order line, an offer to somebody waiting, or
 *          prizes that nobody has yet: of a draw, or of the line of a winner who let it go.
 *          Holds of orders and of prizes do not expire by themselves: the order, the draw ends
 * them. Rest:    as stock.h.
 */
#pragma once
#include "stock/stock.h"

struct cx;

#define HOLD_OWNER_TABLE(X) X(CART, "cart") X(ORDER, "order") X(OFFER, "offer") X(PRIZE, "prize")
enum hold_owner {
#define X(name, text) HOLD_##name,
    HOLD_OWNER_TABLE(X)
#undef X
        HOLD_OWNER_COUNT
};

struct hold_ask {
    int64_t hold_id; /* id_next(), before the job */
    int64_t variant_id;
    int64_t qty;      /* 1..STOCK_QTY_MAX */
    int64_t deal_id;  /* 0: none */
    int64_t deal_max; /* how many of the deal one buyer may have; 0: no limit */
    int64_t viewer_id;
    enum hold_owner owner;
    int64_t owner_id;
    int64_t until_ms;
    bool partial; /* as many as are left, if that is at least one */
    bool late;    /* had once, when the deal was open: of its quota also when it is closed by now */
};

/* Why it was not all that was asked. DEAL_OUT: the deal's quota is gone, or it is not open. */
enum hold_short { HOLD_FULL, HOLD_SOLD_OUT, HOLD_DEAL_OUT, HOLD_LIMIT };

struct hold_got {
    int64_t qty;         /* held now; 0: nothing was, and no row was made */
    enum hold_short cut; /* HOLD_FULL when qty is all that was asked */
    int64_t left;        /* of the variant, for others */
};

enum { HOLD_LIST_MAX = 200 };
#define HOLD_NO_CLOCK INT64_MAX /* until_ms of what has no clock of its own */

/*
 * Take units for one or more asks: all of them, or each as far as it goes when it is `partial`.
 * Any order; asks that share a variant or a deal are summed before it is asked for, and when there
 * is less than the sum the earlier ask gets it. `now` must be inside the deal's time and the deal
 * open. got[i] is of ask[i]. An ask that is not partial and cannot be had is 0; whether the others
 * then stay is the caller's decision (return an error and the job is undone).
 *
 * ERR_INPUT      a quantity, or more than HOLD_LIST_MAX asks
 * ERR_NOT_FOUND  no such variant
 */
enum err hold_take(struct stock_turn *turn, const struct hold_ask *ask, size_t n,
                   struct hold_got *got) NODISCARD;

struct hold {
    int64_t id, variant_id, qty, deal_id, viewer_id, owner_id, until_ms;
    enum hold_owner owner;
};

/* Only while it is active. ERR_NOT_FOUND: ended, or never was. */
enum err hold_get(struct db *db, struct cx *cx, int64_t hold_id, struct hold *ret_hold) NODISCARD;

/*
 * End a hold without sale, and give back all it had. The caller tells the news of its own line
 * (turn_tell()).
 *
 * ERR_NOT_FOUND  not active: it ended before, and nothing happened
 */
enum err hold_release(struct stock_turn *turn, int64_t hold_id, struct hold *ret_hold) NODISCARD;
/* Likewise, if its time has passed: until_ms <= now. */
enum err hold_expire(struct stock_turn *turn, int64_t hold_id, struct hold *ret_hold) NODISCARD;

/*
 * Sell what is held: total and held both fall by its quantity. The deal keeps it. `ref` (the
 * order's number) goes into the ledger. ERR_NOT_FOUND
 */
enum err hold_use(struct stock_turn *turn, int64_t hold_id, const char *ref,
                  struct hold *ret_hold) NODISCARD;

/* Into other hands: a new owner and a new clock; the units stay. ERR_NOT_FOUND */
enum err hold_move(struct stock_turn *turn, int64_t hold_id, enum hold_owner owner,
                   int64_t owner_id, int64_t until_ms) NODISCARD;
/* hold_move() to an order line and hold_use() in one: cash on delivery, a total of 0. */
enum err hold_sell(struct stock_turn *turn, int64_t hold_id, int64_t order_line_id,
                   const char *ref) NODISCARD;
/* Never shorter than it was. ERR_NOT_FOUND */
enum err hold_extend(struct stock_turn *turn, int64_t hold_id, int64_t until_ms) NODISCARD;

/*
 * Another quantity, 1..STOCK_QTY_MAX; the clock stays. More: as hold_take() by the difference
 * (`partial`, deal_max likewise); got->qty is what is held now in all. ERR_INPUT, ERR_NOT_FOUND
 */
struct hold_resize {
    int64_t hold_id, qty, deal_max;
    bool partial;
};
enum err hold_resize(struct stock_turn *turn, const struct hold_resize *ask,
                     struct hold_got *ret_got) NODISCARD;

/*
 * Active holds of carts and offers whose time has passed, oldest first, in cx->arena: at most
 * HOLD_DUE_MAX. The caller ends them by their owner (cart_sweep() does).
 */
enum { HOLD_DUE_MAX = 64 };
enum err hold_due(struct db *db, struct cx *cx, size_t max, struct hold **ret_holds,
                  size_t *ret_count) NODISCARD;
/* When the next hold of a cart or an offer is due. ERR_NOT_FOUND: there is none. */
enum err hold_next_due(struct db *db, int64_t *ret_ms) NODISCARD;
