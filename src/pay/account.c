#include "pay/account.h"
#include "base/arena.h"
#include "base/text.h"
#include "pay/account.sql.h"
#include "store/store.h"

#include <assert.h>
#include <string.h>

static const char *const names[] = {
#define X(name, text) [ACCOUNT_##name] = (text),
    PAY_ACCOUNT_TABLE(X)
#undef X
};

const char *pay_account_name(enum pay_account a)
{
    assert((unsigned)a < ACCOUNT_COUNT);
    return names[a];
}

enum err pay_account_parse(const char *text, enum pay_account *ret_account)
{
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret_account = (enum pay_account)i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

/* Sealed: key, NUL, more, NUL. */
enum { PLAIN_MAX = PAY_KEY_MAX + PAY_SECRETS_MAX };

static enum err open_keys(const struct pay_accounts *all, struct cx *cx, struct blob sealed,
                          struct pay_keys *k)
{
    char plain[PLAIN_MAX + 1] = "";
    size_t len = sealed.len > SEAL_OVERHEAD ? sealed.len - SEAL_OVERHEAD : 0;
    bool fits =
        len >= 2 && len <= PLAIN_MAX &&
        crypto_open(all->secret_key, sealed.p, sealed.len, (unsigned char *)plain) == ERR_OK;
    size_t n = fits ? strlen(plain) : 0;
    fits = fits && n + 1 < len && text_copy(k->key, sizeof k->key, plain) &&
           text_copy(k->more, sizeof k->more, plain + n + 1);
    crypto_wipe(plain, sizeof plain);
    return fits ? ERR_OK
                : problem(cx, ERR_INTERNAL, "kept keys do not open with this NM_SECRET_KEY");
}

static enum err read_row(const struct pay_accounts *all, struct db *db, struct cx *cx,
                         int64_t shop_id, enum pay_account a, struct pay_keys *ret_keys)
{
    const char *name;
    struct blob sealed;
    struct pay_keys k = {.from_env = false};
    enum err e = db_row(db, cx->arena, &SQL_account_get, ARGS(V(shop_id), V(names[a])),
                        COLS(C(&name), C(&sealed), C(&k.changed_ms)));
    if (e)
        return e;
    if (!text_copy(k.name, sizeof k.name, name))
        return ERR_STORE;
    e = open_keys(all, cx, sealed, &k);
    if (!e)
        *ret_keys = k;
    crypto_wipe(&k, sizeof k);
    return e;
}

enum err pay_account_first_shop(struct db *db, int64_t *ret_shop_id)
{
    return db_i64(db, &SQL_account_first_shop, ARGS(), ret_shop_id);
}

enum err pay_account_read(const struct pay_accounts *all, struct db *db, struct cx *cx,
                          int64_t shop_id, enum pay_account a, struct pay_keys *ret_keys)
{
    int64_t first = 0;
    if (!all->env[a].name[0])
        return read_row(all, db, cx, shop_id, a, ret_keys);
    enum err e = pay_account_first_shop(db, &first);
    if (e)
        return e;
    if (first != shop_id)
        return read_row(all, db, cx, shop_id, a, ret_keys);
    *ret_keys = all->env[a];
    ret_keys->from_env = true;
    ret_keys->changed_ms = 0;
    return ERR_OK;
}

enum err pay_account_put(const struct pay_accounts *all, struct tx *tx, int64_t shop_id,
                         enum pay_account a, const struct pay_keys *keys)
{
    unsigned char sealed[PLAIN_MAX + SEAL_OVERHEAD];
    char plain[PLAIN_MAX];
    size_t n = strlen(keys->key) + 1, len = n + strlen(keys->more) + 1;
    assert(len <= PLAIN_MAX);
    memcpy(plain, keys->key, n);
    memcpy(plain + n, keys->more, len - n);
    crypto_seal(all->secret_key, plain, len, sealed);
    crypto_wipe(plain, sizeof plain);
    return db_do(tx->db, &SQL_account_put,
                 ARGS(V(shop_id), V(names[a]), V((const char *)keys->name),
                      VBLOB(sealed, len + SEAL_OVERHEAD), V(tx->cx->now_ms)),
                 NULL);
}

enum err pay_account_drop(struct tx *tx, int64_t shop_id, enum pay_account a)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_account_drop, ARGS(V(shop_id), V(names[a])), &changed);
    return !e && !changed ? problem(tx->cx, ERR_NOT_FOUND, "no keys are kept") : e;
}

enum err pay_account_list(struct db *db, struct arena *arena,
                          struct pay_account_row ret_rows[PAY_ACCOUNTS_MAX], size_t *ret_count)
{
    size_t n = 0;
    const char *provider;
    struct pay_account_row r;
    struct rows rows = db_rows(db, &SQL_account_list, ARGS());
    while (n < PAY_ACCOUNTS_MAX &&
           rows_next(&rows, arena, COLS(C(&r.shop_id), C(&provider), C(&r.changed_ms))))
        if (pay_account_parse(provider, &r.account) == ERR_OK)
            ret_rows[n++] = r;
    enum err e = rows_end(&rows);
    if (!e)
        *ret_count = n;
    return e;
}
