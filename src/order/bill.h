/*
 * bill - after a show: one link for each buyer with unpaid lines, and reminding them.
 *
 * Shape:   a bill is a link to a cart: whoever has it may see what is in it and order it, on any
 *          device, without signing in. A cart has one bill for each show.
 * Rights:  making and reading the list: bill.send.
 * Rest:    as order.h.
 */
#pragma once
#include "order/order.h"

/* {"made","open","items"}. `show` is a public id. */
enum err bill_make(struct orders *o, struct cx *cx, const struct room_who *who, const char *show,
                   json_t **ret_bills) NODISCARD;
enum err bill_list(struct db *db, struct cx *cx, const struct room_who *who, const char *show,
                   json_t **ret_bills) NODISCARD;
/* {"unpaid","reminded","skipped"}: whoever was reminded in the last six hours is skipped. */
enum err bill_remind(struct orders *o, struct cx *cx, const struct room_who *who, const char *show,
                     json_t **ret_counts) NODISCARD;
/* By its secret. ERR_NOT_FOUND */
enum err bill_open(struct orders *o, struct cx *cx, const struct room_who *who, const char *bill,
                   const char *secret, json_t **ret_bill) NODISCARD;
