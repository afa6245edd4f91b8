/*
 * crypto - the few primitives the product uses, over libsodium.
 *
 * Thread: any, after crypto_init() returned once.
 * Source: docs/threats.md says which secret is kept how.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

enum { SHA256_LEN = 32, SECRET_KEY_LEN = 32, SEAL_OVERHEAD = 40, PASSWORD_HASH_MAX = 128 };

/* Once, first thing in main() and in tests. ERR_INTERNAL: no randomness to be had. */
enum err crypto_init(void) NODISCARD;

void crypto_random(void *out, size_t len);
/* `chars` lower-case hex digits of randomness and a NUL: out has chars + 1 bytes. */
void crypto_random_hex(char *out, size_t chars);

void crypto_sha256(const void *data, size_t len, unsigned char out[SHA256_LEN]);
/* Of `len` bytes of a file from `off`. ERR_IO: it cannot be read, or ends before. */
enum err crypto_sha256_file(int fd, uint64_t off, uint64_t len,
                            unsigned char out[SHA256_LEN]) NODISCARD;
void crypto_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                        unsigned char out[SHA256_LEN]);
/* Of several pieces, one after another. */
struct crypto_piece {
    const void *data;
    size_t len;
};
void crypto_hmac_sha256_of(const void *key, size_t key_len, const struct crypto_piece *pieces,
                           size_t n, unsigned char out[SHA256_LEN]);
/* Compares in time that depends on the lengths alone; different lengths are different. */
bool crypto_same(const void *a, size_t a_len, const void *b, size_t b_len);

/* out has 2 * len + 1 bytes. */
void crypto_hex(const void *data, size_t len, char *out);
/* Exactly `len` bytes of hex, either case. */
enum err crypto_unhex(const char *hex, void *out, size_t len) NODISCARD;
/* base64url without padding, appended. */
void crypto_base64url(struct buf *out, const void *data, size_t len);
/* The same into an array, without memory; out has (4 * len + 2) / 3 + 1 bytes. */
void crypto_base64url_text(const void *data, size_t len, char *out);
/* `len` characters of base64url as RFC 7515 has it: no padding, no white space, no bits left over.
 * ERR_INPUT: not that, or more than `max`. */
enum err crypto_unbase64url(const char *text, size_t len, void *out, size_t max,
                            size_t *ret_len) NODISCARD;
void crypto_base64(struct buf *out, const void *data, size_t len);
/* `len` characters of padded base64, no white space. ERR_INPUT: not that, or more than `max`. */
enum err crypto_unbase64(const char *text, size_t len, void *out, size_t max,
                         size_t *ret_len) NODISCARD;

/* argon2id, interactive limits; costs ~64 MiB and tens of milliseconds: workers only. */
enum err crypto_password_hash(const char *password, size_t len,
                              char out[PASSWORD_HASH_MAX]) NODISCARD;
bool crypto_password_ok(const char *hash, const char *password, size_t len);

/* Secrets at rest: XSalsa20-Poly1305 with a random nonce in front; out has len + SEAL_OVERHEAD. */
void crypto_seal(const unsigned char key[SECRET_KEY_LEN], const void *plain, size_t len,
                 unsigned char *out);
/* `out` has sealed_len - SEAL_OVERHEAD. ERR_INPUT: wrong key or changed bytes. */
enum err crypto_open(const unsigned char key[SECRET_KEY_LEN], const void *sealed, size_t sealed_len,
                     unsigned char *out) NODISCARD;
/* Overwrite, not optimised away. */
void crypto_wipe(void *p, size_t len);
