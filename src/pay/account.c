#include "pay/account.h"
#include "base/arena.h"
#include "base/text.h"
#include "pay/account.sql.h"
#include "store/store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
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

/* Sealed: "shop:provider", key, more, check, each with a NUL after it. */
enum { OF_MAX = 48, PARTS = 4, PLAIN_MAX = OF_MAX + PAY_KEY_MAX + PAY_SECRETS_MAX + PAY_CHECK_MAX };

static void owner_text(int64_t shop_id, enum pay_account a, char out[OF_MAX])
{
    (void)snprintf(out, OF_MAX, "%" PRId64 ":%s", shop_id, names[a]);
}

/* The parts of a plain text of `len` bytes, the last of which is NUL. */
static bool split(const char *plain, size_t len, const char *ret_part[PARTS])
{
    size_t at = 0;
    for (int i = 0; i < PARTS; i++) {
        if (at >= len)
            return false;
        ret_part[i] = plain + at;
        at += strlen(plain + at) + 1;
    }
    return at == len;
}

static enum err open_keys(const struct pay_accounts *all, struct cx *cx, const char *owner,
                          struct blob sealed, struct pay_keys *k)
{
    char plain[PLAIN_MAX + 1] = "";
    const char *part[PARTS];
    size_t len = sealed.len > SEAL_OVERHEAD ? sealed.len - SEAL_OVERHEAD : 0;
    bool fits =
        len && len <= PLAIN_MAX &&
        crypto_open(all->secret_key, sealed.p, sealed.len, (unsigned char *)plain) == ERR_OK &&
        split(plain, len, part) && strcmp(part[0], owner) == 0 &&
        text_copy(k->key, sizeof k->key, part[1]) && text_copy(k->more, sizeof k->more, part[2]) &&
        text_copy(k->check, sizeof k->check, part[3]);
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
    char owner[OF_MAX];
    owner_text(shop_id, a, owner);
    enum err e = db_row(db, cx->arena, &SQL_account_get, ARGS(V(shop_id), V(names[a])),
                        COLS(C(&name), C(&sealed), C(&k.changed_ms)));
    if (e)
        return e;
    if (!text_copy(k.name, sizeof k.name, name))
        return ERR_STORE;
    e = open_keys(all, cx, owner, sealed, &k);
    if (!e)
        *ret_keys = k;
    crypto_wipe(&k, sizeof k);
    return e;
}

enum err pay_account_first_shop(struct db *db, int64_t *ret_shop_id)
{
    return db_i64(db, &SQL_account_first_shop, ARGS(), ret_shop_id);
}

bool pay_key_is_published(const char *hash_key)
{
    static const char *const known[] = {"pwFHCqoQZGmho4w6", "spPjZn66i0OhqJsQ", "5294y06JbISpM5x9",
                                        "XBERn1YOvpM9nfZc", "ejCk326UnaZWKisg"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(hash_key, known[i]) == 0)
            return true;
    return false;
}

bool pay_url_is_production(const char *url)
{
    return strstr(url, ".ecpay.com.tw") && !strstr(url, "-stage.ecpay.com.tw");
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
    char plain[PLAIN_MAX], owner[OF_MAX];
    const char *const part[PARTS] = {owner, keys->key, keys->more, keys->check};
    size_t len = 0;
    owner_text(shop_id, a, owner);
    for (int i = 0; i < PARTS; i++) {
        size_t n = strlen(part[i]) + 1;
        assert(len + n <= PLAIN_MAX);
        memcpy(plain + len, part[i], n);
        len += n;
    }
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

enum err pay_account_in_use(struct db *db, int64_t shop_id, enum pay_account a, int64_t *ret_count)
{
    return db_i64(db, &SQL_account_in_use, ARGS(V(shop_id), V(names[a])), ret_count);
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
