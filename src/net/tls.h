/*
 * tls - the server side's certificate and key, TLS 1.2 and 1.3.
 *
 * Thread: tls_reload() from any thread while listeners use it: new connections get the new
 *         certificate, old ones keep theirs.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct tls;
struct ssl_st;

enum { TLS_WHY = 200 };

/*
 * PEM files: the certificate with its chain, and its key. ERR_INPUT: `why` says which file and what
 * is wrong with it, as "cannot read certificate 'x.pem': no such file".
 */
enum err tls_make(const char *cert_file, const char *key_file, char why[TLS_WHY],
                  struct tls **ret_tls) NODISCARD;
/* Read the same files again. On an error the old pair stays in use. */
enum err tls_reload(struct tls *t, char why[TLS_WHY]) NODISCARD;
void tls_free(struct tls *t); /* NULL is fine; connections that are open go on */

/* For net/conn.c: a session of the current certificate in accept state; NULL out of memory. */
struct ssl_st *tls_session(struct tls *t, int fd);
