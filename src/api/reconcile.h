/*
 * reconcile - every room's checks of the database, in one list: for the subcommand and the API.
 *
 * Thread: any that holds a reader; one snapshot. Errors: ERR_STORE, ERR_NO_MEMORY.
 */
#pragma once
#include "stock/reconcile.h"

/* shop_id 0: all shops. The report lies in cx->arena. */
enum err reconcile_all(struct db *db, struct cx *cx, int64_t shop_id,
                       struct reconcile_report *ret_report) NODISCARD;
