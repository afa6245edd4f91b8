#include "base/test.h"
#include "net/addr.h"

#include <string.h>

static void parse__reads_and_writes_both_families(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:8080",
                                       "[2001:db8::7]:65535"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct addr a;
        char text[ADDR_TEXT];
        assert_int_equal(addr_parse(good[i], &a), ERR_OK);
        addr_text_port(&a, text);
        assert_string_equal(text, good[i]);
    }
}

static void parse__refuses_the_rest(void **state)
{
    (void)state;
    static const char *const bad[] = {"",          "8080",        ":8080",      "localhost:80",
                                      "::1:80",    "[::1]",       "[::1]80",    "[127.0.0.1]:80",
                                      "1.2.3:80",  "1.2.3.4:",    "1.2.3.4:-1", "1.2.3.4:65536",
                                      "1.2.3.4:x", "[::1:80",     "[]:80",      "1.2.3.4 :80",
                                      "[::1]:80 ", "1.2.3.4:8 0", "]:80",       "[:80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct addr a;
        if (addr_parse(bad[i], &a) != ERR_INPUT)
            fail_msg("'%s'", bad[i]);
    }
}

static bool in(const struct cidrs *list, const char *ip)
{
    struct addr a;
    assert_int_equal(addr_parse_ip(ip, &a), ERR_OK);
    return cidrs_has(list, &a);
}

static void cidrs__hold_their_addresses(void **state)
{
    (void)state;
    struct cidrs list;
    assert_int_equal(cidrs_parse("10.0.0.0/8, 192.0.2.7 2001:db8::/33,::1", &list), ERR_OK);
    assert_int_equal(list.n, 4);
    assert_true(in(&list, "10.255.0.1"));
    assert_false(in(&list, "11.0.0.1"));
    assert_true(in(&list, "192.0.2.7"));
    assert_false(in(&list, "192.0.2.6"));
    assert_true(in(&list, "2001:db8:7fff::1"));
    assert_false(in(&list, "2001:db8:8000::1"));
    assert_true(in(&list, "::1"));
    assert_int_equal(cidrs_parse("", &list), ERR_OK);
    assert_false(in(&list, "::1"));
    assert_int_equal(cidrs_parse("0.0.0.0/0", &list), ERR_OK);
    assert_true(in(&list, "8.8.8.8"));
    assert_false(in(&list, "2001:db8::1"));
}

static void cidrs__refuse_nonsense(void **state)
{
    (void)state;
    struct cidrs list;
    static const char *const bad[] = {"10.0.0.0/33", "::/129",   "10/8",
                                      "x",           "1.2.3.4/", "1.2.3.4/a"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (cidrs_parse(bad[i], &list) != ERR_INPUT)
            fail_msg("'%s'", bad[i]);
}

static void loopback__is_known(void **state)
{
    (void)state;
    static const struct {
        const char *ip;
        bool loopback;
    } cases[] = {{"127.0.0.1", true},  {"127.9.9.9", true}, {"::1", true},
                 {"128.0.0.1", false}, {"::2", false},      {"::", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct addr a;
        assert_int_equal(addr_parse_ip(cases[i].ip, &a), ERR_OK);
        assert_int_equal(addr_is_loopback(&a), cases[i].loopback);
    }
}

static void public__is_the_internet_alone(void **state)
{
    (void)state;
    static const struct {
        const char *ip;
        bool yes;
    } cases[] = {{"8.8.8.8", true},
                 {"172.15.0.1", true},
                 {"172.32.0.1", true},
                 {"100.63.0.1", true},
                 {"2606:4700::1111", true},
                 {"0.0.0.0", false},
                 {"10.1.2.3", false},
                 {"100.64.0.1", false},
                 {"100.127.255.255", false},
                 {"127.0.0.1", false},
                 {"169.254.169.254", false},
                 {"172.16.0.1", false},
                 {"172.31.255.255", false},
                 {"192.0.0.192", false},
                 {"192.0.2.1", false},
                 {"192.168.1.1", false},
                 {"198.19.0.1", false},
                 {"203.0.113.9", false},
                 {"224.0.0.1", false},
                 {"255.255.255.255", false},
                 {"::", false},
                 {"::1", false},
                 {"::ffff:10.0.0.1", false},
                 {"::7f00:1", false},
                 {"64:ff9b::a00:1", false},
                 {"fe80::1", false},
                 {"fc00::1", false},
                 {"fd00:ec2::254", false},
                 {"ff02::1", false},
                 {"2001:db8::1", false},
                 {"2001:0:1::1", false},
                 {"2002:a00:1::", false},
                 {"3fff:fff::1", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct addr a;
        assert_int_equal(addr_parse_ip(cases[i].ip, &a), ERR_OK);
        if (addr_is_public(&a) != cases[i].yes)
            fail_msg("'%s'", cases[i].ip);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__reads_and_writes_both_families),
        cmocka_unit_test(parse__refuses_the_rest),
        cmocka_unit_test(cidrs__hold_their_addresses),
        cmocka_unit_test(cidrs__refuse_nonsense),
        cmocka_unit_test(loopback__is_known),
        cmocka_unit_test(public__is_the_internet_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
