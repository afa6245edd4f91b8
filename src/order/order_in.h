/* order_in - what the files of this room share. Nothing outside includes it. */
#pragma once
#include "base/id.h"
#include "order/order.h"
#include "order/quote.h"
#include "stock/stock.h"
#include "store/store.h"

struct orders {
    struct store *store;
    struct room *room;
    const struct stock_watch *watch;
    const struct pay_table *pay;
    const unsigned char *key;
};

enum { ORDER_LINES_MAX = CART_ITEMS_MAX };
/* An unpaid order's units outlive its payment by this; so does the order itself while a payment
 * that was sent on is still open: what came in the last second is still heard of. */
enum { ORDER_GRACE_MS = 5 * 60 * 1000 };

/* ---- rows (row.c) ---- */

struct order_row {
    int64_t id, shop_id, viewer_id, show_id, coupon_id;
    const char *public_id, *no, *shop_public_id, *shop_slug, *shop_name, *market, *currency;
    enum order_state state;
    int64_t subtotal, discount, shipping, tax, total;
    const char *delivery, *address, *invoice, *note, *staff_note, *pay_method;
    struct blob secret_hash;
    int64_t expires_ms, confirmed_ms, done_ms, created_ms, version;
};
enum err order_by_id(struct db *db, struct cx *cx, int64_t id, struct order_row *ret) NODISCARD;
/* By ref, for its buyer: theirs, or the secret fits. ERR_NOT_FOUND */
enum err order_for_buyer(struct db *db, struct cx *cx, const struct room_who *who,
                         const struct order_ref *ref, struct order_row *ret) NODISCARD;
/* By ref, in a shop where `who` works; the role may do `action`. ERR_NOT_FOUND, ERR_FORBIDDEN */
enum err order_for_staff(struct db *db, struct cx *cx, const struct room_who *who,
                         const struct order_ref *ref, enum action action,
                         struct order_row *ret) NODISCARD;

struct order_line {
    int64_t id, line_no, variant_id, qty, unit, discount, tax, refunded, packed, in_parcel;
    int64_t returned, restocked;
    const char *variant_public, *product_public, *title, *options, *code, *image, *source, *exempt;
    const char *product_options; /* as they are now: what else its options are called */
};
/* By line number, in the arena. */
enum err order_lines(struct db *db, struct cx *cx, int64_t order_id, struct order_line **ret_lines,
                     size_t *ret_count) NODISCARD;
const struct order_line *line_by_no(const struct order_line *lines, size_t n, int64_t no);

/* [{"no":1,"qty":1}] against the lines of an order; each line once. ERR_INPUT */
struct line_qty_ask {
    const struct order_line *line;
    int64_t qty;
};
enum err lines_ask(struct cx *cx, const json_t *in, const struct order_line *lines, size_t n,
                   struct line_qty_ask **ret_asks, size_t *ret_count) NODISCARD;

/* Whether `who` may do it in the shop with this slug (NULL: the first where they may). */
enum err shop_for(struct cx *cx, const struct room_who *who, const char *slug, enum action action,
                  int64_t *ret_shop_id) NODISCARD;

/* ---- JSON (json.c) ---- */

json_t *order_money(int64_t amount, const char *currency);
/* "f:KEY" or "b:name", as orders keep pictures. */
const char *image_text(struct cx *cx, const char *key, const char *builtin);
json_t *image_json(const char *stored);
json_t *ms_or_null(int64_t ms);
/* A way to pay, as pages see it; `why` NULL: it can be had. */
json_t *order_method_json(const struct pay_terms *t, const char *why, const char *currency);
/* The object Order; with what staff see. */
enum err order_json(struct db *db, struct cx *cx, const struct order_row *r, bool staff,
                    json_t **ret_order) NODISCARD;
/* Read again by id and made JSON. */
enum err order_json_id(struct orders *o, struct cx *cx, int64_t id, bool staff,
                       json_t **ret_order) NODISCARD;
/* One of its "parcels" or "returns" by public id, with the "order" it is of. */
enum err order_part_json(struct orders *o, struct cx *cx, int64_t order_id, const char *list,
                         const char *part, json_t **ret_part) NODISCARD;

/* ---- changes (move.c) ---- */

/* Guarded by the state it had; r->state is as afterwards. ERR_TRANSITION */
enum err order_move(struct tx *tx, struct order_row *r, enum order_state to) NODISCARD;
enum err order_step(struct tx *tx, int64_t order_id, const char *what, int64_t actor_id) NODISCARD;
/* order.state for its buyer, in the log of its show. Last of all in a job. */
enum err order_tell(struct orders *o, struct tx *tx, const struct order_row *r) NODISCARD;
enum err order_tell_status(struct orders *o, struct tx *tx, const struct order_row *r,
                           enum order_status status) NODISCARD;
/* End all holds of an unpaid order; coupon and open payments likewise. */
enum err order_give_up(struct stock_turn *turn, struct order_row *r, enum order_state to,
                       int64_t actor_id) NODISCARD;
/* A confirmed order is cancelled: its claims and its coupon are free again; units and money not. */
enum err order_undo(struct stock_turn *turn, struct order_row *r, int64_t actor_id) NODISCARD;
/* All of it came back and was looked at: cancelled, unless money of it is here: then staff decide.
 */
enum err order_came_back(struct stock_turn *turn, struct order_row *r, int64_t actor_id) NODISCARD;
/* What its buyer is told. */
enum err order_status_of(struct db *db, struct cx *cx, const struct order_row *r,
                         enum order_status *ret_status) NODISCARD;
/* What is held of it is sold: total and held fall. */
enum err order_sell_holds(struct stock_turn *turn, const struct order_row *r) NODISCARD;
/* Units of a line come back into stock, once each. */
enum err order_restock(struct stock_turn *turn, const struct order_row *r,
                       const struct order_line *line, int64_t qty, enum stock_reason reason,
                       int64_t actor_id) NODISCARD;
/* Units of a line are paid back, once each; *sum grows by what they cost. */
enum err order_refund_line(struct tx *tx, const struct order_line *l, int64_t qty,
                           int64_t *sum) NODISCARD;
/* One more in the buyer's record with a shop. */
enum stat { STAT_PAID, STAT_ABANDONED, STAT_UNCOLLECTED };
enum err stat_add(struct tx *tx, int64_t viewer_id, int64_t shop_id, enum stat what) NODISCARD;

/* ---- what its buyer is told outside the page (mail.c); once each ---- */

enum err order_mail_receipt(const struct orders *o, struct tx *tx, int64_t order_id) NODISCARD;
enum err order_mail_shipped(const struct orders *o, struct tx *tx, int64_t order_id,
                            int64_t parcel_id) NODISCARD;
enum err order_mail_refunded(const struct orders *o, struct tx *tx, int64_t order_id,
                             int64_t refund_id, int64_t amount, const char *currency) NODISCARD;

/* A link's secret: of the key and the object's public id. */
void order_secret(const struct orders *o, const char *kind, const char *public_id,
                  char out[ORDER_SECRET_SIZE]);
void secret_hash(const char *secret, unsigned char out[SHA256_LEN]);

/* Carts by right (quote.c). ERR_NOT_FOUND; *ret_open false: an order or a merge has it. */
enum err cart_by_ref(struct db *db, struct cx *cx, const struct room_who *who,
                     const struct cart_ref *ref, bool staff, struct cart *ret_cart,
                     bool *ret_open) NODISCARD;
json_t *quote_json(struct db *db, struct cx *cx, const struct quote *q, bool own);
