/*
 * coupon - money off, made by a shop, taken by a buyer (often in a show), used by one order.
 *
 * Shape:   a coupon has a quota: taking is one conditional UPDATE, so no more are taken than there
 *          are. A buyer has at most one unused one of each, and per_buyer_max in all. An order uses
 *          it; an order that is cancelled or expires gives it back to its buyer.
 * Show:    one that is bound to a show can be taken only once it was dropped there.
 * Units:   value and min_spend in minor units of the market's currency; percent in basis points.
 * Rights:  COUPON_EDIT; another shop's coupons are ERR_NOT_FOUND for staff.
 * Memory, Thread, Errors: as room.h. Statements in coupon.sql.
 */
#pragma once
#include "room/room.h"

struct tx;

#define COUPON_KIND_TABLE(X) \
    X(AMOUNT, "amount")      \
    X(PERCENT, "percent")    \
    X(FREE_SHIP, "free_ship")
enum coupon_kind {
#define X(name, text) COUPON_##name,
    COUPON_KIND_TABLE(X)
#undef X
        COUPON_KIND_COUNT
};
const char *coupon_kind_name(enum coupon_kind k);
/* ERR_INPUT */
enum err coupon_kind_parse(const char *text, enum coupon_kind *ret_kind) NODISCARD;

enum {
    COUPON_CODE_CHARS_MAX = 20,
    COUPON_QUOTA_MAX = 1000000,
    COUPON_PER_BUYER_MAX = 100,
    COUPON_PAGE = 50,
    COUPON_MINE_MAX = 100
};

struct coupon {
    int64_t id, shop_id, show_id; /* show_id 0: not bound */
    const char *public_id, *code, *market;
    const char *show_public_id; /* or NULL */
    enum coupon_kind kind;
    int64_t value;     /* AMOUNT: minor units; PERCENT: basis points; FREE_SHIP: 0 */
    int64_t min_spend; /* goods before discount; 0: none */
    int64_t quota, taken, used;
    int64_t per_buyer_max;
    int64_t starts_ms, ends_ms, dropped_ms;
    int64_t dropped_in; /* show id; 0: was not */
    int64_t version;
};

/* ---- what it is worth: pure ---- */

/*
 * What it takes off goods of `subtotal` and off a `shipping` fee: at most all of it, each 0 when
 * min_spend is not reached. Percent rounds down.
 */
struct coupon_off {
    int64_t goods, shipping;
};
struct coupon_off coupon_discount(const struct coupon *c, int64_t subtotal, int64_t shipping);

/* ---- for orders ---- */

/* Does it count for a cart? The names are coupon_problem of a quote; FITS is NULL. */
#define COUPON_FIT_TABLE(X)   \
    X(FITS, NULL)             \
    X(NOT_YOURS, "not_yours") \
    X(USED, "used")           \
    X(MARKET, "market")       \
    X(NOT_YET, "not_yet")     \
    X(OVER, "over")           \
    X(MIN_SPEND, "min_spend")
enum coupon_fit {
#define X(name, text) COUPON_##name,
    COUPON_FIT_TABLE(X)
#undef X
};
const char *coupon_fit_name(enum coupon_fit f);

struct coupon_ask {
    int64_t viewer_id, shop_id;
    const char *market;
    int64_t subtotal;
};
/*
 * One that this buyer took and has not used. A coupon that is not there, or of another shop, is
 * COUPON_NOT_YOURS with *ret_coupon all 0.
 */
enum err coupon_check(struct db *db, struct cx *cx, const char *public_id,
                      const struct coupon_ask *ask, struct coupon *ret_coupon,
                      enum coupon_fit *ret_fit) NODISCARD;
/* By internal id (cart.coupon_id, orders.coupon_id). ERR_NOT_FOUND */
enum err coupon_by_id(struct db *db, struct cx *cx, int64_t id,
                      struct coupon *ret_coupon) NODISCARD;

/* In a job: the buyer's unused one now belongs to this order. ERR_CONFLICT: they have none. */
enum err coupon_use(struct tx *tx, int64_t coupon_id, int64_t viewer_id,
                    int64_t order_id) NODISCARD;
/* In a job: an order ended; what it used is its buyer's again. None: fine. */
enum err coupon_give_back(struct tx *tx, int64_t order_id) NODISCARD;
/* In a job: what a guest took becomes an account's; more than one unused one of a kind is let go.
 */
enum err coupon_merge(struct tx *tx, int64_t from_viewer, int64_t to_viewer) NODISCARD;

/* ---- the shop's side ---- */

struct coupon_new {
    int64_t shop_id;
    const char *code, *market, *kind; /* code: letters, digits, '-' */
    int64_t value, min_spend, quota, per_buyer_max, starts_ms, ends_ms; /* starts 0: now */
    const char *show;                                                   /* shw_…, or NULL */
};
/* ERR_INPUT; ERR_EXISTS: the shop has this code. */
enum err coupon_create(struct room *r, struct cx *cx, const struct room_who *who,
                       const struct coupon_new *ask, struct coupon *ret_coupon) NODISCARD;

struct coupon_edit {
    int64_t version;                       /* what the editor has seen */
    int64_t quota, per_buyer_max, ends_ms; /* 0: stays */
};
/* ERR_PRECONDITION; ERR_CONFLICT: a quota below what is taken. */
enum err coupon_patch(struct room *r, struct cx *cx, const struct room_who *who, const char *coupon,
                      const struct coupon_edit *ask, struct coupon *ret_coupon) NODISCARD;
/* Newest first, COUPON_PAGE from the cursor (an id; 0: the newest). *ret_next 0: no more. */
enum err coupon_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                     int64_t shop_id, int64_t before, struct coupon **ret_list, size_t *ret_count,
                     int64_t *ret_next) NODISCARD;

/* Into a show of the same shop: event coupon.drop. ERR_CONFLICT: gone, over, or bound elsewhere. */
enum err coupon_drop(struct room *r, struct cx *cx, const struct room_who *who, const char *coupon,
                     const char *show, struct coupon *ret_coupon) NODISCARD;

/* ---- the buyer's side ---- */

struct coupon_mine {
    struct coupon coupon;
    int64_t taken_ms;
    const char *order_no; /* NULL: not used */
    int64_t order_id;
};

/*
 * `coupon` is a public id, or NULL with a shop and the code as typed.
 * *ret_again: they hold an unused one, nothing was done.
 *
 * ERR_NOT_FOUND  none
 * ERR_SOLD_OUT   all are taken
 * ERR_CONFLICT   not yet, over, or not dropped in its show
 * ERR_EXISTS     per_buyer_max
 */
enum err coupon_take(struct room *r, struct cx *cx, const struct room_who *who, const char *coupon,
                     int64_t shop_id, const char *code, struct coupon_mine *ret_mine,
                     bool *ret_again) NODISCARD;
/* Unused ones that end first, then the rest; shop_id 0 and a NULL market: of all. */
enum err coupon_mine(struct db *db, struct cx *cx, const struct room_who *who, int64_t shop_id,
                     const char *market, struct coupon_mine **ret_list,
                     size_t *ret_count) NODISCARD;

/* ---- JSON; NULL: no memory ---- */

json_t *coupon_json(const struct coupon *c, bool staff);
json_t *coupon_mine_json(const struct coupon_mine *m, int64_t now_ms);
/* Data of coupon.drop, for the snapshot of a show: the newest still to be had, or null. */
enum err coupon_of_show(struct db *db, struct cx *cx, int64_t show_id,
                        json_t **ret_coupon) NODISCARD;
