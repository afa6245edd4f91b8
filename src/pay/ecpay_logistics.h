/*
 * ecpay_logistics - ECPay's store pick-up (超商取貨): the store map, pick-up orders, notices of
 * their way, labels.
 *
 * Shape:   pages for the browser (map, label) are fields and where to post them. A pick-up order is
 *          made by one call; our trade_no is unique for ever there. An answer that was lost is
 *          asked for by trade_no (ecpay_ship_ask()) before anything is made again.
 *          The map's answer has no signature: what it says is a stranger's word, bound by a key of
 *          ours that went with it. Notices are signed over all their fields.
 * Units:   whole TWD.
 * Memory:  text in cx->arena.
 * Thread:  any. Calls block (15 s at most): never in a job, never while a reader is held.
 * Errors:  of calls:
 *          ERR_BUSY      nothing left here, or ECPay wants no calls now: later
 *          ERR_TIMEOUT, ERR_UPSTREAM  nobody knows whether it happened: ask first
 *          ERR_INPUT     refused, nothing was made; cx->problem is ECPay's text, for staff
 *          ERR_CLOSED    likewise: the store is closed, another must be chosen
 *          ERR_NO_MEMORY
 *          On error no ret_ parameter is written.
 * Privacy: names and phones never go into logs or cx->problem.
 * Source:  developers.ecpay.com.tw 22409, 22414 and SDK_PHP of 2026-05 (its table of codes);
 *          docs/decisions/0012-taiwan.md
 */
#pragma once
#include "pay/ecpay_mac.h"

#define ECPAY_LOGISTICS_URL "https://logistics.ecpay.com.tw"

enum { ECPAY_TRADE_NO = 20, ECPAY_PAGE_FIELDS = 16, SHIP_AMOUNT_MAX = 20000 };

/* One of ECPay's services as a shop has it. */
struct ecpay_service {
    struct ecpay_keys keys;
    const char *base_url; /* no slash at the end */
};

/* What a browser posts. */
struct ecpay_page {
    const char *action;
    struct ecpay_field fields[ECPAY_PAGE_FIELDS];
    size_t count;
};

/* ---- words ---- */

/* "711", "family", "hilife", "ok", or ECPay's own names in any case; NULL: no chain. */
const char *ecpay_chain(const char *word);
/* "UNIMART", "OKMARTC2C"; NULL: this chain cannot be had by that contract. */
const char *ecpay_sub_type(const char *chain, bool c2c);

/* What a code says of a parcel, of all four chains alike. */
enum ecpay_way {
    WAY_NONE,     /* nothing that moves it; also codes that we do not know */
    WAY_SHIPPED,  /* the carrier has it */
    WAY_AT_STORE, /* the buyer can fetch it */
    WAY_COLLECTED,
    WAY_RETURNED, /* not fetched: on its way back */
    WAY_CLOSED    /* before it was sent: the store closed, another must be chosen */
};
enum ecpay_way ecpay_way_of(int64_t code);

enum { ECPAY_NAME = 64, ECPAY_GOODS = 160 };
/* As ECPay takes a person's name: 4..10 half-width units, no digits or signs; cut where it is
 * longer. ERR_INPUT: too little is left. */
enum err ecpay_person(const char *name, char out[ECPAY_NAME]) NODISCARD;
/* As it takes goods: without ^'`!@#%&*+\"<>|_[] and at most 50 units; "商品" when nothing is left.
 */
void ecpay_goods(const char *text, char out[ECPAY_GOODS]);

/* ---- the map ---- */

struct ecpay_map_ask {
    const char *sub_type, *trade_no, *reply_url;
    const char *key; /* 20 characters, comes back once */
    bool collect, phone;
};
enum err ecpay_map_page(struct cx *cx, const struct ecpay_service *s,
                        const struct ecpay_map_ask *ask, struct ecpay_page *ret_page) NODISCARD;

struct ecpay_store {
    const char *key, *id, *name, *address; /* address may be "" */
    const char *sub_type;                  /* as it came, "" if it did not */
};
/* What a browser posted back. ERR_INPUT: not a store */
enum err ecpay_map_read(struct cx *cx, const char *body, size_t len,
                        struct ecpay_store *ret_store) NODISCARD;

/* ---- pick-up orders ---- */

struct ecpay_ship {
    const char *trade_no, *sub_type;
    int64_t amount; /* 1..SHIP_AMOUNT_MAX */
    bool collect;   /* the store takes the money */
    const char *goods, *sender;
    const char *sender_phone; /* "" : none, where the contract lets it be */
    const char *receiver, *receiver_phone, *store_id;
    const char *notify_url;
};
struct ecpay_shipped {
    const char *provider_id, *payment_no, *validation_no; /* the last two may be "" */
    int64_t code;
};
enum err ecpay_ship_create(struct cx *cx, const struct ecpay_service *s,
                           const struct ecpay_ship *ask, struct ecpay_shipped *ret) NODISCARD;
/* ERR_NOT_FOUND: ECPay has none of this trade_no */
enum err ecpay_ship_ask(struct cx *cx, const struct ecpay_service *s, const char *trade_no,
                        struct ecpay_shipped *ret) NODISCARD;

enum err ecpay_label_page(struct cx *cx, const struct ecpay_service *s, const char *sub_type,
                          const struct ecpay_shipped *made, struct ecpay_page *ret_page) NODISCARD;

/* ---- notices ---- */

struct parcel_notice {
    const char *provider_id, *trade_no, *payment_no, *validation_no; /* the last two may be "" */
    const char *text;                                                /* of the code, ECPay's */
    const char *at;                                                  /* as it came: for the key */
    int64_t code;
};
/*
 * ERR_FORBIDDEN  no MAC of these keys
 * ERR_INPUT      signed, and not of this merchant, or without what a notice has
 */
enum err parcel_notice_read(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                            size_t len, struct parcel_notice *ret_notice) NODISCARD;

/* ---- answers alone, for tests ---- */

enum err ecpay_ship_read(struct cx *cx, const struct ecpay_keys *keys, const char *body, size_t len,
                         struct ecpay_shipped *ret) NODISCARD;
enum err ecpay_ship_ask_read(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                             size_t len, struct ecpay_shipped *ret) NODISCARD;
