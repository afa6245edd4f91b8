/*
 * day - calendar days of a market, and the rule of days in which goods may be sent back.
 *
 * The markets' zones have no daylight saving: a day is 24 hours from local midnight.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct market;

enum { DAY_TEXT = 11 }; /* "2026-11-22" and NUL */

/* The local day of an instant, and its last millisecond. */
void day_text(const struct market *m, int64_t unix_ms, char out[DAY_TEXT]);
int64_t day_end(const struct market *m, int64_t unix_ms);
/* The end of the n-th day after the one of `unix_ms`: what came on day 0 may go back until then. */
int64_t day_end_after(const struct market *m, int64_t unix_ms, int64_t n);
/* "T261122": first letter of the order numbers of a market and the local day. */
enum { ORDER_DAY_TEXT = 8 };
void day_order_text(const struct market *m, int64_t unix_ms, char out[ORDER_DAY_TEXT]);
