#include "account/account.h"
#include "account/limit.h"
#include "account/viewer.sql.h"
#include "base/arena.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { AT_ONCE = 2, WAITING_MAX = 4, GATE_WAIT_S = 5, PASSWORD_BYTES_MAX = PASSWORD_CHARS_MAX * 4 };

/* ---- the rules ---- */

/* The most used of ten characters and more, and what belongs to this product. Lower case. */
static const char *const common[] = {
    "0123456789",
    "0987654321",
    "1111111111",
    "11111111111",
    "111111111111",
    "1122334455",
    "1234512345",
    "1234554321",
    "12345678900",
    "1234567890",
    "12345678901",
    "12345678910",
    "1234567891",
    "123456789a",
    "123456789q",
    "1234567899",
    "123456789012",
    "147258369a",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "789456123a",
    "9876543210",
    "a123456789",
    "a1234567890",
    "aa12345678",
    "aaaaaaaaaa",
    "abc1234567",
    "abcd123456",
    "abcdefghij",
    "administrator",
    "asdfasdfasdf",
    "asdfghjkl1",
    "asdfghjkl;",
    "basketball",
    "changeme123",
    "correcthorsebatterystaple",
    "football123",
    "iloveyou12",
    "iloveyou123",
    "letmein123",
    "livestream",
    "nightmarket",
    "nightmarket1",
    "nightmarket123",
    "p@ssw0rd123",
    "passw0rd123",
    "password01",
    "password11",
    "password12",
    "password123",
    "password1234",
    "password123456",
    "password!1",
    "password@123",
    "passwordpassword",
    "q1w2e3r4t5",
    "q1w2e3r4t5y6",
    "qazwsxedcrfv",
    "qwer123456",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "qwertyuiop",
    "qwertyuiop123",
    "qwertyuiop[]",
    "welcome123",
    "woaini1314",
    "woaini520520",
    "zaq12wsxcde3",
    "zxcvbnm123",
    "zxcvbnm,./",
};

static bool is_common(const char *password)
{
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (text_same_nocase(password, common[i]))
            return true;
    return false;
}

enum { WORD_MIN = 3, DECORATION_MAX = 6 };

/* The word, once or again and again. */
static bool is_only(const char *letters, size_t len, const char *word, size_t word_len)
{
    if (word_len < WORD_MIN || !len || len % word_len)
        return false;
    for (size_t i = 0; i < len; i += word_len)
        if (strncasecmp(letters + i, word, word_len) != 0)
            return false;
    return true;
}

/* "mike2026!!" of mike@example.org: whoever knows the person or the site tries that first. */
static bool is_guessed(const char *password, const char *email)
{
    char letters[PASSWORD_BYTES_MAX + 1];
    size_t n = 0, other = 0;
    for (const char *p = password; *p; p++) {
        if (strchr("0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", *p))
            other++;
        else
            letters[n++] = *p;
    }
    size_t local = strcspn(email, "@+.");
    const char *host = strchr(email, '@');
    host = host ? host + 1 : "";
    return other <= DECORATION_MAX &&
           (is_only(letters, n, email, local) || is_only(letters, n, host, strcspn(host, ".")) ||
            is_only(letters, n, "nightmarket", 11) || is_only(letters, n, "livestream", 10));
}

enum err password_rules(struct cx *cx, const char *password, const char *email)
{
    size_t len = strlen(password);
    if (len > PASSWORD_BYTES_MAX || !text_is_utf8(password, len))
        return problem(cx, ERR_INPUT, "the password must be text of %d..%d characters",
                       PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX);
    size_t chars = text_chars(password, len);
    if (chars < PASSWORD_CHARS_MIN || chars > PASSWORD_CHARS_MAX)
        return problem(cx, ERR_INPUT, "the password must have %d..%d characters",
                       PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX);
    if (text_same_nocase(password, email))
        return problem(cx, ERR_INPUT, "the password must not be the e-mail address");
    if (is_guessed(password, email))
        return problem(cx, ERR_INPUT,
                       "the password is a word of the e-mail address or of this site");
    if (is_common(password))
        return problem(cx, ERR_INPUT, "the password is one of the most common ones");
    return ERR_OK;
}

/* ---- two at once: each takes 64 MiB and a core. Who waits holds a worker: only a few may ---- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t left;
    int inside, waiting;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};

static enum err gate_enter(struct cx *cx)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += GATE_WAIT_S;
    (void)pthread_mutex_lock(&gate.lock);
    int rc = gate.waiting < WAITING_MAX ? 0 : ETIMEDOUT;
    gate.waiting++;
    while (gate.inside >= AT_ONCE && rc != ETIMEDOUT)
        rc = pthread_cond_clockwait(&gate.left, &gate.lock, CLOCK_MONOTONIC, &until);
    gate.waiting--;
    bool in = gate.inside < AT_ONCE;
    if (in)
        gate.inside++;
    (void)pthread_mutex_unlock(&gate.lock);
    return in ? ERR_OK : problem(cx, ERR_BUSY, "too many are signing in");
}

static void gate_leave(void)
{
    (void)pthread_mutex_lock(&gate.lock);
    gate.inside--;
    (void)pthread_cond_signal(&gate.left);
    (void)pthread_mutex_unlock(&gate.lock);
}

enum err password_hash(struct cx *cx, const char *password, char ret_hash[PASSWORD_HASH_MAX])
{
    enum err e = gate_enter(cx);
    if (e)
        return e;
    e = crypto_password_hash(password, strlen(password), ret_hash);
    gate_leave();
    return e ? problem(cx, e, "no memory to hash the password") : ERR_OK;
}

/* ---- signing in ---- */

/* Compared with where there is no account, so that it takes as long. Nobody knows its password. */
static char nobody[PASSWORD_HASH_MAX];
static enum err nobody_made;
static pthread_once_t nobody_once = PTHREAD_ONCE_INIT;

static void make_nobody(void)
{
    unsigned char password[32];
    crypto_random(password, sizeof password);
    nobody_made = crypto_password_hash((const char *)password, sizeof password, nobody);
}

static enum err verify(struct cx *cx, const char *hash, const char *password)
{
    enum err e = gate_enter(cx);
    if (e)
        return e;
    (void)pthread_once(&nobody_once, make_nobody);
    size_t len = strlen(password);
    if (len > PASSWORD_BYTES_MAX)
        len = PASSWORD_BYTES_MAX + 1; /* no stored password is as long */
    bool ok = !nobody_made && crypto_password_ok(hash ? hash : nobody, password, len);
    gate_leave();
    if (nobody_made)
        return problem(cx, nobody_made, "no memory to check the password");
    return hash && ok ? ERR_OK : problem(cx, ERR_BAD_LOGIN, "the e-mail or the password is wrong");
}

/* What the database says of the e-mail; hash NULL: nothing. */
struct known {
    int64_t viewer_id;
    const char *hash;
};

static enum err look_up(struct store *store, struct cx *cx, const char *email, struct known *k)
{
    struct db *db;
    enum err e = store_read(store, &db);
    if (e)
        return problem(cx, e, "too many are reading");
    e = db_row(db, cx->arena, &SQL_password_get, ARGS(V(email)),
               COLS(C(&k->viewer_id), C(&k->hash)));
    store_read_end(db);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

struct entry {
    struct known known;
    const char *old_cookie, *agent;
    struct session_new session;
    struct viewer viewer;
};

static enum err enter_run(struct tx *tx, void *arg)
{
    struct entry *n = arg;
    int64_t id;
    const struct session_how how = {"email", n->agent, tx->cx->now_ms};
    enum err e =
        db_i64(tx->db, &SQL_password_is, ARGS(V(n->known.viewer_id), V(n->known.hash)), &id);
    if (!e)
        e = session_start(tx, n->known.viewer_id, n->old_cookie, &how, &n->session);
    if (e == ERR_NOT_FOUND) /* changed or deleted meanwhile */
        return problem(tx->cx, ERR_BAD_LOGIN, "the e-mail or the password is wrong");
    return e ? e : viewer_by_id(tx->db, tx->cx->arena, n->known.viewer_id, &n->viewer);
}

/*
 * What one attempt is counted against. The narrow one is for an account from one network: else
 * anybody could lock a seller out by asking for their e-mail with a wrong password.
 */
struct attempt {
    const char *email, *fence;
    char both[EMAIL_SIZE + 64];
};

static void give_attempt(struct limits *l, struct cx *cx, const struct attempt *a)
{
    limit_give(l, LIMIT_LOGIN_ACCOUNT, a->both, cx->now_ms);
    limit_give(l, LIMIT_LOGIN_EMAIL, a->email, cx->now_ms);
    limit_give(l, LIMIT_LOGIN_ADDR, a->fence, cx->now_ms);
}

/* One from each limit, or from none. */
static enum err take_attempt(struct limits *l, struct cx *cx, const struct attempt *a,
                             int64_t *ret_wait_ms)
{
    enum err e = limit_take_both(l, LIMIT_LOGIN_ACCOUNT, a->both, LIMIT_LOGIN_EMAIL, a->email,
                                 cx->now_ms, ret_wait_ms);
    if (!e) {
        e = limit_take(l, LIMIT_LOGIN_ADDR, a->fence, cx->now_ms, ret_wait_ms);
        if (e) {
            limit_give(l, LIMIT_LOGIN_ACCOUNT, a->both, cx->now_ms);
            limit_give(l, LIMIT_LOGIN_EMAIL, a->email, cx->now_ms);
        }
    }
    return e ? problem(cx, e, "too many attempts, try again later") : ERR_OK;
}

enum err account_sign_in(struct store *store, struct limits *limits, struct cx *cx,
                         const struct sign_in *ask, struct session_new *ret_session,
                         struct viewer *ret_viewer)
{
    char email[EMAIL_SIZE] = ""; /* stays so for what is no address: nobody has it */
    struct entry n = {.old_cookie = ask->old_cookie, .agent = ask->agent};
    if (account_tidy_email(cx, ask->email, email))
        cx->problem[0] = '\0';
    struct attempt a = {.email = *email ? email : ask->fence, .fence = ask->fence};
    (void)snprintf(a.both, sizeof a.both, "%s|%s", a.email, a.fence);
    enum err e = take_attempt(limits, cx, &a, ask->ret_wait_ms);
    if (e)
        return e;
    e = look_up(store, cx, email, &n.known);
    if (!e)
        e = verify(cx, n.known.hash, ask->password);
    if (!e) {
        session_make(&n.session);
        e = store_do(store, cx, "account.sign_in", enter_run, &n);
    }
    if (e != ERR_BAD_LOGIN) /* only failures to know the password count */
        give_attempt(limits, cx, &a);
    if (e)
        return e;
    *ret_session = n.session;
    *ret_viewer = n.viewer;
    return ERR_OK;
}

/* ---- the same person again ---- */

struct proof {
    const struct proof_ask *ask;
    const char *hash;
    struct session_new session;
};

static enum err prove_run(struct tx *tx, void *arg)
{
    struct proof *p = arg;
    const struct proof_ask *ask = p->ask;
    const struct session_how how = {"email", ask->agent, tx->cx->now_ms};
    int64_t id;
    enum err e = db_i64(tx->db, &SQL_password_is, ARGS(V(ask->viewer_id), V(p->hash)), &id);
    if (!e) /* only if it is still theirs */
        e = session_prove(tx, ask->session_hash, ask->viewer_id, tx->cx->now_ms);
    if (!e)
        e = session_end(tx, ask->session_hash);
    if (!e)
        e = session_start(tx, ask->viewer_id, NULL, &how, &p->session);
    return e == ERR_NOT_FOUND ? problem(tx->cx, ERR_BAD_LOGIN, "the password is wrong") : e;
}

static enum err own_password(struct store *store, struct cx *cx, int64_t viewer_id,
                             const char **ret_hash)
{
    struct db *db;
    enum err e = store_read(store, &db);
    if (e)
        return problem(cx, e, "too many are reading");
    e = db_row(db, cx->arena, &SQL_password_of, ARGS(V(viewer_id)), COLS(C(ret_hash)));
    store_read_end(db);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err account_prove(struct store *store, struct limits *limits, struct cx *cx,
                       const struct proof_ask *ask, struct session_new *ret_session)
{
    struct attempt a = {.email = ask->email ? ask->email : ask->fence, .fence = ask->fence};
    struct proof p = {.ask = ask};
    (void)snprintf(a.both, sizeof a.both, "%s|%s", a.email, a.fence);
    enum err e = take_attempt(limits, cx, &a, ask->ret_wait_ms);
    if (e)
        return e;
    e = own_password(store, cx, ask->viewer_id, &p.hash);
    if (!e)
        e = verify(cx, p.hash, ask->password);
    session_make(&p.session);
    if (!e)
        e = store_do(store, cx, "account.prove", prove_run, &p);
    if (e != ERR_BAD_LOGIN)
        give_attempt(limits, cx, &a);
    if (!e)
        *ret_session = p.session;
    crypto_wipe(&p.session, sizeof p.session);
    return e;
}

/* ---- signing up ---- */

struct arrival {
    struct account_new account;
    const char *old_cookie, *agent;
    struct session_new session;
    struct viewer viewer;
};

static enum err arrive_run(struct tx *tx, void *arg)
{
    struct arrival *a = arg;
    enum err e = account_create(tx, &a->account);
    if (e == ERR_EXISTS)
        return problem(tx->cx, e, "this e-mail cannot be used to sign up: sign in instead");
    const struct session_how how = {"email", a->agent, tx->cx->now_ms};
    if (!e)
        e = session_start(tx, a->account.viewer_id, a->old_cookie, &how, &a->session);
    return e ? e : viewer_by_id(tx->db, tx->cx->arena, a->account.viewer_id, &a->viewer);
}

enum err account_sign_up(struct store *store, struct limits *limits, struct cx *cx,
                         const struct sign_up *ask, struct session_new *ret_session,
                         struct viewer *ret_viewer)
{
    struct arrival n = {.old_cookie = ask->old_cookie, .agent = ask->agent};
    struct attempt a = {.fence = ask->fence};
    char email[EMAIL_SIZE];
    enum err e = account_tidy_email(cx, ask->email, email);
    if (e)
        return e;
    a.email = email;
    (void)snprintf(a.both, sizeof a.both, "%s|%s", a.email, a.fence);
    e = limit_take(limits, LIMIT_SIGNUP_ADDR, ask->fence, cx->now_ms, ask->ret_wait_ms);
    if (e)
        return problem(cx, e, "too many sign up from this network");
    e = take_attempt(limits, cx, &a, ask->ret_wait_ms);
    if (e)
        return e;
    e = account_make(cx, email, ask->name, ask->lang, ask->password, &n.account);
    if (!e) {
        session_make(&n.session);
        e = store_do(store, cx, "account.sign_up", arrive_run, &n);
    }
    if (e != ERR_EXISTS) /* only that tells something of others */
        give_attempt(limits, cx, &a);
    if (e)
        return e;
    *ret_session = n.session;
    *ret_viewer = n.viewer;
    return ERR_OK;
}
