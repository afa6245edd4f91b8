/* Finding trades: by their key, and by the serial that each of their numbers ends with. */
#include "sandboxd/ecpay_in.h"

#include "base/crypto.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

struct trade *trade_of(struct ecpay *e, const char *merchant_id, const char *merchant_trade_no)
{
    char key[BOOK_KEY];
    if (snprintf(key, sizeof key, "%s %s", merchant_id, merchant_trade_no) >= BOOK_KEY)
        return NULL;
    return (struct trade *)ecpay_book_find(&e->trades, key);
}

/* `digits` is up to eight of them. */
static struct trade *by_serial(struct ecpay *e, const char *digits)
{
    int64_t serial;
    if (text_i64(digits, 0, 99999999, &serial))
        return NULL;
    int64_t at = serial - e->base;
    return at >= 0 && (size_t)at < e->trades.n ? (struct trade *)e->trades.list[at] : NULL;
}

struct trade *trade_by_token(struct ecpay *e, const char *token)
{
    char digits[9];
    size_t n = strcspn(token, "-");
    if (n >= sizeof digits)
        return NULL;
    (void)snprintf(digits, sizeof digits, "%.*s", (int)n, token);
    struct trade *t = by_serial(e, digits);
    return t && crypto_same(t->token, strlen(t->token), token, strlen(token)) ? t : NULL;
}

struct trade *trade_by_gwsr(struct ecpay *e, const char *gwsr)
{
    struct trade *t = by_serial(e, gwsr);
    return t && strcmp(t->gwsr, gwsr) == 0 ? t : NULL;
}

static bool has_code(const struct trade *t, const char *code)
{
    if (!*code)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (strcmp(t->barcode[i], code) == 0)
            return true;
    return strcmp(t->account, code) == 0 || strcmp(t->payment_no, code) == 0;
}

struct trade *trade_by_ref(struct ecpay *e, const char *ref)
{
    size_t len = strlen(ref);
    struct trade *t = len > 8 ? by_serial(e, ref + len - 8) : NULL;
    if (t && has_code(t, ref))
        return t;
    for (size_t i = e->trades.n; i > 0; i--) { /* by hand only: the newest is the likeliest */
        t = (struct trade *)e->trades.list[i - 1];
        if (strcmp(trade_text(t, AIO_TRADE_NO), ref) == 0 || strcmp(t->number, ref) == 0 ||
            has_code(t, ref))
            return t;
    }
    return NULL;
}
