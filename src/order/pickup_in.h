/* pickup_in - shipments in the object Order. */
#pragma once
#include "order/order_in.h"

/*
 * "shipment" into each of these parcels, as their states and carriers are; *ret_closed: a store is
 * closed, and the buyer is to choose another.
 */
enum err pickup_json(struct db *db, struct cx *cx, const struct order_row *r, bool staff,
                     json_t *parcels, bool *ret_closed) NODISCARD;
