#include "sandboxd/ecpay.h"

#include <stdlib.h>

struct ecpay {
    struct sandboxd *s;
};

enum err ecpay_make(struct cx *cx, struct sandboxd *s, struct ecpay **ret_ecpay)
{
    struct ecpay *e = calloc(1, sizeof *e);
    if (!e)
        return problem(cx, ERR_NO_MEMORY, "out of memory");
    e->s = s;
    *ret_ecpay = e;
    return ERR_OK;
}

void ecpay_free(struct ecpay *e)
{
    free(e);
}

size_t ecpay_routes(struct http_route out[ECPAY_ROUTES_MAX])
{
    (void)out;
    return 0;
}

void ecpay_tick(struct ecpay *e, int64_t now_ms)
{
    (void)e;
    (void)now_ms;
}

json_t *ecpay_state(struct ecpay *e)
{
    (void)e;
    return json_object();
}

enum err ecpay_pay(struct cx *cx, struct ecpay *e, const char *ref, enum pay_as as)
{
    (void)e;
    (void)ref;
    (void)as;
    return problem(cx, ERR_NOT_FOUND, "no such trade");
}
