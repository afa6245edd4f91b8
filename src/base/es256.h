/*
 * es256 - signatures with a P-256 key as JSON Web Signature has them: r and s, 32 bytes each.
 *
 * Memory: a key is es256_free()d, which wipes it.
 * Thread: a key does not change: any number at once.
 * Source: RFC 7518 section 3.4 (OpenSSL's own form is DER: converted here)
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct es256;

enum { ES256_SIGNATURE = 64, ES256_NUMBER = 32, ES256_POINT = 65, ES256_PEM_MAX = 4096 };

/*
 * A private key as PEM, PKCS#8 (what Apple gives out as .p8) or SEC1, not encrypted.
 *
 * ERR_INPUT      not such a key, or of another curve
 * ERR_NO_MEMORY
 */
enum err es256_read_pem(const char *pem, size_t len, struct es256 **ret_key) NODISCARD;
/* A fresh one. ERR_NO_MEMORY: also no randomness. */
enum err es256_make(struct es256 **ret_key) NODISCARD;
/* The private number, big-endian. ERR_INPUT: 0, or not below the order. */
enum err es256_read_number(const unsigned char number[ES256_NUMBER],
                           struct es256 **ret_key) NODISCARD;
/* A public key alone, 4 x y: for es256_verify(). ERR_INPUT: no such point on the curve. */
enum err es256_read_point(const unsigned char point[ES256_POINT], struct es256 **ret_key) NODISCARD;
void es256_free(struct es256 *k); /* NULL is fine */

/* ERR_NO_MEMORY */
enum err es256_sign(const struct es256 *k, const void *data, size_t len,
                    unsigned char out[ES256_SIGNATURE]) NODISCARD;
bool es256_verify(const struct es256 *k, const void *data, size_t len,
                  const unsigned char signature[ES256_SIGNATURE]);
/* The public half, for a JWK. */
void es256_public(const struct es256 *k, unsigned char x[ES256_NUMBER],
                  unsigned char y[ES256_NUMBER]);
void es256_point(const struct es256 *k, unsigned char out[ES256_POINT]);
/* The private number of a key that has one. ERR_NO_MEMORY */
enum err es256_number(const struct es256 *k, unsigned char out[ES256_NUMBER]) NODISCARD;

/* ECDH: x of our number times their point. ERR_INPUT: no point of the curve. */
enum err es256_shared(const struct es256 *k, const unsigned char point[ES256_POINT],
                      unsigned char out[ES256_NUMBER]) NODISCARD;
