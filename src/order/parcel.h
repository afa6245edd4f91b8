/*
 * parcel - what is packed and sent: parcels, packing lists, labels.
 *
 * Shape:   a parcel holds some units of some lines of one order; a line's units are in at most one
 *          parcel that is not void. Its way drives the payment at the door and the buyer's record.
 * Rights:  order.pack.
 * Rest:    as order.h.
 */
#pragma once
#include "base/buf.h"
#include "order/order.h"

enum { PARCEL_BATCH_MAX = 100 };

struct parcel_new {
    const struct order_ref *orders; /* a parcel for each */
    size_t count;                   /* 1..PARCEL_BATCH_MAX */
    const json_t *lines;            /* [{"no","qty"}] of the one order; NULL: all that is left */
    const char *carrier;            /* NULL: by the delivery */
};
/* *ret_parcels is an array. ERR_CONFLICT: nothing is left to pack, or not that many. */
enum err parcel_make(struct orders *o, struct cx *cx, const struct room_who *who,
                     const struct parcel_new *ask, json_t **ret_parcels) NODISCARD;

struct parcel_set {
    const char *state, *tracking, *carrier; /* NULL: as it is */
    bool settled;                           /* the carrier has paid the shop */
    bool inspected;                         /* what came back was looked at */
    const json_t *restock; /* [{"no","qty"}] that can be sold again; NULL: all of it */
};
/* ERR_TRANSITION */
enum err parcel_edit(struct orders *o, struct cx *cx, const struct room_who *who,
                     const char *parcel, const struct parcel_set *ask,
                     json_t **ret_parcel) NODISCARD;

/*
 * What its carrier says, in the job that keeps the carrier's message: the parcel goes on to `to`,
 * by every step between; one that is there already, or elsewhere for good, stays. tracking: what
 * it is followed by from now on, or NULL. The buyer's room is told last.
 */
enum err parcel_go(struct orders *o, struct tx *tx, int64_t parcel_id, enum parcel_state to,
                   const char *tracking) NODISCARD;

/* One of its order's "parcels", for staff with order.pack. ERR_NOT_FOUND, ERR_FORBIDDEN */
enum err parcel_read(struct orders *o, struct cx *cx, const struct room_who *who,
                     const char *parcel, json_t **ret_parcel) NODISCARD;

/* Last in a job: a word into the timeline of an order; the buyer's room is told. */
enum err order_note_step(struct orders *o, struct tx *tx, int64_t order_id,
                         const char *step) NODISCARD;
/* A confirmed order goes to another store. ERR_TRANSITION */
struct order_store {
    const char *chain, *id, *name, *address; /* address "" : not known */
};
enum err order_store_set(struct tx *tx, int64_t order_id,
                         const struct order_store *store) NODISCARD;

/* {"pick","orders"}; show may be NULL: every order of the shop that waits to be packed. */
enum err packing_list(struct db *db, struct cx *cx, const struct room_who *who, const char *shop,
                      const char *show, json_t **ret_list) NODISCARD;
/* The pick list as CSV for Excel. */
enum err packing_csv(struct db *db, struct cx *cx, const struct room_who *who, const char *shop,
                     const char *show, struct buf *out) NODISCARD;
/* Tick units of a line: 0..qty. */
enum err packing_tick(struct orders *o, struct cx *cx, const struct room_who *who,
                      const struct order_ref *ref, int64_t line_no, int64_t packed) NODISCARD;

/* One A6 page for each parcel ("pcl_a,pcl_b"), as HTML with print rules. */
enum err label_pages(struct db *db, struct cx *cx, const struct room_who *who, const char *shop,
                     const char *parcels, struct buf *out) NODISCARD;
