/*
 * origin - is a request from our own pages? By the Origin header against the public URL alone: the
 * Host header is the client's to choose, and any name can be made to point here (DNS rebinding).
 *
 * Shape:  scheme, host and port are the same. Where the public URL is http (a demo, a development
 *         machine), localhost, 127.0.0.1 and [::1] with its port are ours too: these names cannot
 *         be pointed elsewhere.
 * Thread: any; no state.
 */
#pragma once
#include <stdbool.h>

bool origin_is_ours(const char *public_url, const char *origin);
