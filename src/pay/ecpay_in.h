/* ecpay_in - what the files of the ECPay client share. Private to pay. */
#pragma once
#include "pay/ecpay.h"
#include <pthread.h>
#include <stdatomic.h>

enum {
    ECPAY_BASE_MAX = 200,
    ECPAY_KEY_TEXT = 128,
    ECPAY_URL_MAX = 200, /* of what we tell ECPay */
    ECPAY_REF_MAX = 20,
    ECPAY_TERMS_TEXT = 40,
    ECPAY_FIELDS = 32 /* of what we send */
};

struct ecpay {
    struct gateway base;
    struct ecpay_keys keys; /* into the texts below */
    char merchant[16], hash_key[ECPAY_KEY_TEXT], hash_iv[ECPAY_KEY_TEXT];
    char url[ECPAY_BASE_MAX]; /* no slash at the end */
    char check_code[24];      /* "": none */
    char terms[ECPAY_TERMS_TEXT];
    char ca_file[ECPAY_BASE_MAX];
    int64_t timeout_ms, apart_ms;
    _Atomic int64_t later_ms; /* Unix ms; no call before it */
    pthread_mutex_t lock;
    int64_t (*mono_ms)(void); /* the clock by which a refund's own time is told */
    int64_t free_mono_ms;     /* when the next call may begin; under lock */
};

/* ---- methods (ecpay.c) ---- */

enum ecpay_kind { ECPAY_CREDIT, ECPAY_AT_ONCE, ECPAY_ATM, ECPAY_CVS, ECPAY_BARCODE };
struct ecpay_method {
    const char *id;     /* ours */
    const char *choose; /* ChoosePayment */
    enum ecpay_kind kind;
    bool terms; /* instalments */
};
/* NULL: unknown. */
const struct ecpay_method *ecpay_method_find(const char *id);

/* ---- fields ---- */

/* What is sent: fields are added, the mac last. */
struct ecpay_ask {
    struct ecpay_field fields[ECPAY_FIELDS];
    size_t count;
};
/* `value` lives as long as the ask; NULL and "" are left out: an empty field would count. */
void ecpay_ask_add(struct ecpay_ask *a, const char *name, const char *value);
/* ERR_NO_MEMORY */
enum err ecpay_ask_int(struct cx *cx, struct ecpay_ask *a, const char *name, int64_t n) NODISCARD;
/* MerchantID first; CheckMacValue last. */
void ecpay_ask_begin(const struct ecpay *e, struct ecpay_ask *a);
enum err ecpay_ask_sign(const struct ecpay *e, struct cx *cx, struct ecpay_ask *a) NODISCARD;

/* ---- time (ecpay_time.c): everything at ECPay is Taipei's ---- */

enum { ECPAY_TIME_TEXT = 32 };
/* "2026/11/23 07:30:00" */
void ecpay_time_text(int64_t unix_ms, char out[ECPAY_TIME_TEXT]);
/* The same, or a date alone: its end, 23:59:59. ERR_INPUT */
enum err ecpay_time_parse(const char *text, int64_t *ret_unix_ms) NODISCARD;
/* Days since 1970. */
int64_t ecpay_day(int64_t unix_ms);
/* When the daily capture is running, or about to: when it will be over. 0: it is not. */
int64_t ecpay_closed_until(int64_t unix_ms);

/* ---- text (ecpay_text.c) ---- */

/*
 * Fit for ItemName: plain text, joined by '#', at most 200 characters and 400 bytes. Characters
 * and words that ECPay refuses become their full-width twins. "" when nothing is left.
 * NULL: no memory.
 */
const char *ecpay_item_name(struct cx *cx, const char *const *items, size_t count);
/* Likewise one text for TradeDesc, of letters and digits of any script. */
const char *ecpay_trade_desc(struct cx *cx, const char *text);

/* ---- answers (ecpay_notice.c, ecpay_ask.c) ---- */

/* A form under our keys: mac right, MerchantID ours. Errors as of ecpay_read_paid(). */
enum err ecpay_read_signed(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                           size_t len, struct ecpay_form *ret_form) NODISCARD;
/* What the fields of a notice, or of an answer with the same fields, say. */
enum err ecpay_read_news(struct cx *cx, const struct ecpay_form *form,
                         struct gateway_news *ret_news) NODISCARD;
/* Details of a payment: codes, gwsr. *ret_text NULL: none. ERR_NO_MEMORY */
enum err ecpay_read_details(struct cx *cx, const struct ecpay_form *form,
                            const char **ret_text) NODISCARD;
/* A copy of a field if it is 1..max of [0-9A-Za-z], else NULL. */
const char *ecpay_word(const struct ecpay_form *form, const char *name, size_t max);
/* Whole and not below 0. ERR_INPUT: absent or not a number. */
enum err ecpay_number(const struct ecpay_form *form, const char *name, int64_t *ret_n) NODISCARD;

/* ---- calls (ecpay_call.c) ---- */

struct ecpay_call {
    const char *path;
    bool once;          /* moves money: sent at most once */
    int64_t timeout_ms; /* 0: the instance's */
};
/*
 * Post it; the body of the 200 that came, in the arena, NUL-terminated.
 *
 * ERR_BUSY       nothing left here, or the limits forbid; e->later_ms
 * ERR_NOT_FOUND  404: there is no such service
 * ERR_TIMEOUT, ERR_UPSTREAM  lost, or another status
 */
enum err ecpay_post(struct ecpay *e, struct cx *cx, const struct ecpay_call *call,
                    const struct ecpay_ask *ask, const char **ret_body, size_t *ret_len) NODISCARD;
bool ecpay_lost(enum err e);

enum err ecpay_start(struct gateway *g, struct cx *cx, const struct gateway_start *ask,
                     struct gateway_next *ret_next, struct gateway_news *ret_news) NODISCARD;
enum err ecpay_query(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                     struct gateway_news *ret_news) NODISCARD;
void ecpay_refund(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                  struct gateway_refunded *ret_refunded);
void ecpay_refund_ask(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                      struct gateway_refunded *ret_refunded);

/* ---- the card's state (ecpay_credit.c) ---- */

/* In ECPay's words 已授權, 要關帳, 已關帳. OVER: given up, nothing is charged. */
enum ecpay_credit { CREDIT_UNKNOWN, CREDIT_AUTHORISED, CREDIT_CLOSING, CREDIT_CLOSED, CREDIT_OVER };
struct ecpay_card {
    enum ecpay_credit state;
    int64_t amount, refunded; /* as ECPay has them */
};
/* The answer of QueryTrade/V2. ERR_UPSTREAM: not that; ERR_NOT_FOUND: it tells us nothing. */
enum err ecpay_read_card(struct cx *cx, const char *body, size_t len,
                         struct ecpay_card *ret_card) NODISCARD;
/* The next step for a refund: 'C', 'R', 'E', 'N'; 0: there is none from here. */
char ecpay_refund_step(enum ecpay_credit state, bool whole);
/* The answer of DoAction, in either of its notations. ERR_OK, ERR_INPUT: refused, `why` has the
 * reason; ERR_UPSTREAM: makes no sense. */
enum err ecpay_read_action(struct cx *cx, const char *body, size_t len,
                           const char **ret_why) NODISCARD;
