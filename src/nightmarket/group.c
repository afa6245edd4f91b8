/* Groups of variables: all of what makes a group whole, or nothing of the group. */
#include "base/text.h"
#include "nightmarket/config_in.h"
#include "nightmarket/env.h"

#include <stdio.h>
#include <string.h>

enum { GROUP_VARS = 10 };

/* The first `needed` make it whole; the rest are optional, but mean nothing without it. */
static const struct group {
    size_t needed;
    const char *var[GROUP_VARS];
} groups[] = {
    {2,
     {"CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_STREAM_API_TOKEN", "CLOUDFLARE_STREAM_CUSTOMER_CODE",
      "CLOUDFLARE_API_BASE_URL", "CLOUDFLARE_WEBHOOK_SECRET", "CLOUDFLARE_NOTIFY_SECRET"}},
    {4,
     {"R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY", "R2_ENDPOINT_URL", "R2_BUCKET_NAME",
      "R2_PUBLIC_URL"}},
    {3,
     {"ECPAY_MERCHANT_ID", "ECPAY_HASH_KEY", "ECPAY_HASH_IV", "ECPAY_BASE_URL",
      "ECPAY_CREDIT_CHECK_CODE"}},
    {3,
     {"ECPAY_LOGISTICS_MERCHANT_ID", "ECPAY_LOGISTICS_HASH_KEY", "ECPAY_LOGISTICS_HASH_IV",
      "ECPAY_LOGISTICS_BASE_URL"}},
    {3,
     {"ECPAY_INVOICE_MERCHANT_ID", "ECPAY_INVOICE_HASH_KEY", "ECPAY_INVOICE_HASH_IV",
      "ECPAY_INVOICE_BASE_URL"}},
    {2,
     {"OMISE_PUBLIC_KEY", "OMISE_SECRET_KEY", "OMISE_WEBHOOK_SECRET", "OMISE_API_URL",
      "OMISE_VAULT_URL"}},
    {2, {"LINE_CHANNEL_ID", "LINE_CHANNEL_SECRET", "LINE_ISSUER", "LINE_LIFF_ID"}},
    {2, {"GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_ISSUER"}},
    {2, {"FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET", "FACEBOOK_GRAPH_URL", "FACEBOOK_GRAPH_VERSION"}},
    {4, {"APPLE_CLIENT_ID", "APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY", "APPLE_ISSUER"}},
    {2, {"NM_TLS_CERT", "NM_TLS_KEY"}},
};

static enum err check_group(struct cx *cx, const struct env *env, const struct group *g)
{
    const char *set = NULL, *missing = NULL;
    for (size_t i = 0; i < GROUP_VARS && g->var[i]; i++) {
        if (env_get(env, g->var[i]))
            set = set ? set : g->var[i];
        else if (i < g->needed)
            missing = missing ? missing : g->var[i];
    }
    return set && missing ? problem(cx, ERR_INPUT, "%s is missing: %s is set", missing, set)
                          : ERR_OK;
}

/* Where we call out to: https, plain http on loopback only, or on our own host while browsers reach
 * it by plain http too: a demo in a home network. */
static const char *const urls[] = {
    "R2_ENDPOINT_URL",        "R2_PUBLIC_URL",      "ECPAY_BASE_URL",  "ECPAY_LOGISTICS_BASE_URL",
    "ECPAY_INVOICE_BASE_URL", "OMISE_API_URL",      "OMISE_VAULT_URL", "LINE_ISSUER",
    "GOOGLE_ISSUER",          "FACEBOOK_GRAPH_URL", "APPLE_ISSUER"};

static bool on_our_plain_host(const struct env *env, const char *url)
{
    static const char plain[] = "http://";
    const char *ours = env_get(env, "NM_PUBLIC_URL");
    if (!ours || !text_has_prefix(ours, plain) || !text_has_prefix(url, plain))
        return false;
    ours += sizeof plain - 1;
    url += sizeof plain - 1;
    size_t n = strcspn(ours, ":/[");
    return n && n == strcspn(url, ":/[") && memcmp(ours, url, n) == 0;
}

static enum err check_urls(struct cx *cx, const struct env *env)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0] && !e; i++) {
        const char *url = env_get(env, urls[i]);
        e = url ? config_check_url(cx, urls[i], url, on_our_plain_host(env, url)) : ERR_OK;
    }
    return e;
}

struct oidc {
    const struct env *env;
    struct cx *cx;
    enum err e;
};

static const char *const oidc_parts[] = {"_ISSUER", "_CLIENT_ID", "_CLIENT_SECRET"};

/* OIDC_<NAME>_…: whichever part is seen, the other needed ones must be there. */
static void check_oidc(void *arg, const char *name, const char *value)
{
    struct oidc *o = arg;
    static const char *const ends[] = {"_ISSUER", "_CLIENT_ID", "_CLIENT_SECRET", "_ALG"};
    if (!o->e && text_has_suffix(name, "_ISSUER"))
        o->e = config_check_url(o->cx, name, value, false);
    if (!o->e && text_has_suffix(name, "_ALG") && strcmp(value, "RS256") != 0 &&
        strcmp(value, "ES256") != 0 && strcmp(value, "HS256") != 0)
        o->e = problem(o->cx, ERR_INPUT, "%s must be RS256, ES256 or HS256", name);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0] && !o->e; i++) {
        size_t n = strlen(name), m = strlen(ends[i]);
        if (n <= m + 5 || strcmp(name + n - m, ends[i]) != 0)
            continue;
        for (size_t p = 0; p < sizeof oidc_parts / sizeof oidc_parts[0] && !o->e; p++) {
            char other[160];
            (void)snprintf(other, sizeof other, "%.*s%s", (int)(n - m), name, oidc_parts[p]);
            if (!env_get(o->env, other))
                o->e = problem(o->cx, ERR_INPUT, "%s is missing: %s is set", other, name);
        }
        return;
    }
}

enum err config_check_groups(struct cx *cx, const struct env *env)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0] && !e; i++)
        e = check_group(cx, env, &groups[i]);
    if (!e)
        e = check_urls(cx, env);
    struct oidc o = {env, cx, e};
    if (!e)
        env_each(env, "OIDC_", check_oidc, &o);
    return o.e;
}
