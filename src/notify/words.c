/* The texts of messages, chosen and filled in. */
#include "notify/words.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/money.h"
#include "notify/push.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/ustring.h>

enum { TEXT_MAX = 4096, PATTERN_MAX = 64, TIME_MAX = 96 };

extern const char *const notify_texts[]; /* made by the build, in the order of enum lang */

static const char *const keys[] = {
#define X(name, key) [WORD_##name] = (key),
    WORD_TABLE(X)
#undef X
};

static const char *texts[LANG_COUNT][WORD_COUNT];
static json_t *documents[LANG_COUNT]; /* texts point into them, for ever */
static enum err read_result;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_all(void)
{
    for (int l = 0; l < LANG_COUNT; l++) {
        documents[l] = json_loads(notify_texts[l], JSON_REJECT_DUPLICATES, NULL);
        for (int w = 0; w < WORD_COUNT; w++) {
            texts[l][w] = json_string_value(json_object_get(documents[l], keys[w]));
            if (!texts[l][w])
                read_result = ERR_INTERNAL;
        }
        if (json_object_size(documents[l]) != WORD_COUNT)
            read_result = ERR_INTERNAL;
    }
}

enum err words_init(void)
{
    return pthread_once(&once, read_all) ? ERR_INTERNAL : read_result;
}

const char *word(enum lang l, enum word w)
{
    assert((unsigned)l < LANG_COUNT && (unsigned)w < WORD_COUNT && texts[l][w]);
    return texts[l][w];
}

const char *word_key(enum word w)
{
    assert((unsigned)w < WORD_COUNT);
    return keys[w];
}

static const char *value_of(const struct mark *marks, const char *name, size_t len)
{
    for (const struct mark *m = marks; m && m->name; m++)
        if (strlen(m->name) == len && memcmp(m->name, name, len) == 0)
            return m->value ? m->value : "";
    return NULL;
}

/* What is filled in is not looked at again: a title with braces stays as it is. */
const char *word_fill(struct cx *cx, const char *text, const struct mark *marks)
{
    struct buf out;
    buf_init(&out, TEXT_MAX);
    for (const char *s = text; *s;) {
        const char *end = *s == '{' ? strchr(s, '}') : NULL;
        const char *value = end ? value_of(marks, s + 1, (size_t)(end - s - 1)) : NULL;
        if (value) {
            buf_str(&out, value);
            s = end + 1;
        } else
            buf_ch(&out, *s++);
    }
    const char *filled =
        out.failed ? NULL : arena_dup(cx->arena, out.data ? out.data : "", out.len);
    buf_done(&out);
    return filled;
}

/* ---- money and times ---- */

void money_words(int64_t amount, const char *currency, char out[MONEY_TEXT])
{
    static const char *const signs[][2] = {
        {"TWD", "NT$"}, {"THB", "฿"}, {"JPY", "¥"}, {"USD", "US$"}};
    char digits[24], grouped[40];
    int exponent = money_exponent(currency);
    uint64_t whole = amount < 0 ? (uint64_t)0 - (uint64_t)amount : (uint64_t)amount;
    const char *sign = currency;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strcmp(currency, signs[i][0]) == 0)
            sign = signs[i][1];
    unsigned cents = exponent == 2 ? (unsigned)(whole % 100) : 0;
    (void)snprintf(digits, sizeof digits, "%" PRIu64, exponent == 2 ? whole / 100 : whole);
    size_t n = strlen(digits), at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            grouped[at++] = ',';
        grouped[at++] = digits[i];
    }
    grouped[at] = '\0';
    if (exponent == 2)
        (void)snprintf(out, MONEY_TEXT, "%s%s%s.%02u", amount < 0 ? "-" : "", sign, grouped, cents);
    else
        (void)snprintf(out, MONEY_TEXT, "%s%s%s", amount < 0 ? "-" : "", sign, grouped);
}

static bool format_time(enum lang l, const char *zone, int64_t at_ms, char out[TIME_MAX])
{
    static const UChar skeleton[] = {'M', 'M', 'M', 'd', 'E', 'H', 'm', 0};
    UErrorCode status = U_ZERO_ERROR;
    UChar tz[32], pattern[PATTERN_MAX], text[TIME_MAX];
    int32_t len = 0;
    u_uastrcpy(tz, zone);
    UDateTimePatternGenerator *g = udatpg_open(lang_tag(l), &status);
    int32_t n = udatpg_getBestPattern(g, skeleton, -1, pattern, PATTERN_MAX, &status);
    UDateFormat *f =
        udat_open(UDAT_PATTERN, UDAT_PATTERN, lang_tag(l), tz, -1, pattern, n, &status);
    int32_t units = udat_format(f, (double)at_ms, text, TIME_MAX, NULL, &status);
    u_strToUTF8(out, TIME_MAX, &len, text, units, &status);
    if (f)
        udat_close(f);
    udatpg_close(g);
    return U_SUCCESS(status) && len < TIME_MAX;
}

const char *time_words(struct cx *cx, enum lang l, const char *market, int64_t at_ms)
{
    char time[TIME_MAX];
    bool th = market && strcmp(market, "TH") == 0;
    if (!format_time(l, th ? "Asia/Bangkok" : "Asia/Taipei", at_ms, time))
        return NULL;
    const struct mark marks[] = {{"time", time}, {0}};
    return word_fill(cx, word(l, th ? WORD_AT_TH : WORD_AT_TW), marks);
}

/* ---- one notice ---- */

enum { MARKS_MAX = 16 };

struct filling {
    struct cx *cx;
    const char *market;
    const json_t *args;
    struct words *w;
    struct mark marks[MARKS_MAX];
    size_t n;
    bool failed;
};

static const char *arg(const struct filling *f, const char *name)
{
    return json_string_value(json_object_get(f->args, name));
}

static void put(struct filling *f, const char *name, const char *value)
{
    assert(f->n + 1 < MARKS_MAX);
    f->marks[f->n++] = (struct mark){name, value};
}

static void put_time(struct filling *f, const char *name)
{
    const json_t *v = json_object_get(f->args, name);
    if (!json_is_integer(v))
        return;
    const char *text = time_words(f->cx, f->w->lang, f->market, json_integer_value(v));
    f->failed = f->failed || !text;
    put(f, name, text);
}

static void put_number(struct filling *f, const char *name)
{
    const json_t *v = json_object_get(f->args, name);
    if (!json_is_integer(v))
        return;
    const char *text = arena_fmt(f->cx->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    f->failed = f->failed || !text;
    put(f, name, text);
}

static void put_amount(struct filling *f)
{
    const json_t *v = json_object_get(f->args, "amount");
    const char *currency = arg(f, "currency");
    char money[MONEY_TEXT];
    if (!json_is_integer(v) || !currency)
        return;
    money_words(json_integer_value(v), currency, money);
    const char *text = arena_dup(f->cx->arena, money, strlen(money));
    f->failed = f->failed || !text;
    put(f, "amount", text);
}

static void put_all(struct filling *f)
{
    static const char *const names[] = {"title",  "shop", "no",      "code",
                                        "detail", "what", "carrier", "tracking"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(f, names[i], arg(f, names[i]));
    put_time(f, "at");
    put_time(f, "until");
    put_number(f, "minutes");
    put_number(f, "percent");
    put_amount(f);
}

struct choice {
    enum word title, body, button, why; /* WORD_COUNT: none */
};

static bool security_body(const char *what, enum word *ret)
{
    static const struct {
        const char *what;
        enum word body;
    } rows[] = {{"identity_added", WORD_SECURITY_NOTICE_BODY_IDENTITY_ADDED},
                {"identity_removed", WORD_SECURITY_NOTICE_BODY_IDENTITY_REMOVED},
                {"password", WORD_SECURITY_NOTICE_BODY_PASSWORD},
                {"email", WORD_SECURITY_NOTICE_BODY_EMAIL},
                {"new_device", WORD_SECURITY_NOTICE_BODY_NEW_DEVICE},
                {"role", WORD_SECURITY_NOTICE_BODY_ROLE}};
    for (size_t i = 0; what && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].what, what) == 0) {
            *ret = rows[i].body;
            return true;
        }
    return false;
}

/* Which texts a notice has. False: its args make no sense. */
static bool choose(const struct filling *f, struct choice *c)
{
#define ALL(kind, because)                                                       \
    (struct choice)                                                              \
    {                                                                            \
        WORD_##kind##_TITLE, WORD_##kind##_BODY, WORD_##kind##_BUTTON, (because) \
    }
    switch (f->w->kind) {
    case NOTICE_SHOW_SOON: *c = ALL(SHOW_SOON, WORD_WHY_LIST); return true;
    case NOTICE_SHOW_LIVE: *c = ALL(SHOW_LIVE, WORD_WHY_LIST); return true;
    case NOTICE_SHOW_CANCELLED: *c = ALL(SHOW_CANCELLED, WORD_WHY_LIST); return true;
    case NOTICE_ORDER_RECEIPT:
        *c = ALL(ORDER_RECEIPT, WORD_WHY_ORDER);
        if (!json_is_true(json_object_get(f->args, "paid")))
            c->body = WORD_ORDER_RECEIPT_BODY_DOOR;
        return true;
    case NOTICE_ORDER_SHIPPED:
        *c = ALL(ORDER_SHIPPED, WORD_WHY_ORDER);
        if (!arg(f, "carrier") || !arg(f, "tracking"))
            c->body = WORD_ORDER_SHIPPED_BODY_PLAIN;
        return true;
    case NOTICE_ORDER_REFUNDED: *c = ALL(ORDER_REFUNDED, WORD_WHY_ORDER); return true;
    case NOTICE_EMAIL_CODE:
        *c = (struct choice){WORD_EMAIL_CODE_TITLE, WORD_EMAIL_CODE_BODY, WORD_COUNT,
                             WORD_WHY_ACCOUNT};
        return arg(f, "code") != NULL;
    case NOTICE_PASSWORD_CODE:
        *c = (struct choice){WORD_PASSWORD_CODE_TITLE, WORD_PASSWORD_CODE_BODY, WORD_COUNT,
                             WORD_WHY_ACCOUNT};
        return arg(f, "code") != NULL;
    case NOTICE_SECURITY_NOTICE:
        *c = (struct choice){WORD_SECURITY_NOTICE_TITLE, WORD_COUNT, WORD_SECURITY_NOTICE_BUTTON,
                             WORD_WHY_ACCOUNT};
        return security_body(arg(f, "what"), &c->body);
    case NOTICE_DRAW_WON: *c = ALL(DRAW_WON, WORD_COUNT); return true;
    case NOTICE_WAITLIST_OFFER: *c = ALL(WAITLIST_OFFER, WORD_COUNT); return true;
    case NOTICE_BUDGET: *c = ALL(BUDGET, WORD_COUNT); return true;
    case NOTICE_KIND_COUNT: break;
    }
#undef ALL
    return false;
}

static const char *filled(struct filling *f, enum word w)
{
    if (w == WORD_COUNT)
        return NULL;
    const char *text = word_fill(f->cx, word(f->w->lang, w), f->marks);
    f->failed = f->failed || !text;
    return text;
}

enum err words_fill_in(struct cx *cx, enum notice_kind kind, enum lang l, const char *market,
                       const json_t *args, struct words *ret_words)
{
    struct words w = {.kind = kind, .lang = l, .args = args};
    struct filling f = {.cx = cx, .market = market, .args = args, .w = &w};
    struct choice c;
    if (!choose(&f, &c))
        return problem(cx, ERR_INPUT, "a notice lacks what it is about");
    put_all(&f);
    w.title = filled(&f, c.title);
    w.body = filled(&f, c.body);
    w.url = arg(&f, "url");
    w.stop = arg(&f, "stop");
    w.button = w.url ? filled(&f, c.button) : NULL;
    w.why = filled(&f, c.why);
    w.shop = arg(&f, "shop") ? arg(&f, "shop") : "";
    if (f.failed)
        return ERR_NO_MEMORY;
    *ret_words = w;
    return ERR_OK;
}

/* ---- push ---- */

enum err words_push(struct cx *cx, const struct words *w, const char *tag, const char **ret_json)
{
    char *text =
        json_text_of(json_pack("{s:s,s:s,s:s,s:s,s:s}", "title", w->title, "body", w->body, "url",
                               w->url ? w->url : "/", "tag", tag, "lang", lang_name(w->lang)));
    if (!text)
        return ERR_NO_MEMORY;
    bool fits = strlen(text) <= PUSH_PAYLOAD_MAX;
    const char *kept = fits ? arena_dup(cx->arena, text, strlen(text)) : NULL;
    free(text);
    if (fits && !kept)
        return ERR_NO_MEMORY;
    *ret_json = kept;
    return fits ? ERR_OK : problem(cx, ERR_INPUT, "a message is too long");
}
