#include "streamd/library/signing.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "streamd/library/shape_in.h"
#include "streamd/library/signing.sql.h"
#include "streamd/library/state_in.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

enum { RSA_BITS = 2048, PEM_MAX = 8192, JWK_MAX = 8192 };

/* Everything made for one key; wiped at its end. */
struct made {
    char id[UID_TEXT];
    struct buf pem, jwk, public_pem; /* pem and jwk in base64 */
};

static void made_done(struct made *m)
{
    if (m->pem.data)
        OPENSSL_cleanse(m->pem.data, m->pem.cap);
    if (m->jwk.data)
        OPENSSL_cleanse(m->jwk.data, m->jwk.cap);
    buf_done(&m->pem);
    buf_done(&m->jwk);
    buf_done(&m->public_pem);
}

/* PKCS#1, "-----BEGIN RSA PRIVATE KEY-----", as Cloudflare gives it. */
static bool put_pem(struct made *m, EVP_PKEY *pkey)
{
    BIO *private = BIO_new(BIO_s_secmem()), *public = BIO_new(BIO_s_mem());
    char *text;
    bool ok = private && public &&
              PEM_write_bio_PrivateKey_traditional(private, pkey, NULL, NULL, 0, NULL, NULL) == 1 &&
              PEM_write_bio_PUBKEY(public, pkey) == 1;
    if (ok) {
        long n = BIO_get_mem_data(private, &text);
        crypto_base64(&m->pem, text, (size_t)n);
        n = BIO_get_mem_data(public, &text);
        buf_add(&m->public_pem, text, (size_t)n);
    }
    BIO_free(private);
    BIO_free(public);
    return ok && !buf_err(&m->pem) && !buf_err(&m->public_pem);
}

static bool put_number(json_t *jwk, const char *name, EVP_PKEY *pkey, const char *param)
{
    BIGNUM *n = NULL;
    unsigned char raw[RSA_BITS / 8];
    struct buf text;
    if (EVP_PKEY_get_bn_param(pkey, param, &n) != 1 || BN_num_bytes(n) > (int)sizeof raw) {
        BN_clear_free(n);
        return false;
    }
    buf_init(&text, 2 * sizeof raw);
    crypto_base64url(&text, raw, (size_t)BN_bn2bin(n, raw));
    bool ok = !buf_err(&text) && !json_object_set_new(jwk, name, json_string(text.data));
    OPENSSL_cleanse(raw, sizeof raw);
    buf_done(&text);
    BN_clear_free(n);
    return ok;
}

/* RFC 7517, RFC 7518 6.3. */
static bool put_jwk(struct made *m, EVP_PKEY *pkey)
{
    static const struct {
        const char *name, *param;
    } numbers[] = {{"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
                   {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
                   {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
                   {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
    json_t *jwk =
        json_pack("{s:s, s:s, s:s, s:s}", "use", "sig", "kty", "RSA", "kid", m->id, "alg", "RS256");
    bool ok = jwk != NULL;
    for (size_t i = 0; ok && i < sizeof numbers / sizeof *numbers; i++)
        ok = put_number(jwk, numbers[i].name, pkey, numbers[i].param);
    char *text = ok ? json_text_of(json_incref(jwk)) : NULL;
    json_decref(jwk);
    if (!text)
        return false;
    crypto_base64(&m->jwk, text, strlen(text));
    OPENSSL_cleanse(text, strlen(text));
    free(text);
    return !buf_err(&m->jwk);
}

static enum err make(struct made *m)
{
    buf_init(&m->pem, PEM_MAX);
    buf_init(&m->jwk, JWK_MAX);
    buf_init(&m->public_pem, PEM_MAX);
    crypto_random_hex(m->id, UID_TEXT - 1);
    EVP_PKEY *pkey = EVP_RSA_gen(RSA_BITS);
    bool ok = pkey && put_pem(m, pkey) && put_jwk(m, pkey);
    EVP_PKEY_free(pkey);
    return ok ? ERR_OK : ERR_INTERNAL;
}

static enum err create_run(struct tx *tx, void *arg)
{
    const struct made *m = arg;
    int64_t n = 0;
    enum err e = db_i64(tx->db, &SQL_signing_count, ARGS(), &n);
    if (e)
        return e;
    if (n >= SIGNING_KEYS_MAX)
        return problem(tx->cx, ERR_INPUT, "there are at most %d signing keys", SIGNING_KEYS_MAX);
    return db_do(tx->db, &SQL_signing_add,
                 ARGS(V(m->id), V((const char *)m->public_pem.data), V(tx->cx->now_ms)), NULL);
}

enum err library_create_signing_key(struct library *l, struct cx *cx, json_t **ret_object)
{
    assert(l && cx && ret_object);
    struct made m;
    json_t *o = NULL;
    enum err e = make(&m);
    if (!e)
        e = store_do(l->setup.store, cx, "signing.create", create_run, &m);
    if (!e)
        o = json_pack("{s:s, s:s, s:s, s:o}", "id", m.id, "pem", m.pem.data, "jwk", m.jwk.data,
                      "created", shape_time(cx->now_ms));
    made_done(&m);
    if (e || !o)
        return e ? e : ERR_NO_MEMORY;
    *ret_object = o;
    return ERR_OK;
}

static enum err read_rows(struct cx *cx, struct db *db, json_t *rows)
{
    const char *id;
    int64_t created_ms;
    enum err e = ERR_OK;
    struct rows r = db_rows(db, &SQL_signing_list, ARGS(V(SIGNING_KEYS_MAX)));
    while (!e && rows_next(&r, cx->arena, COLS(C(&id), C(&created_ms))))
        if (json_array_append_new(
                rows, json_pack("{s:s, s:o}", "id", id, "created", shape_time(created_ms))))
            e = ERR_NO_MEMORY;
    enum err read = rows_end(&r);
    return e ? e : read;
}

enum err library_list_signing_keys(struct library *l, struct cx *cx, json_t **ret_rows)
{
    assert(l && cx && ret_rows);
    struct db *db;
    enum err e = store_read(l->setup.store, &db);
    if (e)
        return e;
    json_t *rows = json_array();
    e = rows ? read_rows(cx, db, rows) : ERR_NO_MEMORY;
    store_read_end(db);
    if (e)
        json_decref(rows);
    else
        *ret_rows = rows;
    return e;
}

static enum err drop_run(struct tx *tx, void *arg)
{
    const char *id = arg;
    int64_t n = 0;
    enum err e = db_do(tx->db, &SQL_signing_drop, ARGS(V(id)), &n);
    return !e && !n ? ERR_NOT_FOUND : e;
}

enum err library_delete_signing_key(struct library *l, struct cx *cx, const char *id)
{
    assert(l && cx && id);
    char copy[UID_TEXT];
    if (!library_uid_ok(id))
        return ERR_NOT_FOUND;
    memcpy(copy, id, sizeof copy);
    return store_do(l->setup.store, cx, "signing.delete", drop_run, copy);
}
