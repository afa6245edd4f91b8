#include "base/test.h"
#include "sandboxd/options.h"

#include <stdio.h>
#include <string.h>

static const char *listen_at, *public_url;

static const char *variable(const char *name)
{
    return strcmp(name, "SANDBOXD_LISTEN") == 0       ? listen_at
           : strcmp(name, "SANDBOXD_PUBLIC_URL") == 0 ? public_url
                                                      : NULL;
}

static enum err parse(struct cx *cx, struct options *o, const char *a, const char *b)
{
    char words[2][80] = {"", ""};
    (void)snprintf(words[0], sizeof words[0], "%s", a ? a : "");
    (void)snprintf(words[1], sizeof words[1], "%s", b ? b : "");
    char *argv[] = {words[0], words[0], words[1], NULL};
    return options_read(cx, 1 + (a != NULL) + (b != NULL), argv, variable, o);
}

static int fresh(void **state)
{
    (void)state;
    listen_at = public_url = NULL;
    return 0;
}

static void options__command_line_before_variable_before_default(void **state)
{
    (void)state;
    struct cx cx = {0};
    struct options o;
    assert_int_equal(parse(&cx, &o, NULL, NULL), ERR_OK);
    assert_string_equal(o.listen, "127.0.0.1:8790");
    listen_at = "127.0.0.1:1";
    assert_int_equal(parse(&cx, &o, NULL, NULL), ERR_OK);
    assert_string_equal(o.listen, "127.0.0.1:1");
    assert_int_equal(parse(&cx, &o, "--listen", "127.0.0.1:2"), ERR_OK);
    assert_string_equal(o.listen, "127.0.0.1:2");
    assert_int_equal(parse(&cx, &o, "--listen=[::1]:3", NULL), ERR_OK);
    assert_string_equal(o.listen, "[::1]:3");
    public_url = "https://pay.example.test/sandbox//";
    assert_int_equal(parse(&cx, &o, NULL, NULL), ERR_OK);
    assert_string_equal(o.public_url, "https://pay.example.test/sandbox");
}

static void options__refusals_name_what_is_wrong(void **state)
{
    static const struct {
        const char *a, *b, *url, *word;
    } rows[] = {
        {"--listen", NULL, NULL, "--help"},
        {"--listen", "8790", NULL, "--listen"},
        {"--listen", "localhost:8790", NULL, "--listen"},
        {"--port", "1", NULL, "--help"},
        {NULL, NULL, "ftp://x", "SANDBOXD_PUBLIC_URL"},
        {NULL, NULL, "http://x/?q", "SANDBOXD_PUBLIC_URL"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cx cx = {0};
        struct options o;
        public_url = rows[i].url;
        assert_int_equal(parse(&cx, &o, rows[i].a, rows[i].b), ERR_INPUT);
        assert_non_null(strstr(cx.problem, rows[i].word));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(options__command_line_before_variable_before_default, fresh),
        cmocka_unit_test_setup(options__refusals_name_what_is_wrong, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
