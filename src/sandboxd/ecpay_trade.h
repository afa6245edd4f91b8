/*
 * ecpay_trade - one order at ECPay: how it is to be paid, its code, its money, its card's states.
 *
 * Shape:   open -> (code) -> paid | failed. A code that has run out may still be paid: banks and
 *          stores send what they were given. Only these functions change a trade.
 *          The credit side runs by itself: what is authorised is to be captured from the next
 *          20:15 in Taipei and captured a quarter of an hour later; trade_settle() catches up.
 * Memory:  a trade owns its texts; trade_free().
 * Thread:  the caller's lock.
 * Source:  ECPay's developer pages 2878, 2881, 2894, 9242, 16567.
 */
#pragma once
#include "sandboxd/ecpay_aio.h"
#include "sandboxd/ecpay_book.h"

enum { TRADE_TOKEN = 40, CLOSINGS_MAX = 40 };

enum trade_state { TRADE_OPEN, TRADE_CODE, TRADE_PAID, TRADE_FAILED };
const char *trade_state_name(enum trade_state s);

enum credit_state {
    CREDIT_NONE,
    CREDIT_AUTHORISED,
    CREDIT_TO_CAPTURE,
    CREDIT_CAPTURED,
    CREDIT_LEFT
};
/* In ECPay's words: 已授權, 要關帳 ... */
const char *credit_state_name(enum credit_state s);

struct closing {
    int64_t amount, at_ms; /* below 0: paid back */
};

struct trade {
    struct book_entry entry; /* "3002607 MerchantTradeNo" */
    unsigned merchant;       /* place among the accounts */
    char *field[AIO_FIELDS]; /* as sent; NULL: not sent */
    char token[TRADE_TOKEN]; /* of its pages' addresses */
    char number[21];         /* ECPay's TradeNo */
    int64_t serial;          /* unique here; in every number that is made */
    int64_t amount, made_ms;
    bool methods[METHODS];
    int terms_offered[8];
    int64_t code_days, store_minutes, barcode_days;

    enum trade_state state;
    enum method method; /* ALL: not chosen yet */
    const char *type;   /* PaymentType: "Credit_CreditCard"; NULL before */
    int64_t expires_ms; /* of the code */
    char bank[4], account[17], payment_no[15], barcode[3][21];
    bool asks_code; /* the bank waits for the code it sent to the buyer's phone */

    int terms; /* instalments; 0: none */
    int64_t paid_ms, failed_ms;
    int fail_code;
    unsigned simulated; /* how often "simulate payment" was pressed */

    char gwsr[12], auth_code[7];
    enum credit_state credit;
    int64_t captured, refunded;
    int64_t capture_at_ms, close_at_ms; /* 0: never by itself */
    struct closing closings[CLOSINGS_MAX];
    size_t closing_n;
};

/* `ask` was checked; its texts are copied. NULL: out of memory. */
struct trade *trade_make(const struct aio_ask *ask, unsigned merchant, int64_t serial,
                         int64_t now_ms);
void trade_free(struct book_entry *e);

/* "" when the field was not sent. */
const char *trade_text(const struct trade *t, enum aio_field f);
bool trade_over(const struct trade *t); /* paid or failed */
bool trade_by_code(enum method m);      /* ATM, CVS, BARCODE: paid somewhere else, later */

/* ERR_INPUT: not offered; ERR_TRANSITION: it is over, or has a code. */
enum err trade_choose(struct trade *t, enum method m) NODISCARD;
/* `where` is a bank ("CHINATRUST") or chain ("IBON") of trade_places(); others take the first. */
enum err trade_issue(struct trade *t, const char *where, int64_t now_ms) NODISCARD;
/* Names of banks or chains for a method, NULL-ended; and what people call them. */
struct trade_place {
    const char *word, *name, *bank; /* bank: its three digits, or NULL */
};
const struct trade_place *trade_places(enum method m);
/* Money came. ERR_TRANSITION: it was paid, or had failed. */
enum err trade_pay(struct trade *t, int terms, int64_t now_ms) NODISCARD;
/* "Simulate payment" of the back office. ERR_TRANSITION: no code waits to be paid. */
enum err trade_simulate(struct trade *t) NODISCARD;
/* ERR_TRANSITION: it is over, or is paid by a code. */
enum err trade_fail(struct trade *t, int code, int64_t now_ms) NODISCARD;

/* ---- the card's side ---- */

void trade_settle(struct trade *t, int64_t now_ms);
/* By hand, for tests. ERR_TRANSITION: not a card, or not from here. */
enum err trade_set_credit(struct trade *t, enum credit_state to, int64_t now_ms) NODISCARD;
/*
 * DoAction: 'C' capture, 'R' refund, 'E' cancel the capture, 'N' give the authorisation up.
 * `ret_why` is the reason when it is refused: ERR_TRANSITION, ERR_INPUT (amount).
 */
enum err trade_act(struct trade *t, char action, int64_t amount, int64_t now_ms,
                   const char **ret_why) NODISCARD;
