/* Codes by mail: an address of one's own, a forgotten password; and a new password. */
#include "account/code.h"
#include "account/identity.h"
#include "account/limit.h"
#include "api/call_in.h"
#include "base/arena.h"
#include "notify/notify.h"
#include "order/order.h"
#include "store/store.h"

#include <string.h>

enum { BUSY_MS = 2000, TYPED_MAX = 20 };

static enum err take(struct call *c, enum limit what, const char *key)
{
    int64_t wait = 0;
    enum err e = limit_take(c->api->set.limits, what, key, c->cx->now_ms, &wait);
    if (!e)
        return e;
    c->retry_ms = wait;
    return problem(c->cx, e, "too many requests");
}

/* "1234 5678" as well. */
static void digits_of(const char *typed, char out[CODE_TEXT])
{
    size_t n = 0;
    for (; *typed && n + 1 < CODE_TEXT; typed++)
        if (*typed >= '0' && *typed <= '9')
            out[n++] = *typed;
    out[n] = '\0';
}

static enum err need_email(struct call *c, char email[EMAIL_SIZE])
{
    const char *typed = NULL;
    enum err e = json_need_text(c->cx, c->body, "email", 1, EMAIL_SIZE, &typed);
    return e ? e : account_tidy_email(c->cx, typed, email);
}

static enum err need_code(struct call *c, char code[CODE_TEXT])
{
    const char *typed = NULL;
    enum err e = json_need_text(c->cx, c->body, "code", 1, TYPED_MAX, &typed);
    if (!e)
        digits_of(typed, code);
    return e;
}

static enum err bad_code(struct call *c)
{
    return problem(c->cx, ERR_BAD_CODE, "the code is wrong, or older than %d minutes",
                   CODE_MINUTES);
}

/* ---- sending one ---- */

struct send {
    struct code_about about;
    struct code_new code;
    enum notice_kind kind;
    const char *lang; /* NULL: of whoever has the address */
    json_t *args;
    int64_t wait_ms;
};

static enum err send_job(struct tx *tx, void *arg)
{
    struct send *s = arg;
    int64_t viewer_id = 0;
    enum err e = code_put(tx, &s->about, &s->code, &viewer_id, &s->wait_ms);
    if (e || !viewer_id)
        return e;
    const struct notice n = {.kind = s->kind,
                             .to_viewer = viewer_id,
                             .to_email = s->about.email,
                             .lang = s->lang,
                             .args = s->args,
                             .until_ms = tx->cx->now_ms + CODE_MS};
    return notice_put(tx, &n);
}

static enum err send(struct call *c, struct send *s)
{
    code_make(c->api->set.key, &s->about, &s->code);
    s->args = json_pack("{s:s,s:i}", "code", s->code.code, "minutes", CODE_MINUTES);
    enum err e =
        s->args ? store_do(c->api->set.store, c->cx, "code.send", send_job, s) : ERR_NO_MEMORY;
    json_decref(s->args);
    crypto_wipe(&s->code, sizeof s->code);
    return e;
}

/* ---- an address of one's own ---- */

enum err my_email_post(struct call *c)
{
    char email[EMAIL_SIZE];
    enum err e = call_need_proof(c);
    if (!e && !c->api->set.mail)
        return problem(c->cx, ERR_CLOSED, "no mail is sent from here");
    if (!e)
        e = need_email(c, email);
    if (!e)
        e = take(c, LIMIT_CODE_TO, email);
    if (e)
        return e;
    struct send s = {.about = {CODE_EMAIL, c->who.viewer_id, email},
                     .kind = NOTICE_EMAIL_CODE,
                     .lang = c->session.viewer.lang};
    e = send(c, &s);
    if (e == ERR_SLOW_DOWN)
        c->retry_ms = s.wait_ms;
    return e ? e : answer_empty(c, 202);
}

struct confirm {
    struct code_about about;
    const unsigned char *key, *keep;
    char code[CODE_TEXT], identity_id[ID_TEXT];
    json_t *told;
    bool right; /* the job's */
};

/* Whoever reads the old mailbox hears of it: they may not be the one who did it. */
static enum err tell_old(struct tx *tx, const struct confirm *f, const char *old, const char *new)
{
    const struct notice n = {.kind = NOTICE_SECURITY_NOTICE,
                             .to_viewer = f->about.viewer_id,
                             .to_email = old,
                             .args = f->told};
    return old && strcmp(old, new) != 0 ? notice_put(tx, &n) : ERR_OK;
}

static enum err confirm_job(struct tx *tx, void *arg)
{
    struct confirm *f = arg;
    struct code_try t;
    const char *old = NULL;
    bool proved = false;
    int64_t viewer_id = f->about.viewer_id;
    enum err e = code_check(tx, f->key, &f->about, f->code, &t);
    f->right = !e && t.right;
    if (!f->right)
        return e;
    e = code_use(tx, &f->about, &t);
    if (!e)
        e = viewer_own_email(tx->db, tx->cx->arena, viewer_id, &old, &proved);
    if (!e)
        e = account_take_email(tx, viewer_id, f->identity_id, t.email, f->keep);
    return e ? e : tell_old(tx, f, proved ? old : NULL, t.email);
}

enum err my_email_confirm(struct call *c)
{
    struct confirm f = {.about = {CODE_EMAIL, c->who.viewer_id, NULL},
                        .key = c->api->set.key,
                        .keep = c->session.hash};
    struct ended x;
    enum err e = need_code(c, f.code);
    if (!e)
        e = call_ending(c, &x);
    if (e)
        return e;
    identity_make_id(f.identity_id);
    f.told = call_security(c, "email", NULL);
    e = f.told ? store_do(c->api->set.store, c->cx, "email.confirm", confirm_job, &f)
               : ERR_NO_MEMORY;
    json_decref(f.told);
    if (!e && !f.right)
        e = bad_code(c);
    if (e)
        return e;
    call_ended(c, &x, NULL);
    return answer_me(c);
}

/* ---- a new password ---- */

struct renewal {
    int64_t viewer_id;
    char hash[PASSWORD_HASH_MAX];
    const unsigned char *keep;
    json_t *told;
};

static enum err renew_job(struct tx *tx, void *arg)
{
    const struct renewal *r = arg;
    const struct notice n = {
        .kind = NOTICE_SECURITY_NOTICE, .to_viewer = r->viewer_id, .args = r->told};
    enum err e = account_set_password(tx, r->viewer_id, r->hash, r->keep);
    return e ? e : notice_put(tx, &n);
}

/* Without an address of one's own there is nothing to sign in with beside the password. */
static enum err own_email(struct call *c, const char **ret_email)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = viewer_email(db, c->cx->arena, c->who.viewer_id, ret_email);
    store_read_end(db);
    if (!e && !*ret_email)
        return problem(c->cx, ERR_CONFLICT, "confirm an e-mail address of yours first");
    return e;
}

enum err my_password_put(struct call *c)
{
    struct renewal r = {.viewer_id = c->who.viewer_id, .keep = c->session.hash};
    const char *password = NULL, *email = NULL;
    struct ended x;
    enum err e = call_need_proof(c);
    if (!e)
        e = json_need_text(c->cx, c->body, "password", 1, PASSWORD_CHARS_MAX, &password);
    if (!e)
        e = own_email(c, &email);
    if (!e)
        e = password_rules(c->cx, password, email);
    if (!e)
        e = password_hash(c->cx, password, r.hash);
    if (e == ERR_BUSY)
        c->retry_ms = BUSY_MS;
    if (!e)
        e = call_ending(c, &x);
    if (e)
        return e;
    r.told = call_security(c, "password", NULL);
    e = r.told ? store_do(c->api->set.store, c->cx, "password.set", renew_job, &r) : ERR_NO_MEMORY;
    json_decref(r.told);
    if (e)
        return e;
    call_ended(c, &x, NULL);
    return answer_empty(c, 204);
}

/* ---- a forgotten one ---- */

/* The same answer, and the same work, whether somebody has the address or nobody does. */
enum err password_forgot(struct call *c)
{
    char email[EMAIL_SIZE];
    enum err e = need_email(c, email);
    if (!e)
        e = take(c, LIMIT_CODE_ADDR, c->who.fence);
    if (e)
        return e;
    struct send s = {.about = {CODE_PASSWORD, 0, email}, .kind = NOTICE_PASSWORD_CODE};
    e = send(c, &s);
    if (e == ERR_SLOW_DOWN) { /* the code that was sent before is still good */
        c->cx->problem[0] = '\0';
        e = ERR_OK;
    }
    return e ? e : answer_empty(c, 202);
}

struct reset {
    struct code_about about;
    const unsigned char *key;
    const char *old_cookie;
    char code[CODE_TEXT], hash[PASSWORD_HASH_MAX];
    struct session_how how;
    struct session_new session;
    json_t *told;
    /* the jobs' */
    struct code_try found;
    struct viewer viewer;
    struct ended before; /* their sessions until then */
};

static enum err try_job(struct tx *tx, void *arg)
{
    struct reset *r = arg;
    return code_check(tx, r->key, &r->about, r->code, &r->found);
}

static enum err reset_job(struct tx *tx, void *arg)
{
    struct reset *r = arg;
    int64_t viewer_id = r->found.viewer_id;
    bool claimed = false;
    enum err e = code_use(tx, &r->about, &r->found);
    if (!e)
        e = session_list(tx->db, tx->cx, viewer_id, &r->before.list, &r->before.count);
    if (!e)
        e = account_reset(tx, viewer_id, r->about.email, r->hash, &claimed);
    if (!e && claimed) /* browsers of whoever signed up with it, and where they live */
        e = notify_erase(tx, viewer_id);
    if (!e && claimed)
        e = order_forget_addresses(tx, viewer_id);
    const struct notice n = {.kind = NOTICE_SECURITY_NOTICE,
                             .to_viewer = viewer_id,
                             .to_email = r->about.email,
                             .args = r->told};
    if (!e)
        e = notice_put(tx, &n);
    if (!e)
        e = session_start(tx, viewer_id, r->old_cookie, &r->how, &r->session);
    return e ? e : viewer_by_id(tx->db, tx->cx->arena, viewer_id, &r->viewer);
}

/* The code first: hashing a password is dear, and a stranger may ask for it. */
static enum err reset(struct call *c, struct reset *r, const char *password)
{
    enum err e = store_do(c->api->set.store, c->cx, "code.try", try_job, r);
    if (!e && !r->found.right)
        e = bad_code(c);
    if (!e)
        e = password_hash(c->cx, password, r->hash);
    if (e == ERR_BUSY)
        c->retry_ms = BUSY_MS;
    if (e)
        return e;
    r->told = call_security(c, "password", NULL);
    session_make(&r->session);
    e = r->told ? store_do(c->api->set.store, c->cx, "password.reset", reset_job, r)
                : ERR_NO_MEMORY;
    json_decref(r->told);
    return e;
}

enum err password_reset(struct call *c)
{
    char email[EMAIL_SIZE];
    const char *password = NULL;
    struct reset r = {.about = {CODE_PASSWORD, 0, email},
                      .key = c->api->set.key,
                      .old_cookie = call_cookie(c, "nm_session"),
                      .how = call_how(c, "email")};
    enum err e = need_email(c, email);
    if (!e)
        e = need_code(c, r.code);
    if (!e)
        e = json_need_text(c->cx, c->body, "password", 1, PASSWORD_CHARS_MAX, &password);
    if (!e)
        e = password_rules(c->cx, password, email);
    if (!e)
        e = take(c, LIMIT_CODE_ADDR, c->who.fence);
    if (!e)
        e = reset(c, &r, password);
    for (size_t i = 0; !e && i < r.before.count; i++)
        room_session_ended(c->api->set.room, r.before.list[i].hash.p);
    if (!e)
        e = call_enter(c, &r.session, &r.viewer);
    crypto_wipe(&r, sizeof r);
    return e ? e : answer_json(c, 201, session_json(c));
}
