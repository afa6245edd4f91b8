/*
 * input - live inputs as the REST API sees them: made, read, changed, rotated, deleted; and their
 * simulcast outputs.
 *
 * Shape:   an object has every field of Cloudflare's, whether its listener is built or not.
 * Memory:  objects are json_t that the caller json_decref()s; texts are the caller's.
 * Thread:  workers: every call reads or writes the database.
 * Errors:  ERR_INPUT with cx->problem (which never repeats a value); ERR_NOT_FOUND; ERR_STORE,
 *          ERR_BUSY, ERR_NO_MEMORY. A refused call changes nothing.
 */
#pragma once
#include "base/cx.h"
#include "streamd/library/library.h"
#include <jansson.h>

enum { INPUT_LIST_MAX = 10000, OUTPUTS_MAX = 50, IDEMPOTENCY_KEY_MAX = 255 };

/*
 * `idem_key` may be NULL. The same key within six hours gives the same input, whatever the body.
 *
 * ERR_CONFLICT  the key's input has been deleted
 */
enum err library_create_input(struct library *l, struct cx *cx, const json_t *body,
                              const char *idem_key, json_t **ret_object) NODISCARD;
enum err library_get_input(struct library *l, struct cx *cx, const char *uid,
                           json_t **ret_object) NODISCARD;
/* Rows without credentials, newest first; *ret_total counts all there are. */
enum err library_list_inputs(struct library *l, struct cx *cx, json_t **ret_rows,
                             int64_t *ret_total) NODISCARD;
/* Partial, key by key inside `recording` too. `enabled` false ends a running broadcast. */
enum err library_update_input(struct library *l, struct cx *cx, const char *uid, const json_t *body,
                              json_t **ret_object) NODISCARD;
/* New credentials of every kind; a broadcast on the old ones is cut. */
enum err library_rotate_keys(struct library *l, struct cx *cx, const char *uid,
                             json_t **ret_object) NODISCARD;
/* Its outputs go with it; its recordings stay. */
enum err library_delete_input(struct library *l, struct cx *cx, const char *uid) NODISCARD;

/* ERR_NOT_FOUND: no such input, or no such output of it. */
enum err library_list_outputs(struct library *l, struct cx *cx, const char *input_uid,
                              json_t **ret_rows) NODISCARD;
enum err library_create_output(struct library *l, struct cx *cx, const char *input_uid,
                               const json_t *body, json_t **ret_object) NODISCARD;
enum err library_update_output(struct library *l, struct cx *cx, const char *input_uid,
                               const char *uid, const json_t *body, json_t **ret_object) NODISCARD;
enum err library_delete_output(struct library *l, struct cx *cx, const char *input_uid,
                               const char *uid) NODISCARD;
