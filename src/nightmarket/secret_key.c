#include "base/crypto.h"
#include "nightmarket/config_in.h"
#include "nightmarket/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEX = 2 * SECRET_KEY_LEN };

static enum err read_key(struct cx *cx, int fd, unsigned char *ret_key)
{
    char text[HEX + 2] = "";
    ssize_t n = read(fd, text, HEX + 1);
    text[n > HEX && text[HEX] == '\n' ? HEX : n > 0 ? n : 0] = '\0';
    enum err e = crypto_unhex(text, ret_key, SECRET_KEY_LEN);
    crypto_wipe(text, sizeof text);
    return e ? problem(cx, ERR_IO, "the key file secret.key in NM_DATA_DIR is damaged") : ERR_OK;
}

/* Whole, on disk, and only then under its name: a crash leaves either no key or a good one. */
static enum err make_key(struct cx *cx, const char *path)
{
    unsigned char key[SECRET_KEY_LEN];
    char hex[HEX + 2], tmp[600];
    crypto_random(key, sizeof key);
    crypto_hex(key, sizeof key, hex);
    hex[HEX] = '\n';
    (void)snprintf(tmp, sizeof tmp, "%s.%d", path, (int)getpid());
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, hex, HEX + 1) == HEX + 1 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    ok = ok && (link(tmp, path) == 0 || errno == EEXIST); /* another process was quicker: its key */
    (void)unlink(tmp);
    crypto_wipe(key, sizeof key);
    crypto_wipe(hex, sizeof hex);
    return ok ? ERR_OK : problem(cx, ERR_IO, "the key file in NM_DATA_DIR cannot be written");
}

enum err config_secret_key(struct cx *cx, const struct env *env, const char *data_dir,
                           unsigned char *ret_key)
{
    char path[560];
    const char *hex = env_get(env, "NM_SECRET_KEY");
    if (hex)
        return crypto_unhex(hex, ret_key, SECRET_KEY_LEN)
                   ? problem(cx, ERR_INPUT, "NM_SECRET_KEY must be %d hex digits", HEX)
                   : ERR_OK;
    (void)snprintf(path, sizeof path, "%s/secret.key", data_dir);
    enum err e = access(path, F_OK) == 0 ? ERR_OK : make_key(cx, path);
    if (e)
        return e;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return problem(cx, ERR_IO, "the key file in NM_DATA_DIR cannot be read");
    e = read_key(cx, fd, ret_key);
    (void)close(fd);
    return e;
}
