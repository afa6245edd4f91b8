/*
 * mail_smtp - the server's side of SMTP: bytes in, answers out, whole mails handed over.
 *
 * Shape:   one object a connection; no sockets here. Takes EHLO, HELO, MAIL, RCPT, DATA, RSET,
 *          NOOP, VRFY, QUIT; nothing else, neither TLS nor passwords: it is a sink on loopback.
 * Limits:  a line of 1,000 bytes, 10 recipients, SMTP_MAIL_MAX bytes of mail.
 * Thread:  one at a time.
 * Source:  RFC 5321
 */
#pragma once
#include "base/buf.h"

enum { SMTP_LINE = 1000, SMTP_RCPT_MAX = 10, SMTP_ADDRESS = 256, SMTP_MAIL_MAX = 256 * 1024 };

struct smtp {
    enum { SMTP_COMMAND, SMTP_DATA, SMTP_OVER } state;
    char line[SMTP_LINE + 1];
    size_t len;
    bool long_line;
    char from[SMTP_ADDRESS];
    char to[SMTP_RCPT_MAX][SMTP_ADDRESS];
    size_t to_n;
    bool has_from;
    struct buf data;
    int refuse; /* the status that recipients are answered with, 451 or 550; 0: they are taken */
    void (*got)(void *arg, const struct smtp *s); /* a mail is whole: from, to and data */
    void *arg;
};

/* Greets into `out`. */
void smtp_begin(struct smtp *s, void (*got)(void *arg, const struct smtp *s), void *arg,
                struct buf *out);
/* Answers into `out`. state is SMTP_OVER after QUIT: the connection may go. */
void smtp_feed(struct smtp *s, const char *bytes, size_t len, struct buf *out);
void smtp_done(struct smtp *s);
