#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "nightmarket/demo_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    KEEP_MAX = 4096,
    HTTP = 8080,
    STREAM = 8787,
    RTMP = 1935,
    RTMPS = 1936,
    SANDBOX = 8790,
    SMTP = 2525
};

static void make_fresh(struct demo_keep *k)
{
    char a[5], b[5], c[5];
    crypto_random_hex(k->account, 32);
    crypto_random_hex(k->token, 48);
    crypto_random_hex(a, 4);
    crypto_random_hex(b, 4);
    crypto_random_hex(c, 4);
    (void)snprintf(k->password, sizeof k->password, "lantern-%s-%s-%s", a, b, c);
    k->http = HTTP;
    k->stream = STREAM;
    k->rtmp = RTMP;
    k->rtmps = RTMPS;
    k->sandbox = SANDBOX;
    k->smtp = SMTP;
    k->fresh = true;
}

static enum err take_text(struct cx *cx, const json_t *o, const char *name, char *out, size_t size)
{
    const char *text = "";
    enum err e = json_need_text(cx, o, name, 0, size - 1, &text);
    if (!e && !text_copy(out, size, text))
        e = problem(cx, ERR_INPUT, "'%s' is too long", name);
    return e;
}

static enum err take_port(struct cx *cx, const json_t *o, const char *name, int *ret_port)
{
    int64_t n = 0;
    enum err e = json_need_i64(cx, o, name, 1, 65535, &n);
    *ret_port = (int)n;
    return e;
}

static enum err read_object(struct cx *cx, const json_t *o, struct demo_keep *k)
{
    int64_t round = 0;
    enum err e = take_text(cx, o, "account", k->account, sizeof k->account);
    if (!e)
        e = take_text(cx, o, "token", k->token, sizeof k->token);
    if (!e)
        e = take_text(cx, o, "password", k->password, sizeof k->password);
    if (!e)
        e = take_text(cx, o, "host", k->host, sizeof k->host);
    if (!e)
        e = take_text(cx, o, "show", k->show, sizeof k->show);
    if (!e)
        e = json_need_i64(cx, o, "round", 0, 1000000, &round);
    if (!e)
        e = take_port(cx, o, "http", &k->http);
    if (!e)
        e = take_port(cx, o, "stream", &k->stream);
    if (!e)
        e = take_port(cx, o, "rtmp", &k->rtmp);
    if (!e)
        e = take_port(cx, o, "rtmps", &k->rtmps);
    k->sandbox = SANDBOX; /* folders of older demos do not name it */
    if (!e && json_object_get(o, "sandbox"))
        e = take_port(cx, o, "sandbox", &k->sandbox);
    k->smtp = SMTP; /* likewise */
    if (!e && json_object_get(o, "smtp"))
        e = take_port(cx, o, "smtp", &k->smtp);
    k->round = (int)round;
    return e;
}

enum err demo_keep_read(struct cx *cx, const char *path, struct demo_keep *ret)
{
    char text[KEEP_MAX];
    json_t *o = NULL;
    *ret = (struct demo_keep){.fresh = false};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        make_fresh(ret);
        return ERR_OK;
    }
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0)
        (void)close(fd);
    if (n < 0)
        return problem(cx, ERR_IO, "demo.json cannot be read");
    enum err e = json_read_object(cx, text, (size_t)n, &o);
    if (!e)
        e = read_object(cx, o, ret);
    json_decref(o);
    crypto_wipe(text, sizeof text);
    return e ? problem(cx, ERR_INPUT, "demo.json is damaged: delete the folder and start afresh")
             : ERR_OK;
}

enum err demo_keep_write(struct cx *cx, const char *path, const struct demo_keep *k)
{
    char *text = json_text_of(
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:i}", "account", k->account,
                  "token", k->token, "password", k->password, "host", k->host, "show", k->show,
                  "round", k->round, "http", k->http, "stream", k->stream, "rtmp", k->rtmp, "rtmps",
                  k->rtmps, "sandbox", k->sandbox, "smtp", k->smtp));
    char *fresh = arena_fmt(cx->arena, "%s.new", path);
    if (!text || !fresh) {
        free(text);
        return ERR_NO_MEMORY;
    }
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t len = strlen(text);
    bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    ok = ok && rename(fresh, path) == 0;
    crypto_wipe(text, len);
    free(text);
    return ok ? ERR_OK : problem(cx, ERR_IO, "demo.json cannot be written");
}
