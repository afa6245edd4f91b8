#include "sandboxd/ecpay_clock.h"

#include "base/test.h"

static int64_t at(const char *text)
{
    int64_t ms = -1;
    assert_int_equal(taipei_parse(text, &ms), ERR_OK);
    return ms;
}

static void parse__reads_what_text_writes_and_nothing_else(void **state)
{
    static const char *const bad[] = {
        "2026/02/29 10:00:00", "2026-11-22 10:00:00", "2026/11/22 24:00:00",
        "2026/11/22 10:60:00", "2026/11/22 10:00:0",  "2026/11/22 10:00:000",
        "2026/11/22  1:00:00", "0000/00/00 00:00:00", ""};
    char text[TAIPEI_TEXT];
    int64_t ms = 7;
    (void)state;
    assert_int_equal(at("1970/01/01 08:00:00"), 0);
    taipei_text(at("2028/02/29 23:59:59"), text);
    assert_string_equal(text, "2028/02/29 23:59:59");
    taipei_dashes(at("2026/11/22 10:00:00"), text);
    assert_string_equal(text, "2026-11-22 10:00:00");
    taipei_digits(at("2026/11/02 10:00:09"), text);
    assert_string_equal(text, "20261102100009");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(taipei_parse(bad[i], &ms), ERR_INPUT);
    assert_int_equal(ms, 7);
}

static void next__is_today_or_tomorrow_in_taipei(void **state)
{
    (void)state;
    assert_int_equal(taipei_next(at("2026/11/22 20:14:59"), 20, 15), at("2026/11/22 20:15:00"));
    assert_int_equal(taipei_next(at("2026/11/22 20:15:00"), 20, 15), at("2026/11/22 20:15:00"));
    assert_int_equal(taipei_next(at("2026/11/22 20:15:01"), 20, 15), at("2026/11/23 20:15:00"));
    assert_int_equal(taipei_next(at("2026/11/22 00:00:01"), 20, 15), at("2026/11/22 20:15:00"));
}

static void day_end__and_period_follow_taipeis_calendar(void **state)
{
    (void)state;
    assert_int_equal(taipei_day_end(at("2026/11/22 00:00:00"), 1), at("2026/11/24 00:00:00") - 1);
    int november = taipei_period(at("2026/11/01 00:00:00"));
    assert_int_equal(taipei_period(at("2026/12/31 23:59:59")), november);
    assert_int_equal(taipei_period(at("2026/10/31 23:59:59")), november - 1);
    assert_int_equal(taipei_period(at("2027/01/01 00:00:00")), november + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__reads_what_text_writes_and_nothing_else),
        cmocka_unit_test(next__is_today_or_tomorrow_in_taipei),
        cmocka_unit_test(day_end__and_period_follow_taipeis_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
