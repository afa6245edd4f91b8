/* The ways into an account: which there are, and taking one away. */
#include "account/identity.h"
#include "api/call_in.h"
#include "base/log.h"
#include "login/revoke.h"
#include "notify/notify.h"
#include "store/store.h"

#include <string.h>

/* ---- what people are told of their account ---- */

json_t *call_security(const struct call *c, const char *what, const char *detail)
{
    return json_pack("{s:s,s:s*,s:I,s:s}", "what", what, "detail", detail, "at",
                     (json_int_t)c->cx->now_ms, "url", "/me/security");
}

struct told {
    int64_t viewer_id;
    json_t *args;
};

static enum err tell_job(struct tx *tx, void *arg)
{
    const struct told *t = arg;
    const struct notice n = {
        .kind = NOTICE_SECURITY_NOTICE, .to_viewer = t->viewer_id, .args = t->args};
    return notice_put(tx, &n);
}

void call_tell(struct call *c, int64_t viewer_id, const char *what, const char *detail)
{
    struct told t = {viewer_id, call_security(c, what, detail)};
    enum err e =
        t.args ? store_do(c->api->set.store, c->cx, "security.tell", tell_job, &t) : ERR_NO_MEMORY;
    json_decref(t.args);
    if (e)
        log_warn("a person was not told of a change", LOG_S("req", c->cx->id), LOG_S("what", what),
                 LOG_S("err", err_api(e)));
    c->cx->problem[0] = '\0';
}

/* ---- the list ---- */

static bool is_way(const struct identity *i, bool password)
{
    return strcmp(i->provider, "email") != 0 || i->email_verified || password;
}

static json_t *identity_json(const struct identity *i, bool removable)
{
    return json_pack("{s:s,s:s,s:s?,s:b,s:s?,s:I,s:I,s:b}", "id", i->public_id, "provider",
                     i->provider, "email", i->email, "email_verified", i->email_verified, "name",
                     i->name, "linked_at", (json_int_t)i->linked_ms, "last_used_at",
                     (json_int_t)i->last_used_ms, "removable", removable);
}

enum err my_identities(struct call *c)
{
    struct identity *list = NULL;
    size_t n = 0, ways = 0;
    bool password = false;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = identity_list(db, c->cx->arena, c->who.viewer_id, &list, &n);
    if (!e)
        e = identity_has_password(db, c->who.viewer_id, &password);
    store_read_end(db);
    if (e)
        return e;
    for (size_t i = 0; i < n; i++)
        ways += is_way(&list[i], password);
    json_t *items = json_array();
    for (size_t i = 0; i < n; i++) {
        bool others = ways > (is_way(&list[i], password) ? 1U : 0U);
        (void)json_array_append_new(items, identity_json(&list[i], others));
    }
    return answer_json(c, 200, json_pack("{s:o,s:b}", "items", items, "password", password));
}

/* ---- taking one away ---- */

struct unlink {
    int64_t viewer_id;
    const char *public_id;
    const unsigned char *keep;
    json_t *told;
    const char *provider; /* the job's */
};

static enum err unlink_job(struct tx *tx, void *arg)
{
    struct unlink *u = arg;
    struct identity_gone gone;
    const char *email = NULL;
    bool proved = false;
    enum err e = viewer_mailbox(tx->db, tx->cx->arena, u->viewer_id, &email, &proved);
    if (!e)
        e = identity_unlink(tx, u->viewer_id, u->public_id, u->keep, &gone);
    if (!e && strcmp(gone.provider, "email") != 0)
        e = revoke_put(tx, gone.provider, gone.subject, gone.token_sealed, gone.token_len);
    const struct notice n = {.kind = NOTICE_SECURITY_NOTICE,
                             .to_viewer = u->viewer_id,
                             .to_email = email,
                             .args = u->told};
    return e || !proved ? e : notice_put(tx, &n);
}

enum err my_identity_delete(struct call *c)
{
    struct unlink u = {.viewer_id = c->who.viewer_id,
                       .public_id = http_param(c->req, "id"),
                       .keep = c->session.hash};
    enum err e = call_need_proof(c);
    if (e)
        return e;
    u.told = call_security(c, "identity_removed", NULL);
    struct ended x;
    e = u.told ? call_ending(c, &x) : ERR_NO_MEMORY;
    if (!e)
        e = store_do(c->api->set.store, c->cx, "identity.unlink", unlink_job, &u);
    json_decref(u.told);
    if (e)
        return e;
    call_ended(c, &x, NULL); /* those that go on come back by themselves */
    return answer_empty(c, 204);
}
