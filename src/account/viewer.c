#include "account/account.h"
#include "account/viewer.sql.h"
#include "base/text.h"

#include <assert.h>

static enum err read_viewer(struct db *db, struct arena *arena, const struct sql *q,
                            const struct val *args, struct viewer *ret_viewer)
{
    struct viewer v = {0};
    bool account = false;
    enum err e = db_row(db, arena, q, args,
                        COLS(C(&v.id), C(&v.public_id), C(&account), C(&v.name), C(&v.lang),
                             C(&v.market), C(&v.created_ms)));
    if (e)
        return e;
    v.kind = account ? VIEWER_ACCOUNT : VIEWER_GUEST;
    *ret_viewer = v;
    return ERR_OK;
}

enum err viewer_by_id(struct db *db, struct arena *arena, int64_t id, struct viewer *ret_viewer)
{
    return read_viewer(db, arena, &SQL_viewer_get, ARGS(V(id)), ret_viewer);
}

enum err viewer_by_public_id(struct db *db, struct arena *arena, const char *public_id,
                             struct viewer *ret_viewer)
{
    return read_viewer(db, arena, &SQL_viewer_get_public, ARGS(V(public_id)), ret_viewer);
}

enum err viewer_by_email(struct db *db, struct arena *arena, const char *email,
                         struct viewer *ret_viewer)
{
    return read_viewer(db, arena, &SQL_viewer_get_email, ARGS(V(email)), ret_viewer);
}

enum err viewer_own_email(struct db *db, struct arena *arena, int64_t viewer_id,
                          const char **ret_email, bool *ret_proved)
{
    const char *email = NULL;
    bool proved = false;
    enum err e =
        db_row(db, arena, &SQL_email_of_viewer, ARGS(V(viewer_id)), COLS(C(&email), C(&proved)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    *ret_email = email;
    *ret_proved = proved;
    return ERR_OK;
}

enum err viewer_email(struct db *db, struct arena *arena, int64_t viewer_id, const char **ret_email)
{
    bool proved;
    return viewer_own_email(db, arena, viewer_id, ret_email, &proved);
}

enum err viewer_mailbox(struct db *db, struct arena *arena, int64_t viewer_id,
                        const char **ret_email, bool *ret_verified)
{
    const char *email = NULL;
    bool verified = false;
    enum err e = db_row(db, arena, &SQL_mailbox_of_viewer, ARGS(V(viewer_id)),
                        COLS(C(&email), C(&verified)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    *ret_email = email;
    *ret_verified = verified;
    return ERR_OK;
}

static enum err set_text(struct tx *tx, const struct sql *q, int64_t viewer_id, const char *text)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, q, ARGS(V(text), V(viewer_id)), &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_NOT_FOUND, "no such viewer");
    return e;
}

enum err viewer_rename(struct tx *tx, int64_t viewer_id, const char *name)
{
    return set_text(tx, &SQL_viewer_set_name, viewer_id, name);
}

enum err viewer_set_lang(struct tx *tx, int64_t viewer_id, const char *lang)
{
    return set_text(tx, &SQL_viewer_set_lang, viewer_id, account_lang(lang));
}

enum err viewer_set_market(struct tx *tx, int64_t viewer_id, const char *market)
{
    return set_text(tx, &SQL_viewer_set_market, viewer_id, market);
}

/* ---- guests ---- */

void guest_make(struct guest_new *g, const char *name, const char *lang)
{
    *g = (struct guest_new){.viewer_id = id_next(), .name = name, .lang = account_lang(lang)};
    id_make("viw", g->public_id);
    session_make(&g->session);
}

enum err guest_create(struct tx *tx, struct guest_new *g)
{
    enum err e = db_do(tx->db, &SQL_viewer_insert,
                       ARGS(V(g->viewer_id), V(g->public_id), V("guest"), V(g->name), V(g->lang),
                            V(account_market(g->lang)), V(tx->cx->now_ms)),
                       NULL);
    const struct session_how how = {.provider = "guest", .agent = g->agent};
    return e ? e : session_start(tx, g->viewer_id, NULL, &how, &g->session);
}

/* ---- accounts ---- */

enum err account_make(struct cx *cx, const char *email, const char *name, const char *lang,
                      const char *password, struct account_new *ret_account)
{
    struct account_new a = {.viewer_id = id_next()};
    id_make("viw", a.public_id);
    id_make("idn", a.identity_id);
    bool fits = text_copy(a.lang, sizeof a.lang, account_lang(lang));
    assert(fits);
    enum err e = account_tidy_email(cx, email, a.email);
    if (!e)
        e = account_tidy_name(cx, name, a.name);
    if (!e)
        e = password_rules(cx, password, a.email);
    if (!e)
        e = password_hash(cx, password, a.password_hash);
    if (!e)
        *ret_account = a;
    return e;
}

enum err account_create(struct tx *tx, const struct account_new *a)
{
    int64_t other;
    enum err e = db_i64(tx->db, &SQL_email_known, ARGS(V(a->email)), &other);
    if (!e)
        return problem(tx->cx, ERR_EXISTS, "the e-mail has an account already");
    if (e != ERR_NOT_FOUND)
        return e;
    e = db_do(tx->db, &SQL_viewer_insert,
              ARGS(V(a->viewer_id), V(a->public_id), V("account"), V(a->name), V(a->lang),
                   V(account_market(a->lang)), V(tx->cx->now_ms)),
              NULL);
    if (!e)
        e = db_do(tx->db, &SQL_identity_insert,
                  ARGS(V("email"), V(a->email), V(a->viewer_id), V(tx->cx->now_ms),
                       V(a->identity_id), V(a->email), V(false), VNULL),
                  NULL);
    return e ? e : account_set_password(tx, a->viewer_id, a->password_hash, NULL);
}

enum err account_set_password(struct tx *tx, int64_t viewer_id, const char *hash,
                              const unsigned char *keep_hash)
{
    int64_t changed = 0;
    enum err e =
        db_do(tx->db, &SQL_password_set, ARGS(V(hash), V(tx->cx->now_ms), V(viewer_id)), &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_NOT_FOUND, "no such account");
    if (!e)
        e = db_do(tx->db, &SQL_codes_drop, ARGS(V(viewer_id)), NULL);
    return e ? e : session_end_others(tx, viewer_id, keep_hash);
}
