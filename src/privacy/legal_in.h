/* legal_in - templates, marks and what a shop may write. Private to privacy. */
#pragma once
#include "base/lang.h"
#include "privacy/keep.h"
#include "privacy/legal.h"

/* A template: its first heading is the title. In static memory. */
struct legal_template {
    const char *title, *body; /* title is not ended: title_len */
    size_t title_len;
};
struct legal_template legal_template(enum legal_doc doc, enum lang lang);

/* What the marks stand for. */
struct legal_marks {
    const char *shop, *site, *contact; /* contact NULL: the neutral word of the language */
    const struct keep *keep;
    enum lang lang;
};
/* The text with its marks filled in, in the arena. */
enum err legal_fill(struct cx *cx, const char *text, const struct legal_marks *marks,
                    const char **ret_text) NODISCARD;
/* [{"mark","value"}] */
json_t *legal_marks_json(struct cx *cx, const struct legal_marks *m);

/* Only marks that there are, and links to http(s) or local paths. ERR_INPUT */
enum err legal_check(struct cx *cx, const char *text) NODISCARD;
