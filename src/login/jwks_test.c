#include "base/test.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "login/jwks_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 7517 appendix A.1: its EC and its RSA key. */
#define RFC_X "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
#define RFC_Y "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
#define RFC_N                                                                                 \
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_" \
    "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0" \
    "_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWh" \
    "AI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
#define EC  "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC_X "\",\"y\":\"" RFC_Y "\""
#define RSA "{\"kty\":\"RSA\",\"n\":\"" RFC_N "\",\"e\":\"AQAB\""

static struct jwks *read_set(const char *text)
{
    struct cx cx = {.arena = NULL};
    struct jwks *set = NULL;
    assert_int_equal(jwks_read(&cx, text, strlen(text), &set), ERR_OK);
    return set;
}

static size_t usable(const char *key)
{
    char text[2048];
    (void)snprintf(text, sizeof text, "{\"keys\":[%s]}", key);
    struct jwks *set = read_set(text);
    size_t n = set->n;
    free(set);
    return n;
}

static void set__keeps_what_we_can_use(void **state)
{
    (void)state;
    assert_int_equal(usable(EC "}"), 1);
    assert_int_equal(usable(RSA "}"), 1);
    assert_int_equal(usable(RSA ",\"use\":\"sig\",\"alg\":\"RS256\",\"key_ops\":[\"verify\"]}"), 1);
    assert_int_equal(usable(RSA ",\"use\":\"enc\"}"), 0);
    assert_int_equal(usable(RSA ",\"alg\":\"RS512\"}"), 0);
    assert_int_equal(usable(RSA ",\"alg\":\"HS256\"}"), 0);
    assert_int_equal(usable(RSA ",\"key_ops\":[\"encrypt\"]}"), 0);
    assert_int_equal(usable(RSA ",\"kid\":7}"), 0);
    assert_int_equal(usable("{\"kty\":\"oct\",\"k\":\"AAAA\"}"), 0);
    assert_int_equal(usable("{\"kty\":\"RSA\",\"n\":\"" RFC_N "\",\"e\":\"AQ\"}"), 0); /* 1 */
    assert_int_equal(usable("{\"kty\":\"RSA\",\"n\":\"" RFC_N "\",\"e\":\"Ag\"}"), 0); /* 2 */
    assert_int_equal(usable("{\"kty\":\"RSA\",\"n\":\"" RFC_N "=\",\"e\":\"AQAB\"}"), 0);
    assert_int_equal(usable("{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}"), 0); /* short */
    assert_int_equal(
        usable("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" RFC_X "\",\"y\":\"" RFC_Y "\"}"), 0);
    assert_int_equal(
        usable("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"" RFC_Y "\"}"), 0);
    assert_int_equal(usable("7,null,{},\"x\"," EC "}"), 1);
}

static void set__is_not_read_from_anything_else(void **state)
{
    static const char *const bad[] = {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}"};
    struct cx cx = {.arena = NULL};
    struct jwks *set;
    (void)state;
    for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++)
        assert_int_equal(jwks_read(&cx, bad[n], strlen(bad[n]), &set), ERR_INPUT);
}

static void find__by_id_or_the_only_one_of_its_kind(void **state)
{
    (void)state;
    struct jwks *set = read_set("{\"keys\":[" EC ",\"kid\":\"a\"}," RSA ",\"kid\":\"a\"}," RSA
                                ",\"kid\":\"b\"}]}");
    assert_int_equal(set->n, 3);
    assert_ptr_equal(jwks_find(set, ID_RS256, "b"), &set->key[2]);
    assert_ptr_equal(jwks_find(set, ID_RS256, "a"), &set->key[1]); /* not the EC key of that id */
    assert_ptr_equal(jwks_find(set, ID_ES256, "a"), &set->key[0]);
    assert_ptr_equal(jwks_find(set, ID_ES256, NULL), &set->key[0]);
    assert_null(jwks_find(set, ID_RS256, NULL)); /* which of the two? */
    assert_null(jwks_find(set, ID_RS256, "c"));
    free(set);
}

static void set__has_an_end(void **state)
{
    char *text = calloc(1, 1 << 16);
    size_t n = 0;
    (void)state;
    n += (size_t)snprintf(text, 1 << 16, "{\"keys\":[");
    for (int i = 0; i < 40; i++)
        n += (size_t)snprintf(text + n, (1 << 16) - n, "%s" EC "}", i ? "," : "");
    (void)snprintf(text + n, (1 << 16) - n, "]}");
    struct jwks *set = read_set(text);
    assert_int_equal(set->n, JWKS_KEYS_MAX);
    free(set);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set__keeps_what_we_can_use),
        cmocka_unit_test(set__is_not_read_from_anything_else),
        cmocka_unit_test(find__by_id_or_the_only_one_of_its_kind),
        cmocka_unit_test(set__has_an_end),
    };
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
