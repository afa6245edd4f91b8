/* Omise's side as a whole: its settings, its clock, and what /control sees of it. */
#include "base/clock.h"
#include "base/text.h"
#include "pay/omise_sign.h"
#include "sandboxd/omise_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 200 };

static enum err read_settings(struct cx *cx, struct omise *o)
{
    const char *url = o->s->variable("OMISE_WEBHOOK_URL");
    const char *secret = o->s->variable("OMISE_WEBHOOK_SECRET");
    if (url && !text_copy(o->webhook_url, sizeof o->webhook_url, url))
        return problem(cx, ERR_INPUT, "OMISE_WEBHOOK_URL is too long");
    if (*o->webhook_url && !text_has_prefix(o->webhook_url, "http://") &&
        !text_has_prefix(o->webhook_url, "https://"))
        return problem(cx, ERR_INPUT, "OMISE_WEBHOOK_URL must be a URL");
    if (secret && !text_copy(o->webhook_secret, sizeof o->webhook_secret, secret))
        return problem(cx, ERR_INPUT, "OMISE_WEBHOOK_SECRET is too long");
    if (*o->webhook_secret && omise_secrets_check(o->webhook_secret))
        return problem(cx, ERR_INPUT, "OMISE_WEBHOOK_SECRET must be base64, as in the dashboard");
    return ERR_OK;
}

static json_t *make_account(const struct omise *o)
{
    char id[OMISE_ID];
    omise_make_id("acct", id);
    return json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:[s], s:s, s:s, s:b, s:b, s:[], "
                     "s:o}",
                     "object", "account", "id", id, "livemode", 0, "location", "/account", "team",
                     "team_test_sandbox", "email", "sandbox@example.com", "country", "TH",
                     "currency", "THB", "supported_currencies", "THB", "api_version", "2019-05-29",
                     "webhook_uri", o->webhook_url, "auto_activate_recipients", 0,
                     "zero_interest_installments", 0, "metadata_export_keys", "created_at",
                     omise_time(clock_unix_ms()));
}

enum err omise_make(struct cx *cx, struct sandboxd *s, struct omise **ret_omise)
{
    struct omise *o = calloc(1, sizeof *o);
    if (!o)
        return problem(cx, ERR_NO_MEMORY, "out of memory");
    o->s = s;
    (void)pthread_mutex_init(&o->lock, NULL);
    enum err e = read_settings(cx, o);
    if (e) {
        omise_free(o);
        return e;
    }
    o->account = make_account(o);
    *ret_omise = o;
    return ERR_OK;
}

void omise_free(struct omise *o)
{
    if (!o)
        return;
    book_clear(&o->tokens);
    book_clear(&o->sources);
    book_clear(&o->customers);
    book_clear(&o->charges);
    book_clear(&o->refunds);
    book_clear(&o->events);
    json_decref(o->account);
    (void)pthread_mutex_destroy(&o->lock);
    free(o);
}

static void lapse_if_due(struct omise *o, struct omise_row *r, int64_t now_ms)
{
    bool open = strcmp(omise_get(r->o, "status"), "pending") == 0;
    if (!open || omise_time_of(r->o, "expires_at") > now_ms)
        return;
    charge_lapse(o, r, now_ms);
    event_add(o, now_ms, "charge.expire", r->o);
    event_add(o, now_ms, "charge.complete", r->o);
}

void omise_tick(struct omise *o, int64_t now_ms)
{
    (void)pthread_mutex_lock(&o->lock);
    for (size_t i = 0; i < o->charges.n; i++)
        lapse_if_due(o, book_at(&o->charges, i), now_ms);
    (void)pthread_mutex_unlock(&o->lock);
}

/* ---- /control ---- */

static json_t *newest(struct omise_book *b)
{
    json_t *list = json_array();
    for (size_t i = b->n; i-- > 0 && json_array_size(list) < SHOWN;)
        (void)json_array_append_new(list, json_deep_copy(book_at(b, i)->o));
    return list;
}

json_t *omise_state(struct omise *o)
{
    (void)pthread_mutex_lock(&o->lock);
    json_t *state =
        json_pack("{s:o, s:o}", "charges", newest(&o->charges), "refunds", newest(&o->refunds));
    (void)pthread_mutex_unlock(&o->lock);
    return state;
}

/* By its id, or by the attempt that the shop wrote into its metadata. */
static struct omise_row *find(struct omise *o, const char *ref)
{
    for (size_t i = o->charges.n; i-- > 0;) {
        struct omise_row *r = book_at(&o->charges, i);
        const json_t *metadata = json_object_get(r->o, "metadata");
        if (strcmp(r->id, ref) == 0 || strcmp(omise_get(metadata, "attempt"), ref) == 0)
            return r;
    }
    return NULL;
}

static enum err pay_locked(struct cx *cx, struct omise *o, const char *ref, enum pay_as as)
{
    struct omise_row *r = find(o, ref);
    int64_t now_ms = clock_unix_ms();
    if (!r)
        return problem(cx, ERR_NOT_FOUND, "no such charge");
    /* Money may come after the end: a bank that was slow. */
    bool late = as == PAY_PAID && strcmp(omise_get(r->o, "status"), "expired") == 0;
    if (!charge_waits(r) && !late)
        return problem(cx, ERR_CONFLICT, "the charge is %s", omise_get(r->o, "status"));
    if (as == PAY_SIMULATED)
        return problem(cx, ERR_INPUT, "Omise has no simulated payments");
    if (as == PAY_EXPIRED)
        charge_lapse(o, r, now_ms);
    else
        charge_settle(o, r, now_ms, as == PAY_PAID ? r->fate : "payment_rejected");
    event_add(o, now_ms, as == PAY_EXPIRED ? "charge.expire" : "charge.complete", r->o);
    return ERR_OK;
}

enum err omise_pay(struct cx *cx, struct omise *o, const char *ref, enum pay_as as)
{
    (void)pthread_mutex_lock(&o->lock);
    enum err e = pay_locked(cx, o, ref, as);
    (void)pthread_mutex_unlock(&o->lock);
    return e;
}
