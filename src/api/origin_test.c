#include "base/test.h"

#include "api/origin.h"

static void origin__is_the_public_urls_alone(void **state)
{
    (void)state;
    static const struct {
        const char *url, *origin;
        bool ours;
    } rows[] = {
        {"https://shop.example", "https://shop.example", true},
        {"https://shop.example:443", "https://SHOP.example", true},
        {"https://shop.example:8443", "https://shop.example:8443", true},
        {"https://shop.example", "http://shop.example", false},
        {"https://shop.example", "https://shop.example:8443", false},
        {"https://shop.example", "https://shop.example.evil.example", false},
        {"https://shop.example", "https://evil.example", false},
        {"https://shop.example", "null", false},
        {"https://shop.example", "", false},
        {"https://shop.example", "https://", false},
        {"https://shop.example", "https://shop.example/x", false},
        {"https://shop.example", "https://shop.example:", false},
        {"https://shop.example", "https://localhost", false},
        {"http://127.0.0.1:8080", "http://localhost:8080", true},
        {"http://127.0.0.1:8080", "http://[::1]:8080", true},
        {"http://192.168.1.5:8080", "http://127.0.0.1:8080", true},
        {"http://127.0.0.1:8080", "http://localhost:8081", false},
        {"http://127.0.0.1:8080", "http://evil.example:8080", false},
        {"http://[::1]:8080", "http://[::1", false},
        {"http://[::1]:8080", "http://[::1]8080", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(origin_is_ours(rows[i].url, rows[i].origin), rows[i].ours);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(origin__is_the_public_urls_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
