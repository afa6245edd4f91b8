/*
 * ecpay_mac - ECPay's forms: urlencoded fields, and the CheckMacValue over them.
 *
 * Shape:  CheckMacValue is HASH(urlencode("HashKey=K&name=value&...&HashIV=V")) in upper-case hex:
 *         fields sorted by name as PHP's strcasecmp does, the whole encoded as PHP's urlencode,
 *         lower-cased, and %21 %28 %29 %2a put back. Every field counts but CheckMacValue itself:
 *         known or not, empty or not. SHA256 for payments, MD5 for logistics.
 * Memory: what ecpay_form_read() gives lies in the arena; the rest is the caller's.
 * Thread: any; no state.
 * Source: developers.ecpay.com.tw 2902 and 38242, ECPay's SDK_PHP of 2026-05; vectors in
 *         ecpay_mac_test.c, and test/ecpay/ compares with PHP itself.
 */
#pragma once
#include "base/buf.h"
#include "base/cx.h"
#include <stddef.h>

/* Bounds of a form from outside. ECPay's largest has about 50 fields and 3 kB. */
enum { ECPAY_FORM_MAX = 256 * 1024, ECPAY_FIELDS_MAX = 512, ECPAY_MAC_TEXT = 65 };

enum ecpay_hash { ECPAY_SHA256, ECPAY_MD5 };

/* Each service (payment, logistics, invoice) has its own. Secrets: key and iv. */
struct ecpay_keys {
    const char *merchant_id;
    const char *hash_key, *hash_iv;
};

/* Both are bytes with a NUL behind; the lengths say the truth when a value has a NUL inside. */
struct ecpay_field {
    const char *name, *value;
    size_t name_len, value_len;
};
#define ECPAY_FIELD(n, v) ((struct ecpay_field){(n), (v), strlen(n), strlen(v)})

struct ecpay_form {
    struct ecpay_field *fields;
    size_t count;
};

/*
 * Decode a body once: '+' is a space, %XX a byte, any other '%' stays (as PHP has it). A piece
 * without '=' is a field with an empty value; empty pieces are left out.
 *
 * ERR_INPUT  too long, too many fields, or one name twice: nobody could say which one counts
 */
enum err ecpay_form_read(struct cx *cx, const char *body, size_t len,
                         struct ecpay_form *ret_form) NODISCARD;
/* The value of a field, compared byte by byte; NULL: there is none, or it has a NUL inside. */
const char *ecpay_form_text(const struct ecpay_form *form, const char *name);

/* PHP's urlencode: all but [A-Za-z0-9-_.] as %XX, upper-case; a space is '+'. */
void ecpay_urlencode(struct buf *out, const void *bytes, size_t len);
/* The inverse, in place; returns the new length. s[len] is written: it must be there. */
size_t ecpay_urldecode(char *s, size_t len);
/* "name=value&..." as a body. */
void ecpay_form_write(struct buf *out, const struct ecpay_field *fields, size_t count);

/* CheckMacValue of these fields; one that is called CheckMacValue is left out. ERR_NO_MEMORY */
enum err ecpay_mac(const struct ecpay_keys *keys, enum ecpay_hash hash,
                   const struct ecpay_field *fields, size_t count,
                   char out[ECPAY_MAC_TEXT]) NODISCARD;
/*
 * Does the form carry the CheckMacValue of all its fields? Compared in constant time.
 *
 * ERR_FORBIDDEN  it does not, or has none
 * ERR_NO_MEMORY
 */
enum err ecpay_mac_check(struct cx *cx, const struct ecpay_keys *keys, enum ecpay_hash hash,
                         const struct ecpay_form *form) NODISCARD;
