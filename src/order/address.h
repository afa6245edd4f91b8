/*
 * address - where an order goes and how it is invoiced: what buyers type, checked and made one
 * shape.
 *
 * Shape:   JSON objects in, canonical JSON text out (what orders store and pages show again).
 *          Phone, name and address are personal data: never in a log, an event or an error.
 * Errors:  ERR_INPUT with cx->problem "'address.phone' ...": the field is the first quoted word.
 * Memory:  text in cx->arena.
 * Source:  Taiwan: mobile 09 + 8 digits; carrier barcode / and 7 of 0-9 A-Z . + -; company number
 *          by the rule of 2023 (a sum that 5 divides); love code 3 to 7 digits. Thailand: 0 + 9
 *          digits mobile, 0 + 8 fixed.
 */
#pragma once
#include "base/cx.h"
#include <jansson.h>

struct market;

#define DELIVERY_TABLE(X) X(HOME, "home") X(CVS, "cvs")
enum delivery {
#define X(name, text) DELIVERY_##name,
    DELIVERY_TABLE(X)
#undef X
        DELIVERY_COUNT
};
const char *delivery_name(enum delivery d);
enum err delivery_parse(const char *text, enum delivery *ret_delivery) NODISCARD;

extern const char *const cvs_chains[]; /* "711", "family", ...; NULL ends it */

enum err address_check(struct cx *cx, const struct market *m, enum delivery d, const json_t *in,
                       const char **ret_text) NODISCARD;

/* Are orders that cost something invoiced there? */
bool invoice_wanted(const struct market *m);
/* *ret_text is NULL where they are not. */
enum err invoice_check(struct cx *cx, const struct market *m, const json_t *in,
                       const char **ret_text) NODISCARD;

/* ---- the rules alone, for tests and pages ---- */

/* "0912 345-678" and "+886912345678" are 0912345678. ERR_INPUT */
enum { PHONE_SIZE = 16 };
enum err phone_tidy(const struct market *m, const char *typed, char out[PHONE_SIZE]) NODISCARD;
bool tax_id_ok(const char *digits);
bool carrier_ok(const char *barcode);
bool love_code_ok(const char *digits);
