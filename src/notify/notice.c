/* What is said to whom: rows of the outbox. */
#include "account/account.h"
#include "base/arena.h"
#include "notify/notify.sql.h"
#include "notify/notify_in.h"
#include "notify/push.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct notice_rule notice_rules[NOTICE_KIND_COUNT] = {
#define X(name, text, channels, keep_min, urgent, list) \
    [NOTICE_##name] = {(text), (keep_min)*INT64_C(60000), (channels), (urgent), (list)},
    NOTICE_TABLE(X)
#undef X
};

const char *notice_kind_name(enum notice_kind k)
{
    assert((unsigned)k < NOTICE_KIND_COUNT);
    return notice_rules[k].name;
}

enum err notice_kind_parse(const char *text, enum notice_kind *ret_kind)
{
    for (int i = 0; i < NOTICE_KIND_COUNT; i++) {
        if (strcmp(text, notice_rules[i].name) == 0) {
            *ret_kind = (enum notice_kind)i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

/* A notice on its way into rows. */
struct putting {
    struct tx *tx;
    const struct notice *n;
    const struct notice_rule *rule;
    const char *lang, *args;
    int64_t from_ms, until_ms;
    struct val viewer, shop;
};

static enum err read_args(struct putting *p)
{
    char *text = p->n->args ? json_dumps(p->n->args, JSON_COMPACT) : NULL;
    p->args = "{}";
    if (p->n->args)
        p->args = text ? arena_dup(p->tx->cx->arena, text, strlen(text)) : NULL;
    free(text);
    if (!p->args)
        return ERR_NO_MEMORY;
    return strlen(p->args) > NOTICE_ARGS_MAX
               ? problem(p->tx->cx, ERR_INPUT, "a notice says too much")
               : ERR_OK;
}

static enum err read_lang(struct putting *p)
{
    struct viewer v = {.lang = "en"};
    enum err e = ERR_OK;
    if (!p->n->lang && p->n->to_viewer)
        e = viewer_by_id(p->tx->db, p->tx->cx->arena, p->n->to_viewer, &v);
    p->lang = p->n->lang ? p->n->lang : v.lang;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* "<key>:<what>", or NULL without a key. */
static enum err full_key(const struct putting *p, const char *what, const char **ret_key)
{
    *ret_key = NULL;
    if (!p->n->key)
        return ERR_OK;
    assert(strlen(p->n->key) <= NOTICE_KEY_MAX);
    *ret_key = arena_fmt(p->tx->cx->arena, "%s:%s", p->n->key, what);
    return *ret_key ? ERR_OK : ERR_NO_MEMORY;
}

static enum err put_push(const struct putting *p, int64_t subscription)
{
    int64_t id;
    const char *key, *what = arena_fmt(p->tx->cx->arena, "p%lld", (long long)subscription);
    enum err e = what ? full_key(p, what, &key) : ERR_NO_MEMORY;
    if (!e)
        e = db_i64(p->tx->db, &SQL_outbox_next_id, ARGS(), &id);
    return e ? e
             : db_do(p->tx->db, &SQL_outbox_put_push,
                     ARGS(V(id), V(p->rule->name), p->shop, V(p->lang), V(p->args), V(key),
                          V(p->from_ms), V(p->until_ms), V(p->tx->cx->now_ms), V(subscription)),
                     NULL);
}

static enum err put_pushes(const struct putting *p)
{
    int64_t ids[PUSH_PER_VIEWER];
    size_t n = 0;
    struct rows r = db_rows(p->tx->db, &SQL_push_of_viewer,
                            ARGS(V(p->n->to_viewer), V((int64_t)PUSH_PER_VIEWER)));
    while (n < PUSH_PER_VIEWER && rows_next(&r, NULL, COLS(C(&ids[n]))))
        n++;
    enum err e = rows_end(&r);
    for (size_t i = 0; !e && i < n; i++)
        e = put_push(p, ids[i]);
    return e;
}

/* An address given stands in the row; a viewer's own is read when it is sent. */
static enum err put_email(const struct putting *p)
{
    int64_t id;
    const char *key, *own = NULL;
    struct cx *cx = p->tx->cx;
    enum err e = ERR_OK;
    if (!p->n->to_email)
        e = notify_address(p->tx->db, cx->arena, p->n->to_viewer, &own);
    else if (!mail_address_ok(p->n->to_email))
        e = problem(cx, ERR_INPUT, "mail cannot go there");
    if (e || (!p->n->to_email && !own))
        return e;
    e = full_key(p, "mail", &key);
    if (!e)
        e = db_i64(p->tx->db, &SQL_outbox_next_id, ARGS(), &id);
    return e ? e
             : db_do(p->tx->db, &SQL_outbox_put_email,
                     ARGS(V(id), V(p->rule->name), p->viewer, V(p->n->to_email), p->shop,
                          V(p->lang), V(p->args), V(key), V(p->from_ms), V(p->until_ms),
                          V(cx->now_ms)),
                     NULL);
}

enum err notice_put(struct tx *tx, const struct notice *n)
{
    const struct notice_rule *rule = &notice_rules[n->kind];
    unsigned channels = n->channels ? n->channels : rule->channels;
    struct putting p = {.tx = tx, .n = n, .rule = rule};
    p.from_ms = n->not_before_ms ? n->not_before_ms : tx->cx->now_ms;
    p.until_ms = n->until_ms ? n->until_ms : p.from_ms + rule->keep_ms;
    p.viewer = n->to_viewer ? V(n->to_viewer) : VNULL;
    p.shop = n->shop_id ? V(n->shop_id) : VNULL;
    enum err e = read_args(&p);
    if (!e)
        e = read_lang(&p);
    if (!e && (channels & NOTICE_PUSH) && n->to_viewer)
        e = put_pushes(&p);
    if (!e && (channels & NOTICE_EMAIL) && (n->to_viewer || n->to_email))
        e = put_email(&p);
    return e;
}

enum err notify_merge(struct tx *tx, int64_t from_viewer, int64_t to_viewer)
{
    enum err e = db_do(tx->db, &SQL_notify_merge_push, ARGS(V(to_viewer), V(from_viewer)), NULL);
    return e ? e
             : db_do(tx->db, &SQL_notify_merge_outbox, ARGS(V(to_viewer), V(from_viewer)), NULL);
}

enum err notify_leave(struct tx *tx, int64_t viewer_id)
{
    return db_do(tx->db, &SQL_notify_erase_push, ARGS(V(viewer_id)), NULL);
}

enum err notify_erase(struct tx *tx, int64_t viewer_id)
{
    enum err e = db_do(tx->db, &SQL_notify_erase_outbox, ARGS(V(viewer_id)), NULL);
    return e ? e : notify_leave(tx, viewer_id);
}
