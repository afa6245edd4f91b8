/* invoice_in - what the runner of invoices and the look-up of codes share. Private to till. */
#pragma once
#include "till/invoice.h"

#include <pthread.h>
#include <stdatomic.h>

enum { SEEN_CODES = 128, SEEN_CODE = 16 };

/* What ECPay said of a code. */
struct seen_code {
    int64_t until_ms;
    enum invoice_code kind;
    bool known;
    char code[SEEN_CODE];
};

struct invoices {
    struct invoices_setup set;
    _Atomic int64_t issued, voided, allowed, refused, lost;
    pthread_mutex_t seen_lock;
    struct seen_code seen[SEEN_CODES]; /* by seen_lock, as what follows */
    size_t seen_next;
    int64_t away_until_ms; /* ECPay did not answer: nobody waits for it */
};

/* A shop's e-invoice account; *ret points into `keys`. ERR_NOT_FOUND: it has none. */
enum err invoice_service(const struct invoices *v, struct db *db, struct cx *cx, int64_t shop_id,
                         struct pay_keys *keys, struct ecpay_service *ret) NODISCARD;
