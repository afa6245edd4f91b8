/* Omise's methods of paying in Thailand, and which of them an account has: /capability. */
#include "base/log.h"
#include "base/text.h"
#include "pay/omise_in.h"

#include <assert.h>
#include <string.h>

enum { LOOK_MS = 10 * 60 * 1000, LOOK_AGAIN_MS = 30 * 1000, LOOKED = 1 << 30 };

static const struct omise_method methods[] = {
    {"omise_card", "card", NULL, OMISE_CARD, false, false, false, 2000, 0},
    {"omise_promptpay", "promptpay", NULL, OMISE_QR, false, false, true, 2000, 15000000},
    {"omise_truemoney", "truemoney", "truemoney_jumpapp", OMISE_REDIRECT, true, true, false, 2000,
     0},
    {"omise_mobile_kbank", "mobile_banking_kbank", NULL, OMISE_REDIRECT, false, true, true, 2000,
     0},
    {"omise_mobile_scb", "mobile_banking_scb", NULL, OMISE_REDIRECT, false, true, true, 2000, 0},
    {"omise_mobile_bbl", "mobile_banking_bbl", NULL, OMISE_REDIRECT, false, true, true, 2000, 0},
    {"omise_mobile_bay", "mobile_banking_bay", NULL, OMISE_REDIRECT, false, true, true, 2000, 0},
    {"omise_mobile_ktb", "mobile_banking_ktb", NULL, OMISE_REDIRECT, false, true, true, 2000, 0},
    {"omise_shopeepay", "shopeepay", "shopeepay_jumpapp", OMISE_REDIRECT, false, true, false, 2000,
     0},
    {"omise_linepay", "rabbit_linepay", NULL, OMISE_REDIRECT, false, false, false, 2000, 0},
};
enum { METHODS = sizeof methods / sizeof methods[0] };
static_assert(2 * METHODS < 30, "a bit for each type");

/* Before anything was heard: what every Thai account has. */
enum { TYPES_AT_FIRST = 1 << 0 | 1 << 1 };

const struct omise_method *omise_method_find(const char *id)
{
    for (size_t i = 0; i < METHODS; i++)
        if (strcmp(methods[i].id, id) == 0)
            return &methods[i];
    return NULL;
}

/* The bits of a type: the first kind of a row is bit i, the other METHODS + i. */
static unsigned type_bit(const char *type)
{
    for (unsigned i = 0; i < METHODS; i++) {
        if (strcmp(methods[i].type, type) == 0)
            return 1U << i;
        if (methods[i].other && strcmp(methods[i].other, type) == 0)
            return 1U << (METHODS + i);
    }
    return 0;
}

static unsigned types_now(struct omise *o)
{
    unsigned types = atomic_load(&o->types);
    return types & LOOKED ? types : TYPES_AT_FIRST;
}

const char *omise_method_type(struct omise *o, const struct omise_method *m)
{
    unsigned types = types_now(o);
    if (m->other && !(types & type_bit(m->type)) && types & type_bit(m->other))
        return m->other;
    return m->type;
}

bool omise_offers(struct gateway *g, const char *method, int64_t *ret_min, int64_t *ret_max)
{
    struct omise *o = (struct omise *)g;
    const struct omise_method *m = omise_method_find(method);
    if (!m || !(types_now(o) & (type_bit(m->type) | (m->other ? type_bit(m->other) : 0))))
        return false;
    int64_t min = atomic_load(&o->min), max = atomic_load(&o->max);
    *ret_min = min > m->min ? min : m->min;
    *ret_max = !max || (m->max && m->max < max) ? m->max : max;
    return true;
}

/* ---- /capability ---- */

static bool has_baht(const json_t *currencies)
{
    for (size_t i = 0; i < json_array_size(currencies); i++) {
        const char *c = json_string_value(json_array_get(currencies, i));
        if (c && text_same_nocase(c, "THB"))
            return true;
    }
    return false;
}

static int64_t limit_of(const json_t *limits, const char *name)
{
    json_int_t n = json_integer_value(json_object_get(limits, name));
    return n > 0 ? n : 0;
}

enum err omise_read_capability(const json_t *o, struct omise_capability *ret)
{
    const char *object = json_string_value(json_object_get(o, "object"));
    const json_t *list = json_object_get(o, "payment_methods");
    if (!object || strcmp(object, "capability") != 0 || !json_is_array(list))
        return ERR_UPSTREAM;
    struct omise_capability c = {0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(m, "name"));
        if (name && has_baht(json_object_get(m, "currencies")))
            c.types |= type_bit(name);
    }
    const json_t *limits = json_object_get(json_object_get(o, "limits"), "charge_amount");
    c.min = limit_of(limits, "min");
    c.max = limit_of(limits, "max");
    *ret = c;
    return ERR_OK;
}

static enum err look(struct omise *o, struct cx *cx)
{
    struct omise_reply reply;
    struct omise_capability c;
    struct omise_call call = {.method = "GET", .by_public_key = true};
    enum err e = omise_do(o, cx, &call, &reply, "/capability");
    if (e)
        return e;
    e = omise_read_capability(reply.body, &c);
    json_decref(reply.body);
    if (e)
        return problem(cx, e, "Omise's answer is no capability");
    atomic_store(&o->min, c.min);
    atomic_store(&o->max, c.max);
    atomic_store(&o->types, c.types | LOOKED);
    return ERR_OK;
}

void omise_look(struct gateway *g, struct cx *cx)
{
    struct omise *o = (struct omise *)g;
    int64_t due_ms = atomic_load(&o->look_ms);
    /* One of several threads that come at once looks. */
    if (cx->now_ms < due_ms ||
        !atomic_compare_exchange_strong(&o->look_ms, &due_ms, cx->now_ms + LOOK_MS))
        return;
    if (look(o, cx) != ERR_OK) {
        log_warn("omise does not say its methods", LOG_S("why", cx->problem));
        atomic_store(&o->look_ms, cx->now_ms + LOOK_AGAIN_MS);
    }
}
