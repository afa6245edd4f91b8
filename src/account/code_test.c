#include "base/test.h"

#include "account/code.h"
#include "account/handover.h"
#include "account/identity.h"
#include "base/arena.h"
#include "base/text.h"
#include "store/testkit.h"

#include <stdio.h>
#include <string.h>

#define MAI "mai@example.test"

static const unsigned char key[SECRET_KEY_LEN] = "a key of this test";

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

static enum err do_job(struct test_store *t, enum err (*run)(struct tx *tx, void *arg), void *arg)
{
    return store_do(t->store, &t->cx, "test", run, arg);
}

static enum err account_run(struct tx *tx, void *arg)
{
    return account_create(tx, arg);
}

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

/* ---- codes ---- */

struct sent {
    struct code_about about;
    struct code_new code;
    int64_t to, wait_ms;
};

static enum err put_run(struct tx *tx, void *arg)
{
    struct sent *s = arg;
    return code_put(tx, &s->about, &s->code, &s->to, &s->wait_ms);
}

static enum err ask(struct test_store *t, struct code_about about, struct sent *s)
{
    *s = (struct sent){.about = about, .to = -1, .wait_ms = -1};
    code_make(key, &about, &s->code);
    return do_job(t, put_run, s);
}

struct tried {
    struct code_about about;
    const char *typed;
    struct code_try t;
};

static enum err check_run(struct tx *tx, void *arg)
{
    struct tried *t = arg;
    return code_check(tx, key, &t->about, t->typed, &t->t);
}

static enum err use_run(struct tx *tx, void *arg)
{
    const struct tried *t = arg;
    return code_use(tx, &t->about, &t->t);
}

static bool is_right(struct test_store *t, struct code_about about, const char *typed)
{
    struct tried tried = {.about = about, .typed = typed};
    assert_int_equal(do_job(t, check_run, &tried), ERR_OK);
    return tried.t.right;
}

static const struct code_about forgot = {CODE_PASSWORD, 0, MAI};

static void code__is_eight_digits_and_kept_as_a_hash(void **state)
{
    struct test_store *t = *state;
    struct sent s;
    (void)sign_up(t, MAI);
    for (int i = 0; i < 50; i++) {
        code_make(key, &forgot, &s.code);
        assert_true(strlen(s.code.code) == 8 && strspn(s.code.code, "0123456789") == 8);
    }
    assert_int_equal(ask(t, forgot, &s), ERR_OK);
    struct code_new other;
    const struct code_about another = {CODE_PASSWORD, 0, "other@example.test"};
    code_make(key, &another, &other);
    assert_memory_not_equal(s.code.hash, other.hash, SHA256_LEN);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM mail_code WHERE LENGTH(code_hash) = 32"),
                     1);
}

static void code__opens_once_and_for_its_purpose_only(void **state)
{
    struct test_store *t = *state;
    struct sent s;
    int64_t id = sign_up(t, MAI);
    assert_int_equal(ask(t, forgot, &s), ERR_OK);
    assert_true(s.to == id);
    assert_false(is_right(t, (struct code_about){CODE_EMAIL, id, NULL}, s.code.code));
    assert_false(is_right(t, (struct code_about){CODE_PASSWORD, 0, "x@example.test"}, s.code.code));
    struct tried tried = {.about = forgot, .typed = s.code.code};
    assert_int_equal(do_job(t, check_run, &tried), ERR_OK);
    assert_true(tried.t.right && tried.t.viewer_id == id);
    assert_string_equal(tried.t.email, MAI);
    assert_int_equal(do_job(t, use_run, &tried), ERR_OK);
    assert_int_equal(do_job(t, use_run, &tried), ERR_BAD_CODE);
    assert_false(is_right(t, forgot, s.code.code));
}

/* A hundred million codes, five tries: and then not even the right one. */
static void code__has_five_tries(void **state)
{
    struct test_store *t = *state;
    struct sent s;
    (void)sign_up(t, MAI);
    assert_int_equal(ask(t, forgot, &s), ERR_OK);
    for (int i = 0; i < CODE_TRIES; i++)
        assert_false(is_right(t, forgot, i % 2 ? "" : "x"));
    assert_false(is_right(t, forgot, s.code.code));
}

static void code__is_over_after_ten_minutes(void **state)
{
    struct test_store *t = *state;
    struct sent s;
    (void)sign_up(t, MAI);
    assert_int_equal(ask(t, forgot, &s), ERR_OK);
    assert_int_equal(CODE_MS, 600000);
    t->cx.now_ms += CODE_MS - 1;
    assert_true(is_right(t, forgot, s.code.code));
    t->cx.now_ms += 1;
    assert_false(is_right(t, forgot, s.code.code));
}

static void code__a_newer_one_takes_its_place(void **state)
{
    struct test_store *t = *state;
    struct sent a, b;
    (void)sign_up(t, MAI);
    assert_int_equal(ask(t, forgot, &a), ERR_OK);
    assert_int_equal(ask(t, forgot, &b), ERR_SLOW_DOWN);
    assert_int_equal(b.wait_ms, CODE_PAUSE_MS);
    assert_true(is_right(t, forgot, a.code.code)); /* the one that was sent stays good */
    t->cx.now_ms += CODE_PAUSE_MS;
    assert_int_equal(ask(t, forgot, &b), ERR_OK);
    assert_false(is_right(t, forgot, a.code.code));
    assert_true(is_right(t, forgot, b.code.code));
}

static void code__is_sent_five_times_an_hour(void **state)
{
    struct test_store *t = *state;
    struct sent s;
    for (int i = 0; i < CODES_AN_HOUR; i++) {
        assert_int_equal(ask(t, forgot, &s), ERR_OK);
        t->cx.now_ms += CODE_PAUSE_MS;
    }
    assert_int_equal(ask(t, forgot, &s), ERR_SLOW_DOWN);
    assert_int_equal(s.wait_ms, 3600000 - CODES_AN_HOUR * CODE_PAUSE_MS);
    t->cx.now_ms += s.wait_ms;
    assert_int_equal(ask(t, forgot, &s), ERR_OK);
}

/* Each of many accounts asks once for a code to the same stranger. */
static void code__of_many_accounts_does_not_fill_a_mailbox(void **state)
{
    struct test_store *t = *state;
    struct sent s;
    for (int i = 1; i <= CODES_TO; i++)
        assert_int_equal(ask(t, (struct code_about){CODE_EMAIL, i, MAI}, &s), ERR_OK);
    assert_int_equal(ask(t, (struct code_about){CODE_EMAIL, 99, MAI}, &s), ERR_SLOW_DOWN);
    assert_int_equal(ask(t, (struct code_about){CODE_EMAIL, 99, "x@example.test"}, &s), ERR_OK);
    assert_int_equal(ask(t, forgot, &s), ERR_OK); /* nor keeps its owner from their account */
}

/* The same row, the same answers: from outside nobody sees who has an account. */
static void code__for_an_address_nobody_has_looks_the_same(void **state)
{
    struct test_store *t = *state;
    struct sent s;
    assert_int_equal(ask(t, forgot, &s), ERR_OK);
    assert_int_equal(s.to, 0);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM mail_code"), 1);
    assert_false(is_right(t, forgot, s.code.code)); /* it was sent to nobody */
    assert_int_equal(ask(t, forgot, &s), ERR_SLOW_DOWN);
}

static enum err sweep_run(struct tx *tx, void *arg)
{
    return code_sweep(tx, 10, arg);
}

static void code__is_swept_when_its_pace_is_over_too(void **state)
{
    struct test_store *t = *state;
    struct sent s;
    int64_t dropped = -1;
    assert_int_equal(ask(t, forgot, &s), ERR_OK);
    t->cx.now_ms += CODE_MS + 1;
    assert_int_equal(do_job(t, sweep_run, &dropped), ERR_OK);
    assert_int_equal(dropped, 0);
    t->cx.now_ms += 3600000;
    assert_int_equal(do_job(t, sweep_run, &dropped), ERR_OK);
    assert_int_equal(dropped, 1);
}

/* ---- what a right one does ---- */

struct reset {
    int64_t viewer_id;
    bool claimed;
};

static enum err reset_run(struct tx *tx, void *arg)
{
    struct reset *r = arg;
    return account_reset(tx, r->viewer_id, MAI, "new hash", &r->claimed);
}

static enum err link_run(struct tx *tx, void *arg)
{
    const struct identity_proof p = {.provider = "line", .subject = "U1"};
    char id[ID_TEXT];
    identity_make_id(id);
    return identity_link(tx, *(int64_t *)arg, id, &p);
}

/* The attacker signed up with the address, linked a login of theirs, and waits inside. */
static void reset__puts_out_whoever_only_claimed_the_address(void **state)
{
    struct test_store *t = *state;
    struct reset r = {.viewer_id = sign_up(t, MAI)};
    struct sent s;
    const struct code_about change = {CODE_EMAIL, r.viewer_id, "attacker@example.test"};
    assert_int_equal(do_job(t, link_run, &r.viewer_id), ERR_OK);
    assert_int_equal(ask(t, change, &s), ERR_OK); /* and has a change of address under way */
    test_exec(t, "INSERT INTO session (token_hash, viewer_id, created_at, seen_at, expires_at)"
                 " SELECT x'01', id, 1, 1, 9000000000 FROM viewer");
    assert_int_equal(do_job(t, reset_run, &r), ERR_OK);
    assert_true(r.claimed);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM identity WHERE provider = 'line'"), 0);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM session"), 0);
    assert_false(is_right(t, change, s.code.code));
    assert_int_equal(test_number(t, "SELECT email_verified FROM identity"), 1);
    /* The mailbox is theirs now: what they link themselves stays from now on. */
    assert_int_equal(do_job(t, link_run, &r.viewer_id), ERR_OK);
    assert_int_equal(do_job(t, reset_run, &r), ERR_OK);
    assert_false(r.claimed);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM identity"), 2);
}

static void reset__is_refused_when_the_address_went_elsewhere(void **state)
{
    struct test_store *t = *state;
    struct reset r = {.viewer_id = sign_up(t, "other@example.test")};
    assert_int_equal(do_job(t, reset_run, &r), ERR_BAD_CODE);
    (void)sign_up(t, MAI);
    assert_int_equal(do_job(t, reset_run, &r), ERR_BAD_CODE);
}

/* ---- the link out of an in-app browser ---- */

struct put {
    struct handover h;
    struct handover_new n;
    int64_t expires_ms;
};

static enum err handover_run(struct tx *tx, void *arg)
{
    struct put *p = arg;
    return handover_put(tx, &p->h, &p->n, &p->expires_ms);
}

static enum err put(struct test_store *t, struct handover h, struct put *p)
{
    *p = (struct put){.h = h};
    handover_make(&p->n);
    return do_job(t, handover_run, p);
}

struct taken {
    const char *token;
    struct handover h;
};

static enum err take_run(struct tx *tx, void *arg)
{
    struct taken *k = arg;
    return handover_take(tx, k->token, &k->h);
}

static enum err look(struct test_store *t, const char *token, struct handover *h)
{
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    enum err e = handover_look(db, &t->cx, token, h);
    store_read_end(db);
    return e;
}

static void add_guest(struct test_store *t)
{
    test_exec(t, "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at)"
                 " VALUES (5, 'viw_g', 'guest', 'Guest', 'th', 1)");
}

static const struct handover place = {
    .owner = "viw_g", .guest_id = 5, .path = "/s/shw_a", .draft = "A12+1"};

static void handover__is_looked_at_often_and_taken_once(void **state)
{
    struct test_store *t = *state;
    struct put p;
    struct handover h;
    add_guest(t);
    assert_int_equal(put(t, place, &p), ERR_OK);
    for (int i = 0; i < 3; i++) { /* a preview fetches what it likes */
        assert_int_equal(look(t, p.n.token, &h), ERR_OK);
        assert_int_equal(h.guest_id, 5);
        assert_string_equal(h.path, "/s/shw_a");
        assert_string_equal(h.draft, "A12+1");
        assert_int_equal(h.goods, 0);
    }
    struct taken k = {.token = p.n.token};
    assert_int_equal(do_job(t, take_run, &k), ERR_OK);
    assert_int_equal(k.h.guest_id, 5);
    assert_int_equal(do_job(t, take_run, &k), ERR_NOT_FOUND);
    assert_int_equal(look(t, p.n.token, &h), ERR_NOT_FOUND);
}

static void handover__is_over_after_ten_minutes(void **state)
{
    struct test_store *t = *state;
    struct put p;
    struct handover h;
    add_guest(t);
    assert_int_equal(put(t, place, &p), ERR_OK);
    assert_int_equal(test_number(t, "SELECT COUNT(*) FROM handover WHERE LENGTH(token_hash) = 32"),
                     1);
    t->cx.now_ms += HANDOVER_MS;
    assert_int_equal(look(t, p.n.token, &h), ERR_NOT_FOUND);
    struct taken k = {.token = p.n.token};
    assert_int_equal(do_job(t, take_run, &k), ERR_NOT_FOUND);
}

static void handover__keeps_three_of_one_maker(void **state)
{
    struct test_store *t = *state;
    struct put p[HANDOVERS_MAX + 1];
    struct handover h;
    add_guest(t);
    for (int i = 0; i <= HANDOVERS_MAX; i++) {
        t->cx.now_ms += 1000;
        assert_int_equal(put(t, place, &p[i]), ERR_OK);
    }
    assert_int_equal(look(t, p[0].n.token, &h), ERR_NOT_FOUND);
    assert_int_equal(look(t, p[1].n.token, &h), ERR_OK);
}

/* A row of an account is never written; and one that became an account does not come along. */
static void handover__brings_guests_alone(void **state)
{
    struct test_store *t = *state;
    struct put p;
    struct handover h;
    add_guest(t);
    assert_int_equal(put(t, place, &p), ERR_OK);
    test_exec(t, "UPDATE viewer SET kind = 'account'");
    assert_int_equal(look(t, p.n.token, &h), ERR_OK);
    assert_int_equal(h.guest_id, 0);
    test_exec(t, "UPDATE viewer SET kind = 'guest'");
    test_exec(t, "DELETE FROM viewer");
    assert_int_equal(look(t, p.n.token, &h), ERR_OK);
    assert_int_equal(h.guest_id, 0);
}

static void handover__goes_to_paths_of_ours_alone(void **state)
{
    struct test_store *t = *state;
    static const char *const good[] = {"/", "/s/shw_a?lang=th#x", "/cart?from=https://x",
                                       "/%E0%B8%81"};
    static const char *const bad[] = {"",     "s",    "//evil.example",       "/\\evil.example",
                                      "/a b", "/a\n", "https://evil.example", "/\xe0\xb8\x81",
                                      "/\x7f"};
    struct put p;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(handover_path_ok(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(handover_path_ok(bad[i]));
        struct handover h = place;
        h.guest_id = 0;
        h.path = bad[i];
        assert_int_equal(put(t, h, &p), ERR_INPUT);
    }
    char longest[PATH_MAX_CHARS + 2];
    memset(longest, '/', sizeof longest);
    memset(longest + 1, 'a', sizeof longest - 1);
    longest[PATH_MAX_CHARS + 1] = '\0';
    assert_false(handover_path_ok(longest));
    longest[PATH_MAX_CHARS] = '\0';
    assert_true(handover_path_ok(longest));
}

/* ---- devices ---- */

static void device__is_said_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *agent, *words;
    } rows[] = {
        {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/129.0.0.0 Mobile Safari/537.36",
         "Chrome · Android"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Mobile/15E148 Safari Line/14.9.0",
         "LINE · iPhone"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
         "Safari · iPhone"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/470.0.0;FBDV/iPhone15,3]",
         "Facebook · iPhone"},
        {"Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 Line/14.16.0/IAB",
         "LINE · Android"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/17.4 Safari/605.1.15",
         "Safari · Mac"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0",
         "Edge · Windows"},
        {"Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
         "Firefox · Linux"},
        {"curl/8.5.0", ""},
        {"<script>alert(1)</script> Windows NT", "Windows"},
        {"", ""},
        {NULL, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char words[DEVICE_WORDS_SIZE];
        device_words(rows[i].agent, words);
        assert_string_equal(words, rows[i].words);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(code__is_eight_digits_and_kept_as_a_hash),
        T(code__opens_once_and_for_its_purpose_only),
        T(code__has_five_tries),
        T(code__is_over_after_ten_minutes),
        T(code__a_newer_one_takes_its_place),
        T(code__is_sent_five_times_an_hour),
        T(code__of_many_accounts_does_not_fill_a_mailbox),
        T(code__for_an_address_nobody_has_looks_the_same),
        T(code__is_swept_when_its_pace_is_over_too),
        T(reset__puts_out_whoever_only_claimed_the_address),
        T(reset__is_refused_when_the_address_went_elsewhere),
        T(handover__is_looked_at_often_and_taken_once),
        T(handover__is_over_after_ten_minutes),
        T(handover__keeps_three_of_one_maker),
        T(handover__brings_guests_alone),
        T(handover__goes_to_paths_of_ours_alone),
        cmocka_unit_test(device__is_said_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
