/* sell_in - what the files that sell share: listings, the sale of a show, deals, claims. Private.
 */
#pragma once
#include "catalog/catalog.h"
#include "room/claim.h"
#include "room/deal.h"
#include "room/listing.h"
#include "room/room_in.h"
#include "stock/turn.h"

/* ---- listing_read.c ---- */

struct listing {
    int64_t id;
    const char *public_id;
    int64_t show_id, product_id;
    const char *code;
    int64_t position;
    enum listing_state state;
    enum claim_mode mode;
    bool claim_open;
    int64_t each; /* per_buyer_max */
    int64_t claim_n, version;
};

/* ERR_NOT_FOUND */
enum err listing_read(struct db *db, struct cx *cx, const char *public_id,
                      struct listing *ret_listing) NODISCARD;
enum err listing_read_id(struct db *db, struct cx *cx, int64_t id,
                         struct listing *ret_listing) NODISCARD;
/* With its show, for staff who may do `action`. ERR_NOT_FOUND, ERR_FORBIDDEN */
enum err listing_for(struct tx *tx, const struct room_who *who, const char *public_id,
                     enum action action, struct listing *ret_listing,
                     struct show *ret_show) NODISCARD;
/* All of a show by position, withdrawn ones too; at most LISTINGS_MAX, in the arena. */
enum err listings_read(struct db *db, struct cx *cx, int64_t show_id, struct listing **ret_list,
                       size_t *ret_count) NODISCARD;

struct sale {
    struct sale_settings set;
    int64_t pinned_id, segment_id; /* 0: none */
    int64_t claim_no;
    struct blob chain; /* of the last claim; p NULL: none yet */
    int64_t version;
};
enum err sale_read(struct db *db, struct cx *cx, int64_t show_id, struct sale *ret_sale) NODISCARD;

/* ---- listing_json.c ---- */

/*
 * Objects Listing, by position: of the whole show or (listing_id) of one. `staff`: withdrawn ones
 * and drafts of deals too.
 */
enum err listings_json(struct db *db, struct cx *cx, int64_t show_id, int64_t listing_id,
                       bool staff, json_t **ret_array) NODISCARD;
/* {"listing_id","code","segment_start"} or null. */
enum err pinned_json(struct db *db, struct cx *cx, const struct sale *sale,
                     json_t **ret_pinned) NODISCARD;
/* {"amount","currency"} */
json_t *money_json(int64_t amount, const char *currency);
/* {"TW":{"amount","currency"},…}; amounts below 0 are left out. */
json_t *amounts_json(const int64_t amount[MARKET_COUNT]);

/* ---- listing.c ---- */

/* The listing as it is now, to all who may see the show. type: "listing.added", … */
enum err listing_tell(struct tx *tx, struct room *r, const struct show *s, int64_t listing_id,
                      const char *type) NODISCARD;
/* Who hears of what is prepared: staff alone until the show is public. */
enum audience sell_audience(const struct show *s);

/* ---- sale.c ---- */

enum err sale_tell_window(struct tx *tx, struct room *r, const struct show *s,
                          const struct sale *sale, const struct listing *l) NODISCARD;
/* In a job: nothing is pinned any more, if `listing_id` (0: any) was. */
enum err sale_unpin(struct tx *tx, struct room *r, const struct show *s, int64_t listing_id,
                    bool *ret_was) NODISCARD;
/* In the job that ends a show: windows, deals and the open segment close. */
enum err sale_end(struct tx *tx, struct room *r, const struct show *s) NODISCARD;

/* ---- deal_read.c ---- */

struct deal {
    int64_t id;
    const char *public_id;
    int64_t show_id, listing_id;
    const char *listing_public;
    int64_t variant_id;         /* 0: any of the listing */
    const char *variant_public; /* or NULL */
    int64_t quota, taken, each;
    enum deal_state state;
    int64_t countdown_s, run_s, opens_ms, closes_ms;
    int64_t price[MARKET_COUNT]; /* -1: none */
};
/* ERR_NOT_FOUND */
enum err deal_read(struct db *db, struct cx *cx, const char *public_id,
                   struct deal *ret_deal) NODISCARD;
enum err deal_read_id(struct db *db, struct cx *cx, int64_t id, struct deal *ret_deal) NODISCARD;
/* Oldest first, in the arena; `drafts`: those, the closed and the cancelled too. */
enum err deals_read(struct db *db, struct cx *cx, int64_t show_id, bool drafts,
                    struct deal **ret_list, size_t *ret_count) NODISCARD;
/* The object Deal; with `reason` (or event): "deal_id" instead of "id". */
json_t *deal_json(const struct deal *d);
json_t *deal_event_json(const struct deal *d, const char *reason);

/* ---- deal.c ---- */

/* In a job: what the clock asks of this deal, open or close. *d is as afterwards. */
enum err deal_turn(struct tx *tx, struct room *r, struct deal *d) NODISCARD;
/* In a job, after units moved: sold out, or not any more. */
enum err deal_moved(struct tx *tx, struct room *r, int64_t deal_id) NODISCARD;
/* In the job that ends a show. */
enum err deals_end(struct tx *tx, struct room *r, const struct show *s) NODISCARD;
/* From the pulse: open and close what is due, of all shows. */
enum err deals_due(struct room *r, struct cx *cx) NODISCARD;

/* ---- claim_core.c ---- */

/* Whom a claim is for. */
struct buyer {
    int64_t viewer_id;
    const char *name;
    const char *market;
    bool account;
    int64_t device; /* device_hash(), 0: none */
};

#define CLAIM_VIA_TABLE(X) X(TAP, "tap") X(COMMENT, "comment") X(STAFF, "staff")
enum claim_via {
#define X(name, text) VIA_##name,
    CLAIM_VIA_TABLE(X)
#undef X
        VIA_COUNT
};

/* What is wanted. */
struct claim_want {
    const char *listing, *variant; /* public ids; variant NULL: the only one */
    int64_t variant_id;            /* instead of `variant`, when not 0 */
    int64_t qty;
    enum claim_via via;
    enum claim_how how;
    int64_t show_id;     /* not 0: of this show, else ERR_NOT_FOUND */
    int64_t message_id;  /* 0: none */
    const char *message; /* its public id, or NULL */
    int64_t item_no;
    const char *idem;        /* or NULL */
    struct claim_done *done; /* the caller's own note */
};

/* Why not: the words of events. */
#define CLAIM_NO_TABLE(X)           \
    X(NOT, NULL)                    \
    X(CLOSED, "closed")             \
    X(SOLD_OUT, "sold_out")         \
    X(LIMIT, "limit")               \
    X(BANNED, "banned")             \
    X(UNKNOWN_CODE, "unknown_code") \
    X(NEED_OPTION, "need_option")   \
    X(NEED_LOGIN, "need_login")     \
    X(PAID_BEFORE, "paid_before")   \
    X(MARKET, "market")
enum claim_no {
#define X(name, text) NO_##name,
    CLAIM_NO_TABLE(X)
#undef X
        NO_COUNT
};
const char *claim_no_name(enum claim_no why);

struct claim_done {
    enum claim_no no; /* not NO_NOT: refused, nothing was written */
    int64_t opens_ms; /* with NO_CLOSED: of the deal that comes; 0 */
    const char *text; /* the object Claim, in the arena; NULL when refused */
    bool again;       /* `idem` was there before */
    const char *code; /* of the listing */
    const char *listing;
};

/*
 * The claims of one job: begun first, ended last. claim_one() holds units; claim_run_end() writes
 * the ledger and the events. A message of the caller's own comes between (order of locks: units
 * first, the log last). Asks and answers lie where they are until the end.
 */
struct claim_run {
    struct tx *tx;
    struct room *r;
    struct stock_turn turn;
    int64_t show_id; /* of the ticker's lines */
    struct pending *pending[CLAIM_ITEMS_MAX];
    const char *ticker[CLAIM_ITEMS_MAX];
    size_t count, lines;
    bool numbered;
};
void claim_run_begin(struct claim_run *run, struct tx *tx, struct room *r);
/*
 * Hold the units of one claim, or wait for them. A refusal is ERR_OK with ret_done->no. More than
 * CLAIM_ITEMS_MAX of a run are refused (NO_LIMIT). By ascending variant where there are several.
 *
 * ERR_NOT_FOUND  no such listing or variant
 */
enum err claim_one(struct claim_run *run, const struct buyer *b, const struct claim_want *want,
                   struct claim_done *ret_done) NODISCARD;
/* The rows that number claims are locked, before the log is. claim_run_end() does it else. */
enum err claim_run_number(struct claim_run *run) NODISCARD;
/* Writes, ends the turn, has the ticker told after the commit. `done->text` is there now. */
enum err claim_run_end(struct claim_run *run) NODISCARD;
/* Is it one of this run's (NULL: no)? */
bool claim_run_made(const struct claim_run *run, int64_t claim_id);
/* claim.result of a refusal, to the buyer. */
enum err claim_tell_no(struct tx *tx, struct room *r, int64_t show_id, const struct buyer *b,
                       const struct claim_want *want, const struct claim_done *done) NODISCARD;

/* ---- claim_row.c ---- */

struct claim {
    int64_t id;
    const char *public_id;
    int64_t show_id, seq_no, viewer_id, listing_id, variant_id;
    const char *listing_public, *variant_public, *options;
    const char *name_masked, *code;
    int64_t asked, given, place;
    const char *state, *reason;
    const char *market;
    int64_t unit_amount;
    const char *source, *via;
    int64_t line_id, waiting_id;
    const char *line_public, *waiting_public, *message_public;
    int64_t hold_until, at_ms;
};
enum err claim_read(struct db *db, struct cx *cx, const char *public_id,
                    struct claim *ret_claim) NODISCARD;
enum err claim_read_id(struct db *db, struct cx *cx, int64_t id, struct claim *ret_claim) NODISCARD;
/* The object Claim as text in the arena; NULL: out of memory. */
const char *claim_text(struct cx *cx, const struct claim *c);
/* claim.result to its buyer; *ret_text (may be NULL) is its data. */
enum err claim_tell(struct tx *tx, struct room *r, const struct claim *c,
                    const char **ret_text) NODISCARD;

/* ---- news.c ---- */

/* What stock, cart and order tell of lines, holds and variants: claims and events follow. */
enum err sell_tell(void *arg, struct tx *tx, const struct stock_news *news);

/* ---- pulse.c ---- */

struct pulse *pulse_make(void);
void pulse_free(struct pulse *p);
/* After a commit: tell the rooms what is left of it. Any thread. */
void pulse_variant(struct room *r, int64_t variant_id);
void pulse_deal(struct room *r, int64_t deal_id);
/* A line for the ticker of a show; `data` is copied. More than 20 a second are only counted. */
void pulse_ticker(struct room *r, int64_t show_id, const char *data);
