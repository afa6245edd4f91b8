/*
 * options - what the operator set, from flags and STREAMD_* variables, checked.
 *
 * Shape:   a flag beats its variable; an empty variable counts as absent.
 * Errors:  ERR_INPUT with one line in cx->problem that names the option and never repeats a secret.
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

enum { OPTION_TEXT = 512, ACCOUNT_TEXT = 33 };

struct options {
    char listen[OPTION_TEXT], rtmp[OPTION_TEXT], rtmps[OPTION_TEXT];
    char data[OPTION_TEXT];
    char account[OPTION_TEXT], token[OPTION_TEXT]; /* "": kept in the data folder */
    char public_url[OPTION_TEXT];       /* "": made of the address; no slash at the end */
    char rtmps_public_url[OPTION_TEXT]; /* "": likewise; with the slash */
    char tls_cert[OPTION_TEXT], tls_key[OPTION_TEXT]; /* "": our own authority's */
    char media_bin[OPTION_TEXT];
    bool http_tls;       /* HTTP over TLS too */
    bool refuse_second;  /* a second publisher on a key */
    bool status_as_text; /* live input status as one word, as the SDK types it */
    int64_t grace_s;     /* for recording.timeoutSeconds 0 */
    bool help, version;  /* asked for: nothing else was checked */
};

/* `variable` gives a variable's value or NULL: getenv() in the program. */
enum err options_read(struct cx *cx, int argc, char *const *argv,
                      const char *(*variable)(const char *name), struct options *ret) NODISCARD;

/* The text of --help. */
extern const char options_help[];
