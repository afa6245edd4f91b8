#include "sandboxd/ecpay_parcel.h"

#include "base/text.h"
#include "pay/ecpay_mac.h"
#include "sandboxd/ecpay_clock.h"

#include <string.h>

const struct store *stores(void)
{
    static const struct store list[] = {
        {"UNIMART", "131386", "建盛門市", "台北市中山區建國北路二段135號", "02-25063030"},
        {"UNIMART", "991182", "馥樺門市", "台北市南港區三重路23號", "02-26550000"},
        {"UNIMART", "896539", "新南港門市", "台北市南港區三重路19-2號", "02-26551111"},
        {"FAMI", "006598", "全家南港店", "台北市南港區南港路一段1號", "02-27883333"},
        {"FAMI", "001779", "全家大安店", "台北市大安區復興南路一段1號", "02-27714444"},
        {"HILIFE", "2001", "萊爾富南港店", "台北市南港區三重路66號", "02-26555555"},
        {"HILIFE", "2002", "萊爾富信義店", "台北市信義區松仁路2號", "02-27206666"},
        {"OKMART", "1328", "OK南港店", "台北市南港區忠孝東路六段1號", "02-27857777"},
        {"OKMART", "1329", "OK內湖店", "台北市內湖區成功路四段1號", "02-27918888"},
        {NULL, NULL, NULL, NULL, NULL}};
    return list;
}

static const struct {
    const char *name, *chain;
    bool c2c;
} sub_types[] = {{"UNIMART", "UNIMART", false},   {"UNIMARTFREEZE", "UNIMART", false},
                 {"FAMI", "FAMI", false},         {"HILIFE", "HILIFE", false},
                 {"UNIMARTC2C", "UNIMART", true}, {"FAMIC2C", "FAMI", true},
                 {"HILIFEC2C", "HILIFE", true},   {"OKMARTC2C", "OKMART", true}};
enum { SUB_TYPES = sizeof sub_types / sizeof *sub_types };

const char *chain_of(const char *sub_type)
{
    for (size_t i = 0; i < SUB_TYPES; i++)
        if (strcmp(sub_types[i].name, sub_type) == 0)
            return sub_types[i].chain;
    return NULL;
}

bool sub_type_c2c(const char *sub_type)
{
    for (size_t i = 0; i < SUB_TYPES; i++)
        if (strcmp(sub_types[i].name, sub_type) == 0)
            return sub_types[i].c2c;
    return false;
}

const char *code_text(int code)
{
    static const struct {
        int code;
        const char *text;
    } words[] = {{300, "訂單處理中(綠界已收到訂單資料)"},
                 {310, "訂單上傳物流中"},
                 {2001, "訂單傳送超商成功"},
                 {2030, "物流中心驗收成功"},
                 {2037, "門市關轉"},
                 {2063, "包裹配達取件門市"},
                 {2065, "退貨商品已至物流中心"},
                 {2067, "買家已到店取貨"},
                 {2068, "賣家已到門市寄件"},
                 {2073, "包裹配達取件門市"},
                 {2074, "買家未取包裹，將退回物流中心"},
                 {2101, "門市關轉店"},
                 {3018, "包裹配達取件門市"},
                 {3020, "買家未取包裹，將退回物流中心"},
                 {3022, "買家已到店取貨"},
                 {3024, "物流中心驗收成功"},
                 {3032, "賣家已到門市寄件"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].code == code)
            return words[i].text;
    return "貨態更新";
}

/* ---- rules ---- */

static const char *get(const struct ecpay_form *f, const char *name)
{
    const char *s = ecpay_form_text(f, name);
    return s ? s : "";
}

/* A letter of ASCII counts one, any other two. */
static size_t units(const char *s)
{
    size_t n = 0, len = strlen(s), step;
    uint32_t ch;
    for (; (step = text_char(s, len, &ch)) > 0; s += step, len -= step)
        n += ch < 0x80 ? 1 : 2;
    return n;
}

static bool person_ok(const char *s)
{
    size_t n = units(s);
    return n >= 4 && n <= 10 && !strpbrk(s, "0123456789^'`!@#%&*+\\\"<>|_[]");
}

static bool digits(const char *s, size_t lo, size_t hi)
{
    size_t n = strspn(s, "0123456789");
    return !s[n] && n >= lo && n <= hi;
}

static bool phone_ok(const char *s)
{
    return digits(s, 10, 10) && text_has_prefix(s, "09");
}

static bool alnum(const char *s)
{
    for (; *s; s++)
        if (!(*s >= '0' && *s <= '9') && !(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z'))
            return false;
    return true;
}

static bool link_ok(const char *s)
{
    return strlen(s) <= 200 && (text_has_prefix(s, "http://") || text_has_prefix(s, "https://"));
}

static const char *goods_wrong(const struct ecpay_form *f, const struct parcel *p)
{
    const char *name = get(f, "GoodsName");
    if (!*name && sub_type_c2c(p->sub_type))
        return "商品名稱不可為空 GoodsName is required";
    if (units(name) > 50 || strpbrk(name, "^'`!@#%&*+\\\"<>|_[]"))
        return "商品名稱格式錯誤 GoodsName has a wrong format";
    return NULL;
}

static const char *money_wrong(const struct ecpay_form *f, struct parcel *p)
{
    const char *collect = get(f, "IsCollection");
    int64_t n = 0;
    if (text_i64(get(f, "GoodsAmount"), 1, 20000, &p->amount))
        return "商品金額範圍為1~20000 GoodsAmount must be 1..20000";
    if (*collect && strcmp(collect, "Y") != 0 && strcmp(collect, "N") != 0)
        return "IsCollection must be Y or N";
    p->collect = strcmp(collect, "Y") == 0 ? p->amount : 0;
    if (!*get(f, "CollectionAmount"))
        return NULL;
    if (text_i64(get(f, "CollectionAmount"), 0, 20000, &n))
        return "代收金額範圍為1~20000 CollectionAmount must be 1..20000";
    if (p->collect && n != p->amount)
        return "代收金額需等於商品金額 CollectionAmount must be GoodsAmount";
    return NULL;
}

static const char *people_wrong(const struct ecpay_form *f, const struct parcel *p)
{
    if (!person_ok(get(f, "SenderName")))
        return "寄件人姓名格式錯誤 SenderName has a wrong format";
    if (!person_ok(get(f, "ReceiverName")))
        return "收件人姓名格式錯誤 ReceiverName has a wrong format";
    if (!phone_ok(get(f, "ReceiverCellPhone")))
        return "收件人手機格式錯誤 ReceiverCellPhone has a wrong format";
    if (sub_type_c2c(p->sub_type) && !phone_ok(get(f, "SenderCellPhone")))
        return "寄件人手機格式錯誤 SenderCellPhone has a wrong format";
    return NULL;
}

static const char *text_wrong(const struct ecpay_form *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (!text_is_utf8(f->fields[i].value, f->fields[i].value_len))
            return "a field is not UTF-8";
    return NULL;
}

static const char *head_wrong(const struct ecpay_form *f)
{
    int64_t ms;
    const char *trade_no = get(f, "MerchantTradeNo");
    if (!alnum(trade_no) || strlen(trade_no) > 20)
        return "廠商交易編號格式錯誤 MerchantTradeNo has a wrong format";
    if (taipei_parse(get(f, "MerchantTradeDate"), &ms))
        return "廠商交易時間格式錯誤 MerchantTradeDate has a wrong format";
    if (strcmp(get(f, "LogisticsType"), "CVS") != 0)
        return "物流類型錯誤 LogisticsType: this sandbox has CVS only";
    if (!chain_of(get(f, "LogisticsSubType")))
        return "物流子類型錯誤 LogisticsSubType is unknown";
    if (!link_ok(get(f, "ServerReplyURL")))
        return "ServerReplyURL格式錯誤 ServerReplyURL has a wrong format";
    return NULL;
}

const char *parcel_read(const struct ecpay_form *form, struct parcel *ret_parcel)
{
    struct parcel *p = ret_parcel;
    const char *wrong = text_wrong(form);
    if (!wrong)
        wrong = head_wrong(form);
    if (wrong)
        return wrong;
    (void)text_copy(p->trade_no, sizeof p->trade_no, get(form, "MerchantTradeNo"));
    (void)text_copy(p->sub_type, sizeof p->sub_type, get(form, "LogisticsSubType"));
    (void)text_copy(p->reply_url, sizeof p->reply_url, get(form, "ServerReplyURL"));
    (void)text_copy(p->goods, sizeof p->goods, get(form, "GoodsName"));
    (void)text_copy(p->receiver, sizeof p->receiver, get(form, "ReceiverName"));
    (void)text_copy(p->phone, sizeof p->phone, get(form, "ReceiverCellPhone"));
    if (!text_copy(p->remark, sizeof p->remark, get(form, "Remark")))
        return "備註過長 Remark is too long";
    wrong = money_wrong(form, p);
    if (!wrong)
        wrong = goods_wrong(form, p);
    if (!wrong)
        wrong = people_wrong(form, p);
    if (!wrong && !digits(get(form, "ReceiverStoreID"), 4, 6))
        wrong = "收件門市代碼錯誤 ReceiverStoreID 門市不存在";
    if (!wrong && *get(form, "ReturnStoreID") && !digits(get(form, "ReturnStoreID"), 4, 6))
        wrong = "退貨門市代碼錯誤 ReturnStoreID 門市不存在";
    (void)text_copy(p->store, sizeof p->store, get(form, "ReceiverStoreID"));
    (void)text_copy(p->back_store, sizeof p->back_store, get(form, "ReturnStoreID"));
    return wrong;
}
