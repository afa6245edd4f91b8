/*
 * ecpay_aio - the fields of /Cashier/AioCheckOut/V5 and their rules.
 *
 * Shape:  one table names each field with its length, kind and whether it must be there; what
 *         depends on several fields comes after. Fields that are not in the table only count for
 *         the CheckMacValue.
 * Thread: any; no state.
 * Source: ECPay's developer pages 2864, 2858, 16449, 2878.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

/* Longest value in characters; what it may be; must it be there? */
#define AIO_TABLE(X)                                     \
    X(MERCHANT, "MerchantID", 10, DIGITS, true)          \
    X(TRADE_NO, "MerchantTradeNo", 20, ALNUM, true)      \
    X(TRADE_DATE, "MerchantTradeDate", 20, DATE, true)   \
    X(PAYMENT_TYPE, "PaymentType", 20, ALNUM, true)      \
    X(TOTAL, "TotalAmount", 9, DIGITS, true)             \
    X(DESC, "TradeDesc", 200, TEXT, true)                \
    X(ITEM, "ItemName", 400, TEXT, true)                 \
    X(RETURN_URL, "ReturnURL", 200, URL, true)           \
    X(CHOOSE, "ChoosePayment", 20, ALNUM, true)          \
    X(ENCRYPT, "EncryptType", 1, DIGITS, true)           \
    X(BACK_URL, "ClientBackURL", 200, URL, false)        \
    X(RESULT_URL, "OrderResultURL", 200, URL, false)     \
    X(ITEM_URL, "ItemURL", 200, URL, false)              \
    X(REMARK, "Remark", 100, TEXT, false)                \
    X(SUB, "ChooseSubPayment", 20, TEXT, false)          \
    X(EXTRA, "NeedExtraPaidInfo", 1, FLAG, false)        \
    X(IGNORE, "IgnorePayment", 100, TEXT, false)         \
    X(PLATFORM, "PlatformID", 10, DIGITS, false)         \
    X(STORE, "StoreID", 10, ALNUM, false)                \
    X(CUSTOM1, "CustomField1", 50, TEXT, false)          \
    X(CUSTOM2, "CustomField2", 50, TEXT, false)          \
    X(CUSTOM3, "CustomField3", 50, TEXT, false)          \
    X(CUSTOM4, "CustomField4", 50, TEXT, false)          \
    X(LANGUAGE, "Language", 3, ALNUM, false)             \
    X(DEVICE, "DeviceSource", 10, ALNUM, false)          \
    X(REDEEM, "Redeem", 1, FLAG, false)                  \
    X(UNION_PAY, "UnionPay", 1, DIGITS, false)           \
    X(BINDING, "BindingCard", 1, DIGITS, false)          \
    X(MEMBER, "MerchantMemberID", 30, TEXT, false)       \
    X(TERMS, "CreditInstallment", 20, TEXT, false)       \
    X(PERIOD_AMOUNT, "PeriodAmount", 9, DIGITS, false)   \
    X(EXPIRE, "ExpireDate", 2, DIGITS, false)            \
    X(STORE_EXPIRE, "StoreExpireDate", 5, DIGITS, false) \
    X(DESC1, "Desc_1", 20, TEXT, false)                  \
    X(DESC2, "Desc_2", 20, TEXT, false)                  \
    X(DESC3, "Desc_3", 20, TEXT, false)                  \
    X(DESC4, "Desc_4", 20, TEXT, false)                  \
    X(INFO_URL, "PaymentInfoURL", 200, URL, false)       \
    X(CODE_URL, "ClientRedirectURL", 200, URL, false)

enum aio_field {
#define X(name, text, max, kind, need) AIO_##name,
    AIO_TABLE(X)
#undef X
        AIO_FIELDS
};
const char *aio_name(enum aio_field f);

/* How a buyer pays; ALL: still to be chosen. The name as ChoosePayment, and the amounts it takes.
 */
#define METHOD_TABLE(X)              \
    X(ALL, "ALL", 1, 999999999)      \
    X(CREDIT, "Credit", 5, 199999)   \
    X(ATM, "ATM", 11, 49999)         \
    X(CVS, "CVS", 33, 20000)         \
    X(BARCODE, "BARCODE", 17, 20000) \
    X(WEBATM, "WebATM", 11, 49999)   \
    X(TWQR, "TWQR", 1, 49999)        \
    X(APPLEPAY, "ApplePay", 5, 199999)

enum method {
#define X(name, text, lo, hi) METHOD_##name,
    METHOD_TABLE(X)
#undef X
        METHODS
};
const char *method_name(enum method m);
/* ERR_NOT_FOUND: none of ours. */
enum err method_of(const char *name, enum method *ret_method) NODISCARD;
bool method_takes(enum method m, int64_t amount);

enum aio_code {
    AIO_OK = 0,
    AIO_BAD_MAC = 10200073,
    AIO_TAKEN = 10300028,     /* this MerchantTradeNo was used before */
    AIO_NO_METHOD = 10300023, /* nothing to pay with: amount, or IgnorePayment */
    AIO_NO_SHOP = 10200141,   /* no such MerchantID here */
    AIO_WAF = 10400011,       /* a word that ECPay's fire wall takes for an attack */
    AIO_BAD_FIELD = 10100001, /* a field against its rule; ECPay's own number is not published */
};

enum { AIO_WHY = 160 };
struct aio_refusal {
    enum aio_code code;
    char why[AIO_WHY];
};

/* What was asked, checked. */
struct aio_ask {
    const char *field[AIO_FIELDS]; /* NULL: not sent */
    int64_t amount;
    enum method method;
    bool methods[METHODS]; /* what the buyer may choose of */
    int terms[8];          /* instalments offered; 0 ends them */
    int64_t code_days, store_minutes, barcode_days;
};

/*
 * Check ask->field and fill in the rest. False: refused, and `ret` says why. The MerchantID, the
 * CheckMacValue and whether the number is taken are the caller's to check.
 */
bool aio_check(struct aio_ask *ask, struct aio_refusal *ret) NODISCARD;
