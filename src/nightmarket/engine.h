/* engine - the client of the Stream API, by the settings. */
#pragma once
#include "base/cx.h"
#include "nightmarket/config.h"

struct stream;

/*
 * NULL in *ret_stream when no account is set. `engine_make` is for work that nobody waits for;
 * `engine_make_quick` for requests: a person waits, so it gives up soon, and only some of the
 * workers may be in calls at once, so that a Stream that hangs leaves the site alone.
 */
enum err engine_make(struct cx *cx, const struct config *c, struct stream **ret_stream) NODISCARD;
enum err engine_make_quick(struct cx *cx, const struct config *c,
                           struct stream **ret_stream) NODISCARD;

enum { ORIGINS_MAX = 512 };
/* Where playback comes from, for the content security policy. */
void engine_media_origins(const struct config *c, char out[ORIGINS_MAX]);
/* Is it our own engine (then polling costs nothing and its CA can be fetched)? */
bool engine_is_local(const struct config *c);
/* "" when the engine is Cloudflare's. */
void engine_ca_url(const struct config *c, char out[ORIGINS_MAX]);
