/* Privacy as a shop's owner and managers see it: requests, consents, days, incidents. */
#include "api/call_in.h"
#include "base/arena.h"
#include "privacy/breach.h"
#include "privacy/consent.h"
#include "privacy/keep.h"
#include "privacy/legal.h"
#include "privacy/privacy.h"
#include "store/store.h"

#include <string.h>

/* ---- reading ---- */

static json_t *keep_json(const struct keep *keep)
{
    json_t *list = json_array();
    for (int k = 0; k < KEEP_COUNT; k++)
        (void)json_array_append_new(
            list, json_pack("{s:s,s:i,s:i,s:s}", "kind", keep_word((enum keep_kind)k), "days",
                            keep->days[k], "default", keep_default((enum keep_kind)k), "what",
                            keep_what((enum keep_kind)k)));
    return list;
}

static enum err answer_settings(struct call *c, int64_t shop_id)
{
    struct db *db = NULL;
    const char *contact = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = legal_contact(db, c->cx, shop_id, &contact);
    store_read_end(db);
    return e ? e
             : answer_json(c, 200,
                           json_pack("{s:s?,s:o}", "contact", contact, "keep",
                                     keep_json(privacy_keep(c->api->set.privacy))));
}

enum err staff_privacy_get(struct call *c)
{
    const struct staff *s = NULL;
    enum err e = call_shop(c, ACTION_PRIVACY_SEE, &s);
    return e ? e : answer_settings(c, s->shop_id);
}

static enum err answer_list(struct call *c,
                            enum err (*list)(struct db *db, struct cx *cx, int64_t shop_id,
                                             const char *cursor, json_t **ret_list))
{
    const struct staff *s = NULL;
    struct db *db = NULL;
    json_t *o = NULL;
    enum err e = call_shop(c, ACTION_PRIVACY_SEE, &s);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = list(db, c->cx, s->shop_id, http_query(c->req, "cursor"), &o);
    store_read_end(db);
    return e ? e : answer_json(c, 200, o);
}

enum err staff_privacy_requests(struct call *c)
{
    return answer_list(c, privacy_requests);
}

enum err staff_privacy_consents(struct call *c)
{
    return answer_list(c, consent_log);
}

static enum err all_breaches(struct db *db, struct cx *cx, int64_t shop_id, const char *cursor,
                             json_t **ret_list)
{
    (void)cursor;
    return breach_list(db, cx, shop_id, ret_list);
}

enum err staff_breaches_get(struct call *c)
{
    return answer_list(c, all_breaches);
}

/* ---- writing ---- */

struct contact_job {
    int64_t shop_id;
    const char *contact;
    struct audit audit;
};

static enum err contact_job(struct tx *tx, void *arg)
{
    const struct contact_job *j = arg;
    enum err e = legal_set_contact(tx, j->shop_id, j->contact);
    return e ? e : audit_write(tx, &j->audit);
}

enum err staff_privacy_contact(struct call *c)
{
    const struct staff *s = NULL;
    struct contact_job j = {.contact = NULL};
    enum err e = call_shop(c, ACTION_LEGAL_EDIT, &s);
    if (!e)
        e = json_opt_text(c->cx, c->body, "contact", LEGAL_CONTACT_CHARS_MAX * 4, &j.contact);
    if (e)
        return e;
    j.shop_id = s->shop_id;
    j.audit = call_audit(c, s->shop_id, "privacy.contact", s->shop_public_id);
    e = store_do(c->api->set.store, c->cx, "privacy.contact", contact_job, &j);
    return e ? e : answer_settings(c, s->shop_id);
}

struct breach_job {
    struct breach b;
    struct audit audit;
    bool is_new;
};

static enum err breach_job(struct tx *tx, void *arg)
{
    const struct breach_job *j = arg;
    enum err e = j->is_new ? breach_add(tx, &j->b) : breach_set(tx, &j->b);
    return e ? e : audit_write(tx, &j->audit);
}

/* null takes a time or number back. */
static enum err opt_number(struct call *c, const char *name, int64_t *n)
{
    if (json_is_null(json_object_get(c->body, name))) {
        *n = -1;
        return ERR_OK;
    }
    return json_opt_i64(c->cx, c->body, name, 1, INT64_C(4102444800000), n);
}

static enum err keep_breach(struct call *c, int64_t shop_id, int status, struct breach_job *j)
{
    struct db *db = NULL;
    json_t *o = NULL;
    j->b.shop_id = shop_id;
    j->b.by_id = c->who.viewer_id;
    j->audit =
        call_audit(c, shop_id, j->is_new ? "privacy.breach" : "privacy.breach_set", j->b.public_id);
    enum err e = store_do(c->api->set.store, c->cx, "breach.set", breach_job, j);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = breach_read(db, c->cx, shop_id, j->b.public_id, &o);
    store_read_end(db);
    return e ? e : answer_json(c, status, o);
}

enum err staff_breaches_post(struct call *c)
{
    const struct staff *s = NULL;
    struct breach_job j = {.is_new = true, .b = {.id = id_next(), .found_ms = c->cx->now_ms}};
    id_make("brn", j.b.public_id);
    enum err e = call_shop(c, ACTION_PRIVACY_SEE, &s);
    if (!e)
        e = json_need_text(c->cx, c->body, "what", 1, BREACH_CHARS_MAX * 4, &j.b.what);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "found_at", 1, c->cx->now_ms, &j.b.found_ms);
    if (!e)
        e = opt_number(c, "people", &j.b.people);
    return e ? e : keep_breach(c, s->shop_id, 201, &j);
}

enum err staff_breach_patch(struct call *c)
{
    const struct staff *s = NULL;
    struct breach_job j = {.is_new = false};
    const char *id = http_param(c->req, "id");
    enum err e = call_shop(c, ACTION_PRIVACY_SEE, &s);
    if (!e && !id_ok(id, "brn"))
        e = problem(c->cx, ERR_NOT_FOUND, "there is no such note");
    if (!e)
        e = call_if_match(c, &j.b.version);
    if (!e)
        e = json_opt_text(c->cx, c->body, "what", BREACH_CHARS_MAX * 4, &j.b.what);
    if (!e)
        e = opt_number(c, "people", &j.b.people);
    if (!e)
        e = opt_number(c, "told_at", &j.b.told_ms);
    if (!e)
        e = opt_number(c, "closed_at", &j.b.closed_ms);
    if (e)
        return e;
    (void)snprintf(j.b.public_id, sizeof j.b.public_id, "%s", id);
    return keep_breach(c, s->shop_id, 200, &j);
}
