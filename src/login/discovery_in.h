/* discovery - what a provider says of itself, read and judged. Private to login. */
#pragma once
#include "login/login_in.h"

/*
 * OpenID Connect Discovery 1.0 section 3. ERR_INPUT: not such a document, another issuer than
 * p->issuer, an endpoint missing, too long, or where the provider's may not be (cx->problem).
 */
enum err discovery_read(struct cx *cx, const struct provider *p, const char *text, size_t len,
                        struct discovery *ret_discovery) NODISCARD;
/* How long an answer may be kept, of its Cache-Control: 5 minutes to a day. */
int64_t fresh_for_ms(const char *cache_control);
