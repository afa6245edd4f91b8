/* Paying back through Omise: once, and looked for by our reference when the answer was lost. */
#include "base/arena.h"
#include "pay/omise_in.h"

#include <string.h>

enum { LOOK_MS = 5000, SOON_MS = 60 * 1000, REFUNDS_MAX = 100 /* Omise allows 15 of a charge */ };

/* `why` "": nothing to say. */
static void say(struct cx *cx, struct gateway_refunded *r, enum gateway_refund_says says,
                const char *why)
{
    *r = (struct gateway_refunded){.says = says,
                                   .why = why[0] ? arena_dup(cx->arena, why, strlen(why)) : NULL};
    if (says == REFUND_SAYS_LATER || says == REFUND_SAYS_UNCLEAR)
        r->later_ms = cx->now_ms + SOON_MS;
}

static bool is_ours(const json_t *refund, const char *refund_ref)
{
    const json_t *metadata = json_object_get(refund, "metadata");
    const char *ref = json_string_value(json_object_get(metadata, "refund_id"));
    return ref && strcmp(ref, refund_ref) == 0;
}

/* What a refund object says; false: it is none, or not the one we asked for. */
static bool read_refund(struct cx *cx, const json_t *o, const struct gateway_refund *ask,
                        struct gateway_refunded *r)
{
    const char *id = omise_text(cx, o, "id"), *status = omise_text(cx, o, "status");
    if (strcmp(omise_text(cx, o, "object"), "refund") != 0 || !omise_id_ok(id, "rfnd") ||
        json_integer_value(json_object_get(o, "amount")) != ask->amount)
        return false;
    enum gateway_refund_says says = REFUND_SAYS_DONE; /* the member is deprecated, or "closed" */
    if (strcmp(status, "pending") == 0)
        says = REFUND_SAYS_PENDING;
    if (strcmp(status, "failed") == 0)
        says = REFUND_SAYS_FAILED;
    say(cx, r, says, says == REFUND_SAYS_FAILED ? "Omise says that the refund failed" : "");
    r->provider_ref = id;
    return true;
}

static enum err find_among(struct cx *cx, const json_t *page, const struct gateway_refund *ask,
                           struct gateway_refunded *r)
{
    const json_t *list = json_object_get(page, "data");
    if (!json_is_array(list))
        return problem(cx, ERR_UPSTREAM, "Omise's answer is not a list");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *refund = json_array_get(list, i);
        if (is_ours(refund, ask->refund_ref))
            return read_refund(cx, refund, ask, r)
                       ? ERR_OK
                       : problem(cx, ERR_UPSTREAM, "Omise's refund is not as asked for");
    }
    return ERR_NOT_FOUND;
}

/* Is it there? ERR_NOT_FOUND: surely not. */
static enum err look(struct omise *o, struct cx *cx, const struct gateway_refund *ask,
                     int64_t timeout_ms, struct gateway_refunded *r)
{
    struct omise_reply reply;
    struct omise_call call = {.method = "GET", .timeout_ms = timeout_ms};
    enum err e =
        omise_do(o, cx, &call, &reply, "/charges/%s/refunds?order=reverse_chronological&limit=%d",
                 ask->payment.provider_ref, REFUNDS_MAX);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_UPSTREAM : e; /* the charge is not there: odd */
    e = find_among(cx, reply.body, ask, r);
    json_decref(reply.body);
    return e;
}

static bool can_try(struct cx *cx, const struct gateway_refund *ask, struct gateway_refunded *r)
{
    const struct omise_method *m = omise_method_find(ask->payment.method);
    const char *id = ask->payment.provider_ref;
    if (!m || m->manual)
        say(cx, r, REFUND_SAYS_MANUAL, "Omise cannot pay this method back");
    else if (!id || !omise_id_ok(id, "chrg"))
        say(cx, r, REFUND_SAYS_FAILED, "the payment has no charge at Omise");
    else
        return true;
    return false;
}

static enum err post(struct omise *o, struct cx *cx, const struct gateway_refund *ask,
                     struct omise_reply *reply)
{
    struct omise_call call = {.method = "POST", .once = true};
    call.body = json_pack("{s:I,s:{s:s}}", "amount", (json_int_t)ask->amount, "metadata",
                          "refund_id", ask->refund_ref);
    if (!call.body)
        return ERR_NO_MEMORY;
    return omise_do(o, cx, &call, reply, "/charges/%s/refunds", ask->payment.provider_ref);
}

/* Sent once; then what is certain is said. */
static void send_it(struct omise *o, struct cx *cx, const struct gateway_refund *ask,
                    struct gateway_refunded *r)
{
    struct omise_reply reply = {0};
    enum err e = post(o, cx, ask, &reply);
    if (!e) {
        bool read = read_refund(cx, reply.body, ask, r);
        json_decref(reply.body);
        if (read)
            return;
        e = problem(cx, ERR_UPSTREAM, "Omise's refund is not as asked for");
    }
    if (omise_lost(e)) {
        if (look(o, cx, ask, LOOK_MS, r) != ERR_OK)
            say(cx, r, REFUND_SAYS_UNCLEAR, "Omise's answer was lost");
    } else if (e == ERR_INPUT || e == ERR_NOT_FOUND) {
        const char *why = arena_fmt(cx->arena, "%s: %s", reply.code, reply.message);
        say(cx, r, REFUND_SAYS_FAILED, why ? why : "Omise refused");
    } else {
        say(cx, r, REFUND_SAYS_LATER, cx->problem);
    }
}

/* A program that ended in the middle may have sent it already: look before, always. */
void omise_refund(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                  struct gateway_refunded *ret_refunded)
{
    struct omise *o = (struct omise *)g;
    if (!can_try(cx, ask, ret_refunded))
        return;
    enum err e = look(o, cx, ask, 0, ret_refunded);
    if (e == ERR_NOT_FOUND)
        send_it(o, cx, ask, ret_refunded);
    else if (e)
        say(cx, ret_refunded, REFUND_SAYS_LATER, cx->problem);
}

void omise_refund_ask(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                      struct gateway_refunded *ret_refunded)
{
    if (!can_try(cx, ask, ret_refunded))
        return;
    enum err e = look((struct omise *)g, cx, ask, 0, ret_refunded);
    if (e == ERR_NOT_FOUND)
        say(cx, ret_refunded, REFUND_SAYS_LATER, "Omise has no such refund");
    else if (e)
        say(cx, ret_refunded, REFUND_SAYS_UNCLEAR, cx->problem);
}
