/*
 * files - the bucket client by hand, for tests. The bucket is R2_ENDPOINT_URL, R2_BUCKET_NAME,
 * R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY of the environment.
 *
 *   files put KEY FILE        prints the ETag
 *   files get KEY FILE [OFF LEN]
 *   files head KEY            prints "SIZE TYPE"
 *   files delete KEY
 *   files list PREFIX [MAX]   every key, in pages of MAX, one a line
 *   files fill PREFIX N       N small objects "PREFIX0000", and so on
 *   files presign METHOD KEY SECONDS [TYPE LENGTH]
 *   files send DATABASE FILE KEY [PART_SIZE]   in parts, going on where a killed one was
 *
 * Exit: 0, or 1 with "error: <api name>: <problem>" on stderr.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "cloud/file_store.h"
#include "files/big.h"
#include "net/client.h"
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARENA = 16 << 20, GET_MAX = 256 << 20 };

struct desk {
    struct s3 *s3;
    struct cx cx;
    int argc;
    char **argv;
};

static const char *word(const struct desk *d, int i)
{
    return i < d->argc ? d->argv[i] : NULL;
}

static int64_t number(const struct desk *d, int i, int64_t otherwise)
{
    return i < d->argc ? strtoll(d->argv[i], NULL, 10) : otherwise;
}

static enum err put(struct desk *d)
{
    char etag[S3_ETAG_MAX];
    struct stat st;
    int fd = open(word(d, 3), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        return problem(&d->cx, ERR_IO, "no such file");
    const struct s3_put ask = {.key = word(d, 2),
                               .type = "application/x-test",
                               .body = {.fd = fd, .len = (uint64_t)st.st_size}};
    enum err e = s3_put(d->s3, &d->cx, &ask, etag);
    (void)close(fd);
    if (!e)
        (void)puts(etag);
    return e;
}

static enum err get_range(struct desk *d, int fd)
{
    struct buf out;
    buf_init(&out, GET_MAX);
    enum err e = s3_get(d->s3, &d->cx, word(d, 2), (uint64_t)number(d, 4, 0),
                        (uint64_t)number(d, 5, 0), &out);
    if (!e && write(fd, out.data ? out.data : "", out.len) != (ssize_t)out.len)
        e = ERR_IO;
    buf_done(&out);
    return e;
}

static enum err get(struct desk *d)
{
    uint64_t len = 0;
    int fd = open(word(d, 3), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return problem(&d->cx, ERR_IO, "the file cannot be made");
    enum err e =
        word(d, 4) ? get_range(d, fd) : s3_get_file(d->s3, &d->cx, word(d, 2), fd, GET_MAX, &len);
    (void)close(fd);
    return e;
}

static enum err head(struct desk *d)
{
    struct s3_head h;
    enum err e = s3_head(d->s3, &d->cx, word(d, 2), &h);
    if (!e)
        (void)printf("%llu %s\n", (unsigned long long)h.size, h.type);
    return e;
}

static enum err list(struct desk *d)
{
    const char *from = NULL;
    enum err e;
    do {
        struct s3_page p;
        e = s3_list(d->s3, &d->cx, word(d, 2), from, (int)number(d, 3, S3_LIST_MAX), &p);
        if (e)
            return e;
        for (size_t i = 0; i < p.count; i++)
            (void)printf("%s\n", p.items[i].key);
        from = p.next;
    } while (from);
    return e;
}

static enum err fill(struct desk *d)
{
    enum err e = ERR_OK;
    for (int64_t i = 0; i < number(d, 3, 0) && !e; i++) {
        char key[200];
        (void)snprintf(key, sizeof key, "%.150s%04lld", word(d, 2), (long long)i);
        const struct s3_put ask = {.key = key, .body = {.data = "x", .len = 1}};
        e = s3_put(d->s3, &d->cx, &ask, NULL);
    }
    return e;
}

static enum err presign(struct desk *d)
{
    const char *url;
    const struct s3_presign ask = {.method = word(d, 2),
                                   .key = word(d, 3),
                                   .seconds = number(d, 4, 60),
                                   .type = word(d, 5),
                                   .length = number(d, 6, -1)};
    enum err e = s3_presign(d->s3, &d->cx, &ask, &url);
    if (!e)
        (void)puts(url);
    return e;
}

static bool tell(void *arg, int64_t sent)
{
    (void)arg;
    (void)printf("sent %lld\n", (long long)sent);
    return fflush(stdout) == 0;
}

static enum err send_big(struct desk *d)
{
    struct store *store = NULL;
    struct file_store *objects = NULL;
    char url[600];
    (void)snprintf(url, sizeof url, "sqlite:%s", word(d, 2));
    const struct store_setup setup = {.url = url, .schema = &shop_schema};
    const struct big_file file = {.path = word(d, 3),
                                  .key = word(d, 4),
                                  .type = "video/mp4",
                                  .part_size = number(d, 5, 0),
                                  .go_on = tell};
    enum err e = store_open(&d->cx, &setup, &store);
    if (!e)
        e = file_store_bucket(d->s3, &objects);
    if (!e)
        e = big_send(store, objects, &d->cx, &file);
    store_close(store);
    file_store_free(objects);
    d->s3 = objects ? NULL : d->s3; /* it went with the store */
    return e;
}

static enum err run(struct desk *d)
{
    static const struct {
        const char *name;
        int words;
        enum err (*run)(struct desk *d);
    } commands[] = {{"put", 4, put},      {"get", 4, get},   {"head", 3, head},
                    {"list", 3, list},    {"fill", 4, fill}, {"presign", 5, presign},
                    {"send", 5, send_big}};
    if (d->argc == 3 && strcmp(d->argv[1], "delete") == 0)
        return s3_delete(d->s3, &d->cx, d->argv[2]);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (d->argc >= commands[i].words && strcmp(d->argv[1], commands[i].name) == 0)
            return commands[i].run(d);
    return problem(&d->cx, ERR_INPUT, "no such command");
}

static const char *setting(const char *name)
{
    const char *v = getenv(name); // NOLINT(concurrency-mt-unsafe): no other thread is there yet
    return v ? v : "";
}

int main(int argc, char **argv)
{
    struct desk d = {.argc = argc, .argv = argv};
    const struct s3_setup setup = {.endpoint = setting("R2_ENDPOINT_URL"),
                                   .bucket = setting("R2_BUCKET_NAME"),
                                   .access_key = setting("R2_ACCESS_KEY_ID"),
                                   .secret_key = setting("R2_SECRET_ACCESS_KEY")};
    if (crypto_init() != ERR_OK || client_init() != ERR_OK)
        return 1;
    d.cx = (struct cx){.arena = arena_make(ARENA), .now_ms = clock_unix_ms()};
    enum err e = s3_make(&d.cx, &setup, &d.s3);
    if (!e)
        e = run(&d);
    if (e)
        (void)fprintf(stderr, "error: %s: %s\n", err_api(e), d.cx.problem);
    s3_free(d.s3);
    arena_free(d.cx.arena);
    client_thread_done();
    return e ? 1 : 0;
}
