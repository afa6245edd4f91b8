#include "base/es256.h"

#include "base/crypto.h"
#include "base/test.h"

#include <string.h>

/* RFC 7515 A.3 */
static const char PKCS8[] = "-----BEGIN PRIVATE KEY-----\n"
                            "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff\n"
                            "H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp\n"
                            "7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\n"
                            "-----END PRIVATE KEY-----\n";
static const char SEC1[] = "-----BEGIN EC PRIVATE KEY-----\n"
                           "MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49\n"
                           "AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b\n"
                           "focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
                           "-----END EC PRIVATE KEY-----\n";
static const char SIGNED[] = "eyJhbGciOiJFUzI1NiJ9."
                             "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlL"
                             "mNvbS9pc19yb290Ijp0cnVlfQ";
static const char SIGNATURE[] =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

static void es256__verifies_the_published_vector(void **state)
{
    (void)state;
    struct es256 *k;
    unsigned char sig[ES256_SIGNATURE], x[ES256_NUMBER], y[ES256_NUMBER];
    char text[44];
    size_t len;
    assert_int_equal(es256_read_pem(PKCS8, strlen(PKCS8), &k), ERR_OK);
    assert_int_equal(crypto_unbase64url(SIGNATURE, strlen(SIGNATURE), sig, sizeof sig, &len), 0);
    assert_int_equal(len, sizeof sig);
    assert_true(es256_verify(k, SIGNED, strlen(SIGNED), sig));
    sig[40] ^= 1;
    assert_false(es256_verify(k, SIGNED, strlen(SIGNED), sig));
    es256_public(k, x, y);
    crypto_base64url_text(x, sizeof x, text);
    assert_string_equal(text, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    crypto_base64url_text(y, sizeof y, text);
    assert_string_equal(text, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    es256_free(k);
}

static void es256__signs_what_its_public_half_verifies(void **state)
{
    (void)state;
    struct es256 *mine, *other, *again;
    unsigned char sig[ES256_SIGNATURE];
    assert_int_equal(es256_read_pem(SEC1, strlen(SEC1), &mine), ERR_OK);
    assert_int_equal(es256_read_pem(PKCS8, strlen(PKCS8), &again), ERR_OK);
    assert_int_equal(es256_make(&other), ERR_OK);
    for (int i = 0; i < 300; i++) { /* r or s with leading zeros come up about once in 128 */
        assert_int_equal(es256_sign(mine, &i, sizeof i, sig), ERR_OK);
        assert_true(es256_verify(again, &i, sizeof i, sig));
    }
    assert_false(es256_verify(other, "300", 3, sig));
    es256_free(mine);
    es256_free(other);
    es256_free(again);
}

static void es256__takes_no_other_key(void **state)
{
    (void)state;
    static const char p384[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDADDLBfSb3fxAyHJDCH\n"
                               "V2wad57iSVtNI0sjfHOA9QYFuJ7+vGj0s2ekFnx2gYiJ5qahZANiAAQCF+Kwsnpq\n"
                               "LXYllYsUqxS+aOen8Lqy3b6KzlgZXS40LRnRfaE+O6SWgOw4joT7w+MBNhBKs9sG\n"
                               "tNLGlug+4WpgyP48/Jqj2Zu5RkgKrpcAOL2uibo8AECDv3c7CJtzVDM=\n"
                               "-----END PRIVATE KEY-----\n";
    struct es256 *k = NULL;
    assert_int_equal(es256_read_pem(p384, strlen(p384), &k), ERR_INPUT);
    assert_int_equal(es256_read_pem("", 0, &k), ERR_INPUT);
    assert_int_equal(es256_read_pem("no key", 6, &k), ERR_INPUT);
    assert_int_equal(es256_read_pem(PKCS8, strlen(PKCS8) - 60, &k), ERR_INPUT);
    assert_null(k);
}

/* RFC 8291 appendix A: the keys of both ends, and what they share. */
static void raw__number_and_point_of_a_published_pair_agree(void **state)
{
    static const char as_private[] = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    static const char as_public[] = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWA"
                                    "mS6TlzAC8wEqKK6PBru3jl7A8";
    static const char ua_private[] = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
    unsigned char number[ES256_NUMBER], point[ES256_POINT], got[ES256_POINT], other[ES256_POINT];
    unsigned char one[ES256_NUMBER], two[ES256_NUMBER];
    struct es256 *as, *ua, *only;
    size_t n;
    (void)state;
    assert_int_equal(crypto_unbase64url(as_private, strlen(as_private), number, sizeof number, &n),
                     ERR_OK);
    assert_int_equal(es256_read_number(number, &as), ERR_OK);
    assert_int_equal(crypto_unbase64url(as_public, strlen(as_public), point, sizeof point, &n),
                     ERR_OK);
    es256_point(as, got);
    assert_memory_equal(got, point, sizeof point);
    assert_int_equal(es256_number(as, one), ERR_OK);
    assert_memory_equal(one, number, sizeof number);
    assert_int_equal(crypto_unbase64url(ua_private, strlen(ua_private), number, sizeof number, &n),
                     ERR_OK);
    assert_int_equal(es256_read_number(number, &ua), ERR_OK);
    es256_point(ua, other);
    assert_int_equal(es256_shared(as, other, one), ERR_OK);
    assert_int_equal(es256_shared(ua, point, two), ERR_OK);
    assert_memory_equal(one, two, sizeof one);
    unsigned char sig[ES256_SIGNATURE];
    assert_int_equal(es256_sign(as, "x", 1, sig), ERR_OK);
    assert_int_equal(es256_read_point(point, &only), ERR_OK);
    assert_true(es256_verify(only, "x", 1, sig));
    assert_false(es256_verify(only, "y", 1, sig));
    es256_free(only);
    es256_free(ua);
    es256_free(as);
}

static void raw__what_is_no_key_is_refused(void **state)
{
    unsigned char zero[ES256_NUMBER] = {0}, point[ES256_POINT] = {4, 1};
    unsigned char all[ES256_NUMBER], out[ES256_NUMBER];
    struct es256 *k = NULL;
    (void)state;
    memset(all, 0xff, sizeof all);
    assert_int_equal(es256_read_number(zero, &k), ERR_INPUT);
    assert_int_equal(es256_read_number(all, &k), ERR_INPUT);
    assert_int_equal(es256_read_point(point, &k), ERR_INPUT);
    assert_int_equal(es256_make(&k), ERR_OK);
    assert_int_equal(es256_shared(k, point, out), ERR_INPUT);
    es256_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw__number_and_point_of_a_published_pair_agree),
        cmocka_unit_test(raw__what_is_no_key_is_refused),
        cmocka_unit_test(es256__verifies_the_published_vector),
        cmocka_unit_test(es256__signs_what_its_public_half_verifies),
        cmocka_unit_test(es256__takes_no_other_key),
    };
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
