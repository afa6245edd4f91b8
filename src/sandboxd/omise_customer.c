/* Customers and the cards they keep. How a test card ends lies in it as "fate": no answer shows it.
 */
#include "base/text.h"
#include "sandboxd/omise_in.h"

#include <string.h>

enum { CARDS_MAX = 20 };

static const char HIDDEN[] = "fate";

/* ---- what is shown ---- */

static json_t *card_shown(const json_t *card)
{
    json_t *c = json_deep_copy(card);
    (void)json_object_del(c, HIDDEN);
    return c;
}

static json_t *cards_shown(const json_t *cards)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(cards); i++)
        (void)json_array_append_new(list, card_shown(json_array_get(cards, i)));
    return list;
}

static json_t *customer_shown(const struct omise_call *k, const struct omise_row *r)
{
    json_t *o = json_copy(r->o); /* shallow: "cards" is replaced */
    json_t *location = json_sprintf("/customers/%s/cards", r->id);
    omise_set(o, "cards",
              omise_inner_list(cards_shown(json_object_get(r->o, "cards")),
                               json_string_value(location), k->cx->now_ms));
    json_decref(location);
    return o;
}

static void tell(struct omise_call *k, const struct omise_row *r, const char *key)
{
    json_t *o = customer_shown(k, r);
    event_add(k->o, k->cx->now_ms, key, o);
    json_decref(o);
}

/* ---- finding ---- */

static struct omise_row *find(struct omise_call *k, const char *id)
{
    struct omise_row *r = book_find(&k->o->customers, id);
    if (!r || json_is_true(json_object_get(r->o, "deleted"))) {
        refuse(k, "not_found", "customer %.60s was not found", id);
        return NULL;
    }
    return r;
}

static json_t *find_card(struct omise_call *k, const struct omise_row *r, const char *id,
                         size_t *ret_at)
{
    json_t *cards = json_object_get(r->o, "cards");
    for (size_t i = 0; i < json_array_size(cards); i++) {
        json_t *c = json_array_get(cards, i);
        if (strcmp(omise_get(c, "id"), id) == 0) {
            *ret_at = i;
            return c;
        }
    }
    refuse(k, "not_found", "card %.60s was not found", id);
    return NULL;
}

json_t *customer_card(struct omise_call *k, const char *customer, const char *card, char *fate)
{
    size_t at;
    struct omise_row *r = find(k, customer);
    if (!r)
        return NULL;
    const char *id = card ? card : omise_get(r->o, "default_card");
    if (!*id) {
        refuse(k, "missing_card", "customer has no card");
        return NULL;
    }
    json_t *c = find_card(k, r, id, &at);
    if (!c)
        return NULL;
    (void)text_copy(fate, OMISE_WORD, omise_get(c, HIDDEN));
    return card_shown(c);
}

/* ---- making and changing ---- */

/* Takes the card of the body's token, if it names one. */
static void add_card(struct omise_call *k, struct omise_row *r)
{
    char fate[OMISE_WORD] = "";
    const char *token = ask_text(k->body, "card");
    json_t *cards = json_object_get(r->o, "cards");
    if (!token)
        return;
    if (json_array_size(cards) >= CARDS_MAX) {
        refuse(k, "bad_request", "the customer has too many cards");
        return;
    }
    json_t *c = token_use(k, token, fate);
    if (!c)
        return;
    omise_set(c, HIDDEN, json_string(fate));
    omise_set(c, "location", json_sprintf("/customers/%s/cards/%s", r->id, omise_get(c, "id")));
    if (!*omise_get(r->o, "default_card"))
        omise_set(r->o, "default_card", json_string(omise_get(c, "id")));
    (void)json_array_append_new(cards, c);
}

static void take_texts(struct omise_call *k, json_t *o)
{
    static const char *const names[] = {"email", "description"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ask_text(k->body, names[i]))
            omise_set(o, names[i], json_string(ask_text(k->body, names[i])));
    json_t *metadata = ask_metadata(k);
    if (metadata)
        omise_set(o, "metadata", metadata);
}

void customer_create(struct omise_call *k)
{
    const char *token = ask_text(k->body, "card");
    struct omise_row *t = token ? book_find(&k->o->tokens, token) : NULL;
    if (token && (!t || json_is_true(json_object_get(t->o, "used")))) {
        char fate[OMISE_WORD];
        json_decref(token_use(k, token, fate)); /* it says what is wrong */
        return;
    }
    struct omise_row *r = book_add(&k->o->customers, "cust", k->cx->now_ms);
    r->o =
        json_pack("{s:s, s:s, s:b, s:o, s:n, s:[], s:n, s:n, s:{}, s:n, s:o}", "object", "customer",
                  "id", r->id, "livemode", 0, "location", json_sprintf("/customers/%s", r->id),
                  "default_card", "cards", "description", "email", "metadata", "linked_account",
                  "created_at", omise_time(k->cx->now_ms));
    take_texts(k, r->o);
    add_card(k, r);
    tell(k, r, "customer.create");
    k->result = customer_shown(k, r);
}

static bool is_there(const struct omise_row *r, const void *arg)
{
    (void)arg;
    return !json_is_true(json_object_get(r->o, "deleted"));
}

void customer_list(struct omise_call *k)
{
    k->result = omise_list_of(k, &k->o->customers, "/customers", is_there, NULL);
    if (refused(k))
        return;
    json_t *shown = json_array(), *data = json_object_get(k->result, "data");
    for (size_t i = 0; i < json_array_size(data); i++) {
        const struct omise_row *r =
            book_find(&k->o->customers, omise_get(json_array_get(data, i), "id"));
        if (r)
            (void)json_array_append_new(shown, customer_shown(k, r));
    }
    omise_set(k->result, "data", shown);
}

void customer_get(struct omise_call *k)
{
    const struct omise_row *r = find(k, http_param(k->req, "id"));
    if (r)
        k->result = customer_shown(k, r);
}

void customer_edit(struct omise_call *k)
{
    struct omise_row *r = find(k, http_param(k->req, "id"));
    const char *chosen = ask_text(k->body, "default_card");
    size_t at;
    if (!r || (chosen && !find_card(k, r, chosen, &at)))
        return;
    add_card(k, r);
    if (refused(k))
        return;
    take_texts(k, r->o);
    if (chosen)
        omise_set(r->o, "default_card", json_string(chosen));
    tell(k, r, "customer.update");
    k->result = customer_shown(k, r);
}

/* What is left of something that was deleted. */
static json_t *gone(const char *object, const char *id)
{
    return json_pack("{s:s, s:s, s:b, s:b}", "object", object, "id", id, "livemode", 0, "deleted",
                     1);
}

void customer_delete(struct omise_call *k)
{
    struct omise_row *r = find(k, http_param(k->req, "id"));
    if (!r)
        return;
    omise_set(r->o, "deleted", json_true());
    k->result = gone("customer", r->id);
    event_add(k->o, k->cx->now_ms, "customer.destroy", k->result);
}

/* ---- cards of a customer ---- */

void card_list(struct omise_call *k)
{
    const struct omise_row *r = find(k, http_param(k->req, "id"));
    if (!r)
        return;
    json_t *cards = cards_shown(json_object_get(r->o, "cards"));
    json_t *location = json_sprintf("/customers/%s/cards", r->id);
    k->result = omise_list(k, cards, json_string_value(location));
    json_decref(location);
    json_decref(cards);
}

void card_get(struct omise_call *k)
{
    size_t at;
    const struct omise_row *r = find(k, http_param(k->req, "id"));
    const json_t *c = r ? find_card(k, r, http_param(k->req, "card"), &at) : NULL;
    if (c)
        k->result = card_shown(c);
}

void card_edit(struct omise_call *k)
{
    static const char *const names[] = {"name", "city", "postal_code"};
    size_t at;
    const struct omise_row *r = find(k, http_param(k->req, "id"));
    json_t *c = r ? find_card(k, r, http_param(k->req, "card"), &at) : NULL;
    if (!c)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ask_text(k->body, names[i]))
            omise_set(c, names[i], json_string(ask_text(k->body, names[i])));
    k->result = card_shown(c);
    event_add(k->o, k->cx->now_ms, "card.update", k->result);
}

void card_delete(struct omise_call *k)
{
    size_t at;
    struct omise_row *r = find(k, http_param(k->req, "id"));
    const json_t *c = r ? find_card(k, r, http_param(k->req, "card"), &at) : NULL;
    if (!c)
        return;
    k->result = gone("card", omise_get(c, "id"));
    if (strcmp(omise_get(r->o, "default_card"), omise_get(c, "id")) == 0)
        omise_set(r->o, "default_card", json_null());
    (void)json_array_remove(json_object_get(r->o, "cards"), at);
    event_add(k->o, k->cx->now_ms, "card.destroy", k->result);
}
