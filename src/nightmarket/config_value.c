/* Values that are more than text: URLs, addresses, keys. No value is repeated: some are secret. */
#include "base/text.h"
#include "net/addr.h"
#include "nightmarket/config_in.h"
#include "store/store.h"

#include <string.h>

#define LETTERS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS    "0123456789"
#define BASE64URL LETTERS DIGITS "-_"

enum { HOST_MAX = 253, VAPID_CHARS = 43, TOKEN_MAX = 500 };

static bool on_loopback(const char *host, size_t len)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == len && memcmp(names[i], host, len) == 0)
            return true;
    return len > 4 && memcmp(host, "127.", 4) == 0 && strspn(host, DIGITS ".") >= len;
}

/* Length of the name, IPv4 or [IPv6] that the text begins with; 0: none. */
static size_t host_len(const char *s)
{
    char ip[ADDR_TEXT];
    struct addr a;
    size_t len = strspn(s, LETTERS DIGITS "-._");
    if (s[0] != '[')
        return len <= HOST_MAX && s[0] != '-' && s[0] != '.' ? len : 0;
    len = strcspn(s, "]");
    if (!s[len] || len >= sizeof ip)
        return 0;
    memcpy(ip, s + 1, len - 1);
    ip[len - 1] = '\0';
    return addr_parse_ip(ip, &a) == ERR_OK && strchr(ip, ':') ? len + 1 : 0;
}

/* Length of ":port" that the text begins with, 0 without one; false: it is no port. */
static bool port_len(const char *s, size_t *ret_len)
{
    *ret_len = 0;
    if (s[0] != ':')
        return true;
    char port[8];
    int64_t n;
    size_t digits = strspn(s + 1, DIGITS);
    if (!digits || digits >= sizeof port)
        return false;
    memcpy(port, s + 1, digits);
    port[digits] = '\0';
    *ret_len = digits + 1;
    return text_i64(port, 1, 65535, &n) == ERR_OK;
}

/* host[:port] that ends where a path may begin. */
static bool authority_ok(const char *s)
{
    size_t host = host_len(s), port;
    return host && port_len(s + host, &port) && (!s[host + port] || s[host + port] == '/');
}

static bool plain_text(const char *s)
{
    for (; *s; s++)
        if (*s <= ' ' || *s >= 0x7f)
            return false;
    return true;
}

enum err config_check_url(struct cx *cx, const char *name, const char *url, bool plain_ok)
{
    bool https = text_has_prefix(url, "https://");
    if (!https && !text_has_prefix(url, "http://"))
        return problem(cx, ERR_INPUT, "%s must begin with https:// or http://", name);
    const char *host = url + (https ? 8 : 7);
    if (!plain_text(url) || strpbrk(url, "\"'<>\\^`{|}?#@;,") || !authority_ok(host))
        return problem(cx, ERR_INPUT, "%s is not a plain URL", name);
    if (!https && !plain_ok && !on_loopback(host, host_len(host)))
        return problem(cx, ERR_INPUT, "%s must be https unless it is on loopback", name);
    return ERR_OK;
}

enum err config_check_smtp(struct cx *cx, const char *name, const char *url)
{
    bool tls = text_has_prefix(url, "smtps://");
    if (!tls && !text_has_prefix(url, "smtp://"))
        return problem(cx, ERR_INPUT, "%s must begin with smtps:// or smtp://", name);
    const char *rest = url + (tls ? 8 : 7), *at = strrchr(rest, '@');
    const char *host = at ? at + 1 : rest;
    bool good = plain_text(url) && authority_ok(host) && !strchr(host, '/') && at != rest;
    return good ? ERR_OK
                : problem(cx, ERR_INPUT, "%s must be smtps://[user:password@]host[:port]", name);
}

enum err config_check_vapid(struct cx *cx, const char *name, const char *key)
{
    bool good = strlen(key) == VAPID_CHARS && strspn(key, BASE64URL) == VAPID_CHARS;
    return good ? ERR_OK
                : problem(cx, ERR_INPUT, "%s must be a P-256 key, %d characters of base64url", name,
                          VAPID_CHARS);
}

enum err config_check_token(struct cx *cx, const char *name, const char *token)
{
    return plain_text(token) && strlen(token) <= TOKEN_MAX
               ? ERR_OK
               : problem(cx, ERR_INPUT, "%s must be printable text without spaces", name);
}

enum err config_check_listen(struct cx *cx, const char *name, const char *text)
{
    struct addr a;
    return addr_parse(text, &a) == ERR_OK
               ? ERR_OK
               : problem(cx, ERR_INPUT, "%s must be ip:port or [ip6]:port", name);
}

enum err config_check_cidrs(struct cx *cx, const char *name, const char *text)
{
    struct cidrs list;
    return cidrs_parse(text, &list) == ERR_OK
               ? ERR_OK
               : problem(cx, ERR_INPUT, "%s is not a list of CIDRs", name);
}

enum err config_check_database(struct cx *cx, const char *name, const char *url)
{
    struct cx why = {0};
    enum err e = store_check_url(&why, url);
    return e ? problem(cx, ERR_INPUT, "%s: %.180s", name, why.problem) : ERR_OK;
}
