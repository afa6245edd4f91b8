/* check_in - fields of request bodies that several objects share. Private to library. */
#pragma once
#include "base/cx.h"
#include "streamd/library/library.h"
#include <jansson.h>

enum { META_MAX = 16 << 10, CREATOR_MAX = 64, NAME_MAX_BYTES = 4096 };

/* Is the field there at all? null counts: it clears. */
bool field_given(const json_t *o, const char *name);
enum err check_bool(struct cx *cx, const json_t *o, const char *name, bool *ret_b) NODISCARD;
/* An object of at most META_MAX bytes, as compact text in the arena. */
enum err check_object(struct cx *cx, const json_t *o, const char *name,
                      const char **ret_text) NODISCARD;
/* Text of at most max characters, copied to the arena; null becomes NULL. */
enum err check_text_or_null(struct cx *cx, const json_t *o, const char *name, size_t max,
                            const char **ret_text) NODISCARD;
/* null or an array of host names that fits ORIGINS_TEXT; as JSON text, null becomes NULL. */
enum err check_origins(struct cx *cx, const json_t *o, const char *name,
                       const char **ret_text) NODISCARD;
/* null becomes 0. */
enum err check_time_or_null(struct cx *cx, const json_t *o, const char *name,
                            int64_t *ret_ms) NODISCARD;
/* A whole number lo..hi, or null: 0. */
enum err check_number_or_null(struct cx *cx, const json_t *o, const char *name, int64_t lo,
                              int64_t hi, int64_t *ret_n) NODISCARD;
/* meta.name of meta as text, cut to `size`, made fit for a log and a title. */
void meta_name(const char *meta, char *out, size_t size);
