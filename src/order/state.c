#include "order/state.h"

#include <assert.h>
#include <string.h>

static enum err parse(const char *const *names, int count, const char *text, int *ret)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

struct step {
    int from, to;
};

static bool listed(const struct step *steps, size_t n, int from, int to)
{
    for (size_t i = 0; i < n; i++)
        if (steps[i].from == from && steps[i].to == to)
            return true;
    return false;
}
#define LISTED(steps, from, to) \
    listed((steps), sizeof(steps) / sizeof *(steps), (int)(from), (int)(to))

/* ---- orders ---- */

static const char *const order_names[] = {
#define X(name, text) [ORDER_##name] = (text),
    ORDER_STATE_TABLE(X)
#undef X
};

static const struct step order_steps[] = {
    {ORDER_AWAITING_PAYMENT, ORDER_CONFIRMED},
    {ORDER_AWAITING_PAYMENT, ORDER_CANCELLED},
    {ORDER_AWAITING_PAYMENT, ORDER_EXPIRED},
    {ORDER_EXPIRED, ORDER_CONFIRMED}, /* late money, and all can be held again */
    {ORDER_CONFIRMED, ORDER_CANCELLED},
    {ORDER_CONFIRMED, ORDER_COMPLETED},
};

const char *order_state_name(enum order_state s)
{
    assert((unsigned)s < ORDER_STATE_COUNT);
    return order_names[s];
}

enum err order_state_parse(const char *text, enum order_state *ret_state)
{
    int i = 0;
    enum err e = parse(order_names, ORDER_STATE_COUNT, text, &i);
    if (!e)
        *ret_state = (enum order_state)i;
    return e;
}

bool order_may(enum order_state from, enum order_state to)
{
    return LISTED(order_steps, from, to);
}

/* ---- parcels ---- */

static const char *const parcel_names[] = {
#define X(name, text) [PARCEL_##name] = (text),
    PARCEL_STATE_TABLE(X)
#undef X
};

static const struct step parcel_steps[] = {
    {PARCEL_PACKING, PARCEL_PACKED},    {PARCEL_PACKING, PARCEL_VOID},
    {PARCEL_PACKED, PARCEL_SHIPPED},    {PARCEL_PACKED, PARCEL_VOID},
    {PARCEL_SHIPPED, PARCEL_AT_STORE},  {PARCEL_SHIPPED, PARCEL_DELIVERED},
    {PARCEL_SHIPPED, PARCEL_RETURNED},  {PARCEL_AT_STORE, PARCEL_COLLECTED},
    {PARCEL_AT_STORE, PARCEL_RETURNED},
};

const char *parcel_state_name(enum parcel_state s)
{
    assert((unsigned)s < PARCEL_STATE_COUNT);
    return parcel_names[s];
}

enum err parcel_state_parse(const char *text, enum parcel_state *ret_state)
{
    int i = 0;
    enum err e = parse(parcel_names, PARCEL_STATE_COUNT, text, &i);
    if (!e)
        *ret_state = (enum parcel_state)i;
    return e;
}

bool parcel_may(enum parcel_state from, enum parcel_state to)
{
    return LISTED(parcel_steps, from, to);
}

bool parcel_is_out(enum parcel_state s)
{
    return s >= PARCEL_SHIPPED && s <= PARCEL_RETURNED;
}

bool parcel_has_arrived(enum parcel_state s)
{
    return s == PARCEL_COLLECTED || s == PARCEL_DELIVERED;
}

/* ---- returns ---- */

static const char *const return_names[] = {
#define X(name, text) [RETURN_##name] = (text),
    RETURN_STATE_TABLE(X)
#undef X
};

static const struct step return_steps[] = {
    {RETURN_ASKED, RETURN_APPROVED},      {RETURN_ASKED, RETURN_REFUSED},
    {RETURN_ASKED, RETURN_WITHDRAWN},     {RETURN_APPROVED, RETURN_ON_THE_WAY},
    {RETURN_APPROVED, RETURN_RECEIVED},   {RETURN_APPROVED, RETURN_WITHDRAWN},
    {RETURN_ON_THE_WAY, RETURN_RECEIVED}, {RETURN_RECEIVED, RETURN_REFUNDED},
};

const char *return_state_name(enum return_state s)
{
    assert((unsigned)s < RETURN_STATE_COUNT);
    return return_names[s];
}

enum err return_state_parse(const char *text, enum return_state *ret_state)
{
    int i = 0;
    enum err e = parse(return_names, RETURN_STATE_COUNT, text, &i);
    if (!e)
        *ret_state = (enum return_state)i;
    return e;
}

bool return_may(enum return_state from, enum return_state to)
{
    return LISTED(return_steps, from, to);
}

/* ---- what the buyer is told ---- */

static const char *const status_names[] = {
#define X(name, text) [STATUS_##name] = (text),
    ORDER_STATUS_TABLE(X)
#undef X
};

const char *order_status_name(enum order_status s)
{
    assert((unsigned)s < STATUS_COUNT);
    return status_names[s];
}

static enum order_status parcel_status(unsigned parcels)
{
    static const struct {
        enum parcel_state parcel;
        enum order_status status;
    } by_way[] = {{PARCEL_PACKING, STATUS_PREPARING},  {PARCEL_PACKED, STATUS_PREPARING},
                  {PARCEL_SHIPPED, STATUS_SHIPPED},    {PARCEL_AT_STORE, STATUS_AT_STORE},
                  {PARCEL_RETURNED, STATUS_RETURNED},  {PARCEL_COLLECTED, STATUS_COLLECTED},
                  {PARCEL_DELIVERED, STATUS_DELIVERED}};
    for (size_t i = 0; i < sizeof by_way / sizeof by_way[0]; i++)
        if (parcels & 1u << by_way[i].parcel)
            return by_way[i].status;
    return STATUS_PREPARING;
}

enum order_status order_status(const struct status_of *s)
{
    if (s->refunding)
        return STATUS_REFUNDING;
    if (s->has_payment && s->payment == PAYMENT_REFUNDED)
        return STATUS_REFUNDED;
    switch (s->order) {
    case ORDER_AWAITING_PAYMENT: return STATUS_AWAITING_PAYMENT;
    case ORDER_CANCELLED:
        return s->parcels & 1u << PARCEL_RETURNED ? STATUS_RETURNED : STATUS_CANCELLED;
    case ORDER_EXPIRED: return STATUS_EXPIRED;
    case ORDER_COMPLETED: return STATUS_COMPLETED;
    case ORDER_CONFIRMED:
    case ORDER_STATE_COUNT: break;
    }
    return parcel_status(s->parcels);
}
