#include "base/csv.h"
#include "base/test.h"

static void csv__no_cell_is_a_formula(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    csv_begin(&b);
    csv_text(&b, "=1+1");
    csv_text(&b, "say \"hi\", twice");
    csv_i64(&b, -5);
    csv_money(&b, 65001, "THB");
    csv_money(&b, 590, "TWD");
    csv_row_end(&b);
    csv_text(&b, "@x");
    csv_text(&b, "＝1＋1");
    csv_row_end(&b);
    assert_string_equal(b.data, "\xEF\xBB\xBF\"'=1+1\",\"say \"\"hi\"\", twice\",-5,650.01,590\r\n"
                                "\"'@x\",\"'＝1＋1\"\r\n");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv__no_cell_is_a_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
