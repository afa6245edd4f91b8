/* Browsers that take push messages. */
#include "notify/push.h"
#include "base/crypto.h"
#include "base/es256.h"
#include "notify/push.sql.h"
#include "store/store.h"

#include <string.h>

/* base64url of exactly `want` bytes; pages of old wrote padding. */
static bool read_bytes(const char *text, unsigned char *out, size_t want)
{
    size_t n = 0, len = strlen(text);
    while (len && text[len - 1] == '=')
        len--;
    return !crypto_unbase64url(text, len, out, want, &n) && n == want;
}

enum err push_read(struct cx *cx, const char *endpoint, const char *p256dh, const char *auth,
                   bool local_ok, struct push_target *ret_target)
{
    struct push_target t = {.endpoint = endpoint};
    struct es256 *theirs;
    if (!push_endpoint_ok(endpoint, local_ok))
        return problem(cx, ERR_INPUT, "'endpoint' must be an https address of a push service");
    if (!read_bytes(p256dh, t.p256dh, sizeof t.p256dh))
        return problem(cx, ERR_INPUT, "'p256dh' must be a key of P-256");
    if (!read_bytes(auth, t.auth, sizeof t.auth))
        return problem(cx, ERR_INPUT, "'auth' must be 16 bytes");
    enum err e = es256_read_point(t.p256dh, &theirs);
    if (e)
        return e == ERR_INPUT ? problem(cx, e, "'p256dh' must be a key of P-256") : e;
    es256_free(theirs);
    *ret_target = t;
    return ERR_OK;
}

enum err push_add(struct tx *tx, int64_t id, int64_t viewer_id,
                  const unsigned char session[SHA256_LEN], const struct push_target *t)
{
    int64_t now_ms = tx->cx->now_ms;
    enum err e = db_do(tx->db, &SQL_push_add,
                       ARGS(V(id), V(viewer_id), V(t->endpoint), VBLOB(t->p256dh, PUSH_KEY_LEN),
                            VBLOB(t->auth, PUSH_AUTH_LEN), VBLOB(session, SHA256_LEN), V(now_ms)),
                       NULL);
    return e ? e
             : db_do(tx->db, &SQL_push_trim, ARGS(V(viewer_id), V((int64_t)PUSH_PER_VIEWER)), NULL);
}

enum err push_remove(struct tx *tx, int64_t viewer_id, const char *endpoint)
{
    return db_do(tx->db, &SQL_push_remove, ARGS(V(viewer_id), V(endpoint)), NULL);
}

enum err push_count(struct db *db, int64_t viewer_id, int64_t *ret_count)
{
    return db_i64(db, &SQL_push_count, ARGS(V(viewer_id)), ret_count);
}
