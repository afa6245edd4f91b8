#include "base/crypto.h"
#include "cloud/s3_sign_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CANONICAL_MAX = 32 * 1024, DATE_ONLY = 8 };

void s3_encode(struct buf *out, const char *text, bool path)
{
    static const char hex[] = "0123456789ABCDEF";
    for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
        bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
                     (*s >= '0' && *s <= '9') || strchr("-_.~", *s) || (path && *s == '/');
        if (plain) {
            buf_ch(out, (char)*s);
            continue;
        }
        buf_ch(out, '%');
        buf_ch(out, hex[*s >> 4]);
        buf_ch(out, hex[*s & 15]);
    }
}

void s3_date(int64_t now_ms, char out[S3_DATE_TEXT])
{
    time_t at = (time_t)(now_ms / 1000);
    struct tm tm;
    if (!gmtime_r(&at, &tm) || !strftime(out, S3_DATE_TEXT, "%Y%m%dT%H%M%SZ", &tm))
        out[0] = '\0';
}

void s3_scope(const struct s3_credentials *c, int64_t now_ms, char out[S3_SCOPE_TEXT])
{
    char date[S3_DATE_TEXT];
    s3_date(now_ms, date);
    (void)snprintf(out, S3_SCOPE_TEXT, "%.*s/%.40s/s3/aws4_request", DATE_ONLY, date, c->region);
}

/* ---- order ---- */

/* Both encoded, so that bytes compare as they are signed. */
struct encoded {
    const char *name, *value;
};

static int by_name_then_value(const void *a, const void *b)
{
    const struct encoded *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->value, y->value);
}

static int by_name(const void *a, const void *b)
{
    const struct s3_pair *x = a, *y = b;
    return strcmp(x->name, y->name);
}

void s3_query_text(struct buf *out, const struct s3_pair *query, size_t n)
{
    struct encoded sorted[S3_PAIRS_MAX];
    size_t from[S3_PAIRS_MAX][2];
    struct buf text;
    buf_init(&text, CANONICAL_MAX);
    for (size_t i = 0; i < n && n <= S3_PAIRS_MAX; i++) {
        from[i][0] = text.len;
        s3_encode(&text, query[i].name, false);
        buf_ch(&text, '\0');
        from[i][1] = text.len;
        s3_encode(&text, query[i].value, false);
        buf_ch(&text, '\0');
    }
    if (n > S3_PAIRS_MAX || text.failed) {
        out->failed = true;
        buf_done(&text);
        return;
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct encoded){text.data + from[i][0], text.data + from[i][1]};
    if (n)
        qsort(sorted, n, sizeof sorted[0], by_name_then_value);
    for (size_t i = 0; i < n; i++)
        buf_fmt(out, "%s%s=%s", i ? "&" : "", sorted[i].name, sorted[i].value);
    buf_done(&text);
}

static enum err sort_headers(const struct s3_pair *headers, size_t n,
                             struct s3_pair out[S3_PAIRS_MAX])
{
    if (!n || n > S3_PAIRS_MAX)
        return ERR_NO_MEMORY;
    memcpy(out, headers, n * sizeof *headers);
    qsort(out, n, sizeof *out, by_name);
    return ERR_OK;
}

void s3_signed_names(struct buf *out, const struct s3_pair *headers, size_t n)
{
    struct s3_pair sorted[S3_PAIRS_MAX];
    if (sort_headers(headers, n, sorted) != ERR_OK) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        buf_fmt(out, "%s%s", i ? ";" : "", sorted[i].name);
}

/* Without white space at the ends, runs of spaces as one. */
static void add_value(struct buf *out, const char *value)
{
    bool gap = false, any = false;
    for (const char *s = value; *s; s++) {
        if (*s == ' ' || *s == '\t') {
            gap = any;
            continue;
        }
        if (gap)
            buf_ch(out, ' ');
        gap = false;
        any = true;
        buf_ch(out, *s);
    }
}

/* ---- the signature ---- */

static enum err canonical_request(const struct s3_signed *ask, struct buf *out)
{
    struct s3_pair sorted[S3_PAIRS_MAX];
    enum err e = sort_headers(ask->headers, ask->header_n, sorted);
    if (e)
        return e;
    buf_fmt(out, "%s\n%s\n", ask->method, ask->path);
    s3_query_text(out, ask->query, ask->query_n);
    buf_ch(out, '\n');
    for (size_t i = 0; i < ask->header_n; i++) {
        buf_fmt(out, "%s:", sorted[i].name);
        add_value(out, sorted[i].value);
        buf_ch(out, '\n');
    }
    buf_ch(out, '\n');
    s3_signed_names(out, ask->headers, ask->header_n);
    buf_fmt(out, "\n%s", ask->payload);
    return buf_err(out);
}

static void hmac_text(const unsigned char *key, size_t key_len, const char *text,
                      unsigned char out[SHA256_LEN])
{
    crypto_hmac_sha256(key, key_len, text, strlen(text), out);
}

static enum err signing_key(const struct s3_credentials *c, const char *date,
                            unsigned char out[SHA256_LEN])
{
    char first[300], day[DATE_ONLY + 1];
    unsigned char a[SHA256_LEN], b[SHA256_LEN];
    int n = snprintf(first, sizeof first, "AWS4%s", c->secret_key);
    if (n < 0 || (size_t)n >= sizeof first)
        return ERR_INPUT;
    (void)snprintf(day, sizeof day, "%.*s", DATE_ONLY, date);
    hmac_text((unsigned char *)first, (size_t)n, day, a);
    hmac_text(a, sizeof a, c->region, b);
    hmac_text(b, sizeof b, "s3", a);
    hmac_text(a, sizeof a, "aws4_request", out);
    crypto_wipe(first, sizeof first);
    crypto_wipe(a, sizeof a);
    crypto_wipe(b, sizeof b);
    return ERR_OK;
}

enum err s3_signature(const struct s3_credentials *c, const struct s3_signed *ask,
                      char ret_signature[S3_SIGNATURE_TEXT])
{
    unsigned char hash[SHA256_LEN], key[SHA256_LEN], mac[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1], date[S3_DATE_TEXT], scope[S3_SCOPE_TEXT], text[300];
    struct buf canonical;
    buf_init(&canonical, CANONICAL_MAX);
    enum err e = canonical_request(ask, &canonical);
    if (!e)
        crypto_sha256(canonical.data, canonical.len, hash);
    buf_done(&canonical);
    s3_date(ask->now_ms, date);
    s3_scope(c, ask->now_ms, scope);
    if (!e)
        e = signing_key(c, date, key);
    if (e)
        return e;
    crypto_hex(hash, sizeof hash, hex);
    (void)snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hex);
    hmac_text(key, sizeof key, text, mac);
    crypto_hex(mac, sizeof mac, ret_signature);
    crypto_wipe(key, sizeof key);
    return ERR_OK;
}

enum err s3_presign_query(const struct s3_credentials *c, const struct s3_signed *ask,
                          int64_t seconds, struct buf *url)
{
    char scope[S3_SCOPE_TEXT], credential[S3_SCOPE_TEXT + 160], date[S3_DATE_TEXT], expires[24];
    char signature[S3_SIGNATURE_TEXT];
    struct s3_pair query[S3_PAIRS_MAX];
    struct s3_signed signed_ask = *ask;
    struct buf names;
    size_t n = ask->query_n;
    if (n + 5 > S3_PAIRS_MAX)
        return ERR_NO_MEMORY;
    buf_init(&names, 1024);
    s3_signed_names(&names, ask->headers, ask->header_n);
    s3_scope(c, ask->now_ms, scope);
    s3_date(ask->now_ms, date);
    (void)snprintf(credential, sizeof credential, "%.150s/%s", c->access_key, scope);
    (void)snprintf(expires, sizeof expires, "%lld", (long long)seconds);
    if (n)
        memcpy(query, ask->query, n * sizeof *query);
    query[n++] = (struct s3_pair){"X-Amz-Algorithm", "AWS4-HMAC-SHA256"};
    query[n++] = (struct s3_pair){"X-Amz-Credential", credential};
    query[n++] = (struct s3_pair){"X-Amz-Date", date};
    query[n++] = (struct s3_pair){"X-Amz-Expires", expires};
    query[n++] = (struct s3_pair){"X-Amz-SignedHeaders", names.data ? names.data : ""};
    signed_ask.query = query;
    signed_ask.query_n = n;
    signed_ask.payload = S3_UNSIGNED;
    enum err e = names.failed ? ERR_NO_MEMORY : s3_signature(c, &signed_ask, signature);
    if (!e) {
        buf_ch(url, '?');
        s3_query_text(url, query, n);
        buf_fmt(url, "&X-Amz-Signature=%s", signature);
        e = buf_err(url);
    }
    buf_done(&names);
    return e;
}
