/* A call of ECPay's: its form in, its fields out. */
#include "sandboxd/ecpay_in.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int64_t ecpay_now_locked(const struct ecpay *e)
{
    return clock_unix_ms() + e->is.ahead_ms;
}

int64_t ecpay_now(struct ecpay *e)
{
    ecpay_lock(e);
    int64_t now_ms = ecpay_now_locked(e);
    ecpay_unlock(e);
    return now_ms;
}

/* The one whose keys fit, else the first of that number: its signature is then wrong. */
static void find_account(struct call *k, enum service service)
{
    const char *id = call_text(k, "MerchantID");
    for (size_t i = 0; i < k->e->account_n; i++) {
        const struct account *a = &k->e->accounts[i];
        if (a->service != service || strcmp(a->id, id) != 0)
            continue;
        struct ecpay_keys keys = account_keys(a);
        k->account = a;
        k->mac_ok = !ecpay_mac_check(k->cx, &keys, account_hash(a), &k->form);
        if (k->mac_ok)
            break;
    }
}

static bool is_form(struct http_req *req)
{
    const char *type = http_header(req, "content-type");
    return type && text_has_prefix(type, "application/x-www-form-urlencoded");
}

static bool read_form(struct call *k, enum service service)
{
    size_t len;
    const char *body = http_body(k->req, &len);
    enum err e = is_form(k->req) ? ecpay_form_read(k->cx, body, len, &k->form)
                                 : problem(k->cx, ERR_MEDIA_TYPE, "a form is wanted");
    if (e) {
        http_fail(k->req, e, NULL);
        return false;
    }
    find_account(k, service);
    return true;
}

bool call_page(struct http_req *req, enum service service, struct call *ret_call)
{
    struct sandboxd *s = sandboxd_of(req);
    *ret_call = (struct call){.req = req, .cx = http_cx(req), .e = s->ecpay};
    ret_call->now_ms = ecpay_now(s->ecpay);
    return read_form(ret_call, service);
}

bool call_api(struct http_req *req, enum service service, struct call *ret_call)
{
    struct fault fault;
    if (sandboxd_down(req, FAULT_ECPAY_API, &fault))
        return false;
    if (!call_page(req, service, ret_call))
        return false;
    ret_call->fault = fault;
    return true;
}

const char *call_text(const struct call *k, const char *name)
{
    const char *s = ecpay_form_text(&k->form, name);
    return s ? s : "";
}

void call_send(struct call *k, const char *type, const char *text)
{
    if (sandboxd_lost(k->req, &k->fault))
        return;
    http_add(k->req, "Cache-Control", "no-store");
    if (text)
        http_send_text(k->req, 200, type, text);
    else
        http_fail(k->req, ERR_NO_MEMORY, NULL);
}

/* ---- fields on their way out ---- */

void answer_init(struct answer *a, struct cx *cx)
{
    a->cx = cx;
    a->n = 0;
    a->failed = false;
}

void answer_add(struct answer *a, const char *name, const char *value)
{
    size_t len = strlen(value);
    const char *copy = arena_dup(a->cx->arena, value, len);
    if (!copy || a->n == ANSWER_FIELDS_MAX) {
        a->failed = true;
        return;
    }
    a->f[a->n++] = (struct ecpay_field){name, copy, strlen(name), len};
}

void answer_int(struct answer *a, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    answer_add(a, name, text);
}

void answer_mac(struct answer *a, const struct account *account)
{
    char mac[ECPAY_MAC_TEXT];
    struct ecpay_keys keys = account_keys(account);
    if (a->failed || ecpay_mac(&keys, account_hash(account), a->f, a->n, mac))
        a->failed = true;
    else
        answer_add(a, "CheckMacValue", mac);
}

void answer_write(const struct answer *a, bool raw, struct buf *out)
{
    if (!raw) {
        ecpay_form_write(out, a->f, a->n);
        return;
    }
    for (size_t i = 0; i < a->n; i++)
        buf_fmt(out, "%s%s=%s", i ? "&" : "", a->f[i].name, a->f[i].value);
}

const char *answer_string(const struct answer *a, bool raw)
{
    struct buf out;
    buf_init(&out, ECPAY_BODY_MAX);
    if (!a->failed)
        answer_write(a, raw, &out);
    const char *text =
        a->failed || buf_err(&out) ? NULL : arena_dup(a->cx->arena, out.data, out.len);
    buf_done(&out);
    return text;
}

void call_answer(struct call *k, struct answer *a)
{
    ecpay_lock(k->e);
    bool raw = k->e->is.raw_answers;
    ecpay_unlock(k->e);
    call_send(k, "text/html; charset=utf-8", answer_string(a, raw));
}
