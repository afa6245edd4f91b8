#include "streamd/authority.h"

#include "base/crypto.h"
#include "base/text.h"
#include "net/addr.h"
#include "streamd/folder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAY_S = 86400, CA_DAYS = 3650, CERT_DAYS = 825, RENEW_DAYS = 30, SAN_TEXT = 4096 };

/* ---- names ---- */

static void add_name(struct authority_names *names, const char *kind, const char *value)
{
    char text[AUTHORITY_NAME];
    int n = snprintf(text, sizeof text, "%s:%s", kind, value);
    if (n < 0 || (size_t)n >= sizeof text || names->n >= AUTHORITY_NAMES_MAX)
        return;
    for (unsigned i = 0; i < names->n; i++)
        if (strcmp(names->at[i], text) == 0)
            return;
    (void)text_copy(names->at[names->n++], AUTHORITY_NAME, text);
}

static void add_host(struct authority_names *names, const char *host)
{
    struct addr a;
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    if (!addr_parse_ip(host, &a))
        add_name(names, "IP", host);
    if (*host && strspn(host, fine) == strlen(host))
        add_name(names, "DNS", host); /* a dotted address too: OBS compares only DNS names */
}

static void add_interfaces(struct authority_names *names)
{
    struct ifaddrs *list;
    char text[INET6_ADDRSTRLEN];
    if (getifaddrs(&list))
        return;
    for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || (i->ifa_flags & IFF_LOOPBACK))
            continue;
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)i->ifa_addr;
        if (inet_ntop(AF_INET, &in->sin_addr, text, sizeof text))
            add_host(names, text);
    }
    freeifaddrs(list);
}

void authority_names_of(const char *address, const char *url, struct authority_names *ret_names)
{
    struct addr a;
    char text[ADDR_TEXT], host[AUTHORITY_NAME] = "";
    const char *rest = strstr(url, "://");
    *ret_names = (struct authority_names){0};
    add_name(ret_names, "DNS", "localhost");
    add_host(ret_names, "127.0.0.1");
    add_name(ret_names, "IP", "::1");
    if (rest && rest[3] != '[') {
        (void)snprintf(host, sizeof host, "%.*s", (int)strcspn(rest + 3, ":/"), rest + 3);
        add_host(ret_names, host);
    }
    if (addr_parse(address, &a) || addr_is_loopback(&a))
        return;
    addr_text(&a, text);
    if (strcmp(text, "0.0.0.0") == 0 || strcmp(text, "::") == 0)
        add_interfaces(ret_names);
    else
        add_host(ret_names, text);
    if (!gethostname(host, sizeof host - 1))
        add_host(ret_names, host);
}

/* ---- files ---- */

static bool put_file(struct cx *cx, const char *path, unsigned mode, BIO *bio)
{
    char *data;
    long n = BIO_get_mem_data(bio, &data);
    return n > 0 && !folder_write(cx, path, mode, data, (size_t)n);
}

static bool put_key(struct cx *cx, const char *path, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool ok = bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
              put_file(cx, path, 0600, bio);
    BIO_free(bio);
    return ok;
}

static bool put_certs(struct cx *cx, const char *path, X509 *first, X509 *second)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio && PEM_write_bio_X509(bio, first) == 1 &&
              (!second || PEM_write_bio_X509(bio, second) == 1) && put_file(cx, path, 0644, bio);
    BIO_free(bio);
    return ok;
}

/* ERR_NOT_FOUND: there is no such file. ERR_IO: there is one, but it cannot be read. */
static enum err open_pem(struct cx *cx, const char *path, BIO **ret_bio)
{
    char why[100];
    FILE *f = fopen(path, "rbe");
    int number = errno;
    if (!f && number == ENOENT)
        return problem(cx, ERR_NOT_FOUND, "'%.100s' is missing", path);
    if (!f)
        return problem(cx, ERR_IO, "cannot read '%.100s': %s", path,
                       strerror_r(number, why, sizeof why));
    BIO *bio = BIO_new_fp(f, BIO_CLOSE);
    if (!bio) {
        (void)fclose(f);
        return ERR_NO_MEMORY;
    }
    *ret_bio = bio;
    return ERR_OK;
}

static enum err get_cert(struct cx *cx, const char *path, X509 **ret_cert)
{
    BIO *bio = NULL;
    enum err e = open_pem(cx, path, &bio);
    if (e)
        return e;
    *ret_cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return *ret_cert ? ERR_OK : problem(cx, ERR_IO, "'%.100s' holds no certificate", path);
}

static enum err get_key(struct cx *cx, const char *path, EVP_PKEY **ret_key)
{
    BIO *bio = NULL;
    enum err e = open_pem(cx, path, &bio);
    if (e)
        return e;
    *ret_key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return *ret_key ? ERR_OK : problem(cx, ERR_IO, "'%.100s' holds no key", path);
}

/* ---- certificates ---- */

static bool add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = ext && X509_add_ext(cert, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return ok;
}

static bool set_serial(X509 *cert)
{
    unsigned char raw[16];
    crypto_random(raw, sizeof raw);
    raw[0] &= 0x7f; /* positive */
    BIGNUM *n = BN_bin2bn(raw, sizeof raw, NULL);
    bool ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
    BN_free(n);
    return ok;
}

static bool set_name(X509_NAME *name, const char *common)
{
    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
                                      (const unsigned char *)"streamd on this machine", -1, -1,
                                      0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common, -1,
                                      -1, 0) == 1;
}

/* Version 3, serial, key, validity; an hour back, for clocks that are a little slow. */
static X509 *begin_cert(EVP_PKEY *key, const char *common, int days)
{
    X509 *cert = X509_new();
    if (cert && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
        X509_set_pubkey(cert, key) == 1 && X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
        X509_gmtime_adj(X509_getm_notAfter(cert), (long)days * DAY_S) &&
        set_name(X509_get_subject_name(cert), common))
        return cert;
    X509_free(cert);
    return NULL;
}

static X509 *make_ca(EVP_PKEY *key)
{
    char common[48], tail[9];
    crypto_random_hex(tail, 8);
    (void)snprintf(common, sizeof common, "streamd local CA %s", tail);
    X509 *ca = begin_cert(key, common, CA_DAYS);
    if (ca && X509_set_issuer_name(ca, X509_get_subject_name(ca)) == 1 &&
        add_ext(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        add_ext(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_ext(ca, ca, NID_subject_key_identifier, "hash") && X509_sign(ca, key, EVP_sha256()) > 0)
        return ca;
    X509_free(ca);
    return NULL;
}

static void san_text(const struct authority_names *names, char out[SAN_TEXT])
{
    size_t n = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < names->n && n + AUTHORITY_NAME + 2 < SAN_TEXT; i++)
        n += (size_t)snprintf(out + n, SAN_TEXT - n, "%s%s", i ? "," : "", names->at[i]);
}

static X509 *make_cert(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key,
                       const struct authority_names *names)
{
    char san[SAN_TEXT];
    san_text(names, san);
    X509 *cert = begin_cert(key, "streamd", CERT_DAYS);
    if (cert && X509_set_issuer_name(cert, X509_get_subject_name(ca)) == 1 &&
        add_ext(cert, ca, NID_basic_constraints, "critical,CA:FALSE") &&
        add_ext(cert, ca, NID_key_usage, "critical,digitalSignature") &&
        add_ext(cert, ca, NID_ext_key_usage, "serverAuth") &&
        add_ext(cert, ca, NID_subject_key_identifier, "hash") &&
        add_ext(cert, ca, NID_authority_key_identifier, "keyid:always") &&
        add_ext(cert, ca, NID_subject_alt_name, san) && X509_sign(cert, ca_key, EVP_sha256()) > 0)
        return cert;
    X509_free(cert);
    return NULL;
}

/* ---- what is there, and what is wanted ---- */

static bool has_names(X509 *cert, const struct authority_names *names)
{
    for (unsigned i = 0; i < names->n; i++) {
        const char *name = names->at[i];
        bool has = text_has_prefix(name, "IP:") ? X509_check_ip_asc(cert, name + 3, 0) == 1
                                                : X509_check_host(cert, name + 4, 0, 0, NULL) == 1;
        if (!has)
            return false;
    }
    return true;
}

static bool lasts(X509 *cert, int days)
{
    int left = 0, seconds = 0;
    return ASN1_TIME_diff(&left, &seconds, NULL, X509_get0_notAfter(cert)) == 1 && left >= days;
}

struct state {
    EVP_PKEY *ca_key, *key;
    X509 *ca, *cert;
};

static void state_done(struct state *s)
{
    EVP_PKEY_free(s->ca_key);
    EVP_PKEY_free(s->key);
    X509_free(s->ca);
    X509_free(s->cert);
}

static enum err fresh_ca(struct cx *cx, struct state *s, const char *key_path,
                         struct authority_files *f)
{
    X509_free(s->ca);
    EVP_PKEY_free(s->ca_key);
    s->ca = NULL;
    s->ca_key = EVP_EC_gen("P-256");
    if (s->ca_key)
        s->ca = make_ca(s->ca_key);
    if (!s->ca)
        return problem(cx, ERR_INTERNAL, "cannot make a certificate authority");
    f->fresh_ca = true;
    return put_key(cx, key_path, s->ca_key) && put_certs(cx, f->ca, s->ca, NULL) ? ERR_OK : ERR_IO;
}

/* Encoders trust the one that is there: only without it, or at its end, is there another. */
static enum err need_ca(struct cx *cx, struct state *s, const char *key_path,
                        struct authority_files *f)
{
    enum err e = get_cert(cx, f->ca, &s->ca);
    if (e == ERR_NOT_FOUND || (!e && !lasts(s->ca, RENEW_DAYS)))
        return fresh_ca(cx, s, key_path, f);
    if (e)
        return e;
    e = get_key(cx, key_path, &s->ca_key);
    if (e == ERR_NOT_FOUND || (!e && X509_check_private_key(s->ca, s->ca_key) != 1))
        return problem(cx, ERR_IO, "'%.100s' %s; without ca.pem too, both are made anew", key_path,
                       e ? "is missing" : "is not the key of ca.pem");
    return e;
}

static enum err need_cert(struct cx *cx, struct state *s, const struct authority_names *names,
                          struct authority_files *f)
{
    if (!get_cert(cx, f->cert, &s->cert) && !get_key(cx, f->key, &s->key) &&
        X509_check_private_key(s->cert, s->key) == 1 && X509_verify(s->cert, s->ca_key) == 1 &&
        lasts(s->cert, RENEW_DAYS) && has_names(s->cert, names))
        return ERR_OK;
    cx->problem[0] = '\0'; /* that one could not be read: there will be another */
    X509_free(s->cert);
    EVP_PKEY_free(s->key);
    s->cert = NULL;
    s->key = EVP_EC_gen("P-256");
    if (s->key)
        s->cert = make_cert(s->key, s->ca, s->ca_key, names);
    if (!s->cert)
        return problem(cx, ERR_INTERNAL, "cannot make a server certificate");
    f->fresh_cert = true;
    return put_key(cx, f->key, s->key) && put_certs(cx, f->cert, s->cert, s->ca) ? ERR_OK : ERR_IO;
}

enum err authority_make(struct cx *cx, const char *dir, const struct authority_names *names,
                        struct authority_files *ret_files)
{
    struct authority_files f = {0};
    struct state s = {0};
    char folder[AUTHORITY_PATH - 16], ca_key[AUTHORITY_PATH];
    int n = snprintf(folder, sizeof folder, "%s/ca", dir);
    if (n < 0 || (size_t)n >= sizeof folder)
        return problem(cx, ERR_IO, "the data folder's name is too long");
    if (mkdir(folder, 0700) && errno != EEXIST)
        return problem(cx, ERR_IO, "cannot make the folder '%.100s'", folder);
    (void)snprintf(f.ca, sizeof f.ca, "%s/ca.pem", folder);
    (void)snprintf(ca_key, sizeof ca_key, "%s/ca.key", folder);
    (void)snprintf(f.cert, sizeof f.cert, "%s/server.pem", folder);
    (void)snprintf(f.key, sizeof f.key, "%s/server.key", folder);
    enum err e = need_ca(cx, &s, ca_key, &f);
    if (!e)
        e = need_cert(cx, &s, names, &f);
    state_done(&s);
    if (!e)
        *ret_files = f;
    return e;
}
