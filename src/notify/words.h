/*
 * words - the texts of messages, in five languages.
 *
 * Shape:   i18n/<lang>.json, embedded: one flat object each, the same keys in all, "{mark}" where
 *          something is filled in. words_fill() chooses and fills the texts of one notice; mail and
 *          push are made of what it gives.
 * Times:   as people in the market have them (Taipei, Bangkok), and it says so.
 * Memory:  texts lie in cx->arena.
 * Thread:  any, after words_init() returned once.
 */
#pragma once
#include "base/cx.h"
#include "base/lang.h"
#include "notify/notify.h"

#define WORD_TABLE(X)                                                                 \
    X(SHOW_SOON_TITLE, "show_soon.title")                                             \
    X(SHOW_SOON_BODY, "show_soon.body")                                               \
    X(SHOW_SOON_BUTTON, "show_soon.button")                                           \
    X(SHOW_LIVE_TITLE, "show_live.title")                                             \
    X(SHOW_LIVE_BODY, "show_live.body")                                               \
    X(SHOW_LIVE_BUTTON, "show_live.button")                                           \
    X(SHOW_CANCELLED_TITLE, "show_cancelled.title")                                   \
    X(SHOW_CANCELLED_BODY, "show_cancelled.body")                                     \
    X(SHOW_CANCELLED_BUTTON, "show_cancelled.button")                                 \
    X(ORDER_RECEIPT_TITLE, "order_receipt.title")                                     \
    X(ORDER_RECEIPT_BODY, "order_receipt.body")                                       \
    X(ORDER_RECEIPT_BODY_DOOR, "order_receipt.body.door")                             \
    X(ORDER_RECEIPT_BUTTON, "order_receipt.button")                                   \
    X(ORDER_SHIPPED_TITLE, "order_shipped.title")                                     \
    X(ORDER_SHIPPED_BODY, "order_shipped.body")                                       \
    X(ORDER_SHIPPED_BODY_PLAIN, "order_shipped.body.plain")                           \
    X(ORDER_SHIPPED_BUTTON, "order_shipped.button")                                   \
    X(ORDER_REFUNDED_TITLE, "order_refunded.title")                                   \
    X(ORDER_REFUNDED_BODY, "order_refunded.body")                                     \
    X(ORDER_REFUNDED_BUTTON, "order_refunded.button")                                 \
    X(EMAIL_CODE_TITLE, "email_code.title")                                           \
    X(EMAIL_CODE_BODY, "email_code.body")                                             \
    X(PASSWORD_CODE_TITLE, "password_code.title")                                     \
    X(PASSWORD_CODE_BODY, "password_code.body")                                       \
    X(SECURITY_NOTICE_TITLE, "security_notice.title")                                 \
    X(SECURITY_NOTICE_BODY_IDENTITY_ADDED, "security_notice.body.identity_added")     \
    X(SECURITY_NOTICE_BODY_IDENTITY_REMOVED, "security_notice.body.identity_removed") \
    X(SECURITY_NOTICE_BODY_PASSWORD, "security_notice.body.password")                 \
    X(SECURITY_NOTICE_BODY_EMAIL, "security_notice.body.email")                       \
    X(SECURITY_NOTICE_BODY_NEW_DEVICE, "security_notice.body.new_device")             \
    X(SECURITY_NOTICE_BODY_ROLE, "security_notice.body.role")                         \
    X(SECURITY_NOTICE_BUTTON, "security_notice.button")                               \
    X(DRAW_WON_TITLE, "draw_won.title")                                               \
    X(DRAW_WON_BODY, "draw_won.body")                                                 \
    X(DRAW_WON_BUTTON, "draw_won.button")                                             \
    X(WAITLIST_OFFER_TITLE, "waitlist_offer.title")                                   \
    X(WAITLIST_OFFER_BODY, "waitlist_offer.body")                                     \
    X(WAITLIST_OFFER_BUTTON, "waitlist_offer.button")                                 \
    X(BUDGET_TITLE, "budget.title")                                                   \
    X(BUDGET_BODY, "budget.body")                                                     \
    X(BUDGET_BUTTON, "budget.button")                                                 \
    X(RECEIPT_LINE, "receipt.line")                                                   \
    X(RECEIPT_SUBTOTAL, "receipt.subtotal")                                           \
    X(RECEIPT_DISCOUNT, "receipt.discount")                                           \
    X(RECEIPT_SHIPPING, "receipt.shipping")                                           \
    X(RECEIPT_TOTAL, "receipt.total")                                                 \
    X(RECEIPT_ADDRESS, "receipt.address")                                             \
    X(RECEIPT_WITHDRAWAL, "receipt.withdrawal")                                       \
    X(RECEIPT_LINK, "receipt.link")                                                   \
    X(WHY_LIST, "why.list")                                                           \
    X(WHY_ORDER, "why.order")                                                         \
    X(WHY_ACCOUNT, "why.account")                                                     \
    X(STOP, "stop")                                                                   \
    X(STOPPED, "stopped")                                                             \
    X(STOP_ASK, "stop.ask")                                                           \
    X(STOP_GONE, "stop.gone")                                                         \
    X(AT_TW, "at.TW")                                                                 \
    X(AT_TH, "at.TH")                                                                 \
    X(ALARM, "alarm")

enum word {
#define X(name, key) WORD_##name,
    WORD_TABLE(X)
#undef X
        WORD_COUNT
};

/* Read what is embedded. ERR_INTERNAL: the build has spoiled it; a test knows every text. */
enum err words_init(void) NODISCARD;
const char *word(enum lang l, enum word w);
const char *word_key(enum word w);

/* Names and values for marks: {"title", "…"}, ended by a row of NULLs. NULL values read as "". */
struct mark {
    const char *name, *value;
};
/* `text` with its marks filled in; NULL: the arena is full. */
const char *word_fill(struct cx *cx, const char *text, const struct mark *marks);

/* "NT$1,180", "฿650.00" */
enum { MONEY_TEXT = 48 };
void money_words(int64_t amount, const char *currency, char out[MONEY_TEXT]);
/* "23 Nov, 20:00 (Taipei time)": `market` "TH" is Bangkok, all others Taipei. NULL: no memory. */
const char *time_words(struct cx *cx, enum lang l, const char *market, int64_t at_ms);

/* One notice in one language. */
struct words {
    enum notice_kind kind;
    enum lang lang;
    const char *title, *body;
    const char *button; /* NULL: none */
    const char *why;    /* for the foot of a mail */
    const char *url;    /* of args: a local path or absolute; NULL: none */
    const char *stop;   /* likewise */
    const char *shop;   /* name, or "" */
    const json_t *args; /* borrowed */
};
/* ERR_INPUT: args lack what the kind wants. */
enum err words_fill_in(struct cx *cx, enum notice_kind kind, enum lang l, const char *market,
                       const json_t *args, struct words *ret_words) NODISCARD;

/* {"title","body","url","tag","lang"} of a push message, at most PUSH_PAYLOAD_MAX bytes. */
enum err words_push(struct cx *cx, const struct words *w, const char *tag,
                    const char **ret_json) NODISCARD;
/* Text and HTML of a mail. `base` is put before local paths: the public URL. */
enum err words_mail(struct cx *cx, const struct words *w, const char *base, const char **ret_text,
                    const char **ret_html) NODISCARD;
