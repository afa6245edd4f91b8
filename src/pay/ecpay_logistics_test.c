/* The words of store pick-up, its pages, and what is read of ECPay and of strangers. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "pay/ecpay_logistics.h"

#include <stdlib.h>
#include <string.h>

static const struct ecpay_service b2c = {{"2000132", "5294y06JbISpM5x9", "v77hoKGq4kWxNNIS"},
                                         "https://logistics.test"};

static int set_up(void **state)
{
    struct cx *cx = calloc(1, sizeof *cx);
    assert_int_equal(crypto_init(), ERR_OK);
    cx->arena = arena_make(1 << 20);
    cx->now_ms = 1795330000123;
    *state = cx;
    return 0;
}

static int tear_down(void **state)
{
    struct cx *cx = *state;
    arena_free(cx->arena);
    free(cx);
    return 0;
}

static void chain__is_known_by_our_word_and_by_theirs(void **state)
{
    (void)state;
    assert_string_equal(ecpay_chain("711"), "711");
    assert_string_equal(ecpay_chain("unimart"), "711");
    assert_string_equal(ecpay_chain("FAMIC2C"), "family");
    assert_string_equal(ecpay_chain("okmart"), "ok");
    assert_null(ecpay_chain("tcat"));
    assert_string_equal(ecpay_sub_type("hilife", false), "HILIFE");
    assert_string_equal(ecpay_sub_type("711", true), "UNIMARTC2C");
    assert_null(ecpay_sub_type("ok", false)); /* by C2C alone */
}

/* ECPay's own table, not the quick ones of others that call 3024 "collected". */
static void way__is_what_the_official_table_says(void **state)
{
    (void)state;
    static const struct {
        int64_t code;
        enum ecpay_way way;
    } table[] = {{300, WAY_NONE},       {2030, WAY_SHIPPED},  {3024, WAY_SHIPPED},
                 {3032, WAY_SHIPPED},   {2068, WAY_SHIPPED},  {2063, WAY_AT_STORE},
                 {2073, WAY_AT_STORE},  {3018, WAY_AT_STORE}, {2067, WAY_COLLECTED},
                 {3022, WAY_COLLECTED}, {2074, WAY_RETURNED}, {3020, WAY_RETURNED},
                 {7101, WAY_CLOSED},    {2037, WAY_CLOSED},   {7011, WAY_CLOSED},
                 {4001, WAY_NONE},      {5005, WAY_NONE},     {2031, WAY_NONE},
                 {2042, WAY_NONE},      {2070, WAY_NONE},     {99999, WAY_NONE}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_int_equal(ecpay_way_of(table[i].code), table[i].way);
}

static void person__has_what_a_label_may_have(void **state)
{
    char out[ECPAY_NAME];
    (void)state;
    assert_int_equal(ecpay_person("王小明", out), ERR_OK);
    assert_string_equal(out, "王小明");
    assert_int_equal(ecpay_person("  王 小明3號! ", out), ERR_OK);
    assert_string_equal(out, "王 小明號");
    assert_int_equal(ecpay_person("歐陽上官司馬", out), ERR_OK);
    assert_string_equal(out, "歐陽上官司"); /* ten units */
    assert_int_equal(ecpay_person("Somchai Jaidee", out), ERR_OK);
    assert_string_equal(out, "Somchai Ja");
    assert_int_equal(ecpay_person("王", out), ERR_INPUT);
    assert_int_equal(ecpay_person("12345678", out), ERR_INPUT);
    assert_int_equal(ecpay_person("＠＃！", out), ERR_INPUT);
    assert_int_equal(ecpay_person("\xff\xfe", out), ERR_INPUT);
}

static void goods__have_none_of_the_signs_that_are_refused(void **state)
{
    char out[ECPAY_GOODS], long_text[400];
    (void)state;
    ecpay_goods("Tom's^`!@#%&*+\\\"<>|_[] 杯\n子", out);
    assert_string_equal(out, "Toms 杯子");
    ecpay_goods("<>|", out);
    assert_string_equal(out, "商品");
    for (size_t i = 0; i < 100; i++)
        memcpy(long_text + 3 * i, "杯", 4);
    ecpay_goods(long_text, out);
    assert_int_equal(strlen(out), 25 * 3); /* fifty units, and no half character */
}

static const char *page_field(const struct ecpay_page *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->fields[i].name, name) == 0)
            return p->fields[i].value;
    return NULL;
}

static void map_page__sends_the_key_along(void **state)
{
    struct ecpay_page p;
    const struct ecpay_map_ask ask = {.sub_type = "UNIMART",
                                      .trade_no = "t0000000000000000001",
                                      .reply_url = "https://shop.test/api/v1/webhooks/cvs-map",
                                      .key = "k0000000000000000001",
                                      .phone = true};
    assert_int_equal(ecpay_map_page(*state, &b2c, &ask, &p), ERR_OK);
    assert_string_equal(p.action, "https://logistics.test/Express/map");
    assert_string_equal(page_field(&p, "ExtraData"), "k0000000000000000001");
    assert_string_equal(page_field(&p, "Device"), "1");
    assert_string_equal(page_field(&p, "IsCollection"), "N");
    assert_null(page_field(&p, "HashKey"));
}

static enum err read_map(struct cx *cx, const char *body, struct ecpay_store *s)
{
    return ecpay_map_read(cx, body, strlen(body), s);
}

static void map__is_believed_as_far_as_it_looks_like_a_store(void **state)
{
    struct ecpay_store s;
    assert_int_equal(
        read_map(*state,
                 "MerchantTradeNo=x&LogisticsSubType=UNIMART&CVSStoreID=131386&CVSStoreName="
                 "%E5%BB%BA%E5%AE%89+%E9%96%80%E5%B8%82&CVSAddress=%E5%8F%B0%E5%8C%97&CVSTelephone="
                 "&CVSOutSide=0&ExtraData=k0000000000000000001",
                 &s),
        ERR_OK);
    assert_string_equal(s.id, "131386");
    assert_string_equal(s.name, "建安 門市");
    assert_string_equal(s.key, "k0000000000000000001");
    static const char *const bad[] = {
        "",
        "CVSStoreID=131386&CVSStoreName=a",                                     /* no key */
        "CVSStoreID=131386&CVSStoreName=a&ExtraData=K0000000000000000001",      /* not ours */
        "CVSStoreID=131386&CVSStoreName=a&ExtraData=k00000000000000000011",     /* too long */
        "CVSStoreID=13x386&CVSStoreName=a&ExtraData=k0000000000000000001",      /* no digits */
        "CVSStoreID=131386&CVSStoreName=&ExtraData=k0000000000000000001",       /* no name */
        "CVSStoreID=131386&CVSStoreName=%FF%FE&ExtraData=k0000000000000000001", /* no text */
        "CVSStoreID=1&CVSStoreID=131386&CVSStoreName=a&ExtraData=k0000000000000000001"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_map(*state, bad[i], &s), ERR_INPUT);
}

/* A body with its MAC, as ECPay sends it. */
static const char *signed_form(struct cx *cx, struct ecpay_field *fields, size_t n)
{
    char mac[ECPAY_MAC_TEXT];
    struct buf b;
    assert_int_equal(ecpay_mac(&b2c.keys, ECPAY_MD5, fields, n, mac), ERR_OK);
    fields[n] = ECPAY_FIELD("CheckMacValue", mac);
    buf_init(&b, 4096);
    ecpay_form_write(&b, fields, n + 1);
    const char *text = arena_dup(cx->arena, b.data, b.len);
    buf_done(&b);
    return text;
}

static const char *notice(struct cx *cx, const char *merchant, const char *code)
{
    struct ecpay_field f[10] = {ECPAY_FIELD("MerchantID", merchant),
                                ECPAY_FIELD("MerchantTradeNo", "t0000000000000000001"),
                                ECPAY_FIELD("RtnCode", code),
                                ECPAY_FIELD("RtnMsg", "包裹配達取件門市"),
                                ECPAY_FIELD("AllPayLogisticsID", "1718542"),
                                ECPAY_FIELD("UpdateStatusDate", "2026/11/23 10:00:00"),
                                ECPAY_FIELD("CVSPaymentNo", "C9681067"),
                                ECPAY_FIELD("BookingNote", ""),
                                ECPAY_FIELD("SomethingNew", "1")};
    return signed_form(cx, f, 9);
}

static void notice__counts_when_it_is_signed_over_all_of_it(void **state)
{
    struct cx *cx = *state;
    struct parcel_notice n;
    const char *body = notice(cx, "2000132", "2073");
    assert_int_equal(parcel_notice_read(cx, &b2c.keys, body, strlen(body), &n), ERR_OK);
    assert_int_equal(n.code, 2073);
    assert_string_equal(n.provider_id, "1718542");
    assert_string_equal(n.text, "包裹配達取件門市");
    char *forged = arena_dup(cx->arena, body, strlen(body));
    *strstr(forged, "2073") = '3';
    assert_int_equal(parcel_notice_read(cx, &b2c.keys, forged, strlen(forged), &n), ERR_FORBIDDEN);
    forged = arena_fmt(cx->arena, "%s&More=1", body);
    assert_int_equal(parcel_notice_read(cx, &b2c.keys, forged, strlen(forged), &n), ERR_FORBIDDEN);
    body = notice(cx, "2000133", "2073");
    assert_int_equal(parcel_notice_read(cx, &b2c.keys, body, strlen(body), &n), ERR_INPUT);
    body = notice(cx, "2000132", "many");
    assert_int_equal(parcel_notice_read(cx, &b2c.keys, body, strlen(body), &n), ERR_INPUT);
}

static enum err read_answer(struct cx *cx, const char *body, struct ecpay_shipped *s)
{
    return ecpay_ship_read(cx, &b2c.keys, body, strlen(body), s);
}

static void answer__says_made_refused_or_closed(void **state)
{
    struct cx *cx = *state;
    struct ecpay_shipped s;
    struct ecpay_field f[6] = {ECPAY_FIELD("MerchantID", "2000132"), ECPAY_FIELD("RtnCode", "300"),
                               ECPAY_FIELD("AllPayLogisticsID", "1718542"),
                               ECPAY_FIELD("CVSPaymentNo", "C9681067"),
                               ECPAY_FIELD("CVSValidationNo", "1234")};
    const char *form = signed_form(cx, f, 5);
    assert_int_equal(read_answer(cx, arena_fmt(cx->arena, "1|%s", form), &s), ERR_OK);
    assert_string_equal(s.provider_id, "1718542");
    assert_string_equal(s.payment_no, "C9681067");
    assert_int_equal(s.code, 300);
    assert_int_equal(read_answer(cx, "0|收件人姓名錯誤", &s), ERR_INPUT);
    assert_string_equal(cx->problem, "收件人姓名錯誤");
    assert_int_equal(read_answer(cx, "0|找不到門市資料", &s), ERR_CLOSED);
    /* Neither is an answer that can be trusted: it must be asked for. */
    assert_int_equal(read_answer(cx, "", &s), ERR_UPSTREAM);
    assert_int_equal(read_answer(cx, "<html>", &s), ERR_UPSTREAM);
    assert_int_equal(read_answer(cx, "1|AllPayLogisticsID=1&RtnCode=300", &s), ERR_UPSTREAM);
    assert_int_equal(read_answer(cx, "1|", &s), ERR_UPSTREAM);
}

static void query__says_what_is_there(void **state)
{
    struct cx *cx = *state;
    struct ecpay_shipped s;
    struct ecpay_field f[5] = {ECPAY_FIELD("MerchantID", "2000132"),
                               ECPAY_FIELD("LogisticsStatus", "2030"),
                               ECPAY_FIELD("AllPayLogisticsID", "1718542")};
    const char *form = signed_form(cx, f, 3);
    assert_int_equal(ecpay_ship_ask_read(cx, &b2c.keys, form, strlen(form), &s), ERR_OK);
    assert_int_equal(s.code, 2030);
    assert_string_equal(s.payment_no, "");
    assert_int_equal(ecpay_ship_ask_read(cx, &b2c.keys, "0|x", 3, &s), ERR_NOT_FOUND);
    assert_int_equal(ecpay_ship_ask_read(cx, &b2c.keys, "x", 1, &s), ERR_UPSTREAM);
}

static void label__is_the_page_of_its_contract(void **state)
{
    struct ecpay_page p;
    const struct ecpay_shipped made = {"1718542", "C9681067", "1234", 300};
    assert_int_equal(ecpay_label_page(*state, &b2c, "UNIMART", &made, &p), ERR_OK);
    assert_string_equal(p.action, "https://logistics.test/helper/printTradeDocument");
    assert_null(page_field(&p, "CVSPaymentNo"));
    assert_int_equal(strlen(page_field(&p, "CheckMacValue")), 32);
    assert_int_equal(ecpay_label_page(*state, &b2c, "UNIMARTC2C", &made, &p), ERR_OK);
    assert_string_equal(p.action, "https://logistics.test/Express/PrintUniMartC2COrderInfo");
    assert_string_equal(page_field(&p, "CVSValidationNo"), "1234");
    assert_int_equal(ecpay_label_page(*state, &b2c, "FAMIC2C", &made, &p), ERR_OK);
    assert_null(page_field(&p, "CVSValidationNo"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain__is_known_by_our_word_and_by_theirs),
        cmocka_unit_test(way__is_what_the_official_table_says),
        cmocka_unit_test(person__has_what_a_label_may_have),
        cmocka_unit_test(goods__have_none_of_the_signs_that_are_refused),
        cmocka_unit_test_setup_teardown(map_page__sends_the_key_along, set_up, tear_down),
        cmocka_unit_test_setup_teardown(map__is_believed_as_far_as_it_looks_like_a_store, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(notice__counts_when_it_is_signed_over_all_of_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(answer__says_made_refused_or_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(query__says_what_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(label__is_the_page_of_its_contract, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
