/* stock_in - what the files of this room share. Nothing outside includes it. */
#pragma once
#include "base/cx.h"
#include "base/id.h"
#include "stock/hold.h"
#include "stock/waiting.h"
#include "store/store.h"

/* ---- turn.c: what the turn knows of a variant it touched; exact, the row is ours until commit --
 */

struct turn_variant {
    int64_t id;
    int64_t total, held;
    bool tracked;
    bool freed; /* units came free: offer them */
};

enum err turn_variant_is(struct stock_turn *turn, const struct turn_variant *now) NODISCARD;
enum err turn_deal_is(struct stock_turn *turn, const struct news_deal *now) NODISCARD;

/* ---- units.c: the two integers, the ledger, the deals' counters ---- */

/*
 * Take up to `qty` units: all, or (`some`) as many as there are. *ret_got 0: none. The ledger is
 * the caller's. ERR_NOT_FOUND: no such variant.
 */
enum err units_take(struct stock_turn *turn, int64_t variant_id, int64_t qty, bool some,
                    struct turn_variant *ret_now, int64_t *ret_got) NODISCARD;
/* Give back what a hold had. */
enum err units_free(struct stock_turn *turn, int64_t variant_id, int64_t qty,
                    struct turn_variant *ret_now) NODISCARD;
/* Sold: gone from both. */
enum err units_sell(struct stock_turn *turn, int64_t variant_id, int64_t qty,
                    struct turn_variant *ret_now) NODISCARD;

/* Another total. ERR_NOT_FOUND; ERR_CONFLICT: under what is held, or beyond STOCK_TOTAL_MAX. */
enum err units_adjust(struct stock_turn *turn, int64_t variant_id, int64_t delta,
                      struct turn_variant *ret_now) NODISCARD;
/* Its row is this job's until the commit. ERR_NOT_FOUND */
enum err units_lock(struct stock_turn *turn, int64_t variant_id,
                    struct turn_variant *ret_now) NODISCARD;

struct units_move {
    int64_t variant_id, d_total, d_held;
    enum stock_reason reason;
    const char *ref;
    int64_t actor_id;
};
enum err units_note(struct stock_turn *turn, const struct units_move *m) NODISCARD;

/* How units of a deal are asked for. */
struct deal_ask {
    int64_t deal_id, viewer_id, qty;
    int64_t max;  /* of one buyer; 0: no limit */
    bool some;    /* as many as there are */
    bool offered; /* to somebody who waited: also when the deal is closed by now */
};
enum err deal_units_take(struct stock_turn *turn, const struct deal_ask *ask, int64_t *ret_got,
                         enum hold_short *ret_cut) NODISCARD;
enum err deal_units_free(struct stock_turn *turn, int64_t deal_id, int64_t viewer_id,
                         int64_t qty) NODISCARD;

enum err deal_buyer_merge(struct stock_turn *turn, int64_t from, int64_t to) NODISCARD;

/* ---- hold.c ---- */

enum err hold_insert(struct stock_turn *turn, const struct hold_ask *ask, int64_t qty,
                     const struct turn_variant *v) NODISCARD;
const char *hold_owner_name(enum hold_owner o);

/* ---- waiting.c ---- */

/* Offer the free units of a variant to those who wait for it. From turn_end(). */
enum err waiting_offer(struct stock_turn *turn, const struct turn_variant *v) NODISCARD;
/* Have turn_end() do so, though nothing came free in this turn. */
enum err waiting_resume(struct stock_turn *turn, int64_t variant_id) NODISCARD;
/* Variants with free units and somebody whom no deal keeps waiting. */
enum err waiting_stranded(struct db *db, int64_t *ret_ids, size_t max, size_t *ret_count) NODISCARD;
/* At most WAITING_SLICE rows that wait for a deal that is over, in the arena. */
enum { WAITING_SLICE = 64 };
enum err waiting_deals_over(struct db *db, struct cx *cx, struct waiting **ret_rows,
                            size_t *ret_count) NODISCARD;
enum err waiting_to_list_price(struct stock_turn *turn, const struct waiting *row) NODISCARD;
