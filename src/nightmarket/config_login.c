/* Who may vouch for people: LINE, Google, Facebook, Apple, and any OpenID provider. */
#include "base/es256.h"
#include "base/text.h"
#include "nightmarket/config.h"
#include "nightmarket/config_in.h"
#include "nightmarket/env.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRAPH_VERSION "v25.0"

enum { VAR_MAX = 128 };

struct taking {
    struct cx *cx;
    const struct env *env;
    struct provider_list *list;
    enum err e;
};

/* A variable, "" when it is absent. Values go into headers, forms and URLs: no control characters.
 */
static void take(struct taking *t, const char *prefix, const char *name, char *out, size_t size)
{
    char var[VAR_MAX];
    (void)snprintf(var, sizeof var, "%s%s", prefix, name);
    const char *v = env_get(t->env, var);
    out[0] = '\0';
    if (t->e || !v)
        return;
    if (!text_copy(out, size, v))
        t->e = problem(t->cx, ERR_INPUT, "%s is too long", var);
    for (const char *s = out; *s && !t->e; s++)
        if (*s < ' ' || *s == 0x7f)
            t->e = problem(t->cx, ERR_INPUT, "%s has a character that cannot be sent", var);
}

static struct provider *room_for(struct taking *t, const char *name)
{
    if (t->list->n == PROVIDERS_MAX)
        t->e = problem(t->cx, ERR_INPUT, "OIDC_: more than %d ways to sign in", PROVIDERS_MAX);
    if (t->e)
        return NULL;
    struct provider *p = &t->list->item[t->list->n++];
    (void)text_copy(p->name, sizeof p->name, name);
    return p;
}

/* One of the four, if its first variable is set; groups are whole by then. */
static struct provider *preset(struct taking *t, const char *name, const char *first,
                               const char *issuer_var)
{
    struct provider *p = !t->e && env_get(t->env, first) ? room_for(t, name) : NULL;
    const char *issuer = env_get(t->env, issuer_var);
    if (!p)
        return NULL;
    if (issuer && strlen(issuer) >= PROVIDER_URL_MAX)
        t->e = problem(t->cx, ERR_INPUT, "%s is too long", issuer_var);
    (void)provider_preset(p, name, issuer);
    return p;
}

static bool only(const char *s, const char *more)
{
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr(more, *s))
            return false;
    return true;
}

static void take_line(struct taking *t)
{
    struct provider *p = preset(t, "line", "LINE_CHANNEL_ID", "LINE_ISSUER");
    if (!p)
        return;
    take(t, "LINE_", "CHANNEL_ID", p->client_id, sizeof p->client_id);
    take(t, "LINE_", "CHANNEL_SECRET", p->secret, sizeof p->secret);
    take(t, "LINE_", "LIFF_ID", p->liff_id, sizeof p->liff_id);
    if (!t->e && !only(p->liff_id, "-"))
        t->e = problem(t->cx, ERR_INPUT, "LINE_LIFF_ID must be like 1234567890-AbcdEfgh");
}

static void take_google(struct taking *t)
{
    struct provider *p = preset(t, "google", "GOOGLE_CLIENT_ID", "GOOGLE_ISSUER");
    if (!p)
        return;
    take(t, "GOOGLE_", "CLIENT_ID", p->client_id, sizeof p->client_id);
    take(t, "GOOGLE_", "CLIENT_SECRET", p->secret, sizeof p->secret);
}

static bool is_version(const char *s)
{
    size_t n = strlen(s), digits = strspn(s + (n > 0), "0123456789");
    return n && s[0] == 'v' && digits && s[1 + digits] == '.' &&
           strspn(s + 2 + digits, "0123456789") == n - 2 - digits && n > 2 + digits;
}

static void take_facebook(struct taking *t)
{
    struct provider *p = preset(t, "facebook", "FACEBOOK_APP_ID", "");
    if (!p)
        return;
    take(t, "FACEBOOK_", "APP_ID", p->client_id, sizeof p->client_id);
    take(t, "FACEBOOK_", "APP_SECRET", p->secret, sizeof p->secret);
    take(t, "FACEBOOK_", "GRAPH_URL", p->graph_url, sizeof p->graph_url);
    take(t, "FACEBOOK_", "GRAPH_VERSION", p->graph_version, sizeof p->graph_version);
    if (!p->graph_version[0])
        (void)text_copy(p->graph_version, sizeof p->graph_version, GRAPH_VERSION);
    if (!t->e && !is_version(p->graph_version))
        t->e = problem(t->cx, ERR_INPUT, "FACEBOOK_GRAPH_VERSION must be like " GRAPH_VERSION);
    for (size_t n = strlen(p->graph_url); n && p->graph_url[n - 1] == '/';)
        p->graph_url[--n] = '\0';
    if (p->graph_url[0])
        p->hosts[0] = '\0'; /* a stand-in */
    else
        (void)text_copy(p->graph_url, sizeof p->graph_url, "https://graph.facebook.com");
}

/* PEM with real line ends, or with \n written out, as environments have it. */
static void take_pem(struct taking *t, const char *var, char *out, size_t size)
{
    const char *v = env_get(t->env, var);
    struct es256 *key = NULL;
    size_t n = 0;
    if (t->e)
        return;
    for (const char *s = v ? v : ""; *s && n < size - 1; s++) {
        bool written = s[0] == '\\' && s[1] == 'n';
        out[n++] = *s;
        if (written)
            out[n - 1] = '\n';
        s += written;
    }
    out[n] = '\0';
    if (es256_read_pem(out, n, &key) != ERR_OK)
        t->e =
            problem(t->cx, ERR_INPUT, "%s must be the PEM of a P-256 key, as Apple's .p8 is", var);
    es256_free(key);
}

static void take_apple(struct taking *t)
{
    struct provider *p = preset(t, "apple", "APPLE_CLIENT_ID", "APPLE_ISSUER");
    if (!p)
        return;
    take(t, "APPLE_", "CLIENT_ID", p->client_id, sizeof p->client_id);
    take(t, "APPLE_", "TEAM_ID", p->team_id, sizeof p->team_id);
    take(t, "APPLE_", "KEY_ID", p->key_id, sizeof p->key_id);
    take_pem(t, "APPLE_PRIVATE_KEY", p->private_key, sizeof p->private_key);
    if (!t->e && (!only(p->team_id, "") || !only(p->key_id, "")))
        t->e = problem(t->cx, ERR_INPUT, "APPLE_TEAM_ID and APPLE_KEY_ID are letters and digits");
}

/* ---- OIDC_<NAME>_… ---- */

static enum id_alg alg_of(const char *text)
{
    return strcmp(text, "ES256") == 0 ? ID_ES256 : strcmp(text, "HS256") == 0 ? ID_HS256 : ID_RS256;
}

static void take_generic(void *arg, const char *var, const char *issuer)
{
    static const char prefix[] = "OIDC_", end[] = "_ISSUER";
    struct taking *t = arg;
    char name[PROVIDER_NAME_MAX] = "", vars[VAR_MAX], alg[16];
    if (t->e || !text_has_suffix(var, end) || strlen(var) < sizeof prefix + sizeof end - 1)
        return;
    size_t len = strlen(var) - (sizeof prefix - 1) - (sizeof end - 1);
    for (size_t i = 0; i < len && i < sizeof name - 1; i++)
        name[i] = (char)tolower((unsigned char)var[sizeof prefix - 1 + i]);
    if (len >= sizeof name || !provider_name_ok(name) || provider_find(t->list, name) ||
        provider_preset(&(struct provider){.name = ""}, name, NULL)) {
        t->e = problem(t->cx, ERR_INPUT, "%s: the name must be letters and digits, and not taken",
                       var);
        return;
    }
    struct provider *p = room_for(t, name);
    if (!p)
        return;
    (void)snprintf(vars, sizeof vars, "%.*s_", (int)(sizeof prefix - 1 + len), var);
    take(t, vars, "ISSUER", p->issuer, sizeof p->issuer);
    take(t, vars, "CLIENT_ID", p->client_id, sizeof p->client_id);
    take(t, vars, "CLIENT_SECRET", p->secret, sizeof p->secret);
    take(t, vars, "ALG", alg, sizeof alg);
    provider_generic(p, issuer, alg_of(alg));
}

static int by_name(const void *a, const void *b)
{
    const struct provider *x = a, *y = b;
    return strcmp(x->name, y->name);
}

enum err config_take_login(struct cx *cx, const struct env *env, struct config *c)
{
    struct taking t = {.cx = cx, .env = env, .list = &c->login};
    take_line(&t);
    take_facebook(&t);
    take_apple(&t);
    take_google(&t);
    size_t known = t.list->n;
    env_each(env, "OIDC_", take_generic, &t);
    qsort(t.list->item + known, t.list->n - known, sizeof t.list->item[0], by_name);
    return t.e;
}
