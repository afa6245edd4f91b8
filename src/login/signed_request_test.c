#include "login/signed_request.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"

#include <stdio.h>
#include <string.h>

static const char SECRET[] = "app-secret-1";
static const char VECTOR[] =
    "fb0FEpmY_zdy7r27aALZyLfeTCez--44fZvdKExVRtE."
    "eyJ1c2VyX2lkIjoiMjE4NDcxIiwiYWxnb3JpdGhtIjoiSE1BQy1TSEEyNTYiLCJpc3N1ZWRfYXQiOjEyOTE4MzY4MDAs"
    "ImV4cGlyZXMiOjEyOTE4NDA0MDB9";
enum { ISSUED = 1291836800, EXPIRES = 1291840400 };

static struct cx cx_at(int64_t now_s)
{
    return (struct cx){.now_ms = now_s * 1000};
}

static enum err read_text(int64_t now_s, const char *secret, const char *text,
                          struct signed_request *r)
{
    struct cx cx = cx_at(now_s);
    return signed_request_read(&cx, secret, text, strlen(text), r);
}

/* This JSON, signed with SECRET. */
static const char *sign(const char *json)
{
    static struct buf out;
    unsigned char mac[SHA256_LEN];
    struct buf data;
    buf_done(&out);
    buf_init(&out, 8192);
    buf_init(&data, 8192);
    crypto_base64url(&data, json, strlen(json));
    crypto_hmac_sha256(SECRET, strlen(SECRET), data.data, data.len, mac);
    crypto_base64url(&out, mac, sizeof mac);
    buf_ch(&out, '.');
    buf_add(&out, data.data, data.len);
    buf_done(&data);
    assert_int_equal(buf_err(&out), ERR_OK);
    return out.data;
}

static void vector__is_read(void **state)
{
    (void)state;
    struct signed_request r;
    assert_int_equal(read_text(ISSUED + 5, SECRET, VECTOR, &r), ERR_OK);
    assert_string_equal(r.user_id, "218471");
    assert_int_equal(r.issued_ms, (int64_t)ISSUED * 1000);
}

static void signature__of_another_secret_is_refused(void **state)
{
    (void)state;
    struct signed_request r;
    char text[sizeof VECTOR];
    assert_int_equal(read_text(ISSUED, "app-secret-2", VECTOR, &r), ERR_FORBIDDEN);
    assert_int_equal(read_text(ISSUED, "", VECTOR, &r), ERR_FORBIDDEN);
    memcpy(text, VECTOR, sizeof text);
    text[60] = text[60] == 'a' ? 'b' : 'a'; /* what is said, changed after it was signed */
    assert_int_equal(read_text(ISSUED, SECRET, text, &r), ERR_FORBIDDEN);
    memcpy(text, VECTOR, sizeof text);
    text[3] ^= 1;
    assert_int_equal(read_text(ISSUED, SECRET, text, &r), ERR_FORBIDDEN);
}

static void shape__is_strict(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        ".",
        "a.b",
        "no dot",
        /* shorter than a signature, and padded */
        "fb0F.eyJ1c2VyX2lkIjoiMjE4NDcxIn0",
        "fb0FEpmY_zdy7r27aALZyLfeTCez--44fZvdKExVRtE=.eyJ1c2VyX2lkIjoiMjE4NDcxIn0",
        "fb0FEpmY/zdy7r27aALZyLfeTCez++44fZvdKExVRtE.eyJ1c2VyX2lkIjoiMjE4NDcxIn0",
    };
    struct signed_request r;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_not_equal(read_text(ISSUED, SECRET, bad[i], &r), ERR_OK);
    char huge[SIGNED_REQUEST_MAX + 2];
    memset(huge, 'A', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    memcpy(huge, VECTOR, 44);
    assert_int_equal(read_text(ISSUED, SECRET, huge, &r), ERR_INPUT);
}

static void fields__are_checked_after_the_signature(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum err e;
    } rows[] = {
        {"{\"user_id\":\"7\",\"algorithm\":\"HMAC-SHA256\",\"issued_at\":1291836800}", ERR_OK},
        {"{\"user_id\":\"7\",\"algorithm\":\"hmac-sha256\",\"issued_at\":1291836800,\"expires\":0}",
         ERR_OK},
        {"{\"user_id\":\"7\",\"algorithm\":\"none\",\"issued_at\":1291836800}", ERR_FORBIDDEN},
        {"{\"user_id\":\"7\",\"algorithm\":\"HMAC-SHA1\",\"issued_at\":1291836800}", ERR_FORBIDDEN},
        {"{\"user_id\":\"7\",\"issued_at\":1291836800}", ERR_INPUT},
        {"{\"user_id\":7,\"algorithm\":\"HMAC-SHA256\",\"issued_at\":1291836800}", ERR_INPUT},
        {"{\"user_id\":\"7/../8\",\"algorithm\":\"HMAC-SHA256\",\"issued_at\":1291836800}",
         ERR_INPUT},
        {"{\"user_id\":\"\",\"algorithm\":\"HMAC-SHA256\",\"issued_at\":1291836800}", ERR_INPUT},
        {"{\"user_id\":\"7\",\"algorithm\":\"HMAC-SHA256\"}", ERR_INPUT},
        {"{\"user_id\":\"7\",\"user_id\":\"8\",\"algorithm\":\"HMAC-SHA256\",\"issued_at\":"
         "1291836800}",
         ERR_INPUT},
        {"[]", ERR_INPUT},
        {"{", ERR_INPUT},
    };
    struct signed_request r;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(read_text(ISSUED + 1, SECRET, sign(rows[i].json), &r), rows[i].e);
    (void)sign("");
}

static void age__is_bounded(void **state)
{
    (void)state;
    struct signed_request r;
    const char *open =
        sign("{\"user_id\":\"7\",\"algorithm\":\"HMAC-SHA256\",\"issued_at\":1291836800}");
    assert_int_equal(read_text(ISSUED + SIGNED_AGE_MAX_S, SECRET, open, &r), ERR_OK);
    assert_int_equal(read_text(ISSUED + SIGNED_AGE_MAX_S + 1, SECRET, open, &r), ERR_FORBIDDEN);
    assert_int_equal(read_text(ISSUED - SIGNED_AHEAD_S, SECRET, open, &r), ERR_OK);
    assert_int_equal(read_text(ISSUED - SIGNED_AHEAD_S - 1, SECRET, open, &r), ERR_FORBIDDEN);
    assert_int_equal(read_text(EXPIRES - 1, SECRET, VECTOR, &r), ERR_OK);
    assert_int_equal(read_text(EXPIRES, SECRET, VECTOR, &r), ERR_FORBIDDEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vector__is_read),
        cmocka_unit_test(signature__of_another_secret_is_refused),
        cmocka_unit_test(shape__is_strict),
        cmocka_unit_test(fields__are_checked_after_the_signature),
        cmocka_unit_test(age__is_bounded),
    };
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
