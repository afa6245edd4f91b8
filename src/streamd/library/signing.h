/*
 * signing - keys that sign playback tokens: RSA 2048. The private half is shown once, when the key
 * is made, and not kept.
 *
 * Thread:  workers; making a key takes tens of milliseconds.
 * Errors:  ERR_NOT_FOUND; ERR_STORE, ERR_BUSY, ERR_NO_MEMORY, ERR_INTERNAL (no key could be made).
 */
#pragma once
#include "base/cx.h"
#include "streamd/library/library.h"
#include <jansson.h>

enum { SIGNING_KEYS_MAX = 1000 };

/* {id, pem, jwk, created}; pem and jwk are base64. ERR_INPUT: SIGNING_KEYS_MAX are there. */
enum err library_create_signing_key(struct library *l, struct cx *cx,
                                    json_t **ret_object) NODISCARD;
/* [{id, created}], newest first. */
enum err library_list_signing_keys(struct library *l, struct cx *cx, json_t **ret_rows) NODISCARD;
enum err library_delete_signing_key(struct library *l, struct cx *cx, const char *id) NODISCARD;
