/*
 * ecpay - ECPay's AIO checkout behind pay/gateway.h: cards, instalments, Apple Pay, ATM, CVS code,
 * barcode, WebATM, TWQR.
 *
 * Shape:   start() makes no call: it gives the signed form that the buyer's browser posts. ECPay
 *          then posts to notify_url (the result) and info_url (a code was issued), and the buyer's
 *          browser to return_url or code_url; all four are forms with a CheckMacValue, read by the
 *          functions below. MerchantTradeNo is payment.our_ref, provider_ref ECPay's TradeNo.
 *          ECPay cannot end a payment: close() is ask().
 *          Cards are paid back by DoAction, in the step that their state asks for: authorised N,
 *          or C and R for a part; to be captured E and N, or R; captured R. A request has no
 *          idempotency key, so the state is looked up before and, when an answer was lost, after:
 *          one refund of a payment at a time. Instalments are paid back in full only. From 20:15
 *          to 20:30 in Taipei nothing is sent: LATER. Codes, WebATM and TWQR: MANUAL.
 * Limits:  at most 4 calls a second; after ECPay's 403 none for half an hour (ERR_BUSY).
 * Units:   whole TWD; times Unix ms. cx->now_ms is the time that ECPay is told, within 3 minutes.
 * Details: bank_code, account; code; barcodes; expires_at; gwsr, last4, terms, type (ECPay's
 *          PaymentType).
 * Memory, threads, errors, privacy: as in pay/gateway.h.
 * Source:  developers.ecpay.com.tw 2864, 2878, 2881, 2890, 5615, 2894, 9242, 16567, 2858.
 */
#pragma once
#include "pay/ecpay_mac.h"
#include "pay/gateway.h"

#define ECPAY_PAYMENT_URL "https://payment.ecpay.com.tw"

struct ecpay_setup {
    struct ecpay_keys keys; /* of AIO payment */
    const char *base_url;   /* NULL: ECPAY_PAYMENT_URL */
    /* CreditCheckCode of the back office; NULL: sent without. Where ECPay then does not tell a
     * card's state, the steps are tried one after another. */
    const char *check_code;
    const char *terms;   /* instalments offered: "3,6,12"; NULL: 3, 6, 12, 18, 24 */
    const char *ca_file; /* NULL: the system's */
    int64_t timeout_ms;  /* of one exchange; 0: 15 s */
    int64_t apart_ms;    /* from one call to the next; 0: 250 */
};

/* ERR_INPUT: cx->problem names the member that is not as ECPay makes it, without its value. */
enum err ecpay_setup_check(struct cx *cx, const struct ecpay_setup *setup) NODISCARD;
/* Copies what it is given. Likewise, and ERR_NO_MEMORY. Makes no call. */
enum err ecpay_gateway_make(struct cx *cx, const struct ecpay_setup *setup,
                            struct gateway **ret_gateway) NODISCARD;

/* ---- what ECPay posts ---- */

struct ecpay_notice {
    struct gateway_news news;
    char event_key[ECPAY_MAC_TEXT]; /* the same form has the same: its CheckMacValue */
};

/*
 * A body posted to notify_url: paid, or failed (of instant methods). A form whose RtnCode says that
 * a code was issued is read as such wherever it arrives.
 *
 * ERR_FORBIDDEN  CheckMacValue absent or not right: forged, or other keys than ours
 * ERR_INPUT      no form, of another merchant, or without MerchantTradeNo, RtnCode, TradeAmt
 */
enum err ecpay_read_paid(struct cx *cx, const struct ecpay_keys *keys, const char *body, size_t len,
                         struct ecpay_notice *ret_notice) NODISCARD;
/* Likewise of info_url: SAYS_CODE with the code in details, or SAYS_FAILED: none was issued. */
enum err ecpay_read_info(struct cx *cx, const struct ecpay_keys *keys, const char *body, size_t len,
                         struct ecpay_notice *ret_notice) NODISCARD;
/*
 * What the buyer's browser brings to return_url or code_url: whose payment it is (our_ref), for the
 * page to go to. Signed, but a page may be loaded again at any time: no proof for the shop.
 */
enum err ecpay_read_return(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                           size_t len, struct ecpay_notice *ret_notice) NODISCARD;

/* What to answer to notices: after the commit, and to a bad CheckMacValue (also with status 200).
 */
#define ECPAY_RECEIVED "1|OK"
#define ECPAY_BAD_MAC  "0|CheckMacValue Error"
