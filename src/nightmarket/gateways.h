/* gateways - payment gateways made of keys, for the till. */
#pragma once
#include "till/till.h"

/* For till_setup: `arg` is the instance's struct pay_accounts. */
enum err gateways_make(void *arg, struct cx *cx, enum pay_account a, const struct pay_keys *keys,
                       struct gateway **ret_gateway) NODISCARD;

/* Where the pages reach out to, for the CSP: space-separated origins, "" without. */
enum { PAY_ORIGINS_MAX = 600 };
struct pay_origins {
    char script[PAY_ORIGINS_MAX];  /* Omise.js */
    char connect[PAY_ORIGINS_MAX]; /* the vault */
    char frame[PAY_ORIGINS_MAX];   /* the card's pop-up */
    char form[PAY_ORIGINS_MAX];    /* ECPay's checkout, the stores' map */
    char img[PAY_ORIGINS_MAX];     /* QR images */
};
void gateways_origins(const struct pay_accounts *all, struct pay_origins *ret_origins);
