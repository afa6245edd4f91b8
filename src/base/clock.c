#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_unix_us(void)
{
    return read_us(CLOCK_REALTIME);
}

int64_t clock_unix_ms(void)
{
    return clock_unix_us() / 1000;
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}

static void split(int64_t unix_us, struct tm *ret_tm, int *ret_us)
{
    int64_t s = unix_us / 1000000, us = unix_us % 1000000;
    if (us < 0) {
        us += 1000000;
        s--;
    }
    time_t t = (time_t)s;
    (void)gmtime_r(&t, ret_tm);
    *ret_us = (int)us;
}

void clock_text_us(int64_t unix_us, char out[CLOCK_TEXT])
{
    struct tm tm;
    int us;
    split(unix_us, &tm, &us);
    size_t n = strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out + n, CLOCK_TEXT - n, ".%06dZ", us);
}

void clock_text_ms(int64_t unix_ms, char out[CLOCK_TEXT])
{
    struct tm tm;
    int us;
    split(unix_ms * 1000, &tm, &us);
    size_t n = strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out + n, CLOCK_TEXT - n, ".%03dZ", us / 1000);
}

void clock_http_date(int64_t unix_ms, char out[CLOCK_TEXT])
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm;
    int us;
    split(unix_ms * 1000, &tm, &us);
    (void)snprintf(out, CLOCK_TEXT, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday % 7],
                   tm.tm_mday % 100, months[tm.tm_mon % 12], (tm.tm_year + 1900) % 10000,
                   tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
}

/* Exactly `n` digits at *p; -1 if not. */
static int digits(const char **p, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (!isdigit((unsigned char)**p))
            return -1;
        v = v * 10 + (**p - '0');
    }
    return v;
}

static bool take(const char **p, const char *any_of)
{
    if (!**p || !strchr(any_of, **p))
        return false;
    (*p)++;
    return true;
}

/* Fraction of a second, 0 to 9 digits, as ms. */
static int fraction_ms(const char **p)
{
    if (**p != '.')
        return 0;
    (*p)++;
    int ms = 0, n = 0;
    for (; isdigit((unsigned char)**p); n++, (*p)++)
        if (n < 3)
            ms = ms * 10 + (**p - '0');
    if (n < 1 || n > 9)
        return -1;
    for (; n < 3; n++)
        ms *= 10;
    return ms;
}

/* Minutes east of UTC at *p, or INT32_MIN. */
static int32_t offset_min(const char **p)
{
    if (take(p, "Zz"))
        return 0;
    int sign = **p == '+' ? 1 : -1;
    if (!take(p, "+-"))
        return INT32_MIN;
    int h = digits(p, 2);
    if (h < 0 || h > 23 || !take(p, ":"))
        return INT32_MIN;
    int m = digits(p, 2);
    return m < 0 || m > 59 ? INT32_MIN : sign * (h * 60 + m);
}

enum err clock_parse(const char *text, int64_t *ret_unix_ms)
{
    const char *p = text;
    struct tm tm = {0};
    tm.tm_year = digits(&p, 4) - 1900;
    if (tm.tm_year < -900 || !take(&p, "-"))
        return ERR_INPUT;
    tm.tm_mon = digits(&p, 2) - 1;
    if (tm.tm_mon < 0 || tm.tm_mon > 11 || !take(&p, "-"))
        return ERR_INPUT;
    int day = tm.tm_mday = digits(&p, 2);
    if (day < 1 || day > 31 || !take(&p, "Tt "))
        return ERR_INPUT;
    tm.tm_hour = digits(&p, 2);
    if (tm.tm_hour < 0 || tm.tm_hour > 23 || !take(&p, ":"))
        return ERR_INPUT;
    tm.tm_min = digits(&p, 2);
    if (tm.tm_min < 0 || tm.tm_min > 59 || !take(&p, ":"))
        return ERR_INPUT;
    tm.tm_sec = digits(&p, 2);
    if (tm.tm_sec < 0 || tm.tm_sec > 60)
        return ERR_INPUT;
    int ms = fraction_ms(&p);
    int32_t off = ms < 0 ? INT32_MIN : offset_min(&p);
    if (off == INT32_MIN || *p)
        return ERR_INPUT;
    int64_t s = (int64_t)timegm(&tm);
    if (tm.tm_mday != day) /* 31 June: timegm moved it on */
        return ERR_INPUT;
    *ret_unix_ms = (s - (int64_t)off * 60) * 1000 + ms;
    return ERR_OK;
}
