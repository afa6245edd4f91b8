/* What handlers that buyers call share: the key of a request, and a name for who has none yet. */
#include "account/limit.h"
#include "api/call_in.h"
#include "base/arena.h"
#include "cart/cart.h"
#include "store/store.h"

#include <string.h>

enum err call_idem(struct call *c, const char **ret_key)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
    const char *key = http_header(c->req, "idempotency-key");
    size_t n = key ? strlen(key) : 0;
    if (n < 1 || n > IDEM_MAX || strspn(key, digits) != n)
        return problem(c->cx, ERR_INPUT,
                       "Idempotency-Key must be 1 to %d letters, digits, '-' or '_'", IDEM_MAX);
    *ret_key = key;
    return ERR_OK;
}

static enum err guest_job(struct tx *tx, void *arg)
{
    return guest_create(tx, arg);
}

/* As many guests from one network as by name. */
static enum err guest_pace(struct call *c)
{
    int64_t wait = 0;
    enum err e =
        limit_take(c->api->set.limits, LIMIT_GUEST_ADDR, c->who.fence, c->cx->now_ms, &wait);
    if (e == ERR_SLOW_DOWN) {
        c->retry_ms = wait;
        return problem(c->cx, e, "too many requests");
    }
    return e;
}

enum err call_need_viewer(struct call *c)
{
    struct guest_new g;
    if (c->signed_on)
        return ERR_OK;
    enum err e = guest_pace(c);
    if (e)
        return e;
    const char *asked = http_header(c->req, "accept-language");
    const char *lang = account_lang(asked ? asked : "");
    guest_make(&g, account_neutral_name(lang), lang);
    g.agent = http_header(c->req, "user-agent");
    e = store_do(c->api->set.store, c->cx, "guest.create", guest_job, &g);
    if (e)
        return e;
    char *public_id = arena_dup(c->cx->arena, g.public_id, strlen(g.public_id));
    if (!public_id)
        return ERR_NO_MEMORY;
    const struct viewer v = {.id = g.viewer_id,
                             .public_id = public_id,
                             .kind = VIEWER_GUEST,
                             .name = g.name,
                             .lang = g.lang,
                             .market = account_market(lang),
                             .created_ms = c->cx->now_ms};
    e = call_become(c, &g.session, &v);
    if (!e)
        http_add(c->req, "X-CSRF-Token", c->csrf);
    crypto_wipe(&g.session, sizeof g.session);
    return e;
}
