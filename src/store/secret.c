#include "store/secret.h"
#include "base/arena.h"
#include "store/secret.sql.h"
#include "store/store.h"

#include <string.h>

struct opened {
    char text[SECRET_MAX + 1];
};

static void wipe(void *p)
{
    crypto_wipe(p, sizeof(struct opened));
}

static enum err open_one(struct cx *cx, const unsigned char *key, struct blob sealed,
                         const char **ret_value)
{
    struct opened *o = arena_new(cx->arena, struct opened);
    if (!o || arena_at_end(cx->arena, wipe, o) != 0)
        return ERR_NO_MEMORY;
    if (sealed.len < SEAL_OVERHEAD || sealed.len - SEAL_OVERHEAD > SECRET_MAX ||
        crypto_open(key, sealed.p, sealed.len, (unsigned char *)o->text) != ERR_OK)
        return problem(cx, ERR_INTERNAL, "a kept secret does not open with this NM_SECRET_KEY");
    *ret_value = o->text; /* the arena zeroed the rest */
    return ERR_OK;
}

enum err secret_read(struct cx *cx, struct db *db, const unsigned char *key, const char *name,
                     const char *ret_values[SECRETS_MAX], size_t *ret_n)
{
    struct blob sealed[SECRETS_MAX] = {{0}};
    enum err e =
        db_row(db, cx->arena, &SQL_secret_get, ARGS(V(name)), COLS(C(&sealed[0]), C(&sealed[1])));
    size_t n = 0;
    if (e == ERR_NOT_FOUND) {
        *ret_n = 0;
        return ERR_OK;
    }
    for (size_t i = 0; i < SECRETS_MAX && !e && sealed[i].p; i++, n++)
        e = open_one(cx, key, sealed[i], &ret_values[i]);
    if (!e)
        *ret_n = n;
    return e;
}

enum err secret_put(struct tx *tx, const struct secret_put *ask)
{
    unsigned char sealed[SECRET_MAX + SEAL_OVERHEAD];
    const char *now[SECRETS_MAX] = {0};
    size_t n = 0, len = strlen(ask->value);
    if (len < 1 || len > SECRET_MAX)
        return problem(tx->cx, ERR_INPUT, "a secret must have 1 to %d bytes", SECRET_MAX);
    enum err e = secret_read(tx->cx, tx->db, ask->key, ask->name, now, &n);
    if (e && e != ERR_INTERNAL) /* one sealed with a lost key is simply replaced */
        return e;
    if (!e && now[0] && strcmp(now[0], ask->value) == 0)
        return ERR_OK;
    crypto_seal(ask->key, ask->value, len, sealed);
    return db_do(tx->db, &SQL_secret_set,
                 ARGS(V(ask->name), VBLOB(sealed, len + SEAL_OVERHEAD), V(tx->cx->now_ms)), NULL);
}
