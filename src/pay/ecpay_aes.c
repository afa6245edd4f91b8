#include "pay/ecpay_aes.h"
#include "base/crypto.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* Urlencoding makes it at most three times as long, base64 a third longer again. */
enum { BLOCK = 16, RAW_MAX = 3 * ECPAY_DATA_MAX + BLOCK, TEXT_MAX = RAW_MAX / 3 * 4 + 4 };

bool ecpay_aes_keys_ok(const struct ecpay_keys *keys)
{
    return strlen(keys->hash_key) == ECPAY_AES_KEY && strlen(keys->hash_iv) == ECPAY_AES_KEY;
}

/* `out` has room for len + BLOCK. False: wrong padding, so wrong keys, or no memory. */
static bool cipher(const struct ecpay_keys *keys, bool seal, const void *in, size_t len,
                   unsigned char *out, size_t *ret_len)
{
    int first = 0, rest = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool good = ctx &&
                EVP_CipherInit_ex2(ctx, EVP_aes_128_cbc(), (const unsigned char *)keys->hash_key,
                                   (const unsigned char *)keys->hash_iv, seal, NULL) == 1 &&
                EVP_CipherUpdate(ctx, out, &first, in, (int)len) == 1 &&
                EVP_CipherFinal_ex(ctx, out + first, &rest) == 1;
    EVP_CIPHER_CTX_free(ctx);
    *ret_len = (size_t)first + (size_t)rest;
    return good;
}

static enum err seal_text(const struct ecpay_keys *keys, const struct buf *text, struct buf *out)
{
    size_t len = 0;
    unsigned char *raw = malloc(text->len + BLOCK);
    if (!raw || !cipher(keys, true, text->len ? text->data : "", text->len, raw, &len)) {
        free(raw);
        return ERR_NO_MEMORY;
    }
    crypto_base64(out, raw, len);
    free(raw);
    return buf_err(out);
}

enum err ecpay_aes_seal(const struct ecpay_keys *keys, const char *json, size_t len,
                        struct buf *out)
{
    if (!ecpay_aes_keys_ok(keys) || len > ECPAY_DATA_MAX)
        return ERR_INPUT;
    struct buf text;
    buf_init(&text, RAW_MAX);
    ecpay_urlencode(&text, json, len);
    enum err e = buf_err(&text);
    if (!e)
        e = seal_text(keys, &text, out);
    buf_done(&text);
    return e;
}

/* raw and plain have room for what `data` can hold. */
static enum err open_into(const struct ecpay_keys *keys, const char *data, size_t len,
                          unsigned char *raw, char *plain, struct buf *out)
{
    size_t raw_len = 0, plain_len = 0;
    enum err e = crypto_unbase64(data, len, raw, len, &raw_len);
    if (e)
        return e;
    if (!raw_len || raw_len % BLOCK ||
        !cipher(keys, false, raw, raw_len, (unsigned char *)plain, &plain_len))
        return ERR_INPUT;
    buf_add(out, plain, ecpay_urldecode(plain, plain_len));
    return buf_err(out);
}

enum err ecpay_aes_open(const struct ecpay_keys *keys, const char *data, size_t len,
                        struct buf *out)
{
    if (!ecpay_aes_keys_ok(keys) || !len || len > TEXT_MAX)
        return ERR_INPUT;
    unsigned char *raw = malloc(len);
    char *plain = malloc(len + BLOCK + 1);
    enum err e = raw && plain ? open_into(keys, data, len, raw, plain, out) : ERR_NO_MEMORY;
    free(raw);
    free(plain);
    return e;
}
