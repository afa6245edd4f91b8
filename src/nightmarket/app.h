/*
 * app - what every subcommand that touches data needs: settings and an open store.
 *
 * Memory: app_close() ends all of it. Thread: main's.
 */
#pragma once
#include "base/cx.h"
#include "nightmarket/config.h"

struct store;

struct app {
    struct cx cx;
    struct config *config;
    struct store *store;
};

/*
 * Read the settings, open and migrate the store, make the first shop. On failure one line has gone
 * to standard error; *ret_exit is the exit code (2: settings, 1: all else). `command` is for the
 * line. Returns false, and nothing is left open.
 */
bool app_open(struct app *a, const char *command, int *ret_exit);
/* The same in two steps: the settings alone, and the rest, which app_close()s when it fails. */
bool app_configure(struct app *a, const char *command, int *ret_exit);
bool app_open_store(struct app *a, const char *command, int *ret_exit);
void app_close(struct app *a);

/* "nightmarket serve: <problem>" on standard error; returns `code`. */
int app_say(const struct app *a, const char *command, enum err e, int code);
