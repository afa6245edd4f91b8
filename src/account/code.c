#include "account/code.h"
#include "account/code.sql.h"
#include "account/identity.h"
#include "base/arena.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define HOUR_MS (INT64_C(3600) * 1000)

static const char *purpose_name(enum code_purpose p)
{
    return p == CODE_EMAIL ? "email" : "password";
}

/* What the row is found by. */
static void key_text(const struct code_about *about, char out[EMAIL_SIZE])
{
    if (about->purpose == CODE_EMAIL)
        (void)snprintf(out, EMAIL_SIZE, "%lld", (long long)about->viewer_id);
    else
        (void)snprintf(out, EMAIL_SIZE, "%s", about->email);
}

static void hash_of(const unsigned char *key, const struct code_about *about, const char *code,
                    unsigned char out[SHA256_LEN])
{
    char row[EMAIL_SIZE];
    key_text(about, row);
    const struct crypto_piece said[] = {
        {"mail code", 10},
        {purpose_name(about->purpose), strlen(purpose_name(about->purpose)) + 1},
        {row, strlen(row) + 1},
        {code, strlen(code)}};
    crypto_hmac_sha256_of(key, SECRET_KEY_LEN, said, sizeof said / sizeof *said, out);
}

void code_make(const unsigned char *key, const struct code_about *about, struct code_new *c)
{
    uint32_t n;
    do /* every number as likely as any other */
        crypto_random(&n, sizeof n);
    while (n >= 4200000000U);
    (void)snprintf(c->code, sizeof c->code, "%08u", n % 100000000U);
    hash_of(key, about, c->code, c->hash);
}

/* ---- asking for one ---- */

static enum err too_soon(struct tx *tx, const char *purpose, const char *key, int64_t *ret_wait_ms)
{
    int64_t sent_n = 0, sent_ms = 0, window_ms = 0;
    enum err e = db_row(tx->db, NULL, &SQL_code_pace, ARGS(V(purpose), V(key)),
                        COLS(C(&sent_n), C(&sent_ms), C(&window_ms)));
    if (e)
        return e;
    int64_t next_ms = sent_ms + CODE_PAUSE_MS;
    if (sent_n >= CODES_AN_HOUR && next_ms < window_ms + HOUR_MS)
        next_ms = window_ms + HOUR_MS;
    *ret_wait_ms = next_ms > tx->cx->now_ms ? next_ms - tx->cx->now_ms : 0;
    return problem(tx->cx, ERR_SLOW_DOWN, "a code was sent a moment ago");
}

static enum err whose(struct tx *tx, const struct code_about *about, int64_t *ret_viewer_id)
{
    if (about->purpose == CODE_EMAIL) {
        *ret_viewer_id = about->viewer_id;
        return ERR_OK;
    }
    enum err e = db_i64(tx->db, &SQL_code_owner, ARGS(V(about->email)), ret_viewer_id);
    if (e == ERR_NOT_FOUND)
        *ret_viewer_id = 0;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Many accounts together must not fill a stranger's mailbox. */
static enum err check_crowd(struct tx *tx, const struct code_about *about, int64_t *ret_wait_ms)
{
    int64_t n = 0;
    enum err e = about->purpose == CODE_EMAIL
                     ? db_i64(tx->db, &SQL_code_mails,
                              ARGS(V(about->email), V(tx->cx->now_ms - HOUR_MS)), &n)
                     : ERR_OK;
    if (e || n < CODES_TO)
        return e;
    *ret_wait_ms = HOUR_MS;
    return problem(tx->cx, ERR_SLOW_DOWN, "many codes were sent there");
}

enum err code_put(struct tx *tx, const struct code_about *about, const struct code_new *c,
                  int64_t *ret_viewer_id, int64_t *ret_wait_ms)
{
    const char *purpose = purpose_name(about->purpose);
    char row[EMAIL_SIZE];
    const char *key = row;
    int64_t now = tx->cx->now_ms, viewer_id = 0, kept;
    key_text(about, row);
    enum err e = check_crowd(tx, about, ret_wait_ms);
    if (!e)
        e = whose(tx, about, &viewer_id);
    if (!e)
        e = db_i64(tx->db, &SQL_code_put,
                   ARGS(V(purpose), V(key), V(viewer_id), V(about->email),
                        VBLOB(c->hash, sizeof c->hash), V(now), V(now + CODE_MS), V(now - HOUR_MS),
                        V(now - CODE_PAUSE_MS), V(CODES_AN_HOUR)),
                   &kept);
    if (e == ERR_NOT_FOUND)
        return too_soon(tx, purpose, key, ret_wait_ms);
    if (!e)
        *ret_viewer_id = viewer_id;
    return e;
}

/* ---- typing it ---- */

enum err code_check(struct tx *tx, const unsigned char *key, const struct code_about *about,
                    const char *typed, struct code_try *ret_try)
{
    struct code_try t = {.right = false};
    struct blob kept = {.p = NULL};
    char row[EMAIL_SIZE];
    key_text(about, row);
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_code_try,
                        ARGS(V(purpose_name(about->purpose)), V((const char *)row),
                             V(tx->cx->now_ms), V(CODE_TRIES)),
                        COLS(C(&kept), C(&t.email), C(&t.viewer_id)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    hash_of(key, about, typed, t.hash);
    t.right = !e && crypto_same(kept.p, kept.len, t.hash, sizeof t.hash) && t.viewer_id != 0;
    *ret_try = t;
    return ERR_OK;
}

enum err code_use(struct tx *tx, const struct code_about *about, const struct code_try *t)
{
    char row[EMAIL_SIZE];
    int64_t id;
    key_text(about, row);
    enum err e = db_i64(
        tx->db, &SQL_code_use,
        ARGS(V(purpose_name(about->purpose)), V((const char *)row), VBLOB(t->hash, sizeof t->hash)),
        &id);
    return e == ERR_NOT_FOUND ? problem(tx->cx, ERR_BAD_CODE, "the code is wrong or over") : e;
}

enum err code_sweep(struct tx *tx, int64_t max, int64_t *ret_dropped)
{
    return db_do(tx->db, &SQL_code_sweep, ARGS(V(tx->cx->now_ms - HOUR_MS), V(max)), ret_dropped);
}

/* ---- what it does ---- */

struct claim {
    int64_t viewer_id;
    bool proved, staff;
};

/* ERR_NOT_FOUND: nobody has it. */
static enum err claim_of(struct tx *tx, const char *email, struct claim *c)
{
    return db_row(tx->db, NULL, &SQL_email_claim, ARGS(V(email)),
                  COLS(C(&c->viewer_id), C(&c->proved), C(&c->staff)));
}

/* The address and all that came in by it. */
static enum err lose_email(struct tx *tx, int64_t viewer_id, bool with_password)
{
    enum err e = db_do(tx->db, &SQL_email_lose, ARGS(V(viewer_id)), NULL);
    if (!e && with_password)
        e = db_do(tx->db, &SQL_password_drop, ARGS(V(viewer_id)), NULL);
    if (!e && with_password)
        e = db_do(tx->db, &SQL_session_drop_provider, ARGS(V(viewer_id), V("email")), NULL);
    return e;
}

static enum err add_email(struct tx *tx, int64_t viewer_id, const char *identity_id,
                          const char *email)
{
    int64_t id;
    enum err e = lose_email(tx, viewer_id, false); /* the one before */
    if (!e)
        e = db_i64(
            tx->db, &SQL_email_add,
            ARGS(V(email), V(tx->cx->now_ms), V(identity_id), V(viewer_id), V(IDENTITIES_MAX)),
            &id);
    return e == ERR_NOT_FOUND
               ? problem(tx->cx, ERR_LIMIT, "an account has at most %d ways in", IDENTITIES_MAX)
               : e;
}

enum err account_take_email(struct tx *tx, int64_t viewer_id, const char *identity_id,
                            const char *email, const unsigned char *keep_hash)
{
    struct claim c = {.viewer_id = 0};
    enum err e = claim_of(tx, email, &c);
    bool free = e == ERR_NOT_FOUND, own = !e && c.viewer_id == viewer_id;
    if (e && !free)
        return e;
    if (!free && !own && (c.proved || c.staff))
        return problem(tx->cx, ERR_EXISTS, "another account has this address");
    e = free || own ? ERR_OK : lose_email(tx, c.viewer_id, true);
    if (!e)
        e = own ? db_do(tx->db, &SQL_email_prove, ARGS(V(email), V(viewer_id)), NULL)
                : add_email(tx, viewer_id, identity_id, email);
    if (!e)
        e = db_do(tx->db, &SQL_codes_forget, ARGS(V(viewer_id)), NULL);
    return e ? e : session_end_others(tx, viewer_id, keep_hash);
}

enum err account_reset(struct tx *tx, int64_t viewer_id, const char *email, const char *hash,
                       bool *ret_was_claimed)
{
    struct claim c = {.viewer_id = 0};
    enum err e = claim_of(tx, email, &c);
    if (e == ERR_NOT_FOUND || (!e && c.viewer_id != viewer_id))
        return problem(tx->cx, ERR_BAD_CODE, "the code is wrong or over");
    if (!e && !c.proved)
        e = db_do(tx->db, &SQL_identity_drop_others, ARGS(V(viewer_id)), NULL);
    if (!e && !c.proved)
        e = db_do(tx->db, &SQL_email_prove, ARGS(V(email), V(viewer_id)), NULL);
    if (!e)
        e = account_set_password(tx, viewer_id, hash, NULL);
    if (!e)
        *ret_was_claimed = !c.proved;
    return e;
}
