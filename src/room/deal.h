/*
 * deal - a price for some pieces and some minutes, opened and closed by the clock.
 *
 * Shape:   draft - countdown - open - closed; countdown and open may be cancelled; open - sold_out
 *          when all are taken, and back when units come free before the end and nobody waits.
 *          Opening and closing happen at the tick of the pulse and in every claim that is made:
 *          the clock decides, not who asks. One deal of a listing runs at a time.
 *          A countdown is no shorter than 10 s, and than the delay of 95 of 100 viewers and 3 s.
 * I3:      units taken <= quota, per buyer <= per_buyer_max: one conditional UPDATE (stock/hold.h).
 * Events:  deal.countdown, .open, .progress (4 a second), .closed.
 * Rest:    as room.h. Host and above.
 */
#pragma once
#include "catalog/market.h"
#include "room/show.h"

enum {
    DEAL_COUNTDOWN_MIN_S = 10,
    DEAL_COUNTDOWN_MAX_S = 300,
    DEAL_RUN_MIN_S = 10,
    DEAL_RUN_MAX_S = 20 * 60,
    DEALS_PER_SHOW_MAX = 100
};

#define DEAL_STATE_TABLE(X)   \
    X(DRAFT, "draft")         \
    X(COUNTDOWN, "countdown") \
    X(OPEN, "open")           \
    X(SOLD_OUT, "sold_out")   \
    X(CLOSED, "closed")       \
    X(CANCELLED, "cancelled")
enum deal_state {
#define X(name, text) DEAL_##name,
    DEAL_STATE_TABLE(X)
#undef X
        DEAL_STATE_COUNT
};
const char *deal_state_name(enum deal_state s);

struct deal_new {
    const char *variant;         /* var_…, or NULL: any of the listing */
    int64_t price[MARKET_COUNT]; /* by market_index(); -1: not in that market */
    int64_t quota, per_buyer_max, countdown_s, run_s;
    bool start; /* at once */
};
/*
 * *ret_deal is the object Deal.
 *
 * ERR_INPUT      a number out of bounds, no price, a countdown too short
 * ERR_CONFLICT   (start) another deal of the listing runs, or the show is not on air
 */
enum err deal_create(struct room *r, struct cx *cx, const struct room_who *who, const char *listing,
                     const struct deal_new *ask, json_t **ret_deal) NODISCARD;
/* countdown_s 0: as it was made. ERR_INPUT, ERR_TRANSITION, ERR_CONFLICT, ERR_NOT_FOUND */
enum err deal_start(struct room *r, struct cx *cx, const struct room_who *who, const char *deal,
                    int64_t countdown_s, json_t **ret_deal) NODISCARD;
enum err deal_close(struct room *r, struct cx *cx, const struct room_who *who, const char *deal,
                    json_t **ret_deal) NODISCARD;
enum err deal_cancel(struct room *r, struct cx *cx, const struct room_who *who, const char *deal,
                     json_t **ret_deal) NODISCARD;
/* {"items":[Deal],"min_countdown_s"}: staff see drafts too. */
enum err deal_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, json_t **ret_list) NODISCARD;
/* The shortest countdown now. */
int64_t deal_min_countdown_s(struct room *r, const struct show *s);
