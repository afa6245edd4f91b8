#include "base/es256.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
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
