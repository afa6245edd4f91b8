/* The signer against the vectors that AWS documents, and against vectors of our own. */
#include "base/crypto.h"
#include "base/test.h"
#include "cloud/s3_sign_in.h"

#include <string.h>

#define EMPTY_SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum { N_OF_FOUR = 4 };

/* "Examples: Signature Calculations", Amazon S3 API reference. 2013-05-24 00:00:00 UTC. */
static const int64_t example_ms = INT64_C(1369353600000);
static const struct s3_credentials example = {
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"};
#define EXAMPLE_HOST "examplebucket.s3.amazonaws.com"

static void is_signed(const struct s3_signed *ask, const char *want)
{
    char got[S3_SIGNATURE_TEXT];
    assert_int_equal(s3_signature(&example, ask, got), ERR_OK);
    assert_string_equal(got, want);
}

static void sign__a_get_with_a_range_as_documented(void **state)
{
    (void)state;
    const struct s3_pair headers[] = {{"host", EXAMPLE_HOST},
                                      {"range", "bytes=0-9"},
                                      {"x-amz-content-sha256", EMPTY_SHA},
                                      {"x-amz-date", "20130524T000000Z"}};
    is_signed(&(struct s3_signed){.method = "GET",
                                  .path = "/test.txt",
                                  .headers = headers,
                                  .header_n = N_OF_FOUR,
                                  .payload = EMPTY_SHA,
                                  .now_ms = example_ms},
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

static void sign__a_put_as_documented_whatever_the_order_of_headers(void **state)
{
    (void)state;
    static const char payload[] =
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    const struct s3_pair headers[] = {{"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                                      {"x-amz-date", "20130524T000000Z"},
                                      {"host", EXAMPLE_HOST},
                                      {"x-amz-content-sha256", payload},
                                      {"date", "  Fri, 24 May   2013 00:00:00 GMT "}};
    struct buf path;
    buf_init(&path, 100);
    s3_encode(&path, "/test$file.text", true);
    assert_string_equal(path.data, "/test%24file.text");
    is_signed(&(struct s3_signed){.method = "PUT",
                                  .path = path.data,
                                  .headers = headers,
                                  .header_n = 5,
                                  .payload = payload,
                                  .now_ms = example_ms},
              "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    buf_done(&path);
}

static void sign__queries_as_documented(void **state)
{
    (void)state;
    const struct s3_pair headers[] = {{"host", EXAMPLE_HOST},
                                      {"x-amz-content-sha256", EMPTY_SHA},
                                      {"x-amz-date", "20130524T000000Z"}};
    const struct s3_pair lifecycle[] = {{"lifecycle", ""}};
    const struct s3_pair list[] = {{"prefix", "J"}, {"max-keys", "2"}};
    struct s3_signed ask = {.method = "GET",
                            .path = "/",
                            .query = lifecycle,
                            .query_n = 1,
                            .headers = headers,
                            .header_n = 3,
                            .payload = EMPTY_SHA,
                            .now_ms = example_ms};
    is_signed(&ask, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    ask.query = list;
    ask.query_n = 2;
    is_signed(&ask, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

static void presign__as_documented(void **state)
{
    (void)state;
    const struct s3_pair headers[] = {{"host", EXAMPLE_HOST}};
    const struct s3_signed ask = {.method = "GET",
                                  .path = "/test.txt",
                                  .headers = headers,
                                  .header_n = 1,
                                  .now_ms = example_ms};
    struct buf url;
    buf_init(&url, S3_URL_MAX);
    buf_str(&url, "https://" EXAMPLE_HOST "/test.txt");
    assert_int_equal(s3_presign_query(&example, &ask, 86400, &url), ERR_OK);
    assert_string_equal(
        url.data,
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    buf_done(&url);
}

static void encode__every_byte_but_the_unreserved(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *path, *value;
    } rows[] = {
        {"a b", "a%20b", "a%20b"},
        {"a+b=(c)", "a%2Bb%3D%28c%29", "a%2Bb%3D%28c%29"},
        {"x/y", "x/y", "x%2Fy"},
        {"-_.~", "-_.~", "-_.~"},
        {"夜市", "%E5%A4%9C%E5%B8%82", "%E5%A4%9C%E5%B8%82"},
        {"ตลาด", "%E0%B8%95%E0%B8%A5%E0%B8%B2%E0%B8%94", "%E0%B8%95%E0%B8%A5%E0%B8%B2%E0%B8%94"},
        {"!*'&?#%\"", "%21%2A%27%26%3F%23%25%22", "%21%2A%27%26%3F%23%25%22"},
        {"\x7f", "%7F", "%7F"},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf path, value;
        buf_init(&path, 200);
        buf_init(&value, 200);
        s3_encode(&path, rows[i].plain, true);
        s3_encode(&value, rows[i].plain, false);
        assert_string_equal(path.data ? path.data : "", rows[i].path ? rows[i].path : "");
        assert_string_equal(value.data ? value.data : "", rows[i].value ? rows[i].value : "");
        buf_done(&path);
        buf_done(&value);
    }
}

/* By name, not by "name=value": '-' sorts before '='. */
static void query__sorts_by_encoded_name_then_value(void **state)
{
    (void)state;
    const struct s3_pair query[] = {{"b", "2"},  {"a-b", "x"}, {"uploads", ""},
                                    {"a", "10"}, {"a", "1+"},  {"Z", "é"}};
    struct buf out;
    buf_init(&out, 200);
    s3_query_text(&out, query, sizeof query / sizeof query[0]);
    assert_string_equal(out.data, "Z=%C3%A9&a=1%2B&a=10&a-b=x&b=2&uploads=");
    buf_done(&out);
}

static void query__of_too_many_fails(void **state)
{
    (void)state;
    struct s3_pair query[S3_PAIRS_MAX + 1];
    struct buf out;
    for (size_t i = 0; i <= S3_PAIRS_MAX; i++)
        query[i] = (struct s3_pair){"a", "b"};
    buf_init(&out, 2000);
    s3_query_text(&out, query, S3_PAIRS_MAX + 1);
    assert_true(out.failed);
    buf_done(&out);
}

static int set_up(void **state)
{
    (void)state;
    return crypto_init() == ERR_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign__a_get_with_a_range_as_documented),
        cmocka_unit_test(sign__a_put_as_documented_whatever_the_order_of_headers),
        cmocka_unit_test(sign__queries_as_documented),
        cmocka_unit_test(presign__as_documented),
        cmocka_unit_test(encode__every_byte_but_the_unreserved),
        cmocka_unit_test(query__sorts_by_encoded_name_then_value),
        cmocka_unit_test(query__of_too_many_fails),
    };
    return cmocka_run_group_tests_name("s3_sign", tests, set_up, NULL);
}
