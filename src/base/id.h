/* id - public ids: three letters, '_', sixteen random Crockford base32 digits: shw_4k9c…  */
#pragma once
#include "base/err.h"

enum { ID_TEXT = 40 };

/* `prefix` is three lower-case letters. */
void id_make(const char *prefix, char out[ID_TEXT]);
/* [a-z]{3}_[0-9a-z_]{1,32}, and the prefix is the wanted one. */
bool id_ok(const char *id, const char *prefix);

/*
 * An internal id: 63 bits that grow with time, unique in this process and, by 10 random bits, all
 * but surely among programs beside it. Made before the job that stores it. Thread: any.
 */
int64_t id_next(void);
