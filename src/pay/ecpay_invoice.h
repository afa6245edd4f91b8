/*
 * ecpay_invoice - ECPay's B2C e-invoice (電子發票): issue, look up, void, allowance.
 *
 * Shape:   JSON in an envelope whose Data is encrypted (ecpay_aes.h). Two codes say whether it went
 *          well: TransCode of the envelope, RtnCode inside. An invoice is known by our relate_no,
 *          unique for ever there, so issuing again is refused and can be looked up. An allowance
 *          has no such number: what is left of the invoice (ecpay_invoice_find()) tells whether a
 *          lost one was made.
 * Units:   whole TWD, tax inside.
 * Memory:  text in cx->arena.
 * Thread:  any. Calls block (15 s at most, ecpay_invoice_known() 3 s): never in a job, never while
 *          a reader is held.
 * Errors:  ERR_BUSY      nothing happened there: not reached, or it does not take our keys
 *          ERR_TIMEOUT, ERR_UPSTREAM  nobody knows whether it happened: find first
 *          ERR_INPUT     refused, nothing was made; cx->problem is ECPay's text, for staff
 *          ERR_NO_MEMORY
 *          On error no ret_ parameter is written.
 * Privacy: names, phones, addresses and carriers never go into logs or cx->problem.
 * Source:  developers.ecpay.com.tw, B2C e-invoice; docs/decisions/0012-taiwan.md
 */
#pragma once
#include "pay/ecpay_logistics.h"
#include <jansson.h>

#define ECPAY_INVOICE_URL "https://einvoice.ecpay.com.tw"

enum {
    INVOICE_ITEMS_MAX = 402, /* an order's lines, shipping, discount */
    INVOICE_NUMBER = 11,     /* "AB12345678" and NUL */
    INVOICE_DATE = 20,       /* "2026-11-23 10:00:00" and NUL, Taipei */
    INVOICE_RANDOM = 5,
    ALLOWANCE_NUMBER = 21
};

/* amount = qty * price; a discount is below 0. */
struct invoice_item {
    const char *name;
    int64_t qty, price, amount;
};

/* Exactly one of company, carrier, love_code, or none: kept for the buyer by ECPay. */
struct ecpay_invoice {
    const char *relate_no;
    const char *tax_id, *title,
        *address;        /* of a company: printed; title and address must be there */
    const char *carrier; /* "/ABC1234" */
    const char *love_code;
    const char *phone, *email; /* one of them must be there; or NULL */
    int64_t amount;            /* the sum of the items */
    const struct invoice_item *items;
    size_t count;
};

struct ecpay_invoiced {
    char number[INVOICE_NUMBER], date[INVOICE_DATE], random[INVOICE_RANDOM];
    bool is_void; /* of find */
    int64_t left; /* of find: what allowances may still have; -1: not said */
};

enum err ecpay_invoice_issue(struct cx *cx, const struct ecpay_service *s,
                             const struct ecpay_invoice *ask, struct ecpay_invoiced *ret) NODISCARD;
/* ERR_NOT_FOUND: ECPay has none of this number of ours */
enum err ecpay_invoice_find(struct cx *cx, const struct ecpay_service *s, const char *relate_no,
                            struct ecpay_invoiced *ret) NODISCARD;
enum err ecpay_invoice_void(struct cx *cx, const struct ecpay_service *s,
                            const struct ecpay_invoiced *of, const char *reason) NODISCARD;
enum err ecpay_invoice_allow(struct cx *cx, const struct ecpay_service *s,
                             const struct ecpay_invoiced *of, const struct invoice_item *items,
                             size_t count, int64_t amount,
                             char ret_number[ALLOWANCE_NUMBER]) NODISCARD;

/* What a buyer types of an invoice that can be looked up. */
enum invoice_code { INVOICE_CARRIER, INVOICE_LOVE_CODE };
/* Is it on the ministry's list? Only a clear no is a no. */
enum err ecpay_invoice_known(struct cx *cx, const struct ecpay_service *s, enum invoice_code kind,
                             const char *code, bool *ret_known) NODISCARD;

/* ---- pieces, for tests ---- */

/* The Data of an answer, which went well; the caller json_decref()s. */
enum err ecpay_invoice_open(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                            size_t len, json_t **ret_data) NODISCARD;
/* What Issue sends. NULL: no memory. */
json_t *ecpay_invoice_json(const struct ecpay_keys *keys, const struct ecpay_invoice *ask);
