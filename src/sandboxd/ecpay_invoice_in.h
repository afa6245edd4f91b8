/*
 * ecpay_invoice_in - e-invoices at ECPay: their rules and the acts on them. Private to its side.
 *
 * Thread: rules have no state; acts want the lock.
 * Source: ECPay's developer pages on the B2C e-invoice; its codes are not all published: the ones
 *         here say only whether it was the form, a repeat or the state.
 */
#pragma once
#include "sandboxd/ecpay_in.h"

enum {
    RTN_OK = 1,
    RTN_BAD = 10000006,     /* something against a rule */
    RTN_REPEATED = 5070453, /* the RelateNumber was used before */
    RTN_UNKNOWN = 1600003,  /* no such invoice */
    RTN_STATE = 5070350,    /* its state, or the time, does not let it */
    ALLOWANCES_MAX = 40,
    INVOICE_WHY = 160
};

struct invoice_allowance {
    char number[21];
    int64_t amount, at_ms;
    bool is_void;
};

struct invoice {
    struct book_entry entry; /* "2000132 RELATENUMBER" */
    unsigned account;
    char number[11], random[5];
    int64_t made_ms, amount;
    bool is_void;
    json_t *asked; /* what Issue was given */
    struct invoice_allowance allowances[ALLOWANCES_MAX];
    size_t allowance_n;
};

/* What an act says: RtnCode, RtnMsg, and more members in `data`. */
struct invoice_reply {
    int code;
    char why[INVOICE_WHY];
    json_t *data; /* an object, the act adds to it */
};
__attribute__((format(printf, 3, 4))) void invoice_say(struct invoice_reply *r, int code,
                                                       const char *why, ...);

/* "" when it is absent or no text. */
const char *invoice_text(const json_t *o, const char *name);
/* A whole number, as number or text. ERR_INPUT */
enum err invoice_whole(const json_t *o, const char *name, int64_t *ret_n) NODISCARD;

/* ---- rules: ecpay_invoice_rule.c; false: `r` says why ---- */

bool invoice_issue_ok(const json_t *asked, int64_t *ret_amount, struct invoice_reply *r);
bool invoice_items_ok(const json_t *asked, int64_t wanted, struct invoice_reply *r);
/* "/" and seven of [0-9A-Z+-.] */
bool invoice_barcode_ok(const char *s);
/* Three to seven digits, or X and less. */
bool invoice_love_ok(const char *s);
/* Eight digits with their check sum, as it is since April 2023. */
bool invoice_company_ok(const char *s);

/* ---- acts: ecpay_invoice_act.c ---- */

typedef void invoice_act(struct ecpay *e, const struct account *a, json_t *asked,
                         struct invoice_reply *r);
invoice_act invoice_issue, invoice_void, invoice_allow, invoice_allow_void, invoice_get,
    invoice_barcode, invoice_love, invoice_company;
