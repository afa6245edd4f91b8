#include "sandboxd/omise.h"

#include <stdlib.h>

struct omise {
    struct sandboxd *s;
};

enum err omise_make(struct cx *cx, struct sandboxd *s, struct omise **ret_omise)
{
    struct omise *o = calloc(1, sizeof *o);
    if (!o)
        return problem(cx, ERR_NO_MEMORY, "out of memory");
    o->s = s;
    *ret_omise = o;
    return ERR_OK;
}

void omise_free(struct omise *o)
{
    free(o);
}

size_t omise_routes(struct http_route out[OMISE_ROUTES_MAX])
{
    (void)out;
    return 0;
}

void omise_tick(struct omise *o, int64_t now_ms)
{
    (void)o;
    (void)now_ms;
}

json_t *omise_state(struct omise *o)
{
    (void)o;
    return json_object();
}

enum err omise_pay(struct cx *cx, struct omise *o, const char *ref, enum pay_as as)
{
    (void)o;
    (void)ref;
    (void)as;
    return problem(cx, ERR_NOT_FOUND, "no such charge");
}
