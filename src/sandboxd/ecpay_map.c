/* /Express/map: the buyer chooses a store, and brings it to the shop by a POST without a signature.
 */
#include "sandboxd/ecpay_in.h"

#include "base/text.h"
#include "sandboxd/ecpay_parcel.h"
#include "sandboxd/page.h"

#include <string.h>

static bool url_ok(const char *s)
{
    return strlen(s) <= 200 && (text_has_prefix(s, "http://") || text_has_prefix(s, "https://"));
}

static const char *wrong(const struct call *k)
{
    const char *sub = call_text(k, "LogisticsSubType"), *collect = call_text(k, "IsCollection");
    if (!k->account)
        return "查無廠商資料 no such MerchantID for logistics here";
    if (strcmp(call_text(k, "LogisticsType"), "CVS") != 0 || !chain_of(sub))
        return "LogisticsType must be CVS, LogisticsSubType one of its chains";
    if (strcmp(collect, "Y") != 0 && strcmp(collect, "N") != 0)
        return "IsCollection must be Y or N";
    if (!url_ok(call_text(k, "ServerReplyURL")))
        return "ServerReplyURL has a wrong format";
    if (strlen(call_text(k, "MerchantTradeNo")) > 20 || strlen(call_text(k, "ExtraData")) > 20)
        return "MerchantTradeNo or ExtraData is longer than 20";
    if (call_text(k, "Device")[0] && strcmp(call_text(k, "Device"), "0") != 0 &&
        strcmp(call_text(k, "Device"), "1") != 0)
        return "Device must be 0 or 1";
    return NULL;
}

static void offer(struct page *p, const struct call *k, const struct store *s)
{
    page_html(p, "<h2>");
    page_text(p, s->name);
    page_html(p, "</h2>\n");
    page_para(p, "note", s->address);
    page_form(p, call_text(k, "ServerReplyURL"));
    page_hidden(p, "MerchantID", k->account->id);
    page_hidden(p, "MerchantTradeNo", call_text(k, "MerchantTradeNo"));
    page_hidden(p, "LogisticsSubType", call_text(k, "LogisticsSubType"));
    page_hidden(p, "CVSStoreName", s->name);
    page_hidden(p, "CVSAddress", s->address);
    page_hidden(p, "CVSTelephone", s->phone);
    page_hidden(p, "CVSOutSide", "0");
    page_hidden(p, "ExtraData", call_text(k, "ExtraData"));
    page_button(p, "main", "CVSStoreID", s->id,
                page_pick(p, "選擇此門市", "เลือกสาขานี้", "Choose this store"));
    page_form_end(p);
}

void store_map(struct http_req *req)
{
    struct call k;
    struct page p;
    if (!call_page(req, FOR_LOGISTICS, &k))
        return;
    const char *why = wrong(&k);
    if (why) {
        refusal_page(req, AIO_BAD_FIELD, why);
        return;
    }
    const char *chain = chain_of(call_text(&k, "LogisticsSubType"));
    page_begin_in(&p, page_lang_of(req) == PAGE_EN ? PAGE_EN : PAGE_ZH, "電子地圖 Choose a store");
    for (const struct store *s = stores(); s->chain; s++)
        if (strcmp(s->chain, chain) == 0)
            offer(&p, &k, s);
    page_send(&p, req, 200);
}
