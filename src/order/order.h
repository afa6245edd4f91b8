/*
 * order - what was bought: checkout, the states of an order, and everything that follows from it.
 *
 * Doors:   order.h     the room itself, checkout, reading, cancelling, refunds, its clocks
 *          quote.h     what a cart costs: the confirm page, with a hash that checkout compares
 *          sum.h       the arithmetic; state.h the state tables; address.h, day.h small rules
 *          parcel.h    parcels, packing lists, labels
 *          returns.h   goods that come back
 *          bill.h      one link for each buyer with unpaid lines, after a show
 *          report.h    what a show brought
 * Shape:   checkout is one transaction: the cart's holds become the order's (sold at once when the
 *          money comes with the parcel or nothing is to be paid). One cart makes one order (I4).
 * The price is what the confirm page showed, or ERR_PRICE_CHANGED (I14). Rights:  a buyer's order
 * is theirs, or of who has its secret link. Staff calls are bound to a shop of theirs: another
 * shop's orders are ERR_NOT_FOUND; a role that may not, ERR_FORBIDDEN. Privacy: phone, address and
 * note go into answers for the buyer and for staff with order.see, and nowhere else: not into
 * events, logs, errors, or lists. Units:   minor units of the order's currency; times Unix ms, 0:
 * not yet, none. Memory:  text in cx->arena; json_t results belong to the caller. Thread:  workers.
 * Calls with a struct db use the reader given; calls without one write through store_do() and want
 * no reader held meanwhile. Calls with a tx run in a job. Errors:  on error no ret_ parameter is
 * written. Every call may return ERR_STORE, ERR_BUSY and ERR_NO_MEMORY. Source:  statements in
 * *.sql
 */
#pragma once
#include "base/crypto.h"
#include "order/address.h"
#include "order/state.h"
#include "room/room.h"
#include "stock/turn.h"

struct orders;
struct store;

struct orders_setup {
    struct store *store;
    struct room *room;               /* whose show logs get order.state; NULL: nobody is told */
    const struct stock_watch *watch; /* for the turns; NULL: nobody is told */
    const struct pay_table *pay;     /* NULL: pay_builtin */
    const unsigned char *key;        /* SECRET_KEY_LEN bytes, for links; outlives the room */
};
enum err orders_make(const struct orders_setup *setup, struct orders **ret_orders) NODISCARD;
void orders_free(struct orders *o); /* NULL is fine */

/*
 * Unpaid orders past their time expire and give their units back; delivered ones past the days of
 * return are completed. In slices, each a job; cheap when nothing is due. Once a second, from a
 * thread that may block; a missed tick loses nothing.
 */
void orders_tick(struct orders *o, int64_t now_ms);

/* ---- checkout ---- */

enum { ORDER_NO_SIZE = 24, ORDER_SECRET_SIZE = 32, ORDER_NOTE_CHARS_MAX = 200, IDEM_KEY_MAX = 64 };

/* Which cart, and by what right. */
struct cart_ref {
    const char *cart;          /* crt_…; or NULL */
    const char *bill, *secret; /* or of a bill's link */
    const char *shop, *market; /* or the asker's open cart there (slug; NULL: their only shop's) */
};

struct checkout {
    struct cart_ref cart;
    const char *quote_hash;
    enum delivery delivery;
    const char *pay_method; /* "none" when nothing is to be paid */
    const char *coupon;     /* cpn_…, or NULL */
    const json_t *address, *invoice;
    const char *note; /* or NULL */
    struct {
        bool terms, privacy, withdrawal_notice, marketing;
        const json_t *exempt; /* array of line numbers, or NULL */
    } consent;
    const char *idem;
    bool assisted; /* by staff of the cart's shop, for its buyer */
    /* Asked about the invoice of a new order before its job, with no reader held; NULL: nobody */
    enum err (*vouch)(void *arg, struct cx *cx, int64_t shop_id, const json_t *invoice);
    void *vouch_arg;
};

/*
 * Make the order; *ret_order is the object Order with "secret". *ret_again: this key or this cart
 * had made it before, and nothing was done.
 *
 * ERR_PRICE_CHANGED  the cart costs something else than quote_hash says; *ret_order is the new
 * Quote ERR_INPUT          address, invoice, consents, method; cx->problem begins with the field in
 * quotes ERR_CONFLICT       nothing is held (any more); a line is not for sale any more; or the key
 *                    made an order of another cart
 * ERR_NOT_FOUND      no such cart of theirs
 */
enum err order_checkout(struct orders *o, struct cx *cx, const struct room_who *who,
                        const struct checkout *ask, json_t **ret_order, bool *ret_again) NODISCARD;

/* ---- reading ---- */

/* Which order, and by what right. */
struct order_ref {
    const char *no;     /* T261122-0042, or ord_… */
    const char *secret; /* of its link, or NULL */
    const char *shop;   /* slug, for staff who work in several; or NULL */
};

/* The object Order. ERR_NOT_FOUND */
enum err order_read(struct db *db, struct cx *cx, const struct room_who *who,
                    const struct order_ref *ref, json_t **ret_order) NODISCARD;
/* With what staff see. ERR_FORBIDDEN */
enum err order_read_staff(struct db *db, struct cx *cx, const struct room_who *who,
                          const struct order_ref *ref, json_t **ret_order) NODISCARD;

enum { ORDER_PAGE = 50 };
/* {"items","next"}: the asker's own, newest first. */
enum err order_list(struct db *db, struct cx *cx, const struct room_who *who, const char *cursor,
                    json_t **ret_list) NODISCARD;
struct order_filter {
    const char *shop, *show, *state, *status, *q, *cursor; /* each may be NULL */
};
enum err order_list_staff(struct db *db, struct cx *cx, const struct room_who *who,
                          const struct order_filter *f, json_t **ret_list) NODISCARD;

/* ---- changing ---- */

/*
 * By the buyer: unpaid orders, and those paid at the door while nothing was packed. By staff
 * (order.cancel): until something was handed to a carrier, or once all that was came back and was
 * looked at. Units go back, what was paid is refunded.
 *
 * ERR_TRANSITION
 */
enum err order_cancel(struct orders *o, struct cx *cx, const struct room_who *who,
                      const struct order_ref *ref, json_t **ret_order) NODISCARD;
enum err order_cancel_staff(struct orders *o, struct cx *cx, const struct room_who *who,
                            const struct order_ref *ref, const char *reason,
                            json_t **ret_order) NODISCARD;
enum err order_set_note(struct orders *o, struct cx *cx, const struct room_who *who,
                        const struct order_ref *ref, const char *text,
                        json_t **ret_order) NODISCARD;

struct refund_ask {
    int64_t amount;       /* 0: by lines */
    const char *currency; /* NULL: not said; else what was paid with */
    const json_t *lines;  /* [{"no","qty"}] or NULL */
    const char *reason, *note, *idem;
};
/* order.refund. ERR_CONFLICT: more than is left; ERR_TRANSITION: nothing was paid; ERR_INPUT: in
 * another currency than it was paid with. */
enum err order_refund(struct orders *o, struct cx *cx, const struct room_who *who,
                      const struct order_ref *ref, const struct refund_ask *ask, json_t **ret_order,
                      bool *ret_again) NODISCARD;
/* What staff say of a refund: "done", "failed", "queued" (again), "sent". */
struct refund_set {
    const char *state, *note; /* note may be NULL */
    bool by_hand;             /* with queued: a person pays it back, no gateway */
};
/*
 * order.refund. A refund through a gateway is the runner's: staff may say how it ended only when
 * nobody has known for REFUND_UNCLEAR_MS.
 *
 * ERR_NOT_FOUND, ERR_TRANSITION
 */
#define REFUND_UNCLEAR_MS INT64_C(3600000)
enum err order_refund_set(struct orders *o, struct cx *cx, const struct room_who *who,
                          const char *refund, const struct refund_set *ask,
                          json_t **ret_order) NODISCARD;

/* How a refund ended at its gateway: done, or failed and what was paid is again as it was. */
struct refund_result {
    enum refund_state to;     /* REFUND_DONE, REFUND_FAILED */
    const char *provider_ref; /* or NULL */
    const char *why;          /* for staff; or NULL */
};
/* In the runner's job, last of all: the buyer's room is told. ERR_TRANSITION: it is not sent. */
enum err order_refund_settle(struct orders *o, struct tx *tx, int64_t refund_id,
                             const struct refund_result *result) NODISCARD;

/* ---- money that came (gateways call this in the job that handles their message) ---- */

/*
 * Late, double, wrong or orphaned money is never dropped: it confirms its order, or it is noted as
 * orphaned with a refund queued (I8, I10). Told twice is told once.
 *
 * An expired order that late money confirms is honoured at the order's price if everything it had
 * can be had again: its units, its deal's units (of a deal that is over, too) and its coupon. Its
 * claims stay cancelled.
 */
enum err order_paid(const struct orders *o, struct stock_turn *turn, int64_t payment_id,
                    int64_t amount, const char *currency) NODISCARD;

/* What waits for money, for the room that starts payments. Text in cx->arena. */
struct order_due {
    int64_t id, shop_id, viewer_id, total, expires_ms, created_ms;
    const char *no, *public_id, *shop_slug, *shop_name, *market, *currency;
    const char *phone; /* of its address; "" : none */
    enum order_state state;
    bool has_deal;            /* some line was had in a deal */
    const char *const *items; /* "title, options x 2", in the market's language */
    size_t item_count;
};
/* For its buyer. ERR_NOT_FOUND */
enum err order_due_for(struct db *db, struct cx *cx, const struct room_who *who,
                       const struct order_ref *ref, struct order_due *ret_due) NODISCARD;
/* For the program itself: by id. ERR_NOT_FOUND */
enum err order_due_by_id(struct db *db, struct cx *cx, int64_t id,
                         struct order_due *ret_due) NODISCARD;
/*
 * A payment of an order that still waits may take until `until_ms`: so does the order, and its
 * units are held a little longer. Never shorter than before.
 *
 * ERR_TRANSITION  it does not wait any more
 */
enum err order_wait_until(struct stock_turn *turn, int64_t order_id, int64_t until_ms) NODISCARD;
/*
 * After turn_end(), last in a job: for its buyer in the log of its show, order.state and
 * payment.state. `step` (or NULL) goes into the order's timeline before.
 */
enum err order_tell_payment(struct orders *o, struct tx *tx, int64_t payment_id,
                            const char *step) NODISCARD;
/* The object Payment, as its buyer sees it. `order_no` may be NULL. */
json_t *order_payment_json(const struct payment *p, const char *order_no);
/* Ways to pay this order now: [{"id","available",...}]. */
enum err order_methods(struct orders *o, struct db *db, struct cx *cx, const struct order_due *due,
                       json_t **ret_list) NODISCARD;
/* "/o/T261122-0042?s=...": opens the order without signing in. */
enum { ORDER_LINK_SIZE = 100 };
void order_link(const struct orders *o, const char *public_id, const char *no,
                char out[ORDER_LINK_SIZE]);

/* ---- people ---- */

/* Orders, bills, addresses, consents and counts of a guest become an account's. */
enum err order_merge(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer) NODISCARD;
/* Addresses that would be suggested at the next checkout. In a job. */
enum err order_forget_addresses(struct tx *tx, int64_t viewer_id) NODISCARD;

/* ---- reconcile ---- */

struct reconcile_list;
extern const struct reconcile_list order_checks;
