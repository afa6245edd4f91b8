/* Messages for one browser: RFC 8291, one record of RFC 8188. */
#include "base/crypto.h"
#include "base/es256.h"
#include "notify/push.h"

#include <openssl/evp.h>
#include <string.h>

enum {
    SALT = 16,
    TAG = 16,
    CEK = 16,
    NONCE = 12,
    RECORD = 4096,
    HEAD = SALT + 4 + 1 + PUSH_KEY_LEN
};

_Static_assert(HEAD + PUSH_PAYLOAD_MAX + 1 + TAG <= RECORD, "a message is one record");

struct keys {
    unsigned char cek[SHA256_LEN], nonce[SHA256_LEN]; /* the first CEK and NONCE bytes of them */
};

/* RFC 8291 3.4: `shared` is what both ends compute, `ua` the browser's key, `as` the sender's. */
static void make_keys(const unsigned char shared[ES256_NUMBER], const unsigned char *auth,
                      const unsigned char *ua, const unsigned char *as, const unsigned char *salt,
                      struct keys *k)
{
    static const char info[] = "WebPush: info";
    static const char cek[] = "Content-Encoding: aes128gcm\0\1";
    static const char nonce[] = "Content-Encoding: nonce\0\1";
    unsigned char prk[SHA256_LEN], ikm[SHA256_LEN];
    crypto_hmac_sha256(auth, PUSH_AUTH_LEN, shared, ES256_NUMBER, prk);
    const struct crypto_piece key_info[] = {
        {info, sizeof info}, {ua, PUSH_KEY_LEN}, {as, PUSH_KEY_LEN}, {"\1", 1}};
    crypto_hmac_sha256_of(prk, sizeof prk, key_info, 4, ikm);
    crypto_hmac_sha256(salt, SALT, ikm, sizeof ikm, prk);
    crypto_hmac_sha256(prk, sizeof prk, cek, sizeof cek - 1, k->cek);
    crypto_hmac_sha256(prk, sizeof prk, nonce, sizeof nonce - 1, k->nonce);
    crypto_wipe(prk, sizeof prk);
    crypto_wipe(ikm, sizeof ikm);
}

/* out has len + TAG bytes. */
static bool seal_record(const struct keys *k, const unsigned char *plain, size_t len,
                        unsigned char *out)
{
    int n = 0, end = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, k->cek, k->nonce) == 1 &&
              EVP_EncryptUpdate(ctx, out, &n, plain, (int)len) == 1 &&
              EVP_EncryptFinal_ex(ctx, out + n, &end) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, out + len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

/* `in` ends with its tag; out has len - TAG bytes. */
static bool open_record(const struct keys *k, const unsigned char *in, size_t len,
                        unsigned char *out)
{
    int n = 0, end = 0;
    unsigned char tag[TAG];
    memcpy(tag, in + len - TAG, TAG);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, k->cek, k->nonce) == 1 &&
              EVP_DecryptUpdate(ctx, out, &n, in, (int)(len - TAG)) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
              EVP_DecryptFinal_ex(ctx, out + n, &end) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

static enum err seal(const struct es256 *own, const unsigned char salt[SALT],
                     const struct push_target *to, const void *plain, size_t len, struct buf *out)
{
    unsigned char shared[ES256_NUMBER], as[ES256_POINT], record[PUSH_PAYLOAD_MAX + 1];
    struct keys k;
    if (len > PUSH_PAYLOAD_MAX)
        return ERR_INPUT;
    enum err e = es256_shared(own, to->p256dh, shared);
    if (e)
        return e;
    es256_point(own, as);
    make_keys(shared, to->auth, to->p256dh, as, salt, &k);
    memcpy(record, plain, len);
    record[len] = 2; /* the last record, nothing padded */
    buf_add(out, salt, SALT);
    buf_be32(out, RECORD);
    buf_u8(out, PUSH_KEY_LEN);
    buf_add(out, as, sizeof as);
    unsigned char *to_fill = buf_room(out, len + 1 + TAG);
    if (to_fill && seal_record(&k, record, len + 1, to_fill))
        out->len += len + 1 + TAG;
    else
        e = ERR_NO_MEMORY;
    crypto_wipe(&k, sizeof k);
    crypto_wipe(shared, sizeof shared);
    return e;
}

enum err push_seal(const struct push_target *to, const void *plain, size_t len, struct buf *out)
{
    unsigned char salt[SALT];
    struct es256 *own;
    enum err e = es256_make(&own);
    if (e)
        return e;
    crypto_random(salt, sizeof salt);
    e = seal(own, salt, to, plain, len, out);
    es256_free(own);
    return e;
}

enum err push_seal_with(const struct push_choice *c, const struct push_target *to,
                        const void *plain, size_t len, struct buf *out)
{
    struct es256 *own;
    enum err e = es256_read_number(c->secret, &own);
    if (e)
        return e;
    e = seal(own, c->salt, to, plain, len, out);
    es256_free(own);
    return e;
}

/* A record ends with 2 and zeros (RFC 8188 2). */
static bool unpad(const unsigned char *plain, size_t *len)
{
    size_t n = *len;
    while (n && !plain[n - 1])
        n--;
    *len = n ? n - 1 : 0;
    return n && plain[n - 1] == 2;
}

enum err push_open(const struct es256 *own, const unsigned char auth[PUSH_AUTH_LEN],
                   const void *body, size_t len, struct buf *out)
{
    const unsigned char *in = body;
    unsigned char shared[ES256_NUMBER], ua[ES256_POINT], plain[RECORD];
    struct keys k;
    if (len < HEAD + 1 + TAG || len > RECORD || in[SALT + 4] != PUSH_KEY_LEN)
        return ERR_INPUT;
    const unsigned char *as = in + SALT + 5;
    enum err e = es256_shared(own, as, shared);
    if (e)
        return e;
    es256_point(own, ua);
    make_keys(shared, auth, ua, as, in, &k);
    size_t n = len - HEAD - TAG;
    if (!open_record(&k, in + HEAD, len - HEAD, plain) || !unpad(plain, &n))
        e = ERR_INPUT;
    else
        buf_add(out, plain, n);
    crypto_wipe(&k, sizeof k);
    crypto_wipe(shared, sizeof shared);
    return e ? e : buf_err(out);
}
