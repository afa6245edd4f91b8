/*
 * options - what sandboxd is told when it starts: the command line, then environment variables,
 * then defaults.
 */
#pragma once
#include "base/cx.h"

enum { OPTION_TEXT = 512 };

struct options {
    char listen[OPTION_TEXT];
    char public_url[OPTION_TEXT]; /* how buyers and shops reach us; "": as --listen says */
    char smtp[OPTION_TEXT];       /* where to take mail; "": nowhere */
    bool help, version;
};

extern const char options_help[];

/* `variable` is getenv() or a test's own. ERR_INPUT with cx->problem. */
enum err options_read(struct cx *cx, int argc, char *const *argv,
                      const char *(*variable)(const char *name),
                      struct options *ret_options) NODISCARD;
