/* A bucket that is unwell, lies, or does not like us. What works is tested on a real one. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "cloud/s3.h"
#include "net/client.h"
#include "net/net_testkit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECRET "very-secret-key-0123456789"

static struct kit kit;
static atomic_int asked, unwell; /* requests so far; how many are to fail */
static atomic_int unwell_status;
static const char *body;

static void answer(struct http_req *req)
{
    atomic_fetch_add(&asked, 1);
    if (atomic_load(&unwell) > 0) {
        atomic_fetch_sub(&unwell, 1);
        http_send_text(req, atomic_load(&unwell_status), "application/xml",
                       "<Error><Code>InternalError</Code><Message>" SECRET "</Message></Error>");
        return;
    }
    http_add(req, "ETag", "\"e\"");
    http_send_text(req, 200, "application/xml", body);
}

static void refuse(struct http_req *req)
{
    atomic_fetch_add(&asked, 1);
    http_send_text(req, 403, "application/xml", body);
}

static const struct http_route routes[] = {
    {"GET", "/base/bucket/{key...}", HTTP_ON_LOOP, answer, 0, false, NULL},
    {"GET", "/base/bucket", HTTP_ON_LOOP, answer, 0, false, NULL},
    {"PUT", "/base/bucket/{key...}", HTTP_ON_LOOP, answer, 1 << 20, false, NULL},
    {"POST", "/base/bucket/{key...}", HTTP_ON_LOOP, answer, 1 << 20, false, NULL},
    {"GET", "/base/refusing/{key...}", HTTP_ON_LOOP, refuse, 0, false, NULL},
    {0}};

struct desk {
    struct s3 *s3;
    struct cx cx;
};

static struct s3 *connect_to(struct cx *cx, const char *bucket)
{
    char at[ADDR_TEXT], endpoint[ADDR_TEXT + 20];
    struct s3 *s3 = NULL;
    addr_text_port(&kit.addr, at);
    (void)snprintf(endpoint, sizeof endpoint, "http://%s/base/", at);
    const struct s3_setup setup = {.endpoint = endpoint,
                                   .bucket = bucket,
                                   .access_key = "AK",
                                   .secret_key = SECRET,
                                   .tries = 3};
    assert_int_equal(s3_make(cx, &setup, &s3), ERR_OK);
    return s3;
}

static int set_up(void **state)
{
    struct desk *d = calloc(1, sizeof *d);
    assert_int_equal(crypto_init(), ERR_OK);
    assert_int_equal(client_init(), ERR_OK);
    kit_start(&kit, (struct http_server_opts){.routes = routes});
    d->cx = (struct cx){.arena = arena_make(4 << 20), .now_ms = INT64_C(1800000000000)};
    d->s3 = connect_to(&d->cx, "bucket");
    atomic_store(&asked, 0);
    atomic_store(&unwell, 0);
    body = "";
    *state = d;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *d = *state;
    client_thread_done();
    s3_free(d->s3);
    arena_free(d->cx.arena);
    kit_stop(&kit);
    free(d);
    return 0;
}

static enum err put_text(struct desk *d, const char *key)
{
    const struct s3_put put = {.key = key, .body = {.data = "hello", .len = 5}};
    return s3_put(d->s3, &d->cx, &put, NULL);
}

static void call__is_tried_again_when_the_bucket_is_unwell(void **state)
{
    static const int statuses[] = {429, 500, 503};
    struct desk *d = *state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        atomic_store(&asked, 0);
        atomic_store(&unwell, 1);
        atomic_store(&unwell_status, statuses[i]);
        assert_int_equal(put_text(d, "k"), ERR_OK);
        assert_int_equal(atomic_load(&asked), 2);
        assert_string_equal(d->cx.problem, "");
    }
}

static void call__ends_after_its_tries(void **state)
{
    struct desk *d = *state;
    atomic_store(&unwell, 100);
    atomic_store(&unwell_status, 503);
    assert_int_equal(put_text(d, "k"), ERR_UPSTREAM);
    assert_int_equal(atomic_load(&asked), 3);
}

static void call__is_not_repeated_for_what_stays_wrong(void **state)
{
    struct desk *d = *state;
    atomic_store(&unwell, 1);
    atomic_store(&unwell_status, 400);
    assert_int_equal(put_text(d, "k"), ERR_UPSTREAM);
    assert_int_equal(atomic_load(&asked), 1);
}

static void call__after_the_end_does_not_leave(void **state)
{
    struct desk *d = *state;
    s3_end(d->s3);
    assert_int_equal(put_text(d, "k"), ERR_BUSY);
    assert_int_equal(atomic_load(&asked), 0);
}

static void refusal__of_our_clock_says_how_far_it_is_off(void **state)
{
    struct desk *d = *state;
    struct s3 *other = connect_to(&d->cx, "refusing");
    struct buf out;
    body = "<Error><Code>RequestTimeTooSkewed</Code><Message>no</Message></Error>";
    buf_init(&out, 100);
    assert_int_equal(s3_get(other, &d->cx, "k", 0, 0, &out), ERR_FORBIDDEN);
    assert_non_null(strstr(d->cx.problem, "our clock"));
    s3_free(other);
    buf_done(&out);
}

static void refusal__shows_neither_secret_nor_what_is_not_text(void **state)
{
    struct desk *d = *state;
    struct s3 *other = connect_to(&d->cx, "refusing");
    struct buf out;
    body = "<Error><Code>SignatureDoesNotMatch</Code><Message>a\nb&#7;c</Message>"
           "<StringToSign>x</StringToSign></Error>";
    buf_init(&out, 100);
    assert_int_equal(s3_get(other, &d->cx, "k", 0, 0, &out), ERR_FORBIDDEN);
    assert_string_equal(d->cx.problem, "the bucket answered 403 SignatureDoesNotMatch: abc");
    s3_free(other);
    buf_done(&out);
}

static void get__larger_than_asked_for_is_refused(void **state)
{
    struct desk *d = *state;
    struct buf out;
    uint64_t len = 0;
    FILE *f = tmpfile();
    assert_non_null(f);
    body = "0123456789";
    buf_init(&out, 9);
    assert_int_equal(s3_get(d->s3, &d->cx, "k", 0, 0, &out), ERR_TOO_LARGE);
    buf_done(&out);
    assert_int_equal(s3_get_file(d->s3, &d->cx, "k", fileno(f), 9, &len), ERR_TOO_LARGE);
    assert_int_equal(s3_get_file(d->s3, &d->cx, "k", fileno(f), 10, &len), ERR_OK);
    assert_int_equal(len, 10);
    (void)fclose(f);
}

static void list__that_cannot_be_read_is_the_buckets_fault(void **state)
{
    static const char *const bad[] = {
        "",
        "not xml",
        "<ListBucketResult>",
        "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Key>k</Key><Size>-1</Size></Contents></ListBucketResult>",
        "<!DOCTYPE x><ListBucketResult></ListBucketResult>"};
    struct desk *d = *state;
    struct s3_page p;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        body = bad[i];
        assert_int_equal(s3_list(d->s3, &d->cx, "", NULL, 10, &p), ERR_UPSTREAM);
    }
}

static void list__decodes_what_was_encoded_and_only_that(void **state)
{
    struct desk *d = *state;
    struct s3_page p;
    body = "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a%20b+c%2B</Key>"
           "<Size>7</Size></Contents></ListBucketResult>";
    assert_int_equal(s3_list(d->s3, &d->cx, "", NULL, 10, &p), ERR_OK);
    assert_string_equal(p.items[0].key, "a b c+");
    body = "<ListBucketResult><Contents><Key>a%20b+</Key><Size>7</Size></Contents>"
           "</ListBucketResult>";
    assert_int_equal(s3_list(d->s3, &d->cx, "", NULL, 10, &p), ERR_OK);
    assert_string_equal(p.items[0].key, "a%20b+");
    assert_null(p.next);
}

/* S3 answers 200 before it knows. */
static void multipart__end_that_failed_late_is_no_success(void **state)
{
    struct desk *d = *state;
    const struct s3_part part = {"\"e\""};
    body = "<Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>";
    assert_int_equal(s3_multipart_end(d->s3, &d->cx, "k", "u", &part, 1), ERR_NOT_FOUND);
    body = "<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>";
    assert_int_equal(s3_multipart_end(d->s3, &d->cx, "k", "u", &part, 1), ERR_OK);
}

static void multipart__begin_needs_an_upload_id(void **state)
{
    struct desk *d = *state;
    char upload[S3_UPLOAD_MAX];
    body = "<InitiateMultipartUploadResult><Key>k</Key></InitiateMultipartUploadResult>";
    assert_int_equal(s3_multipart_begin(d->s3, &d->cx, "k", NULL, upload), ERR_UPSTREAM);
    body = "<InitiateMultipartUploadResult><UploadId>u&amp;1</UploadId>"
           "</InitiateMultipartUploadResult>";
    assert_int_equal(s3_multipart_begin(d->s3, &d->cx, "k", NULL, upload), ERR_OK);
    assert_string_equal(upload, "u&1");
}

static void key__that_a_path_could_be_lost_in_is_refused(void **state)
{
    static const char *const bad[] = {"",     "/a",   "..",   "a/../b", "./a",
                                      "a\nb", "\x7f", "\xff", "a/."};
    static const char *const good[] = {"a", "a/b", "a..b", "..a/b..", "夜市", "a//b"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(s3_key_ok(bad[i]));
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(s3_key_ok(good[i]));
}

static void make__refuses_what_cannot_be_a_bucket(void **state)
{
    static const struct s3_setup bad[] = {
        {.endpoint = "ftp://h", .bucket = "bucket", .access_key = "a", .secret_key = "s"},
        {.endpoint = "https://u@h", .bucket = "bucket", .access_key = "a", .secret_key = "s"},
        {.endpoint = "https://h/?q", .bucket = "bucket", .access_key = "a", .secret_key = "s"},
        {.endpoint = "https://h", .bucket = "B", .access_key = "a", .secret_key = "s"},
        {.endpoint = "https://h", .bucket = "one/two", .access_key = "a", .secret_key = "s"},
        {.endpoint = "https://h", .bucket = "bucket", .access_key = "", .secret_key = "s"},
        {.endpoint = "https://h", .bucket = "bucket", .access_key = "a", .secret_key = "s s"}};
    struct desk *d = *state;
    struct s3 *s3;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(s3_make(&d->cx, &bad[i], &s3), ERR_INPUT);
    const struct s3_setup own_port = {
        .endpoint = "https://h:443/p/", .bucket = "bucket", .access_key = "a", .secret_key = "s"};
    assert_int_equal(s3_make(&d->cx, &own_port, &s3), ERR_OK);
    assert_string_equal(s3_origin(s3), "https://h");
    s3_free(s3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        T(call__is_tried_again_when_the_bucket_is_unwell),
        T(call__ends_after_its_tries),
        T(call__is_not_repeated_for_what_stays_wrong),
        T(call__after_the_end_does_not_leave),
        T(refusal__of_our_clock_says_how_far_it_is_off),
        T(refusal__shows_neither_secret_nor_what_is_not_text),
        T(get__larger_than_asked_for_is_refused),
        T(list__that_cannot_be_read_is_the_buckets_fault),
        T(list__decodes_what_was_encoded_and_only_that),
        T(multipart__end_that_failed_late_is_no_success),
        T(multipart__begin_needs_an_upload_id),
        T(key__that_a_path_could_be_lost_in_is_refused),
        T(make__refuses_what_cannot_be_a_bucket),
#undef T
    };
    return cmocka_run_group_tests_name("s3", tests, NULL, NULL);
}
