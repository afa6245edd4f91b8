/* Times as ECPay has them: Taipei's, eight hours ahead, without summer time. */
#include "base/clock.h"
#include "pay/ecpay_in.h"

#include <stdio.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

enum { AHEAD_H = 8, DATE_LEN = 10, TIME_LEN = 19 };

/*
 * The daily capture runs from 20:15 to 20:30. A refund may take three calls of up to 15 s: none is
 * begun in the minute before (developers.ecpay.com.tw 9242).
 */
#define CLOSED_FROM_MS (20 * HOUR_MS + 14 * 60000)
#define CLOSED_TO_MS   (20 * HOUR_MS + 30 * 60000)

void ecpay_time_text(int64_t unix_ms, char out[ECPAY_TIME_TEXT])
{
    _Static_assert((int)ECPAY_TIME_TEXT >= (int)CLOCK_TEXT, "room for the clock's text");
    clock_text_ms(unix_ms + AHEAD_H * HOUR_MS, out); /* "2026-11-23T07:30:00.000Z" */
    out[4] = out[7] = '/';
    out[10] = ' ';
    out[TIME_LEN] = '\0';
}

enum err ecpay_time_parse(const char *text, int64_t *ret_unix_ms)
{
    char rfc[CLOCK_TEXT];
    size_t len = strlen(text);
    if ((len != DATE_LEN && len != TIME_LEN) || text[4] != '/' || text[7] != '/' ||
        (len == TIME_LEN && text[10] != ' '))
        return ERR_INPUT;
    (void)snprintf(rfc, sizeof rfc, "%.4s-%.2s-%.2s%c%.8s+08:00", text, text + 5, text + 8, 'T',
                   len == TIME_LEN ? text + 11 : "23:59:59");
    return clock_parse(rfc, ret_unix_ms);
}

int64_t ecpay_day(int64_t unix_ms)
{
    return (unix_ms + AHEAD_H * HOUR_MS) / DAY_MS;
}

int64_t ecpay_closed_until(int64_t unix_ms)
{
    int64_t midnight_ms = ecpay_day(unix_ms) * DAY_MS - AHEAD_H * HOUR_MS;
    int64_t since = unix_ms - midnight_ms;
    return since >= CLOSED_FROM_MS && since < CLOSED_TO_MS ? midnight_ms + CLOSED_TO_MS : 0;
}
