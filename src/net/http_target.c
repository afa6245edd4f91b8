#include "net/http_target.h"
#include "base/text.h"
#include "net/addr.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool has_dot_dot(const char *path, size_t len)
{
    for (size_t from = 0; from <= len;) {
        size_t n = 0;
        while (from + n < len && path[from + n] != '/' && path[from + n] != '\\')
            n++;
        if (n == 2 && path[from] == '.' && path[from + 1] == '.')
            return true;
        from += n + 1;
    }
    return false;
}

/* Escapes decode to UTF-8 without NUL, and the path still has no "..". */
static enum err check_escapes(const char *s, size_t len, bool is_path, const char **ret_why)
{
    if (!memchr(s, '%', len)) {
        *ret_why = "the path has a '..' segment";
        return is_path && has_dot_dot(s, len) ? ERR_INPUT : ERR_OK;
    }
    char *copy = strndup(s, len);
    if (!copy) {
        *ret_why = "out of memory";
        return ERR_NO_MEMORY;
    }
    size_t n = 0;
    enum err e = text_percent_decode(copy, &n);
    *ret_why = "the target has a bad escape";
    if (!e && !text_is_utf8(copy, n)) {
        *ret_why = "the target is not UTF-8";
        e = ERR_INPUT;
    } else if (!e && is_path && has_dot_dot(copy, n)) {
        *ret_why = "the path has a '..' segment";
        e = ERR_INPUT;
    }
    free(copy);
    return e;
}

static size_t scheme_len(const char *s, size_t len)
{
    if (len > 7 && strncasecmp(s, "http://", 7) == 0)
        return 7;
    return len > 8 && strncasecmp(s, "https://", 8) == 0 ? 8 : 0;
}

enum err http_target_split(const char *target, size_t len, struct http_target *ret_target,
                           const char **ret_why)
{
    struct http_target t = {0};
    *ret_why = "the target has bytes that are not allowed";
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)target[i];
        if (ch < 0x21 || ch > 0x7e || ch == '\\' || ch == '#')
            return ERR_INPUT;
    }
    size_t at = scheme_len(target, len);
    if (at) {
        t.host_at = at;
        while (at + t.host_len < len && !strchr("/?", target[at + t.host_len]))
            t.host_len++;
        at += t.host_len;
        *ret_why = "the target's host is not host[:port]";
        if (!http_host_ok(target + t.host_at, t.host_len))
            return ERR_INPUT;
    } else if (!len || (target[0] != '/' && !(len == 1 && target[0] == '*'))) {
        *ret_why = "the target is not a path";
        return ERR_INPUT;
    }
    const char *mark = memchr(target + at, '?', len - at);
    size_t end = mark ? (size_t)(mark - target) : len;
    t.path_at = at;
    t.path_len = end - at;
    t.query_at = mark ? end + 1 : len;
    t.query_len = len - t.query_at;
    enum err e = check_escapes(target + t.path_at, t.path_len, true, ret_why);
    if (!e)
        e = check_escapes(target + t.query_at, t.query_len, false, ret_why);
    if (!e)
        *ret_target = t;
    return e;
}

static bool port_ok(const char *s, size_t len)
{
    unsigned port = 0;
    if (!len || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        port = port * 10 + (unsigned)(s[i] - '0');
    }
    return port <= 65535;
}

bool http_host_ok(const char *host, size_t len)
{
    size_t name = 0;
    if (len && host[0] == '[') {
        const char *end = memchr(host, ']', len);
        char ip[ADDR_TEXT];
        struct addr a;
        name = end ? (size_t)(end - host) : 0;
        if (name < 2 || name - 1 >= sizeof ip)
            return false;
        memcpy(ip, host + 1, name - 1);
        ip[name - 1] = '\0';
        if (!strchr(ip, ':') || addr_parse_ip(ip, &a))
            return false;
        name++;
    } else {
        for (; name < len && host[name] != ':'; name++) {
            char ch = host[name];
            bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
            if (!letter && !(ch >= '0' && ch <= '9') && ch != '-' && ch != '.' && ch != '_')
                return false;
        }
        if (!name || name > 253)
            return false;
    }
    return name == len || (host[name] == ':' && port_ok(host + name + 1, len - name - 1));
}

bool http_token_ok(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] <= ' ' || s[i] >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", s[i]))
            return false;
    return len > 0;
}

static size_t without_port(const char *host, size_t len, const char *port)
{
    size_t n = strlen(port);
    return len > n && memcmp(host + len - n, port, n) == 0 ? len - n : len;
}

bool http_target_of_host(const char *target, const struct http_target *t, const char *host)
{
    const char *port = t->host_at == sizeof "https://" - 1 ? ":443" : ":80";
    size_t len = without_port(host, strlen(host), port);
    return len == without_port(target + t->host_at, t->host_len, port) &&
           strncasecmp(host, target + t->host_at, len) == 0;
}
