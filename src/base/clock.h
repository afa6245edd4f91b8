/* clock - the two clocks, and times as text. Units: Unix milliseconds UTC unless named. */
#pragma once
#include "base/err.h"
#include <stddef.h>

int64_t clock_unix_ms(void);
int64_t clock_unix_us(void);
/* Never goes back; zero is arbitrary. For timeouts and intervals. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);

enum { CLOCK_TEXT = 32 }; /* room for any text below */
/* RFC 3339, UTC with Z: "2026-11-22T09:15:00.451Z" and, from us, "….451415Z". */
void clock_text_ms(int64_t unix_ms, char out[CLOCK_TEXT]);
void clock_text_us(int64_t unix_us, char out[CLOCK_TEXT]);
/* RFC 3339 with 0 to 9 fraction digits and Z or an offset. ERR_INPUT for anything else. */
enum err clock_parse(const char *text, int64_t *ret_unix_ms) NODISCARD;
/* IMF-fixdate for HTTP: "Sun, 22 Nov 2026 09:15:00 GMT". */
void clock_http_date(int64_t unix_ms, char out[CLOCK_TEXT]);
