#include "base/test.h"

#include "account/code.h"
#include "account/identity.h"
#include "account/identity.sql.h"
#include "base/arena.h"
#include "base/text.h"
#include "store/testkit.h"

#include <stdio.h>
#include <string.h>

#define MAI "mai@gmail.com"

static int make(void **state)
{
    *state = test_store_make(&shop_schema);
    return 0;
}

static int drop(void **state)
{
    test_store_free(*state);
    return 0;
}

/* ---- jobs, so that each test line is one act ---- */

static enum err do_job(struct test_store *t, enum err (*run)(struct tx *tx, void *arg), void *arg)
{
    return store_do(t->store, &t->cx, "test", run, arg);
}

static enum err account_run(struct tx *tx, void *arg)
{
    return account_create(tx, arg);
}

/* Signed up with an address that nobody asked yet. */
static int64_t sign_up(struct test_store *t, const char *email)
{
    struct account_new a = {
        .viewer_id = id_next(), .name = "Mai", .lang = "th", .password_hash = "hash"};
    id_make("viw", a.public_id);
    identity_make_id(a.identity_id);
    assert_true(text_copy(a.email, sizeof a.email, email));
    assert_int_equal(do_job(t, account_run, &a), ERR_OK);
    return a.viewer_id;
}

struct mail {
    int64_t viewer_id;
    const char *email;
    const unsigned char *keep;
    char id[ID_TEXT];
};

static enum err mail_run(struct tx *tx, void *arg)
{
    const struct mail *m = arg;
    return account_take_email(tx, m->viewer_id, m->id, m->email, m->keep);
}

/* A code that was sent there came back. */
static enum err prove_email(struct test_store *t, int64_t viewer_id, const char *email)
{
    struct mail m = {viewer_id, email, NULL, ""};
    identity_make_id(m.id);
    return do_job(t, mail_run, &m);
}

struct entry {
    struct identity_proof proof;
    const char *old_cookie;
    struct identity_entry n;
};

static enum err enter_run(struct tx *tx, void *arg)
{
    struct entry *e = arg;
    const struct session_how how = {e->proof.provider, NULL, tx->cx->now_ms};
    return identity_enter(tx, &e->proof, &how, e->old_cookie, &e->n);
}

static enum err enter(struct test_store *t, struct identity_proof proof, struct entry *e)
{
    *e = (struct entry){.proof = proof};
    identity_entry_make(&e->n, &e->proof, "th");
    return do_job(t, enter_run, e);
}

static int64_t entered(struct test_store *t, struct identity_proof proof)
{
    struct entry e;
    assert_int_equal(enter(t, proof, &e), ERR_OK);
    return e.n.viewer.id;
}

struct link {
    int64_t viewer_id;
    struct identity_proof proof;
    char id[ID_TEXT];
};

static enum err link_run(struct tx *tx, void *arg)
{
    const struct link *l = arg;
    return identity_link(tx, l->viewer_id, l->id, &l->proof);
}

static enum err link_to(struct test_store *t, int64_t viewer_id, struct identity_proof proof)
{
    struct link l = {.viewer_id = viewer_id, .proof = proof};
    identity_make_id(l.id);
    return do_job(t, link_run, &l);
}

struct unlink {
    int64_t viewer_id;
    const char *id;
    const unsigned char *keep;
    struct identity_gone gone;
};

static enum err unlink_run(struct tx *tx, void *arg)
{
    struct unlink *u = arg;
    return identity_unlink(tx, u->viewer_id, u->id, u->keep, &u->gone);
}

/* Their n-th way in. */
static enum err unlink_nth(struct test_store *t, int64_t viewer_id, size_t nth)
{
    struct identity *list = NULL;
    size_t n = 0;
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(identity_list(db, t->cx.arena, viewer_id, &list, &n), ERR_OK);
    store_read_end(db);
    assert_true(nth < n);
    struct unlink u = {.viewer_id = viewer_id, .id = list[nth].public_id};
    return do_job(t, unlink_run, &u);
}

static int64_t ways(struct test_store *t, int64_t viewer_id)
{
    char text[100];
    (void)snprintf(text, sizeof text, "SELECT COUNT(*) FROM identity WHERE viewer_id = %lld",
                   (long long)viewer_id);
    return test_number(t, text);
}

static int64_t sessions(struct test_store *t, int64_t viewer_id)
{
    char text[100];
    (void)snprintf(text, sizeof text, "SELECT COUNT(*) FROM session WHERE viewer_id = %lld",
                   (long long)viewer_id);
    return test_number(t, text);
}

static const char *mailbox(struct test_store *t, int64_t viewer_id, bool *proved)
{
    const char *email = NULL;
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(viewer_mailbox(db, t->cx.arena, viewer_id, &email, proved), ERR_OK);
    store_read_end(db);
    return email;
}

static const struct identity_proof line = {.provider = "line", .subject = "U1", .name = "麥"};
static const struct identity_proof google = {.provider = "google",
                                             .subject = "1001",
                                             .email = MAI,
                                             .email_verified = true,
                                             .email_authoritative = true,
                                             .name = "Mai"};

/* ---- coming in ---- */

static void enter__is_one_account_for_one_identity(void **state)
{
    struct test_store *t = *state;
    struct entry a, b;
    assert_int_equal(enter(t, line, &a), ERR_OK);
    assert_true(a.n.is_new);
    assert_int_equal(a.n.viewer.kind, VIEWER_ACCOUNT);
    assert_string_equal(a.n.viewer.name, "麥");
    assert_string_equal(a.n.viewer.lang, "th");
    assert_string_equal(a.n.viewer.market, "TH");
    assert_int_equal(enter(t, line, &b), ERR_OK);
    assert_false(b.n.is_new);
    assert_true(a.n.viewer.id == b.n.viewer.id);
    assert_string_not_equal(a.n.session.cookie, b.n.session.cookie);
    /* The same subject of another provider is somebody else. */
    struct identity_proof other = line;
    other.provider = "google";
    assert_true(entered(t, other) != a.n.viewer.id);
    /* So is one that differs by case: subjects are opaque. */
    other = line;
    other.subject = "u1";
    assert_true(entered(t, other) != a.n.viewer.id);
}

static void enter__shows_a_neutral_name_for_one_that_cannot_be_shown(void **state)
{
    struct test_store *t = *state;
    struct identity_proof p = line;
    struct entry e;
    p.name = "\xe2\x80\x8b\xe2\x80\xae"; /* zero width, right-to-left override */
    assert_int_equal(enter(t, p, &e), ERR_OK);
    assert_string_equal(e.n.viewer.name, account_neutral_name("th"));
    p.subject = "U2";
    p.name = "A name of far more than twenty-four characters, and more";
    assert_int_equal(enter(t, p, &e), ERR_OK);
    assert_string_equal(e.n.viewer.name, "A name of far more than");
    p.subject = "U3";
    p.name = NULL;
    assert_int_equal(enter(t, p, &e), ERR_OK);
    assert_string_equal(e.n.viewer.name, account_neutral_name("th"));
}

static void enter__refuses_what_names_nobody(void **state)
{
    struct test_store *t = *state;
    char longest[SUBJECT_MAX + 2];
    struct identity_proof p = line;
    struct entry e;
    memset(longest, 'x', sizeof longest);
    longest[SUBJECT_MAX + 1] = '\0';
    static const char *const bad[] = {"", "\xff\xfe"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        p.subject = bad[i];
        assert_int_equal(enter(t, p, &e), ERR_INPUT);
    }
    p.subject = longest;
    assert_int_equal(enter(t, p, &e), ERR_INPUT);
    p = line;
    p.provider = "email"; /* an address is proved by a code, not by a provider */
    p.subject = MAI;
    assert_int_equal(enter(t, p, &e), ERR_INPUT);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM viewer"), 0);
}

static void enter__deleted_accounts_are_not_entered(void **state)
{
    struct test_store *t = *state;
    struct entry e;
    (void)entered(t, line);
    test_exec(t, "UPDATE viewer SET deleted_at = 1");
    assert_int_equal(enter(t, line, &e), ERR_NOT_FOUND);
}

/* ---- attacks on accounts by way of their addresses ---- */

/* 1. The attacker signs up with the victim's address, and waits for the victim's own login. */
static void attack__signing_up_first_with_a_strangers_address_gains_nothing(void **state)
{
    struct test_store *t = *state;
    int64_t attacker = sign_up(t, MAI);
    assert_true(entered(t, google) != attacker);
    assert_int_equal(ways(t, attacker), 1);
}

/* 2. The victim then proves the mailbox: it is theirs, and what came in by it is out. */
static void attack__a_claimed_address_goes_to_who_proves_it(void **state)
{
    struct test_store *t = *state;
    int64_t attacker = sign_up(t, MAI), victim = entered(t, google);
    test_exec(t, "INSERT INTO session (token_hash, viewer_id, created_at, seen_at, expires_at,"
                 " provider) SELECT x'30313233', id, 1, 1, 9999999999, 'email' FROM viewer"
                 " WHERE display_name = 'Mai' AND lang = 'th' AND id NOT IN"
                 " (SELECT viewer_id FROM identity WHERE provider = 'google')");
    assert_int_equal(sessions(t, attacker), 1);
    assert_int_equal(prove_email(t, victim, MAI), ERR_OK);
    assert_int_equal(ways(t, attacker), 0);
    assert_int_equal(ways(t, victim), 2);
    assert_int_equal(sessions(t, attacker), 0);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM password"), 0);
}

/* 3. LINE and Facebook do not say that an address was proved: theirs opens nobody's account. */
static void attack__an_unproved_address_of_a_provider_opens_nothing(void **state)
{
    struct test_store *t = *state;
    int64_t victim = sign_up(t, MAI);
    assert_int_equal(prove_email(t, victim, MAI), ERR_OK);
    struct identity_proof p = {.provider = "facebook", .subject = "77", .email = MAI};
    assert_true(entered(t, p) != victim);
    p = (struct identity_proof){
        .provider = "line", .subject = "U7", .email = MAI, .email_authoritative = true};
    assert_true(entered(t, p) != victim); /* not said to be proved: authority or not */
    assert_int_equal(ways(t, victim), 1);
}

/* 4. Any OpenID provider may say "proved": only who runs the mailbox is believed. */
static void attack__a_proved_address_of_any_provider_opens_nothing(void **state)
{
    struct test_store *t = *state;
    int64_t victim = sign_up(t, MAI);
    assert_int_equal(prove_email(t, victim, MAI), ERR_OK);
    struct identity_proof p = {
        .provider = "corner", .subject = "1", .email = MAI, .email_verified = true};
    assert_true(entered(t, p) != victim);
    assert_true(entered(t, google) == victim); /* the mailbox's own house, and we had asked it */
    struct entry e;
    assert_int_equal(enter(t, google, &e), ERR_OK);
    assert_false(e.n.is_new || e.n.was_linked);
}

/* 5. A recycled address: its new holder comes by a login; the old account's own logins stay. */
static void attack__a_recycled_address_opens_nothing_by_itself(void **state)
{
    struct test_store *t = *state;
    struct identity_proof before = google, after = google;
    before.email_authoritative = after.email_authoritative = false;
    after.subject = "2002";
    int64_t old = entered(t, before);
    int64_t new = entered(t, after);
    assert_true(old != new);
    assert_true(entered(t, before) == old);
    assert_int_equal(prove_email(t, old, MAI), ERR_OK);
    assert_int_equal(prove_email(t, new, MAI), ERR_EXISTS); /* proved there: not taken away */
}

/* 6. Addresses that only look alike: case is folded in ASCII alone, all else is refused. */
static void attack__addresses_are_folded_in_ascii_alone(void **state)
{
    struct test_store *t = *state;
    int64_t victim = sign_up(t, "mike@gmail.com");
    assert_int_equal(prove_email(t, victim, "mike@gmail.com"), ERR_OK);
    static const char *const alike[] = {
        "mi\xe2\x84\xaa"
        "e@gmail.com",               /* Kelvin sign, folds to k */
        "m\xc4\xb1ke@gmail.com",     /* dotless i */
        "M\xc4\xb0ke@gmail.com",     /* I with a dot */
        "\xef\xbd\x8dike@gmail.com", /* full-width m */
        "mike@gmail\xe3\x80\x82"
        "com", /* ideographic full stop */
        "mike@gmail.com\xe2\x80\x8b",
    };
    char subject[8];
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
        struct identity_proof p = google;
        (void)snprintf(subject, sizeof subject, "k%zu", i);
        p.subject = subject;
        p.email = alike[i];
        struct entry e;
        assert_int_equal(enter(t, p, &e), ERR_OK);
        assert_true(e.n.is_new);
        bool proved = true;
        assert_null(mailbox(t, e.n.viewer.id, &proved));
    }
    struct identity_proof p = google;
    p.email = " Mike@GMAIL.com";
    assert_true(entered(t, p) == victim);
}

/* 7. A relay address is a letter box, not a person: nothing is found by it. */
static void attack__a_relay_address_links_nothing(void **state)
{
    struct test_store *t = *state;
    static const char relay[] = "x1@privaterelay.appleid.com";
    int64_t victim = sign_up(t, relay);
    assert_int_equal(prove_email(t, victim, relay), ERR_OK);
    struct identity_proof p = {
        .provider = "apple", .subject = "a1", .email = relay, .email_verified = true};
    assert_true(entered(t, p) != victim);
    p.subject = "a2";
    p.email_authoritative = true; /* a provider's settings that say too much */
    assert_true(entered(t, p) != victim);
}

/* 8. An account that works in a shop is linked by hand alone. */
static void attack__staff_are_not_linked_by_an_address(void **state)
{
    struct test_store *t = *state;
    int64_t owner = sign_up(t, MAI);
    assert_int_equal(prove_email(t, owner, MAI), ERR_OK);
    test_exec(t, "INSERT INTO shop (id, public_id, slug, name, created_at)"
                 " VALUES (1, 'shp_one', 'one', 'One', 1)");
    test_exec(t, "INSERT INTO staff (viewer_id, shop_id, role, created_at)"
                 " SELECT viewer_id, 1, 'owner', 1 FROM identity");
    assert_true(entered(t, google) != owner);
}

/* ... nor does somebody's proof take the address from them, typed by the operator as it was. */
static void attack__staff_keep_the_address_they_were_hired_with(void **state)
{
    struct test_store *t = *state;
    int64_t owner = sign_up(t, MAI), stranger = entered(t, line);
    test_exec(t, "INSERT INTO shop (id, public_id, slug, name, created_at)"
                 " VALUES (1, 'shp_one', 'one', 'One', 1)");
    test_exec(t, "INSERT INTO staff (viewer_id, shop_id, role, created_at)"
                 " SELECT viewer_id, 1, 'owner', 1 FROM identity WHERE provider = 'email'");
    assert_int_equal(prove_email(t, stranger, MAI), ERR_EXISTS);
    assert_int_equal(ways(t, owner), 1);
}

/* 9. The provider changes what it says of the address: ours stays, and so does whose it is. */
static void attack__a_change_at_the_provider_changes_nothing_here(void **state)
{
    struct test_store *t = *state;
    int64_t victim = sign_up(t, "victim@gmail.com");
    assert_int_equal(prove_email(t, victim, "victim@gmail.com"), ERR_OK);
    struct identity_proof p = google;
    int64_t attacker = entered(t, p);
    p.email = "victim@gmail.com";
    assert_true(entered(t, p) == attacker);
    assert_int_equal(ways(t, attacker), 1);
    bool proved = false;
    assert_int_equal(prove_email(t, attacker, MAI), ERR_OK);
    p.email = "new@gmail.com";
    assert_true(entered(t, p) == attacker);
    assert_string_equal(mailbox(t, attacker, &proved), MAI);
    assert_true(proved);
}

/* 10. The identity belongs to somebody: it is not taken over by linking it. */
static void attack__anothers_identity_cannot_be_linked(void **state)
{
    struct test_store *t = *state;
    int64_t victim = entered(t, line), attacker = entered(t, google);
    assert_int_equal(link_to(t, attacker, line), ERR_EXISTS);
    assert_true(entered(t, line) == victim);
    assert_int_equal(link_to(t, victim, line), ERR_OK); /* mine already */
    assert_int_equal(ways(t, victim), 1);
}

/* 11. A guest's session is nobody's account: nothing can be linked to it. */
static void attack__a_guest_cannot_link(void **state)
{
    struct test_store *t = *state;
    test_exec(t, "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at)"
                 " VALUES (5, 'viw_g', 'guest', 'Guest', 'th', 1)");
    assert_int_equal(link_to(t, 5, line), ERR_NOT_FOUND);
    assert_int_equal(link_to(t, 6, line), ERR_NOT_FOUND);
    assert_int_equal(ways(t, 5), 0);
}

/* 12. A way in that is not mine cannot be taken away by naming it. */
static void attack__anothers_way_in_cannot_be_taken_away(void **state)
{
    struct test_store *t = *state;
    int64_t victim = entered(t, line), attacker = entered(t, google);
    struct identity *list = NULL;
    size_t n = 0;
    struct db *db;
    assert_int_equal(link_to(t, victim, (struct identity_proof){.provider = "x", .subject = "1"}),
                     ERR_OK);
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(identity_list(db, t->cx.arena, victim, &list, &n), ERR_OK);
    store_read_end(db);
    struct unlink u = {.viewer_id = attacker, .id = list[0].public_id};
    assert_int_equal(do_job(t, unlink_run, &u), ERR_NOT_FOUND);
    assert_int_equal(ways(t, victim), 2);
}

/* 13. The last way in stays. */
static void unlink__keeps_one_way_in(void **state)
{
    struct test_store *t = *state;
    int64_t id = entered(t, line);
    assert_int_equal(unlink_nth(t, id, 0), ERR_CONFLICT);
    assert_int_equal(link_to(t, id, google), ERR_OK);
    assert_int_equal(unlink_nth(t, id, 0), ERR_OK);
    assert_int_equal(unlink_nth(t, id, 0), ERR_CONFLICT);
    /* A password is a way in; an address that was only claimed, without one, is not. */
    id = sign_up(t, "b@example.test");
    struct identity_proof p = {.provider = "line", .subject = "U9"};
    t->cx.now_ms++;
    assert_int_equal(link_to(t, id, p), ERR_OK);
    test_exec(t, "DELETE FROM password");
    assert_int_equal(unlink_nth(t, id, 1), ERR_CONFLICT);
    assert_int_equal(unlink_nth(t, id, 0), ERR_OK);
    assert_int_equal(ways(t, id), 1);
}

static void unlink__ends_what_began_with_it_and_hands_out_the_token(void **state)
{
    struct test_store *t = *state;
    struct entry e;
    assert_int_equal(enter(t, line, &e), ERR_OK);
    int64_t id = e.n.viewer.id;
    assert_int_equal(enter(t, line, &e), ERR_OK);
    t->cx.now_ms++;
    assert_int_equal(link_to(t, id, google), ERR_OK);
    (void)entered(t, google);
    test_exec(t, "UPDATE identity SET token_sealed = x'7365616c6564'"
                 " WHERE provider = 'line'");
    assert_int_equal(sessions(t, id), 3);
    struct identity *list = NULL;
    size_t n = 0;
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(identity_list(db, t->cx.arena, id, &list, &n), ERR_OK);
    store_read_end(db);
    assert_int_equal(n, 2);
    assert_string_equal(list[0].provider, "line");
    struct unlink u = {.viewer_id = id, .id = list[0].public_id, .keep = e.n.session.hash};
    assert_int_equal(do_job(t, unlink_run, &u), ERR_OK);
    assert_int_equal(u.gone.token_len, 6);
    assert_memory_equal(u.gone.token_sealed, "sealed", 6);
    assert_string_equal(u.gone.subject, "U1");
    assert_int_equal(sessions(t, id), 2); /* the one that asked, and Google's */
}

static void link__has_a_bound(void **state)
{
    struct test_store *t = *state;
    int64_t id = entered(t, line);
    char subject[8];
    for (int i = 1; i < IDENTITIES_MAX; i++) {
        (void)snprintf(subject, sizeof subject, "s%d", i);
        struct identity_proof p = {.provider = "corner", .subject = subject};
        assert_int_equal(link_to(t, id, p), ERR_OK);
    }
    assert_int_equal(link_to(t, id, google), ERR_LIMIT);
    assert_int_equal(prove_email(t, id, MAI), ERR_LIMIT);
}

/* ---- what a provider takes back ---- */

static enum err dropped_run(struct tx *tx, void *arg)
{
    (void)arg;
    return identity_drop_sessions(tx, "line", "U1");
}

static void revoked__ends_its_sessions_and_forgets_the_profile(void **state)
{
    struct test_store *t = *state;
    struct identity_proof p = line;
    p.email = "x@example.test";
    int64_t id = entered(t, p), other = entered(t, google);
    assert_int_equal(link_to(t, id, (struct identity_proof){.provider = "x", .subject = "1"}),
                     ERR_OK);
    (void)entered(t, (struct identity_proof){.provider = "x", .subject = "1"});
    assert_int_equal(do_job(t, dropped_run, NULL), ERR_OK);
    assert_int_equal(sessions(t, id), 1);
    assert_int_equal(sessions(t, other), 1);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM identity WHERE provider = 'line'"
                                    " AND email IS NULL AND name IS NULL"),
                     1);
    assert_true(entered(t, line) == id); /* they may come back */
    test_exec(t, "DELETE FROM identity WHERE provider = 'line'");
    assert_int_equal(do_job(t, dropped_run, NULL), ERR_OK);
}

struct token {
    const char *text;
    size_t len;
};

static enum err token_run(struct tx *tx, void *arg)
{
    const struct token *k = arg;
    return identity_keep_token(tx, "line", "U1", k->text, k->len);
}

static void token__is_kept_and_forgotten(void **state)
{
    struct test_store *t = *state;
    static const char big[TOKEN_SEALED_MAX + 1];
    struct token k = {"sealed", 6};
    const void *got = NULL;
    size_t len = 0;
    struct db *db;
    (void)entered(t, line);
    assert_int_equal(do_job(t, token_run, &k), ERR_OK);
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(identity_token(db, t->cx.arena, "line", "U1", &got, &len), ERR_OK);
    assert_int_equal(len, 6);
    assert_memory_equal(got, "sealed", 6);
    assert_int_equal(identity_token(db, t->cx.arena, "line", "U2", &got, &len), ERR_NOT_FOUND);
    store_read_end(db);
    k = (struct token){big, sizeof big};
    assert_int_equal(do_job(t, token_run, &k), ERR_INPUT);
    k = (struct token){NULL, 0};
    assert_int_equal(do_job(t, token_run, &k), ERR_OK);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM identity WHERE token_sealed IS NULL"), 1);
}

/* ---- where to write to ---- */

static void mailbox__is_the_proved_one_first(void **state)
{
    struct test_store *t = *state;
    bool proved = true;
    int64_t id = sign_up(t, "typed@example.test");
    assert_string_equal(mailbox(t, id, &proved), "typed@example.test");
    assert_false(proved);
    assert_int_equal(link_to(t, id, google), ERR_OK);
    assert_string_equal(mailbox(t, id, &proved), MAI);
    assert_true(proved);
    assert_int_equal(prove_email(t, id, "own@example.test"), ERR_OK);
    assert_string_equal(mailbox(t, id, &proved), "own@example.test");
    assert_true(proved);
    assert_null(mailbox(t, entered(t, line), &proved));
    assert_false(proved);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_store *t = *state;
    (void)t;
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
    SQL_ALL(X)
#include "account/code.sql.h"
    SQL_ALL(X)
#include "account/handover.sql.h"
    SQL_ALL(X)
#undef X
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(enter__is_one_account_for_one_identity),
        T(enter__shows_a_neutral_name_for_one_that_cannot_be_shown),
        T(enter__refuses_what_names_nobody),
        T(enter__deleted_accounts_are_not_entered),
        T(attack__signing_up_first_with_a_strangers_address_gains_nothing),
        T(attack__a_claimed_address_goes_to_who_proves_it),
        T(attack__an_unproved_address_of_a_provider_opens_nothing),
        T(attack__a_proved_address_of_any_provider_opens_nothing),
        T(attack__a_recycled_address_opens_nothing_by_itself),
        T(attack__addresses_are_folded_in_ascii_alone),
        T(attack__a_relay_address_links_nothing),
        T(attack__staff_are_not_linked_by_an_address),
        T(attack__staff_keep_the_address_they_were_hired_with),
        T(attack__a_change_at_the_provider_changes_nothing_here),
        T(attack__anothers_identity_cannot_be_linked),
        T(attack__a_guest_cannot_link),
        T(attack__anothers_way_in_cannot_be_taken_away),
        T(unlink__keeps_one_way_in),
        T(unlink__ends_what_began_with_it_and_hands_out_the_token),
        T(link__has_a_bound),
        T(revoked__ends_its_sessions_and_forgets_the_profile),
        T(token__is_kept_and_forgotten),
        T(mailbox__is_the_proved_one_first),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
