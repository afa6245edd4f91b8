#include "sandboxd/ecpay_clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { AHEAD_MS = 8 * 3600 * 1000, DAY_MS = 86400 * 1000 };

static struct tm split(int64_t unix_ms)
{
    struct tm tm;
    time_t t = (time_t)((unix_ms + AHEAD_MS) / 1000);
    (void)gmtime_r(&t, &tm);
    return tm;
}

static void text(int64_t unix_ms, char dash, char gap, char colon, char out[TAIPEI_TEXT])
{
    struct tm tm = split(unix_ms);
    const int n[] = {tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec};
    const char before[] = {dash, dash, gap, colon, colon};
    size_t at = (size_t)snprintf(out, TAIPEI_TEXT, "%04d", (tm.tm_year + 1900) % 10000);
    for (size_t i = 0; i < sizeof before; i++) {
        if (before[i])
            out[at++] = before[i];
        out[at++] = (char)('0' + n[i] / 10 % 10);
        out[at++] = (char)('0' + n[i] % 10);
    }
    out[at] = '\0';
}

void taipei_text(int64_t unix_ms, char out[TAIPEI_TEXT])
{
    text(unix_ms, '/', ' ', ':', out);
}

void taipei_dashes(int64_t unix_ms, char out[TAIPEI_TEXT])
{
    text(unix_ms, '-', ' ', ':', out);
}

void taipei_digits(int64_t unix_ms, char out[TAIPEI_TEXT])
{
    text(unix_ms, '\0', '\0', '\0', out);
}

enum err taipei_parse(const char *text, int64_t *ret_unix_ms)
{
    static const char shape[] = "dddd/dd/dd dd:dd:dd";
    int n[6] = {0}, part = 0;
    if (strlen(text) != sizeof shape - 1)
        return ERR_INPUT;
    for (size_t i = 0; shape[i]; i++) {
        if (shape[i] != 'd') {
            if (text[i] != shape[i])
                return ERR_INPUT;
            part++;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return ERR_INPUT;
        n[part] = n[part] * 10 + (text[i] - '0');
    }
    struct tm tm = {.tm_year = n[0] - 1900,
                    .tm_mon = n[1] - 1,
                    .tm_mday = n[2],
                    .tm_hour = n[3],
                    .tm_min = n[4],
                    .tm_sec = n[5]};
    int64_t ms = (int64_t)timegm(&tm) * 1000 - AHEAD_MS;
    char back[TAIPEI_TEXT];
    taipei_text(ms, back); /* timegm() turns February 30 into March 2 */
    if (n[0] < 1970 || strcmp(back, text) != 0)
        return ERR_INPUT;
    *ret_unix_ms = ms;
    return ERR_OK;
}

int64_t taipei_next(int64_t unix_ms, int hour, int minute)
{
    int64_t local = unix_ms + AHEAD_MS;
    int64_t at = local - local % DAY_MS + ((int64_t)hour * 60 + minute) * 60 * 1000;
    return (at >= local ? at : at + DAY_MS) - AHEAD_MS;
}

int64_t taipei_day_end(int64_t unix_ms, int64_t days)
{
    int64_t local = unix_ms + AHEAD_MS;
    return local - local % DAY_MS + (days + 1) * DAY_MS - 1 - AHEAD_MS;
}

int taipei_period(int64_t unix_ms)
{
    struct tm tm = split(unix_ms);
    return tm.tm_year * 6 + tm.tm_mon / 2;
}
