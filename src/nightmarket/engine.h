/* engine - the client of the Stream API, by the settings. */
#pragma once
#include "base/cx.h"
#include "nightmarket/config.h"

struct stream;

/* NULL in *ret_stream when no account is set. */
enum err engine_make(struct cx *cx, const struct config *c, struct stream **ret_stream) NODISCARD;

enum { ORIGINS_MAX = 512 };
/* Where playback comes from, for the content security policy. */
void engine_media_origins(const struct config *c, char out[ORIGINS_MAX]);
/* Is it our own engine (then polling costs nothing and its CA can be fetched)? */
bool engine_is_local(const struct config *c);
/* "" when the engine is Cloudflare's. */
void engine_ca_url(const struct config *c, char out[ORIGINS_MAX]);
