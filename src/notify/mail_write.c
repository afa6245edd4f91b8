/* One e-mail as text. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"
#include "notify/mail.h"

#include <string.h>
#include <time.h>

enum { LINE = 76, WORD_BYTES = 39, PLAIN_SUBJECT_MAX = 60, NAME_MAX_BYTES = 200 };

/* ---- headers ---- */

static bool one_line(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return false;
    return true;
}

static bool ascii(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s >= 0x80)
            return false;
    return true;
}

/* RFC 2047: words of whole characters, each on a line of its own. `s` is valid UTF-8. */
static void add_words(struct buf *out, const char *s)
{
    size_t len = strlen(s);
    while (len) {
        uint32_t c;
        size_t n = 0, one;
        while (n < len && (one = text_char(s + n, len - n, &c)) && n + one <= WORD_BYTES)
            n += one;
        buf_str(out, "=?UTF-8?B?");
        crypto_base64(out, s, n);
        buf_str(out, "?=");
        s += n;
        len -= n;
        if (len)
            buf_str(out, "\r\n ");
    }
}

static void add_text(struct buf *out, const char *s)
{
    if (ascii(s) && strlen(s) <= PLAIN_SUBJECT_MAX && !strstr(s, "=?"))
        buf_str(out, s);
    else
        add_words(out, s);
}

enum err mail_from_address(const char *from, char out[MAIL_ADDRESS_MAX + 1])
{
    const char *open = strrchr(from, '<');
    size_t len = strlen(from);
    if (!one_line(from) || !text_is_utf8(from, len) || len > NAME_MAX_BYTES + MAIL_ADDRESS_MAX)
        return ERR_INPUT;
    if (!open)
        return mail_address_ok(from) && text_copy(out, MAIL_ADDRESS_MAX + 1, from) ? ERR_OK
                                                                                   : ERR_INPUT;
    size_t n = strlen(open + 1);
    if (n < 2 || n - 1 > MAIL_ADDRESS_MAX || open[n] != '>' || open - from > NAME_MAX_BYTES)
        return ERR_INPUT;
    memcpy(out, open + 1, n - 1);
    out[n - 1] = '\0';
    return mail_address_ok(out) ? ERR_OK : ERR_INPUT;
}

/* "name <address>", the name as words or a quoted string. */
static void add_from(struct buf *out, const char *from, const char *address)
{
    char name[NAME_MAX_BYTES + 1] = "";
    const char *open = strrchr(from, '<');
    size_t n = open ? (size_t)(open - from) : 0;
    while (n && (from[n - 1] == ' ' || from[n - 1] == '"'))
        n--;
    size_t skip = n && from[0] == '"' ? 1 : 0;
    memcpy(name, from + skip, n - skip);
    if (name[0] && ascii(name) && strlen(name) <= PLAIN_SUBJECT_MAX && !strpbrk(name, "\"\\"))
        buf_fmt(out, "From: \"%s\" <%s>\r\n", name, address);
    else if (name[0]) {
        buf_str(out, "From: ");
        add_words(out, name);
        buf_fmt(out, " <%s>\r\n", address);
    } else
        buf_fmt(out, "From: %s\r\n", address);
}

/* "Mon, 23 Nov 2026 03:00:00 +0000" */
static void add_date(struct buf *out, int64_t at_ms)
{
    char text[CLOCK_TEXT];
    clock_http_date(at_ms, text);
    text[strlen(text) - 3] = '\0'; /* GMT */
    buf_fmt(out, "Date: %s+0000\r\n", text);
}

/* ---- parts ---- */

static void add_base64(struct buf *out, const char *text)
{
    enum { CHUNK = LINE / 4 * 3 };
    for (size_t len = strlen(text); len;) {
        size_t n = len < CHUNK ? len : CHUNK;
        crypto_base64(out, text, n);
        buf_str(out, "\r\n");
        text += n;
        len -= n;
    }
}

static void add_part(struct buf *out, const char *boundary, const char *type, const char *text)
{
    if (boundary)
        buf_fmt(out, "--%s\r\n", boundary);
    buf_fmt(out, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
            type);
    add_base64(out, text);
}

static bool id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '-';
}

static bool id_fine(const char *id)
{
    size_t n = 0;
    while (id[n] && id_char(id[n]))
        n++;
    return n && n <= 100 && !id[n];
}

/* A URL within a header: printable ASCII, and nothing that ends it. */
static bool url_fine(const char *url)
{
    return one_line(url) && ascii(url) && strlen(url) < 900 && !strpbrk(url, " <>,\"");
}

static bool fine(const struct mail *m)
{
    return mail_address_ok(m->to) && one_line(m->subject) && strlen(m->subject) < 1000 &&
           text_is_utf8(m->subject, strlen(m->subject)) && text_is_utf8(m->text, strlen(m->text)) &&
           (!m->html || text_is_utf8(m->html, strlen(m->html))) && id_fine(m->lang) &&
           id_fine(m->id) && (!m->stop_url || url_fine(m->stop_url));
}

static void add_headers(const struct mail *m, const char *address, struct buf *out)
{
    add_from(out, m->from, address);
    buf_fmt(out, "To: %s\r\nSubject: ", m->to);
    add_text(out, m->subject);
    buf_str(out, "\r\n");
    add_date(out, m->at_ms);
    buf_fmt(out, "Message-ID: <%s@%s>\r\n", m->id, strrchr(address, '@') + 1);
    buf_fmt(out, "Content-Language: %s\r\nAuto-Submitted: auto-generated\r\n", m->lang);
    if (m->stop_url) /* RFC 8058 */
        buf_fmt(out,
                "List-Unsubscribe: <%s>\r\n"
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                m->stop_url);
    buf_str(out, "MIME-Version: 1.0\r\n");
}

enum err mail_write(const struct mail *m, struct buf *out)
{
    char address[MAIL_ADDRESS_MAX + 1], boundary[40] = "=_nm_";
    enum err e = mail_from_address(m->from, address);
    if (e || !fine(m))
        return ERR_INPUT;
    add_headers(m, address, out);
    if (m->html) {
        crypto_random_hex(boundary + strlen(boundary), 24); /* '_' is in no base64 */
        buf_fmt(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary);
        add_part(out, boundary, "text/plain", m->text);
        add_part(out, boundary, "text/html", m->html);
        buf_fmt(out, "--%s--\r\n", boundary);
    } else
        add_part(out, NULL, "text/plain", m->text);
    return buf_err(out);
}
