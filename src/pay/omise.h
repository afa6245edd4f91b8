/*
 * omise - Omise's payment protocol behind pay/gateway.h: cards by token, PromptPay, TrueMoney,
 * mobile banking, ShopeePay, Rabbit LINE Pay.
 *
 * Shape:   a payment is one charge there; its metadata carry {"order": our order's number,
 *          "attempt": payment.our_ref}, a refund's {"refund_id": refund.our_ref}. Omise knows no
 *          idempotency key: what may have happened is looked for by these, never repeated. Webhooks
 *          only say that something happened: omise_sign_check() (pay/omise_sign.h), then
 *          omise_read_event(), and what counts is the charge as omise_fetch() reads it again.
 *          A declined card is an answer 200 with a charge that failed: SAYS_FAILED.
 * Units:   amounts in satang; times Unix ms.
 * Details: url (authorize_uri), qr, expires_at; charge, brand, last4, failure (Omise's own word),
 *          refunded (what was paid back there, satang).
 * Memory, threads, errors, privacy: as in pay/gateway.h.
 * Source:  docs.omise.co/charges-api, sources-api, refunds-api, events-api, capability-api,
 *          api-webhooks, at version 2019-05-29.
 */
#pragma once
#include "pay/gateway.h"

#define OMISE_API_URL   "https://api.omise.co"
#define OMISE_VAULT_URL "https://vault.omise.co"

enum { OMISE_ID = 64, OMISE_KEY_MAX = 100 };

struct omise_setup {
    const char *public_key, *secret_key; /* both of test or both of live mode */
    const char *api_url;                 /* NULL: OMISE_API_URL */
    const char *ca_file;                 /* NULL: the system's */
    int64_t timeout_ms;                  /* of one exchange; 0: 15 s */
};

/* ERR_INPUT: cx->problem names the member that is not as Omise makes it, without its value. */
enum err omise_setup_check(struct cx *cx, const struct omise_setup *setup) NODISCARD;
/* Copies what it is given. Likewise, and ERR_NO_MEMORY. Makes no call: tick() does. */
enum err omise_gateway_make(struct cx *cx, const struct omise_setup *setup,
                            struct gateway **ret_gateway) NODISCARD;
/* Of either kind of key: is it one of test mode, where no money moves? */
bool omise_is_test(const char *key);

/* ---- events ---- */

struct omise_event {
    char id[OMISE_ID];     /* "evnt_test_5…": the inbox's event_key */
    char key[OMISE_ID];    /* "charge.complete"; keys we do not know are fine */
    char charge[OMISE_ID]; /* whose charge it is about, also of a refund or dispute; "": none */
    bool livemode;
    bool attempt; /* its charge says of which attempt of a shop like ours it is */
    int64_t created_ms;
};

/* The raw body of a webhook, after its signature. ERR_INPUT: not an event of Omise's. */
enum err omise_read_event(struct cx *cx, const void *body, size_t len,
                          struct omise_event *ret_event) NODISCARD;

enum { OMISE_EVENTS_MAX = 500 };
/*
 * Events since `since_ms` (inclusive), oldest first: what webhooks may have failed to tell. At most
 * OMISE_EVENTS_MAX; then *ret_more says that there are more, to be asked for since the last one's
 * created_ms. `g` is of omise_gateway_make(). Errors as those of a gateway's calls.
 */
enum err omise_events_since(struct gateway *g, struct cx *cx, int64_t since_ms,
                            struct omise_event *ret_events, size_t *ret_count,
                            bool *ret_more) NODISCARD;

/*
 * A charge read again, by its id: ret_news->our_ref is the attempt in its metadata, NULL when it is
 * none of ours; SAYS_UNKNOWN when there is no such charge under our keys. Errors as those of ask().
 */
enum err omise_fetch(struct gateway *g, struct cx *cx, const char *charge_id,
                     struct gateway_news *ret_news) NODISCARD;
