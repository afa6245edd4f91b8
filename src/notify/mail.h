/*
 * mail - one e-mail: as text by the rules, and into an SMTP server.
 *
 * Shape:   mail_write() makes the message: headers in ASCII, subject and names as RFC 2047 words,
 *          text and HTML as base64 parts of one multipart/alternative, no line over 78 characters.
 *          A mailer gives it to the server of NM_SMTP_URL by libcurl.
 * Safety:  no header can be ended by what is in an argument: control characters are refused. The
 *          URL's user and password are in no log and no error.
 * Thread:  any; a mailer belongs to one.
 * Source:  RFC 5322, 2045, 2047, 2369, 8058; docs/guides/notify.md
 */
#pragma once
#include "base/buf.h"
#include "base/cx.h"
#include <stddef.h>

enum { MAIL_MAX = 256 * 1024, MAIL_ADDRESS_MAX = 254, MAIL_WHY = 160, MAIL_URL_MAX = 500 };

/* local@domain in ASCII without spaces, quotes, brackets or control characters. */
bool mail_address_ok(const char *address);
/* "Shop <a@b.c>" or "a@b.c": the address alone. ERR_INPUT */
enum err mail_from_address(const char *from, char out[MAIL_ADDRESS_MAX + 1]) NODISCARD;

struct mail {
    const char *from;     /* NM_MAIL_FROM: "Name <address>" or an address */
    const char *to;       /* an address */
    const char *subject;  /* UTF-8, one line */
    const char *text;     /* UTF-8 */
    const char *html;     /* UTF-8, or NULL */
    const char *lang;     /* "zh-TW" */
    const char *stop_url; /* List-Unsubscribe, takes a POST (RFC 8058); or NULL */
    const char *id;       /* unique, [0-9A-Za-z.-]: becomes the Message-ID at the sender's domain */
    int64_t at_ms;
};
/* ERR_INPUT: an address or a header that cannot be. `out` has max MAIL_MAX or more. */
enum err mail_write(const struct mail *m, struct buf *out) NODISCARD;

/* ERR_INPUT: another scheme than smtp and smtps, no host, a path or query. */
enum err mail_check_url(const char *url) NODISCARD;

struct mailer_setup {
    const char *url;          /* smtp://[user:password@]host[:port] or smtps://...; outlives it */
    const char *from;         /* as above; outlives it */
    const char *ca_file;      /* NULL: the system's */
    bool (*go_on)(void *arg); /* as in net/client.h; NULL: to the end */
    void *arg;
};
/* One line to the server, kept open between mails. For one thread at a time. */
struct mailer;
enum err mailer_make(const struct mailer_setup *setup, struct mailer **ret_mailer) NODISCARD;
void mailer_free(struct mailer *m); /* NULL is fine */

/*
 * smtp:// goes on in TLS (STARTTLS), or not at all; on loopback it stays as it is.
 *
 * ERR_INPUT     the server refuses this address or this message for good (5xx)
 * ERR_UPSTREAM  it refuses for now (4xx) or does not let us in, no connection, no TLS
 * ERR_TIMEOUT, ERR_BUSY (go_on said no), ERR_NO_MEMORY
 */
enum err mailer_send(struct mailer *m, const char *to, const struct buf *message,
                     char ret_why[MAIL_WHY]) NODISCARD;
