#include "base/test.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/money.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void arena__stops_at_its_limit(void **state)
{
    (void)state;
    struct arena *a = arena_make(1000);
    assert_non_null(arena_bytes(a, 400, 8));
    assert_null(arena_bytes(a, 700, 8));
    assert_null(arena_bytes_n(a, SIZE_MAX / 2, 4, 8));
    assert_non_null(arena_bytes(a, 400, 8));
    arena_free(a);
}

static void count_one(void *obj)
{
    (*(int *)obj)++;
}

static void arena__runs_what_is_left_for_the_end(void **state)
{
    (void)state;
    int n = 0;
    struct arena *a = arena_make(1000);
    assert_int_equal(arena_at_end(a, count_one, &n), 0);
    assert_string_equal(arena_fmt(a, "%d-%s", 7, "x"), "7-x");
    arena_free(a);
    assert_int_equal(n, 1);
}

static void buf__refuses_past_its_maximum_and_stays_refused(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8);
    buf_str(&b, "1234");
    buf_be32(&b, 0x35363738);
    assert_string_equal(b.data, "12345678");
    assert_int_equal(buf_err(&b), ERR_OK);
    buf_ch(&b, '9');
    assert_int_equal(buf_err(&b), ERR_NO_MEMORY);
    buf_clear(&b);
    buf_fmt(&b, "%s", "12345678");
    buf_drop(&b, 6);
    assert_string_equal(b.data, "78");
    buf_done(&b);
}

static void bytes__are_freed_by_the_last_owner(void **state)
{
    (void)state;
    struct bytes *b = bytes_make("abc", 3);
    bytes_unref(bytes_ref(b));
    assert_memory_equal(b->data, "abc", 4);
    bytes_unref(b);
}

static void clock__reads_what_it_writes(void **state)
{
    (void)state;
    char text[CLOCK_TEXT];
    int64_t ms = 0;
    clock_text_ms(1795339802123, text);
    assert_string_equal(text, "2026-11-22T09:30:02.123Z");
    assert_int_equal(clock_parse(text, &ms), ERR_OK);
    assert_int_equal(ms, 1795339802123);
    assert_int_equal(clock_parse("2026-11-22T17:30:02.123456789+08:00", &ms), ERR_OK);
    assert_int_equal(ms, 1795339802123);
    clock_http_date(1795339802123, text);
    assert_string_equal(text, "Sun, 22 Nov 2026 09:30:02 GMT");
}

static void clock__refuses_dates_that_do_not_exist(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "2026-11-22",
                                      "2026-13-01T00:00:00Z",
                                      "2026-06-31T00:00:00Z",
                                      "2026-11-22T24:00:00Z",
                                      "2026-11-22T09:30:02.Z",
                                      "2026-11-22T09:30:02",
                                      "2026-11-22T09:30:02Zx"};
    int64_t ms;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(clock_parse(bad[i], &ms), ERR_INPUT);
}

static void text__knows_valid_utf8(void **state)
{
    (void)state;
    assert_true(text_is_utf8("夜市 ตลาด \xf0\x9f\x8f\xae", strlen("夜市 ตลาด \xf0\x9f\x8f\xae")));
    assert_false(text_is_utf8("\xc0\x80", 2));
    assert_false(text_is_utf8("\xed\xa0\x80", 3));
    assert_false(text_is_utf8("\xf4\x90\x80\x80", 4));
    assert_false(text_is_utf8("\xe5\xa4", 2));
    assert_int_equal(text_chars("夜市a", 7), 3);
    assert_int_equal(text_prefix("夜市a", 7, 2), 6);
}

static void text_char__reads_one_character(void **state)
{
    (void)state;
    uint32_t c = 0;
    assert_int_equal(text_char("กี", 6, &c), 3);
    assert_int_equal(c, 0x0e01);
    assert_int_equal(text_char("a", 1, &c), 1);
    assert_int_equal(c, 'a');
    assert_int_equal(text_char("\xe0\xb8", 2, &c), 0);
    assert_int_equal(text_char("", 0, &c), 0);
}

static void text__tidies_what_people_type(void **state)
{
    (void)state;
    char s[] = "  a\t\n b\xe2\x80\xae\x01 \xe3\x80\x80 c ";
    size_t n = text_tidy(s, strlen(s));
    assert_int_equal(n, 5);
    assert_string_equal(s, "a b c");
}

static void text__reads_numbers_whole_or_not_at_all(void **state)
{
    (void)state;
    int64_t n = 0;
    assert_int_equal(text_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &n), ERR_OK);
    assert_true(n == INT64_MIN);
    assert_int_equal(text_i64("9223372036854775808", INT64_MIN, INT64_MAX, &n), ERR_INPUT);
    assert_int_equal(text_i64("", 0, 9, &n), ERR_INPUT);
    assert_int_equal(text_i64("7 ", 0, 9, &n), ERR_INPUT);
    assert_int_equal(text_i64("10", 0, 9, &n), ERR_INPUT);
    char path[] = "a%20%e5%a4%9c";
    size_t len;
    assert_int_equal(text_percent_decode(path, &len), ERR_OK);
    assert_string_equal(path, "a 夜");
    char nul[] = "a%00";
    assert_int_equal(text_percent_decode(nul, &len), ERR_INPUT);
    char cut[] = "a%2";
    assert_int_equal(text_percent_decode(cut, &len), ERR_INPUT);
}

static void money__refuses_mixed_currencies_and_overflow(void **state)
{
    (void)state;
    struct money a = {INT64_MAX, "TWD"}, b = {1, "TWD"}, c = {1, "THB"}, out = {0};
    assert_int_equal(money_add(a, b, &out), ERR_INPUT);
    assert_int_equal(money_add(b, c, &out), ERR_INPUT);
    assert_int_equal(money_sub(a, b, &out), ERR_OK);
    assert_true(out.amount == INT64_MAX - 1);
    assert_int_equal(money_share_bp((struct money){999, "THB"}, 1500, &out), ERR_OK);
    assert_int_equal(out.amount, 149);
    assert_int_equal(money_exponent("TWD"), 0);
    assert_int_equal(money_exponent("EUR"), -1);
}

static void crypto__matches_published_vectors(void **state)
{
    (void)state;
    unsigned char mac[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    /* RFC 4231 test case 2 */
    crypto_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
    crypto_hex(mac, sizeof mac, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    unsigned char back[SHA256_LEN];
    assert_int_equal(crypto_unhex(hex, back, sizeof back), ERR_OK);
    assert_true(crypto_same(mac, sizeof mac, back, sizeof back));
    assert_int_equal(crypto_unhex(hex, back, 31), ERR_INPUT);
    struct buf b;
    buf_init(&b, 100);
    crypto_base64url(&b, "\xfb\xff", 2);
    assert_string_equal(b.data, "-_8");
    buf_done(&b);
    char text[4]; /* and without memory, as every request with a cookie needs it */
    crypto_base64url_text("\xfb\xff", 2, text);
    assert_string_equal(text, "-_8");
    size_t len;
    assert_int_equal(crypto_unbase64("+/8=", 4, back, 2, &len), ERR_OK);
    assert_int_equal(len, 2);
    assert_memory_equal(back, "\xfb\xff", 2);
    assert_int_equal(crypto_unbase64("+/8=", 4, back, 1, &len), ERR_INPUT);
    assert_int_equal(crypto_unbase64("+/8", 3, back, 2, &len), ERR_INPUT);
    assert_int_equal(crypto_unbase64("-_8=", 4, back, 2, &len), ERR_INPUT);
}

static void base64url__is_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {"-_8=", "+/8", "-_9", "-_ 8", "-", "-_8\n", "-_8A_"};
    unsigned char back[4];
    size_t len;
    assert_int_equal(crypto_unbase64url("-_8", 3, back, 2, &len), ERR_OK);
    assert_int_equal(len, 2);
    assert_memory_equal(back, "\xfb\xff", 2);
    assert_int_equal(crypto_unbase64url("", 0, back, 2, &len), ERR_OK);
    assert_int_equal(len, 0);
    assert_int_equal(crypto_unbase64url("-_8", 3, back, 1, &len), ERR_INPUT);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(crypto_unbase64url(bad[i], strlen(bad[i]), back, sizeof back, &len),
                         ERR_INPUT);
}

static void crypto__opens_only_what_was_sealed_with_the_key(void **state)
{
    (void)state;
    unsigned char key[SECRET_KEY_LEN] = {1}, sealed[3 + SEAL_OVERHEAD], plain[3];
    crypto_seal(key, "abc", 3, sealed);
    assert_int_equal(crypto_open(key, sealed, sizeof sealed, plain), ERR_OK);
    assert_memory_equal(plain, "abc", 3);
    sealed[SEAL_OVERHEAD] ^= 1;
    assert_int_equal(crypto_open(key, sealed, sizeof sealed, plain), ERR_INPUT);
    assert_int_equal(crypto_open(key, sealed, 5, plain), ERR_INPUT);
}

static void crypto__knows_the_right_password(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_MAX];
    assert_int_equal(crypto_password_hash("lantern", 7, hash), ERR_OK);
    assert_true(crypto_password_ok(hash, "lantern", 7));
    assert_false(crypto_password_ok(hash, "Lantern", 7));
}

static void id_next__grows_and_is_positive(void **state)
{
    (void)state;
    int64_t last = 0;
    for (int i = 0; i < 10000; i++) { /* more than fit one millisecond */
        int64_t id = id_next();
        assert_true(id > last);
        last = id;
    }
}

static void id__has_its_prefix_and_alphabet(void **state)
{
    (void)state;
    char id[ID_TEXT];
    id_make("shw", id);
    assert_true(id_ok(id, "shw"));
    assert_false(id_ok(id, "ord"));
    assert_true(id_ok("shw_demo", "shw"));
    assert_false(id_ok("shw_", "shw"));
    assert_false(id_ok("shw_A", "shw"));
    assert_false(id_ok("sh", "shw"));
}

static void json__names_the_field_it_refuses(void **state)
{
    (void)state;
    struct cx cx = {0};
    json_t *o = NULL;
    const char *s = NULL;
    int64_t n = 0;
    assert_int_equal(json_read_object(&cx, "{\"a\":1,\"a\":2}", 13, &o), ERR_INPUT);
    assert_int_equal(json_read_object(&cx, "[1]", 3, &o), ERR_INPUT);
    const char text[] = "{\"name\":\"小美\",\"n\":9007199254740993}";
    assert_int_equal(json_read_object(&cx, text, strlen(text), &o), ERR_OK);
    assert_int_equal(json_need_text(&cx, o, "name", 1, 2, &s), ERR_OK);
    assert_int_equal(json_need_i64(&cx, o, "n", 0, INT64_MAX, &n), ERR_OK);
    assert_true(n == 9007199254740993);
    assert_int_equal(json_need_text(&cx, o, "title", 1, 2, &s), ERR_INPUT);
    assert_string_equal(cx.problem, "'title' is missing");
    json_decref(o);
}

static int ready(void **state)
{
    (void)state;
    return crypto_init() == ERR_OK ? 0 : -1;
}

static void *no_memory(size_t n)
{
    (void)n;
    return NULL;
}

static void json__without_memory_is_not_the_senders_fault(void **state)
{
    (void)state;
    struct cx cx = {.now_ms = 1};
    json_t *o = NULL;
    json_malloc_t usual_malloc;
    json_free_t usual_free;
    json_get_alloc_funcs(&usual_malloc, &usual_free);
    json_set_alloc_funcs(no_memory, usual_free);
    enum err e = json_read_object(&cx, "{\"a\":1}", 7, &o);
    json_set_alloc_funcs(usual_malloc, usual_free);
    assert_int_equal(e, ERR_NO_MEMORY);
    assert_null(o);
}

static void log_pace__lets_one_line_a_second_through_and_counts_the_rest(void **state)
{
    (void)state;
    struct log_pace p = {0};
    int64_t before = -1;
    assert_true(log_pace(&p, 5000, &before));
    assert_int_equal(before, 0);
    for (int i = 0; i < 700; i++)
        assert_false(log_pace(&p, 5000 + i, &before));
    assert_true(log_pace(&p, 6000, &before));
    assert_int_equal(before, 700);
    assert_false(log_pace(&p, 6999, &before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena__stops_at_its_limit),
        cmocka_unit_test(arena__runs_what_is_left_for_the_end),
        cmocka_unit_test(buf__refuses_past_its_maximum_and_stays_refused),
        cmocka_unit_test(bytes__are_freed_by_the_last_owner),
        cmocka_unit_test(clock__reads_what_it_writes),
        cmocka_unit_test(clock__refuses_dates_that_do_not_exist),
        cmocka_unit_test(text__knows_valid_utf8),
        cmocka_unit_test(text_char__reads_one_character),
        cmocka_unit_test(text__tidies_what_people_type),
        cmocka_unit_test(text__reads_numbers_whole_or_not_at_all),
        cmocka_unit_test(money__refuses_mixed_currencies_and_overflow),
        cmocka_unit_test(crypto__matches_published_vectors),
        cmocka_unit_test(base64url__is_read_strictly),
        cmocka_unit_test(crypto__opens_only_what_was_sealed_with_the_key),
        cmocka_unit_test(crypto__knows_the_right_password),
        cmocka_unit_test(id__has_its_prefix_and_alphabet),
        cmocka_unit_test(id_next__grows_and_is_positive),
        cmocka_unit_test(json__names_the_field_it_refuses),
        cmocka_unit_test(json__without_memory_is_not_the_senders_fault),
        cmocka_unit_test(log_pace__lets_one_line_a_second_through_and_counts_the_rest),
    };
    return cmocka_run_group_tests_name("base", tests, ready, NULL);
}
