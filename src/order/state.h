/*
 * state - the states of orders, parcels and returns, and what a buyer is told of the three.
 *
 * Each machine is one table (state.c); any move that is not listed is refused. The names are
 * stored, shown by the API and checked by the database.
 */
#pragma once
#include "base/err.h"
#include "pay/pay.h"
#include <stddef.h>

#define ORDER_STATE_TABLE(X)                \
    X(AWAITING_PAYMENT, "awaiting_payment") \
    X(CONFIRMED, "confirmed")               \
    X(CANCELLED, "cancelled")               \
    X(EXPIRED, "expired")                   \
    X(COMPLETED, "completed")
enum order_state {
#define X(name, text) ORDER_##name,
    ORDER_STATE_TABLE(X)
#undef X
        ORDER_STATE_COUNT
};
const char *order_state_name(enum order_state s);
enum err order_state_parse(const char *text, enum order_state *ret_state) NODISCARD;
bool order_may(enum order_state from, enum order_state to);

#define PARCEL_STATE_TABLE(X) \
    X(PACKING, "packing")     \
    X(PACKED, "packed")       \
    X(SHIPPED, "shipped")     \
    X(AT_STORE, "at_store")   \
    X(COLLECTED, "collected") \
    X(DELIVERED, "delivered") \
    X(RETURNED, "returned")   \
    X(VOID, "void")
enum parcel_state {
#define X(name, text) PARCEL_##name,
    PARCEL_STATE_TABLE(X)
#undef X
        PARCEL_STATE_COUNT
};
const char *parcel_state_name(enum parcel_state s);
enum err parcel_state_parse(const char *text, enum parcel_state *ret_state) NODISCARD;
bool parcel_may(enum parcel_state from, enum parcel_state to);
/* Handed to a carrier, now or before. */
bool parcel_is_out(enum parcel_state s);
/* The buyer has it. */
bool parcel_has_arrived(enum parcel_state s);

#define RETURN_STATE_TABLE(X)   \
    X(ASKED, "asked")           \
    X(APPROVED, "approved")     \
    X(ON_THE_WAY, "on_the_way") \
    X(RECEIVED, "received")     \
    X(REFUNDED, "refunded")     \
    X(REFUSED, "refused")       \
    X(WITHDRAWN, "withdrawn")
enum return_state {
#define X(name, text) RETURN_##name,
    RETURN_STATE_TABLE(X)
#undef X
        RETURN_STATE_COUNT
};
const char *return_state_name(enum return_state s);
enum err return_state_parse(const char *text, enum return_state *ret_state) NODISCARD;
bool return_may(enum return_state from, enum return_state to);

/* ---- what the buyer is told ---- */

#define ORDER_STATUS_TABLE(X)                   \
    X(AWAITING_PAYMENT, "awaiting_payment")     \
    X(PREPARING, "preparing")                   \
    X(SHIPPED, "shipped")                       \
    X(AT_STORE, "at_store")                     \
    X(COLLECTED, "collected")                   \
    X(DELIVERED, "delivered")                   \
    X(RETURNED, "returned") /* not collected */ \
    X(COMPLETED, "completed")                   \
    X(CANCELLED, "cancelled")                   \
    X(EXPIRED, "expired")                       \
    X(REFUNDING, "refunding")                   \
    X(REFUNDED, "refunded")
enum order_status {
#define X(name, text) STATUS_##name,
    ORDER_STATUS_TABLE(X)
#undef X
        STATUS_COUNT
};
const char *order_status_name(enum order_status s);

struct status_of {
    enum order_state order;
    bool has_payment;
    enum payment_state payment;
    bool refunding;   /* a refund is queued or sent */
    unsigned parcels; /* bits of enum parcel_state: states that some parcel of it has */
};
/* Pure. With several parcels, the one that is least far decides. */
enum order_status order_status(const struct status_of *s);
