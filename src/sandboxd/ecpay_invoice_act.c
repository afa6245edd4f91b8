#include "sandboxd/ecpay_invoice_in.h"

#include "base/crypto.h"
#include "base/text.h"
#include "sandboxd/ecpay_clock.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void invoice_free(struct book_entry *entry)
{
    struct invoice *v = (struct invoice *)entry;
    json_decref(v->asked);
    free(v);
}

static void put(struct invoice_reply *r, const char *name, const char *value)
{
    (void)json_object_set_new(r->data, name, json_string(value));
}

static void put_int(struct invoice_reply *r, const char *name, int64_t value)
{
    (void)json_object_set_new(r->data, name, json_integer(value));
}

/* Upper and lower case are the same to ECPay. */
static void key_of(const struct account *a, const char *relate, char key[BOOK_KEY])
{
    int n = snprintf(key, BOOK_KEY, "%s ", a->id);
    for (; *relate && n < BOOK_KEY - 1; relate++)
        key[n++] = (char)toupper((unsigned char)*relate);
    key[n] = '\0';
}

static struct invoice *by_number(struct ecpay *e, const struct account *a, const char *number)
{
    int64_t serial = 0;
    if (strlen(number) != 10 || text_i64(number + 2, 0, 99999999, &serial))
        return NULL;
    int64_t at = serial - e->base;
    if (at < 0 || (size_t)at >= e->invoices.n)
        return NULL;
    struct invoice *v = (struct invoice *)e->invoices.list[at];
    return strcmp(v->number, number) == 0 && &e->accounts[v->account] == a ? v : NULL;
}

static bool same_day(const struct invoice *v, const char *date)
{
    char day[TAIPEI_TEXT];
    taipei_dashes(v->made_ms, day);
    return strncmp(day, date, 10) == 0;
}

/* By InvoiceNo and InvoiceDate; NULL: `r` says it. */
static struct invoice *asked_for(struct ecpay *e, const struct account *a, const json_t *asked,
                                 struct invoice_reply *r)
{
    struct invoice *v = by_number(e, a, invoice_text(asked, "InvoiceNo"));
    const char *date = invoice_text(asked, "InvoiceDate");
    if (!v || (*date && !same_day(v, date))) {
        invoice_say(r, RTN_UNKNOWN, "查無發票資料 no such invoice");
        return NULL;
    }
    return v;
}

static int64_t allowed(const struct invoice *v)
{
    int64_t sum = 0;
    for (size_t i = 0; i < v->allowance_n; i++)
        sum += v->allowances[i].is_void ? 0 : v->allowances[i].amount;
    return sum;
}

/* ---- issue ---- */

static void number_it(struct invoice *v, const struct ecpay *e, int64_t now_ms)
{
    int64_t serial = e->base + (int64_t)e->invoices.n;
    unsigned char four[2];
    crypto_random(four, sizeof four);
    (void)snprintf(v->number, sizeof v->number, "%c%c%08" PRId64, (int)('A' + e->base % 26),
                   (int)('A' + e->base / 26 % 26), serial);
    (void)snprintf(v->random, sizeof v->random, "%04d", (four[0] * 256 + four[1]) % 10000);
    v->made_ms = now_ms;
}

void invoice_issue(struct ecpay *e, const struct account *a, json_t *asked, struct invoice_reply *r)
{
    char key[BOOK_KEY], at[TAIPEI_TEXT];
    int64_t amount;
    if (!invoice_issue_ok(asked, &amount, r))
        return;
    struct invoice *v = calloc(1, sizeof *v);
    if (!v) {
        invoice_say(r, RTN_BAD, "out of memory");
        return;
    }
    v->account = (unsigned)(a - e->accounts);
    v->amount = amount;
    number_it(v, e, ecpay_now_locked(e));
    key_of(a, invoice_text(asked, "RelateNumber"), key);
    enum err made = ecpay_book_add(&e->invoices, &v->entry, key);
    if (made) {
        free(v);
        invoice_say(r, made == ERR_EXISTS ? RTN_REPEATED : RTN_BAD,
                    made == ERR_EXISTS ? "自訂編號重覆 RelateNumber was used before"
                                       : "the sandbox is full: start it anew");
        return;
    }
    v->asked = json_incref(asked);
    taipei_dashes(v->made_ms, at);
    invoice_say(r, RTN_OK, "開立發票成功");
    put(r, "InvoiceNo", v->number);
    put(r, "InvoiceDate", at);
    put(r, "RandomNumber", v->random);
}

void invoice_get(struct ecpay *e, const struct account *a, json_t *asked, struct invoice_reply *r)
{
    static const char *const copied[][2] = {
        {"IIS_Relate_Number", "RelateNumber"}, {"IIS_Identifier", "CustomerIdentifier"},
        {"IIS_Carrier_Type", "CarrierType"},   {"IIS_Carrier_Num", "CarrierNum"},
        {"IIS_Love_Code", "LoveCode"},         {"IIS_Tax_Type", "TaxType"},
        {"IIS_Print_Flag", "Print"},           {"IIS_Type", "InvType"}};
    char key[BOOK_KEY], at[TAIPEI_TEXT];
    const char *relate = invoice_text(asked, "RelateNumber");
    key_of(a, relate, key);
    struct invoice *v =
        *relate ? (struct invoice *)ecpay_book_find(&e->invoices, key) : asked_for(e, a, asked, r);
    if (!v) {
        invoice_say(r, RTN_UNKNOWN, "查無發票資料 no such invoice");
        return;
    }
    taipei_dashes(v->made_ms, at);
    invoice_say(r, RTN_OK, "查詢成功");
    put(r, "IIS_Mer_ID", a->id);
    put(r, "IIS_Number", v->number);
    put(r, "IIS_Create_Date", at);
    put(r, "IIS_Random_Number", v->random);
    put_int(r, "IIS_Sales_Amount", v->amount);
    put(r, "IIS_Issue_Status", "1");
    put(r, "IIS_Invalid_Status", v->is_void ? "1" : "0");
    put_int(r, "IIS_Remain_Allowance_Amt", v->amount - allowed(v));
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        put(r, copied[i][0], invoice_text(v->asked, copied[i][1]));
    (void)json_object_set(r->data, "Items", json_object_get(v->asked, "Items"));
}

/* ---- void, allowance ---- */

void invoice_void(struct ecpay *e, const struct account *a, json_t *asked, struct invoice_reply *r)
{
    const char *reason = invoice_text(asked, "Reason");
    struct invoice *v = asked_for(e, a, asked, r);
    if (!v)
        return;
    if (!*reason || text_chars(reason, strlen(reason)) > 20)
        invoice_say(r, RTN_BAD, "Reason must be 1..20 long");
    else if (v->is_void)
        invoice_say(r, RTN_STATE, "發票已作廢 it is void already");
    else if (allowed(v))
        invoice_say(r, RTN_STATE, "發票已折讓 it has allowances");
    else if (taipei_period(v->made_ms) != taipei_period(ecpay_now_locked(e)))
        invoice_say(r, RTN_STATE, "已跨期 its period is over: make an allowance");
    else {
        v->is_void = true;
        invoice_say(r, RTN_OK, "作廢發票成功");
        put(r, "InvoiceNo", v->number);
    }
}

static bool notice_ok(const json_t *asked)
{
    const char *s = invoice_text(asked, "AllowanceNotify");
    return strlen(s) == 1 && strchr("SEAN", *s);
}

static void allow(struct ecpay *e, struct invoice *v, int64_t amount, struct invoice_reply *r)
{
    char at[TAIPEI_TEXT];
    struct invoice_allowance *w = &v->allowances[v->allowance_n++];
    int64_t now_ms = ecpay_now_locked(e);
    *w = (struct invoice_allowance){.amount = amount, .at_ms = now_ms};
    taipei_digits(now_ms, at);
    (void)snprintf(w->number, sizeof w->number, "%.8s%08" PRId64, at,
                   e->base + e->allowance_serial++);
    taipei_dashes(now_ms, at);
    invoice_say(r, RTN_OK, "開立折讓成功");
    put(r, "IA_Allow_No", w->number);
    put(r, "IA_Invoice_No", v->number);
    put(r, "IA_Date", at);
    put_int(r, "IA_Remain_Allowance_Amt", v->amount - allowed(v));
}

void invoice_allow(struct ecpay *e, const struct account *a, json_t *asked, struct invoice_reply *r)
{
    int64_t amount = 0;
    struct invoice *v = asked_for(e, a, asked, r);
    if (!v)
        return;
    if (!notice_ok(asked))
        invoice_say(r, RTN_BAD, "AllowanceNotify must be S, E, A or N");
    else if (invoice_whole(asked, "AllowanceAmount", &amount) || amount < 1)
        invoice_say(r, RTN_BAD, "AllowanceAmount must be a whole number of at least 1");
    else if (v->is_void)
        invoice_say(r, RTN_STATE, "發票已作廢 it is void");
    else if (amount > v->amount - allowed(v))
        invoice_say(r, RTN_STATE, "折讓金額超過 more than what is left of it");
    else if (v->allowance_n == ALLOWANCES_MAX)
        invoice_say(r, RTN_STATE, "too many allowances");
    else if (invoice_items_ok(asked, amount, r))
        allow(e, v, amount, r);
}

void invoice_allow_void(struct ecpay *e, const struct account *a, json_t *asked,
                        struct invoice_reply *r)
{
    struct invoice *v = asked_for(e, a, asked, r);
    const char *number = invoice_text(asked, "AllowanceNo");
    for (size_t i = 0; v && i < v->allowance_n; i++) {
        struct invoice_allowance *w = &v->allowances[i];
        if (strcmp(w->number, number) != 0)
            continue;
        if (w->is_void) {
            invoice_say(r, RTN_STATE, "折讓已作廢 it is void already");
            return;
        }
        w->is_void = true;
        invoice_say(r, RTN_OK, "作廢折讓成功");
        put(r, "IA_Invoice_No", v->number);
        return;
    }
    if (v)
        invoice_say(r, RTN_UNKNOWN, "查無折讓資料 no such allowance");
}

/* ---- lists of the ministry: those that end in 000 are not on them ---- */

static void exists(struct invoice_reply *r, const char *s)
{
    invoice_say(r, RTN_OK, "執行成功");
    put(r, "IsExist", text_has_suffix(s, "000") ? "N" : "Y");
}

void invoice_barcode(struct ecpay *e, const struct account *a, json_t *asked,
                     struct invoice_reply *r)
{
    (void)e;
    (void)a;
    if (invoice_barcode_ok(invoice_text(asked, "BarCode")))
        exists(r, invoice_text(asked, "BarCode"));
    else
        invoice_say(r, RTN_BAD, "BarCode has a wrong format");
}

void invoice_love(struct ecpay *e, const struct account *a, json_t *asked, struct invoice_reply *r)
{
    (void)e;
    (void)a;
    if (invoice_love_ok(invoice_text(asked, "LoveCode")))
        exists(r, invoice_text(asked, "LoveCode"));
    else
        invoice_say(r, RTN_BAD, "LoveCode has a wrong format");
}

void invoice_company(struct ecpay *e, const struct account *a, json_t *asked,
                     struct invoice_reply *r)
{
    (void)e;
    (void)a;
    if (!invoice_company_ok(invoice_text(asked, "UnifiedBusinessNo"))) {
        invoice_say(r, RTN_BAD, "UnifiedBusinessNo is wrong");
        return;
    }
    invoice_say(r, RTN_OK, "執行成功");
    put(r, "CompanyName", "沙盒測試股份有限公司");
}

json_t *invoices_json(struct ecpay *e)
{
    json_t *list = json_array();
    for (size_t i = e->invoices.n, n = 0; i > 0 && n < 300; i--, n++) {
        const struct invoice *v = (const struct invoice *)e->invoices.list[i - 1];
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:I, s:I, s:b, s:s, s:s, s:s}", "ref",
                            invoice_text(v->asked, "RelateNumber"), "number", v->number, "amount",
                            (json_int_t)v->amount, "allowed", (json_int_t)allowed(v), "void",
                            v->is_void, "carrier", invoice_text(v->asked, "CarrierNum"),
                            "love_code", invoice_text(v->asked, "LoveCode"), "tax_id",
                            invoice_text(v->asked, "CustomerIdentifier")));
    }
    return list;
}
