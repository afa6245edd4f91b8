#include "base/es256.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

enum { DER_MAX = 80, POINT = 1 + 2 * ES256_NUMBER };

struct es256 {
    EVP_PKEY *pkey;
    unsigned char point[POINT]; /* 4, x, y */
};

/* Keeps `pkey`, or frees it. */
static enum err keep(EVP_PKEY *pkey, struct es256 **ret_key)
{
    char group[32] = "";
    size_t len = 0;
    struct es256 *k = calloc(1, sizeof *k);
    bool ours = EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) &&
                strcmp(group, "prime256v1") == 0;
    if (k && ours &&
        EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, k->point, POINT, &len)) {
        ours = len == POINT && k->point[0] == POINT_CONVERSION_UNCOMPRESSED;
        k->pkey = pkey;
        if (ours) {
            *ret_key = k;
            return ERR_OK;
        }
    }
    bool memory = k != NULL;
    free(k);
    EVP_PKEY_free(pkey);
    return memory ? ERR_INPUT : ERR_NO_MEMORY;
}

/* An encrypted key asks for its password: there is nobody to ask. */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's type of it */
static int no_password(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return 0;
}

enum err es256_read_pem(const char *pem, size_t len, struct es256 **ret_key)
{
    if (!len || len > ES256_PEM_MAX)
        return ERR_INPUT;
    BIO *in = BIO_new_mem_buf(pem, (int)len);
    if (!in)
        return ERR_NO_MEMORY;
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(in, NULL, no_password, NULL);
    BIO_free(in);
    return pkey ? keep(pkey, ret_key) : ERR_INPUT;
}

enum err es256_make(struct es256 **ret_key)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    return pkey ? keep(pkey, ret_key) : ERR_NO_MEMORY;
}

void es256_free(struct es256 *k)
{
    if (k)
        EVP_PKEY_free(k->pkey); /* OpenSSL wipes the number */
    free(k);
}

/* DER's two integers as 32 bytes each. */
static bool from_der(const unsigned char *der, long len, unsigned char out[ES256_SIGNATURE])
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, len);
    bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, ES256_NUMBER) == ES256_NUMBER &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + ES256_NUMBER, ES256_NUMBER) == ES256_NUMBER;
    ECDSA_SIG_free(sig);
    return ok;
}

static size_t to_der(const unsigned char in[ES256_SIGNATURE], unsigned char der[DER_MAX])
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(in, ES256_NUMBER, NULL);
    BIGNUM *s = BN_bin2bn(in + ES256_NUMBER, ES256_NUMBER, NULL);
    if (!sig || !r || !s || !ECDSA_SIG_set0(sig, r, s)) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(sig);
        return 0;
    }
    int len = i2d_ECDSA_SIG(sig, NULL);
    if (len > 0 && len <= DER_MAX)
        len = i2d_ECDSA_SIG(sig, &der);
    ECDSA_SIG_free(sig);
    return len > 0 && len <= DER_MAX ? (size_t)len : 0;
}

enum err es256_sign(const struct es256 *k, const void *data, size_t len,
                    unsigned char out[ES256_SIGNATURE])
{
    unsigned char der[DER_MAX];
    size_t n = sizeof der;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, k->pkey) == 1 &&
              EVP_DigestSign(ctx, der, &n, data, len) == 1 && from_der(der, (long)n, out);
    EVP_MD_CTX_free(ctx);
    return ok ? ERR_OK : ERR_NO_MEMORY;
}

bool es256_verify(const struct es256 *k, const void *data, size_t len,
                  const unsigned char signature[ES256_SIGNATURE])
{
    unsigned char der[DER_MAX];
    size_t n = to_der(signature, der);
    EVP_MD_CTX *ctx = n ? EVP_MD_CTX_new() : NULL;
    bool ok = ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, k->pkey) == 1 &&
              EVP_DigestVerify(ctx, der, n, data, len) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

void es256_public(const struct es256 *k, unsigned char x[ES256_NUMBER],
                  unsigned char y[ES256_NUMBER])
{
    memcpy(x, k->point + 1, ES256_NUMBER);
    memcpy(y, k->point + 1 + ES256_NUMBER, ES256_NUMBER);
}

void es256_point(const struct es256 *k, unsigned char out[ES256_POINT])
{
    memcpy(out, k->point, POINT);
}

/* ---- raw numbers and points ---- */

/* A key of a point, and of its number unless that is NULL; OpenSSL looks whether they are good. */
static EVP_PKEY *from_parts(const unsigned char point[ES256_POINT], const BIGNUM *number)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = NULL;
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (b && OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
        OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point, ES256_POINT) &&
        (!number || OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, number)))
        params = OSSL_PARAM_BLD_to_param(b);
    if (ctx && params && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &pkey, number ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

enum err es256_read_point(const unsigned char point[ES256_POINT], struct es256 **ret_key)
{
    EVP_PKEY *pkey = point[0] == POINT_CONVERSION_UNCOMPRESSED ? from_parts(point, NULL) : NULL;
    return pkey ? keep(pkey, ret_key) : ERR_INPUT;
}

/* The point of a number between 1 and the order. */
static bool point_of(const BIGNUM *number, unsigned char out[ES256_POINT])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *p = group ? EC_POINT_new(group) : NULL;
    bool ok = p && !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(group)) < 0 &&
              EC_POINT_mul(group, p, number, NULL, NULL, NULL) == 1 &&
              EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, out, ES256_POINT, NULL) ==
                  ES256_POINT;
    EC_POINT_free(p);
    EC_GROUP_free(group);
    return ok;
}

enum err es256_read_number(const unsigned char number[ES256_NUMBER], struct es256 **ret_key)
{
    unsigned char point[ES256_POINT];
    BIGNUM *n = BN_secure_new();
    EVP_PKEY *pkey = NULL;
    if (n && BN_bin2bn(number, ES256_NUMBER, n) && point_of(n, point))
        pkey = from_parts(point, n);
    BN_clear_free(n);
    return pkey ? keep(pkey, ret_key) : ERR_INPUT;
}

enum err es256_number(const struct es256 *k, unsigned char out[ES256_NUMBER])
{
    BIGNUM *n = NULL;
    bool ok = EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &n) == 1 &&
              BN_bn2binpad(n, out, ES256_NUMBER) == ES256_NUMBER;
    BN_clear_free(n);
    return ok ? ERR_OK : ERR_NO_MEMORY;
}

enum err es256_shared(const struct es256 *k, const unsigned char point[ES256_POINT],
                      unsigned char out[ES256_NUMBER])
{
    struct es256 *theirs;
    size_t n = ES256_NUMBER;
    enum err e = es256_read_point(point, &theirs);
    if (e)
        return e;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
    bool ok = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
              EVP_PKEY_derive_set_peer(ctx, theirs->pkey) == 1 &&
              EVP_PKEY_derive(ctx, out, &n) == 1 && n == ES256_NUMBER;
    EVP_PKEY_CTX_free(ctx);
    es256_free(theirs);
    return ok ? ERR_OK : ERR_NO_MEMORY;
}
