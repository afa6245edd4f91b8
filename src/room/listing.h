/*
 * listing - the run order of a show: what it sells, by which code, and what is held into the
 * camera.
 *
 * Shape:   a listing is a product in a show, under a code that buyers type (A12). It is queued,
 *          shown (held up once at least) or withdrawn. One listing or none is pinned; each pin
 *          opens a segment (media times), and segments become the chapters of the replay. The
 *          first pin of a listing opens its claim window, unless its claims are off.
 *          Prices belong to the catalogue, numbers of units to stock: the room only tells of them.
 *          A show needs no listing to be scheduled: talking without selling is a show too.
 * Codes:   1..CODE_MAX of A-Z and 0-9; typed in any case. Given automatically: A1, A2, ...
 * Left:    "left" in JSON is exact up to 10, then "10+", "50+", "100+"; null: not counted.
 * Events:  listing.added, .updated, .removed, .order, .pinned, .unpinned, claim.window,
 *          sale.changed, price.changed.
 * Rest:    as room.h.
 */
#pragma once
#include "room/show.h"

enum {
    LISTINGS_MAX = 300,
    CODE_MAX = 8,
    LISTING_EACH = 10, /* per_buyer_max when nothing is said */
    LISTING_EACH_MAX = 999,
    HOLD_S_MIN = 60,
    HOLD_S_MAX = 14 * 24 * 3600
};

#define LISTING_STATE_TABLE(X) X(QUEUED, "queued") X(SHOWN, "shown") X(WITHDRAWN, "withdrawn")
enum listing_state {
#define X(name, text) LISTING_##name,
    LISTING_STATE_TABLE(X)
#undef X
        LISTING_STATE_COUNT
};

const char *listing_state_name(enum listing_state s);
enum err listing_state_parse(const char *text, enum listing_state *ret_state) NODISCARD;

/* What happens to comments that read like orders. Taps work unless it is off. */
#define CLAIM_MODE_TABLE(X) X(OFF, "off") X(REVIEW, "review") X(AUTO, "auto")
enum claim_mode {
#define X(name, text) CLAIM_MODE_##name,
    CLAIM_MODE_TABLE(X)
#undef X
        CLAIM_MODE_COUNT
};
const char *claim_mode_name(enum claim_mode m);
enum err claim_mode_parse(const char *text, enum claim_mode *ret_mode) NODISCARD;

/* ---- the run order: host and above ---- */

struct listing_new {
    const char *product; /* prd_…, or NULL: by `find` */
    const char *find;    /* a SKU of the shop, or a code of one of its earlier shows */
    const char *code;    /* NULL: the next free one (or `find`, when that is a free code) */
    enum claim_mode mode;
    int64_t per_buyer_max; /* 0: LISTING_EACH */
};

/*
 * Put a product at the end of the run order. *ret_listing is the object Listing of the API.
 *
 * ERR_INPUT      code or limit
 * ERR_EXISTS     the code is taken in this show
 * ERR_NOT_FOUND  no such show or product of this shop
 * ERR_CONFLICT   LISTINGS_MAX; or the show is over
 */
enum err listing_add(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                     const struct listing_new *ask, json_t **ret_listing) NODISCARD;

struct listing_edit {
    const char *code; /* NULL: as it is */
    bool set_mode, set_each, set_state;
    enum claim_mode mode;
    int64_t per_buyer_max;
    enum listing_state state; /* QUEUED or WITHDRAWN; withdrawing unpins and closes the window */
};
/* ERR_PRECONDITION, ERR_INPUT, ERR_EXISTS, ERR_TRANSITION, ERR_NOT_FOUND, ERR_FORBIDDEN */
enum err listing_edit(struct room *r, struct cx *cx, const struct room_who *who,
                      const char *listing, int64_t version, const struct listing_edit *ask,
                      json_t **ret_listing) NODISCARD;

/* ERR_CONFLICT: somebody claimed it, or it was shown: it can only be withdrawn. */
enum err listing_remove(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *listing) NODISCARD;

/* The new order of all that are not withdrawn. ERR_INPUT: not the same ones. */
enum err listing_order(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                       const char *const *ids, size_t count) NODISCARD;

/* {"items":[Listing],"pinned":Pinned or null,"sale":Sale}; staff see withdrawn ones too. */
enum err listing_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *show, json_t **ret_list) NODISCARD;

/* ---- running ---- */

enum pin_window { PIN_FIRST_OPENS, PIN_OPENS, PIN_KEEPS };
/*
 * Hold it up: {"listing_id","code","segment_start"}. Pinned already: nothing happens.
 *
 * ERR_CONFLICT   the show is not backstage, live or interrupted; or the listing is withdrawn
 */
enum err listing_pin(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                     const char *listing, enum pin_window window, json_t **ret_pinned) NODISCARD;
enum err listing_unpin(struct room *r, struct cx *cx, const struct room_who *who,
                       const char *show) NODISCARD;

/* Open or close the claims of one. ERR_CONFLICT: not on air, withdrawn, or its claims are off. */
enum err listing_window(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *listing, bool open, json_t **ret_listing) NODISCARD;

/* ---- how the show sells ---- */

#define CLAIM_RULE_TABLE(X) X(GUEST, "guest") X(LOGIN, "login") X(PAID_BEFORE, "paid_before")
enum claim_rule {
#define X(name, text) RULE_##name,
    CLAIM_RULE_TABLE(X)
#undef X
        CLAIM_RULE_COUNT
};
const char *claim_rule_name(enum claim_rule r);
enum err claim_rule_parse(const char *text, enum claim_rule *ret_rule) NODISCARD;

struct sale_settings {
    enum claim_rule rule;
    int64_t hold_s; /* HOLD_S_MIN..HOLD_S_MAX: holds that are there keep their clock */
    bool cancel_ok; /* buyers may take their claims back */
};
struct sale_edit {
    bool set_rule, set_hold, set_cancel;
    struct sale_settings to;
};
/* Host and above. ERR_INPUT, ERR_NOT_FOUND, ERR_FORBIDDEN */
enum err sale_set(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                  const struct sale_edit *ask, struct sale_settings *ret_settings) NODISCARD;
enum err sale_get(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                  const char *show, struct sale_settings *ret_settings) NODISCARD;
json_t *sale_json(const struct sale_settings *s);

/* ---- afterwards ---- */

/* {"items":[{"listing_id","code","title","image","start_ms","end_ms","listing"}]}, by time. */
enum err chapter_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *show, json_t **ret_list) NODISCARD;

/*
 * After the catalogue has changed a product (text, prices, variants): tell the shows that have it
 * and are not over. A job of its own; nothing listed: nothing happens.
 */
enum err room_product_changed(struct room *r, struct cx *cx, const char *product) NODISCARD;
/* Likewise when it was prices: price.changed comes too. */
enum err room_prices_changed(struct room *r, struct cx *cx, const char *product) NODISCARD;
