/*
 * mail - a mail server that delivers to nobody: what a shop sends is kept and shown.
 *
 * SMTP     --smtp ADDR, SANDBOXD_SMTP; without it nothing listens (mail_smtp.h)
 * GET      /mail                list; GET /mail/{id} one, its HTML in a frame without rights
 * GET      /control/mail        {items:[{id,at,from,to,subject,text,html,headers,raw}]}, newest
 *                               first; ?to= only those to this address
 * DELETE   /control/mail        forget all
 *
 * Faults:  "mail": down (the connection is closed), status 451 or 550 (of recipients), delay_ms
 *          (before the greeting).
 * Limits:  the last MAILS_MAX mails, MAIL_CONNS_MAX connections of 30 s each.
 * Thread:  one of its own for SMTP; pages on workers; one lock.
 */
#pragma once
#include "sandboxd/sandboxd.h"

enum { MAIL_ROUTES_MAX = 6, MAILS_MAX = 200, MAIL_CONNS_MAX = 16 };

/* `listen_at` "": no SMTP. ERR_INPUT: it cannot be listened on */
enum err mail_make(struct cx *cx, struct sandboxd *s, const char *listen_at,
                   struct mail_sink **ret_sink) NODISCARD;
void mail_free(struct mail_sink *m); /* NULL is fine */
size_t mail_routes(struct http_route out[MAIL_ROUTES_MAX]);
