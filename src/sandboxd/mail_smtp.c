#include "sandboxd/mail_smtp.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

static void say(struct buf *out, const char *line)
{
    buf_str(out, line);
    buf_str(out, "\r\n");
}

static void reset(struct smtp *s)
{
    s->to_n = 0;
    s->has_from = false;
    s->from[0] = '\0';
    buf_clear(&s->data);
}

void smtp_begin(struct smtp *s, void (*got)(void *arg, const struct smtp *s), void *arg,
                struct buf *out)
{
    *s = (struct smtp){.state = SMTP_COMMAND, .got = got, .arg = arg};
    buf_init(&s->data, SMTP_MAIL_MAX);
    say(out, "220 sandboxd ESMTP");
}

void smtp_done(struct smtp *s)
{
    buf_done(&s->data);
}

/* "FROM:<a@b.c> SIZE=1": the path without its brackets. */
static bool read_path(const char *rest, const char *word, char out[SMTP_ADDRESS])
{
    size_t n = strlen(word);
    if (strncasecmp(rest, word, n) != 0)
        return false;
    rest += n + strspn(rest + n, " ");
    const char *close = *rest == '<' ? strchr(rest, '>') : NULL;
    size_t len = close ? (size_t)(close - rest - 1) : 0;
    if (!close || len >= SMTP_ADDRESS)
        return false;
    memcpy(out, rest + 1, len);
    out[len] = '\0';
    return true;
}

static void mail_from(struct smtp *s, const char *rest, struct buf *out)
{
    char from[SMTP_ADDRESS];
    if (!read_path(rest, "FROM:", from)) {
        say(out, "501 a path is wanted");
        return;
    }
    reset(s);
    (void)text_copy(s->from, sizeof s->from, from);
    s->has_from = true;
    say(out, "250 ok");
}

static void rcpt_to(struct smtp *s, const char *rest, struct buf *out)
{
    char to[SMTP_ADDRESS];
    if (!s->has_from)
        say(out, "503 MAIL comes first");
    else if (!read_path(rest, "TO:", to) || !to[0])
        say(out, "501 a path is wanted");
    else if (s->refuse)
        say(out, s->refuse >= 500 ? "550 no such mailbox" : "451 try again later");
    else if (s->to_n == SMTP_RCPT_MAX)
        say(out, "452 too many recipients");
    else {
        (void)text_copy(s->to[s->to_n++], SMTP_ADDRESS, to);
        say(out, "250 ok");
    }
}

static void command(struct smtp *s, const char *line, struct buf *out)
{
    if (strncasecmp(line, "EHLO", 4) == 0)
        buf_fmt(out, "250-sandboxd\r\n250-8BITMIME\r\n250 SIZE %d\r\n", SMTP_MAIL_MAX);
    else if (strncasecmp(line, "HELO", 4) == 0)
        say(out, "250 sandboxd");
    else if (strncasecmp(line, "MAIL ", 5) == 0)
        mail_from(s, line + 5, out);
    else if (strncasecmp(line, "RCPT ", 5) == 0)
        rcpt_to(s, line + 5, out);
    else if (strcasecmp(line, "DATA") == 0 && s->to_n) {
        s->state = SMTP_DATA;
        say(out, "354 go on");
    } else if (strcasecmp(line, "DATA") == 0)
        say(out, "503 RCPT comes first");
    else if (strcasecmp(line, "RSET") == 0) {
        reset(s);
        say(out, "250 ok");
    } else if (strncasecmp(line, "NOOP", 4) == 0)
        say(out, "250 ok");
    else if (strncasecmp(line, "VRFY", 4) == 0)
        say(out, "252 perhaps");
    else if (strcasecmp(line, "QUIT") == 0) {
        s->state = SMTP_OVER;
        say(out, "221 bye");
    } else
        say(out, "502 not here");
}

/* A line of the mail; the last one is a dot alone, and a dot at the front is one too many. */
static void data_line(struct smtp *s, const char *line, size_t len, struct buf *out)
{
    if (len == 1 && line[0] == '.') {
        bool whole = !s->data.failed;
        if (whole)
            s->got(s->arg, s);
        reset(s);
        s->state = SMTP_COMMAND;
        say(out, whole ? "250 kept" : "552 too large");
        return;
    }
    if (len && line[0] == '.') {
        line++;
        len--;
    }
    buf_add(&s->data, line, len);
    buf_str(&s->data, "\r\n");
}

static void whole_line(struct smtp *s, struct buf *out)
{
    size_t len = s->len;
    if (len && s->line[len - 1] == '\r')
        len--;
    s->line[len] = '\0';
    if (s->state == SMTP_DATA) {
        s->data.failed = s->data.failed || s->long_line;
        data_line(s, s->line, len, out);
    } else if (s->long_line || strlen(s->line) != len)
        say(out, "500 a line is too long, or holds a NUL");
    else
        command(s, s->line, out);
    s->len = 0;
    s->long_line = false;
}

void smtp_feed(struct smtp *s, const char *bytes, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len && s->state != SMTP_OVER; i++) {
        if (bytes[i] == '\n')
            whole_line(s, out);
        else if (s->len < SMTP_LINE)
            s->line[s->len++] = bytes[i];
        else
            s->long_line = true;
    }
}
