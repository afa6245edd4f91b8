/* The envelope of the e-invoice: JSON around encrypted JSON, two codes that must both be 1. */
#include "sandboxd/ecpay_invoice_in.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "pay/ecpay_aes.h"

#include <stdlib.h>
#include <string.h>

enum { ENVELOPE_S = 600, BAD_ENVELOPE = 0 };

static invoice_act *act_of(const char *name)
{
    static const struct {
        const char *name;
        invoice_act *act;
    } acts[] = {{"Issue", invoice_issue},
                {"GetIssue", invoice_get},
                {"Invalid", invoice_void},
                {"Allowance", invoice_allow},
                {"AllowanceInvalid", invoice_allow_void},
                {"CheckBarcode", invoice_barcode},
                {"CheckLoveCode", invoice_love},
                {"CheckCompanyIdentifier", invoice_company}};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(acts[i].name, name) == 0)
            return acts[i].act;
    return NULL;
}

static const struct account *account_of(const struct ecpay *e, const char *id)
{
    for (size_t i = 0; i < e->account_n; i++)
        if (e->accounts[i].service == FOR_INVOICE && strcmp(e->accounts[i].id, id) == 0)
            return &e->accounts[i];
    return NULL;
}

/* What is asked; NULL: `ret_why` says it. */
static json_t *open_data(struct cx *cx, const struct account *a, const json_t *envelope,
                         int64_t now_ms, const char **ret_why)
{
    struct buf plain;
    json_t *asked = NULL;
    struct ecpay_keys keys = account_keys(a);
    const char *data = invoice_text(envelope, "Data");
    int64_t at =
        json_integer_value(json_object_get(json_object_get(envelope, "RqHeader"), "Timestamp"));
    buf_init(&plain, ECPAY_DATA_MAX);
    *ret_why = NULL;
    if (at < 0 || at > INT32_MAX * INT64_C(2) || llabs(now_ms / 1000 - at) > ENVELOPE_S)
        *ret_why = "Timestamp Error";
    else if (ecpay_aes_open(&keys, data, strlen(data), &plain) ||
             json_read_object(cx, plain.data ? plain.data : "", plain.len, &asked))
        *ret_why = "Data cannot be decrypted";
    buf_done(&plain);
    if (asked && strcmp(invoice_text(asked, "MerchantID"), a->id) != 0) {
        json_decref(asked);
        asked = NULL;
        *ret_why = "MerchantID of Data is another";
    }
    return asked;
}

/* Encrypted; NULL: no memory. */
static char *seal(const struct account *a, struct invoice_reply *r)
{
    struct buf sealed;
    struct ecpay_keys keys = account_keys(a);
    (void)json_object_set_new(r->data, "RtnCode", json_integer(r->code));
    (void)json_object_set_new(r->data, "RtnMsg", json_string(r->why));
    char *text = json_text_of(r->data);
    buf_init(&sealed, (size_t)ECPAY_DATA_MAX * 5);
    bool ok = text && !ecpay_aes_seal(&keys, text, strlen(text), &sealed);
    char *out = ok ? strdup(sealed.data) : NULL;
    buf_done(&sealed);
    free(text);
    return out;
}

static void reply(struct http_req *req, const struct fault *f, const char *id, const char *why,
                  const char *data)
{
    json_t *o =
        json_pack("{s:s, s:{s:I}, s:i, s:s, s:s}", "MerchantID", id, "RpHeader", "Timestamp",
                  (json_int_t)(clock_unix_ms() / 1000), "TransCode", why ? BAD_ENVELOPE : 1,
                  "TransMsg", why ? why : "Success", "Data", data ? data : "");
    char *text = json_text_of(o);
    if (sandboxd_lost(req, f))
        free(text);
    else
        http_send_heap(req, 200, "application/json; charset=utf-8", text, text ? strlen(text) : 0);
}

static void run(struct http_req *req, invoice_act *act, const json_t *envelope,
                const struct fault *f)
{
    struct ecpay *e = sandboxd_of(req)->ecpay;
    const char *id = invoice_text(envelope, "MerchantID"), *why = NULL;
    const struct account *a = account_of(e, id);
    json_t *asked = a ? open_data(http_cx(req), a, envelope, ecpay_now(e), &why) : NULL;
    char *data = NULL;
    ecpay_lock(e);
    if (asked && !e->is.invoice_down) {
        struct invoice_reply r = {.data = json_object()};
        act(e, a, asked, &r);
        data = seal(a, &r); /* under the lock: its members may be shared with a kept invoice */
    }
    ecpay_unlock(e);
    if (!data && !why)
        why = a ? "the service is down" : "MerchantID Error";
    reply(req, f, id, why, data);
    free(data);
    ecpay_lock(e);
    json_decref(asked); /* Issue may have kept a reference */
    ecpay_unlock(e);
}

void invoice_call(struct http_req *req)
{
    struct fault fault;
    json_t *envelope = NULL;
    size_t len;
    invoice_act *act = act_of(http_param(req, "op"));
    const char *type = http_header(req, "content-type"), *body = http_body(req, &len);
    if (sandboxd_down(req, FAULT_ECPAY_API, &fault))
        return;
    if (!act) {
        http_fail(req, ERR_NOT_FOUND, "no such operation in this sandbox");
        return;
    }
    enum err e = type && text_has_prefix(type, "application/json")
                     ? json_read_object(http_cx(req), body, len, &envelope)
                     : problem(http_cx(req), ERR_MEDIA_TYPE, "the body must be application/json");
    if (e) {
        http_fail(req, e, NULL);
        return;
    }
    run(req, act, envelope, &fault);
    json_decref(envelope);
}
