/*
 * ship - pick-up at convenience stores: choosing a store on its chain's map, pick-up orders at
 * ECPay's logistics, and what it tells of their way.
 *
 * Shape:   the map is a page of ECPay's that the buyer's browser posts to and comes back from with
 *          a post that has no cookie and no signature. A key of ours, made for one viewer and one
 *          cart or order, goes with it and comes back once, within 15 minutes; what else comes back
 *          is a stranger's word, checked like what is typed.
 *          A shipment is a parcel's order at ECPay. Its row is committed before ECPay is called;
 *          an answer that was lost is asked for by our number, never made again. A store that has
 *          closed meanwhile is the buyer's to replace. Notices move the parcel forward only, and
 * the money at the door with it, in the job that keeps the notice. Rights:  order.pack for parcels,
 * order.see and shop.edit for the settings. Another shop's parcels are ERR_NOT_FOUND. Units: whole
 * TWD; times Unix ms. Memory:  json_t results belong to the caller; text in cx->arena. Thread:
 * workers; ship_tick() and ship_parcel() call ECPay, and hold no reader then. Errors:  on error no
 * ret_ parameter is written. Every call may return ERR_STORE, ERR_BUSY, ERR_NO_MEMORY. Privacy:
 * names, phones and addresses go to ECPay alone: not into logs, errors or the inbox. Source:
 * docs/decisions/0012-taiwan.md; statements in pick.sql, ship.sql
 */
#pragma once
#include "order/order.h"
#include "pay/account.h"
#include "pay/ecpay_logistics.h"

struct ship;
struct store;

/* What is asked of ECPay; ship_ecpay, or a script in tests. Errors as in pay/ecpay_logistics.h. */
struct ship_way {
    enum err (*create)(struct cx *cx, const struct ecpay_service *s, const struct ecpay_ship *ask,
                       struct ecpay_shipped *ret);
    enum err (*ask)(struct cx *cx, const struct ecpay_service *s, const char *trade_no,
                    struct ecpay_shipped *ret);
};
extern const struct ship_way ship_ecpay;

struct ship_setup {
    struct store *store;
    struct orders *orders;
    const struct pay_accounts *accounts; /* outlives the room */
    const char *public_url;              /* no slash at the end; outlives the room */
    const struct ship_way *way;          /* NULL: ship_ecpay */
};
enum err ship_make(const struct ship_setup *setup, struct ship **ret_ship) NODISCARD;
void ship_free(struct ship *s); /* NULL is fine */

/* Pick-up orders that are due, and old keys of the map; once a second, from a thread that may
 * block. A missed tick loses nothing. */
enum { SHIP_WAIT_S = 2, SHIP_WAIT_MAX_S = 1800, SHIP_LEASE_S = 120, SHIP_BATCH = 16 };
void ship_tick(struct ship *s, int64_t now_ms);

/* ---- choosing a store ---- */

enum { PICK_MS = 15 * 60 * 1000, PICK_READ_MS = 60 * 60 * 1000, PICK_URL_MAX = 400 };

struct ship_map_ask {
    const char *chain;         /* "711", or ECPay's word */
    const char *shop, *market; /* or NULL: their only shop's */
    const char *cart;          /* crt_…, or NULL */
    const char *bill, *secret; /* of a bill's link; secret also of the order's */
    const char *order;         /* an order whose store has closed, or NULL */
    bool collect, phone;
};
/*
 * {"key","action","fields","expires_at"}.
 *
 * ERR_INPUT       no such chain, or the shop does not send with it
 * ERR_NOT_FOUND   no such cart, bill or order of theirs
 * ERR_TRANSITION  the order's store need not be changed
 * ERR_CLOSED      the shop has no logistics account: stores are typed
 */
enum err ship_map(struct ship *s, struct cx *cx, const struct room_who *who,
                  const struct ship_map_ask *ask, json_t **ret_map) NODISCARD;
/*
 * What a browser posted back; ret_url is where to send it, always written. An order's store is
 * changed by it.
 */
enum err ship_picked(struct ship *s, struct cx *cx, const char *body, size_t len,
                     char ret_url[PICK_URL_MAX]) NODISCARD;
/* {"chain","store_id","store_name","store_address","picked_at"} of this viewer's. ERR_NOT_FOUND */
enum err ship_pick_read(struct ship *s, struct cx *cx, const struct room_who *who, const char *key,
                        json_t **ret_pick) NODISCARD;
/* {"store","name","phone"} of their last order to a store. */
enum err ship_last(struct ship *s, struct cx *cx, const struct room_who *who,
                   json_t **ret_last) NODISCARD;
/* {"map","chains"}: can stores be chosen on a map there? shop NULL: the first. ERR_NOT_FOUND */
enum err ship_can(struct ship *s, struct cx *cx, const char *shop, json_t **ret_can) NODISCARD;

/* ---- staff ---- */

/*
 * Make the pick-up order of a parcel now; *ret_parcel is the object Parcel, with what came of it:
 * made, or queued when ECPay could not be reached.
 *
 * ERR_INPUT       it cannot be sent like that: name, phone, amount, chain, sender
 * ERR_CONFLICT    ECPay refused, or its store is closed; cx->problem is ECPay's word
 * ERR_TRANSITION  not a pick-up order, not confirmed, or it has left already
 * ERR_NOT_FOUND, ERR_FORBIDDEN
 */
enum err ship_parcel(struct ship *s, struct cx *cx, const struct room_who *who, const char *parcel,
                     json_t **ret_parcel) NODISCARD;
/* Many, made by the ticks: [{"parcel","ok","state","problem"}] */
enum { SHIP_MANY_MAX = 100 };
enum err ship_parcels(struct ship *s, struct cx *cx, const struct room_who *who,
                      const json_t *parcels, json_t **ret_items) NODISCARD;
/* {"action","fields"} of ECPay's own label. ERR_TRANSITION: there is none yet */
enum err ship_label(struct ship *s, struct cx *cx, const struct room_who *who, const char *parcel,
                    json_t **ret_page) NODISCARD;

struct ship_sender {
    const char *kind;         /* "b2c", "c2c" */
    const char *name, *phone; /* or NULL */
};
/* {"kind","sender_name","sender_phone","ready"} of a shop that the caller has checked. */
enum err ship_sender_read(struct ship *s, struct cx *cx, int64_t shop_id,
                          json_t **ret_sender) NODISCARD;
/* A job body. ERR_INPUT */
enum err ship_sender_set(struct tx *tx, int64_t shop_id, const struct ship_sender *set) NODISCARD;

/* ---- notices ---- */

/*
 * A notice whose signature was checked. Kept, and acted on, in one job; ERR_OK also for one told
 * before, out of order, or of nobody's parcel.
 */
enum err ship_notice(struct ship *s, struct cx *cx, int64_t shop_id,
                     const struct parcel_notice *n) NODISCARD;
