/* claim_in - what the files of claims share. Private. */
#pragma once
#include "room/sell_in.h"

enum { CLAIM_COLUMNS = 28 };

/* The columns of claim.sql's statements; out is ended. */
void claim_columns(struct claim *c, struct col out[CLAIM_COLUMNS + 1]);

/* What is written of a new claim. */
struct claim_row {
    struct claim c;
    int64_t deal_id, message_id, item_no;
    const char *idem, *show_public;
};
/* The ledger's next row: c->seq_no is filled in. The show's row is locked from here on. */
enum err ledger_add(struct tx *tx, struct claim_row *row) NODISCARD;
/* [show,seq_no,received_at,claim_id,name_masked,code,qty,state] after `before`, hashed. */
enum err ledger_hash(const unsigned char before[SHA256_LEN], const char *show,
                     const struct claim *c, unsigned char ret_chain[SHA256_LEN]) NODISCARD;
/* {"n","chain"} or null. */
json_t *claims_head_json(const struct sale *sale);
/* From the pulse: claims.head into each show whose ledger has grown. */
enum err ledger_tell_heads(struct room *r, struct cx *cx) NODISCARD;

/* ---- claim.c ---- */

struct buyer buyer_of(const struct room_who *who);
/* ERR_NOT_FOUND */
enum err buyer_read(struct db *db, struct cx *cx, int64_t viewer_id,
                    struct buyer *ret_buyer) NODISCARD;
/* The error of a refusal, with its words. */
enum err claim_refused(struct cx *cx, enum claim_no why);
/* Make it `qty` (0: none) in a job; the news move the claim. ERR_TRANSITION, ERR_INPUT */
enum err claim_fewer(struct claim_run *run, const struct claim *c, int64_t qty) NODISCARD;

/* ---- menu.c ---- */

struct grammar;

enum { MENU_SHOWS_MAX = 32 };

/* What comments of a show are read against. The writer's alone. */
struct menu_variant {
    int64_t id;
    int value[3]; /* index in each option's values; -1: not one of them */
    const char *public_id;
};
struct menu_listing {
    int64_t id;
    const char *public_id, *code;
    enum claim_mode mode;
    bool selling; /* its window is open, or a deal */
    const struct menu_variant *variants;
    size_t variant_count, option_count;
};
struct menu {
    int64_t show_id, version, sign, checked_ms;
    struct arena *arena; /* of all of it */
    struct grammar *grammar;
    struct menu_listing *list;
    size_t count;
    int pinned; /* index, or -1: nothing is pinned that is for sale */
};
/*
 * The menu of a show as it is now; it lives until the next call. *ret_sale is how the show sells.
 */
enum err menu_get(struct tx *tx, struct room *r, int64_t show_id, struct sale *ret_sale,
                  const struct menu **ret_menu) NODISCARD;
void menus_free(struct room *r);

/* ---- comment.c ---- */

struct reading;
/*
 * What a comment orders, in the job that posts it: comment_hold() before the message's row is
 * written, comment_write() after it.
 */
struct comment {
    struct claim_run run;
    struct buyer buyer;
    struct sale sale;
    const struct show *show;
    const char *message; /* public id */
    int64_t message_id;
    struct claim_want want[CLAIM_ITEMS_MAX];
    struct claim_done done[CLAIM_ITEMS_MAX];
    size_t count;
    struct reading *reading;
    json_t *review; /* items for the moderators, or NULL */
};
/* Does it order anything? */
enum err comment_read(struct tx *tx, struct room *r, const struct show *s, const char *text,
                      struct comment *c, bool *ret_orders) NODISCARD;
enum err comment_hold(struct comment *c) NODISCARD;
enum err comment_write(struct comment *c, const struct message *m) NODISCARD;

/* ---- review.c ---- */

/* A comment for the moderators to decide; takes `items`. */
enum err review_add(struct tx *tx, struct room *r, const struct message *m, int64_t message_id,
                    json_t *items) NODISCARD;

/* ---- goods.c ---- */

/* Does an event of this type change what goods_text() says? */
bool goods_event(const char *type);
/* `"listings":[…],"pinned":…,"deals":[…],"sale":…,"claims_head":…`; kept in `h` (may be NULL). */
enum err goods_text(struct hub *h, struct db *db, struct cx *cx, const struct show *s,
                    struct bytes **ret_text) NODISCARD;
/* {"lines","qty","until","offers"} of who asks, or null. */
enum err goods_of_viewer(struct db *db, const struct room_who *who, const struct show *s,
                         json_t **ret_cart) NODISCARD;
