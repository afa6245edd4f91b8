#include "sandboxd/promptpay.h"

#include "base/buf.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* CRC-16/CCITT-FALSE over everything, its own tag and length included. */
static unsigned crc16(const char *s, size_t len)
{
    unsigned crc = 0xffff;
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned)(unsigned char)s[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1;
    }
    return crc;
}

static void tag(struct buf *b, const char *id, const char *value)
{
    buf_fmt(b, "%s%02zu%s", id, strlen(value), value);
}

static void reference(const char *ref, char out[PROMPTPAY_REF + 1])
{
    size_t n = 0;
    for (; *ref && n < PROMPTPAY_REF; ref++) {
        if (*ref >= 'a' && *ref <= 'z')
            out[n++] = (char)(*ref - 'a' + 'A');
        else if ((*ref >= '0' && *ref <= '9') || (*ref >= 'A' && *ref <= 'Z'))
            out[n++] = *ref;
    }
    out[n] = '\0';
}

void promptpay_text(int64_t satang, const char *ref, char out[PROMPTPAY_TEXT])
{
    struct buf b, inner;
    char amount[32], word[PROMPTPAY_REF + 1];
    buf_init(&b, PROMPTPAY_TEXT - 1);
    buf_init(&inner, 99);
    reference(ref, word);
    (void)snprintf(amount, sizeof amount, "%" PRId64 ".%02d", satang / 100, (int)(satang % 100));
    tag(&inner, "00", "A000000677010112"); /* domestic merchants */
    tag(&inner, "01", "000000000000000");  /* biller */
    tag(&inner, "02", word);
    tag(&b, "00", "01");
    tag(&b, "01", "12"); /* for one payment */
    tag(&b, "30", inner.data ? inner.data : "");
    tag(&b, "53", "764"); /* baht */
    tag(&b, "54", amount);
    tag(&b, "58", "TH");
    tag(&b, "59", "SANDBOX");
    buf_str(&b, "6304");
    buf_fmt(&b, "%04X", b.data ? crc16(b.data, b.len) : 0);
    (void)text_copy(out, PROMPTPAY_TEXT, b.data ? b.data : "");
    buf_done(&inner);
    buf_done(&b);
}
