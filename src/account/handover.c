#include "account/handover.h"
#include "account/handover.sql.h"
#include "base/text.h"

#include <string.h>

void handover_make(struct handover_new *n)
{
    unsigned char bytes[TOKEN_LEN];
    crypto_random(bytes, sizeof bytes);
    crypto_base64url_text(bytes, sizeof bytes, n->token);
    crypto_wipe(bytes, sizeof bytes);
    crypto_sha256(n->token, strlen(n->token), n->hash);
}

bool handover_path_ok(const char *path)
{
    size_t n = strlen(path);
    size_t end = strcspn(path, "?#");
    if (n < 1 || n > PATH_MAX_CHARS || path[0] != '/')
        return false;
    for (size_t i = 1; i < end; i++) /* browsers make "//evil.example" of "/.//evil.example" */
        if (path[i] == '/' && path[i - 1] == '/')
            return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)path[i] <= ' ' || (unsigned char)path[i] > '~' || path[i] == '\\')
            return false;
    return true;
}

static bool draft_ok(const char *draft)
{
    size_t n = strlen(draft);
    return n <= (size_t)DRAFT_CHARS_MAX * 4 && text_is_utf8(draft, n) &&
           text_chars(draft, n) <= DRAFT_CHARS_MAX;
}

enum err handover_put(struct tx *tx, const struct handover *h, const struct handover_new *n,
                      int64_t *ret_expires_ms)
{
    int64_t now = tx->cx->now_ms, expires = now + HANDOVER_MS;
    if (!handover_path_ok(h->path))
        return problem(tx->cx, ERR_INPUT, "'path' must be a path of this site");
    if (!draft_ok(h->draft))
        return problem(tx->cx, ERR_INPUT, "'draft' must be text of at most %d characters",
                       DRAFT_CHARS_MAX);
    enum err e = db_do(tx->db, &SQL_handover_insert,
                       ARGS(VBLOB(n->hash, sizeof n->hash), V(h->owner),
                            h->guest_id ? V(h->guest_id) : VNULL, V(h->path), V(h->draft), V(now),
                            V(expires)),
                       NULL);
    if (!e)
        e = db_do(tx->db, &SQL_handover_drop_oldest, ARGS(V(h->owner), V(HANDOVERS_MAX)), NULL);
    if (!e)
        *ret_expires_ms = expires;
    return e;
}

enum err handover_look(struct db *db, struct cx *cx, const char *token,
                       struct handover *ret_handover)
{
    struct handover h = {.owner = NULL};
    unsigned char hash[SHA256_LEN];
    crypto_sha256(token, strlen(token), hash);
    enum err e = db_row(
        db, cx->arena, &SQL_handover_get, ARGS(VBLOB(hash, sizeof hash), V(cx->now_ms)),
        COLS(C(&h.owner), C(&h.guest_id), C(&h.path), C(&h.draft), C(&h.expires_ms), C(&h.goods)));
    if (e)
        return e == ERR_NOT_FOUND ? problem(cx, e, "the link was used or is too old") : e;
    *ret_handover = h;
    return ERR_OK;
}

enum err handover_take(struct tx *tx, const char *token, struct handover *ret_handover)
{
    unsigned char hash[SHA256_LEN];
    crypto_sha256(token, strlen(token), hash);
    enum err e = handover_look(tx->db, tx->cx, token, ret_handover);
    return e ? e : db_do(tx->db, &SQL_handover_drop, ARGS(VBLOB(hash, sizeof hash)), NULL);
}

enum err handover_sweep(struct tx *tx, int64_t max, int64_t *ret_dropped)
{
    return db_do(tx->db, &SQL_handover_sweep, ARGS(V(tx->cx->now_ms), V(max)), ret_dropped);
}
