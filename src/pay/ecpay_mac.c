#include "pay/ecpay_mac.h"
#include "base/arena.h"
#include "base/crypto.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { PLAIN_MAX = 2 * ECPAY_FORM_MAX, MD5_LEN = 16 };

static const char mac_name[] = "CheckMacValue";

/* ---- urlencoding ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

size_t ecpay_urldecode(char *s, size_t len)
{
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        int hi = s[i] == '%' && len - i > 2 ? hex_digit(s[i + 1]) : -1;
        int lo = hi >= 0 ? hex_digit(s[i + 2]) : -1;
        if (lo >= 0) {
            s[out++] = (char)(hi * 16 + lo);
            i += 2;
        } else {
            if (s[i] == '+')
                s[i] = ' ';
            s[out++] = s[i];
        }
    }
    s[out] = '\0';
    return out;
}

static bool stays(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

void ecpay_urlencode(struct buf *out, const void *bytes, size_t len)
{
    static const char digit[] = "0123456789ABCDEF";
    const unsigned char *s = bytes;
    for (size_t i = 0; i < len; i++) {
        const char escaped[3] = {'%', digit[s[i] >> 4], digit[s[i] & 15]};
        if (stays(s[i]))
            buf_ch(out, (char)s[i]);
        else if (s[i] == ' ')
            buf_ch(out, '+');
        else
            buf_add(out, escaped, sizeof escaped);
    }
}

void ecpay_form_write(struct buf *out, const struct ecpay_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_ch(out, '&');
        ecpay_urlencode(out, fields[i].name, fields[i].name_len);
        buf_ch(out, '=');
        ecpay_urlencode(out, fields[i].value, fields[i].value_len);
    }
}

/* ---- reading a form ---- */

static bool is_named(const struct ecpay_field *f, const char *name, size_t len)
{
    return f->name_len == len && memcmp(f->name, name, len) == 0;
}

/* A piece "name=value", decoded where it lies. */
static void read_piece(char *piece, size_t len, struct ecpay_field *f)
{
    char *eq = memchr(piece, '=', len);
    size_t name_len = eq ? (size_t)(eq - piece) : len;
    char *value = piece + len; /* the NUL behind the piece */
    size_t value_len = 0;
    if (eq) {
        value = eq + 1;
        value_len = ecpay_urldecode(value, len - name_len - 1);
    }
    name_len = ecpay_urldecode(piece, name_len);
    *f = (struct ecpay_field){piece, value, name_len, value_len};
}

static bool twice(const struct ecpay_form *form, const struct ecpay_field *f)
{
    for (size_t i = 0; i < form->count; i++)
        if (is_named(&form->fields[i], f->name, f->name_len))
            return true;
    return false;
}

static size_t count_pieces(const char *body, size_t len)
{
    size_t n = 1;
    for (size_t i = 0; i < len; i++)
        n += body[i] == '&';
    return n;
}

enum err ecpay_form_read(struct cx *cx, const char *body, size_t len, struct ecpay_form *ret_form)
{
    if (len > ECPAY_FORM_MAX)
        return problem(cx, ERR_INPUT, "a form has at most %d bytes", ECPAY_FORM_MAX);
    size_t pieces = count_pieces(body, len);
    if (pieces > ECPAY_FIELDS_MAX)
        return problem(cx, ERR_INPUT, "a form has at most %d fields", ECPAY_FIELDS_MAX);
    char *text = arena_dup(cx->arena, body, len);
    struct ecpay_form form = {.fields = arena_array(cx->arena, struct ecpay_field, pieces)};
    if (!text || !form.fields)
        return ERR_NO_MEMORY;
    for (size_t at = 0; at < len;) {
        const char *amp = memchr(text + at, '&', len - at);
        size_t piece = amp ? (size_t)(amp - text) - at : len - at;
        struct ecpay_field f;
        if (piece) {
            text[at + piece] = '\0';
            read_piece(text + at, piece, &f);
            if (twice(&form, &f))
                return problem(cx, ERR_INPUT, "a field of the form is there twice");
            form.fields[form.count++] = f;
        }
        at += piece + 1;
    }
    *ret_form = form;
    return ERR_OK;
}

static const struct ecpay_field *find(const struct ecpay_form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (is_named(&form->fields[i], name, strlen(name)))
            return &form->fields[i];
    return NULL;
}

const char *ecpay_form_text(const struct ecpay_form *form, const char *name)
{
    const struct ecpay_field *f = find(form, name);
    return f && !memchr(f->value, '\0', f->value_len) ? f->value : NULL;
}

/* ---- CheckMacValue ---- */

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* A field's place in the order. */
struct place {
    const struct ecpay_field *field;
};

/* PHP's strcasecmp; names that are equal but for case keep their order, as uksort() leaves them. */
static int by_name(const void *a, const void *b)
{
    const struct ecpay_field *x = ((const struct place *)a)->field;
    const struct ecpay_field *y = ((const struct place *)b)->field;
    size_t len = x->name_len < y->name_len ? x->name_len : y->name_len;
    for (size_t i = 0; i < len; i++)
        if (lower(x->name[i]) != lower(y->name[i]))
            return lower(x->name[i]) < lower(y->name[i]) ? -1 : 1;
    if (x->name_len != y->name_len)
        return x->name_len < y->name_len ? -1 : 1;
    return x < y ? -1 : x > y; /* both lie in the caller's array */
}

static size_t plain_size(const struct ecpay_keys *keys, const struct place *sorted, size_t count)
{
    size_t n =
        strlen("HashKey=") + strlen(keys->hash_key) + strlen("&HashIV=") + strlen(keys->hash_iv);
    for (size_t i = 0; i < count; i++)
        n += 2 + sorted[i].field->name_len + sorted[i].field->value_len;
    return n;
}

static void write_plain(struct buf *out, const struct ecpay_keys *keys, const struct place *sorted,
                        size_t count)
{
    buf_str(out, "HashKey=");
    buf_str(out, keys->hash_key);
    for (size_t i = 0; i < count; i++) {
        buf_ch(out, '&');
        buf_add(out, sorted[i].field->name, sorted[i].field->name_len);
        buf_ch(out, '=');
        buf_add(out, sorted[i].field->value, sorted[i].field->value_len);
    }
    buf_str(out, "&HashIV=");
    buf_str(out, keys->hash_iv);
}

/* Lower case, and what .NET's encoding leaves alone put back. In place: it only gets shorter. */
static size_t dot_net(char *s, size_t len)
{
    static const char back[] = "!*()";
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        int c = s[i] == '%' ? hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]) : 0;
        if (c && strchr(back, c)) {
            s[out++] = (char)c;
            i += 2;
        } else {
            s[out++] = (char)lower(s[i]);
        }
    }
    return out;
}

static enum err digest(enum ecpay_hash hash, const char *s, size_t len, char out[ECPAY_MAC_TEXT])
{
    unsigned char raw[SHA256_LEN];
    size_t raw_len = SHA256_LEN;
    if (hash == ECPAY_SHA256) {
        crypto_sha256(s, len, raw);
    } else {
        raw_len = MD5_LEN;
        if (EVP_Digest(s, len, raw, NULL, EVP_md5(), NULL) != 1)
            return ERR_NO_MEMORY;
    }
    crypto_hex(raw, raw_len, out);
    for (char *c = out; *c; c++)
        if (*c >= 'a')
            *c = (char)(*c - 'a' + 'A');
    return ERR_OK;
}

/* The texts hold the keys: they are wiped before their memory goes back. */
static void wipe(struct buf *b)
{
    if (b->data)
        crypto_wipe(b->data, b->cap);
    buf_done(b);
}

static enum err hash_sorted(const struct ecpay_keys *keys, enum ecpay_hash hash,
                            const struct place *sorted, size_t count, char out[ECPAY_MAC_TEXT])
{
    struct buf plain, encoded;
    size_t size = plain_size(keys, sorted, count);
    buf_init(&plain, PLAIN_MAX);
    buf_init(&encoded, 3 * PLAIN_MAX);
    (void)buf_room(&plain, size); /* never moved, so no copy of the keys stays behind */
    (void)buf_room(&encoded, 3 * size);
    write_plain(&plain, keys, sorted, count);
    enum err e = buf_err(&plain);
    if (!e)
        ecpay_urlencode(&encoded, plain.data, plain.len);
    if (!e)
        e = buf_err(&encoded);
    if (!e)
        e = digest(hash, encoded.data, dot_net(encoded.data, encoded.len), out);
    wipe(&plain);
    wipe(&encoded);
    return e;
}

enum err ecpay_mac(const struct ecpay_keys *keys, enum ecpay_hash hash,
                   const struct ecpay_field *fields, size_t count, char out[ECPAY_MAC_TEXT])
{
    struct place *sorted = calloc(count + 1, sizeof *sorted);
    size_t n = 0;
    if (!sorted)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (!is_named(&fields[i], mac_name, sizeof mac_name - 1))
            sorted[n++].field = &fields[i];
    qsort(sorted, n, sizeof *sorted, by_name);
    enum err e = hash_sorted(keys, hash, sorted, n, out);
    free(sorted);
    return e;
}

enum err ecpay_mac_check(struct cx *cx, const struct ecpay_keys *keys, enum ecpay_hash hash,
                         const struct ecpay_form *form)
{
    char ours[ECPAY_MAC_TEXT];
    const struct ecpay_field *theirs = find(form, mac_name);
    if (!theirs)
        return problem(cx, ERR_FORBIDDEN, "the form has no CheckMacValue");
    enum err e = ecpay_mac(keys, hash, form->fields, form->count, ours);
    if (e)
        return e;
    if (!crypto_same(ours, strlen(ours), theirs->value, theirs->value_len))
        return problem(cx, ERR_FORBIDDEN, "the form's CheckMacValue is not right");
    return ERR_OK;
}
