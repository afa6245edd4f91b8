#include "login/liff.h"

#include "login/login_in.h"
#include "store/store.h"

#include <string.h>

struct once {
    const char *provider;
    unsigned char hash[SHA256_LEN];
    int64_t until_ms;
};

static enum err once_job(struct tx *tx, void *arg)
{
    const struct once *o = arg;
    return login_once(tx, o->provider, o->hash, o->until_ms);
}

enum err login_liff(struct login *l, struct cx *cx, const char *id_token, struct login_who *ret_who,
                    const char **ret_why)
{
    const struct provider *p = provider_find(login_providers(l), "line");
    const struct id_rule rule = {
        .alg = ID_ES256, .now_ms = cx->now_ms, .iat_max_age_ms = LIFF_AGE_MS};
    struct id_claims claims;
    *ret_why = "";
    if (!p || !p->liff_id[0])
        return problem(cx, ERR_NOT_FOUND, "LIFF is not set up");
    enum err e = login_check_id_token(l, cx, p, id_token, &rule, &claims, ret_why);
    if (e == ERR_INPUT)
        return problem(cx, ERR_BAD_LOGIN, "LINE's token was refused");
    *ret_why = "";
    if (e)
        return e;
    /* Known for longer than it could be taken: skew on both sides. */
    struct once once = {.provider = p->name, .until_ms = cx->now_ms + 2 * LIFF_AGE_MS};
    /* Of what is signed: a signature of ECDSA can be written in a second way. */
    crypto_sha256(id_token, (size_t)(strrchr(id_token, '.') - id_token), once.hash);
    e = store_do(login_store(l), cx, "login.liff", once_job, &once);
    if (e == ERR_EXISTS) {
        *ret_why = "used before";
        return problem(cx, ERR_BAD_LOGIN, "LINE's token was used before");
    }
    struct login_who who = {.refresh_token = NULL};
    if (!e) {
        login_who_of(p, &claims, &who);
        *ret_who = who;
    }
    return e;
}
