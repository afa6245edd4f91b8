/* Labels: /helper/printTradeDocument and /Express/Print...C2COrderInfo, a page to print. */
#include "sandboxd/ecpay_express_in.h"

#include "sandboxd/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LABELS_MAX = 20 };

static const char *store_name(const struct parcel *p)
{
    const char *chain = chain_of(p->sub_type);
    for (const struct store *s = stores(); s->chain; s++)
        if (chain && strcmp(s->chain, chain) == 0 && strcmp(s->id, p->store) == 0)
            return s->name;
    return p->store;
}

static void label(struct page *p, const struct parcel *what)
{
    char code[32];
    (void)snprintf(code, sizeof code, "%s%s", what->payment_no, what->validation_no);
    page_para(p, "code", code);
    page_rows(p);
    page_row(p, "物流交易編號", what->id);
    page_row(p, "取件門市", store_name(what));
    page_row(p, "門市店號", what->store);
    page_row(p, "取件人", what->receiver);
    page_row(p, "商品", what->goods);
    page_money(p, what->collect ? "取貨付款" : "取貨不付款", (struct money){what->collect, "TWD"});
    page_rows_end(p);
}

/* `list` is one id or several with commas. Wants the lock; how many labels. */
static size_t labels(struct page *p, const struct call *k, const char *list, bool c2c)
{
    size_t n = 0;
    while (*list && n < LABELS_MAX) {
        char id[24];
        size_t len = strcspn(list, ",");
        (void)snprintf(id, sizeof id, "%.*s", (int)(len < 20 ? len : 20), list);
        const struct parcel *what = parcel_by_ref(k->e, id);
        bool theirs = what && strcmp(k->e->accounts[what->account].id, k->account->id) == 0;
        bool fits = theirs && strcmp(what->id, id) == 0 && sub_type_c2c(what->sub_type) == c2c &&
                    (!c2c || strcmp(what->payment_no, call_text(k, "CVSPaymentNo")) == 0);
        if (!fits)
            return 0;
        label(p, what);
        n++;
        list += len;
        list += strspn(list, ",");
    }
    return n;
}

static void print(struct http_req *req, bool c2c)
{
    struct call k;
    struct page p;
    if (!call_page(req, FOR_LOGISTICS, &k))
        return;
    if (!k.account || !k.mac_ok) {
        refusal_page(req, AIO_BAD_MAC, "CheckMacValue Error");
        return;
    }
    page_begin_in(&p, PAGE_ZH, "寄件單 Label");
    ecpay_lock(k.e);
    size_t n = labels(&p, &k, call_text(&k, "AllPayLogisticsID"), c2c);
    ecpay_unlock(k.e);
    if (n) {
        page_send(&p, req, 200);
        return;
    }
    buf_done(&p.out);
    refusal_page(req, AIO_BAD_FIELD, "查無物流訂單 no such order for this label");
}

void label_trade(struct http_req *req)
{
    print(req, false);
}

void label_c2c(struct http_req *req)
{
    print(req, true);
}
