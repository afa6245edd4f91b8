/* Notices to the shop: what ECPay's servers and the buyer's browser bring it. */
#include "sandboxd/ecpay_in.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "sandboxd/ecpay_clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NOTICE_ARENA = 1 << 20 };

/* ECPay asks again every 5 to 15 minutes, four times; here the pauses are short. */
static const int64_t again_ms[] = {1000, 2000, 4000, 8000};

/* ---- one message ---- */

static bool taken(int status, const char *answer)
{
    return status == 200 && strcmp(answer, "1|OK") == 0;
}

/* The amount another than was paid, and signed so; or a signature that is wrong. */
static void spoil(struct answer *a, enum tamper t)
{
    int64_t n;
    for (size_t i = 0; i < a->n; i++) {
        bool amount = strcmp(a->f[i].name, "TradeAmt") == 0 ||
                      strcmp(a->f[i].name, "amount") == 0 ||
                      strcmp(a->f[i].name, "GoodsAmount") == 0;
        if (t != TAMPER_AMOUNT || !amount || text_i64(a->f[i].value, 0, INT32_MAX, &n))
            continue;
        const char *other = arena_fmt(a->cx->arena, "%" PRId64, n + 1);
        if (other)
            a->f[i] = ECPAY_FIELD(a->f[i].name, other);
    }
}

static void break_mac(struct answer *a)
{
    const char *mac = a->n ? a->f[a->n - 1].value : "";
    const char *other =
        arena_fmt(a->cx->arena, "%c%s", *mac == '0' ? '1' : '0', *mac ? mac + 1 : "");
    if (other && a->n)
        a->f[a->n - 1] = ECPAY_FIELD("CheckMacValue", other);
}

/* `data` is "place of the account" and the form, a space between. */
static void write_notice(void *arg, const char *data, enum tamper t, struct outgoing *out)
{
    struct ecpay *e = arg;
    struct cx cx = {.arena = arena_make(NOTICE_ARENA)};
    struct ecpay_form form;
    struct answer a;
    size_t at = (size_t)(data[0] - '0');
    out->type = "application/x-www-form-urlencoded";
    if (!cx.arena || ecpay_form_read(&cx, data + 2, strlen(data + 2), &form)) {
        out->body.failed = true;
        arena_free(cx.arena);
        return;
    }
    answer_init(&a, &cx);
    for (size_t i = 0; i < form.count; i++)
        answer_add(&a, form.fields[i].name, form.fields[i].value);
    spoil(&a, t);
    answer_mac(&a, &e->accounts[at]);
    if (t == TAMPER_SIGNATURE)
        break_mac(&a);
    answer_write(&a, false, &out->body);
    if (a.failed)
        out->body.failed = true;
    arena_free(cx.arena);
}

void tell(struct ecpay *e, enum fault_target target, const char *what, const char *ref,
          const char *url, const struct account *account, const struct answer *a)
{
    struct buf data;
    buf_init(&data, ECPAY_BODY_MAX);
    buf_fmt(&data, "%c ", (int)('0' + (account - e->accounts)));
    answer_write(a, false, &data);
    if (*url && !a->failed && !buf_err(&data)) {
        const struct deliver_ask ask = {.target = target,
                                        .ref = ref,
                                        .what = what,
                                        .url = url,
                                        .data = data.data,
                                        .write = write_notice,
                                        .arg = e,
                                        .taken = taken,
                                        .again_ms = again_ms,
                                        .again_n = sizeof again_ms / sizeof *again_ms};
        deliver_add(e->s->deliver, &ask);
    }
    buf_done(&data);
}

/* ---- of a trade ---- */

static void common(const struct ecpay *e, const struct trade *t, struct answer *a)
{
    static const enum aio_field custom[] = {AIO_CUSTOM1, AIO_CUSTOM2, AIO_CUSTOM3, AIO_CUSTOM4};
    char at[TAIPEI_TEXT];
    taipei_text(t->made_ms, at);
    answer_add(a, "MerchantID", e->accounts[t->merchant].id);
    answer_add(a, "MerchantTradeNo", trade_text(t, AIO_TRADE_NO));
    answer_add(a, "StoreID", trade_text(t, AIO_STORE));
    answer_add(a, "TradeNo", t->number);
    answer_int(a, "TradeAmt", t->amount);
    answer_add(a, "PaymentType", t->type ? t->type : "");
    answer_add(a, "TradeDate", at);
    for (size_t i = 0; i < 4; i++)
        answer_add(a, aio_name(custom[i]), trade_text(t, custom[i]));
}

static void card_fields(const struct trade *t, const char *at, struct answer *a)
{
    bool paid = t->state == TRADE_PAID;
    answer_add(a, "gwsr", paid ? t->gwsr : "");
    answer_add(a, "process_date", at);
    answer_add(a, "auth_code", paid ? t->auth_code : "");
    answer_int(a, "amount", t->amount);
    answer_add(a, "eci", paid ? "5" : "0");
    answer_add(a, "card4no", "2222");
    answer_add(a, "card6no", "431195");
    answer_int(a, "stage", t->terms);
    answer_int(a, "stast", t->terms ? t->amount - t->amount / t->terms * (t->terms - 1) : 0);
    answer_int(a, "staed", t->terms ? t->amount / t->terms : 0);
}

/* NeedExtraPaidInfo=Y: the same names whatever was paid with, most of them empty. */
static void extra_fields(const struct trade *t, const char *at, struct answer *a)
{
    static const char *const empty[] = {
        "red_dan",           "red_de_amt",         "red_ok_amt", "red_yet",
        "PeriodType",        "Frequency",          "ExecTimes",  "PeriodAmount",
        "TotalSuccessTimes", "TotalSuccessAmount", "AlipayID",   "AlipayTradeNo"};
    bool web = t->method == METHOD_WEBATM && t->state == TRADE_PAID;
    if (t->credit != CREDIT_NONE || t->method == METHOD_CREDIT)
        card_fields(t, at, a);
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        answer_add(a, empty[i], "");
    answer_add(a, "WebATMAccBank", web ? "822" : "");
    answer_add(a, "WebATMAccNo", web ? "54321" : "");
    answer_add(a, "WebATMBankName", web ? "中國信託" : "");
    answer_add(a, "ATMAccBank", t->method == METHOD_ATM ? t->bank : "");
    answer_add(a, "ATMAccNo", t->method == METHOD_ATM ? "54321" : "");
    answer_add(a, "PaymentNo", t->payment_no);
    answer_add(a, "PayFrom", t->method == METHOD_CVS ? "ibon" : "");
    answer_add(a, "TWQRTradeNo", t->method == METHOD_TWQR ? t->number : "");
}

void tell_result_fields(const struct ecpay *e, const struct trade *t, bool simulated,
                        struct answer *a)
{
    char at[TAIPEI_TEXT];
    bool paid = t->state == TRADE_PAID || simulated;
    int64_t ms = t->paid_ms ? t->paid_ms : t->failed_ms;
    taipei_text(ms ? ms : ecpay_now_locked(e), at);
    common(e, t, a);
    answer_int(a, "RtnCode", paid ? 1 : t->fail_code);
    answer_add(a, "RtnMsg",
               !paid                      ? "授權失敗"
               : trade_by_code(t->method) ? "付款成功"
                                          : "交易成功");
    answer_add(a, "PaymentDate", at);
    answer_int(a, "PaymentTypeChargeFee", paid ? t->amount * 275 / 10000 : 0);
    answer_add(a, "PlatformID", trade_text(t, AIO_PLATFORM));
    answer_int(a, "SimulatePaid", simulated);
    if (strcmp(trade_text(t, AIO_EXTRA), "Y") == 0)
        extra_fields(t, at, a);
}

void tell_code_fields(const struct ecpay *e, const struct trade *t, struct answer *a)
{
    char until[TAIPEI_TEXT];
    bool atm = t->method == METHOD_ATM;
    taipei_text(t->expires_ms, until);
    if (atm)
        until[sizeof "2026/11/22" - 1] = '\0'; /* the day alone */
    common(e, t, a);
    answer_int(a, "RtnCode", atm ? 2 : 10100073);
    answer_add(a, "RtnMsg", atm ? "Get VirtualAccount Succeeded" : "Get CVS Code Succeeded");
    answer_add(a, "ExpireDate", until);
    if (atm) {
        answer_add(a, "BankCode", t->bank);
        answer_add(a, "vAccount", t->account);
        return;
    }
    answer_add(a, "PaymentNo", t->payment_no);
    answer_add(a, "Barcode1", t->barcode[0]);
    answer_add(a, "Barcode2", t->barcode[1]);
    answer_add(a, "Barcode3", t->barcode[2]);
}

static void tell_trade(struct ecpay *e, const struct trade *t, bool code, bool simulated)
{
    struct cx cx = {.arena = arena_make(NOTICE_ARENA)};
    struct answer a;
    answer_init(&a, &cx);
    if (cx.arena && code)
        tell_code_fields(e, t, &a);
    else if (cx.arena)
        tell_result_fields(e, t, simulated, &a);
    if (cx.arena)
        tell(e, code ? FAULT_ECPAY_INFO : FAULT_ECPAY_PAYMENT,
             code ? "PaymentInfoURL" : "ReturnURL", trade_text(t, AIO_TRADE_NO),
             trade_text(t, code ? AIO_INFO_URL : AIO_RETURN_URL), &e->accounts[t->merchant], &a);
    arena_free(cx.arena);
}

void tell_result(struct ecpay *e, const struct trade *t, bool simulated)
{
    tell_trade(e, t, false, simulated);
}

void tell_code(struct ecpay *e, const struct trade *t)
{
    tell_trade(e, t, true, false);
}
