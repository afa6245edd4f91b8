#include "sandboxd/ecpay_trade.h"

#include "base/crypto.h"
#include "base/text.h"
#include "sandboxd/ecpay_clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct trade_place banks[] = {{"CHINATRUST", "中國信託 CTBC", "822"},
                                           {"BOT", "臺灣銀行 Bank of Taiwan", "004"},
                                           {"FIRST", "第一銀行 First Bank", "007"},
                                           {"LAND", "土地銀行 Land Bank", "005"},
                                           {"CATHAY", "國泰世華 Cathay United", "013"},
                                           {"PANHSIN", "板信銀行 Panhsin", "118"},
                                           {"KGI", "凱基銀行 KGI", "809"},
                                           {NULL, NULL, NULL}};
static const struct trade_place chains[] = {
    {"CVS", "任一超商 any store", NULL}, {"IBON", "7-ELEVEN ibon", NULL},
    {"FAMILY", "全家 FamilyMart", NULL}, {"HILIFE", "萊爾富 Hi-Life", NULL},
    {"OK", "OK超商 OKmart", NULL},       {NULL, NULL, NULL}};
static const struct trade_place counters[] = {{"BARCODE", "超商條碼 barcode", NULL},
                                              {NULL, NULL, NULL}};
static const struct trade_place nowhere[] = {{NULL, NULL, NULL}};

/* PaymentType of each bank and chain, in the order of the lists above. */
static const char *const atm_types[] = {"ATM_CHINATRUST", "ATM_BOT",     "ATM_FIRST", "ATM_LAND",
                                        "ATM_CATHAY",     "ATM_PANHSIN", "ATM_KGI"};
static const char *const web_types[] = {"WebATM_CHINATRUST", "WebATM_BOT",    "WebATM_FIRST",
                                        "WebATM_LAND",       "WebATM_CATHAY", "WebATM_PANHSIN",
                                        "WebATM_KGI"};
static const char *const cvs_types[] = {"CVS_CVS", "CVS_IBON", "CVS_FAMILY", "CVS_HILIFE",
                                        "CVS_OK"};

const char *trade_state_name(enum trade_state s)
{
    static const char *const names[] = {"open", "code", "paid", "failed"};
    return names[s];
}

const struct trade_place *trade_places(enum method m)
{
    if (m == METHOD_ATM || m == METHOD_WEBATM)
        return banks;
    if (m == METHOD_CVS)
        return chains;
    return m == METHOD_BARCODE ? counters : nowhere;
}

static void name_it(struct trade *t)
{
    char at[TAIPEI_TEXT], random[17];
    taipei_digits(t->made_ms, at);
    (void)snprintf(t->number, sizeof t->number, "%.12s%04u", at + 2, (unsigned)t->serial % 10000);
    (void)snprintf(t->gwsr, sizeof t->gwsr, "%08" PRId64, t->serial);
    crypto_random_hex(random, 16);
    (void)snprintf(t->token, sizeof t->token, "%" PRId64 "-%s", t->serial, random);
}

struct trade *trade_make(const struct aio_ask *ask, unsigned merchant, int64_t serial,
                         int64_t now_ms)
{
    struct trade *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->merchant = merchant;
    t->serial = serial;
    t->amount = ask->amount;
    t->made_ms = now_ms;
    t->method = ask->method;
    t->code_days = ask->code_days;
    t->store_minutes = ask->store_minutes;
    t->barcode_days = ask->barcode_days;
    memcpy(t->methods, ask->methods, sizeof t->methods);
    memcpy(t->terms_offered, ask->terms, sizeof t->terms_offered);
    name_it(t);
    for (unsigned f = 0; f < AIO_FIELDS; f++) {
        if (ask->field[f] && !(t->field[f] = strdup(ask->field[f]))) {
            trade_free(&t->entry);
            return NULL;
        }
    }
    return t;
}

void trade_free(struct book_entry *e)
{
    struct trade *t = (struct trade *)e;
    for (unsigned f = 0; f < AIO_FIELDS; f++)
        free(t->field[f]);
    free(t);
}

const char *trade_text(const struct trade *t, enum aio_field f)
{
    return t->field[f] ? t->field[f] : "";
}

bool trade_over(const struct trade *t)
{
    return t->state == TRADE_PAID || t->state == TRADE_FAILED;
}

bool trade_by_code(enum method m)
{
    return m == METHOD_ATM || m == METHOD_CVS || m == METHOD_BARCODE;
}

enum err trade_choose(struct trade *t, enum method m)
{
    if (m == METHOD_ALL || m >= METHODS || !t->methods[m])
        return ERR_INPUT;
    if (t->state != TRADE_OPEN)
        return ERR_TRANSITION;
    t->method = m;
    t->asks_code = false;
    return ERR_OK;
}

static size_t place_of(enum method m, const char *where)
{
    const struct trade_place *p = trade_places(m);
    for (size_t i = 0; p[i].word; i++)
        if (text_same_nocase(p[i].word, where))
            return i;
    return 0;
}

/* The serial is in each code's last eight digits: that is how a payment finds its trade. */
static unsigned last8(const struct trade *t)
{
    return (unsigned)t->serial % 100000000;
}

static void issue_atm(struct trade *t, size_t place, int64_t now_ms)
{
    t->type = atm_types[place];
    (void)text_copy(t->bank, sizeof t->bank, banks[place].bank);
    (void)snprintf(t->account, sizeof t->account, "9103%04u%08u", (unsigned)(now_ms / 1000) % 10000,
                   last8(t));
    t->expires_ms = taipei_day_end(now_ms, t->code_days);
}

static void issue_cvs(struct trade *t, size_t place, int64_t now_ms)
{
    t->type = cvs_types[place];
    (void)snprintf(t->payment_no, sizeof t->payment_no, "LLL%03u%08u",
                   (unsigned)(now_ms / 1000) % 1000, last8(t));
    t->expires_ms = now_ms + t->store_minutes * 60 * 1000;
}

static void issue_barcode(struct trade *t, int64_t now_ms)
{
    char day[TAIPEI_TEXT];
    t->type = "BARCODE_BARCODE";
    t->expires_ms = taipei_day_end(now_ms, t->barcode_days);
    taipei_digits(t->expires_ms, day);
    (void)snprintf(t->barcode[0], sizeof t->barcode[0], "%.6s6EC", day + 2);
    (void)snprintf(t->barcode[1], sizeof t->barcode[1], "01%06u%08u",
                   (unsigned)(now_ms / 1000) % 1000000, last8(t));
    (void)snprintf(t->barcode[2], sizeof t->barcode[2], "%.4s%02u%09" PRId64, day + 4,
                   (unsigned)t->serial % 97, t->amount);
}

enum err trade_issue(struct trade *t, const char *where, int64_t now_ms)
{
    if (!trade_by_code(t->method) || t->state != TRADE_OPEN)
        return ERR_TRANSITION;
    size_t place = place_of(t->method, where);
    if (t->method == METHOD_ATM)
        issue_atm(t, place, now_ms);
    else if (t->method == METHOD_CVS)
        issue_cvs(t, place, now_ms);
    else
        issue_barcode(t, now_ms);
    t->state = TRADE_CODE;
    return ERR_OK;
}

static const char *type_of(const struct trade *t, int terms)
{
    switch (t->method) {
    case METHOD_CREDIT: return terms == 30 ? "Flexible_Installment" : "Credit_CreditCard";
    case METHOD_APPLEPAY: return "ApplePay";
    case METHOD_TWQR: return "TWQR_OPAY";
    case METHOD_WEBATM: return web_types[0];
    case METHOD_ATM:
    case METHOD_CVS:
    case METHOD_BARCODE:
    case METHOD_ALL:
    case METHODS: break;
    }
    return t->type ? t->type : "";
}

static void authorise(struct trade *t, int64_t now_ms)
{
    (void)snprintf(t->auth_code, sizeof t->auth_code, "%06u", (unsigned)t->serial * 7919 % 1000000);
    t->credit = CREDIT_AUTHORISED;
    t->capture_at_ms = taipei_next(now_ms, 20, 15);
}

enum err trade_pay(struct trade *t, int terms, int64_t now_ms)
{
    bool ready = trade_by_code(t->method) ? t->state == TRADE_CODE : t->state == TRADE_OPEN;
    if (!ready || t->method == METHOD_ALL)
        return ERR_TRANSITION;
    t->type = type_of(t, terms);
    t->terms = terms;
    t->paid_ms = now_ms;
    t->state = TRADE_PAID;
    t->asks_code = false;
    if (t->method == METHOD_CREDIT || t->method == METHOD_APPLEPAY)
        authorise(t, now_ms);
    return ERR_OK;
}

enum err trade_simulate(struct trade *t)
{
    if (t->state != TRADE_CODE)
        return ERR_TRANSITION;
    t->simulated++;
    return ERR_OK;
}

enum err trade_fail(struct trade *t, int code, int64_t now_ms)
{
    if (t->state != TRADE_OPEN || trade_by_code(t->method) || t->method == METHOD_ALL)
        return ERR_TRANSITION;
    t->type = type_of(t, 0);
    t->fail_code = code;
    t->failed_ms = now_ms;
    t->state = TRADE_FAILED;
    t->asks_code = false;
    return ERR_OK;
}
