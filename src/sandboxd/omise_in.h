/*
 * omise_in - what the files of Omise's side share. Private.
 *
 * Shape:   every object is a json_t just as the API shows it; what the API does not show (the fate
 *          of a test card, the page of a charge) lies beside it in its row.
 * Lock:    functions whose first argument is a struct omise, and endpoints, are called with
 *          o->lock held; those that take it themselves say so.
 */
#pragma once
#include "base/id.h"
#include "sandboxd/omise.h"
#include <pthread.h>

enum {
    OMISE_ID = 40,
    OMISE_KEEP = 3000, /* objects of each kind; then the oldest goes */
    OMISE_LIST_MAX = 100,
    OMISE_REFUNDS_MAX = 15,
    OMISE_MIN = 2000,     /* satang */
    OMISE_MAX = 15000000, /* satang */
    OMISE_WORD = 48,
    OMISE_SECRET = 512
};

/* ---- the book: objects by kind (omise_book.c) ---- */

struct omise_row {
    char id[OMISE_ID];
    json_t *o;
    int64_t created_ms;
    char fate[OMISE_WORD]; /* card, token, charge: how the bank will decide; "" fine */
    char page[OMISE_ID];   /* charge: the name of its page, as in authorize_uri */
    char token[OMISE_ID];  /* of documents: what makes their URL unguessable */
};

struct omise_book {
    size_t n, first; /* a ring of the newest OMISE_KEEP */
    struct omise_row rows[OMISE_KEEP];
};

/* A row with a fresh id such as "chrg_test_5xuy4w91xqz7d1w9u0t"; its object is the caller's to set.
 */
struct omise_row *book_add(struct omise_book *b, const char *prefix, int64_t now_ms);
/* NULL: none. */
struct omise_row *book_find(struct omise_book *b, const char *id);
/* The i-th in the order they were made; i < b->n. */
struct omise_row *book_at(struct omise_book *b, size_t i);
void book_clear(struct omise_book *b);
/* "chrg_test_" and 19 random characters of [0-9a-z] */
void omise_make_id(const char *prefix, char out[OMISE_ID]);

struct omise {
    struct sandboxd *s;
    char webhook_url[DELIVER_URL], webhook_secret[OMISE_SECRET];
    pthread_mutex_t lock;
    struct omise_book tokens, sources, customers, charges, refunds, events;
    json_t *account;
};

/* ---- one call (omise_call.c) ---- */

struct omise_call {
    struct omise *o;
    struct http_req *req;
    struct cx *cx;
    json_t *body;   /* an object, {} without a body; form fields are texts */
    json_t *result; /* what is answered with 200 */
    int status;     /* of an error: set with code and message */
    const char *code;
    char message[200];
};

/* "card[number]=4242&list[]=a" as an object of texts. NULL: not well encoded, or out of memory. */
json_t *omise_read_form(struct cx *cx, const char *text, size_t len);

/* A handler: leaves k->result, or an error by refuse(). */
typedef void omise_run(struct omise_call *k);

/* Records an error: 400 unless the code has another status. */
__attribute__((format(printf, 3, 4))) void refuse(struct omise_call *k, const char *code,
                                                  const char *message, ...);
static inline bool refused(const struct omise_call *k)
{
    return k->status != 0;
}
/* Fields of `o`, given as JSON or as text of a form; absent and null are NULL, -1, `otherwise`. */
const char *ask_text(const json_t *o, const char *name);
json_t *text_or_null(const json_t *o, const char *name);
bool ask_bool(const json_t *o, const char *name, bool otherwise);
/* ERR_INPUT: there, and no whole number */
enum err ask_i64(const json_t *o, const char *name, int64_t *ret_n) NODISCARD;
/* Text of a query parameter; NULL: absent. */
const char *ask_query(struct omise_call *k, const char *name);

/* "2026-11-22T09:15:00Z" */
json_t *omise_time(int64_t unix_ms);
/* The time of a member; 0: null. */
int64_t omise_time_of(const json_t *o, const char *name);
void omise_set(json_t *o, const char *name, json_t *value); /* takes the reference */
const char *omise_get(const json_t *o, const char *name);   /* "" if it is no text */
int64_t omise_number(const json_t *o, const char *name);
/* A shallow-copied `metadata` object from the body, or NULL: none was given. */
json_t *ask_metadata(struct omise_call *k);

/* {"object":"list", ...} of rows that `want` likes (NULL: all), by the query's paging. */
json_t *omise_list_of(struct omise_call *k, struct omise_book *b, const char *location,
                      bool (*want)(const struct omise_row *r, const void *arg), const void *arg);
/* The same of objects that lie in an array; `data` is borrowed. NULL: the query was refused. */
json_t *omise_list(struct omise_call *k, json_t *data, const char *location);
/* As it stands in another object: whole, first page. Takes the reference to `data`. */
json_t *omise_inner_list(json_t *data, const char *location, int64_t now_ms);

/* ---- cards, tokens, customers (omise_card.c, omise_customer.c) ---- */

omise_run token_create, token_get;
omise_run customer_create, customer_list, customer_get, customer_edit, customer_delete, card_list,
    card_get, card_edit, card_delete;
/* The card of an unused token, which is used now; fate of OMISE_WORD. NULL: refused. */
json_t *token_use(struct omise_call *k, const char *id, char *fate);
/* A customer's card (NULL: the default one), borrowed. NULL: refused. */
json_t *customer_card(struct omise_call *k, const char *customer, const char *card, char *fate);

/* ---- methods and sources (omise_source.c) ---- */

enum omise_flow { FLOW_CARD, FLOW_OFFLINE, FLOW_REDIRECT, FLOW_APP };
struct omise_way {
    const char *type;
    const char *zh, *th, *en; /* its name */
    enum omise_flow flow;
    bool phone, platform, term; /* what a source of it needs */
    bool refunds;
    int64_t rate_bp; /* fee, in hundredths of a percent */
    int64_t min;     /* satang */
};
/* NULL: unknown. "card" is one. */
const struct omise_way *way_of(const char *type);
omise_run source_create, source_get, capability_get;
/* A new source from `ask` (type, amount, currency ...), in the book; NULL: refused. */
struct omise_row *source_make(struct omise_call *k, const json_t *ask);

/* ---- charges (omise_charge.c, omise_charge_make.c) ---- */

omise_run charge_create, charge_list, charge_get, charge_edit, charge_capture, charge_reverse,
    charge_expire, charge_mark_paid, charge_mark_failed, charge_search;
/* Whatever it waits for has happened: successful, authorized, or failed (`code` not ""). */
void charge_settle(struct omise *o, struct omise_row *r, int64_t now_ms, const char *code);
void charge_lapse(struct omise *o, struct omise_row *r, int64_t now_ms);
bool charge_waits(const struct omise_row *r); /* for its buyer */
/* Sets what follows from its amounts: fee, net, refundable ... */
void charge_reckon(json_t *c);
const char *charge_type(const json_t *c); /* "card" or the source's */
/* What a failure_code says in words. */
const char *failure_words(const char *code);

omise_run refund_create, refund_list, refund_get, refund_list_all;

/* ---- events (omise_event.c) ---- */

omise_run event_list, event_get, account_get, balance_get;
/* Something has happened to `object`: an event, and messages to whom it concerns. */
void event_add(struct omise *o, int64_t now_ms, const char *key, const json_t *object);

/* ---- pages (omise_page.c), the browser's library (omise_js.c): they take the lock ---- */

void page_waiting(struct http_req *req);
void page_authorize(struct http_req *req);
void page_authorized(struct http_req *req);
void serve_document(struct http_req *req);
void serve_omise_js(struct http_req *req);
void serve_card_form(struct http_req *req);
void serve_card_form_js(struct http_req *req);
