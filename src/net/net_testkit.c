#include "net/net_testkit.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/test.h"
#include "net/loop.h"
#include "net/pool.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

void kit_start(struct kit *k, struct http_server_opts opts)
{
    char why[200] = "";
    assert_int_equal(crypto_init(), ERR_OK);
    k->loops = loops_make(2);
    k->pool = pool_make(3, 64);
    assert_non_null(k->loops);
    assert_non_null(k->pool);
    opts.loops = k->loops;
    opts.pool = k->pool;
    k->server = http_server_make(&opts);
    assert_non_null(k->server);
    assert_int_equal(loops_start(k->loops), ERR_OK);
    enum err e = http_server_listen(k->server, "127.0.0.1:0", NULL, why, &k->addr);
    assert_string_equal(why, "");
    assert_int_equal(e, ERR_OK);
}

void kit_stop(struct kit *k)
{
    http_server_free(k->server);
    pool_free(k->pool);
    loops_stop(k->loops);
    loops_free(k->loops);
    *k = (struct kit){0};
}

struct http_stats kit_stats(const struct kit *k)
{
    struct http_stats s;
    http_stats(k->server, &s);
    return s;
}

void kit_wait(bool (*cond)(void *arg), void *arg)
{
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (!cond(arg)) {
        assert_true(clock_mono_ms() < until);
        (void)poll(NULL, 0, 2);
    }
}

/* ---- peers ---- */

void kit_dial(struct kit_peer *p, const struct addr *a)
{
    struct sockaddr_storage sock;
    socklen_t len = addr_to_sock(a, &sock);
    *p = (struct kit_peer){.fd = socket(sock.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(p->fd >= 0);
    assert_int_equal(connect(p->fd, (struct sockaddr *)&sock, len), 0);
}

void kit_dial_tls(struct kit_peer *p, const struct addr *a, int version)
{
    kit_dial(p, a);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    assert_non_null(ctx);
    assert_true(SSL_CTX_set_min_proto_version(ctx, version));
    assert_true(SSL_CTX_set_max_proto_version(ctx, version));
    p->ssl = SSL_new(ctx);
    SSL_CTX_free(ctx);
    assert_non_null(p->ssl);
    assert_int_equal(SSL_set_fd(p->ssl, p->fd), 1);
    assert_int_equal(SSL_connect(p->ssl), 1);
    assert_int_equal(SSL_version(p->ssl), version);
}

bool kit_try_send(struct kit_peer *p, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t n = p->ssl ? SSL_write(p->ssl, at, (int)len) : send(p->fd, at, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

void kit_send_bytes(struct kit_peer *p, const void *data, size_t len)
{
    assert_true(kit_try_send(p, data, len));
}

void kit_send(struct kit_peer *p, const char *text)
{
    kit_send_bytes(p, text, strlen(text));
}

/* More bytes; false: the end. */
static bool read_more(struct kit_peer *p)
{
    char buf[16384];
    struct pollfd poll_fd = {.fd = p->fd, .events = POLLIN};
    if (!p->ssl || !SSL_has_pending(p->ssl))
        assert_int_equal(poll(&poll_fd, 1, PATIENCE_MS), 1);
    ssize_t n = p->ssl ? SSL_read(p->ssl, buf, sizeof buf) : recv(p->fd, buf, sizeof buf, 0);
    if (n <= 0)
        return false;
    if (p->cap - p->len < (size_t)n + 1) {
        p->cap = p->cap * 2 + sizeof buf + 1;
        p->got = realloc(p->got, p->cap);
        assert_non_null(p->got);
    }
    memcpy(p->got + p->len, buf, (size_t)n);
    p->len += (size_t)n;
    p->got[p->len] = '\0';
    return true;
}

bool kit_read_until(struct kit_peer *p, const char *text)
{
    while (!p->got || !strstr(p->got, text))
        if (!read_more(p))
            return false;
    return true;
}

bool kit_read_len(struct kit_peer *p, size_t len)
{
    while (p->len < len)
        if (!read_more(p))
            return false;
    return true;
}

bool kit_ends(struct kit_peer *p)
{
    while (read_more(p))
        ;
    return true;
}

void kit_half_close(struct kit_peer *p)
{
    assert_int_equal(shutdown(p->fd, SHUT_WR), 0);
}

void kit_hang_up(struct kit_peer *p)
{
    SSL_free(p->ssl);
    if (p->fd >= 0)
        (void)close(p->fd);
    free(p->got);
    *p = (struct kit_peer){.fd = -1};
}

/* ---- answers ---- */

const char *kit_field(const struct kit_answer *a, const char *name)
{
    static _Thread_local char value[2048];
    size_t len = strlen(name);
    for (const char *line = strstr(a->head, "\r\n"); line && line[2]; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, len) != 0 || line[len] != ':')
            continue;
        line += len + 1 + strspn(line + len + 1, " ");
        size_t n = strcspn(line, "\r");
        assert_true(n < sizeof value);
        memcpy(value, line, n);
        value[n] = '\0';
        return value;
    }
    return "";
}

void kit_drop(struct kit_peer *p, size_t n)
{
    memmove(p->got, p->got + n, p->len - n + 1);
    p->len -= n;
}

void kit_answer(struct kit_peer *p, struct kit_answer *ret_answer, bool no_body)
{
    memset(ret_answer, 0, sizeof *ret_answer);
    if (!kit_read_until(p, "\r\n\r\n"))
        return;
    size_t head = (size_t)(strstr(p->got, "\r\n\r\n") - p->got) + 4;
    assert_true(head < sizeof ret_answer->head);
    memcpy(ret_answer->head, p->got, head);
    kit_drop(p, head);
    assert_memory_equal(ret_answer->head, "HTTP/1.1 ", 9);
    ret_answer->status = (int)strtol(ret_answer->head + 9, NULL, 10);
    ret_answer->len = no_body ? 0 : strtoul(kit_field(ret_answer, "content-length"), NULL, 10);
    assert_true(kit_read_len(p, ret_answer->len));
    ret_answer->body = calloc(1, ret_answer->len + 1);
    assert_non_null(ret_answer->body);
    if (ret_answer->len) {
        memcpy(ret_answer->body, p->got, ret_answer->len);
        kit_drop(p, ret_answer->len);
    }
}

void kit_answer_done(struct kit_answer *a)
{
    free(a->body);
    a->body = NULL;
}

int kit_ask_close(const struct addr *a, const char *request, bool *ret_closed)
{
    struct kit_peer p;
    struct kit_answer answer;
    kit_dial(&p, a);
    kit_send(&p, request);
    kit_answer(&p, &answer, strncmp(request, "HEAD", 4) == 0);
    if (ret_closed) {
        bool says = strcmp(kit_field(&answer, "connection"), "close") == 0;
        *ret_closed = says && kit_ends(&p);
    }
    kit_answer_done(&answer);
    kit_hang_up(&p);
    return answer.status;
}

int kit_ask(const struct addr *a, const char *request)
{
    return kit_ask_close(a, request, NULL);
}

/* ---- certificates ---- */

void kit_cert(const char *cert_file, const char *key_file, const char *name)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    assert_non_null(key);
    assert_non_null(cert);
    X509_NAME *subject = X509_get_subject_name(cert);
    const unsigned char *cn = (const unsigned char *)name;
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, cn, -1, -1, 0), 1);
    assert_int_equal(X509_set_issuer_name(cert, subject), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), -3600));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), 86400));
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    FILE *f = fopen(cert_file, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_X509(f, cert), 1);
    assert_int_equal(fclose(f), 0);
    f = fopen(key_file, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(f), 0);
    X509_free(cert);
    EVP_PKEY_free(key);
}
