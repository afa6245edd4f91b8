#include "base/qr.h"
#include "nightmarket/demo_in.h"

#include <stdio.h>

enum { QUIET = 2 };

/* Two rows of the code in one row of text. Terminals are dark: what is drawn is the light. */
static void print_rows(const struct qr *q, int y)
{
    (void)fputs("    ", stdout);
    for (int x = -QUIET; x < qr_size(q) + QUIET; x++) {
        bool upper = !qr_dark(q, x, y), lower = !qr_dark(q, x, y + 1);
        (void)fputs(upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ", stdout);
    }
    (void)fputs("\n", stdout);
}

void demo_print_qr(const char *text)
{
    struct qr *q = qr_make(text, QR_LOW);
    if (!q)
        return;
    for (int y = -QUIET; y < qr_size(q) + QUIET; y += 2)
        print_rows(q, y);
    qr_free(q);
}
