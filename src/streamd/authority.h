/*
 * authority - our own small certificate authority, for RTMPS without a bought certificate.
 *
 * Shape:   DIR/ca/ca.pem (EC P-256, ten years), ca.key, server.pem (825 days), server.key. Keys are
 *          0600. The server's certificate is made again when it has less than 30 days left, or
 *          lacks a name that is wanted now, or another ca.pem lies there. The authority itself is
 *          made again only when there is no ca.pem, or at its end: encoders trust it.
 * Names:   localhost, 127.0.0.1, ::1; 127.0.0.1 also as DNS name, since OBS looks only at those;
 *          and those given.
 * Thread:  one at a time; it reads and writes files.
 * Source:  RFC 5280; docs/guides/streamd.md tells how encoders trust it.
 */
#pragma once
#include "base/cx.h"

enum { AUTHORITY_PATH = 1024, AUTHORITY_NAMES_MAX = 32, AUTHORITY_NAME = 128 };

struct authority_names {
    unsigned n;
    char at[AUTHORITY_NAMES_MAX][AUTHORITY_NAME]; /* "DNS:shop.local", "IP:192.0.2.7" */
};

struct authority_files {
    char ca[AUTHORITY_PATH], cert[AUTHORITY_PATH], key[AUTHORITY_PATH];
    bool fresh_ca, fresh_cert; /* made by this call */
};

/*
 * Names for a listener at `address` and a public URL (may be ""): the address itself, every address
 * of this machine when it listens on all, this machine's name, and the URL's host.
 */
void authority_names_of(const char *address, const char *url, struct authority_names *ret_names);

/* ERR_IO: files; ERR_INTERNAL: OpenSSL. cx->problem names the file. */
enum err authority_make(struct cx *cx, const char *dir, const struct authority_names *names,
                        struct authority_files *ret_files) NODISCARD;
