/* What comes of a proof: a session, one more way in, or a fresh proof. One job each. */
#include "base/arena.h"
#include "login/openid_in.h"
#include "store/store.h"

#include <string.h>

/* Refresh tokens are kept for one thing: to tell the provider when somebody leaves. */
struct kept {
    unsigned char sealed[TOKEN_SEALED_MAX];
    size_t len; /* 0: none came */
};

static void seal_token(const struct login *l, const struct login_who *who, struct kept *k)
{
    size_t n = who->refresh_token ? strlen(who->refresh_token) : 0;
    k->len = 0;
    if (!n || n > REFRESH_MAX)
        return;
    crypto_seal(l->set.key, who->refresh_token, n, k->sealed);
    k->len = n + SEAL_OVERHEAD;
}

static enum err keep(struct tx *tx, const struct identity_proof *p, const struct kept *k)
{
    return k->len ? identity_keep_token(tx, p->provider, p->subject, k->sealed, k->len) : ERR_OK;
}

struct enter_job {
    const struct login_enter *ask;
    struct session_how how;
    struct identity_entry entry;
    struct kept kept;
};

static enum err enter_job(struct tx *tx, void *arg)
{
    struct enter_job *j = arg;
    const struct identity_proof *p = &j->ask->who->proof;
    enum err e = identity_enter(tx, p, &j->how, j->ask->old_cookie, &j->entry);
    if (!e && !j->ask->old_cookie && j->ask->old_hash)
        e = session_end(tx, j->ask->old_hash);
    return e ? e : keep(tx, p, &j->kept);
}

enum err login_enter(struct login *l, struct cx *cx, const struct login_enter *ask,
                     struct login_entered *ret_entered)
{
    const struct identity_proof *p = &ask->who->proof;
    struct enter_job *j = arena_new(cx->arena, struct enter_job);
    if (!j)
        return ERR_NO_MEMORY;
    j->ask = ask;
    j->how =
        (struct session_how){.provider = p->provider, .agent = ask->agent, .auth_ms = cx->now_ms};
    identity_entry_make(&j->entry, p, ask->lang);
    seal_token(l, ask->who, &j->kept);
    enum err e = store_do(l->set.store, cx, "login.enter", enter_job, j);
    if (!e)
        *ret_entered = (struct login_entered){.session = j->entry.session,
                                              .viewer = j->entry.viewer,
                                              .is_new = j->entry.is_new,
                                              .was_linked = j->entry.was_linked};
    crypto_wipe(&j->entry.session, sizeof j->entry.session);
    return e;
}

struct link_job {
    int64_t viewer_id;
    const unsigned char *session_hash;
    char public_id[ID_TEXT];
    const struct identity_proof *proof;
    struct kept kept;
};

static enum err link_job(struct tx *tx, void *arg)
{
    const struct link_job *j = arg;
    int64_t holder = 0;
    enum err e = session_viewer(tx->db, j->session_hash, tx->cx->now_ms, &holder);
    if (e == ERR_NOT_FOUND || (!e && holder != j->viewer_id))
        return problem(tx->cx, ERR_CONFLICT, "the session that asked has ended");
    if (!e)
        e = identity_link(tx, j->viewer_id, j->public_id, j->proof);
    return e ? e : keep(tx, j->proof, &j->kept);
}

enum err login_link(struct login *l, struct cx *cx, int64_t viewer_id,
                    const unsigned char session_hash[SHA256_LEN], const struct login_who *who)
{
    struct link_job *j = arena_new(cx->arena, struct link_job);
    if (!j)
        return ERR_NO_MEMORY;
    j->viewer_id = viewer_id;
    j->session_hash = session_hash;
    j->proof = &who->proof;
    identity_make_id(j->public_id);
    seal_token(l, who, &j->kept);
    return store_do(l->set.store, cx, "login.link", link_job, j);
}

struct prove_job {
    const struct login_prove *ask;
    struct session_how how;
    struct session_new session;
    struct viewer viewer;
    struct kept kept;
};

static enum err find_prover(struct tx *tx, const struct prove_job *j)
{
    const struct identity_proof *p = &j->ask->who->proof;
    int64_t whose = 0, holder = 0;
    enum err e = identity_find(tx->db, p->provider, p->subject, &whose);
    if (!e)
        e = session_viewer(tx->db, j->ask->session_hash, tx->cx->now_ms, &holder);
    if (e && e != ERR_NOT_FOUND)
        return e;
    return !e && whose == j->ask->viewer_id && holder == whose
               ? ERR_OK
               : problem(tx->cx, ERR_CONFLICT, "that is not a way into this account");
}

static enum err prove_job(struct tx *tx, void *arg)
{
    struct prove_job *j = arg;
    int64_t viewer_id = j->ask->viewer_id;
    enum err e = find_prover(tx, j);
    if (!e)
        e = session_end(tx, j->ask->session_hash);
    if (!e)
        e = session_start(tx, viewer_id, NULL, &j->how, &j->session);
    if (!e)
        e = viewer_by_id(tx->db, tx->cx->arena, viewer_id, &j->viewer);
    return e ? e : keep(tx, &j->ask->who->proof, &j->kept);
}

enum err login_prove(struct login *l, struct cx *cx, const struct login_prove *ask,
                     struct session_new *ret_session, struct viewer *ret_viewer)
{
    struct prove_job *j = arena_new(cx->arena, struct prove_job);
    if (!j)
        return ERR_NO_MEMORY;
    j->ask = ask;
    j->how = (struct session_how){
        .provider = ask->who->proof.provider, .agent = ask->agent, .auth_ms = cx->now_ms};
    session_make(&j->session);
    seal_token(l, ask->who, &j->kept);
    enum err e = store_do(l->set.store, cx, "login.prove", prove_job, j);
    if (!e) {
        *ret_session = j->session;
        *ret_viewer = j->viewer;
    }
    crypto_wipe(&j->session, sizeof j->session);
    return e;
}
