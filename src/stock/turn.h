/*
 * turn - one job's dealings with units: begun first, ended last, it tells what happened.
 *
 * Shape:   every job that moves units or cart lines has exactly one turn, and gives it to each call
 *          of stock and cart. turn_end() then offers freed units to those who wait for them, and
 *          tells the watcher, inside the transaction, all that happened, in order.
 *
 *              struct stock_turn turn;
 *              turn_begin(&turn, tx, watch);
 *              e = cart_add(&turn, &add, &got);
 *              ... rows of the caller's own, by their claim or order ...
 *              return e ? e : turn_end(&turn);
 *
 * Again:   a turn may end once only; when the job fails it is dropped and never ended: the writer
 *          takes back all it did. Ids of ledger rows and of offers, which nobody was told, are made
 *          inside the job; all others come from the caller.
 * Order:   of row locks: deal, then variants by ascending id. A caller that takes several variants
 *          goes through them in that order; events are written last, by the watcher.
 * Memory:  in tx->cx->arena; the turn lies wherever the job keeps it. At most TURN_NEWS_MAX news.
 * Errors:  ERR_STORE and ERR_NO_MEMORY from every call: the job must return them.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct tx;

/* ---- news: what the watcher is told ---- */

enum news_kind {
    NEWS_LINE_HELD,       /* a new line in a cart; or one that came in again */
    NEWS_LINE_CHANGED,    /* another quantity or another clock */
    NEWS_LINE_EXPIRED,    /* its clock ran out */
    NEWS_LINE_REMOVED,    /* by the buyer or staff */
    NEWS_LINE_ORDERED,    /* it went into an order; the units stay held or were sold */
    NEWS_HOLD_GONE,       /* a hold of an order ended without sale: cancelled, expired */
    NEWS_WAITING,         /* joined a waiting list */
    NEWS_WAITING_CHANGED, /* they wait on at another price */
    NEWS_OFFER,           /* their turn: units are held for them until until_ms */
    NEWS_OFFER_TAKEN,     /* ... and they took them: NEWS_LINE_HELD comes too */
    NEWS_WAITING_LEFT,    /* they left the list, or declined */
    NEWS_OFFER_LAPSED,    /* the offer's clock ran out */
};

/*
 * Ids are internal; 0 where there is none. A line that was claimed again after its clock ran out
 * has no claim_id any more: what a claim counted (listing_take) was given back then.
 */
struct news_item {
    enum news_kind kind;
    int64_t viewer_id, shop_id, variant_id;
    int64_t show_id, listing_id, claim_id, deal_id;
    int64_t line_id, waiting_id, hold_id;
    int64_t qty;      /* held now by this line or offer; 0 when it is gone */
    int64_t qty_back; /* units it had and has no more (sold ones are not among them) */
    int64_t until_ms; /* of the hold, or of the offer */
};

/* A variant whose integers changed; as they are at the turn's end. */
struct news_variant {
    int64_t id, total, held;
};

/*
 * Likewise a deal. It is sold out when taken = quota: that state, and the way back to open, is the
 * watcher's to write.
 */
struct news_deal {
    int64_t id, taken, quota;
};

struct stock_news {
    const struct news_item *items;
    size_t count;
    const struct news_variant *variants;
    size_t variant_count;
    const struct news_deal *deals;
    size_t deal_count;
};

/*
 * Who is told; lives as long as the program. In the job, on the writer thread, before the commit:
 * it writes rows and events, and registers what must happen after the commit. Not called when
 * nothing happened. It may not move units. NULL: nobody is told (tests, subcommands).
 */
struct stock_watch {
    enum err (*tell)(void *arg, struct tx *tx, const struct stock_news *news);
    void *arg;
};

/* ---- the turn ---- */

enum { TURN_NEWS_MAX = 2048 };

struct stock_turn {
    struct tx *tx;
    const struct stock_watch *watch;
    struct news_item *items; /* all private from here on */
    size_t count, items_room;
    struct turn_variant *variants;
    size_t variant_count, variant_room;
    struct news_deal *deals;
    size_t deal_count, deal_room;
};

/* `watch` may be NULL. Cheap: no statement runs. */
void turn_begin(struct stock_turn *turn, struct tx *tx, const struct stock_watch *watch);
/* Offers, then the watcher. ERR_STORE, ERR_NO_MEMORY, or what the watcher returned. */
enum err turn_end(struct stock_turn *turn) NODISCARD;

/* For rooms above that have something to tell of a line or hold themselves. */
enum err turn_tell(struct stock_turn *turn, const struct news_item *item) NODISCARD;
