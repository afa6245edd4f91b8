/*
 * form - application/x-www-form-urlencoded, as browsers and shops' servers post it.
 *
 * Memory: names and values are decoded copies in cx->arena.
 * Thread: any; no state.
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

enum { FORM_PAIRS_MAX = 128 };

struct form_pair {
    const char *name, *value;
};

struct form {
    size_t n;
    struct form_pair pairs[FORM_PAIRS_MAX]; /* in the order in which they came */
};

/* ERR_INPUT: a bad escape, an encoded NUL, no UTF-8, too many pairs; ERR_NO_MEMORY */
enum err form_read(struct cx *cx, const char *text, size_t len, struct form *ret_form) NODISCARD;
/* The first of that name; NULL if there is none. */
const char *form_get(const struct form *f, const char *name);
/* The same, "" if there is none. */
const char *form_text(const struct form *f, const char *name);
