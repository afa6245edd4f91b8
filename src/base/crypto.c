#include "base/crypto.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

_Static_assert(SECRET_KEY_LEN == crypto_secretbox_KEYBYTES, "libsodium's key");
_Static_assert(SEAL_OVERHEAD == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES,
               "libsodium's nonce and tag");
_Static_assert(PASSWORD_HASH_MAX >= crypto_pwhash_STRBYTES, "libsodium's text");

enum err crypto_init(void)
{
    return sodium_init() < 0 ? ERR_INTERNAL : ERR_OK;
}

void crypto_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

void crypto_random_hex(char *out, size_t chars)
{
    static const char digit[] = "0123456789abcdef";
    randombytes_buf(out, chars);
    for (size_t i = 0; i < chars; i++)
        out[i] = digit[(unsigned char)out[i] & 15];
    out[chars] = '\0';
}

void crypto_sha256(const void *data, size_t len, unsigned char out[SHA256_LEN])
{
    (void)crypto_hash_sha256(out, data, len);
}

enum err crypto_sha256_file(int fd, uint64_t off, uint64_t len, unsigned char out[SHA256_LEN])
{
    crypto_hash_sha256_state st;
    unsigned char chunk[16384];
    (void)crypto_hash_sha256_init(&st);
    while (len) {
        size_t want = len < sizeof chunk ? (size_t)len : sizeof chunk;
        ssize_t n = pread(fd, chunk, want, (off_t)off);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_IO;
        (void)crypto_hash_sha256_update(&st, chunk, (size_t)n);
        off += (uint64_t)n;
        len -= (uint64_t)n;
    }
    (void)crypto_hash_sha256_final(&st, out);
    return ERR_OK;
}

void crypto_hmac_sha256_of(const void *key, size_t key_len, const struct crypto_piece *pieces,
                           size_t n, unsigned char out[SHA256_LEN])
{
    crypto_auth_hmacsha256_state st;
    (void)crypto_auth_hmacsha256_init(&st, key, key_len);
    for (size_t i = 0; i < n; i++)
        (void)crypto_auth_hmacsha256_update(&st, pieces[i].data, pieces[i].len);
    (void)crypto_auth_hmacsha256_final(&st, out);
    sodium_memzero(&st, sizeof st);
}

void crypto_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                        unsigned char out[SHA256_LEN])
{
    crypto_hmac_sha256_of(key, key_len, &(struct crypto_piece){data, len}, 1, out);
}

bool crypto_same(const void *a, size_t a_len, const void *b, size_t b_len)
{
    return a_len == b_len && sodium_memcmp(a, b, a_len) == 0;
}

void crypto_hex(const void *data, size_t len, char *out)
{
    (void)sodium_bin2hex(out, 2 * len + 1, data, len);
}

enum err crypto_unhex(const char *hex, void *out, size_t len)
{
    size_t got;
    const char *end;
    size_t chars = strlen(hex);
    if (chars != 2 * len || sodium_hex2bin(out, len, hex, chars, NULL, &got, &end) != 0 ||
        got != len || *end)
        return ERR_INPUT;
    return ERR_OK;
}

static void add_base64(struct buf *out, const void *data, size_t len, int variant)
{
    size_t room = sodium_base64_encoded_len(len, variant); /* counts the NUL */
    char *p = buf_room(out, room);
    if (!p)
        return;
    (void)sodium_bin2base64(p, room, data, len, variant);
    out->len += strlen(p);
}

void crypto_base64url(struct buf *out, const void *data, size_t len)
{
    add_base64(out, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void crypto_base64url_text(const void *data, size_t len, char *out)
{
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    (void)sodium_bin2base64(out, sodium_base64_encoded_len(len, variant), data, len, variant);
}

void crypto_base64(struct buf *out, const void *data, size_t len)
{
    add_base64(out, data, len, sodium_base64_VARIANT_ORIGINAL);
}

static enum err unbase64(const char *text, size_t len, void *out, size_t max, int variant,
                         size_t *ret_len)
{
    size_t got;
    const char *end;
    if (sodium_base642bin(out, max, text, len, NULL, &got, &end, variant) != 0 || end != text + len)
        return ERR_INPUT;
    *ret_len = got;
    return ERR_OK;
}

enum err crypto_unbase64(const char *text, size_t len, void *out, size_t max, size_t *ret_len)
{
    return unbase64(text, len, out, max, sodium_base64_VARIANT_ORIGINAL, ret_len);
}

enum err crypto_unbase64url(const char *text, size_t len, void *out, size_t max, size_t *ret_len)
{
    return unbase64(text, len, out, max, sodium_base64_VARIANT_URLSAFE_NO_PADDING, ret_len);
}

enum err crypto_password_hash(const char *password, size_t len, char out[PASSWORD_HASH_MAX])
{
    return crypto_pwhash_str(out, password, len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0
               ? ERR_OK
               : ERR_NO_MEMORY;
}

bool crypto_password_ok(const char *hash, const char *password, size_t len)
{
    return crypto_pwhash_str_verify(hash, password, len) == 0;
}

void crypto_seal(const unsigned char key[SECRET_KEY_LEN], const void *plain, size_t len,
                 unsigned char *out)
{
    randombytes_buf(out, crypto_secretbox_NONCEBYTES);
    (void)crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, plain, len, out, key);
}

enum err crypto_open(const unsigned char key[SECRET_KEY_LEN], const void *sealed, size_t sealed_len,
                     unsigned char *out)
{
    const unsigned char *in = sealed;
    if (sealed_len < SEAL_OVERHEAD ||
        crypto_secretbox_open_easy(out, in + crypto_secretbox_NONCEBYTES,
                                   sealed_len - crypto_secretbox_NONCEBYTES, in, key) != 0)
        return ERR_INPUT;
    return ERR_OK;
}

void crypto_wipe(void *p, size_t len)
{
    sodium_memzero(p, len);
}
