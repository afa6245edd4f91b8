/* The words, pages and messages of ECPay's logistics. */
#include "pay/ecpay_logistics.h"
#include "base/arena.h"
#include "base/text.h"
#include "pay/ecpay_logistics_in.h"

#include <string.h>

enum { PERSON_MIN = 4, PERSON_MAX = 10, GOODS_MAX = 50, STORE_CHARS = 40, ADDRESS_CHARS = 80 };

/* ---- words ---- */

static const struct {
    const char *ours, *theirs, *b2c, *c2c;
} chains[] = {{"711", "UNIMART", "UNIMART", "UNIMARTC2C"},
              {"family", "FAMI", "FAMI", "FAMIC2C"},
              {"hilife", "HILIFE", "HILIFE", "HILIFEC2C"},
              {"ok", "OKMART", NULL, "OKMARTC2C"}};
enum { CHAINS = sizeof chains / sizeof chains[0] };

const char *ecpay_chain(const char *word)
{
    for (size_t i = 0; i < CHAINS; i++)
        if (strcmp(word, chains[i].ours) == 0 || text_same_nocase(word, chains[i].theirs) ||
            text_same_nocase(word, chains[i].c2c))
            return chains[i].ours;
    return NULL;
}

const char *ecpay_sub_type(const char *chain, bool c2c)
{
    for (size_t i = 0; i < CHAINS; i++)
        if (strcmp(chain, chains[i].ours) == 0)
            return c2c ? chains[i].c2c : chains[i].b2c;
    return NULL;
}

/*
 * ECPay's table, where it tells of a parcel's way to the buyer. Not 4001 (the buyer hands in what
 * goes back) nor 2031, 7013, 7014 (it waits for the seller): those look alike.
 */
enum ecpay_way ecpay_way_of(int64_t code)
{
    switch (code) {
    case 2030: /* taken in by the carrier's centre */
    case 3024:
    case 2041: /* sorted there */
    case 2068: /* handed in at a store by the seller */
    case 3032: return WAY_SHIPPED;
    case 2063:
    case 2073:
    case 2098: /* once more */
    case 3018:
    case 3029: return WAY_AT_STORE;
    case 2067:
    case 3022: return WAY_COLLECTED;
    case 2046: /* not fetched, and back at the centre */
    case 2065:
    case 2074:
    case 2076:
    case 2078:
    case 3020:
    case 3025: return WAY_RETURNED;
    case 2037:
    case 2104:
    case 7011:
    case 7101: return WAY_CLOSED;
    default: return WAY_NONE;
    }
}

/* Chinese and full-width characters count twice. */
static size_t units_of(uint32_t ch)
{
    return ch < 0x80 ? 1 : 2;
}

static bool is_letter(uint32_t ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/* Anything of a script: no ASCII signs, no punctuation or symbols of other blocks. */
static bool in_name(uint32_t ch)
{
    if (ch < 0x80)
        return is_letter(ch) || ch == ' ';
    bool sign = (ch < 0xc0) || (ch >= 0x2000 && ch <= 0x2bff) || (ch >= 0x3000 && ch <= 0x3004) ||
                (ch >= 0x3008 && ch <= 0x3020) || (ch >= 0xe000 && ch <= 0xf8ff) ||
                (ch >= 0xfe00 && ch <= 0xffff) || ch > 0x3ffff;
    return !sign && !(ch >= 0x1f000 && ch <= 0x1faff);
}

static bool in_goods(uint32_t ch)
{
    return ch >= 0x20 && ch != 0x7f && (ch >= 0x80 || !strchr("^'`!@#%&*+\\\"<>|_[]", (int)ch)) &&
           !(ch >= 0xe000 && ch <= 0xf8ff) && ch <= 0xffff;
}

/* What `keep` keeps of text, at most `max` units and size - 1 bytes; its units. */
static size_t filter(const char *text, bool (*keep)(uint32_t ch), size_t max, char *out,
                     size_t size)
{
    size_t len = strlen(text), units = 0, n = 0, step;
    uint32_t ch;
    for (; (step = text_char(text, len, &ch)) > 0; text += step, len -= step) {
        if (!keep(ch) || (ch == ' ' && (!n || out[n - 1] == ' ')))
            continue;
        if (units + units_of(ch) > max || n + step >= size)
            break;
        memcpy(out + n, text, step);
        n += step;
        units += units_of(ch);
    }
    while (n && out[n - 1] == ' ') {
        n--;
        units--;
    }
    out[n] = '\0';
    return units;
}

enum err ecpay_person(const char *name, char out[ECPAY_NAME])
{
    return filter(name, in_name, PERSON_MAX, out, ECPAY_NAME) < PERSON_MIN ? ERR_INPUT : ERR_OK;
}

void ecpay_goods(const char *text, char out[ECPAY_GOODS])
{
    if (!filter(text, in_goods, GOODS_MAX, out, ECPAY_GOODS))
        (void)text_copy(out, ECPAY_GOODS, "商品");
}

/* ---- the map ---- */

enum err ecpay_map_page(struct cx *cx, const struct ecpay_service *s,
                        const struct ecpay_map_ask *ask, struct ecpay_page *ret_page)
{
    struct ecpay_page p = {.action = arena_fmt(cx->arena, "%s/Express/map", s->base_url)};
    if (!p.action)
        return ERR_NO_MEMORY;
    p.fields[p.count++] = ECPAY_FIELD("MerchantID", s->keys.merchant_id);
    p.fields[p.count++] = ECPAY_FIELD("MerchantTradeNo", ask->trade_no);
    p.fields[p.count++] = ECPAY_FIELD("LogisticsType", "CVS");
    p.fields[p.count++] = ECPAY_FIELD("LogisticsSubType", ask->sub_type);
    p.fields[p.count++] = ECPAY_FIELD("IsCollection", ask->collect ? "Y" : "N");
    p.fields[p.count++] = ECPAY_FIELD("ServerReplyURL", ask->reply_url);
    p.fields[p.count++] = ECPAY_FIELD("ExtraData", ask->key);
    p.fields[p.count++] = ECPAY_FIELD("Device", ask->phone ? "1" : "0");
    *ret_page = p;
    return ERR_OK;
}

static const char *field(const struct ecpay_form *f, const char *name)
{
    const char *v = ecpay_form_text(f, name);
    return v ? v : "";
}

static bool digits(const char *s, size_t lo, size_t hi)
{
    size_t n = strspn(s, "0123456789");
    return s[n] == '\0' && n >= lo && n <= hi;
}

static bool key_ok(const char *key)
{
    size_t n = strspn(key, "0123456789abcdefghijklmnopqrstuvwxyz");
    return n == ECPAY_TRADE_NO && key[n] == '\0';
}

/* Beyond that it is somebody's joke, not a store's. */
static enum err store_text(struct cx *cx, const char *typed, size_t lo, size_t hi,
                           const char **ret_text)
{
    const char *text = strlen(typed) <= hi * 4 ? ecpay_plain(cx, typed, hi + 1) : "";
    if (!text)
        return ERR_NO_MEMORY;
    size_t n = text_chars(text, strlen(text));
    *ret_text = text;
    return n < lo || n > hi ? ERR_INPUT : ERR_OK;
}

enum err ecpay_map_read(struct cx *cx, const char *body, size_t len, struct ecpay_store *ret_store)
{
    struct ecpay_form f;
    struct ecpay_store s = {.key = NULL};
    if (ecpay_form_read(cx, body, len, &f))
        return problem(cx, ERR_INPUT, "not the map's answer");
    s.key = field(&f, "ExtraData");
    s.id = field(&f, "CVSStoreID");
    s.sub_type = field(&f, "LogisticsSubType");
    enum err e = store_text(cx, field(&f, "CVSStoreName"), 1, STORE_CHARS, &s.name);
    if (!e)
        e = store_text(cx, field(&f, "CVSAddress"), 0, ADDRESS_CHARS, &s.address);
    if (!e && (!key_ok(s.key) || !digits(s.id, 4, 6) || strlen(s.sub_type) > 20))
        e = ERR_INPUT;
    if (e)
        return e == ERR_INPUT ? problem(cx, e, "not a store") : e;
    *ret_store = s;
    return ERR_OK;
}

/* ---- notices ---- */

enum err parcel_notice_read(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                            size_t len, struct parcel_notice *ret_notice)
{
    struct ecpay_form f;
    struct parcel_notice n;
    enum err e = ecpay_form_read(cx, body, len, &f);
    if (!e)
        e = ecpay_mac_check(cx, keys, ECPAY_MD5, &f);
    if (e)
        return e == ERR_NO_MEMORY ? e : problem(cx, ERR_FORBIDDEN, "CheckMacValue Error");
    n.provider_id = field(&f, "AllPayLogisticsID");
    n.trade_no = field(&f, "MerchantTradeNo");
    n.payment_no = field(&f, "CVSPaymentNo");
    n.validation_no = field(&f, "CVSValidationNo");
    n.at = field(&f, "UpdateStatusDate");
    n.text = ecpay_plain(cx, field(&f, "RtnMsg"), STORE_CHARS);
    if (!n.text)
        return ERR_NO_MEMORY;
    if (strcmp(field(&f, "MerchantID"), keys->merchant_id) != 0)
        return problem(cx, ERR_INPUT, "the notice is of another merchant");
    if (!ecpay_id_ok(n.provider_id, true) || !ecpay_id_ok(n.trade_no, false) ||
        !ecpay_id_ok(n.payment_no, false) || !ecpay_id_ok(n.validation_no, false) ||
        strspn(n.at, "0123456789/: -") != strlen(n.at) || strlen(n.at) > 30 ||
        text_i64(field(&f, "RtnCode"), 0, 999999999, &n.code))
        return problem(cx, ERR_INPUT, "the notice cannot be read");
    *ret_notice = n;
    return ERR_OK;
}
