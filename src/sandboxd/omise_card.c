/* Cards for testing and the tokens made of them. Source: docs.omise.co/api-testing. */
#include "base/crypto.h"
#include "base/text.h"
#include "sandboxd/omise_in.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* How the bank will decide about a card: a failure_code, or one of two words of 3-D Secure, whose
 * failure codes the documentation does not name. */
static const struct {
    const char *fate;
    const char *numbers[3]; /* Visa, MasterCard, JCB */
} test_cards[] = {
    {"insufficient_fund", {"4111111111140011", "5555551111110011", "3530111111190011"}},
    {"stolen_or_lost_card", {"4111111111130012", "5555551111100012", "3530111111180012"}},
    {"failed_processing", {"4111111111120013", "5555551111190013", "3530111111170013"}},
    {"payment_rejected", {"4111111111110014", "5555551111180014", "3530111111160014"}},
    {"failed_fraud_check", {"4111111111190016", "5555551111160016", "3530111111140016"}},
    {"invalid_account_number", {"4111111111180017", "5555551111150017", "3530111111130017"}},
    {"3ds_enrollment_failed", {"4111111111150002", "5555551111120002", "3530111111100002"}},
    {"3ds_validation_failed", {"4111111111140003", "5555551111110003", "3530111111190003"}},
    {"invalid_security_code", {"4111111111160001", "", ""}},
};

static const char *fate_of(const char *number)
{
    for (size_t i = 0; i < sizeof test_cards / sizeof *test_cards; i++)
        for (size_t j = 0; j < 3; j++)
            if (strcmp(test_cards[i].numbers[j], number) == 0)
                return test_cards[i].fate;
    return NULL;
}

static bool luhn(const char *number)
{
    int sum = 0;
    size_t n = strlen(number);
    for (size_t i = 0; i < n; i++) {
        int d = number[n - 1 - i] - '0';
        d *= i % 2 ? 2 : 1;
        sum += d > 9 ? d - 9 : d;
    }
    return n >= 12 && n <= 19 && sum % 10 == 0;
}

static const char *brand_of(const char *number)
{
    if (number[0] == '4')
        return "Visa";
    if (number[0] == '5' || number[0] == '2')
        return "MasterCard";
    if (text_has_prefix(number, "35"))
        return "JCB";
    if (text_has_prefix(number, "34") || text_has_prefix(number, "37"))
        return "American Express";
    return NULL;
}

/* Digits alone; false: something else was in it, or too many. */
static bool digits_of(const char *text, char out[20])
{
    size_t n = 0;
    for (; *text; text++) {
        if (*text == ' ' || *text == '-')
            continue;
        if (*text < '0' || *text > '9' || n == 19)
            return false;
        out[n++] = *text;
    }
    out[n] = '\0';
    return true;
}

static bool is_past(int64_t month, int64_t year, int64_t now_ms)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm tm;
    if (!gmtime_r(&now, &tm))
        return false;
    return year < tm.tm_year + 1900 || (year == tm.tm_year + 1900 && month < tm.tm_mon + 1);
}

static void check_expiry(struct omise_call *k, const json_t *card, int64_t *month, int64_t *year)
{
    *month = *year = -1;
    if (ask_i64(card, "expiration_month", month) || *month < 1 || *month > 12)
        refuse(k, "invalid_card", "expiration month is not between 1 and 12");
    if (ask_i64(card, "expiration_year", year) || *year < 0)
        refuse(k, "invalid_card", "expiration year is invalid");
    else if (*year < 100)
        *year += 2000;
    if (!refused(k) && is_past(*month, *year, k->cx->now_ms))
        refuse(k, "invalid_card", "expiration date cannot be in the past");
}

/* The same for the same number, and no way back to it. */
static void fingerprint(const char *number, char out[65])
{
    unsigned char sum[SHA256_LEN];
    crypto_sha256(number, strlen(number), sum);
    crypto_hex(sum, sizeof sum, out);
}

static json_t *card_object(struct omise_call *k, const json_t *ask, const char *number,
                           int64_t month, int64_t year)
{
    static const char *const plain[] = {"country", "city",  "postal_code", "street1",
                                        "street2", "state", "phone_number"};
    char id[OMISE_ID], print[65];
    const char *fate = fate_of(number);
    omise_make_id("card", id);
    fingerprint(number, print);
    json_t *c =
        json_pack("{s:s, s:s, s:b, s:n, s:b, s:s, s:n, s:s, s:s, s:s, s:n, s:s, s:o, s:I, s:I, "
                  "s:b, s:n, s:o}",
                  "object", "card", "id", id, "livemode", 0, "location", "deleted", 0, "bank",
                  "Sandbox Bank", "first_digits", "brand", brand_of(number), "financing", "credit",
                  "fingerprint", print, "tokenization_method", "last_digits",
                  number + strlen(number) - 4, "name", text_or_null(ask, "name"),
                  "expiration_month", (json_int_t)month, "expiration_year", (json_int_t)year,
                  "security_code_check", !fate || strcmp(fate, "invalid_security_code") != 0,
                  "authorization_type", "created_at", omise_time(k->cx->now_ms));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        omise_set(c, plain[i], text_or_null(ask, plain[i]));
    if (!ask_text(ask, "country"))
        omise_set(c, "country", json_string("th"));
    return c;
}

static json_t *card_make(struct omise_call *k, const json_t *ask, char *fate)
{
    char number[20] = "";
    int64_t month, year;
    const char *given = omise_get(ask, "number");
    if (!*omise_get(ask, "name"))
        refuse(k, "invalid_card", "name can't be blank");
    if (!digits_of(given, number) || (!fate_of(number) && !luhn(number)))
        refuse(k, "invalid_card", "number is invalid");
    else if (!brand_of(number))
        refuse(k, "invalid_card", "brand not supported (unknown)");
    check_expiry(k, ask, &month, &year);
    if (refused(k))
        return NULL;
    (void)text_copy(fate, OMISE_WORD, fate_of(number) ? fate_of(number) : "");
    return card_object(k, ask, number, month, year);
}

/* ---- tokens ---- */

static json_t *location_of(const char *folder, const char *id)
{
    return json_sprintf("/%s/%s", folder, id);
}

void token_create(struct omise_call *k)
{
    char fate[OMISE_WORD] = "";
    const json_t *ask = json_object_get(k->body, "card");
    if (!json_is_object(ask)) {
        refuse(k, "invalid_card", "request contains no card parameters");
        return;
    }
    json_t *card = card_make(k, ask, fate);
    if (!card)
        return;
    struct omise_row *r = book_add(&k->o->tokens, "tokn", k->cx->now_ms);
    (void)text_copy(r->fate, sizeof r->fate, fate);
    r->o = json_pack("{s:s, s:s, s:b, s:o, s:b, s:s, s:o, s:o}", "object", "token", "id", r->id,
                     "livemode", 0, "location", location_of("tokens", r->id), "used", 0,
                     "charge_status", "unknown", "card", card, "created_at",
                     omise_time(k->cx->now_ms));
    k->result = json_incref(r->o);
}

void token_get(struct omise_call *k)
{
    const char *id = http_param(k->req, "id");
    struct omise_row *r = book_find(&k->o->tokens, id);
    if (!r)
        refuse(k, "not_found", "token %.60s was not found", id);
    else
        k->result = json_incref(r->o);
}

json_t *token_use(struct omise_call *k, const char *id, char *fate)
{
    struct omise_row *r = book_find(&k->o->tokens, id);
    if (!r) {
        refuse(k, "not_found", "token %.60s was not found", id);
        return NULL;
    }
    if (json_is_true(json_object_get(r->o, "used"))) {
        refuse(k, "used_token", "token was already used");
        return NULL;
    }
    omise_set(r->o, "used", json_true());
    (void)text_copy(fate, OMISE_WORD, r->fate);
    return json_deep_copy(json_object_get(r->o, "card"));
}
