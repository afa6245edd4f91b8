#include "nightmarket/config.h"
#include "base/es256.h"
#include "base/text.h"
#include "nightmarket/config_in.h"
#include "nightmarket/env.h"
#include "privacy/keep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Copy a variable, or its default; `fallback` NULL: it must be set. */
static enum err take(struct cx *cx, const struct env *env, const char *name, const char *fallback,
                     char *out, size_t size)
{
    const char *v = env_get(env, name);
    if (!v && !fallback)
        return problem(cx, ERR_INPUT, "%s is missing", name);
    if (!text_copy(out, size, v ? v : fallback))
        return problem(cx, ERR_INPUT, "%s is too long", name);
    return ERR_OK;
}

static void drop_slashes(char *url)
{
    for (size_t n = strlen(url); n && url[n - 1] == '/';)
        url[--n] = '\0';
}

static enum err take_server(struct cx *cx, const struct env *env, struct config *c)
{
    enum err e = take(cx, env, "NM_PUBLIC_URL", NULL, c->public_url, sizeof c->public_url);
    if (!e)
        e = config_check_url(cx, "NM_PUBLIC_URL", c->public_url, true);
    if (!e)
        drop_slashes(c->public_url);
    if (!e && strchr(strstr(c->public_url, "://") + 3, '/'))
        e = problem(cx, ERR_INPUT, "NM_PUBLIC_URL must be scheme and host without a path");
    if (!e)
        e = take(cx, env, "NM_LISTEN", "127.0.0.1:8080", c->listen, sizeof c->listen);
    if (!e)
        e = config_check_listen(cx, "NM_LISTEN", c->listen);
    if (!e)
        e = take(cx, env, "NM_DATA_DIR", "./data", c->data_dir, sizeof c->data_dir);
    if (!e)
        e = take(cx, env, "NM_WEB_DIR", "", c->web_dir, sizeof c->web_dir);
    if (!e)
        e = take(cx, env, "NM_TLS_CERT", "", c->tls_cert, sizeof c->tls_cert);
    if (!e)
        e = take(cx, env, "NM_TLS_KEY", "", c->tls_key, sizeof c->tls_key);
    if (!e)
        e = take(cx, env, "NM_TRUSTED_PROXIES", "", c->trusted_proxies, sizeof c->trusted_proxies);
    if (!e)
        e = config_check_cidrs(cx, "NM_TRUSTED_PROXIES", c->trusted_proxies);
    if (!e)
        e = take(cx, env, "NM_KEEP_DAYS", "", c->keep_days, sizeof c->keep_days);
    struct keep keep;
    return e ? e : keep_parse(cx, c->keep_days, &keep);
}

static enum err take_database(struct cx *cx, const struct env *env, struct config *c)
{
    char fallback[sizeof c->database_url + 32] = "sqlite:";
    (void)text_copy(fallback + 7, sizeof fallback - 7, c->data_dir);
    size_t n = strlen(fallback);
    (void)text_copy(fallback + n, sizeof fallback - n, "/nightmarket.db");
    enum err e = take(cx, env, "DATABASE_URL", fallback, c->database_url, sizeof c->database_url);
    return e ? e : config_check_database(cx, "DATABASE_URL", c->database_url);
}

static enum err take_cloudflare(struct cx *cx, const struct env *env, struct config *c)
{
    c->cloudflare = env_get(env, "CLOUDFLARE_ACCOUNT_ID") != NULL;
    if (!c->cloudflare)
        return ERR_OK;
    enum err e = take(cx, env, "CLOUDFLARE_ACCOUNT_ID", NULL, c->cf_account, sizeof c->cf_account);
    if (!e && (strlen(c->cf_account) != 32 || strspn(c->cf_account, "0123456789abcdef") != 32))
        e = problem(cx, ERR_INPUT, "CLOUDFLARE_ACCOUNT_ID must be 32 hex digits");
    if (!e)
        e = take(cx, env, "CLOUDFLARE_STREAM_API_TOKEN", NULL, c->cf_token, sizeof c->cf_token);
    if (!e)
        e = config_check_token(cx, "CLOUDFLARE_STREAM_API_TOKEN", c->cf_token);
    if (!e)
        e = take(cx, env, "CLOUDFLARE_STREAM_CUSTOMER_CODE", "", c->cf_customer,
                 sizeof c->cf_customer);
    if (!e &&
        strspn(c->cf_customer, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(c->cf_customer))
        e = problem(cx, ERR_INPUT, "CLOUDFLARE_STREAM_CUSTOMER_CODE must be a-z and 0-9");
    if (!e)
        e = take(cx, env, "CLOUDFLARE_API_BASE_URL", "https://api.cloudflare.com/client/v4",
                 c->cf_base_url, sizeof c->cf_base_url);
    if (!e)
        e = config_check_url(cx, "CLOUDFLARE_API_BASE_URL", c->cf_base_url, false);
    if (!e)
        e = take(cx, env, "CLOUDFLARE_WEBHOOK_SECRET", "", c->cf_webhook_secret,
                 sizeof c->cf_webhook_secret);
    if (!e)
        e = take(cx, env, "CLOUDFLARE_NOTIFY_SECRET", "", c->cf_notify_secret,
                 sizeof c->cf_notify_secret);
    return e;
}

static enum err take_r2(struct cx *cx, const struct env *env, struct config *c)
{
    c->r2 = env_get(env, "R2_BUCKET_NAME") != NULL;
    if (!c->r2)
        return ERR_OK;
    enum err e = take(cx, env, "R2_ACCESS_KEY_ID", NULL, c->r2_access_key, sizeof c->r2_access_key);
    if (!e)
        e = config_check_token(cx, "R2_ACCESS_KEY_ID", c->r2_access_key);
    if (!e)
        e = take(cx, env, "R2_SECRET_ACCESS_KEY", NULL, c->r2_secret_key, sizeof c->r2_secret_key);
    if (!e)
        e = config_check_token(cx, "R2_SECRET_ACCESS_KEY", c->r2_secret_key);
    if (!e)
        e = take(cx, env, "R2_ENDPOINT_URL", NULL, c->r2_endpoint, sizeof c->r2_endpoint);
    if (!e)
        e = take(cx, env, "R2_BUCKET_NAME", NULL, c->r2_bucket, sizeof c->r2_bucket);
    if (!e)
        e = take(cx, env, "R2_PUBLIC_URL", "", c->r2_public_url, sizeof c->r2_public_url);
    drop_slashes(c->r2_public_url);
    return e;
}

static enum err make_data_dir(struct cx *cx, const char *path)
{
    char part[CONFIG_TEXT];
    for (const char *p = path; *p; p++) { /* the folders above it, then itself */
        size_t n = (size_t)(p - path) + 1;
        if (p[1] != '/' && p[1] != '\0')
            continue;
        memcpy(part, path, n);
        part[n] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return problem(cx, ERR_IO, "NM_DATA_DIR cannot be made: %s", strerrordesc_np(errno));
    }
    return ERR_OK;
}

enum err config_make(struct cx *cx, const struct env *env, struct config **ret_config)
{
    struct config *c = calloc(1, sizeof *c);
    if (!c)
        return ERR_NO_MEMORY;
    enum err e = config_check_groups(cx, env);
    if (!e)
        e = take_server(cx, env, c);
    if (!e)
        e = config_take_notify(cx, env, c);
    if (!e)
        e = take_database(cx, env, c);
    if (!e)
        e = take_cloudflare(cx, env, c);
    if (!e)
        e = take_r2(cx, env, c);
    if (!e)
        e = config_take_pay(cx, env, c);
    if (!e)
        e = config_take_login(cx, env, c);
    if (!e)
        e = make_data_dir(cx, c->data_dir);
    if (!e)
        e = config_secret_key(cx, env, c->data_dir, c->secret_key);
    if (e) {
        config_free(c);
        return e;
    }
    *ret_config = c;
    return ERR_OK;
}

void config_free(struct config *c)
{
    if (c)
        es256_free(c->vapid);
    if (c)
        crypto_wipe(c, sizeof *c);
    free(c);
}
