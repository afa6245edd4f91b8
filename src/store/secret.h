/*
 * secret - what providers gave us to keep: named secrets, sealed in the database.
 *
 * Shape:   one current value a name, and the one before it: both are taken while a provider
 *          changes over (secret_read() gives both).
 * Units:   values are text, 1..SECRET_MAX bytes.
 * Memory:  what is read is opened into the arena, which is wiped of it at its end.
 * Errors:  ERR_INTERNAL when a value does not open: another NM_SECRET_KEY sealed it.
 * Thread:  secret_put() in a job; secret_read() with any connection.
 */
#pragma once
#include "base/crypto.h"
#include "base/cx.h"

struct tx;
struct db;

enum { SECRET_MAX = 256, SECRETS_MAX = 2 };

struct secret_put {
    const char *name;
    const unsigned char *key; /* SECRET_KEY_LEN bytes: NM_SECRET_KEY */
    const char *value;
};

/* A job body: make `value` the current one; the same value again changes nothing. */
enum err secret_put(struct tx *tx, const struct secret_put *ask) NODISCARD;

/* ret_values[0] is the current one. None kept: *ret_n is 0 and ERR_OK. */
enum err secret_read(struct cx *cx, struct db *db, const unsigned char *key, const char *name,
                     const char *ret_values[SECRETS_MAX], size_t *ret_n) NODISCARD;
