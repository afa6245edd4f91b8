/* A show for people's calendars: RFC 5545. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "notify/words.h"
#include "room/remind.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FOLD = 75 };

/* A content line, folded after at most 75 octets and never within a character (3.1). */
static void line(struct buf *out, const char *text)
{
    size_t len = strlen(text), room = FOLD;
    while (len > room) {
        size_t n = 0, one;
        uint32_t c;
        while ((one = text_char(text + n, len - n, &c)) && n + one <= room)
            n += one;
        buf_add(out, text, n);
        buf_str(out, "\r\n ");
        text += n;
        len -= n;
        room = FOLD - 1; /* the space counts */
    }
    buf_add(out, text, len);
    buf_str(out, "\r\n");
}

/* TEXT (3.3.11) */
static void escaped(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (strchr("\\;,", *s))
            buf_ch(out, '\\');
        if (*s == '\n')
            buf_str(out, "\\n");
        else
            buf_ch(out, *s);
    }
}

/* "NAME;LANGUAGE=th:value" */
static void text_line(struct buf *out, const char *name, enum lang lang, const char *value)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_fmt(&b, "%s;LANGUAGE=%s:", name, lang_tag(lang));
    escaped(&b, value);
    if (b.failed)
        out->failed = true;
    else
        line(out, b.data);
    buf_done(&b);
}

/* "20261123T120000Z" */
static void time_line(struct buf *out, const char *name, int64_t ms)
{
    char rfc3339[CLOCK_TEXT], digits[CLOCK_TEXT], text[64];
    size_t n = 0;
    clock_text_ms(ms, rfc3339);
    for (const char *c = rfc3339; *c && *c != '.'; c++) /* "2026-11-23T12:00:00.000Z" */
        if (*c != '-' && *c != ':')
            digits[n++] = *c;
    digits[n] = '\0';
    (void)snprintf(text, sizeof text, "%s:%sZ", name, digits);
    line(out, text);
}

static void alarm_lines(struct buf *out, struct cx *cx, enum lang lang, const char *title)
{
    const struct mark marks[] = {{"title", title}, {0}};
    const char *text = word_fill(cx, word(lang, WORD_ALARM), marks);
    line(out, "BEGIN:VALARM");
    line(out, "ACTION:DISPLAY");
    line(out, "TRIGGER:-PT10M");
    text_line(out, "DESCRIPTION", lang, text ? text : title);
    line(out, "END:VALARM");
}

enum err remind_calendar(struct cx *cx, const struct show *s, enum lang lang, const char *base,
                         struct buf *out)
{
    const char *host = strstr(base, "://"), *title = show_title(s, lang);
    const char *url = arena_fmt(cx->arena, "%s/s/%s", base, s->public_id);
    const char *uid = arena_fmt(cx->arena, "UID:%s@%s", s->public_id, host ? host + 3 : base);
    const char *sequence = arena_fmt(cx->arena, "SEQUENCE:%" PRId64, s->version);
    const char *about = url ? arena_fmt(cx->arena, "%s\n%s", s->shop_name, url) : NULL;
    const char *url_line = url ? arena_fmt(cx->arena, "URL:%s", url) : NULL;
    enum err e = words_init();
    if (!e && !s->starts_ms)
        e = problem(cx, ERR_NOT_FOUND, "the show has no start yet");
    if (!e && (!uid || !sequence || !about || !url_line))
        e = ERR_NO_MEMORY;
    if (e)
        return e;
    line(out, "BEGIN:VCALENDAR");
    line(out, "VERSION:2.0");
    line(out, "PRODID:-//Nightmarket//Nightmarket//EN");
    line(out, "CALSCALE:GREGORIAN");
    line(out, "METHOD:PUBLISH");
    line(out, "BEGIN:VEVENT");
    line(out, uid);
    line(out, sequence);
    time_line(out, "DTSTAMP", cx->now_ms);
    time_line(out, "DTSTART", s->starts_ms);
    line(out, "DURATION:PT1H");
    text_line(out, "SUMMARY", lang, title);
    text_line(out, "DESCRIPTION", lang, about);
    line(out, url_line);
    line(out, s->state == SHOW_CANCELLED ? "STATUS:CANCELLED" : "STATUS:CONFIRMED");
    alarm_lines(out, cx, lang, title);
    line(out, "END:VEVENT");
    line(out, "END:VCALENDAR");
    return buf_err(out);
}
