#include "api/origin.h"
#include "base/text.h"

#include <string.h>

enum { HOST_MAX = 256 };

struct site {
    bool https;
    char host[HOST_MAX];
    int64_t port;
};

/* "scheme://host[:port]" and nothing more. */
static bool split(const char *url, struct site *ret_site)
{
    struct site s = {.https = text_has_prefix(url, "https://")};
    if (!s.https && !text_has_prefix(url, "http://"))
        return false;
    const char *host = strstr(url, "://") + 3;
    size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    if (len < 1 || len > strlen(host) || len >= sizeof s.host)
        return false;
    memcpy(s.host, host, len);
    s.port = s.https ? 443 : 80;
    if (host[len] && (host[len] != ':' || text_i64(host + len + 1, 1, 65535, &s.port)))
        return false;
    *ret_site = s;
    return true;
}

static bool is_loopback(const char *host)
{
    return text_same_nocase(host, "localhost") || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "[::1]") == 0;
}

bool origin_is_ours(const char *public_url, const char *origin)
{
    struct site us, them;
    if (!split(public_url, &us) || !split(origin, &them))
        return false;
    if (us.https != them.https || us.port != them.port)
        return false;
    return text_same_nocase(us.host, them.host) || (!us.https && is_loopback(them.host));
}
