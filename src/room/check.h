/* check - what must never be found in shows: for reconcile (stock/reconcile.h). */
#pragma once

struct reconcile_list;

/* The ledger's numbers, claims and their lines, limits of buyers, numbers of events, coupons. */
extern const struct reconcile_list room_checks;
