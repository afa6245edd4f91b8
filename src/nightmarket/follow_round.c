#include "nightmarket/follow_round.h"

#include <assert.h>

static bool is_urgent(const struct input_watched *w)
{
    return w->state == SHOW_LIVE || w->state == SHOW_INTERRUPTED || w->state == SHOW_BACKSTAGE;
}

size_t follow_next(struct follow_round *r, const struct input_watched *inputs, size_t n)
{
    size_t urgent = 0;
    assert(n);
    r->odd = !r->odd;
    for (size_t i = 0; i < n; i++)
        urgent += is_urgent(&inputs[i]);
    if (!r->odd || !urgent)
        return r->all++ % n;
    size_t skip = r->urgent++ % urgent;
    for (size_t i = 0; i < n; i++)
        if (is_urgent(&inputs[i]) && skip-- == 0)
            return i;
    return 0;
}
