#include "account/identity.h"
#include "account/identity.sql.h"
#include "base/arena.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { LOOKED_AT = 100 }; /* characters of a name */

/* ---- what a provider says, made fit to keep ---- */

struct said {
    char email[EMAIL_SIZE], name[NAME_SIZE];
    bool verified;
};

/* A long name is cut, not refused: it is not the person's fault. */
static bool fit_name(const char *name, char out[NAME_SIZE])
{
    struct cx quiet = {.arena = NULL};
    char cut[LOOKED_AT * 4 + 1];
    if (!name || !text_is_utf8(name, strlen(name)))
        return false;
    size_t len = text_prefix(name, strlen(name), LOOKED_AT);
    memcpy(cut, name, len);
    cut[len] = '\0';
    len = text_tidy(cut, len);
    len = text_prefix(cut, len, NAME_CHARS_MAX);
    cut[len] = '\0';
    return account_tidy_name(&quiet, cut, out) == ERR_OK;
}

static struct said said_of(const struct identity_proof *p)
{
    struct said s = {.verified = false};
    struct cx quiet = {.arena = NULL};
    if (!fit_name(p->name, s.name))
        s.name[0] = '\0';
    if (!p->email || account_tidy_email(&quiet, p->email, s.email))
        s.email[0] = '\0';
    s.verified = s.email[0] && p->email_verified;
    return s;
}

static struct val or_null(const char *text)
{
    return *text ? V(text) : VNULL;
}

/* The address is a way in by a code, never on a provider's word. */
static enum err check(struct cx *cx, const struct identity_proof *p)
{
    size_t n = strlen(p->subject);
    if (!p->provider[0] || strcmp(p->provider, "email") == 0 || n < 1 || n > SUBJECT_MAX ||
        !text_is_utf8(p->subject, n))
        return problem(cx, ERR_INPUT, "the provider names nobody");
    return ERR_OK;
}

/* ---- coming in ---- */

void identity_make_id(char out[ID_TEXT])
{
    id_make("idn", out);
}

void identity_entry_make(struct identity_entry *n, const struct identity_proof *p, const char *lang)
{
    *n = (struct identity_entry){.viewer_id = id_next()};
    id_make("viw", n->viewer_public_id);
    identity_make_id(n->public_id);
    bool fits = text_copy(n->lang, sizeof n->lang, account_lang(lang));
    if (!fit_name(p->name, n->name))
        fits = fits && text_copy(n->name, sizeof n->name, account_neutral_name(n->lang));
    assert(fits);
    session_make(&n->session);
}

static enum err add(struct tx *tx, int64_t viewer_id, const char *public_id,
                    const struct identity_proof *p)
{
    const struct said s = said_of(p);
    int64_t id;
    enum err e = db_i64(tx->db, &SQL_identity_add,
                        ARGS(V(p->provider), V(p->subject), V(tx->cx->now_ms), V(public_id),
                             or_null(s.email), V(s.verified), or_null(s.name), V(viewer_id),
                             V(IDENTITIES_MAX)),
                        &id);
    return e == ERR_NOT_FOUND
               ? problem(tx->cx, ERR_LIMIT, "an account has at most %d ways in", IDENTITIES_MAX)
               : e;
}

static enum err used(struct tx *tx, const struct identity_proof *p)
{
    const struct said s = said_of(p);
    return db_do(tx->db, &SQL_identity_used,
                 ARGS(V(tx->cx->now_ms), or_null(s.email), V(s.verified), or_null(s.name),
                      V(p->provider), V(p->subject)),
                 NULL);
}

/* Apple's letter boxes: many of them may be one person's, and none is a mailbox. */
#define RELAY "@privaterelay.appleid.com"

/* The account whose mailbox the provider itself runs, and we had asked before. ERR_NOT_FOUND */
static enum err by_mailbox(struct tx *tx, const struct identity_proof *p, int64_t *ret_viewer_id)
{
    const struct said s = said_of(p);
    if (!p->email_authoritative || !s.verified || text_has_suffix(s.email, RELAY))
        return ERR_NOT_FOUND;
    return db_i64(tx->db, &SQL_identity_mailbox, ARGS(V((const char *)s.email), V(IDENTITIES_MAX)),
                  ret_viewer_id);
}

static enum err arrive(struct tx *tx, const struct identity_proof *p, struct identity_entry *n,
                       int64_t *ret_viewer_id)
{
    enum err e = by_mailbox(tx, p, ret_viewer_id);
    n->was_linked = !e;
    n->is_new = e == ERR_NOT_FOUND;
    if (n->is_new) {
        *ret_viewer_id = n->viewer_id;
        e = db_do(tx->db, &SQL_viewer_add,
                  ARGS(V(n->viewer_id), V((const char *)n->viewer_public_id),
                       V((const char *)n->name), V((const char *)n->lang),
                       V(account_market(n->lang)), V(tx->cx->now_ms)),
                  NULL);
    }
    return e ? e : add(tx, *ret_viewer_id, n->public_id, p);
}

enum err identity_enter(struct tx *tx, const struct identity_proof *p,
                        const struct session_how *how, const char *old_cookie,
                        struct identity_entry *n)
{
    int64_t viewer_id = 0;
    n->is_new = n->was_linked = false;
    enum err e = check(tx->cx, p);
    if (!e)
        e = db_i64(tx->db, &SQL_identity_known, ARGS(V(p->provider), V(p->subject)), &viewer_id);
    if (!e)
        e = used(tx, p);
    else if (e == ERR_NOT_FOUND)
        e = arrive(tx, p, n, &viewer_id);
    if (!e)
        e = session_start(tx, viewer_id, old_cookie, how, &n->session);
    return e ? e : viewer_by_id(tx->db, tx->cx->arena, viewer_id, &n->viewer);
}

/* ---- linking ---- */

enum err identity_link(struct tx *tx, int64_t viewer_id, const char *public_id,
                       const struct identity_proof *p)
{
    int64_t whose;
    enum err e = check(tx->cx, p);
    if (!e)
        e = db_i64(tx->db, &SQL_identity_account, ARGS(V(viewer_id)), &whose);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no such account");
    if (!e)
        e = db_i64(tx->db, &SQL_identity_known, ARGS(V(p->provider), V(p->subject)), &whose);
    if (e == ERR_NOT_FOUND)
        return add(tx, viewer_id, public_id, p);
    if (!e && whose != viewer_id)
        return problem(tx->cx, ERR_EXISTS, "another account has it");
    return e ? e : used(tx, p);
}

static enum err end_sessions(struct tx *tx, int64_t viewer_id, const char *provider,
                             const unsigned char *keep_hash)
{
    if (!keep_hash)
        return db_do(tx->db, &SQL_identity_end_sessions, ARGS(V(viewer_id), V(provider)), NULL);
    return db_do(tx->db, &SQL_identity_end_other_sessions,
                 ARGS(V(viewer_id), V(provider), VBLOB(keep_hash, SHA256_LEN)), NULL);
}

enum err identity_unlink(struct tx *tx, int64_t viewer_id, const char *public_id,
                         const unsigned char *keep_hash, struct identity_gone *ret_gone)
{
    struct identity_gone g = {.provider = NULL};
    struct blob token = {.p = NULL};
    int64_t ways = 0;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_identity_get, ARGS(V(viewer_id), V(public_id)),
                        COLS(C(&g.provider), C(&g.subject), C(&token)));
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no such way in of yours");
    if (!e)
        e = db_i64(tx->db, &SQL_identity_other_ways, ARGS(V(viewer_id), V(public_id)), &ways);
    if (!e && !ways)
        return problem(tx->cx, ERR_CONFLICT, "it is the last way into your account");
    if (!e)
        e = db_do(tx->db, &SQL_identity_delete, ARGS(V(viewer_id), V(public_id)), NULL);
    if (!e && strcmp(g.provider, "email") == 0)
        e = db_do(tx->db, &SQL_identity_password_drop, ARGS(V(viewer_id)), NULL);
    if (!e)
        e = end_sessions(tx, viewer_id, g.provider, keep_hash);
    if (e)
        return e;
    g.token_sealed = token.p;
    g.token_len = token.len;
    *ret_gone = g;
    return ERR_OK;
}

/* ---- reading ---- */

enum err identity_list(struct db *db, struct arena *arena, int64_t viewer_id,
                       struct identity **ret_list, size_t *ret_count)
{
    struct identity *list = arena_array(arena, struct identity, IDENTITIES_MAX);
    struct identity i = {.public_id = NULL};
    size_t n = 0;
    if (!list)
        return ERR_NO_MEMORY;
    struct rows r = db_rows(db, &SQL_identity_of_viewer, ARGS(V(viewer_id), V(IDENTITIES_MAX)));
    while (n < IDENTITIES_MAX &&
           rows_next(&r, arena,
                     COLS(C(&i.public_id), C(&i.provider), C(&i.subject), C(&i.email),
                          C(&i.email_verified), C(&i.name), C(&i.linked_ms), C(&i.last_used_ms))))
        list[n++] = i;
    enum err e = rows_end(&r);
    if (e)
        return e;
    *ret_list = list;
    *ret_count = n;
    return ERR_OK;
}

enum err identity_find(struct db *db, const char *provider, const char *subject,
                       int64_t *ret_viewer_id)
{
    return db_i64(db, &SQL_identity_living, ARGS(V(provider), V(subject)), ret_viewer_id);
}

enum err identity_has_password(struct db *db, int64_t viewer_id, bool *ret_has)
{
    int64_t id;
    enum err e = db_i64(db, &SQL_identity_password, ARGS(V(viewer_id)), &id);
    if (!e || e == ERR_NOT_FOUND)
        *ret_has = !e;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* ---- what a provider takes back, and what it gave us to keep ---- */

enum err identity_drop_sessions(struct tx *tx, const char *provider, const char *subject)
{
    int64_t viewer_id;
    enum err e = db_i64(tx->db, &SQL_identity_forget, ARGS(V(provider), V(subject)), &viewer_id);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    return end_sessions(tx, viewer_id, provider, NULL);
}

enum err identity_keep_token(struct tx *tx, const char *provider, const char *subject,
                             const void *sealed, size_t len)
{
    if (len > TOKEN_SEALED_MAX)
        return problem(tx->cx, ERR_INPUT, "the provider's token is too long to keep");
    return db_do(tx->db, &SQL_identity_set_token,
                 ARGS(len ? VBLOB(sealed, len) : VNULL, V(provider), V(subject)), NULL);
}

enum err identity_token(struct db *db, struct arena *arena, const char *provider,
                        const char *subject, const void **ret_sealed, size_t *ret_len)
{
    struct blob token = {.p = NULL};
    enum err e =
        db_row(db, arena, &SQL_identity_get_token, ARGS(V(provider), V(subject)), COLS(C(&token)));
    if (e)
        return e;
    *ret_sealed = token.p;
    *ret_len = token.len;
    return ERR_OK;
}
