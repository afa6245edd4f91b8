#include "base/log.h"
#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 2000, LEVEL_UNSET = -1, PACE_MS = 1000 };

static const char *const names[] = {"error", "warn", "info", "debug"};
static atomic_int max_level = LEVEL_UNSET;

struct line {
    char text[LINE];
    size_t len;
};

static void put(struct line *l, char c)
{
    if (l->len < sizeof l->text - 1) /* keeps room for the newline */
        l->text[l->len++] = c;
}

static void put_str(struct line *l, const char *s)
{
    while (*s)
        put(l, *s++);
}

static void put_quoted(struct line *l, const char *s)
{
    put(l, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            put(l, '\\');
            put(l, *s);
        } else if (c < 0x20 || c == 0x7f) {
            char hex[8];
            (void)snprintf(hex, sizeof hex, "\\x%02x", c);
            put_str(l, hex);
        } else {
            put(l, *s);
        }
    }
    put(l, '"');
}

static bool plain(const char *s)
{
    if (!*s)
        return false;
    for (; *s; s++)
        if ((unsigned char)*s <= 0x20 || *s == '"' || *s == '=' || *s == '\\' || *s == 0x7f)
            return false;
    return true;
}

static void put_value(struct line *l, const char *s)
{
    if (plain(s))
        put_str(l, s);
    else
        put_quoted(l, s);
}

static int level_from_env(void)
{
    const char *v = getenv("NM_LOG"); // NOLINT(concurrency-mt-unsafe): read only, set before start
    for (int i = 0; v && i <= LOG_DEBUG; i++)
        if (strcmp(v, names[i]) == 0)
            return i;
    return LOG_INFO;
}

void log_set_level(enum log_level level)
{
    atomic_store(&max_level, (int)level);
}

void log_write(enum log_level level, const char *msg, const struct log_kv *kv)
{
    int max = atomic_load(&max_level);
    if (max == LEVEL_UNSET) {
        max = level_from_env();
        atomic_store(&max_level, max);
    }
    if ((int)level > max)
        return;
    struct line l = {.len = 0};
    char ts[CLOCK_TEXT];
    clock_text_ms(clock_unix_ms(), ts);
    put_str(&l, "ts=");
    put_str(&l, ts);
    put_str(&l, " level=");
    put_str(&l, names[level]);
    put_str(&l, " msg=");
    put_quoted(&l, msg);
    for (; kv->key; kv++) {
        char number[24];
        put(&l, ' ');
        put_str(&l, kv->key);
        put(&l, '=');
        if (!kv->s)
            (void)snprintf(number, sizeof number, "%lld", (long long)kv->i);
        put_value(&l, kv->s ? kv->s : number);
    }
    l.text[l.len++] = '\n';
    ssize_t n = write(STDERR_FILENO, l.text, l.len);
    (void)n; /* nowhere left to say it */
}

bool log_pace(struct log_pace *p, int64_t now_mono_ms, int64_t *ret_before)
{
    int64_t next = atomic_load(&p->next_ms);
    if (now_mono_ms < next ||
        !atomic_compare_exchange_strong(&p->next_ms, &next, now_mono_ms + PACE_MS)) {
        atomic_fetch_add(&p->left_out, 1);
        return false;
    }
    *ret_before = atomic_exchange(&p->left_out, 0);
    return true;
}
