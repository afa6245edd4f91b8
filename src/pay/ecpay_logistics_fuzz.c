/* The map's post by anybody; notices and answers, as they come and signed. */
#include "base/arena.h"
#include "base/crypto.h"
#include "pay/ecpay_logistics.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static const struct ecpay_keys keys = {"2000132", "5294y06JbISpM5x9", "v77hoKGq4kWxNNIS"};

/* The same fields with their right MAC behind: what is past the check is fuzzed too. */
static void read_signed(struct cx *cx, const char *text, size_t len)
{
    struct ecpay_form f;
    struct parcel_notice n;
    struct ecpay_shipped s;
    struct buf b;
    char mac[ECPAY_MAC_TEXT];
    buf_init(&b, 4 * ECPAY_FORM_MAX);
    if (ecpay_form_read(cx, text, len, &f) == ERR_OK &&
        ecpay_mac(&keys, ECPAY_MD5, f.fields, f.count, mac) == ERR_OK) {
        buf_str(&b, "1|");
        ecpay_form_write(&b, f.fields, f.count);
        buf_fmt(&b, "&CheckMacValue=%s", mac);
        if (buf_err(&b) == ERR_OK) {
            if (parcel_notice_read(cx, &keys, b.data + 2, b.len - 2, &n) == ERR_OK)
                (void)ecpay_way_of(n.code);
            if (ecpay_ship_read(cx, &keys, b.data, b.len, &s) == ERR_OK &&
                strlen(s.provider_id) > 20)
                abort();
            if (ecpay_ship_ask_read(cx, &keys, b.data + 2, b.len - 2, &s) == ERR_OK && !s.code)
                (void)s;
        }
    }
    buf_done(&b);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(8 << 20), .now_ms = 0};
    struct ecpay_store store;
    struct parcel_notice n;
    struct ecpay_shipped s;
    char person[ECPAY_NAME], goods[ECPAY_GOODS];
    if (crypto_init() != ERR_OK || !cx.arena)
        abort();
    char *text = calloc(1, len + 1);
    if (!text)
        abort();
    if (len)
        memcpy(text, data, len);
    if (ecpay_map_read(&cx, text, len, &store) == ERR_OK && strlen(store.key) != ECPAY_TRADE_NO)
        abort();
    (void)!parcel_notice_read(&cx, &keys, text, len, &n);
    (void)!ecpay_ship_read(&cx, &keys, text, len, &s);
    (void)!ecpay_ship_ask_read(&cx, &keys, text, len, &s);
    (void)!ecpay_person(text, person);
    ecpay_goods(text, goods);
    if (!goods[0])
        abort();
    read_signed(&cx, text, len);
    free(text);
    arena_free(cx.arena);
    return 0;
}
