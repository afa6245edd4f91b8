/*
 * env - the environment, and under it a `.env` file in the working directory.
 *
 * Shape:  NAME=value lines; '#' begins a comment line; a value may stand in single or double
 *         quotes; a variable of the real environment wins; an empty value counts as absent.
 * Memory: env_get() points into the env or the process's environment.
 * Thread: before others start.
 */
#pragma once
#include "base/cx.h"

struct env;

enum { ENV_FILE_MAX = 64 * 1024 };

/* `path` that does not exist is an empty one. ERR_INPUT names the line that is no NAME=value. */
enum err env_read(struct cx *cx, const char *path, struct env **ret_env) NODISCARD;
void env_free(struct env *e); /* NULL is fine */

/* NULL when absent or empty. */
const char *env_get(const struct env *e, const char *name);
/* Calls fn for each variable whose name begins with prefix, of both sources, each name once. */
void env_each(const struct env *e, const char *prefix,
              void (*fn)(void *arg, const char *name, const char *value), void *arg);
