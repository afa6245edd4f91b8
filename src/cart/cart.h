/*
 * cart - what a viewer has taken in a shop, for one market: across shows, devices and days.
 *
 * Shape:   a viewer has at most one open cart for each shop and market. A line is one hold: what
 * was taken at one time, with a clock of its own. When the clock runs out the line is expired and
 * stays in sight until it is dismissed or taken again. An order takes the held lines and closes the
 * cart. Prices:  a line of source "list" costs what the catalogue says when it is read (and is
 * marked when that is another price than when it was taken); all others keep unit_amount while
 * held. Units:   unit_amount in minor units of the market's currency; times are Unix ms. Thread:
 * calls with a turn run in a job; those with a db on any thread that holds a reader. Errors:  as
 * stock/stock.h. Source:  statements in cart.sql.
 */
#pragma once
#include "stock/hold.h"
#include "stock/waiting.h"

#include <jansson.h>

enum {
    CART_LINES_MAX = 100,
    CART_HOLD_MS = 10 * 60 * 1000,
    CART_EACH_MAX = 10, /* units of a variant in one buyer's lines of source list */
    IDEM_MAX = 64
};

#define LINE_SOURCE_TABLE(X) \
    X(LIST, "list")          \
    X(LIVE, "live")          \
    X(DEAL, "deal")          \
    X(AUCTION, "auction")    \
    X(PRIZE, "prize")
enum line_source {
#define X(name, text) LINE_##name,
    LINE_SOURCE_TABLE(X)
#undef X
        LINE_SOURCE_COUNT
};
const char *line_source_name(enum line_source s);

#define LINE_STATE_TABLE(X) \
    X(HELD, "held")         \
    X(EXPIRED, "expired")   \
    X(REMOVED, "removed")   \
    X(ORDERED, "ordered")
enum line_state {
#define X(name, text) LINE_STATE_##name,
    LINE_STATE_TABLE(X)
#undef X
        LINE_STATE_COUNT
};

/* ---- taking ---- */

/* Ids of a line and of the cart it may have to make: before the job, by line_ids(). */
struct line_ids {
    int64_t line_id, hold_id, cart_id;
    char line_public[ID_TEXT]; /* cln_… */
    char cart_public[ID_TEXT]; /* crt_… */
};
void line_ids(struct line_ids *ids);

struct cart_add {
    struct line_ids ids;
    int64_t viewer_id, shop_id;
    const char *market;
    int64_t variant_id, qty;
    int64_t unit_amount;
    enum line_source source;
    int64_t show_id, listing_id, claim_id, deal_id; /* 0: none */
    int64_t deal_max;                               /* how many of the deal one may have */
    int64_t hold_ms;                                /* 0: CART_HOLD_MS */
    int64_t each;                                   /* of a variant in their lines of source list */
    bool partial;                                   /* as many as there are */
    bool others_wait;                               /* for it: there is none for this one */
    const char *idem;                               /* of this request; or NULL */
};

struct cart_added {
    int64_t line_id;     /* 0: nothing could be held */
    int64_t qty;         /* held */
    enum hold_short cut; /* why not all of it: see hold.h */
    int64_t left;        /* of the variant, for others */
    int64_t until_ms;    /* the line's clock */
    int64_t cart_id;
    bool again; /* `idem` was here before: this is what the first one made, nothing was done */
};

/* What an earlier request of theirs with this key added, whatever became of it. ERR_NOT_FOUND */
enum err cart_added_before(struct db *db, int64_t viewer_id, const char *idem,
                           struct cart_added *ret_added) NODISCARD;

/*
 * each: 0: no limit; else CART_EACH_MAX, over all they hold of it.
 *
 * Hold units and put them into the viewer's open cart as a new line, with a cart made when there is
 * none. Sold out is no error: ret->qty is 0 then. A caller that adds several lines in one job does
 * so by ascending variant (see stock/turn.h).
 *
 * ERR_INPUT      the quantity
 * ERR_NOT_FOUND  no such variant
 * ERR_LIMIT      they hold `each` of it already
 * ERR_CONFLICT   the cart has CART_LINES_MAX lines
 */
enum err cart_add(struct stock_turn *turn, const struct cart_add *add,
                  struct cart_added *ret_added) NODISCARD;

/*
 * Take an offer of the waiting list: its hold becomes a line, with a fresh clock of hold_ms (0: of
 * a claim as its show holds, else CART_HOLD_MS). Of `add` only ids, viewer_id, hold_ms and idem are
 * read.
 *
 * ERR_NOT_FOUND  no such row of this viewer
 * ERR_CONFLICT   no offer in force (any more), or the cart is full
 */
enum err cart_accept(struct stock_turn *turn, const char *waiting_public,
                     const struct cart_add *add, struct cart_added *ret_added) NODISCARD;

/*
 * What is to be put into a cart, by public ids: its list price now, where it was seen (listing
 * NULL: not in a show), and whether somebody waits for it: then nobody else takes it.
 *
 * ERR_NOT_FOUND  no such variant for sale, or the listing is of something else
 * ERR_CONFLICT   it has no price in this market
 */
struct cart_goods {
    int64_t variant_id, shop_id, unit_amount, listing_id, show_id;
    bool waits;
};
enum err cart_goods(struct db *db, struct cx *cx, const char *variant, const char *listing,
                    const char *market, struct cart_goods *ret_goods) NODISCARD;

/* ---- one line ---- */

struct cart_line {
    int64_t id, cart_id, hold_id, variant_id;
    const char *public_id;
    int64_t viewer_id, shop_id;
    const char *market;
    int64_t qty, unit_amount;
    enum line_source source;
    enum line_state state;
    int64_t show_id, listing_id, claim_id, deal_id;
    int64_t until_ms, at_ms;
};

/* By public id, or internal (claims keep that). viewer_id 0: anybody's. ERR_NOT_FOUND */
enum err line_get(struct db *db, struct cx *cx, const char *public_id, int64_t viewer_id,
                  struct cart_line *ret_line) NODISCARD;
enum err line_get_id(struct db *db, struct cx *cx, int64_t line_id,
                     struct cart_line *ret_line) NODISCARD;

/*
 * May its buyer have this quantity of a line by themself (0: remove it)? What was claimed in a show
 * keeps to the show's rules; of the list price there are CART_EACH_MAX for each.
 *
 * ERR_LIMIT      more than one buyer may have; or of a deal
 * ERR_FORBIDDEN  the show takes no claims back
 */
enum err line_may(struct db *db, struct cx *cx, const struct cart_line *line,
                  int64_t qty) NODISCARD;

/*
 * Another quantity for a held line; more is taken only as far as there is, when `partial`.
 * `line` is from line_get() in this job. deal_max as in cart_add.
 *
 * ERR_INPUT     the quantity: 1..STOCK_QTY_MAX
 * ERR_CONFLICT  the line is not held (any more), or it is a prize and more is asked
 */
struct line_qty {
    int64_t qty, deal_max;
    bool partial;
};
enum err line_set_qty(struct stock_turn *turn, const struct cart_line *line,
                      const struct line_qty *ask, struct hold_got *ret_got) NODISCARD;

/*
 * Take a line out: a held one gives its units back, an expired one is dismissed.
 * ERR_CONFLICT: removed or ordered already.
 */
enum err line_remove(struct stock_turn *turn, const struct cart_line *line) NODISCARD;

/*
 * Hold the units of an expired line again: the same line, a fresh hold (`hold_id`, made before the
 * job). It costs the list price from now on, deals are over for it, and CART_EACH_MAX is the most.
 * got->qty 0: sold out, or somebody waits for it; the line stays expired. ERR_CONFLICT: not
 * expired, or it was a prize. ERR_LIMIT. ERR_NOT_FOUND: it is not for sale any more.
 */
enum err line_again(struct stock_turn *turn, const struct cart_line *line, int64_t hold_id,
                    int64_t hold_ms, struct hold_got *ret_got) NODISCARD;

/* ---- the cart ---- */

struct cart {
    int64_t id;
    const char *public_id;
    int64_t viewer_id, shop_id;
    const char *market;
    int64_t coupon_id; /* 0: none */
};

/* The open one. ERR_NOT_FOUND: there is none. */
enum err cart_of(struct db *db, struct cx *cx, int64_t viewer_id, int64_t shop_id,
                 const char *market, struct cart *ret_cart) NODISCARD;
/* Any cart, open or not. ERR_NOT_FOUND */
enum err cart_get(struct db *db, struct cx *cx, int64_t cart_id, struct cart *ret_cart) NODISCARD;

/* A line as the buyer sees it. */
struct cart_item {
    struct cart_line line;
    const char *variant_public, *product_public;
    const char *title;                     /* JSON: {"zh-TW": ...} */
    const char *options;                   /* JSON: of the variant, ["黑", "M"] */
    const char *product_options;           /* JSON: of the product, see 0004_catalog.sql */
    const char *image_key, *image_builtin; /* of the first picture; NULL: none */
    const char *exempt;                    /* "none", "fresh", ... */
    const char *code;                      /* the listing's, or NULL */
    const char *show_public, *listing_public, *claim_public; /* or NULL */
    int64_t unit_now; /* what it costs now; -1: it has no price in this market any more */
    bool for_sale;    /* product and variant are active, and it has a price */
    int64_t left;     /* free units, for "take again" */
    bool tracked;
};

/* Held and expired lines, oldest first, in cx->arena: at most CART_LINES_MAX and some merged. */
enum { CART_ITEMS_MAX = 400 };
enum err cart_read(struct db *db, struct cx *cx, int64_t cart_id, struct cart_item **ret_items,
                   size_t *ret_count) NODISCARD;

/* The JSON of GET /cart: lines, waiting rows, subtotal, next clock. The caller owns it. */
struct cart_view {
    int64_t viewer_id, shop_id;
    const char *market;
};
enum err cart_json(struct db *db, struct cx *cx, const struct cart_view *view,
                   json_t **ret_json) NODISCARD;
/* For badges and snapshots: {"count", "held_until", "offers"}, as GET /cart counts; one statement.
 */
enum err cart_badge(struct db *db, int64_t viewer_id, int64_t shop_id, const char *market,
                    json_t **ret_json) NODISCARD;
/* One place in a waiting list, as its viewer sees it. The caller owns the JSON. */
enum err waiting_json(struct db *db, struct cx *cx, const struct waiting *w,
                      json_t **ret_json) NODISCARD;

/* Which coupon this cart will use; 0: none. ERR_NOT_FOUND: not open. */
enum err cart_set_coupon(struct stock_turn *turn, int64_t cart_id, int64_t coupon_id) NODISCARD;

/* ---- for orders ---- */

/*
 * Close the cart of an order: its held lines become ordered, in cx->arena with their present
 * prices; expired ones are dismissed. The holds stay as they are: the order then gives each to
 * hold_move() or hold_sell(). In this order, by ascending variant.
 *
 * ERR_CONFLICT   the cart is not open: an order or a merge has it (I4)
 * ERR_NOT_FOUND  no line is held
 */
enum err cart_take_for_order(struct stock_turn *turn, int64_t cart_id, struct cart_item **ret_items,
                             size_t *ret_count) NODISCARD;

/* ---- clocks and people ---- */

/*
 * End up to HOLD_DUE_MAX holds of carts and offers that are due. *ret_ended: how many; when it is
 * HOLD_DUE_MAX there may be more.
 */
enum err cart_sweep(struct stock_turn *turn, size_t *ret_ended) NODISCARD;

struct store;
/*
 * Sweep until nothing is due, one job a slice; each has a turn of its own with `watch`. For a
 * thread that ticks: cheap when nothing is due (one read). cx is the caller's, its arena grows.
 */
enum err cart_sweep_all(struct store *store, struct cx *cx, const struct stock_watch *watch,
                        size_t *ret_ended) NODISCARD;

/*
 * All open carts of a guest become an account's: lines move into its open cart, or the whole cart
 * does when it has none there. Holds, deal counts and waiting rows move too. Past orders' carts
 * stay whose they were until the order room moves them.
 */
enum err cart_merge(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer) NODISCARD;

/* For reconcile (stock/reconcile.h): lines and their holds. */
struct reconcile_list;
extern const struct reconcile_list cart_checks;
