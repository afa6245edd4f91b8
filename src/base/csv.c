#include "base/csv.h"
#include "base/money.h"

#include <inttypes.h>
#include <string.h>

void csv_begin(struct buf *b)
{
    buf_str(b, "\xEF\xBB\xBF");
}

static void comma(struct buf *b)
{
    bool first = !b->len || b->data[b->len - 1] == '\n' || (b->len == 3 && b->data[0] == '\xEF');
    if (!first)
        buf_ch(b, ',');
}

/* Excel in Chinese, Japanese or Korean reads the wide signs as the plain ones. */
static bool is_formula(const char *s)
{
    static const char *const wide[] = {"＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (strncmp(s, wide[i], strlen(wide[i])) == 0)
            return true;
    return *s && strchr("=+-@\t\r", *s);
}

void csv_cell(struct buf *b, const char *text)
{
    const char *s = text ? text : "";
    buf_str(b, is_formula(s) ? "\"'" : "\"");
    for (; *s; s++) {
        if (*s == '"')
            buf_ch(b, '"');
        buf_ch(b, *s);
    }
    buf_ch(b, '"');
}

void csv_text(struct buf *b, const char *text)
{
    comma(b);
    csv_cell(b, text);
}

void csv_i64(struct buf *b, int64_t n)
{
    comma(b);
    buf_fmt(b, "%" PRId64, n);
}

void csv_money(struct buf *b, int64_t amount, const char *currency)
{
    comma(b);
    if (money_exponent(currency) == 2)
        buf_fmt(b, "%s%" PRId64 ".%02" PRId64, amount < 0 ? "-" : "",
                amount < 0 ? -amount / 100 : amount / 100,
                amount < 0 ? -amount % 100 : amount % 100);
    else
        buf_fmt(b, "%" PRId64, amount);
}

void csv_row_end(struct buf *b)
{
    buf_str(b, "\r\n");
}
