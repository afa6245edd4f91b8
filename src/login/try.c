#include "login/try.sql.h"
#include "login/try_in.h"
#include "store/store.h"

#include <string.h>

static const char *const purposes[] = {
    [LOGIN_ENTER] = "enter", [LOGIN_LINK] = "link", [LOGIN_PROOF] = "proof"};

enum err try_put(struct tx *tx, void *arg)
{
    const struct try_new *t = arg;
    enum err e = db_do(tx->db, &SQL_try_insert,
                       ARGS(VBLOB(t->state_hash, SHA256_LEN), VBLOB(t->browser_hash, SHA256_LEN),
                            V(t->provider), V(purposes[t->purpose]), VBLOB(t->sealed, TRY_SEALED),
                            V(t->next), t->viewer_id ? V(t->viewer_id) : VNULL,
                            VBLOB(t->session_hash, SHA256_LEN), V(tx->cx->now_ms),
                            V(tx->cx->now_ms + TRY_MS)),
                       NULL);
    if (!e)
        e = db_do(tx->db, &SQL_try_drop_oldest,
                  ARGS(VBLOB(t->browser_hash, SHA256_LEN), V(TRIES_PER_BROWSER - 1)), NULL);
    /* Each one that comes takes more away than it brings: what is open is bounded by its time. */
    return e ? e
             : db_do(tx->db, &SQL_try_sweep, ARGS(V(tx->cx->now_ms), V(TRIES_SWEPT_BY_ONE)), NULL);
}

enum err try_take(struct tx *tx, void *arg)
{
    struct try_taken *t = arg;
    const char *purpose = "";
    enum err e =
        db_row(tx->db, tx->cx->arena, &SQL_try_take, ARGS(VBLOB(t->state_hash, SHA256_LEN)),
               COLS(C(&t->browser_hash), C(&t->provider), C(&purpose), C(&t->sealed), C(&t->next),
                    C(&t->viewer_id), C(&t->session_hash), C(&t->created_ms), C(&t->expires_ms)));
    t->found = !e;
    for (int i = LOGIN_ENTER; !e && i <= LOGIN_PROOF; i++)
        if (strcmp(purposes[i], purpose) == 0)
            t->purpose = (enum login_purpose)i;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err login_once(struct tx *tx, const char *provider, const unsigned char hash[SHA256_LEN],
                    int64_t until_ms)
{
    int64_t n = 0;
    enum err e = db_do(tx->db, &SQL_once_insert,
                       ARGS(V(provider), VBLOB(hash, SHA256_LEN), V(until_ms)), &n);
    return e ? e : n ? ERR_OK : ERR_EXISTS;
}

enum err login_sweep(struct tx *tx, int64_t max)
{
    enum err e = db_do(tx->db, &SQL_try_sweep, ARGS(V(tx->cx->now_ms), V(max)), NULL);
    return e ? e : db_do(tx->db, &SQL_once_sweep, ARGS(V(tx->cx->now_ms), V(max)), NULL);
}
