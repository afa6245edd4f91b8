#include "base/test.h"

#include "base/arena.h"
#include "login/discovery_in.h"

#include <stdio.h>
#include <string.h>

#define ISSUER "https://id.test"
#define TAIL                                                                                     \
    "\"authorization_endpoint\":\"https://id.test/a\",\"token_endpoint\":\"https://id.test/t\"," \
    "\"jwks_uri\":\"https://id.test/k\"}"

static enum err read_as(const struct provider *p, const char *text, struct discovery *d)
{
    struct cx cx = {.arena = NULL};
    return discovery_read(&cx, p, text, strlen(text), d);
}

static struct provider generic(const char *issuer)
{
    struct provider p = {.name = "id"};
    provider_generic(&p, issuer, ID_RS256);
    return p;
}

static void document__is_taken_of_the_same_issuer_alone(void **state)
{
    struct provider p = generic(ISSUER);
    struct discovery d;
    (void)state;
    assert_int_equal(read_as(&p, "{\"issuer\":\"https://id.test\"," TAIL, &d), ERR_OK);
    assert_string_equal(d.token, "https://id.test/t");
    assert_string_equal(d.userinfo, "");
    assert_true(d.auth_basic && !d.auth_post && !d.says_iss);
    static const char *const bad[] = {
        "{\"issuer\":\"https://id.test/\"," TAIL,
        "{\"issuer\":\"https://ID.test\"," TAIL,
        "{\"issuer\":7," TAIL,
        "{" TAIL,
        "[]",
        "",
        "{\"issuer\":\"https://id.test\",\"issuer\":\"https://id.test\"," TAIL,
        "{\"issuer\":\"https://id.test\",\"token_endpoint\":\"https://id.test/t\"}",
    };
    for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++)
        assert_int_equal(read_as(&p, bad[n], &d), ERR_INPUT);
}

static void document__says_how_to_say_who_we_are(void **state)
{
    struct provider p = generic(ISSUER);
    struct discovery d;
    (void)state;
    assert_int_equal(read_as(&p,
                             "{\"issuer\":\"https://id.test\",\"token_endpoint_auth_methods_"
                             "supported\":[\"client_secret_post\",7],"
                             "\"authorization_response_iss_parameter_supported\":true," TAIL,
                             &d),
                     ERR_OK);
    assert_true(d.auth_post && !d.auth_basic && d.says_iss);
}

static void document__may_name_more_that_we_do_without(void **state)
{
    struct provider p = {.name = ""};
    struct discovery d;
    (void)state;
    assert_true(provider_preset(&p, "apple", NULL));
    assert_int_equal(read_as(&p,
                             "{\"issuer\":\"https://appleid.apple.com\","
                             "\"authorization_endpoint\":\"https://appleid.apple.com/a\","
                             "\"token_endpoint\":\"https://appleid.apple.com/t\","
                             "\"jwks_uri\":\"https://appleid.apple.com/k\","
                             "\"userinfo_endpoint\":\"https://elsewhere.test/u\","
                             "\"revocation_endpoint\":\"https://appleid.apple.com/r\"}",
                             &d),
                     ERR_OK);
    assert_string_equal(d.userinfo, "");
    assert_string_equal(d.revocation, "https://appleid.apple.com/r");
}

static bool may(const char *issuer, const char *hosts, const char *url)
{
    struct provider p = generic(issuer);
    (void)snprintf(p.hosts, sizeof p.hosts, "%s", hosts);
    return provider_may_call(&p, url);
}

static void endpoints__are_where_the_providers_may_be(void **state)
{
    static const char line[] = "access.line.me,api.line.me";
    (void)state;
    assert_true(may("https://access.line.me", line, "https://api.line.me/oauth2/v2.1/token"));
    assert_true(may("https://access.line.me", line, "https://API.line.me/x?y=1"));
    assert_false(may("https://access.line.me", line, "https://line.me/x"));
    assert_false(may("https://access.line.me", line, "https://api.line.me.evil.test/x"));
    assert_false(may("https://access.line.me", line, "https://api.line.me@evil.test/x"));
    assert_false(may("https://access.line.me", line, "https://evil.test/?api.line.me"));
    assert_false(may("https://access.line.me", line, "https://api.line.me:8443/x"));
    assert_false(may("https://access.line.me", line, "http://api.line.me/x"));
    assert_true(may(ISSUER, "", "https://other.test/x"));
    assert_false(may(ISSUER, "", "http://127.0.0.1/x")); /* not from a real one to this machine */
    assert_false(may(ISSUER, "", "http://id.test/x"));
    assert_false(may(ISSUER, "", "file:///etc/passwd"));
    assert_false(may(ISSUER, "", "https:///x"));
    assert_false(may(ISSUER, "", "https://id.test/a b"));
    assert_false(may(ISSUER, "", "https://id.test/\n"));
    assert_false(may(ISSUER, "", "https://id.test/#x"));
    assert_true(may("http://127.0.0.1:7000", "", "http://127.0.0.1:7001/x"));
    assert_true(may("http://127.0.0.1:7000", "", "http://localhost/x"));
    assert_true(may("http://192.168.1.5:8090/line", "", "http://192.168.1.5:8090/line/token"));
    assert_false(may("http://192.168.1.5:8090/line", "", "http://192.168.1.6:8090/line/token"));
}

static void fresh__is_what_they_say_within_bounds(void **state)
{
    (void)state;
    assert_int_equal(fresh_for_ms(""), 300000);
    assert_int_equal(fresh_for_ms("public, max-age=3600, must-revalidate"), 3600000);
    assert_int_equal(fresh_for_ms("MAX-AGE=600"), 600000);
    assert_int_equal(fresh_for_ms("max-age=1"), 300000);
    assert_int_equal(fresh_for_ms("max-age=999999999999999999999"), 86400000);
    assert_int_equal(fresh_for_ms("max-age=3600, no-store"), 300000);
    assert_int_equal(fresh_for_ms("s-maxage=3600"), 300000);
    assert_int_equal(fresh_for_ms("max-age=x"), 300000);
}

static void presets__are_the_four(void **state)
{
    struct provider p = {.name = ""};
    (void)state;
    assert_true(provider_preset(&p, "google", ""));
    assert_string_equal(p.issuer, "https://accounts.google.com");
    assert_string_equal(p.also_issuer, "accounts.google.com");
    assert_true(provider_preset(&p, "google", "http://127.0.0.1:1"));
    assert_string_equal(p.also_issuer, "");
    assert_string_equal(p.hosts, "");
    assert_true(provider_preset(&p, "apple", NULL));
    assert_true(p.form_post);
    assert_false(provider_preset(&p, "github", NULL));
    assert_true(provider_name_ok("my_company-2"));
    static const char *const bad[] = {"", "A", "1a", "a.b", "a/b", "email", "guest", "é"};
    for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++)
        assert_false(provider_name_ok(bad[n]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document__is_taken_of_the_same_issuer_alone),
        cmocka_unit_test(document__says_how_to_say_who_we_are),
        cmocka_unit_test(document__may_name_more_that_we_do_without),
        cmocka_unit_test(endpoints__are_where_the_providers_may_be),
        cmocka_unit_test(fresh__is_what_they_say_within_bounds),
        cmocka_unit_test(presets__are_the_four),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
