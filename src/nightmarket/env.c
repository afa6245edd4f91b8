#include "nightmarket/env.h"
#include "base/crypto.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VARS_MAX = 500 };

struct env {
    char *text; /* the file, cut into strings */
    size_t len;
    struct {
        const char *name, *value;
    } var[VARS_MAX];
    size_t n;
};

static bool name_ok(const char *s)
{
    size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    return n > 0 && s[n] == '\0' && (s[0] < '0' || s[0] > '9');
}

static char *trim(char *s)
{
    s += strspn(s, " \t");
    size_t n = strlen(s);
    while (n && strchr(" \t\r", s[n - 1]))
        s[--n] = '\0';
    return s;
}

static char *unquote(char *s)
{
    size_t n = strlen(s);
    if (n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n - 1] == s[0]) {
        s[n - 1] = '\0';
        s++;
    }
    return s;
}

static enum err read_line(struct cx *cx, struct env *e, char *line, int number)
{
    line = trim(line);
    if (!*line || *line == '#')
        return ERR_OK;
    if (text_has_prefix(line, "export "))
        line = trim(line + 7);
    char *eq = strchr(line, '=');
    if (eq)
        *eq = '\0';
    char *name = trim(line);
    if (!eq || !name_ok(name))
        return problem(cx, ERR_INPUT, ".env line %d is not NAME=value", number);
    if (e->n == VARS_MAX)
        return problem(cx, ERR_INPUT, ".env has more than %d variables", VARS_MAX);
    e->var[e->n].name = name;
    e->var[e->n++].value = unquote(trim(eq + 1));
    return ERR_OK;
}

static enum err read_whole(struct cx *cx, int fd, struct env *e)
{
    e->text = calloc(1, ENV_FILE_MAX + 2);
    if (!e->text)
        return ERR_NO_MEMORY;
    ssize_t n;
    while (e->len <= ENV_FILE_MAX &&
           (n = read(fd, e->text + e->len, ENV_FILE_MAX + 1 - e->len)) > 0)
        e->len += (size_t)n;
    if (e->len > ENV_FILE_MAX || memchr(e->text, 0, e->len))
        return problem(cx, ERR_INPUT, ".env is too large or not text");
    return ERR_OK;
}

enum err env_read(struct cx *cx, const char *path, struct env **ret_env)
{
    struct env *e = calloc(1, sizeof *e);
    if (!e)
        return ERR_NO_MEMORY;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err why = ERR_OK;
    if (fd >= 0)
        why = read_whole(cx, fd, e);
    else if (errno != ENOENT)
        why = problem(cx, ERR_INPUT, ".env cannot be read");
    if (fd >= 0)
        (void)close(fd);
    int number = 1;
    char *rest = e->text;
    for (char *line; !why && rest && (line = strsep(&rest, "\n")); number++)
        why = read_line(cx, e, line, number);
    if (why) {
        env_free(e);
        return why;
    }
    *ret_env = e;
    return ERR_OK;
}

void env_free(struct env *e)
{
    if (!e)
        return;
    if (e->text)
        crypto_wipe(e->text, e->len);
    free(e->text);
    free(e);
}

const char *env_get(const struct env *e, const char *name)
{
    const char *v = getenv(name); // NOLINT(concurrency-mt-unsafe): before threads start
    for (size_t i = e->n; !(v && *v) && i-- > 0;)
        if (strcmp(e->var[i].name, name) == 0) /* the last of a name counts */
            v = e->var[i].value;
    return v && *v ? v : NULL;
}

static bool of_environment(const char *name)
{
    const char *v = getenv(name); // NOLINT(concurrency-mt-unsafe): before threads start
    return v && *v;
}

void env_each(const struct env *e, const char *prefix,
              void (*fn)(void *arg, const char *name, const char *value), void *arg)
{
    char name[128];
    for (char **p = environ; p && *p; p++) {
        size_t n = strcspn(*p, "=");
        if (n >= sizeof name || !text_has_prefix(*p, prefix) || (*p)[n] != '=' || !(*p)[n + 1])
            continue;
        memcpy(name, *p, n);
        name[n] = '\0';
        fn(arg, name, *p + n + 1);
    }
    for (size_t i = 0; i < e->n; i++)
        if (text_has_prefix(e->var[i].name, prefix) && !of_environment(e->var[i].name) &&
            env_get(e, e->var[i].name) == e->var[i].value)
            fn(arg, e->var[i].name, e->var[i].value);
}
