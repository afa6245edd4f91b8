#include "base/text.h"
#include "login/discovery_in.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { FRESH_MIN_S = 300, FRESH_MAX_S = 86400 };

static bool take_url(const struct provider *p, const json_t *o, const char *name,
                     char out[PROVIDER_URL_MAX])
{
    const char *s = json_string_value(json_object_get(o, name));
    bool ok = s && text_copy(out, PROVIDER_URL_MAX, s) && provider_may_call(p, s);
    if (!ok)
        out[0] = '\0';
    return ok;
}

static enum err need_url(struct cx *cx, const struct provider *p, const json_t *o, const char *name,
                         char out[PROVIDER_URL_MAX])
{
    return take_url(p, o, name, out)
               ? ERR_OK
               : problem(cx, ERR_INPUT, "%s: '%s' is not an address of theirs", p->name, name);
}

static bool lists(const json_t *o, const char *name, const char *want)
{
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(o, name), i, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), want) == 0)
            return true;
    }
    return false;
}

static enum err read_object(struct cx *cx, const struct provider *p, const json_t *o,
                            struct discovery *ret_discovery)
{
    struct discovery d = {.says_iss = false};
    const char *issuer = json_string_value(json_object_get(o, "issuer"));
    if (!issuer || strcmp(issuer, p->issuer) != 0)
        return problem(cx, ERR_INPUT, "%s: its document is of another issuer", p->name);
    enum err e = need_url(cx, p, o, "authorization_endpoint", d.authorize);
    if (!e)
        e = need_url(cx, p, o, "token_endpoint", d.token);
    if (!e && p->alg != ID_HS256)
        e = need_url(cx, p, o, "jwks_uri", d.jwks);
    if (e)
        return e;
    /* We do without these; LIFF wants the keys of a provider whose web logins have none. */
    (void)take_url(p, o, "jwks_uri", d.jwks);
    (void)take_url(p, o, "userinfo_endpoint", d.userinfo);
    (void)take_url(p, o, "revocation_endpoint", d.revocation);
    static const char methods[] = "token_endpoint_auth_methods_supported";
    d.says_iss = json_is_true(json_object_get(o, "authorization_response_iss_parameter_supported"));
    d.auth_post = lists(o, methods, "client_secret_post");
    d.auth_basic = lists(o, methods, "client_secret_basic") || !json_object_get(o, methods);
    *ret_discovery = d;
    return ERR_OK;
}

enum err discovery_read(struct cx *cx, const struct provider *p, const char *text, size_t len,
                        struct discovery *ret_discovery)
{
    json_t *o = NULL;
    if (json_read_object(cx, text, len, &o) != ERR_OK)
        return problem(cx, ERR_INPUT, "%s: its document cannot be read", p->name);
    enum err e = read_object(cx, p, o, ret_discovery);
    json_decref(o);
    return e;
}

int64_t fresh_for_ms(const char *cache_control)
{
    int64_t s = FRESH_MIN_S, n = 0;
    for (const char *t = cache_control; *t; t += strcspn(t, ","), t += *t == ',') {
        while (*t == ' ' || *t == '\t')
            t++;
        if (strncasecmp(t, "no-store", 8) == 0 || strncasecmp(t, "no-cache", 8) == 0)
            return (int64_t)FRESH_MIN_S * 1000;
        if (strncasecmp(t, "max-age=", 8) != 0)
            continue;
        n = 0;
        for (const char *d = t + 8; isdigit((unsigned char)*d) && n < FRESH_MAX_S; d++)
            n = n * 10 + (*d - '0');
        s = n;
    }
    s = s < FRESH_MIN_S ? FRESH_MIN_S : s > FRESH_MAX_S ? FRESH_MAX_S : s;
    return s * 1000;
}
