/*
 * log - one line an event, logfmt on standard error: ts=… level=… msg="…" key=value …
 *
 * Thread: any. A line is written whole by one write(2).
 * Limit:  a line over 2,000 bytes is cut. Control bytes are escaped, so a peer cannot forge lines.
 * Secrets never go in: no keys, tokens, passwords, cookies, stream keys or whole URLs with them.
 * Style:  what failed first, subject in single quotes, no capital, no full stop.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* One key with its value; made by the helpers below. */
struct log_kv {
    const char *key; /* NULL ends the list */
    const char *s;   /* text, or NULL: then `i` */
    int64_t i;
};

static inline struct log_kv log_text(const char *key, const char *s)
{
    return (struct log_kv){key, s ? s : "", 0};
}
#define LOG_S(k, v) log_text((k), (v))
#define LOG_I(k, v) ((struct log_kv){(k), 0, (int64_t)(v)})

/* Lines above `level` are dropped. Default LOG_INFO; NM_LOG=error|warn|info|debug sets it. */
void log_set_level(enum log_level level);
void log_write(enum log_level level, const char *msg, const struct log_kv *kv);

/* log_info("show is live", LOG_S("show", id), LOG_I("viewers", n)); */
#define LOG_(level, msg, ...) \
    log_write((level), (msg), (const struct log_kv[]){__VA_ARGS__ __VA_OPT__(, ){0}})
#define log_error(msg, ...) LOG_(LOG_ERROR, msg __VA_OPT__(, ) __VA_ARGS__)
#define log_warn(msg, ...)  LOG_(LOG_WARN, msg __VA_OPT__(, ) __VA_ARGS__)
#define log_info(msg, ...)  LOG_(LOG_INFO, msg __VA_OPT__(, ) __VA_ARGS__)
#define log_debug(msg, ...) LOG_(LOG_DEBUG, msg __VA_OPT__(, ) __VA_ARGS__)

/*
 * For lines that strangers can cause: at most one a second. Zeroed, one for each kind of line.
 * True: write it; *ret_before such lines were left out since the last one.
 */
struct log_pace {
    _Atomic int64_t next_ms, left_out;
};
bool log_pace(struct log_pace *p, int64_t now_mono_ms, int64_t *ret_before);
