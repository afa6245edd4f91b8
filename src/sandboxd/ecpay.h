/*
 * ecpay - ECPay's side of the sandbox, at /ecpay: checkout pages, queries, refunds, the store map
 * and pick-up orders, e-invoices. ECPay's published stage accounts work, and those of ECPAY_...,
 * ECPAY_LOGISTICS_... and ECPAY_INVOICE_... take their place.
 *
 * /ecpay/Cashier/AioCheckOut/V5      a form by the buyer's browser: the pages begin
 * /ecpay/counter                     a bank's machine or a store's counter: pay a code, late too
 * /ecpay/Cashier/QueryTradeInfo/V5, /Cashier/QueryPaymentInfo
 * /ecpay/CreditDetail/DoAction, /CreditDetail/QueryTrade/V2
 * /ecpay/Express/map, /Express/Create, /Express/UpdateStoreInfo, /Express/CancelC2COrder,
 *   /Express/Print{UniMart,FAMI,HILIFE,OKMART}C2COrderInfo, /helper/printTradeDocument,
 *   /Helper/QueryLogisticsTradeInfo/V5
 * /ecpay/B2CInvoice/{Issue,Invalid,Allowance,AllowanceInvalid,GetIssue,CheckBarcode,...}
 *
 * POST /control/ecpay            switches: ahead_s (its clock), query_per_s and lock_s (403),
 * closed, closed_by_clock, balance_short, pipe_answers, raw_answers, invoice_down, closed_stores;
 * those not named stay POST /control/ecpay/notify     {"ref", "times"}: the notice of what is,
 * again POST /control/ecpay/credit     {"ref", "state":"to_capture"|"captured"} POST
 * /control/logistics        {"id", "code"}: a parcel moves, and the shop is told
 *
 * Faults:  ecpay.payment, ecpay.info and ecpay.logistics are the notices, ecpay.api the calls of
 *          servers (not the pages). Tampering with the currency changes nothing: ECPay names none.
 * Thread:  any; one lock of its own.
 * Source:  developers.ecpay.com.tw (pages are named beside the code), SDK_PHP of 2026-05.
 */
#pragma once
#include "sandboxd/sandboxd.h"
#include <jansson.h>
#include <stddef.h>

enum { ECPAY_ROUTES_MAX = 64 };

/* Reads ECPAY_... by s->variable; absent: ECPay's published stage values. ERR_INPUT, ERR_NO_MEMORY
 */
enum err ecpay_make(struct cx *cx, struct sandboxd *s, struct ecpay **ret_ecpay) NODISCARD;
void ecpay_free(struct ecpay *e); /* NULL is fine */
/* Its rows of the route table; returns how many. */
size_t ecpay_routes(struct http_route out[ECPAY_ROUTES_MAX]);
/* About once a second, from one thread: what expires. */
void ecpay_tick(struct ecpay *e, int64_t now_ms);
/* For /control/state: an object. */
json_t *ecpay_state(struct ecpay *e);
/* For /control/pay. ERR_NOT_FOUND: no trade of that name; ERR_CONFLICT: cannot become that. */
enum err ecpay_pay(struct cx *cx, struct ecpay *e, const char *ref, enum pay_as as) NODISCARD;
