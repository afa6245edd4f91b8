#include "order/day.h"
#include "base/clock.h"
#include "catalog/market.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

static int64_t offset_ms(const struct market *m)
{
    return (strcmp(m->tz, "Asia/Bangkok") == 0 ? 7 : 8) * INT64_C(3600000);
}

static int64_t day_no(const struct market *m, int64_t unix_ms)
{
    int64_t local = unix_ms + offset_ms(m);
    return local / DAY_MS - (local % DAY_MS < 0);
}

void day_text(const struct market *m, int64_t unix_ms, char out[DAY_TEXT])
{
    char text[CLOCK_TEXT];
    clock_text_ms(unix_ms + offset_ms(m), text);
    (void)snprintf(out, DAY_TEXT, "%.10s", text);
}

int64_t day_end_after(const struct market *m, int64_t unix_ms, int64_t n)
{
    return (day_no(m, unix_ms) + n + 1) * DAY_MS - offset_ms(m) - 1;
}

int64_t day_end(const struct market *m, int64_t unix_ms)
{
    return day_end_after(m, unix_ms, 0);
}

void day_order_text(const struct market *m, int64_t unix_ms, char out[ORDER_DAY_TEXT])
{
    char day[DAY_TEXT];
    day_text(m, unix_ms, day);
    (void)snprintf(out, ORDER_DAY_TEXT, "%c%.2s%.2s%.2s", m->code[1] == 'H' ? 'H' : 'T', day + 2,
                   day + 5, day + 8);
}
