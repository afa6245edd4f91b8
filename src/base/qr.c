#include "base/qr.h"

#include <qrencode.h>
#include <stdlib.h>

enum { QUIET = 4 };

struct qr {
    QRcode *code;
};

struct qr *qr_make(const char *text, enum qr_level level)
{
    struct qr *q = calloc(1, sizeof *q);
    if (q)
        q->code =
            QRcode_encodeString8bit(text, 0, level == QR_MIDDLE ? QR_ECLEVEL_M : QR_ECLEVEL_L);
    if (q && !q->code) {
        free(q);
        return NULL;
    }
    return q;
}

void qr_free(struct qr *q)
{
    if (q)
        QRcode_free(q->code);
    free(q);
}

int qr_size(const struct qr *q)
{
    return q->code->width;
}

bool qr_dark(const struct qr *q, int x, int y)
{
    int n = q->code->width;
    bool inside = x >= 0 && y >= 0 && x < n && y < n;
    return inside && (q->code->data[y * n + x] & 1);
}

void qr_svg(const struct qr *q, struct buf *out)
{
    int n = q->code->width, whole = n + 2 * QUIET;
    buf_fmt(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\" shape-rendering=\"crispEdges\"><rect width=\"%d\" height=\"%d\" "
            "fill=\"#fff\"/><path d=\"",
            whole, whole, 8 * whole, 8 * whole, whole, whole);
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++)
            if (qr_dark(q, x, y))
                buf_fmt(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
    buf_str(out, "\"/></svg>\n");
}
