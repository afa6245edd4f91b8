#include "base/arena.h"
#include "streamd/origin/origin_in.h"
#include <string.h>
#include <strings.h>

bool access_uid_ok(const char *uid)
{
    size_t n = strspn(uid, "0123456789abcdef");
    return n == UID_TEXT - 1 && !uid[n];
}

void access_headers(struct http_req *req)
{
    http_add(req, "Access-Control-Allow-Origin", "*");
    http_add(req, "Access-Control-Expose-Headers", "*");
}

void access_options(struct http_req *req)
{
    access_headers(req);
    http_add(req, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
    http_add(req, "Access-Control-Allow-Headers", "*");
    http_add(req, "Access-Control-Max-Age", "86400");
    http_send_empty(req, 204);
}

void access_fail(struct http_req *req, int status, const char *why)
{
    struct cx *cx = http_cx(req);
    access_headers(req);
    http_add(req, "Cache-Control", "no-store");
    char *body = arena_fmt(cx->arena, "{\"error\":\"%s\"}\n", why);
    http_send_text(req, status, "application/json", body ? body : "");
}

/* host[:port] of "https://host:port/path"; NULL: none. */
static const char *host_of(const char *url, size_t *ret_len)
{
    const char *p = strstr(url, "://");
    if (!p)
        return NULL;
    p += 3;
    *ret_len = strcspn(p, "/?#");
    return p;
}

static bool same_nocase(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

/* "*.x.com" covers every level below x.com and not x.com; a name covers itself and no other.
   A port counts when it is not the scheme's own (Cloudflare, "Secure your Stream"). */
static bool covers(const char *rule, size_t rule_len, const char *host, size_t host_len)
{
    if (same_nocase(rule, rule_len, host, host_len) || same_nocase(rule, rule_len, "*", 1))
        return true;
    if (rule_len < 3 || rule[0] != '*' || rule[1] != '.' || host_len < rule_len)
        return false;
    return same_nocase(rule + 1, rule_len - 1, host + host_len - (rule_len - 1), rule_len - 1);
}

static size_t without_default_port(const char *host, size_t len)
{
    if (len > 3 && memcmp(host + len - 3, ":80", 3) == 0)
        return len - 3;
    if (len > 4 && memcmp(host + len - 4, ":443", 4) == 0)
        return len - 4;
    return len;
}

bool access_origin_ok(struct http_req *req, const char *allowed_origins)
{
    if (!*allowed_origins)
        return true;
    const char *from = http_header(req, "Origin");
    if (!from)
        from = http_header(req, "Referer");
    if (!from)
        return true; /* no browser page: native players say nothing */
    size_t len = 0;
    const char *host = host_of(from, &len);
    if (!host)
        return false;
    len = without_default_port(host, len);
    for (const char *rule = allowed_origins; *rule;) {
        size_t n = strcspn(rule, " ");
        if (n && covers(rule, n, host, len))
            return true;
        rule += n + strspn(rule + n, " ");
    }
    return false;
}

bool access_may_watch(struct http_req *req, enum err e, const char *allowed_origins)
{
    if (e == ERR_NEED_LOGIN)
        access_fail(req, 401, "a signed URL is needed");
    else if (e)
        access_fail(req, 404, "not found");
    else if (!access_origin_ok(req, allowed_origins))
        access_fail(req, 403, "this origin may not play it");
    else
        return true;
    return false;
}
