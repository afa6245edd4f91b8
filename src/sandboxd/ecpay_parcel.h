/*
 * ecpay_parcel - one pick-up order at ECPay's logistics, its rules, and the stores there are.
 *
 * Thread: the caller's lock.
 * Source: ECPay's developer pages 7414, 22409, 22414; SDK_PHP's table of codes.
 */
#pragma once
#include "sandboxd/ecpay_book.h"

struct ecpay_form;

enum { PARCEL_TEXT = 160 };

struct parcel {
    struct book_entry entry; /* "2000933 MerchantTradeNo" */
    unsigned account;
    char id[21]; /* AllPayLogisticsID */
    char trade_no[21], sub_type[20], store[8], back_store[8];
    char goods[PARCEL_TEXT], receiver[48], phone[16];
    char reply_url[201], remark[PARCEL_TEXT];
    char payment_no[16], validation_no[5];
    int64_t amount, collect; /* collect: what the store takes; 0: nothing */
    int64_t made_ms, changed_ms;
    int code;
    bool cancelled;
};

struct store {
    const char *chain, *id, *name, *address, *phone; /* chain: "UNIMART" */
};
/* All of them, ended by chain NULL: ECPay's published test stores and others of ours. */
const struct store *stores(void);
/* "UNIMART" of "UNIMARTC2C"; NULL: no such sub type. */
const char *chain_of(const char *sub_type);
bool sub_type_c2c(const char *sub_type);
/* What ECPay calls a code. */
const char *code_text(int code);

/* Fill in from what was asked. NULL, or why not in ECPay's manner. */
const char *parcel_read(const struct ecpay_form *form, struct parcel *ret_parcel);
