/* Which shop has which gateway: made of its keys, kept until they change. */
#include "base/arena.h"
#include "till/till_in.h"

#include <string.h>

/* ---- borrowing ---- */

static struct till_gateway *find_locked(struct till *t, int64_t shop_id, enum pay_account a)
{
    for (size_t i = 0; i < t->gateway_count; i++)
        if (!t->gateways[i].gone && t->gateways[i].shop_id == shop_id &&
            t->gateways[i].account == a)
            return &t->gateways[i];
    return NULL;
}

static void unuse_locked(struct till *t, struct till_gateway *g)
{
    if (--g->users)
        return;
    gateway_free(g->g);
    *g = t->gateways[--t->gateway_count];
}

struct gateway *till_gateway(void *till, int64_t shop_id, const char *provider)
{
    struct till *t = till;
    struct gateway *found = NULL;
    enum pay_account a;
    if (pay_account_parse(provider, &a))
        return NULL;
    (void)pthread_mutex_lock(&t->lock);
    struct till_gateway *g = find_locked(t, shop_id, a);
    if (g && g->g) {
        g->users++;
        found = g->g;
    }
    (void)pthread_mutex_unlock(&t->lock);
    return found;
}

void till_gateway_end(void *till, struct gateway *g)
{
    struct till *t = till;
    if (!g)
        return;
    (void)pthread_mutex_lock(&t->lock);
    for (size_t i = t->gateway_count; i-- > 0;)
        if (t->gateways[i].g == g)
            unuse_locked(t, &t->gateways[i]);
    (void)pthread_mutex_unlock(&t->lock);
}

static bool offers(struct till *t, int64_t shop_id, const struct pay_method *m, int64_t *min,
                   int64_t *max)
{
    struct gateway *g = till_gateway(t, shop_id, m->provider->name);
    bool there = g && g->way->offers(g, m->id, min, max);
    till_gateway_end(t, g);
    return there;
}

bool till_offered(void *arg, int64_t shop_id, const struct pay_method *m)
{
    int64_t min = 0, max = 0;
    return offers(arg, shop_id, m, &min, &max);
}

void till_narrow(void *arg, int64_t shop_id, const struct pay_method *m, int64_t *min, int64_t *max)
{
    int64_t lo = 0, hi = 0;
    if (!offers(arg, shop_id, m, &lo, &hi))
        return;
    *min = lo;
    *max = hi;
}

/* ---- keys that are new, changed or gone ---- */

struct wanted {
    struct pay_account_row rows[PAY_ACCOUNTS_MAX + ACCOUNT_COUNT];
    size_t n;
};

static bool is_gateway(enum pay_account a)
{
    return a == ACCOUNT_ECPAY || a == ACCOUNT_OMISE;
}

static void want(struct wanted *w, int64_t shop_id, enum pay_account a, int64_t changed_ms)
{
    if (is_gateway(a))
        w->rows[w->n++] = (struct pay_account_row){shop_id, changed_ms, a};
}

/* The instance's own keys are the first shop's, whatever that has entered itself. */
static enum err read_wanted(struct till *t, struct db *db, struct cx *cx, struct wanted *w)
{
    const struct pay_accounts *all = t->set.accounts;
    size_t n = 0;
    int64_t first = 0;
    struct pay_account_row *rows = arena_array(cx->arena, struct pay_account_row, PAY_ACCOUNTS_MAX);
    if (!rows)
        return ERR_NO_MEMORY;
    enum err e = pay_account_first_shop(db, &first);
    if (!e)
        e = pay_account_list(db, cx->arena, rows, &n);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e; /* no shop yet */
    for (int a = 0; a < ACCOUNT_COUNT; a++)
        if (all->env[a].name[0])
            want(w, first, (enum pay_account)a, 0);
    for (size_t i = 0; i < n; i++)
        if (rows[i].shop_id != first || !all->env[rows[i].account].name[0])
            want(w, rows[i].shop_id, rows[i].account, rows[i].changed_ms);
    return ERR_OK;
}

static bool is_wanted(const struct wanted *w, const struct till_gateway *g)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->rows[i].shop_id == g->shop_id && w->rows[i].account == g->account &&
            w->rows[i].changed_ms == g->changed_ms)
            return true;
    return false;
}

static void drop_others(struct till *t, const struct wanted *w)
{
    (void)pthread_mutex_lock(&t->lock);
    for (size_t i = t->gateway_count; i-- > 0;) {
        struct till_gateway *g = &t->gateways[i];
        if (g->gone || is_wanted(w, g))
            continue;
        g->gone = true;
        unuse_locked(t, g);
    }
    (void)pthread_mutex_unlock(&t->lock);
}

static bool is_here(struct till *t, const struct pay_account_row *r)
{
    (void)pthread_mutex_lock(&t->lock);
    bool here = find_locked(t, r->shop_id, r->account) != NULL;
    (void)pthread_mutex_unlock(&t->lock);
    return here;
}

static void put_in(struct till *t, const struct till_gateway *g)
{
    (void)pthread_mutex_lock(&t->lock);
    bool fits = t->gateway_count < TILL_GATEWAYS_MAX && !find_locked(t, g->shop_id, g->account);
    if (fits)
        t->gateways[t->gateway_count++] = *g;
    (void)pthread_mutex_unlock(&t->lock);
    if (!fits)
        gateway_free(g->g);
}

/* Keys that do not work are kept in mind too: they are said once, not each second. */
static enum err add(struct till *t, struct db *db, struct cx *cx, const struct pay_account_row *r)
{
    struct pay_keys keys;
    struct till_gateway g = {
        .shop_id = r->shop_id, .changed_ms = r->changed_ms, .account = r->account, .users = 1};
    enum err e = pay_account_read(t->set.accounts, db, cx, r->shop_id, r->account, &keys);
    if (!e)
        e = t->set.make(t->set.arg, cx, r->account, &keys, &g.g);
    crypto_wipe(&keys, sizeof keys);
    if (e == ERR_STORE || e == ERR_NO_MEMORY)
        return e;
    if (e)
        log_error("a gateway cannot be used with these keys",
                  LOG_S("provider", pay_account_name(r->account)), LOG_I("shop", r->shop_id),
                  LOG_S("why", cx->problem));
    put_in(t, &g);
    return ERR_OK;
}

enum err till_gateways_refresh(struct till *t, struct cx *cx)
{
    struct db *db = NULL;
    struct wanted *w = arena_new(cx->arena, struct wanted);
    if (!w)
        return ERR_NO_MEMORY;
    enum err e = store_read(t->set.store, &db);
    if (!e)
        e = read_wanted(t, db, cx, w);
    if (!e)
        drop_others(t, w);
    for (size_t i = 0; !e && i < w->n; i++)
        if (!is_here(t, &w->rows[i]))
            e = add(t, db, cx, &w->rows[i]);
    store_read_end(db);
    return e;
}

/* The i-th that can tick, in use; NULL: no more. */
static struct gateway *ticking(struct till *t, size_t *i)
{
    struct gateway *g = NULL;
    (void)pthread_mutex_lock(&t->lock);
    for (; !g && *i < t->gateway_count; ++*i) {
        struct till_gateway *at = &t->gateways[*i];
        if (at->gone || !at->g || !at->g->way->tick)
            continue;
        at->users++;
        g = at->g;
    }
    (void)pthread_mutex_unlock(&t->lock);
    return g;
}

void till_gateways_tick(struct till *t, struct cx *cx)
{
    size_t i = 0;
    for (struct gateway *g = ticking(t, &i); g; g = ticking(t, &i)) {
        g->way->tick(g, cx);
        till_gateway_end(t, g);
    }
}

void till_gateways_free(struct till *t)
{
    for (size_t i = t->gateway_count; i-- > 0;)
        gateway_free(t->gateways[i].g);
    t->gateway_count = 0;
}
