#include "base/test.h"

#include "base/crypto.h"
#include "base/es256.h"
#include "notify/push.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 8291 appendix A. */
static const char PLAIN[] = "When I grow up, I want to be a watermelon";
static const char AS_PRIVATE[] = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
static const char UA_PRIVATE[] = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
static const char UA_PUBLIC[] = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx"
                                "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
static const char AUTH[] = "BTBZMqHH6r4Tts7J_aSIgg";
static const char SALT[] = "DGv6ra1nlYgDCS1FRnbzlw";
static const char BODY[] = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
                           "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
                           "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

static const char GOOD[] = "https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV";

static void bytes_of(const char *text, unsigned char *out, size_t want)
{
    size_t n;
    assert_int_equal(crypto_unbase64url(text, strlen(text), out, want, &n), ERR_OK);
    assert_int_equal(n, want);
}

static struct push_target target(void)
{
    struct push_target t = {.endpoint = GOOD};
    bytes_of(UA_PUBLIC, t.p256dh, sizeof t.p256dh);
    bytes_of(AUTH, t.auth, sizeof t.auth);
    return t;
}

static void seal__makes_the_published_message(void **state)
{
    struct push_choice c;
    struct push_target t = target();
    struct buf out, text;
    (void)state;
    bytes_of(AS_PRIVATE, c.secret, sizeof c.secret);
    bytes_of(SALT, c.salt, sizeof c.salt);
    buf_init(&out, 4096);
    buf_init(&text, 8192);
    assert_int_equal(push_seal_with(&c, &t, PLAIN, strlen(PLAIN), &out), ERR_OK);
    crypto_base64url(&text, out.data, out.len);
    assert_string_equal(text.data, BODY);
    buf_done(&out);
    buf_done(&text);
}

static struct es256 *browser(void)
{
    struct es256 *k;
    assert_int_equal(push_key_read(UA_PRIVATE, &k), ERR_OK);
    return k;
}

static void open__reads_what_was_sealed_and_nothing_else(void **state)
{
    static char longest[PUSH_PAYLOAD_MAX + 1];
    struct push_target t = target();
    struct es256 *ua = browser(), *other;
    struct buf out, back;
    (void)state;
    memset(longest, 'x', sizeof longest);
    buf_init(&out, 8192);
    buf_init(&back, 8192);
    assert_int_equal(push_seal(&t, longest, sizeof longest, &out), ERR_INPUT);
    assert_int_equal(push_seal(&t, longest, PUSH_PAYLOAD_MAX, &out), ERR_OK);
    assert_int_equal(push_open(ua, t.auth, out.data, out.len, &back), ERR_OK);
    assert_int_equal(back.len, PUSH_PAYLOAD_MAX);
    assert_memory_equal(back.data, longest, back.len);
    for (size_t at = 0; at < out.len; at += 97) { /* a byte changed anywhere */
        if (at >= 16 && at < 20)
            continue; /* the record's size, which one record does not need */
        out.data[at] ^= 1;
        buf_clear(&back);
        assert_int_equal(push_open(ua, t.auth, out.data, out.len, &back), ERR_INPUT);
        out.data[at] ^= 1;
    }
    assert_int_equal(push_open(ua, t.auth, out.data, 50, &back), ERR_INPUT);
    assert_int_equal(es256_make(&other), ERR_OK);
    assert_int_equal(push_open(other, t.auth, out.data, out.len, &back), ERR_INPUT);
    es256_free(other);
    es256_free(ua);
    buf_done(&out);
    buf_done(&back);
}

/* "vapid t=<head>.<claims>.<signature>, k=<key>" */
static void vapid__names_the_service_and_is_signed(void **state)
{
    struct es256 *key = browser();
    struct buf out;
    unsigned char sig[ES256_SIGNATURE], claims[500];
    size_t n;
    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(push_vapid(key, "https://Push.Example.net:443/p/1?x=2", "mailto:a@b.c",
                                1700000000999, &out),
                     ERR_OK);
    char *token = strchr(out.data, '=') + 1, *comma = strchr(token, ',');
    assert_memory_equal(out.data, "vapid t=", 8);
    assert_string_equal(strstr(comma, "k=") + 2, UA_PUBLIC);
    *comma = '\0';
    char *last = strrchr(token, '.');
    bytes_of(last + 1, sig, sizeof sig);
    assert_true(es256_verify(key, token, (size_t)(last - token), sig));
    *last = '\0';
    char *middle = strchr(token, '.') + 1;
    assert_int_equal(crypto_unbase64url(middle, strlen(middle), claims, sizeof claims - 1, &n),
                     ERR_OK);
    claims[n] = '\0';
    assert_string_equal(
        (char *)claims,
        "{\"aud\":\"https://push.example.net\",\"exp\":1700043200,\"sub\":\"mailto:a@b.c\"}");
    buf_done(&out);
    es256_free(key);
}

static void endpoint__is_a_host_of_the_internet(void **state)
{
    static const char *const good[] = {GOOD, "https://fcm.googleapis.com/fcm/send/a:b-c",
                                       "https://web.push.apple.com:443/x", "https://8.8.8.8/x",
                                       "https://[2606:4700::1111]/x"};
    static const char *const bad[] = {"http://push.example.net/x",
                                      "https://push.example.net:8443/x",
                                      "https://user@push.example.net/x",
                                      "https://push.example.net/x#y",
                                      "https://push.example.net/x y",
                                      "https://push.example.net/\xe4\xb8\xad",
                                      "https:///x",
                                      "https://",
                                      "ftp://push.example.net/x",
                                      "https://localhost/x",
                                      "https://db/x",
                                      "https://db.internal/x",
                                      "https://printer.local/x",
                                      "https://push.example.net./x",
                                      "https://127.0.0.1/x",
                                      "https://10.0.0.1/x",
                                      "https://169.254.169.254/latest",
                                      "https://[::1]/x",
                                      "https://[fe80::1]/x",
                                      "https://[::ffff:10.0.0.1]/x",
                                      "https://[2606:4700::1111/x",
                                      "https://[x]/y",
                                      "https://push.example.net:/x",
                                      "https://push.example.net:99999/x"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!push_endpoint_ok(good[i], false))
            fail_msg("'%s' is fine", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (push_endpoint_ok(bad[i], false))
            fail_msg("'%s' is not", bad[i]);
    assert_true(push_endpoint_ok("http://127.0.0.1:8790/push/1", true));
    assert_true(push_endpoint_ok("http://localhost:8790/push/1", true));
    assert_false(push_endpoint_ok("http://10.0.0.1:8790/push/1", true));
    char longest[PUSH_ENDPOINT_MAX + 40] = "https://push.example.net/";
    memset(longest + strlen(longest), 'x', PUSH_ENDPOINT_MAX);
    assert_false(push_endpoint_ok(longest, false));
}

static void read__takes_keys_of_the_curve_alone(void **state)
{
    char zeros[PUSH_KEY_TEXT + 1];
    struct cx cx = {.now_ms = 1};
    struct push_target t;
    (void)state;
    assert_int_equal(push_read(&cx, GOOD, UA_PUBLIC, AUTH, false, &t), ERR_OK);
    assert_int_equal(push_read(&cx, GOOD, UA_PUBLIC, "BTBZMqHH6r4Tts7J_aSIgg==", false, &t),
                     ERR_OK);
    assert_int_equal(push_read(&cx, GOOD, UA_PUBLIC, "BTBZ", false, &t), ERR_INPUT);
    assert_int_equal(push_read(&cx, GOOD, AUTH, AUTH, false, &t), ERR_INPUT);
    (void)snprintf(zeros, sizeof zeros, "BA%085d", 0); /* no point of the curve */
    assert_int_equal(push_read(&cx, GOOD, zeros, AUTH, false, &t), ERR_INPUT);
    assert_int_equal(push_read(&cx, "http://a.b/c", UA_PUBLIC, AUTH, false, &t), ERR_INPUT);
    assert_non_null(strstr(cx.problem, "'endpoint'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seal__makes_the_published_message),
        cmocka_unit_test(open__reads_what_was_sealed_and_nothing_else),
        cmocka_unit_test(vapid__names_the_service_and_is_signed),
        cmocka_unit_test(endpoint__is_a_host_of_the_internet),
        cmocka_unit_test(read__takes_keys_of_the_curve_alone),
    };
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
