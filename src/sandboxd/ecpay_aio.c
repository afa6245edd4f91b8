#include "sandboxd/ecpay_aio.h"

#include "base/text.h"
#include "sandboxd/ecpay_clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum kind { KIND_DIGITS, KIND_ALNUM, KIND_DATE, KIND_TEXT, KIND_URL, KIND_FLAG };

static const struct field {
    const char *name;
    size_t max;
    enum kind kind;
    bool need;
} fields[] = {
#define X(id, text, max, kind, need) {text, max, KIND_##kind, need},
    AIO_TABLE(X)
#undef X
};

static const struct {
    const char *name;
    int64_t lo, hi;
} methods[] = {
#define X(id, text, lo, hi) {text, lo, hi},
    METHOD_TABLE(X)
#undef X
};

const char *aio_name(enum aio_field f)
{
    return fields[f].name;
}

const char *method_name(enum method m)
{
    return methods[m].name;
}

enum err method_of(const char *name, enum method *ret_method)
{
    for (unsigned m = 0; m < METHODS; m++)
        if (strcmp(name, methods[m].name) == 0) {
            *ret_method = (enum method)m;
            return ERR_OK;
        }
    return ERR_NOT_FOUND;
}

bool method_takes(enum method m, int64_t amount)
{
    return amount >= methods[m].lo && amount <= methods[m].hi;
}

__attribute__((format(printf, 3, 4))) static bool refuse(struct aio_refusal *r, enum aio_code code,
                                                         const char *why, ...)
{
    va_list args;
    r->code = code;
    va_start(args, why);
    (void)vsnprintf(r->why, sizeof r->why, why, args);
    va_end(args);
    return false;
}

/* ---- one field alone ---- */

static bool all_of(const char *s, bool letters)
{
    for (; *s; s++) {
        bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');
        if (!(*s >= '0' && *s <= '9') && !(letters && letter))
            return false;
    }
    return true;
}

/* ECPay's page 7400: no user, no separators of a shell, a host of ASCII. */
static bool url_ok(const char *s)
{
    if (!text_has_prefix(s, "http://") && !text_has_prefix(s, "https://"))
        return false;
    const char *host = strstr(s, "://") + 3;
    size_t host_len = strcspn(host, "/?#");
    for (const char *p = s; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || strchr(";|`<>\"\\", *p))
            return false;
    return host_len > 0 && !memchr(host, '@', host_len);
}

static bool kind_ok(enum kind kind, const char *s)
{
    int64_t ms;
    switch (kind) {
    case KIND_DIGITS: return all_of(s, false);
    case KIND_ALNUM: return all_of(s, true);
    case KIND_DATE: return taipei_parse(s, &ms) == ERR_OK;
    case KIND_URL: return url_ok(s);
    case KIND_FLAG: return strcmp(s, "Y") == 0 || strcmp(s, "N") == 0;
    case KIND_TEXT: break;
    }
    for (; *s; s++)
        if ((unsigned char)*s < ' ' && *s != '\t' && *s != '\n' && *s != '\r')
            return false;
    return true;
}

static bool has_tag(const char *s)
{
    for (; (s = strchr(s, '<')); s++)
        if ((s[1] >= 'a' && s[1] <= 'z') || (s[1] >= 'A' && s[1] <= 'Z') || s[1] == '/' ||
            s[1] == '!')
            return true;
    return false;
}

static bool field_ok(enum aio_field f, const char *s, struct aio_refusal *ret)
{
    const struct field *rule = &fields[f];
    size_t len = s ? strlen(s) : 0;
    if (!len && rule->need)
        return refuse(ret, AIO_BAD_FIELD, "%s is required", rule->name);
    if (!len)
        return true;
    if (!text_is_utf8(s, len))
        return refuse(ret, AIO_BAD_FIELD, "%s is not UTF-8", rule->name);
    if (text_chars(s, len) > rule->max)
        return refuse(ret, AIO_BAD_FIELD, "%s is longer than %zu", rule->name, rule->max);
    if (!kind_ok(rule->kind, s))
        return refuse(ret, AIO_BAD_FIELD, "%s has a wrong format", rule->name);
    if (has_tag(s) || strstr(s, "%3C") || strstr(s, "%3c") || strstr(s, "%26"))
        return refuse(ret, AIO_BAD_FIELD, "%s has HTML in it", rule->name);
    return true;
}

/* ---- what depends on several ---- */

static int64_t number(const struct aio_ask *a, enum aio_field f, int64_t absent)
{
    int64_t n;
    const char *s = a->field[f];
    return s && *s && !text_i64(s, 0, INT32_MAX, &n) ? n : absent;
}

static bool is(const struct aio_ask *a, enum aio_field f, const char *value)
{
    return a->field[f] && strcmp(a->field[f], value) == 0;
}

static bool given(const struct aio_ask *a, enum aio_field f)
{
    return a->field[f] && a->field[f][0];
}

static bool word_in(const char *text, const char *word, const char *separators)
{
    while (*text) {
        size_t n = strcspn(text, separators);
        char one[24];
        (void)snprintf(one, sizeof one, "%.*s", (int)(n < 20 ? n : 20), text);
        if (n == strlen(word) && text_same_nocase(one, word))
            return true;
        text += n;
        text += strspn(text, separators);
    }
    return false;
}

static bool wall_ok(const struct aio_ask *a, struct aio_refusal *ret)
{
    static const char *const words[] = {"curl", "wget", "bash", "python", "echo"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word_in(a->field[AIO_ITEM], words[i], " \t\r\n#,.;:()[]+-/") ||
            word_in(a->field[AIO_DESC], words[i], " \t\r\n#,.;:()[]+-/"))
            return refuse(ret, AIO_WAF, "a text has the word '%s' in it", words[i]);
    return true;
}

static bool fixed_ok(const struct aio_ask *a, struct aio_refusal *ret)
{
    static const char *const languages[] = {"ENG", "KOR", "JPN", "CHI"};
    bool known = !given(a, AIO_LANGUAGE);
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        known = known || is(a, AIO_LANGUAGE, languages[i]);
    if (!known)
        return refuse(ret, AIO_BAD_FIELD, "Language is unknown");
    if (!is(a, AIO_PAYMENT_TYPE, "aio"))
        return refuse(ret, AIO_BAD_FIELD, "PaymentType must be aio");
    if (!is(a, AIO_ENCRYPT, "1"))
        return refuse(ret, AIO_BAD_FIELD, "EncryptType must be 1");
    if (given(a, AIO_RESULT_URL) && is(a, AIO_RESULT_URL, a->field[AIO_RETURN_URL]))
        return refuse(ret, AIO_BAD_FIELD, "ReturnURL and OrderResultURL must not be the same");
    if (given(a, AIO_PERIOD_AMOUNT))
        return refuse(ret, AIO_BAD_FIELD, "recurring payments are not part of this sandbox");
    return true;
}

static bool range_ok(const struct aio_ask *a, enum aio_field f, int64_t hi, struct aio_refusal *ret)
{
    int64_t n = number(a, f, 1);
    if (n < 1 || n > hi)
        return refuse(ret, AIO_BAD_FIELD, "%s must be 1..%d", fields[f].name, (int)hi);
    return true;
}

/* StoreExpireDate: minutes for a store's code, days for a barcode. */
static bool expiry_ok(struct aio_ask *a, struct aio_refusal *ret)
{
    if (!range_ok(a, AIO_EXPIRE, 60, ret) ||
        !range_ok(a, AIO_STORE_EXPIRE, a->method == METHOD_BARCODE ? 30 : 43200, ret))
        return false;
    a->code_days = number(a, AIO_EXPIRE, 3);
    a->store_minutes = number(a, AIO_STORE_EXPIRE, 10080);
    a->barcode_days = number(a, AIO_STORE_EXPIRE, 7);
    if (a->barcode_days > 30)
        a->barcode_days = 7;
    return true;
}

static bool terms_ok(struct aio_ask *a, struct aio_refusal *ret)
{
    static const int known[] = {3, 6, 12, 18, 24, 30};
    static const char *const names[] = {"3", "6", "12", "18", "24", "30N"};
    const char *s = a->field[AIO_TERMS];
    size_t n = 0;
    if (!given(a, AIO_TERMS))
        return true;
    if (a->method != METHOD_CREDIT && a->method != METHOD_ALL)
        return refuse(ret, AIO_BAD_FIELD, "CreditInstallment is for Credit");
    if (is(a, AIO_REDEEM, "Y"))
        return refuse(ret, AIO_BAD_FIELD, "CreditInstallment and Redeem exclude each other");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (word_in(s, names[i], ","))
            a->terms[n++] = known[i];
    size_t words = 1;
    for (; *s; s++)
        words += *s == ',';
    if (n != words)
        return refuse(ret, AIO_BAD_FIELD, "CreditInstallment must be of 3,6,12,18,24 or 30N");
    return true;
}

static bool methods_ok(struct aio_ask *a, struct aio_refusal *ret)
{
    size_t n = 0;
    if (method_of(a->field[AIO_CHOOSE], &a->method))
        return refuse(ret, AIO_NO_METHOD, "ChoosePayment '%.20s' is not switched on",
                      a->field[AIO_CHOOSE]);
    for (unsigned m = METHOD_ALL + 1; m < METHODS; m++) {
        bool wanted =
            a->method == METHOD_ALL
                ? !given(a, AIO_IGNORE) || !word_in(a->field[AIO_IGNORE], methods[m].name, "#")
                : a->method == (enum method)m;
        a->methods[m] = wanted && method_takes((enum method)m, a->amount);
        n += a->methods[m];
    }
    if (!n)
        return refuse(ret, AIO_NO_METHOD, "nothing to pay this amount with");
    return true;
}

bool aio_check(struct aio_ask *ask, struct aio_refusal *ret)
{
    for (unsigned f = 0; f < AIO_FIELDS; f++)
        if (!field_ok((enum aio_field)f, ask->field[f], ret))
            return false;
    ask->amount = number(ask, AIO_TOTAL, 0);
    if (ask->amount < 1)
        return refuse(ret, AIO_BAD_FIELD, "TotalAmount must be at least 1");
    return fixed_ok(ask, ret) && wall_ok(ask, ret) && methods_ok(ask, ret) && expiry_ok(ask, ret) &&
           terms_ok(ask, ret);
}
