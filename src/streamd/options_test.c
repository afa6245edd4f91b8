#include "streamd/options.h"

#include "base/test.h"

#include <string.h>

enum { VARIABLES_MAX = 8 };

static const char *names[VARIABLES_MAX], *values[VARIABLES_MAX];

static const char *variable(const char *name)
{
    for (size_t i = 0; i < VARIABLES_MAX && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return values[i];
    return NULL;
}

static void set(const char *name, const char *value)
{
    size_t i = 0;
    while (names[i] && strcmp(names[i], name) != 0)
        i++;
    names[i] = name;
    values[i] = value;
}

static int clean(void **state)
{
    (void)state;
    memset(names, 0, sizeof names);
    return 0;
}

static enum err read_words(struct cx *cx, struct options *o, char *one, char *two)
{
    char program[] = "streamd";
    char *argv[] = {program, one, two, NULL};
    return options_read(cx, one ? two ? 3 : 2 : 1, argv, variable, o);
}

static void refused(char *one, char *two, const char *why)
{
    struct cx cx = {0};
    struct options o;
    assert_int_equal(read_words(&cx, &o, one, two), ERR_INPUT);
    assert_string_equal(cx.problem, why);
}

static void defaults__need_nothing(void **state)
{
    struct cx cx = {0};
    struct options o;
    (void)state;
    assert_int_equal(read_words(&cx, &o, NULL, NULL), ERR_OK);
    assert_string_equal(o.listen, "127.0.0.1:8787");
    assert_string_equal(o.rtmp, "127.0.0.1:1935");
    assert_string_equal(o.rtmps, "127.0.0.1:1936");
    assert_int_equal(o.grace_s, 10);
    assert_false(o.refuse_second || o.status_as_text || o.http_tls || o.help || o.version);
}

static void flags__beat_variables(void **state)
{
    char flag[] = "--listen", value[] = "127.0.0.1:0", joined[] = "--rtmp=[::1]:1";
    struct cx cx = {0};
    struct options o;
    (void)state;
    set("STREAMD_LISTEN", "127.0.0.1:1");
    set("STREAMD_RTMP", "");
    assert_int_equal(read_words(&cx, &o, NULL, NULL), ERR_OK);
    assert_string_equal(o.listen, "127.0.0.1:1");
    assert_string_equal(o.rtmp, "127.0.0.1:1935");
    assert_int_equal(read_words(&cx, &o, flag, value), ERR_OK);
    assert_string_equal(o.listen, "127.0.0.1:0");
    assert_int_equal(read_words(&cx, &o, joined, NULL), ERR_OK);
    assert_string_equal(o.rtmp, "[::1]:1");
}

static void refusals__name_the_option_and_no_secret(void **state)
{
    char listen[] = "--listen", nowhere[] = "nowhere", token[] = "--token", bad[] = "se cret";
    char account[] = "--account", short_hex[] = "abc", typo[] = "--lisen=1", word[] = "serve";
    (void)state;
    refused(listen, nowhere, "--listen must be an address as 127.0.0.1:8787 or [::1]:8787");
    refused(listen, NULL, "--listen needs a value");
    refused(token, bad, "--token must be visible ASCII without spaces");
    refused(account, short_hex, "--account must be 32 lower-case hex digits");
    refused(typo, NULL, "unknown option --lisen; --help lists them");
    refused(word, NULL, "unexpected word on the command line; --help lists the options");
    set("STREAMD_RTMPS", "x");
    refused(NULL, NULL, "STREAMD_RTMPS must be an address as 127.0.0.1:8787 or [::1]:8787");
    set("STREAMD_RTMPS", NULL);
    set("STREAMD_TLS_CERT", "/x.pem");
    refused(NULL, NULL, "STREAMD_TLS_CERT is set but STREAMD_TLS_KEY is not");
    set("STREAMD_TLS_CERT", NULL);
    set("STREAMD_SECOND_PUBLISHER", "maybe");
    refused(NULL, NULL, "STREAMD_SECOND_PUBLISHER must be 'takeover' or 'refuse'");
    set("STREAMD_SECOND_PUBLISHER", NULL);
    set("STREAMD_PUBLIC_URL", "ftp://x");
    refused(NULL, NULL, "STREAMD_PUBLIC_URL must be a URL beginning with http://");
}

static void urls__are_made_whole(void **state)
{
    struct cx cx = {0};
    struct options o;
    (void)state;
    set("STREAMD_PUBLIC_URL", "https://live.example.com/");
    set("STREAMD_RTMPS_PUBLIC_URL", "rtmps://live.example.com:443");
    assert_int_equal(read_words(&cx, &o, NULL, NULL), ERR_OK);
    assert_string_equal(o.public_url, "https://live.example.com");
    assert_string_equal(o.rtmps_public_url, "rtmps://live.example.com:443/live/");
    set("STREAMD_RTMPS_PUBLIC_URL", "rtmps://live.example.com:443/live");
    assert_int_equal(read_words(&cx, &o, NULL, NULL), ERR_OK);
    assert_string_equal(o.rtmps_public_url, "rtmps://live.example.com:443/live/");
}

static void help__is_asked_for_whatever_else_is_wrong(void **state)
{
    char help[] = "--help", version[] = "--version";
    struct cx cx = {0};
    struct options o;
    (void)state;
    set("STREAMD_LISTEN", "x");
    assert_int_equal(read_words(&cx, &o, help, NULL), ERR_OK);
    assert_true(o.help);
    assert_int_equal(read_words(&cx, &o, version, NULL), ERR_OK);
    assert_true(o.version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(defaults__need_nothing, clean),
        cmocka_unit_test_setup(flags__beat_variables, clean),
        cmocka_unit_test_setup(refusals__name_the_option_and_no_secret, clean),
        cmocka_unit_test_setup(urls__are_made_whole, clean),
        cmocka_unit_test_setup(help__is_asked_for_whatever_else_is_wrong, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
