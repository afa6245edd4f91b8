/* Whatever is posted as a form, or sent as Data: read, written again, read the same. */
#include "base/arena.h"
#include "base/crypto.h"
#include "pay/ecpay_aes.h"

#include <stdlib.h>
#include <string.h>

static const struct ecpay_keys keys = {"3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

/* What was read says the same when it is written and read again, and keeps its mac. */
static void again(struct cx *cx, const struct ecpay_form *form)
{
    struct ecpay_form same;
    struct buf body;
    char mac[ECPAY_MAC_TEXT], mac_again[ECPAY_MAC_TEXT];
    buf_init(&body, 4 * ECPAY_FORM_MAX);
    ecpay_form_write(&body, form->fields, form->count);
    if (buf_err(&body) != ERR_OK)
        abort();
    if (body.len <= ECPAY_FORM_MAX) {
        if (ecpay_form_read(cx, body.len ? body.data : "", body.len, &same) != ERR_OK ||
            same.count != form->count ||
            ecpay_mac(&keys, ECPAY_SHA256, form->fields, form->count, mac) != ERR_OK ||
            ecpay_mac(&keys, ECPAY_SHA256, same.fields, same.count, mac_again) != ERR_OK ||
            strcmp(mac, mac_again) != 0)
            abort();
    }
    buf_done(&body);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(1 << 22)};
    struct ecpay_form form;
    struct buf json;
    if (crypto_init() != ERR_OK || !cx.arena)
        abort();
    if (ecpay_form_read(&cx, (const char *)data, len, &form) == ERR_OK) {
        if (ecpay_mac_check(&cx, &keys, ECPAY_SHA256, &form) == ERR_OK)
            abort(); /* nothing here can be signed */
        again(&cx, &form);
    }
    buf_init(&json, ECPAY_DATA_MAX);
    if (ecpay_aes_open(&keys, (const char *)data, len, &json) == ERR_OK && json.len)
        (void)strlen(json.data);
    buf_done(&json);
    arena_free(cx.arena);
    return 0;
}
