/*
 * qr - QR codes: what a phone's camera reads off a screen.
 *
 * Thread: any.
 */
#pragma once
#include "base/buf.h"
#include <stddef.h>

struct qr;

enum qr_level { QR_LOW, QR_MIDDLE }; /* of error correction */

/* NULL: too long for a code, or out of memory. */
struct qr *qr_make(const char *text, enum qr_level level);
void qr_free(struct qr *q); /* NULL is fine */
/* Dark modules in a row; without the quiet zone of 4 around it. */
int qr_size(const struct qr *q);
/* Outside of it all is light. */
bool qr_dark(const struct qr *q, int x, int y);
/* An <svg> with its quiet zone, a unit for each module; dark on white. */
void qr_svg(const struct qr *q, struct buf *out);
