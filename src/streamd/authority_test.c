/* Our own authority: what it makes, what it keeps, when it makes anew. And the data folder. */
#include "streamd/authority.h"

#include "base/crypto.h"
#include "base/test.h"
#include "streamd/folder.h"

#include <ftw.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[32];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/streamd-ca-XXXXXX");
    return crypto_init() || !mkdtemp(dir);
}

static int teardown(void **state)
{
    (void)state;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static X509 *cert_of(const char *path)
{
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);
    assert_non_null(cert);
    (void)fclose(f);
    return cert;
}

static int verify(X509 *ca, X509 *cert)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_add_cert(store, ca), 1);
    assert_int_equal(X509_STORE_CTX_init(ctx, store, cert, NULL), 1);
    X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
    int ok = X509_verify_cert(ctx);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return ok;
}

static unsigned mode_of(const char *name)
{
    char path[200];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static void make(const char *address, const char *url, struct authority_files *ret_files)
{
    struct cx cx = {0};
    struct authority_names names;
    authority_names_of(address, url, &names);
    assert_int_equal(authority_make(&cx, dir, &names, ret_files), ERR_OK);
}

static void authority__signs_for_this_machine(void **state)
{
    struct authority_files f;
    (void)state;
    make("127.0.0.1:1936", "", &f);
    assert_true(f.fresh_ca && f.fresh_cert);
    X509 *ca = cert_of(f.ca), *cert = cert_of(f.cert);
    assert_int_equal(verify(ca, cert), 1);
    assert_int_equal(X509_check_host(cert, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(cert, "127.0.0.1", 0, 0, NULL), 1); /* what OBS does */
    assert_int_equal(X509_check_ip_asc(cert, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(cert, "::1", 0), 1);
    assert_int_not_equal(X509_check_host(cert, "example.com", 0, 0, NULL), 1);
    assert_int_equal(X509_get_extension_flags(cert) & EXFLAG_CA, 0);
    assert_int_equal(mode_of("ca"), 0700);
    assert_int_equal(mode_of("ca/ca.key"), 0600);
    assert_int_equal(mode_of("ca/server.key"), 0600);
    X509_free(ca);
    X509_free(cert);
}

static void authority__is_kept_and_the_certificate_follows_names(void **state)
{
    struct authority_files f;
    (void)state;
    make("127.0.0.1:1936", "", &f);
    make("127.0.0.1:1936", "", &f);
    assert_false(f.fresh_ca || f.fresh_cert);
    make("192.0.2.7:1936", "rtmps://live.example.com:443/live/", &f);
    assert_false(f.fresh_ca);
    assert_true(f.fresh_cert);
    X509 *cert = cert_of(f.cert);
    assert_int_equal(X509_check_host(cert, "live.example.com", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(cert, "192.0.2.7", 0), 1);
    X509_free(cert);
}

static void spoil(const char *name, const char *text)
{
    char path[200];
    struct cx cx = {0};
    (void)snprintf(path, sizeof path, "%s/ca/%s", dir, name);
    if (text)
        assert_int_equal(folder_write(&cx, path, 0600, text, strlen(text)), ERR_OK);
    else
        assert_int_equal(unlink(path), 0);
}

static void refused(const char *why)
{
    struct cx cx = {0};
    struct authority_names names;
    struct authority_files f;
    authority_names_of("127.0.0.1:1936", "", &names);
    assert_int_equal(authority_make(&cx, dir, &names, &f), ERR_IO);
    if (!strstr(cx.problem, why))
        fail_msg("'%s' does not say '%s'", cx.problem, why);
}

/* One failed read made a new authority over the old one, and every encoder refused from then on. */
static void authority__that_cannot_be_read_is_not_made_anew(void **state)
{
    struct authority_files f;
    char path[200], away[200];
    (void)state;
    make("127.0.0.1:1936", "", &f);
    X509 *before = cert_of(f.ca);
    (void)snprintf(path, sizeof path, "%s/ca/ca.pem", dir);
    (void)snprintf(away, sizeof away, "%s/ca/away", dir);
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(symlink("ca.pem", path), 0); /* ELOOP: stands for EMFILE, EACCES, EIO */
    refused("cannot read");
    assert_int_equal(rename(away, path), 0);
    make("127.0.0.1:1936", "", &f);
    assert_false(f.fresh_ca || f.fresh_cert);

    spoil("ca.key", "nonsense\n");
    refused("holds no key");
    spoil("ca.key", NULL);
    refused("ca.key' is missing");
    X509 *after = cert_of(f.ca);
    assert_int_equal(X509_cmp(before, after), 0);
    X509_free(before);
    X509_free(after);

    spoil("ca.pem", "nonsense\n");
    refused("holds no certificate");
    spoil("ca.pem", NULL);
    make("127.0.0.1:1936", "", &f);
    assert_true(f.fresh_ca && f.fresh_cert);
    spoil("server.key", "nonsense\n"); /* nobody trusts that one by itself */
    make("127.0.0.1:1936", "", &f);
    assert_true(!f.fresh_ca && f.fresh_cert);
}

static void folder__is_used_by_one_at_a_time(void **state)
{
    struct cx cx = {0};
    char inner[64];
    int fd, other;
    (void)state;
    (void)snprintf(inner, sizeof inner, "%s/a/b", dir);
    assert_int_equal(folder_open(&cx, inner, &fd), ERR_OK);
    assert_int_equal(mode_of("a/b"), 0700);
    assert_int_equal(folder_open(&cx, inner, &other), ERR_CONFLICT);
    (void)close(fd);
    assert_int_equal(folder_open(&cx, inner, &fd), ERR_OK);
    (void)close(fd);
    assert_int_equal(folder_open(&cx, "/proc/nothing/here", &fd), ERR_IO);
}

static void folder__keeps_the_first_value(void **state)
{
    struct cx cx = {0};
    char got[64], small[4], path[64];
    (void)state;
    assert_int_equal(folder_keep(&cx, dir, "token", "first", got, sizeof got), ERR_OK);
    assert_string_equal(got, "first");
    assert_int_equal(folder_keep(&cx, dir, "token", "second", got, sizeof got), ERR_OK);
    assert_string_equal(got, "first");
    assert_int_equal(mode_of("token"), 0600);
    assert_int_equal(folder_keep(&cx, dir, "token", "x", small, sizeof small), ERR_INPUT);
    (void)snprintf(path, sizeof path, "%s/empty", dir);
    assert_int_equal(folder_write(&cx, path, 0600, "\n", 1), ERR_OK);
    assert_int_equal(folder_keep(&cx, dir, "empty", "x", got, sizeof got), ERR_INPUT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(authority__signs_for_this_machine),
        T(authority__is_kept_and_the_certificate_follows_names),
        T(authority__that_cannot_be_read_is_not_made_anew),
        T(folder__is_used_by_one_at_a_time),
        T(folder__keeps_the_first_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
