#include "nightmarket/engine.h"
#include "base/text.h"
#include "cloud/stream.h"

#include <stdio.h>
#include <string.h>

#define CLOUDFLARE_API "https://api.cloudflare.com/"

enum { QUICK_MS = 5000, QUICK_TRIES = 2, QUICK_CALLS = 8 };

static enum err make(struct cx *cx, const struct config *c, struct stream_setup setup,
                     struct stream **ret_stream)
{
    setup.base_url = c->cf_base_url;
    setup.account_id = c->cf_account;
    setup.token = c->cf_token;
    *ret_stream = NULL;
    return c->cloudflare ? stream_make(cx, &setup, ret_stream) : ERR_OK;
}

enum err engine_make(struct cx *cx, const struct config *c, struct stream **ret_stream)
{
    return make(cx, c, (struct stream_setup){0}, ret_stream);
}

enum err engine_make_quick(struct cx *cx, const struct config *c, struct stream **ret_stream)
{
    const struct stream_setup quick = {
        .timeout_ms = QUICK_MS, .tries = QUICK_TRIES, .calls_max = QUICK_CALLS};
    return make(cx, c, quick, ret_stream);
}

bool engine_is_local(const struct config *c)
{
    return c->cloudflare && !text_has_prefix(c->cf_base_url, CLOUDFLARE_API);
}

/* Length of "scheme://host[:port]". */
static size_t origin_len(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/") : 0;
}

/* Length of "scheme://host". */
static size_t host_len(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    return (size_t)(host - url) + n;
}

void engine_media_origins(const struct config *c, char out[ORIGINS_MAX])
{
    out[0] = '\0';
    if (!c->cloudflare)
        return;
    if (engine_is_local(
            c)) /* its own address, and any port of ours: a phone in the LAN sees that */
        (void)snprintf(out, ORIGINS_MAX, "%.*s %.*s:*", (int)origin_len(c->cf_base_url),
                       c->cf_base_url, (int)host_len(c->public_url), c->public_url);
    else if (c->cf_customer[0])
        (void)snprintf(out, ORIGINS_MAX, "https://customer-%s.cloudflarestream.com",
                       c->cf_customer);
    else
        (void)text_copy(out, ORIGINS_MAX,
                        "https://*.cloudflarestream.com https://*.videodelivery.net");
}

/* An engine beside us is asked on loopback, but phones see it where they see us, at its port. */
void engine_ca_url(const struct config *c, char out[ORIGINS_MAX])
{
    out[0] = '\0';
    if (!engine_is_local(c))
        return;
    size_t whole = origin_len(c->cf_base_url), host = host_len(c->cf_base_url);
    bool beside = text_has_prefix(c->cf_base_url, "http://127.0.0.1");
    if (beside)
        (void)snprintf(out, ORIGINS_MAX, "http%.*s%.*s/ca.pem",
                       (int)(host_len(c->public_url) - strcspn(c->public_url, ":")),
                       c->public_url + strcspn(c->public_url, ":"), (int)(whole - host),
                       c->cf_base_url + host);
    else
        (void)snprintf(out, ORIGINS_MAX, "%.*s/ca.pem", (int)whole, c->cf_base_url);
}
