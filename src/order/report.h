/*
 * report - what a show brought, from the database alone.
 *
 * Rights:  report.see.
 * Rest:    as order.h.
 */
#pragma once
#include "base/buf.h"
#include "order/order.h"

enum err report_read(struct db *db, struct cx *cx, const struct room_who *who, const char *show,
                     json_t **ret_report) NODISCARD;
/* Per product and market, then the sums; for Excel. */
enum err report_csv(struct db *db, struct cx *cx, const struct room_who *who, const char *show,
                    struct buf *out) NODISCARD;
