/* Who we are, for push services: RFC 8292. And where messages may go. */
#include "base/crypto.h"
#include "base/es256.h"
#include "base/text.h"
#include "net/addr.h"
#include "notify/push.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_S = 12 * 3600, CLAIMS_MAX = 2048, HOST_MAX = 253 };

enum err push_key_read(const char *text, struct es256 **ret_key)
{
    unsigned char number[ES256_NUMBER];
    size_t n = 0;
    enum err e = crypto_unbase64url(text, strlen(text), number, sizeof number, &n);
    if (!e && n != sizeof number)
        e = ERR_INPUT;
    if (!e)
        e = es256_read_number(number, ret_key);
    crypto_wipe(number, sizeof number);
    return e;
}

void push_key_text(const struct es256 *key, char out[PUSH_KEY_TEXT])
{
    unsigned char point[ES256_POINT];
    es256_point(key, point);
    crypto_base64url_text(point, sizeof point, out);
}

/* ---- endpoints ---- */

struct place {
    bool https, v6;
    char host[HOST_MAX + 1]; /* lower case, without brackets */
    size_t origin_len;       /* of the URL */
    int64_t port;            /* 0: the scheme's */
};

static bool printable(const char *url)
{
    for (const char *s = url; *s; s++)
        if (*s <= ' ' || *s >= 0x7f || strchr("\"<>\\^`{|}#", *s))
            return false;
    return true;
}

/* "host", "[v6]", each with ":port" or without; up to `end`. */
static bool read_host(const char *from, const char *end, struct place *p)
{
    p->v6 = *from == '[';
    const char *stop = p->v6 ? memchr(from, ']', (size_t)(end - from)) : NULL;
    const char *colon = memchr(stop ? stop : from, ':', (size_t)(end - (stop ? stop : from)));
    if (p->v6 && !stop)
        return false;
    const char *host = from + p->v6;
    const char *host_end = stop ? stop : colon ? colon : end;
    size_t n = (size_t)(host_end - host);
    if (!n || n > HOST_MAX || (stop && stop + 1 != end && stop[1] != ':'))
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = host[i];
        p->host[i] = (char)tolower((unsigned char)c);
    }
    p->host[n] = '\0';
    char port[8];
    size_t digits = colon ? (size_t)(end - colon - 1) : 0;
    if (!colon)
        return true;
    if (!digits || digits >= sizeof port)
        return false;
    memcpy(port, colon + 1, digits);
    port[digits] = '\0';
    return !text_i64(port, 1, 65535, &p->port);
}

static bool read_place(const char *url, struct place *p)
{
    *p = (struct place){.https = text_has_prefix(url, "https://")};
    if (strlen(url) > PUSH_ENDPOINT_MAX || !printable(url) ||
        (!p->https && !text_has_prefix(url, "http://")))
        return false;
    const char *from = strstr(url, "://") + 3;
    const char *end = from + strcspn(from, "/?");
    if (memchr(from, '@', (size_t)(end - from)))
        return false;
    p->origin_len = (size_t)(end - url);
    return read_host(from, end, p);
}

/* Names that never mean a host of the internet. */
static bool inner_name(const char *host)
{
    static const char *const ends[] = {".localhost", ".local",     ".internal",
                                       ".lan",       ".home.arpa", ".test"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (text_has_suffix(host, ends[i]))
            return true;
    return !strchr(host, '.') || text_has_suffix(host, ".");
}

bool push_endpoint_ok(const char *endpoint, bool local_ok)
{
    struct place p;
    struct addr a;
    if (!read_place(endpoint, &p))
        return false;
    bool literal = !addr_parse_ip(p.host, &a);
    bool here = literal ? addr_is_loopback(&a) : strcmp(p.host, "localhost") == 0;
    if (here)
        return local_ok;
    if (!p.https || (p.port && p.port != 443) || (p.v6 && !literal))
        return false;
    return literal ? addr_is_public(&a) : !inner_name(p.host);
}

enum err push_origin(const char *endpoint, char out[PUSH_ORIGIN_MAX])
{
    struct place p;
    if (!read_place(endpoint, &p) || p.origin_len >= PUSH_ORIGIN_MAX)
        return ERR_INPUT;
    const char *open = p.v6 ? "[" : "", *close = p.v6 ? "]" : "";
    bool usual = !p.port || p.port == (p.https ? 443 : 80);
    int n = usual ? snprintf(out, PUSH_ORIGIN_MAX, "%s://%s%s%s", p.https ? "https" : "http", open,
                             p.host, close)
                  : snprintf(out, PUSH_ORIGIN_MAX, "%s://%s%s%s:%d", p.https ? "https" : "http",
                             open, p.host, close, (int)p.port);
    return n > 0 && n < PUSH_ORIGIN_MAX ? ERR_OK : ERR_INPUT;
}

/* ---- the token ---- */

static enum err sign_token(const struct es256 *key, json_t *claims, struct buf *token)
{
    static const char head[] = "{\"typ\":\"JWT\",\"alg\":\"ES256\"}";
    unsigned char sig[ES256_SIGNATURE];
    char *text = claims ? json_dumps(claims, JSON_COMPACT) : NULL;
    json_decref(claims);
    if (!text)
        return ERR_NO_MEMORY;
    crypto_base64url(token, head, sizeof head - 1);
    buf_ch(token, '.');
    crypto_base64url(token, text, strlen(text));
    free(text);
    enum err e = buf_err(token);
    if (!e)
        e = es256_sign(key, token->data, token->len, sig);
    if (e)
        return e;
    buf_ch(token, '.');
    crypto_base64url(token, sig, sizeof sig);
    return buf_err(token);
}

enum err push_vapid(const struct es256 *key, const char *endpoint, const char *who, int64_t now_ms,
                    struct buf *out)
{
    char origin[PUSH_ORIGIN_MAX], point[PUSH_KEY_TEXT];
    struct buf token;
    enum err e = push_origin(endpoint, origin);
    if (e)
        return e;
    buf_init(&token, CLAIMS_MAX);
    e = sign_token(key,
                   json_pack("{s:s,s:I,s:s}", "aud", origin, "exp",
                             (json_int_t)now_ms / 1000 + TOKEN_S, "sub", who),
                   &token);
    if (!e) {
        push_key_text(key, point);
        buf_fmt(out, "vapid t=%s, k=%s", token.data, point);
        e = buf_err(out);
    }
    buf_done(&token);
    return e;
}
