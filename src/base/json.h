/*
 * json - reading JSON from outside into checked values, over jansson.
 *
 * Shape:  a document is parsed strictly (UTF-8, no duplicate keys, depth and size limited by the
 *         library and by `len`); then each getter names its field, so a refusal can say which.
 * Errors: ERR_INPUT with cx->problem "'name' must be …".
 * Memory: text returned points into the json_t and lives as long as it.
 */
#pragma once
#include "base/cx.h"
#include <jansson.h>
#include <stddef.h>

/* An object; anything else is ERR_INPUT. The caller json_decref()s it. */
enum err json_read_object(struct cx *cx, const char *data, size_t len,
                          json_t **ret_object) NODISCARD;

/* An absent or null field leaves the default; `_need` refuses it. Lengths count characters. */
enum err json_need_text(struct cx *cx, const json_t *o, const char *name, size_t min_chars,
                        size_t max_chars, const char **ret_text) NODISCARD;
enum err json_opt_text(struct cx *cx, const json_t *o, const char *name, size_t max_chars,
                       const char **ret_text) NODISCARD;
enum err json_need_i64(struct cx *cx, const json_t *o, const char *name, int64_t lo, int64_t hi,
                       int64_t *ret_n) NODISCARD;
enum err json_opt_i64(struct cx *cx, const json_t *o, const char *name, int64_t lo, int64_t hi,
                      int64_t *ret_n) NODISCARD;
enum err json_opt_bool(struct cx *cx, const json_t *o, const char *name, bool *ret_b) NODISCARD;

/* {"a":1} as compact text from malloc(); NULL out of memory. Takes the reference to `o`. */
char *json_text_of(json_t *o);
