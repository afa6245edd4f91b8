/* Mail and push messages. */
#include "base/text.h"
#include "net/addr.h"
#include "nightmarket/config.h"
#include "nightmarket/config_in.h"
#include "nightmarket/env.h"
#include "notify/mail.h"
#include "notify/push.h"

#include <stdio.h>
#include <string.h>

/* The host of a URL that was checked, without brackets. */
static void host_of(const char *url, char out[CONFIG_TEXT])
{
    const char *from = strstr(url, "://") + 3;
    bool v6 = *from == '[';
    size_t n = v6 ? strcspn(++from, "]") : strcspn(from, ":/");
    memcpy(out, from, n);
    out[n] = '\0';
}

static bool is_here(const char *host)
{
    struct addr a;
    return strcmp(host, "localhost") == 0 || (!addr_parse_ip(host, &a) && addr_is_loopback(&a));
}

static enum err take_from(struct cx *cx, const struct env *env, const char *host, struct config *c)
{
    char address[MAIL_ADDRESS_MAX + 1];
    const char *v = env_get(env, "NM_MAIL_FROM");
    if (!v) {
        int n = snprintf(c->mail_from, sizeof c->mail_from, "Nightmarket <no-reply@%s>", host);
        if (n >= (int)sizeof c->mail_from || mail_from_address(c->mail_from, address))
            (void)text_copy(c->mail_from, sizeof c->mail_from, "Nightmarket <no-reply@localhost>");
        return ERR_OK;
    }
    if (!text_copy(c->mail_from, sizeof c->mail_from, v))
        return problem(cx, ERR_INPUT, "NM_MAIL_FROM is too long");
    return mail_from_address(c->mail_from, address)
               ? problem(cx, ERR_INPUT, "NM_MAIL_FROM must be 'name@host' or 'Name <name@host>'")
               : ERR_OK;
}

static enum err take_smtp(struct cx *cx, const struct env *env, struct config *c)
{
    const char *url = env_get(env, "NM_SMTP_URL");
    if (!url)
        return ERR_OK;
    enum err e = config_check_smtp(cx, "NM_SMTP_URL", url);
    if (!e && (mail_check_url(url) || !text_copy(c->smtp_url, sizeof c->smtp_url, url)))
        e = problem(cx, ERR_INPUT, "NM_SMTP_URL must be smtps://[user:password@]host[:port]");
    return e;
}

static enum err take_vapid(struct cx *cx, const struct env *env, struct config *c)
{
    const char *key = env_get(env, "NM_VAPID_PRIVATE_KEY");
    if (!key)
        return ERR_OK;
    enum err e = config_check_vapid(cx, "NM_VAPID_PRIVATE_KEY", key);
    if (!e && push_key_read(key, &c->vapid))
        e = problem(cx, ERR_INPUT,
                    "NM_VAPID_PRIVATE_KEY is no key of P-256: 'nightmarket vapid-key' makes one");
    return e;
}

enum err config_take_notify(struct cx *cx, const struct env *env, struct config *c)
{
    char host[CONFIG_TEXT];
    host_of(c->public_url, host);
    c->loopback = is_here(host);
    enum err e = take_from(cx, env, host, c);
    if (!e)
        e = take_smtp(cx, env, c);
    return e ? e : take_vapid(cx, env, c);
}
