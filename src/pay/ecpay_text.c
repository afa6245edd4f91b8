/* What ECPay's pages show of an order: plain text that neither it nor the wall before it refuses.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "pay/ecpay_in.h"

#include <string.h>

enum { ITEM_CHARS = 200, ITEM_BYTES = 400, DESC_CHARS = 100, DESC_BYTES = 200, TEXT_MAX = 4096 };

/* Full-width twins of '!' to '~' lie at U+FF01 and following, three bytes each. */
static void add_twin(struct buf *out, char c)
{
    unsigned code = 0xff00U + ((unsigned)(unsigned char)c - 0x20U);
    const char utf8[3] = {(char)(0xe0U | code >> 12), (char)(0x80U | (code >> 6 & 0x3fU)),
                          (char)(0x80U | (code & 0x3fU))};
    buf_add(out, utf8, sizeof utf8);
}

/* Words that the wall before ECPay takes for an attack (its error 10400011), wherever they stand.
 */
static bool is_trouble(const char *s)
{
    static const char *const words[] = {
        "curl",   "wget", "bash",   "python", "perl",  "ruby",       "echo",
        "exec",   "eval", "script", "select", "union", "insert",     "delete",
        "update", "drop", "alert",  "passwd", "cmd",   "powershell", "onerror",
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = 0;
        while (words[i][n] && (s[n] | 0x20) == words[i][n])
            n++;
        if (!words[i][n])
            return true;
    }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * `plain` has the ASCII marks that stay. Four-byte characters (emoji, rare ideographs) are left
 * out: not every system on their way knows them.
 */
static void add_clean(struct buf *out, const char *s, size_t len, const char *plain)
{
    uint32_t code;
    for (size_t i = 0, n; i < len; i += n) {
        n = text_char(s + i, len - i, &code);
        if (!n)
            return;
        if (n == 4)
            continue;
        bool stays = n > 1 || (s[i] >= '0' && s[i] <= '9') || s[i] == ' ' || strchr(plain, s[i]);
        if (is_letter(s[i]))
            stays = !is_trouble(s + i);
        if (stays)
            buf_add(out, s + i, n);
        else
            add_twin(out, s[i]);
    }
}

/* One text, tidied and cleaned, onto out. */
static enum err add_text(struct cx *cx, struct buf *out, const char *text, const char *plain)
{
    size_t len = strlen(text);
    if (!text_is_utf8(text, len))
        return ERR_OK;
    if (text_chars(text, len) > ITEM_CHARS)
        len = text_prefix(text, len, ITEM_CHARS);
    char *copy = arena_dup(cx->arena, text, len);
    if (!copy)
        return ERR_NO_MEMORY;
    len = text_tidy(copy, len);
    copy[len] = '\0';
    add_clean(out, copy, len, plain);
    return ERR_OK;
}

/* How much of it is within both limits, whole characters. */
static size_t cut(const char *s, size_t len, size_t chars, size_t bytes)
{
    uint32_t code;
    size_t at = 0;
    while (at < len && chars--) {
        size_t n = text_char(s + at, len - at, &code);
        if (!n || at + n > bytes)
            break;
        at += n;
    }
    while (at && (s[at - 1] == ' ' || s[at - 1] == '#'))
        at--; /* ECPay trims */
    return at;
}

static const char *finish(struct cx *cx, struct buf *b, enum err e, size_t chars, size_t bytes)
{
    const char *text = NULL;
    if (!e && !b->failed)
        text = arena_dup(cx->arena, b->len ? b->data : "", cut(b->data, b->len, chars, bytes));
    buf_done(b);
    return text;
}

const char *ecpay_item_name(struct cx *cx, const char *const *items, size_t count)
{
    struct buf b;
    enum err e = ERR_OK;
    buf_init(&b, TEXT_MAX);
    for (size_t i = 0; !e && i < count && b.len < ITEM_BYTES; i++) {
        size_t before = b.len;
        if (before)
            buf_ch(&b, '#');
        e = add_text(cx, &b, items[i], "-_.,:/()");
        if (!e && !b.failed && before && b.len == before + 1)
            b.len = before; /* nothing was left of it */
    }
    return finish(cx, &b, e, ITEM_CHARS, ITEM_BYTES);
}

const char *ecpay_trade_desc(struct cx *cx, const char *text)
{
    struct buf b;
    buf_init(&b, TEXT_MAX);
    enum err e = add_text(cx, &b, text, "-_.");
    return finish(cx, &b, e, DESC_CHARS, DESC_BYTES);
}
