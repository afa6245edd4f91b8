/*
 * invoice - the runner that has e-invoices issued, voided and reduced at ECPay, each once.
 *
 * Shape:   a row of order/invoice.h that is due is taken by a conditional UPDATE with a lease,
 * which writes what is about to be asked; then ECPay is called; then a second job writes what it
 *          said. An answer that was lost is looked up by our number before anything is sent again:
 *          an invoice by itself, an allowance by what is left of its invoice. What ECPay refuses is
 *          left to staff (state error), what it did not hear is tried again, later each time.
 * Units:   times Unix ms.
 *          What a buyer types is looked up before the order is made (invoices_vouch()).
 * Thread:  invoices_tick() on one thread that may block: calls are made there. invoices_vouch()
 *          blocks, 3 s at most: workers, with no reader. The numbers: any.
 * Source:  docs/decisions/0012-taiwan.md
 */
#pragma once
#include "order/invoice.h"
#include "pay/account.h"
#include "pay/ecpay_invoice.h"

struct invoices;
struct store;

/* What is asked of ECPay; invoice_ecpay, or a script in tests. Errors as in pay/ecpay_invoice.h. */
struct invoice_way {
    enum err (*issue)(struct cx *cx, const struct ecpay_service *s, const struct ecpay_invoice *ask,
                      struct ecpay_invoiced *ret);
    enum err (*find)(struct cx *cx, const struct ecpay_service *s, const char *relate_no,
                     struct ecpay_invoiced *ret);
    enum err (*make_void)(struct cx *cx, const struct ecpay_service *s,
                          const struct ecpay_invoiced *of, const char *reason);
    enum err (*allow)(struct cx *cx, const struct ecpay_service *s, const struct ecpay_invoiced *of,
                      const struct invoice_item *items, size_t count, int64_t amount,
                      char ret_number[ALLOWANCE_NUMBER]);
    enum err (*known)(struct cx *cx, const struct ecpay_service *s, enum invoice_code kind,
                      const char *code, bool *ret_known);
};
extern const struct invoice_way invoice_ecpay;

struct invoices_setup {
    struct store *store;
    struct orders *orders;
    const struct pay_accounts *accounts; /* outlives the runner */
    const struct invoice_way *way;       /* NULL: invoice_ecpay */
};
enum err invoices_make(const struct invoices_setup *setup, struct invoices **ret) NODISCARD;
void invoices_free(struct invoices *v); /* NULL is fine */

/* Between two tries: at least, at most; a lease; where a shop has no account. */
enum {
    INVOICE_WAIT_S = 2,
    INVOICE_WAIT_MAX_S = 3600,
    INVOICE_LEASE_S = 120,
    INVOICE_NO_KEYS_S = 600
};

/* What is due at now_ms, at most INVOICE_BATCH; once a second. A missed tick loses nothing. */
void invoices_tick(struct invoices *v, int64_t now_ms);

/*
 * Does the carrier or love code of this invoice (as invoice_check() took it) exist? A `vouch` of
 * struct checkout; `invoices` is one. ECPay's word is kept for INVOICE_KNOWN_S; where it
 * cannot be asked, or the shop has no account, the invoice passes.
 *
 * ERR_INPUT  it does not; cx->problem names the field and says "does not exist"
 */
enum { INVOICE_KNOWN_S = 60 };
enum err invoices_vouch(void *invoices, struct cx *cx, int64_t shop_id,
                        const json_t *invoice) NODISCARD;

struct invoice_numbers {
    int64_t issued, voided, allowed, refused, lost; /* since the start */
};
void invoices_numbers(const struct invoices *v, struct invoice_numbers *ret_numbers);
