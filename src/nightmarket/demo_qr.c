#include "nightmarket/demo_in.h"

#include <qrencode.h>
#include <stdio.h>

enum { QUIET = 2 };

static bool dark(const QRcode *qr, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < qr->width && y < qr->width;
    return inside && (qr->data[y * qr->width + x] & 1);
}

/* Two rows of the code in one row of text. Terminals are dark: what is drawn is the light. */
static void print_rows(const QRcode *qr, int y)
{
    (void)fputs("    ", stdout);
    for (int x = -QUIET; x < qr->width + QUIET; x++) {
        bool upper = !dark(qr, x, y), lower = !dark(qr, x, y + 1);
        (void)fputs(upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ", stdout);
    }
    (void)fputs("\n", stdout);
}

void demo_print_qr(const char *text)
{
    QRcode *qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    if (!qr)
        return;
    for (int y = -QUIET; y < qr->width + QUIET; y += 2)
        print_rows(qr, y);
    QRcode_free(qr);
}
