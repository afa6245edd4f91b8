#include "nightmarket/shelf.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cloud/file_store.h"
#include "files/files.h"
#include "net/pool.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SWEEP_EVERY_MS = 60000, ARENA = 1 << 20 };

static enum err open_bucket(struct cx *cx, const struct config *c, struct file_store **ret_objects)
{
    const struct s3_setup setup = {.endpoint = c->r2_endpoint,
                                   .bucket = c->r2_bucket,
                                   .access_key = c->r2_access_key,
                                   .secret_key = c->r2_secret_key};
    struct s3 *s3 = NULL;
    enum err e = s3_make(cx, &setup, &s3);
    if (e == ERR_INPUT) {
        char why[sizeof cx->problem];
        (void)text_copy(why, sizeof why, cx->problem);
        return problem(cx, e, "R2_ENDPOINT_URL, R2_BUCKET_NAME: %.140s", why);
    }
    if (!e)
        e = file_store_bucket(s3, ret_objects);
    if (e)
        s3_free(s3);
    return e;
}

enum err shelf_open(struct cx *cx, const struct config *c, struct file_store **ret_objects)
{
    char path[CONFIG_TEXT + 8];
    if (c->r2)
        return open_bucket(cx, c, ret_objects);
    (void)snprintf(path, sizeof path, "%s/files", c->data_dir);
    return file_store_folder(cx, path, ret_objects);
}

/* The program that decodes pictures stands beside this one. */
static void find_program(char out[PATH_MAX])
{
    char self[PATH_MAX] = "";
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *name = strrchr(self, '/');
    (void)snprintf(out, PATH_MAX, "%.*s/nightmarket-image", name ? (int)(name - self) : 0, self);
}

/* scheme://host[:port] of an address */
static int origin_len(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? (int)(host + 3 - url + (ptrdiff_t)strcspn(host + 3, "/")) : 0;
}

static enum err set_addresses(struct cx *cx, const struct config *c, struct shelf *s)
{
    struct s3 *s3 = file_store_s3(s->objects);
    if (!s3)
        return ERR_OK;
    (void)snprintf(s->origins, sizeof s->origins, "%s%s%.*s", s3_origin(s3),
                   c->r2_public_url[0] ? " " : "", origin_len(c->r2_public_url), c->r2_public_url);
    if (c->r2_public_url[0] && file_link_base(c->r2_public_url) != ERR_OK)
        return problem(cx, ERR_INPUT, "R2_PUBLIC_URL is too long");
    return ERR_OK;
}

enum err shelf_make(struct cx *cx, const struct config *c, struct store *store, struct shelf *s)
{
    char work[CONFIG_TEXT + 8], program[PATH_MAX];
    (void)snprintf(work, sizeof work, "%s/tmp", c->data_dir);
    find_program(program);
    enum err e = shelf_open(cx, c, &s->objects);
    if (!e)
        e = set_addresses(cx, c, s);
    const struct files_setup setup = {.store = store,
                                      .objects = s->objects,
                                      .key = c->secret_key,
                                      .work_dir = work,
                                      .program = program};
    return e ? e : files_make(cx, &setup, &s->files);
}

static void sweep(void *arg)
{
    struct shelf *s = arg;
    struct cx cx = {.arena = arena_make(ARENA), .now_ms = clock_unix_ms(), .id = "files"};
    size_t n = 0;
    enum err e = cx.arena ? files_sweep(s->files, &cx, &n) : ERR_NO_MEMORY;
    if (e)
        log_warn("old uploads stay for now", LOG_S("err", err_api(e)), LOG_S("why", cx.problem));
    else if (n)
        log_info("uploads that nobody finished are gone", LOG_I("n", n));
    arena_free(cx.arena);
    atomic_store(&s->sweeping, false);
}

void shelf_tick(struct shelf *s, struct pool *pool, int64_t now_ms)
{
    if (now_ms < s->next_sweep_ms || atomic_exchange(&s->sweeping, true))
        return;
    s->next_sweep_ms = now_ms + SWEEP_EVERY_MS;
    if (pool_run(pool, sweep, s) != ERR_OK)
        atomic_store(&s->sweeping, false);
}

void shelf_end(struct shelf *s)
{
    file_store_end(s->objects);
}

void shelf_done(struct shelf *s)
{
    files_free(s->files);
    file_store_free(s->objects);
}
