#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "cloud/s3_in.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    TRIES = 4,
    TIMEOUT_MS = 15000,
    SLOWEST_BYTES_MS = 64, /* of bodies, on top of the timeout: 64 kB/s */
    FIRST_WAIT_MS = 200,
    WAIT_MAX_MS = 4000,
    WAIT_STEP_MS = 100,
    ANSWER_MAX = 64 * 1024,
    TEXT_SIZE = 256,
    HEADERS = S3_CALL_PAIRS + 6,
    HEADER_TEXT = 1400
};

struct s3 {
    char origin[TEXT_SIZE]; /* "https://host:port" */
    char host[TEXT_SIZE];
    char base[TEXT_SIZE]; /* path of the endpoint, without a slash behind */
    char bucket[64];
    char access_key[160], secret_key[TEXT_SIZE]; /* the latter never logged */
    char region[40], ca_file[TEXT_SIZE];
    int64_t timeout_ms;
    unsigned tries;
    atomic_bool over;
};

/* ---- making ---- */

static bool plain_text(const char *s, size_t max)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++)
        if (s[i] <= 0x20 || s[i] >= 0x7f)
            return false;
    return n > 0 && n < max;
}

/* R2: 3..63 lower-case letters, digits, hyphens; S3 takes dots as well. */
static bool bucket_ok(const char *s)
{
    size_t n = strlen(s);
    return n >= 3 && n <= 63 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == n &&
           s[0] != '-' && s[0] != '.' && s[n - 1] != '-';
}

/* The port is left out of Host where it is the scheme's own: so does curl. */
static bool split_endpoint(struct s3 *s, const char *endpoint)
{
    bool tls = text_has_prefix(endpoint, "https://");
    if (!tls && !text_has_prefix(endpoint, "http://"))
        return false;
    const char *host = strstr(endpoint, "://") + 3;
    size_t host_len = strcspn(host, "/?#");
    const char *path = host + host_len;
    if (!host_len || strpbrk(path, "?#") || !plain_text(endpoint, TEXT_SIZE) ||
        memchr(host, '@', host_len))
        return false;
    (void)snprintf(s->host, sizeof s->host, "%.*s", (int)host_len, host);
    const char *own = tls ? ":443" : ":80";
    if (text_has_suffix(s->host, own))
        s->host[strlen(s->host) - strlen(own)] = '\0';
    (void)text_copy(s->base, sizeof s->base, path);
    for (size_t n = strlen(s->base); n && s->base[n - 1] == '/';)
        s->base[--n] = '\0';
    return snprintf(s->origin, sizeof s->origin, "%s%s", tls ? "https://" : "http://", s->host) > 0;
}

enum err s3_make(struct cx *cx, const struct s3_setup *setup, struct s3 **ret_s3)
{
    struct s3 *s = calloc(1, sizeof *s);
    const char *why = NULL;
    if (!s)
        return ERR_NO_MEMORY;
    if (!split_endpoint(s, setup->endpoint))
        why = "the bucket's endpoint must be an http(s) address without a query";
    else if (!bucket_ok(setup->bucket))
        why = "a bucket's name has 3 to 63 lower-case letters, digits and hyphens";
    else if (!plain_text(setup->access_key, sizeof s->access_key - 1) ||
             !plain_text(setup->secret_key, sizeof s->secret_key - 1))
        why = "the bucket's access key and secret are printable text without spaces";
    (void)text_copy(s->bucket, sizeof s->bucket, setup->bucket);
    (void)text_copy(s->access_key, sizeof s->access_key, setup->access_key);
    (void)text_copy(s->secret_key, sizeof s->secret_key, setup->secret_key);
    (void)text_copy(s->region, sizeof s->region, setup->region ? setup->region : "auto");
    if (!text_copy(s->ca_file, sizeof s->ca_file, setup->ca_file ? setup->ca_file : ""))
        why = "the path of the CA file is too long";
    s->timeout_ms = setup->timeout_ms ? setup->timeout_ms : TIMEOUT_MS;
    s->tries = setup->tries ? setup->tries : TRIES;
    if (why) {
        s3_free(s);
        return problem(cx, ERR_INPUT, "%s", why);
    }
    *ret_s3 = s;
    return ERR_OK;
}

void s3_end(struct s3 *s)
{
    if (s)
        atomic_store(&s->over, true);
}

void s3_free(struct s3 *s)
{
    if (s)
        crypto_wipe(s, sizeof *s);
    free(s);
}

const char *s3_origin(const struct s3 *s)
{
    return s->origin;
}

const char *s3_host(const struct s3 *s)
{
    return s->host;
}

struct s3_credentials s3_credentials_of(const struct s3 *s)
{
    return (struct s3_credentials){s->access_key, s->secret_key, s->region};
}

bool s3_key_ok(const char *key)
{
    size_t n = strlen(key);
    if (!n || n > S3_KEY_MAX || key[0] == '/' || !text_is_utf8(key, n))
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)key[i] < 0x20 || key[i] == 0x7f)
            return false;
    for (const char *s = key; s;) {
        size_t len = strcspn(s, "/");
        if ((len == 1 && s[0] == '.') || (len == 2 && s[0] == '.' && s[1] == '.'))
            return false;
        s = s[len] ? s + len + 1 : NULL;
    }
    return true;
}

enum err s3_path(const struct s3 *s, const char *key, struct buf *out)
{
    buf_fmt(out, "%s/%s", s->base, s->bucket);
    if (key) {
        buf_ch(out, '/');
        s3_encode(out, key, true);
    }
    return buf_err(out);
}

/* ---- one try ---- */

/* A body on its way, read from the file as curl takes it. */
struct transfer {
    struct s3 *s;
    const struct s3_body *body;
    uint64_t sent;
    struct s3_sink *sink;
};

static size_t more_body(void *arg, void *out, size_t max)
{
    struct transfer *t = arg;
    uint64_t left = t->body->len - t->sent;
    size_t want = left < max ? (size_t)left : max;
    ssize_t n;
    do
        n = want ? pread(t->body->fd, out, want, (off_t)(t->body->off + t->sent)) : 0;
    while (n < 0 && errno == EINTR);
    t->sent += n > 0 ? (uint64_t)n : 0;
    return n > 0 ? (size_t)n : 0; /* a file that has become shorter ends the exchange */
}

static bool into_file(void *arg, const void *data, size_t len)
{
    struct transfer *t = arg;
    struct s3_sink *k = t->sink;
    const char *from = data;
    if (k->len + len > k->max + ANSWER_MAX) { /* an error's text comes this way, too */
        k->too_large = true;
        return false;
    }
    while (len) {
        ssize_t n = pwrite(k->fd, from, len, (off_t)k->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            k->failed = true;
            return false;
        }
        from += n;
        len -= (size_t)n;
        k->len += (uint64_t)n;
    }
    return true;
}

static bool going_on(void *arg)
{
    struct transfer *t = arg;
    return !atomic_load(&t->s->over);
}

/* The parts of a request that stay the same from one try to the next. */
struct request {
    struct buf path, url;
    char payload[2 * SHA256_LEN + 1];
};

static enum err hash_body(struct cx *cx, const struct s3_body *body, char out[2 * SHA256_LEN + 1])
{
    unsigned char hash[SHA256_LEN];
    enum err e = ERR_OK;
    if (!body || body->data || !body->len)
        crypto_sha256(body && body->data ? body->data : "",
                      body && body->data ? (size_t)body->len : 0, hash);
    else
        e = crypto_sha256_file(body->fd, body->off, body->len, hash);
    if (e)
        return problem(cx, e, "the file to send cannot be read");
    crypto_hex(hash, sizeof hash, out);
    return ERR_OK;
}

static enum err sign(struct s3 *s, const struct s3_call *call, const struct request *r,
                     char lines[HEADERS][HEADER_TEXT], const char *list[HEADERS + 1])
{
    const struct s3_credentials c = s3_credentials_of(s);
    char date[S3_DATE_TEXT], scope[S3_SCOPE_TEXT], signature[S3_SIGNATURE_TEXT];
    struct s3_pair headers[S3_CALL_PAIRS + 3];
    struct buf names;
    int64_t now_ms = clock_unix_ms(); /* of this try, not of the work it is part of */
    size_t n = call->header_n, h = 0;
    s3_date(now_ms, date);
    s3_scope(&c, now_ms, scope);
    memcpy(headers, call->headers, n * sizeof *headers);
    headers[n++] = (struct s3_pair){"host", s->host};
    headers[n++] = (struct s3_pair){"x-amz-content-sha256", r->payload};
    headers[n++] = (struct s3_pair){"x-amz-date", date};
    const struct s3_signed ask = {.method = call->method,
                                  .path = r->path.data,
                                  .query = call->query,
                                  .query_n = call->query_n,
                                  .headers = headers,
                                  .header_n = n,
                                  .payload = r->payload,
                                  .now_ms = now_ms};
    enum err e = s3_signature(&c, &ask, signature);
    if (e)
        return e;
    for (; h < n; h++) {
        int len = snprintf(lines[h], HEADER_TEXT, "%s: %s", headers[h].name, headers[h].value);
        if (len < 0 || len >= HEADER_TEXT)
            return ERR_INPUT;
        list[h] = lines[h];
    }
    buf_init(&names, HEADER_TEXT / 2);
    s3_signed_names(&names, headers, n);
    (void)snprintf(lines[h], HEADER_TEXT,
                   "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, "
                   "Signature=%s",
                   s->access_key, scope, names.data ? names.data : "", signature);
    list[h] = lines[h];
    e = buf_err(&names);
    buf_done(&names);
    return e;
}

static enum err try_once(struct s3 *s, struct cx *cx, const struct s3_call *call,
                         const struct request *r, struct client_answer *a)
{
    char lines[HEADERS][HEADER_TEXT];
    const char *list[HEADERS + 1] = {NULL};
    struct transfer t = {.s = s, .body = call->body, .sink = call->sink};
    const struct s3_body *body = call->body;
    uint64_t bytes = (body ? body->len : 0) + (call->sink ? call->sink->max : call->answer_max);
    if (call->sink)
        call->sink->len = 0;
    enum err e = sign(s, call, r, lines, list);
    if (e)
        return e;
    const struct client_ask ask = {.method = call->method,
                                   .url = r->url.data,
                                   .headers = list,
                                   .body = body ? body->data : NULL,
                                   .body_len = body ? (size_t)body->len : 0,
                                   .timeout_ms =
                                       s->timeout_ms + (int64_t)(bytes / SLOWEST_BYTES_MS),
                                   .answer_max = call->answer_max ? call->answer_max : ANSWER_MAX,
                                   .on_body = call->sink ? into_file : NULL,
                                   .more_body = body && !body->data && body->len ? more_body : NULL,
                                   .go_on = going_on,
                                   .arg = &t,
                                   .ca_file = s->ca_file[0] ? s->ca_file : NULL};
    e = client_run(&ask, a);
    if (!e || e == ERR_BUSY)
        return e ? problem(cx, e, "the server is ending") : ERR_OK;
    if (call->sink && call->sink->too_large)
        return problem(cx, ERR_TOO_LARGE, "the object is larger than expected");
    if (call->sink && call->sink->failed)
        return problem(cx, ERR_IO, "the object cannot be written to a file");
    log_warn("bucket cannot be reached", LOG_S("req", cx->id), LOG_S("method", call->method),
             LOG_S("why", a->why));
    return problem(cx, e, "the bucket cannot be reached: %s", a->reason);
}

/* ---- tries ---- */

static bool passing(enum err e, int status)
{
    return e ? e == ERR_UPSTREAM || e == ERR_TIMEOUT
             : status == 429 || status == 500 || status == 503;
}

/* Between half and all of it, so that those who failed together do not come back together. */
static void wait_ms(struct s3 *s, int64_t ms)
{
    static const struct timespec step = {0, WAIT_STEP_MS * 1000000L};
    unsigned char dice;
    crypto_random(&dice, 1);
    int64_t until = clock_mono_ms() + ms / 2 + ms * dice / 512;
    while (clock_mono_ms() < until && !atomic_load(&s->over))
        (void)nanosleep(&step, NULL);
}

static enum err try_all(struct s3 *s, struct cx *cx, const struct s3_call *call,
                        const struct request *r, struct client_answer *a)
{
    int64_t wait = FIRST_WAIT_MS;
    for (unsigned i = 1;; i++, wait *= 3) {
        *a = (struct client_answer){0};
        enum err e = atomic_load(&s->over) ? problem(cx, ERR_BUSY, "the server is ending")
                                           : try_once(s, cx, call, r, a);
        bool good = !e && a->status >= 200 && a->status < 300;
        if (good)
            return ERR_OK;
        if (i == s->tries || !passing(e, a->status) || atomic_load(&s->over)) {
            e = e ? e : s3_refused(cx, a);
            client_answer_done(a);
            return e;
        }
        log_warn("bucket call failed, trying again", LOG_S("req", cx->id),
                 LOG_S("method", call->method), LOG_I("status", a->status), LOG_I("try", i));
        client_answer_done(a);
        cx->problem[0] = '\0';
        wait_ms(s, wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS);
    }
}

enum err s3_do(struct s3 *s, struct cx *cx, const struct s3_call *call,
               struct client_answer *ret_answer)
{
    struct request r;
    if (call->key && !s3_key_ok(call->key))
        return problem(cx, ERR_INPUT, "a key must be 1 to %d bytes of plain text", S3_KEY_MAX);
    buf_init(&r.path, S3_URL_MAX);
    buf_init(&r.url, S3_URL_MAX);
    enum err e = s3_path(s, call->key, &r.path);
    if (!e)
        e = hash_body(cx, call->body, r.payload);
    if (!e) {
        buf_fmt(&r.url, "%s%s", s->origin, r.path.data);
        if (call->query_n) {
            buf_ch(&r.url, '?');
            s3_query_text(&r.url, call->query, call->query_n);
        }
        e = buf_err(&r.url);
    }
    if (!e)
        e = try_all(s, cx, call, &r, ret_answer);
    buf_done(&r.path);
    buf_done(&r.url);
    return e;
}

enum err s3_do_quietly(struct s3 *s, struct cx *cx, const struct s3_call *call)
{
    struct client_answer a;
    enum err e = s3_do(s, cx, call, &a);
    if (!e)
        client_answer_done(&a);
    return e;
}
