/* ecpay_logistics_in - one exchange with ECPay, shared by logistics and invoices. Private to pay.
 */
#pragma once
#include "base/buf.h"
#include "pay/ecpay_logistics.h"

struct ecpay_exchange {
    const char *base_url, *path, *type; /* of the body: its Content-Type */
    const char *body;
    size_t body_len;
    int64_t timeout_ms; /* 0: 15 s */
};
/* Sent at most once. *answer is the body of a 200. ERR_BUSY, ERR_TIMEOUT, ERR_UPSTREAM */
enum err ecpay_send(struct cx *cx, const struct ecpay_exchange *x, struct buf *answer) NODISCARD;

/* Copied, tidied, cut at `chars` characters; "" for NULL and for what is no text. NULL: no memory.
 */
const char *ecpay_plain(struct cx *cx, const char *text, size_t chars);

/* A number or code of theirs that we keep and show: letters, digits and '-', at most 20. */
bool ecpay_id_ok(const char *s, bool need);
