/* What a restart, a lack of memory or a refused broadcast leaves behind. */
#include "base/test.h"
#include "streamd/library/library_testkit.h"

#include <string.h>

static int setup(void **state)
{
    *state = libkit_make();
    return 0;
}

static int teardown(void **state)
{
    libkit_free(*state);
    return 0;
}

static const char AUTOMATIC[] = "{'meta':{'name':'Evening'},'recording':{'mode':'automatic'}}";

static void event__is_told_later_when_memory_is_short(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX];
    libkit_input(k, AUTOMATIC, uid, key);
    k->no_memory = 2;
    library_errored(k->l, uid, "ERR_GOP_OUT_OF_RANGE", "", "", "");
    libkit_settle(k);
    assert_int_equal(k->events_n, 0);
    libkit_later(k, 1000);
    assert_int_equal(k->events_n, 1);
    assert_string_equal(k->events[0], "live_input.errored ERR_GOP_OUT_OF_RANGE");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(event__is_told_later_when_memory_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
