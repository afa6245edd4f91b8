#include "order/address.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/market.h"
#include "notify/mail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const delivery_names[] = {
#define X(name, text) [DELIVERY_##name] = (text),
    DELIVERY_TABLE(X)
#undef X
};
const char *const cvs_chains[] = {"711", "family", "hilife", "ok", NULL};

const char *delivery_name(enum delivery d)
{
    assert((unsigned)d < DELIVERY_COUNT);
    return delivery_names[d];
}

enum err delivery_parse(const char *text, enum delivery *ret_delivery)
{
    for (int i = 0; i < DELIVERY_COUNT; i++) {
        if (strcmp(text, delivery_names[i]) == 0) {
            *ret_delivery = (enum delivery)i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

/* ---- rules ---- */

static bool all_digits(const char *s, size_t lo, size_t hi)
{
    size_t n = strspn(s, "0123456789");
    return !s[n] && n >= lo && n <= hi;
}

static bool thai(const struct market *m)
{
    return strcmp(m->code, "TH") == 0;
}

enum err phone_tidy(const struct market *m, const char *typed, char out[PHONE_SIZE])
{
    char digits[PHONE_SIZE];
    size_t n = 0;
    const char *country = thai(m) ? "+66" : "+886";
    while (*typed == ' ')
        typed++;
    if (text_has_prefix(typed, country)) {
        typed += strlen(country);
        digits[n++] = '0';
        if (*typed == '0')
            typed++;
    }
    for (; *typed; typed++) {
        if (*typed >= '0' && *typed <= '9' && n < sizeof digits - 1)
            digits[n++] = *typed;
        else if (!strchr(" -().", *typed) || n >= sizeof digits - 1)
            return ERR_INPUT;
    }
    digits[n] = '\0';
    bool ok = thai(m) ? digits[0] == '0' &&
                            (n == 10 ? digits[1] == '6' || digits[1] == '8' || digits[1] == '9'
                                     : n == 9 && digits[1] >= '2' && digits[1] <= '7')
                      : n == 10 && digits[0] == '0' && digits[1] == '9';
    if (!ok)
        return ERR_INPUT;
    memcpy(out, digits, n + 1);
    return ERR_OK;
}

bool tax_id_ok(const char *digits)
{
    static const int weight[8] = {1, 2, 1, 2, 1, 2, 4, 1};
    int sum = 0;
    if (!all_digits(digits, 8, 8))
        return false;
    for (int i = 0; i < 8; i++) {
        int p = (digits[i] - '0') * weight[i];
        sum += p / 10 + p % 10;
    }
    /* A 7 in the seventh place gives 28: 2 + 8 = 10, which may count as 1 or as 0. */
    return sum % 5 == 0 || (digits[6] == '7' && (sum + 1) % 5 == 0);
}

bool carrier_ok(const char *barcode)
{
    return barcode[0] == '/' && strlen(barcode) == 8 &&
           strspn(barcode + 1, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.+-") == 7;
}

bool love_code_ok(const char *digits)
{
    return all_digits(digits, 3, 7);
}

/* ---- objects ---- */

/* One object being checked: `what` names it in problems, `out` is what is stored. */
struct form {
    struct cx *cx;
    const char *what;
    const json_t *in;
    json_t *out;
};

static enum err bad(struct form *f, const char *name, const char *why)
{
    return problem(f->cx, ERR_INPUT, "'%s.%s' %s", f->what, name, why);
}

/* Text of lo..hi characters, tidied; lo 0: may be missing (then *ret is ""). */
static enum err take_text(struct form *f, const char *name, size_t lo, size_t hi, const char **ret)
{
    const json_t *v = json_object_get(f->in, name);
    const char *typed = json_string_value(v);
    *ret = "";
    if (v && !typed && !json_is_null(v))
        return bad(f, name, "must be text");
    if (!typed)
        return lo ? bad(f, name, "is missing") : ERR_OK;
    size_t len = json_string_length(v);
    if (len > hi * 8 || strlen(typed) != len)
        return bad(f, name, "is too long");
    char *text = arena_dup(f->cx->arena, typed, len);
    if (!text)
        return ERR_NO_MEMORY;
    len = text_tidy(text, len);
    text[len] = '\0';
    size_t n = text_chars(text, len);
    if (n < lo || n > hi)
        return bad(f, name, !n ? "is missing" : n < lo ? "is too short" : "is too long");
    *ret = text;
    return ERR_OK;
}

static enum err put(struct form *f, const char *name, const char *value)
{
    return json_object_set_new(f->out, name, json_string(value)) ? ERR_NO_MEMORY : ERR_OK;
}

static enum err copy_text(struct form *f, const char *name, size_t lo, size_t hi)
{
    const char *text;
    enum err e = take_text(f, name, lo, hi, &text);
    if (!e && *text)
        e = put(f, name, text);
    return e;
}

static enum err copy_phone(struct form *f, const struct market *m)
{
    const char *typed;
    char phone[PHONE_SIZE];
    enum err e = take_text(f, "phone", 1, 24, &typed);
    if (!e && phone_tidy(m, typed, phone))
        e = bad(f, "phone", thai(m) ? "must be a Thai number" : "must be 09 and 8 more digits");
    return e ? e : put(f, "phone", phone);
}

static enum err copy_digits(struct form *f, const char *name, size_t lo, size_t hi, const char *why)
{
    const char *text;
    enum err e = take_text(f, name, 1, 24, &text);
    if (!e && !all_digits(text, lo, hi))
        e = bad(f, name, why);
    return e ? e : put(f, name, text);
}

static enum err copy_home(struct form *f, const struct market *m)
{
    enum err e = thai(m) ? copy_digits(f, "postcode", 5, 5, "must be 5 digits")
                         : copy_digits(f, "postcode", 3, 6, "must be 3, 5 or 6 digits");
    if (!e)
        e = copy_text(f, "city", 1, 40);
    if (!e)
        e = copy_text(f, "district", 1, 40);
    if (!e)
        e = copy_text(f, "subdistrict", thai(m) ? 1 : 0, 40);
    return e ? e : copy_text(f, "line", 3, 120);
}

/* Chosen on the chain's map, or typed where a shop has none. */
static enum err copy_store(struct form *f)
{
    const char *chain;
    enum err e = take_text(f, "chain", 1, 10, &chain);
    size_t i = 0;
    while (!e && cvs_chains[i] && strcmp(cvs_chains[i], chain) != 0)
        i++;
    if (!e && !cvs_chains[i])
        e = bad(f, "chain", "is not a chain we send to");
    if (!e)
        e = put(f, "chain", chain);
    if (!e)
        e = copy_digits(f, "store_id", 4, 6, "must be the store's 4 to 6 digits");
    if (!e)
        e = copy_text(f, "store_name", 1, 40);
    return e ? e : copy_text(f, "store_address", 0, 80);
}

/* Where the receipt goes; a phone's keyboard may leave spaces around it. */
static enum err copy_email(struct form *f)
{
    const char *text;
    enum err e = take_text(f, "email", 0, MAIL_ADDRESS_MAX, &text);
    if (e || !*text)
        return e;
    return mail_address_ok(text) ? put(f, "email", text)
                                 : bad(f, "email", "must be an e-mail address");
}

/* Ends a form: the object as sorted text in the arena. */
static enum err finish(struct form *f, enum err e, const char **ret_text)
{
    char *text = e ? NULL : json_dumps(f->out, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(f->out);
    if (e)
        return e;
    *ret_text = text ? arena_dup(f->cx->arena, text, strlen(text)) : NULL;
    free(text);
    return *ret_text ? ERR_OK : ERR_NO_MEMORY;
}

enum err address_check(struct cx *cx, const struct market *m, enum delivery d, const json_t *in,
                       const char **ret_text)
{
    struct form f = {cx, "address", in, NULL};
    const char *text = NULL;
    if (!json_is_object(in))
        return problem(cx, ERR_INPUT, "'address' is missing");
    f.out = json_object();
    enum err e = f.out ? put(&f, "kind", delivery_name(d)) : ERR_NO_MEMORY;
    if (!e)
        e = copy_text(&f, "name", d == DELIVERY_CVS ? 2 : 1, d == DELIVERY_CVS ? 10 : 60);
    if (!e)
        e = copy_phone(&f, m);
    if (!e)
        e = d == DELIVERY_CVS ? copy_store(&f) : copy_home(&f, m);
    if (!e)
        e = copy_email(&f);
    e = finish(&f, e, &text);
    if (!e)
        *ret_text = text;
    return e;
}

static enum err copy_invoice(struct form *f)
{
    const char *kind, *text;
    enum err e = take_text(f, "kind", 1, 10, &kind);
    if (e)
        return e;
    if (strcmp(kind, "mobile") == 0) {
        e = take_text(f, "carrier", 1, 20, &text);
        if (!e && !carrier_ok(text))
            e = bad(f, "carrier", "must be / and 7 more characters");
        e = e ? e : put(f, "carrier", text);
    } else if (strcmp(kind, "donate") == 0) {
        e = copy_digits(f, "love_code", 3, 7, "must be 3 to 7 digits");
    } else if (strcmp(kind, "company") == 0) {
        e = take_text(f, "tax_id", 1, 20, &text);
        if (!e && !tax_id_ok(text))
            e = bad(f, "tax_id", "is not a company number");
        e = e ? e : put(f, "tax_id", text);
        e = e ? e : copy_text(f, "title", 1, 60);
    } else if (strcmp(kind, "member") != 0) {
        e = bad(f, "kind", "must be member, mobile, donate or company");
    }
    e = e ? e : put(f, "kind", kind);
    return e ? e : copy_text(f, "email", 0, 120);
}

bool invoice_wanted(const struct market *m)
{
    return !thai(m);
}

enum err invoice_check(struct cx *cx, const struct market *m, const json_t *in,
                       const char **ret_text)
{
    struct form f = {cx, "invoice", in, NULL};
    const char *text = NULL;
    if (thai(m)) {
        *ret_text = NULL;
        return ERR_OK;
    }
    if (!json_is_object(in))
        return problem(cx, ERR_INPUT, "'invoice' is missing");
    f.out = json_object();
    enum err e = finish(&f, f.out ? copy_invoice(&f) : ERR_NO_MEMORY, &text);
    if (!e)
        *ret_text = text;
    return e;
}
