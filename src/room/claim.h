/*
 * claim - a buyer's word for some of a listing, and the ledger that proves who was first.
 *
 * Shape:   by tap, by comment (chat_post() reads it) or by staff. One transaction: sanction, rule,
 *          window, limits, units held, a line in the cart, a row of the ledger, the events. What
 *          cannot be held joins the waiting list. A refusal is no claim: it leaves no row, is told
 *          to the buyer alone, and the same request may be sent again.
 *          granted, partial, waitlisted; then reduced, cancelled, expired or ordered.
 * Price:   of the deal that is open for it, else the list price, in the buyer's market. While a
 *          deal counts down its listing is closed.
 * Ledger:  seq_no has no gaps in a show. chain = SHA-256(32 bytes of the one before, or zeros ||
 *          [show,seq_no,received_at,claim_id,name_masked,code,qty,state] as JSON without spaces);
 *          qty and state are as they were at once. The head goes to the room each 10 s. It proves
 *          order and no later edits; not that the network treated everyone alike.
 * Again:   `idem` is kept in the row: the same one of the same buyer answers what the first made.
 * Events:  claim.result to the buyer, also whenever the claim's state moves; claim.ticker (masked,
 *          at most 20 a second) and claims.head to all.
 * Reasons: closed, sold_out, limit, banned, unknown_code, need_option, need_login, paid_before,
 *          market.
 * Rest:    as room.h.
 */
#pragma once
#include "base/buf.h"
#include "room/show.h"

enum { CLAIM_QTY_MAX = 999, CLAIM_PAGE_MAX = 200, CLAIM_ITEMS_MAX = 20 };

/* What when there is none to hold at once? */
enum claim_how {
    CLAIM_ANY,  /* wait for it */
    CLAIM_NOW,  /* nothing: ERR_SOLD_OUT */
    CLAIM_WAIT, /* wait in any case; what is free is offered at once */
};
struct claim_ask {
    const char *listing; /* lst_… */
    const char *variant; /* var_…; NULL: the only one */
    int64_t qty;         /* 1..CLAIM_QTY_MAX */
    const char *idem;    /* Idempotency-Key */
    enum claim_how how;
};
/* Written only when a claim is refused with ERR_CLOSED (opens_ms) or ERR_SLOW_DOWN (wait_ms). */
struct claim_refusal {
    int64_t opens_ms; /* of a deal that is coming; 0: none */
    int64_t wait_ms;
};

/*
 * A tap. *ret_claim is the object Claim; *ret_again: it was made before with this `idem`.
 *
 * ERR_CLOSED     no window is open, or its deal has not begun
 * ERR_SOLD_OUT   and the waiting list takes nobody
 * ERR_LIMIT      they have, or wait for, all that one buyer may
 * ERR_INPUT      the quantity
 * ERR_NEED_OPTION  there are several variants and none was named
 * ERR_NEED_LOGIN nobody with a name; or the show wants accounts
 * ERR_RULE       only for who has paid before
 * ERR_MUTED      banned
 * ERR_MARKET     not sold in their market
 * ERR_CONFLICT   the key was used for another claim
 * ERR_SLOW_DOWN, ERR_NOT_FOUND
 */
enum err claim_tap(struct room *r, struct cx *cx, const struct room_who *who,
                   const struct claim_ask *ask, json_t **ret_claim, bool *ret_again,
                   struct claim_refusal *ret_refusal) NODISCARD;

/*
 * Does a show say how this variant is bought now? While a show is on air, what is bought at one of
 * its listings (`listing`, or NULL), and anything that has a deal there which counts down or runs,
 * is claimed: a cart that took it would pass by the window, the limits and the bans. To be asked in
 * the job that would take it. listing NULL: no, it is bought like anything else.
 * A request whose `idem` made a claim before is ruled by that claim's listing, also when the show
 * is over: who repeats it gets the same claim, and nothing twice.
 */
struct claim_rule_ask {
    const char *variant, *listing; /* public ids; listing may be NULL */
    int64_t viewer_id;
    const char *idem;
};
struct claim_ruling {
    const char *listing;
    int64_t shop_id;
    bool deal; /* because of a deal */
};
enum err claim_ruled(struct db *db, struct cx *cx, const struct claim_rule_ask *ask,
                     struct claim_ruling *ret_ruling) NODISCARD;
/* The same of a line that is in a cart, for more of it; *ret_variant is what it is of. */
enum err claim_ruled_line(struct db *db, struct cx *cx, int64_t line_id, const char **ret_variant,
                          struct claim_ruling *ret_ruling) NODISCARD;

/*
 * For somebody else, by staff (moderator and above): for the writer of a message of this show, or
 * the buyer of a claim of it. The window need not be open, limits hold.
 */
struct claim_assist {
    struct claim_ask ask;
    const char *message, *claim; /* one of them */
};
enum err claim_assist(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                      const struct claim_assist *ask, json_t **ret_claim,
                      bool *ret_again) NODISCARD;

/*
 * Fewer units, or none (qty 0: cancelled). By the buyer while the show's cancel_ok says so, by
 * staff always; until it is ordered or expired.
 *
 * ERR_INPUT       more than they have
 * ERR_TRANSITION  it is over
 * ERR_FORBIDDEN   buyers may not
 * ERR_NOT_FOUND   no such claim of theirs
 */
enum err claim_reduce(struct room *r, struct cx *cx, const struct room_who *who, const char *claim,
                      int64_t qty, json_t **ret_claim) NODISCARD;

/* {"items","head","next"} for staff, by seq_no after `after`; limit 0: 100. */
enum err claim_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                    const char *show, int64_t after, int limit, json_t **ret_list) NODISCARD;
/* {"items"} of who asks, newest first, at most CLAIM_PAGE_MAX. */
enum err claim_mine(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                    const char *show, json_t **ret_list) NODISCARD;
/*
 * The ledger as CSV, into `out`. Staff at any time, everybody once the show is over (names are
 * masked). The last line is "head,<n>,,,,,,,<chain>".
 */
enum err claim_csv(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, struct buf *out) NODISCARD;

/* ---- comments that are not sure: moderator and above ---- */

struct review_item {
    const char *listing, *variant; /* variant NULL: the only one */
    int64_t qty;
};
/* {"items":[Review]}: those open, oldest first. */
enum err review_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                     const char *show, json_t **ret_list) NODISCARD;
/*
 * Make it claims of the comment's writer; count 0: as it was read. *ret_claims is an array of
 * Claim; an item that cannot be had is refused to the writer, privately.
 *
 * ERR_TRANSITION  decided already
 * ERR_INPUT       nothing that could be claimed
 * ERR_NEED_OPTION  say which variant
 */
enum err review_accept(struct room *r, struct cx *cx, const struct room_who *who,
                       const char *review, const struct review_item *items, size_t count,
                       json_t **ret_claims) NODISCARD;
enum err review_dismiss(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *review) NODISCARD;
