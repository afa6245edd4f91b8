#include "base/test.h"

#include "base/crypto.h"
#include "notify/mail.h"

#include <stdlib.h>
#include <string.h>

static struct mail good(void)
{
    return (struct mail){.from = "Nightmarket 夜市 <shop@example.com>",
                         .to = "buyer@example.org",
                         .subject = "訂單 T261123-0001 已成立，謝謝你在小巷夜市購物，這是訂單明細",
                         .text = ".\r\n一行\n",
                         .html = "<p>一行</p>",
                         .lang = "zh-TW",
                         .stop_url = "https://shop.example/api/v1/notify/stop?t=abc",
                         .id = "1a.2b",
                         .at_ms = 1000};
}

static void write__makes_lines_that_every_server_takes(void **state)
{
    struct mail m = good();
    struct buf out;
    (void)state;
    buf_init(&out, MAIL_MAX);
    assert_int_equal(mail_write(&m, &out), ERR_OK);
    for (const char *s = out.data, *end; *s; s = end + 2) {
        end = strstr(s, "\r\n");
        assert_non_null(end);
        assert_true(end - s <= 78 || strncmp(s, "List-Unsubscribe", 16) == 0);
        assert_null(memchr(s, '\n', (size_t)(end - s)));
    }
    for (size_t i = 0; i < out.len; i++)
        assert_true((unsigned char)out.data[i] < 0x80);
    assert_non_null(strstr(out.data, "From: =?UTF-8?B?"));
    assert_non_null(strstr(out.data, " <shop@example.com>\r\n"));
    assert_non_null(strstr(out.data, "To: buyer@example.org\r\n"));
    assert_non_null(strstr(out.data, "Date: Thu, 01 Jan 1970 00:00:01 +0000\r\n"));
    assert_non_null(strstr(out.data, "Message-ID: <1a.2b@example.com>\r\n"));
    assert_non_null(strstr(out.data, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    buf_done(&out);
}

static void write__leaves_no_way_into_its_headers(void **state)
{
    static const char *const to[] = {
        "a@b.c\r\nBcc: x@y.z", "a@b.c, x@y.z", "a b@c.d", "@b.c", "a@", "a@b..c",
        "\"a\"@b.c",           "a@b.c>",       "-a@b.c",  "ä@b.c"};
    struct buf out;
    (void)state;
    buf_init(&out, MAIL_MAX);
    for (size_t i = 0; i < sizeof to / sizeof to[0]; i++) {
        struct mail m = good();
        m.to = to[i];
        if (mail_write(&m, &out) != ERR_INPUT)
            fail_msg("'%s'", to[i]);
    }
    struct mail subject = good(), from = good(), id = good(), stop = good();
    subject.subject = "x\nBcc: x@y.z";
    from.from = "A\r\nBcc: x@y.z <a@b.c>";
    id.id = "a>\r\nX: y";
    stop.stop_url = "https://a.b/>,<mailto:x@y.z";
    assert_int_equal(mail_write(&subject, &out), ERR_INPUT);
    assert_int_equal(mail_write(&from, &out), ERR_INPUT);
    assert_int_equal(mail_write(&id, &out), ERR_INPUT);
    assert_int_equal(mail_write(&stop, &out), ERR_INPUT);
    assert_int_equal(out.len, 0);
    buf_done(&out);
}

static void from__is_a_name_with_an_address_or_one_alone(void **state)
{
    char out[MAIL_ADDRESS_MAX + 1];
    (void)state;
    assert_int_equal(mail_from_address("a@b.c", out), ERR_OK);
    assert_string_equal(out, "a@b.c");
    assert_int_equal(mail_from_address("\"Night, market\" <a@b.c>", out), ERR_OK);
    assert_string_equal(out, "a@b.c");
    assert_int_equal(mail_from_address("Nobody", out), ERR_INPUT);
    assert_int_equal(mail_from_address("A <a@b.c> x", out), ERR_INPUT);
    assert_int_equal(mail_from_address("A <>", out), ERR_INPUT);
    assert_int_equal(mail_from_address("", out), ERR_INPUT);
}

static void url__is_of_an_smtp_server(void **state)
{
    static const char *const fine[] = {"smtp://mail.example", "smtps://u%40x:p@mail.example:465/",
                                       "smtp://127.0.0.1:2525", "smtp://[::1]:25",
                                       "smtps://me:p@ss@mail.example:465"};
    static const char *const not [] = {"",
                                       "mail.example",
                                       "http://mail.example",
                                       "smtp://",
                                       "smtp://mail.example/x",
                                       "smtp://a b",
                                       "smtp://me:x@",
                                       "smtp://:x@mail.example",
                                       "smtp://%zz@a",
                                       "smtp://a?b",
                                       "smtp://a:99999"};
    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        if (mail_check_url(fine[i]))
            fail_msg("'%s' is fine", fine[i]);
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++)
        if (mail_check_url(not [i]) != ERR_INPUT)
            fail_msg("'%s' is not", not [i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write__makes_lines_that_every_server_takes),
        cmocka_unit_test(write__leaves_no_way_into_its_headers),
        cmocka_unit_test(from__is_a_name_with_an_address_or_one_alone),
        cmocka_unit_test(url__is_of_an_smtp_server),
    };
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
