/*
 * ecpay_clock - ECPay's clock: Taipei wall time (UTC+8, no summer time) as its texts.
 *
 * Units:  Unix milliseconds.
 * Thread: any; no state.
 */
#pragma once
#include "base/err.h"

enum { TAIPEI_TEXT = 24 }; /* room for any text below */

/* "2026/11/22 20:15:00" */
void taipei_text(int64_t unix_ms, char out[TAIPEI_TEXT]);
/* "2026-11-22 20:15:00", as the e-invoice has it */
void taipei_dashes(int64_t unix_ms, char out[TAIPEI_TEXT]);
/* "20261122201500": codes are made of pieces of it */
void taipei_digits(int64_t unix_ms, char out[TAIPEI_TEXT]);
/* "2026/11/22 20:15:00"; ERR_INPUT for anything else, 2026/02/30 too. */
enum err taipei_parse(const char *text, int64_t *ret_unix_ms) NODISCARD;
/* The first moment at or after `unix_ms` when Taipei's clock says hour:minute. */
int64_t taipei_next(int64_t unix_ms, int hour, int minute);
/* The last millisecond of the day that is `days` after the one of `unix_ms`. */
int64_t taipei_day_end(int64_t unix_ms, int64_t days);
/* Number of the two-month period of invoices (Jan-Feb, Mar-Apr ...), growing. */
int taipei_period(int64_t unix_ms);
