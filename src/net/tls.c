#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls {
    char *cert_file, *key_file;
    pthread_mutex_t lock; /* of ctx, held for a reference count's time */
    SSL_CTX *ctx;
};

/* Offer http/1.1 to those who ask (ALPN); anything else goes on without. */
static int pick_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                     const unsigned char *in, unsigned in_len, void *arg)
{
    (void)ssl;
    (void)arg;
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *hit;
    if (SSL_select_next_proto(&hit, out_len, ours, sizeof ours - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = hit;
    return SSL_TLSEXT_ERR_OK;
}

static enum err refuse(char why[TLS_WHY], const char *what, const char *file)
{
    unsigned long code = ERR_peek_error();
    const char *reason = NULL;
    if (ERR_SYSTEM_ERROR(code))
        reason = strerrordesc_np(ERR_GET_REASON(code));
    else if (code)
        reason = ERR_reason_error_string(code);
    (void)snprintf(why, TLS_WHY, "%s '%s': %s", what, file, reason ? reason : "not usable");
    ERR_clear_error();
    return ERR_INPUT;
}

static enum err load(const struct tls *t, char why[TLS_WHY], SSL_CTX **ret_ctx)
{
    ERR_clear_error();
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        return refuse(why, "cannot set up TLS for", t->cert_file);
    enum err e = ERR_OK;
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(ctx, pick_alpn, NULL);
    if (SSL_CTX_use_certificate_chain_file(ctx, t->cert_file) != 1)
        e = refuse(why, "cannot read certificate", t->cert_file);
    else if (SSL_CTX_use_PrivateKey_file(ctx, t->key_file, SSL_FILETYPE_PEM) != 1)
        e = refuse(why, "cannot read key", t->key_file);
    else if (SSL_CTX_check_private_key(ctx) != 1)
        e = refuse(why, "key does not belong to the certificate:", t->key_file);
    if (e)
        SSL_CTX_free(ctx);
    else
        *ret_ctx = ctx;
    return e;
}

enum err tls_make(const char *cert_file, const char *key_file, char why[TLS_WHY],
                  struct tls **ret_tls)
{
    struct tls *t = calloc(1, sizeof *t);
    if (!t)
        return ERR_NO_MEMORY;
    (void)pthread_mutex_init(&t->lock, NULL);
    t->cert_file = strdup(cert_file);
    t->key_file = strdup(key_file);
    enum err e = t->cert_file && t->key_file ? load(t, why, &t->ctx) : ERR_NO_MEMORY;
    if (e)
        tls_free(t);
    else
        *ret_tls = t;
    return e;
}

enum err tls_reload(struct tls *t, char why[TLS_WHY])
{
    SSL_CTX *ctx;
    enum err e = load(t, why, &ctx);
    if (e)
        return e;
    (void)pthread_mutex_lock(&t->lock);
    SSL_CTX *old = t->ctx;
    t->ctx = ctx;
    (void)pthread_mutex_unlock(&t->lock);
    SSL_CTX_free(old);
    return ERR_OK;
}

struct ssl_st *tls_session(struct tls *t, int fd)
{
    (void)pthread_mutex_lock(&t->lock);
    SSL *ssl = SSL_new(t->ctx); /* keeps a reference to the context */
    (void)pthread_mutex_unlock(&t->lock);
    if (!ssl)
        return NULL;
    if (SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_accept_state(ssl);
    return ssl;
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    SSL_CTX_free(t->ctx);
    (void)pthread_mutex_destroy(&t->lock);
    free(t->cert_file);
    free(t->key_file);
    free(t);
}
