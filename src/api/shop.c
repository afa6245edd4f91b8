/* What handlers of a shop's staff share: which shop, may they, which version. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/text.h"
#include "room/listing.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

enum err call_may(struct call *c, int64_t shop_id, enum action what)
{
    enum role role = room_role(&c->who, shop_id);
    if (role == ROLE_NONE)
        return problem(c->cx, ERR_NOT_FOUND, "there is no such thing in your shop");
    return account_may(role, what) ? ERR_OK
                                   : problem(c->cx, ERR_FORBIDDEN, "your role may not do this");
}

bool call_is_staff(const struct call *c, int64_t shop_id)
{
    return room_role(&c->who, shop_id) != ROLE_NONE;
}

enum err call_shop(struct call *c, enum action what, const struct staff **ret_staff)
{
    const char *slug = http_query(c->req, "shop");
    for (size_t i = 0; i < c->who.staff_count; i++) {
        const struct staff *s = &c->who.staff[i];
        if (slug && *slug && strcmp(slug, s->shop_slug) != 0)
            continue;
        *ret_staff = s;
        return call_may(c, s->shop_id, what);
    }
    return problem(c->cx, ERR_NOT_FOUND, "you do not work in such a shop");
}

enum err call_if_match(struct call *c, int64_t *ret_version)
{
    const char *text = http_header(c->req, "if-match");
    char digits[24];
    size_t n = text ? strlen(text) : 0;
    bool quoted = n >= 3 && n - 2 < sizeof digits && text[0] == '"' && text[n - 1] == '"';
    if (quoted) {
        memcpy(digits, text + 1, n - 2);
        digits[n - 2] = '\0';
    }
    if (!quoted || text_i64(digits, 0, INT64_MAX, ret_version))
        return problem(c->cx, ERR_INPUT, "If-Match must be the version in quotes");
    return ERR_OK;
}

enum err call_limit(struct call *c, int max, int *ret_limit)
{
    const char *text = http_query(c->req, "limit");
    int64_t n = 0;
    if (text && text_i64(text, 1, max, &n))
        return problem(c->cx, ERR_INPUT, "'limit' must be 1 to %d", max);
    *ret_limit = (int)n;
    return ERR_OK;
}

struct audit call_audit(const struct call *c, int64_t shop_id, const char *action,
                        const char *object)
{
    return (struct audit){.id = id_next(),
                          .actor_id = c->who.viewer_id,
                          .shop_id = shop_id,
                          .action = action,
                          .object = object,
                          .addr = c->addr};
}

static enum err note(struct call *c, json_t *o, const char **ret_text)
{
    if (!o)
        return ERR_OK;
    char *text = json_text_of(o);
    *ret_text = text ? arena_dup(c->cx->arena, text, strlen(text)) : NULL;
    free(text);
    return *ret_text ? ERR_OK : ERR_NO_MEMORY;
}

enum err call_note(struct call *c, json_t *before, json_t *after, struct audit *a)
{
    enum err e = note(c, before, &a->before), e2 = note(c, after, &a->after);
    return e ? e : e2;
}

static void note_untold(struct call *c, enum err e, const char *product)
{
    if (e)
        log_warn("shows were not told of a product", LOG_S("req", c->cx->id),
                 LOG_S("product", product), LOG_S("err", err_api(e)));
    c->cx->problem[0] = '\0';
}

void call_product_changed(struct call *c, const char *product)
{
    note_untold(c, room_product_changed(c->api->set.room, c->cx, product), product);
}

void call_prices_changed(struct call *c, const char *product)
{
    note_untold(c, room_prices_changed(c->api->set.room, c->cx, product), product);
}

static enum err note_job(struct tx *tx, void *arg)
{
    return audit_write(tx, arg);
}

void call_note_refusal(struct call *c)
{
    if (c->route->guard != TOKEN || !c->who.staff_count)
        return;
    const struct staff *s = &c->who.staff[0];
    struct cx own = *c->cx; /* the caller's problem text is for the answer */
    struct audit a =
        call_audit(c, s->shop_id, "refused",
                   arena_fmt(c->cx->arena, "%s %.180s", http_method(c->req), http_path(c->req)));
    a.before = arena_fmt(c->cx->arena, "{\"role\":\"%s\"}", role_name(s->role));
    if (!a.object || store_do(c->api->set.store, &own, "audit.refused", note_job, &a))
        log_warn("a refusal was not noted", LOG_S("req", c->cx->id));
}
