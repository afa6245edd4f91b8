/* What a person asks about their data: consents, a copy, to be forgotten. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/buf.h"
#include "privacy/consent.h"
#include "privacy/privacy.h"
#include "store/store.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* An account proves first that it is still them; a guest has nothing but the session. */
static enum err still_them(struct call *c)
{
    return c->who.account ? call_need_proof(c) : ERR_OK;
}

/* ---- consents ---- */

static enum err answer_consents(struct call *c)
{
    struct db *db = NULL;
    json_t *list = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = consent_list(db, c->cx, c->session.viewer.id, &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}

enum err me_consents_get(struct call *c)
{
    return answer_consents(c);
}

static enum err consent_job(struct tx *tx, void *arg)
{
    return consent_set(tx, arg);
}

static enum err shop_named(struct call *c, const char *slug, int64_t *ret_shop_id)
{
    struct shop shop = {.id = 0};
    struct db *db = NULL;
    if (!slug)
        return ERR_OK;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = shop_by_slug(db, c->cx->arena, slug, &shop);
    store_read_end(db);
    if (e)
        return e == ERR_NOT_FOUND ? problem(c->cx, e, "there is no such shop") : e;
    *ret_shop_id = shop.id;
    return ERR_OK;
}

enum err me_consents_post(struct call *c)
{
    const char *shop = NULL;
    struct consent ask = {.id = id_next(),
                          .viewer_id = c->session.viewer.id,
                          .lang = c->session.viewer.lang,
                          .source = "settings"};
    if (!json_is_boolean(json_object_get(c->body, "granted")))
        return problem(c->cx, ERR_INPUT, "'granted' must be true or false");
    enum err e = json_need_text(c->cx, c->body, "kind", 1, 40, &ask.kind);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "granted", &ask.granted);
    if (!e)
        e = json_opt_text(c->cx, c->body, "version", 20, &ask.version);
    if (!e)
        e = json_opt_text(c->cx, c->body, "lang", 20, &ask.lang);
    if (!e)
        e = json_opt_text(c->cx, c->body, "shop", SLUG_MAX, &shop);
    if (!e && !ask.granted && strcmp(ask.kind, "marketing") != 0)
        e = problem(c->cx, ERR_CONFLICT, "delete the account to end what it rests on");
    if (!e)
        e = shop_named(c, shop, &ask.shop_id);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "consent.set", consent_job, &ask);
    return e ? e : answer_consents(c);
}

struct sign_up_consents {
    struct consent list[3];
    size_t count;
};

static enum err sign_up_job(struct tx *tx, void *arg)
{
    const struct sign_up_consents *s = arg;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < s->count; i++)
        e = consent_set(tx, &s->list[i]);
    return e;
}

void call_sign_up_consents(struct call *c, int64_t viewer_id, const char *lang, const json_t *said)
{
    static const char *const kinds[] = {"terms", "privacy", "marketing"};
    struct sign_up_consents s = {.count = 0};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (json_is_true(json_object_get(said, kinds[i])))
            s.list[s.count++] = (struct consent){.id = id_next(),
                                                 .viewer_id = viewer_id,
                                                 .kind = kinds[i],
                                                 .granted = true,
                                                 .lang = lang,
                                                 .source = "signup"};
    enum err e =
        s.count ? store_do(c->api->set.store, c->cx, "consent.sign_up", sign_up_job, &s) : ERR_OK;
    if (e)
        log_warn("consents of a new account were not kept", LOG_S("req", c->cx->id),
                 LOG_S("err", err_api(e)));
    c->cx->problem[0] = '\0';
}

/* ---- a copy ---- */

struct export_job {
    struct privacy *p;
    struct export_ask ask;
};

static enum err export_job(struct tx *tx, void *arg)
{
    struct export_job *j = arg;
    return export_begin(tx, j->p, &j->ask);
}

static enum err answer_export(struct call *c, int status, const char *id)
{
    struct db *db = NULL;
    json_t *o = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = export_read(db, c->cx, c->session.viewer.id, id, &o);
    store_read_end(db);
    return e ? e : answer_json(c, status, o);
}

enum err me_export_post(struct call *c)
{
    struct export_job j = {.p = c->api->set.privacy};
    enum err e = still_them(c);
    export_make(&j.ask, c->session.viewer.id, c->session.viewer.lang);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "export.begin", export_job, &j);
    return e ? e : answer_export(c, 202, j.ask.public_id);
}

enum err me_exports_get(struct call *c)
{
    struct db *db = NULL;
    json_t *list = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = export_list(db, c->cx, c->session.viewer.id, &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}

enum err me_export_get(struct call *c)
{
    return answer_export(c, 200, http_param(c->req, "id"));
}

/* One piece into the file, with an arena and a reader of its own; *ret_len 0: that was all. */
static enum err copy_piece(struct call *c, int fd, const char *id, int64_t n, size_t *ret_len)
{
    enum { PIECE_ARENA = 512 * 1024 };
    const unsigned char *bytes = NULL;
    size_t len = 0;
    struct db *db = NULL;
    struct cx cx = {.arena = arena_make(PIECE_ARENA), .now_ms = c->cx->now_ms};
    enum err e = cx.arena ? store_read(c->api->set.store, &db) : ERR_NO_MEMORY;
    if (!e)
        e = export_chunk(db, &cx, c->session.viewer.id, id, n, &bytes, &len);
    store_read_end(db);
    if (!e && len && write(fd, bytes, len) != (ssize_t)len)
        e = ERR_IO;
    if (e == ERR_NOT_FOUND)
        (void)problem(c->cx, e, "there is no such copy");
    arena_free(cx.arena);
    *ret_len = len;
    return e;
}

/* By way of a file without a name: a slow reader holds neither memory nor a reader. */
enum err me_export_file(struct call *c)
{
    uint64_t total = 0;
    size_t len = 1;
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    enum err e = fd < 0 ? problem(c->cx, ERR_IO, "there is no room for the file") : ERR_OK;
    for (int64_t n = 0; !e && len; n++) {
        e = copy_piece(c, fd, http_param(c->req, "id"), n, &len);
        total += len;
    }
    if (e) {
        if (fd >= 0)
            (void)close(fd);
        return e;
    }
    add_security_headers(c->req, c->api, false);
    http_add(c->req, "Cache-Control", "no-store");
    http_add(c->req, "Content-Disposition", "attachment; filename=\"my-data.zip\"");
    http_send_file(c->req, 200, "application/zip", fd, 0, total);
    return ERR_OK;
}

/* ---- to be forgotten ---- */

enum err me_deletion_get(struct call *c)
{
    struct db *db = NULL;
    json_t *preview = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = privacy_preview(db, c->cx, c->api->set.privacy, c->session.viewer.id, &preview);
    store_read_end(db);
    return e ? e : answer_json(c, 200, preview);
}

struct erase_job {
    struct privacy *p;
    int64_t viewer_id;
    struct erasure x;
};

static enum err erase_job(struct tx *tx, void *arg)
{
    struct erase_job *j = arg;
    return privacy_erase(tx, j->p, j->viewer_id, "self", &j->x);
}

enum err me_delete(struct call *c)
{
    const char *confirm = NULL;
    struct erase_job j = {.p = c->api->set.privacy, .viewer_id = c->session.viewer.id};
    enum err e = json_need_text(c->cx, c->body, "confirm", 1, 20, &confirm);
    if (!e && strcmp(confirm, "delete") != 0)
        e = problem(c->cx, ERR_INPUT, "'confirm' must be delete");
    if (!e)
        e = still_them(c);
    erasure_make(&j.x);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "privacy.erase", erase_job, &j);
    if (e)
        return e;
    privacy_erased(j.p, &j.x);
    call_set_cookie(c, "nm_session", "", 0);
    const char *url = arena_fmt(c->cx->arena, "/deletion/%s", j.x.code);
    return url ? answer_json(c, 202, json_pack("{s:s,s:s}", "code", j.x.code, "url", url))
               : ERR_NO_MEMORY;
}

enum err privacy_request_get(struct call *c)
{
    struct db *db = NULL;
    json_t *o = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = privacy_request_state(db, c->cx, c->api->set.privacy, http_param(c->req, "code"), &o);
    store_read_end(db);
    return e ? e : answer_json(c, 200, o);
}
