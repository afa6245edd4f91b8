/* Whatever is posted to ECPay's side: an order, a pick-up order, an invoice. */
#include "sandboxd/ecpay_invoice_in.h"
#include "sandboxd/ecpay_parcel.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

/* What was taken can be kept and paid, and all it says is text. */
static void order(const struct ecpay_form *form)
{
    struct aio_ask ask = {.amount = 0};
    struct aio_refusal why = {.code = AIO_OK};
    for (unsigned f = 0; f < AIO_FIELDS; f++)
        ask.field[f] = ecpay_form_text(form, aio_name((enum aio_field)f));
    if (!aio_check(&ask, &why)) {
        if (!why.code || !why.why[0])
            abort();
        return;
    }
    struct trade *t = trade_make(&ask, 0, 10000000, INT64_C(1795000000000));
    if (!t || ask.amount < 1)
        abort();
    for (unsigned m = METHOD_ALL + 1; m < METHODS && t->method == METHOD_ALL; m++)
        if (t->methods[m] && trade_choose(t, (enum method)m))
            abort();
    if (trade_by_code(t->method) && trade_issue(t, "", t->made_ms))
        abort();
    if (trade_pay(t, t->terms_offered[0], t->made_ms))
        abort();
    trade_free(&t->entry);
}

static void pick_up(const struct ecpay_form *form)
{
    struct parcel p = {.amount = 0};
    if (!parcel_read(form, &p) && (p.amount < 1 || p.amount > 20000 || !chain_of(p.sub_type) ||
                                   !p.store[0] || !text_is_utf8(p.receiver, strlen(p.receiver))))
        abort();
}

static void invoice(const char *text, size_t len)
{
    struct invoice_reply r = {.data = NULL};
    int64_t amount = 0;
    json_t *o = json_loadb(text, len, 0, NULL);
    if (json_is_object(o) && invoice_issue_ok(o, &amount, &r) && amount < 1)
        abort();
    json_decref(o);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(1 << 22)};
    struct ecpay_form form;
    if (crypto_init() != ERR_OK || !cx.arena)
        abort();
    if (ecpay_form_read(&cx, (const char *)data, len, &form) == ERR_OK) {
        order(&form);
        pick_up(&form);
    }
    invoice((const char *)data, len);
    arena_free(cx.arena);
    return 0;
}
