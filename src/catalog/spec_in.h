/* spec - parts that reading and checking of products share. Private to catalog. */
#pragma once
#include "catalog/edit.h"

struct text_rule {
    const char *name; /* of the field */
    size_t max_chars;
    bool lines; /* may have several */
    bool need;  /* at least one language */
};

/* {"zh-TW":"…"} or a plain text, tidied, as JSON text in cx->arena. ERR_INPUT */
enum err texts_read(struct cx *cx, const json_t *o, const struct text_rule *rule,
                    const char **ret_json) NODISCARD;

/* [{"name":"color","values":[["黑","black"],"白"]}] checked and tidied. ERR_INPUT */
enum err options_read(struct cx *cx, const json_t *list, const char **ret_json) NODISCARD;

/* `like` once for each combination of the spec's options. ERR_INPUT: more than VARIANTS_MAX */
enum err spec_combine(struct cx *cx, const struct variant_spec *like,
                      struct product_spec *s) NODISCARD;

/* Whether the spec makes sense, without making anything. ERR_INPUT, ERR_EXISTS */
enum err product_check(struct cx *cx, const struct product_spec *s) NODISCARD;

/* Compact text of `o` in the arena; takes the reference. */
enum err arena_json(struct arena *arena, json_t *o, const char **ret_text) NODISCARD;
