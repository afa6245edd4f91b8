#include "sandboxd/control.h"

#include "base/json.h"
#include "base/text.h"
#include "sandboxd/ecpay.h"
#include "sandboxd/line.h"
#include "sandboxd/omise.h"
#include "sandboxd/sandboxd.h"

#include <string.h>

enum { BODY_MAX = 16 << 10 };

/* JSON must be declared: a page of another site cannot send that without asking first. */
static bool is_json(const struct http_req *req)
{
    const char *type = http_header(req, "content-type");
    return type && text_has_prefix(type, "application/json");
}

bool control_open(struct http_req *req, json_t **ret_body)
{
    size_t len;
    enum err e = addr_is_loopback(http_peer(req))
                     ? ERR_OK
                     : problem(http_cx(req), ERR_FORBIDDEN, "from this machine only");
    if (!e && ret_body && !is_json(req))
        e = problem(http_cx(req), ERR_MEDIA_TYPE, "the body must be application/json");
    if (!e && ret_body) {
        const char *body = http_body(req, &len);
        e = json_read_object(http_cx(req), body, len, ret_body);
    }
    if (e)
        http_fail(req, e, NULL);
    return !e;
}

void control_done(struct http_req *req, enum err e)
{
    if (e)
        http_fail(req, e, NULL);
    else
        http_send_empty(req, 204);
}

static void send_json(struct http_req *req, json_t *o)
{
    char *text = json_text_of(o);
    http_add(req, "Cache-Control", "no-store");
    http_send_heap(req, 200, "application/json", text, text ? strlen(text) : 0);
}

static void set_faults(struct http_req *req)
{
    json_t *body;
    if (!control_open(req, &body))
        return;
    enum err e = faults_set(http_cx(req), sandboxd_of(req)->faults, body);
    json_decref(body);
    control_done(req, e);
}

static void get_faults(struct http_req *req)
{
    if (control_open(req, NULL))
        send_json(req, faults_json(sandboxd_of(req)->faults));
}

static void clear_faults(struct http_req *req)
{
    if (!control_open(req, NULL))
        return;
    faults_clear(sandboxd_of(req)->faults);
    control_done(req, ERR_OK);
}

static void get_state(struct http_req *req)
{
    struct sandboxd *s = sandboxd_of(req);
    if (!control_open(req, NULL))
        return;
    send_json(req, json_pack("{s:o, s:o, s:o, s:o, s:o}", "omise", omise_state(s->omise), "ecpay",
                             ecpay_state(s->ecpay), "line", line_state(s->line), "deliveries",
                             deliver_json(s->deliver, http_query(req, "ref")), "faults",
                             faults_json(s->faults)));
}

static enum err read_as(struct cx *cx, const json_t *body, enum pay_as *ret_as)
{
    static const char *const names[] = {
        [PAY_PAID] = "paid",
        [PAY_FAILED] = "failed",
        [PAY_EXPIRED] = "expired",
        [PAY_SIMULATED] = "simulated",
    };
    const char *as = "paid";
    enum err e = json_opt_text(cx, body, "as", 20, &as);
    for (unsigned i = 0; !e && i < sizeof names / sizeof *names; i++)
        if (strcmp(as, names[i]) == 0) {
            *ret_as = (enum pay_as)i;
            return ERR_OK;
        }
    return e ? e : problem(cx, ERR_INPUT, "'as' must be paid, failed, expired or simulated");
}

static void pay(struct http_req *req)
{
    struct sandboxd *s = sandboxd_of(req);
    struct cx *cx = http_cx(req);
    enum pay_as as = PAY_PAID;
    const char *ref;
    json_t *body;
    if (!control_open(req, &body))
        return;
    enum err e = json_need_text(cx, body, "ref", 1, 64, &ref);
    if (!e)
        e = read_as(cx, body, &as);
    if (!e) {
        e = omise_pay(cx, s->omise, ref, as);
        if (e == ERR_NOT_FOUND)
            e = ecpay_pay(cx, s->ecpay, ref, as);
    }
    json_decref(body);
    control_done(req, e);
}

size_t control_routes(struct http_route out[CONTROL_ROUTES_MAX])
{
    static const struct http_route rows[] = {
        {"POST", "/control/faults", HTTP_ON_WORKER, set_faults, BODY_MAX, false, NULL},
        {"GET", "/control/faults", HTTP_ON_WORKER, get_faults, 0, false, NULL},
        {"DELETE", "/control/faults", HTTP_ON_WORKER, clear_faults, 0, false, NULL},
        {"GET", "/control/state", HTTP_ON_WORKER, get_state, 0, false, NULL},
        {"POST", "/control/pay", HTTP_ON_WORKER, pay, BODY_MAX, false, NULL},
    };
    memcpy(out, rows, sizeof rows);
    return sizeof rows / sizeof *rows;
}
