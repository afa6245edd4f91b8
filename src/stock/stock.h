/*
 * stock - how many of a variant there are, how many are held, and the ledger of both.
 *
 * Doors:   stock.h      counting units: adjust, restock, take back; what is left
 *          hold.h       units kept for one buyer for a time
 *          waiting.h    who comes next when there are none
 *          turn.h       the object that every job with units in it begins and ends
 *          reconcile.h  does the database still agree with itself?
 * Shape:   0 <= stock_held <= stock_total always (I1); stock_held = sum of the active holds (I2);
 *          the sums of the ledger stock_move are the two integers. Left = total - held.
 *          A variant that is not tracked (track_stock 0) never runs out: what is taken of it is
 *          added to its total first, so all of the above holds for it too.
 * Units:   sale units; times are Unix ms.
 * Thread:  calls with a turn run in a job; those with a db on any thread that holds a reader.
 * Errors:  on error no ret_ parameter is written and nothing was changed, unless it is ERR_STORE or
 *          ERR_NO_MEMORY: then the job must return it.
 * Source:  statements in stock.sql, hold.sql, waiting.sql.
 */
#pragma once
#include "stock/turn.h"

struct cx;
struct db;

enum { STOCK_QTY_MAX = 999, STOCK_TOTAL_MAX = 1000000000, STOCK_REF_MAX = 64 };

/* Why the ledger moved; the names are stored. */
#define STOCK_REASON_TABLE(X) \
    X(IMPORT, "import")       \
    X(ADJUST, "adjust")       \
    X(HOLD, "hold")           \
    X(RELEASE, "release")     \
    X(EXPIRE, "expire")       \
    X(SELL, "sell")           \
    X(RESTOCK, "restock")     \
    X(RETURN, "return")
enum stock_reason {
#define X(name, text) STOCK_##name,
    STOCK_REASON_TABLE(X)
#undef X
        STOCK_REASON_COUNT
};
const char *stock_reason_name(enum stock_reason r);
/* What a person may give as a reason: import, adjust, restock, return. ERR_INPUT */
enum err stock_reason_parse(const char *text, enum stock_reason *ret_reason) NODISCARD;

struct stock_level {
    int64_t total, held, left;
    bool tracked; /* false: left means nothing, there is always more */
};

struct stock_adjust {
    int64_t variant_id;
    int64_t delta; /* of the total, not 0 */
    enum stock_reason reason;
    const char *ref;  /* "T261122-0042", or NULL; at most STOCK_REF_MAX bytes */
    int64_t actor_id; /* viewer id of who did it; 0: the program */
};

/*
 * More or fewer units of a variant. What comes in goes to those who wait (turn_end()).
 *
 * ERR_INPUT      delta is 0, or beyond +-STOCK_TOTAL_MAX
 * ERR_NOT_FOUND  no such variant
 * ERR_CONFLICT   fewer than are held, or more than STOCK_TOTAL_MAX
 */
enum err stock_adjust(struct stock_turn *turn, const struct stock_adjust *a,
                      struct stock_level *ret_level) NODISCARD;

/*
 * Make the total of a variant what a count or an import says: as stock_adjust() by the difference;
 * no row in the ledger when there is none. a->delta is not read.
 */
enum err stock_count(struct stock_turn *turn, const struct stock_adjust *a, int64_t total,
                     struct stock_level *ret_level) NODISCARD;

/* ERR_NOT_FOUND */
enum err stock_left(struct db *db, int64_t variant_id, struct stock_level *ret_level) NODISCARD;

/* One row of the ledger, newest first. */
struct stock_move {
    int64_t id, d_total, d_held, actor_id, at_ms;
    const char *reason, *ref; /* ref may be NULL */
};
enum { STOCK_MOVES_MAX = 100 };
/* Up to `max` rows older than row `before` (0: the newest), in cx->arena. */
enum err stock_moves(struct db *db, struct cx *cx, int64_t variant_id, int64_t before, size_t max,
                     struct stock_move **ret_moves, size_t *ret_count) NODISCARD;

/*
 * What a guest had of deals and waits for is now an account's: deal_take, waiting rows, offers.
 * (cart_merge() calls it, and moves the holds of its lines.)
 */
enum err stock_merge(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer) NODISCARD;
