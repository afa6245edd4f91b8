#include "account/account.h"
#include "account/session.sql.h"
#include "base/arena.h"

#include <string.h>

static const int64_t hour_ms = INT64_C(3600) * 1000;
static const int64_t guest_ms = INT64_C(180) * 24 * 3600 * 1000;
static const int64_t new_guest_ms = INT64_C(8) * 24 * 3600 * 1000; /* next week's show, or gone */
static const int64_t account_ms = INT64_C(30) * 24 * 3600 * 1000;
static const int64_t account_max_ms = INT64_C(90) * 24 * 3600 * 1000; /* however often it is used */

static bool token_ok(const char *text)
{
    static const char digit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return strspn(text, digit) == TOKEN_TEXT - 1 && text[TOKEN_TEXT - 1] == '\0';
}

void csrf_of(const char *cookie, char out[TOKEN_TEXT])
{
    static const char purpose[] = "csrf";
    unsigned char mac[SHA256_LEN];
    crypto_hmac_sha256(cookie, strlen(cookie), purpose, sizeof purpose - 1, mac);
    crypto_base64url_text(mac, sizeof mac, out);
}

void session_make(struct session_new *s)
{
    unsigned char bytes[TOKEN_LEN];
    crypto_random(bytes, sizeof bytes);
    *s = (struct session_new){0};
    crypto_base64url_text(bytes, sizeof bytes, s->cookie);
    crypto_wipe(bytes, sizeof bytes);
    csrf_of(s->cookie, s->csrf);
    crypto_sha256(s->cookie, strlen(s->cookie), s->hash);
    id_make("ses", s->public_id);
}

enum err session_start(struct tx *tx, int64_t viewer_id, const char *old_cookie,
                       const struct session_how *how, struct session_new *s)
{
    char device[DEVICE_WORDS_SIZE];
    device_words(how->agent, device);
    s->auth_ms = how->auth_ms;
    enum err e =
        db_i64(tx->db, &SQL_session_insert,
               ARGS(VBLOB(s->hash, sizeof s->hash), V(tx->cx->now_ms), V(account_ms),
                    V(new_guest_ms), V((const char *)s->public_id), V((const char *)device),
                    V(how->provider), V(how->auth_ms), V(viewer_id)),
               &s->expires_ms);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no such viewer");
    if (!e)
        e = db_do(tx->db, &SQL_session_drop_oldest, ARGS(V(viewer_id), V(SESSIONS_MAX - 1)), NULL);
    if (e || !old_cookie || !token_ok(old_cookie))
        return e;
    unsigned char old[SHA256_LEN];
    crypto_sha256(old_cookie, strlen(old_cookie), old);
    return session_end(tx, old);
}

enum err session_prove(struct tx *tx, const unsigned char hash[SHA256_LEN], int64_t viewer_id,
                       int64_t auth_ms)
{
    int64_t changed = 0;
    enum err e =
        db_do(tx->db, &SQL_session_set_proved,
              ARGS(V(auth_ms), VBLOB(hash, SHA256_LEN), V(viewer_id), V(tx->cx->now_ms)), &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_NOT_FOUND, "the session has ended");
    return e;
}

bool session_is_proved(const struct session *s, int64_t now_ms)
{
    return s->auth_ms > 0 && now_ms - s->auth_ms < PROOF_MS;
}

enum err session_find(struct db *db, struct cx *cx, const char *cookie, struct session *ret_session)
{
    if (!token_ok(cookie))
        return problem(cx, ERR_NEED_LOGIN, "there is no such session");
    struct session s = {0};
    struct viewer *v = &s.viewer;
    bool account = false;
    int64_t seen_ms = 0;
    crypto_sha256(cookie, strlen(cookie), s.hash);
    enum err e = db_row(
        db, cx->arena, &SQL_session_get, ARGS(VBLOB(s.hash, sizeof s.hash), V(cx->now_ms)),
        COLS(C(&v->id), C(&v->public_id), C(&account), C(&v->name), C(&v->lang), C(&v->market),
             C(&v->created_ms), C(&seen_ms), C(&s.expires_ms), C(&s.auth_ms)));
    if (e == ERR_NOT_FOUND)
        return problem(cx, ERR_NEED_LOGIN, "there is no such session");
    if (e)
        return e;
    v->kind = account ? VIEWER_ACCOUNT : VIEWER_GUEST;
    s.stale = cx->now_ms - seen_ms >= hour_ms;
    csrf_of(cookie, s.csrf);
    *ret_session = s;
    return ERR_OK;
}

enum err session_viewer(struct db *db, const unsigned char hash[SHA256_LEN], int64_t now_ms,
                        int64_t *ret_viewer_id)
{
    return db_i64(db, &SQL_session_known, ARGS(VBLOB(hash, SHA256_LEN), V(now_ms)), ret_viewer_id);
}

bool session_csrf_ok(const struct session *s, const char *csrf)
{
    return csrf && crypto_same(s->csrf, strlen(s->csrf), csrf, strlen(csrf));
}

enum err session_touch(struct tx *tx, const unsigned char hash[SHA256_LEN])
{
    return db_do(tx->db, &SQL_session_seen,
                 ARGS(V(tx->cx->now_ms), V(guest_ms), V(account_max_ms), V(account_ms),
                      VBLOB(hash, SHA256_LEN)),
                 NULL);
}

/* A guest without a session is nobody; if they left nothing behind, the row goes as well. */
static enum err drop_guest(struct tx *tx, int64_t viewer_id)
{
    return db_do(tx->db, &SQL_guest_drop, ARGS(V(viewer_id)), NULL);
}

enum err session_end(struct tx *tx, const unsigned char hash[SHA256_LEN])
{
    int64_t viewer_id;
    enum err e = db_i64(tx->db, &SQL_session_drop, ARGS(VBLOB(hash, SHA256_LEN)), &viewer_id);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    return drop_guest(tx, viewer_id);
}

enum err session_end_all(struct tx *tx, int64_t viewer_id)
{
    return db_do(tx->db, &SQL_session_drop_all, ARGS(V(viewer_id)), NULL);
}

enum err session_end_others(struct tx *tx, int64_t viewer_id, const unsigned char *keep_hash)
{
    if (!keep_hash)
        return session_end_all(tx, viewer_id);
    return db_do(tx->db, &SQL_session_drop_others, ARGS(V(viewer_id), VBLOB(keep_hash, SHA256_LEN)),
                 NULL);
}

enum err session_end_named(struct tx *tx, int64_t viewer_id, const char *public_id)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_session_drop_named, ARGS(V(viewer_id), V(public_id)), &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_NOT_FOUND, "no such session of yours");
    return e;
}

enum err session_list(struct db *db, struct cx *cx, int64_t viewer_id,
                      struct session_seen **ret_list, size_t *ret_count)
{
    struct session_seen *list = arena_array(cx->arena, struct session_seen, SESSIONS_MAX);
    struct session_seen s = {.public_id = NULL};
    size_t n = 0;
    if (!list)
        return ERR_NO_MEMORY;
    struct rows r =
        db_rows(db, &SQL_session_of_viewer, ARGS(V(viewer_id), V(cx->now_ms), V(SESSIONS_MAX)));
    while (n < SESSIONS_MAX && rows_next(&r, cx->arena,
                                         COLS(C(&s.public_id), C(&s.device), C(&s.provider),
                                              C(&s.created_ms), C(&s.seen_ms), C(&s.hash))))
        list[n++] = s;
    enum err e = rows_end(&r);
    if (e)
        return e;
    *ret_list = list;
    *ret_count = n;
    return ERR_OK;
}

enum err session_sweep(struct tx *tx, int64_t max, int64_t *ret_dropped)
{
    int64_t whose[SESSION_SWEEP_MAX], id, n = 0;
    if (max > SESSION_SWEEP_MAX)
        max = SESSION_SWEEP_MAX;
    struct rows rows = db_rows(tx->db, &SQL_session_drop_ended, ARGS(V(tx->cx->now_ms), V(max)));
    while (n < max && rows_next(&rows, NULL, COLS(C(&id))))
        whose[n++] = id;
    enum err e = rows_end(&rows);
    for (int64_t i = 0; !e && i < n; i++)
        e = drop_guest(tx, whose[i]);
    if (!e)
        *ret_dropped = n;
    return e;
}

void device_make(char out[ID_TEXT])
{
    id_make("dev", out);
}

bool device_ok(const char *cookie)
{
    return strlen(cookie) == 20 && id_ok(cookie, "dev");
}
