/* ecpay_in - what ECPay's side is made of. Private to it. */
#pragma once
#include "base/buf.h"
#include "base/cx.h"
#include "net/http.h"
#include "pay/ecpay_mac.h"
#include "sandboxd/ecpay_book.h"
#include "sandboxd/ecpay_trade.h"
#include "sandboxd/sandboxd.h"
#include <jansson.h>
#include <pthread.h>

enum {
    TRADES_MAX = 20000,
    PARCELS_MAX = 20000,
    INVOICES_MAX = 20000,
    ACCOUNTS_MAX = 5,
    CLOSED_STORES_MAX = 8,
    ANSWER_FIELDS_MAX = 80,
    ECPAY_BODY_MAX = 64 << 10
};

/* ---- accounts ---- */

/* A MerchantID has keys of its own for each service, even where the number is the same. */
enum service { FOR_PAYMENT, FOR_LOGISTICS, FOR_INVOICE };

struct account {
    enum service service;
    char id[11], key[33], iv[33];
    bool b2c, c2c; /* logistics: which kinds of contract it has */
};

static inline struct ecpay_keys account_keys(const struct account *a)
{
    return (struct ecpay_keys){.merchant_id = a->id, .hash_key = a->key, .hash_iv = a->iv};
}
static inline enum ecpay_hash account_hash(const struct account *a)
{
    return a->service == FOR_LOGISTICS ? ECPAY_MD5 : ECPAY_SHA256;
}

/* ---- switches: how ECPay behaves today; POST /control/ecpay ---- */

struct switches {
    int64_t ahead_ms;    /* our clock before the real one: for codes, captures, periods */
    int64_t query_per_s; /* more queries in a second lock the merchant out; 0: never */
    int64_t lock_s;      /* for how long */
    bool closed;         /* DoAction: between 20:15 and 20:30 by the clock, or always */
    bool closed_by_clock;
    bool balance_short; /* refunds fail for want of money */
    bool pipe_answers;  /* DoAction answers "1|OK" instead of fields */
    bool raw_answers;   /* fields in answers are not urlencoded */
    bool invoice_down;  /* e-invoice: TransCode 0 */
    char closed_stores[CLOSED_STORES_MAX][8];
};

struct ecpay {
    struct sandboxd *s;
    pthread_mutex_t lock; /* of all below but accounts and base */
    struct account accounts[ACCOUNTS_MAX];
    size_t account_n;
    int64_t base; /* serials count from here: numbers of two runs do not meet */
    struct switches is;
    struct book trades, parcels, invoices;
    int64_t allowance_serial; /* of all invoices */
    int64_t query_s, query_n, locked_until_ms;
};

static inline void ecpay_lock(struct ecpay *e)
{
    (void)pthread_mutex_lock(&e->lock);
}
static inline void ecpay_unlock(struct ecpay *e)
{
    (void)pthread_mutex_unlock(&e->lock);
}
int64_t ecpay_now(struct ecpay *e); /* takes the lock; ECPay's clock, by the switch */
int64_t ecpay_now_locked(const struct ecpay *e);

/* ---- calls: ecpay_call.c ---- */

struct call {
    struct http_req *req;
    struct cx *cx;
    struct ecpay *e;
    struct ecpay_form form;
    const struct account *account; /* NULL: MerchantID is unknown for this service */
    bool mac_ok;
    struct fault fault;
    int64_t now_ms; /* ECPay's clock */
};

/* A form from a browser. False: answered already (no form). */
bool call_page(struct http_req *req, enum service service, struct call *ret_call) NODISCARD;
/* A form from a server: faults of ecpay.api come first. False: answered, or dropped. */
bool call_api(struct http_req *req, enum service service, struct call *ret_call) NODISCARD;
const char *call_text(const struct call *k, const char *name); /* "" if absent */
/* Too many in a second: 403 for a while, for everything of payments but orders. True: answered. */
bool call_locked_out(struct call *k); /* ecpay_query.c */
/* Answer as text, unless a fault loses it. */
void call_send(struct call *k, const char *type, const char *text);

/* ---- fields on their way out: ecpay_call.c ---- */

struct answer {
    struct cx *cx;
    size_t n;
    bool failed; /* out of memory or of room */
    struct ecpay_field f[ANSWER_FIELDS_MAX];
};

void answer_init(struct answer *a, struct cx *cx);
/* Copied into the arena. */
void answer_add(struct answer *a, const char *name, const char *value);
void answer_int(struct answer *a, const char *name, int64_t value);
void answer_mac(struct answer *a, const struct account *account);
/* `raw`: values as they are, not urlencoded. */
void answer_write(const struct answer *a, bool raw, struct buf *out);
/* As a string in the arena; NULL: no memory. */
const char *answer_string(const struct answer *a, bool raw);
void call_answer(struct call *k, struct answer *a);

/* ---- trades: ecpay_find.c ---- */

/* All want the lock. NULL: none. */
struct trade *trade_of(struct ecpay *e, const char *merchant_id, const char *merchant_trade_no);
struct trade *trade_by_token(struct ecpay *e, const char *token);
struct trade *trade_by_gwsr(struct ecpay *e, const char *gwsr);
/* MerchantTradeNo, TradeNo, account, payment number, or one of the barcodes. */
struct trade *trade_by_ref(struct ecpay *e, const char *ref);

/* ---- messages: ecpay_tell.c; want the lock ---- */

/* The fields of ReturnURL and OrderResultURL, without CheckMacValue. */
void tell_result_fields(const struct ecpay *e, const struct trade *t, bool simulated,
                        struct answer *a);
/* Those of PaymentInfoURL and ClientRedirectURL. */
void tell_code_fields(const struct ecpay *e, const struct trade *t, struct answer *a);
void tell_result(struct ecpay *e, const struct trade *t, bool simulated);
void tell_code(struct ecpay *e, const struct trade *t);
/* Any notice: `a` is signed, and again at each try as its fault says. */
void tell(struct ecpay *e, enum fault_target target, const char *what, const char *ref,
          const char *url, const struct account *account, const struct answer *a);

/* ---- pages: ecpay_page.c; the lock is held by the caller ---- */

struct page;
/* What the trade's page shows now. `go`: a browser that is to be sent back is sent at once. */
void trade_page(struct page *p, struct ecpay *e, struct cx *cx, const struct trade *t, bool choose,
                bool go);
void trade_page_begin(struct page *p, const struct trade *t, const char *zh, const char *en);
void trade_page_end(struct page *p, struct http_req *req);
void refusal_page(struct http_req *req, int code, const char *why);

/* ---- handlers ---- */

typedef void handler(struct http_req *req);
/* ecpay_checkout.c */
handler aio_checkout, pay_show, pay_act;
/* ecpay_counter.c */
handler counter_show, counter_act;
/* ecpay_query.c */
handler query_trade, query_code;
/* ecpay_action.c */
handler credit_action, credit_query;
/* ecpay_map.c */
handler store_map;
/* ecpay_express.c */
handler parcel_create, parcel_query, parcel_store, parcel_cancel;
/* ecpay_label.c */
handler label_trade, label_c2c;
/* ecpay_invoice.c and its like */
handler invoice_call;
/* ecpay_control.c */
handler control_switches, control_logistics, control_notify, control_credit;
json_t *switches_json(const struct switches *s);

json_t *parcels_json(struct ecpay *e);  /* wants the lock; newest first */
json_t *invoices_json(struct ecpay *e); /* likewise */
void parcel_free(struct book_entry *entry);
void invoice_free(struct book_entry *entry);
