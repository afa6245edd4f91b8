#include "sandboxd/ecpay_invoice_in.h"

#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ITEMS_MAX = 999, TOTAL_MAX = 999999999 };

void invoice_say(struct invoice_reply *r, int code, const char *why, ...)
{
    va_list args;
    r->code = code;
    va_start(args, why);
    (void)vsnprintf(r->why, sizeof r->why, why, args);
    va_end(args);
}

static bool no(struct invoice_reply *r, const char *why)
{
    invoice_say(r, RTN_BAD, "%s", why);
    return false;
}

const char *invoice_text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

enum err invoice_whole(const json_t *o, const char *name, int64_t *ret_n)
{
    const json_t *v = json_object_get(o, name);
    if (json_is_string(v))
        return text_i64(json_string_value(v), -TOTAL_MAX, TOTAL_MAX, ret_n);
    double d = json_number_value(v);
    if (!json_is_number(v) || d < -TOTAL_MAX || d > TOTAL_MAX || d != floor(d))
        return ERR_INPUT;
    *ret_n = (int64_t)d;
    return ERR_OK;
}

static bool of(const char *s, const char *set, size_t lo, size_t hi)
{
    size_t n = strspn(s, set);
    return !s[n] && n >= lo && n <= hi;
}

#define DIGITS   "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool invoice_barcode_ok(const char *s)
{
    return s[0] == '/' && of(s + 1, DIGITS CAPITALS "+-.", 7, 7);
}

bool invoice_love_ok(const char *s)
{
    return of(s, DIGITS, 3, 7) || (s[0] == 'X' && of(s + 1, DIGITS, 2, 6));
}

bool invoice_company_ok(const char *s)
{
    static const int weights[] = {1, 2, 1, 2, 1, 2, 4, 1};
    int sum = 0;
    if (!of(s, DIGITS, 8, 8))
        return false;
    for (size_t i = 0; i < 8; i++) {
        int product = (s[i] - '0') * weights[i];
        sum += product / 10 + product % 10;
    }
    return sum % 5 == 0 || (s[6] == '7' && (sum + 1) % 5 == 0);
}

/* ---- who it is for ---- */

static bool is(const json_t *o, const char *name, const char *value)
{
    return strcmp(invoice_text(o, name), value) == 0;
}

static bool carrier_ok(const json_t *o, struct invoice_reply *r)
{
    const char *type = invoice_text(o, "CarrierType"), *number = invoice_text(o, "CarrierNum");
    if (!*type)
        return !*number || no(r, "CarrierNum without CarrierType");
    if (strlen(type) != 1 || !strchr("12345", *type))
        return no(r, "CarrierType must be 1..5");
    if (*type == '1' && *number)
        return no(r, "CarrierNum must be empty for CarrierType 1");
    if (*type == '2' && !(of(number, DIGITS CAPITALS, 16, 16) && of(number + 2, DIGITS, 14, 14)))
        return no(r, "CarrierNum of a citizen certificate is two letters and 14 digits");
    if (*type == '3' && !invoice_barcode_ok(number))
        return no(r, "手機條碼格式錯誤 CarrierNum is no phone barcode");
    if ((*type == '4' || *type == '5') && !*number)
        return no(r, "CarrierNum is required");
    return true;
}

static bool gift_ok(const json_t *o, struct invoice_reply *r)
{
    if (!is(o, "Donation", "0") && !is(o, "Donation", "1"))
        return no(r, "Donation must be 0 or 1");
    if (is(o, "Donation", "0"))
        return true;
    if (!invoice_love_ok(invoice_text(o, "LoveCode")))
        return no(r, "LoveCode has a wrong format");
    if (invoice_text(o, "CarrierType")[0] || invoice_text(o, "CustomerIdentifier")[0] ||
        !is(o, "Print", "0"))
        return no(r, "a donation has no carrier, no company and no print");
    return true;
}

static bool company_ok(const json_t *o, struct invoice_reply *r)
{
    const char *id = invoice_text(o, "CustomerIdentifier");
    if (!*id)
        return true;
    if (!invoice_company_ok(id))
        return no(r, "統一編號檢查碼錯誤 CustomerIdentifier is wrong");
    return is(o, "Print", "1") || invoice_text(o, "CarrierType")[0] ||
           no(r, "with CustomerIdentifier it is printed, or has a carrier");
}

static bool print_ok(const json_t *o, struct invoice_reply *r)
{
    if (!is(o, "Print", "0") && !is(o, "Print", "1"))
        return no(r, "Print must be 0 or 1");
    if (is(o, "Print", "0"))
        return true;
    if (!invoice_text(o, "CustomerName")[0] || !invoice_text(o, "CustomerAddr")[0])
        return no(r, "to print, CustomerName and CustomerAddr are required");
    return !invoice_text(o, "CarrierType")[0] || no(r, "what has a carrier is not printed");
}

static bool buyer_ok(const json_t *o, struct invoice_reply *r)
{
    const char *phone = invoice_text(o, "CustomerPhone"), *mail = invoice_text(o, "CustomerEmail");
    if (!*phone && !*mail)
        return no(r, "CustomerPhone or CustomerEmail is required");
    if (*phone && !of(phone, DIGITS, 1, 20))
        return no(r, "CustomerPhone has a wrong format");
    if (*mail && (!strchr(mail, '@') || strlen(mail) > 80))
        return no(r, "CustomerEmail has a wrong format");
    if (strlen(invoice_text(o, "CustomerName")) > 240 ||
        strlen(invoice_text(o, "CustomerAddr")) > 400)
        return no(r, "CustomerName or CustomerAddr is too long");
    return print_ok(o, r) && carrier_ok(o, r) && gift_ok(o, r) && company_ok(o, r);
}

/* ---- what it is about ---- */

static bool tax_ok(const json_t *o, struct invoice_reply *r)
{
    const char *type = invoice_text(o, "TaxType");
    int64_t reason = 0;
    if (strlen(type) != 1 || !strchr("12349", *type))
        return no(r, "TaxType must be 1, 2, 3, 4 or 9");
    bool zero = *type == '2' || *type == '9';
    if (zero && (invoice_whole(o, "ZeroTaxRateReason", &reason) || reason < 71 || reason > 79))
        return no(r, "ZeroTaxRateReason must be 71..79");
    if (!is(o, "InvType", "07") && !is(o, "InvType", "08"))
        return no(r, "InvType must be 07 or 08");
    if (invoice_text(o, "vat")[0] && !is(o, "vat", "0") && !is(o, "vat", "1"))
        return no(r, "vat must be 0 or 1");
    return true;
}

static bool item_ok(const json_t *item, double *sum, struct invoice_reply *r)
{
    const char *name = invoice_text(item, "ItemName"), *word = invoice_text(item, "ItemWord");
    double count = json_number_value(json_object_get(item, "ItemCount"));
    double price = json_number_value(json_object_get(item, "ItemPrice"));
    double amount = json_number_value(json_object_get(item, "ItemAmount"));
    if (!*name || text_chars(name, strlen(name)) > 500)
        return no(r, "ItemName must be 1..500 long");
    if (!*word || text_chars(word, strlen(word)) > 6)
        return no(r, "ItemWord must be 1..6 long");
    if (!(count > 0) || !json_is_number(json_object_get(item, "ItemAmount")) ||
        !json_is_number(json_object_get(item, "ItemPrice")))
        return no(r, "ItemCount, ItemPrice and ItemAmount must be numbers");
    if (fabs(count * price - amount) >= 1)
        return no(r, "ItemAmount is not ItemCount times ItemPrice");
    *sum += amount;
    return true;
}

bool invoice_items_ok(const json_t *asked, int64_t wanted, struct invoice_reply *r)
{
    const json_t *items = json_object_get(asked, "Items");
    size_t n = json_array_size(items);
    double sum = 0;
    if (!n || n > ITEMS_MAX)
        return no(r, "Items must be 1..999");
    for (size_t i = 0; i < n; i++)
        if (!item_ok(json_array_get(items, i), &sum, r))
            return false;
    return llround(sum) == wanted || no(r, "金額合計不符 the sum of ItemAmount is another");
}

bool invoice_issue_ok(const json_t *asked, int64_t *ret_amount, struct invoice_reply *r)
{
    const char *relate = invoice_text(asked, "RelateNumber");
    if (!*relate || strlen(relate) > 50)
        return no(r, "RelateNumber must be 1..50 long");
    for (const char *p = relate; *p; p++)
        if (!strchr(DIGITS CAPITALS "abcdefghijklmnopqrstuvwxyz_-", *p))
            return no(r, "RelateNumber has a sign in it");
    if (invoice_whole(asked, "SalesAmount", ret_amount) || *ret_amount < 1)
        return no(r, "SalesAmount must be a whole number of at least 1");
    return buyer_ok(asked, r) && tax_ok(asked, r) && invoice_items_ok(asked, *ret_amount, r);
}
