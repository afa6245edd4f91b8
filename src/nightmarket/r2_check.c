/* r2-check: does the bucket do what the shop needs of it? One line a step. */
#include "base/crypto.h"
#include "cloud/file_store.h"
#include "net/client.h"
#include "nightmarket/app.h"
#include "nightmarket/commands.h"
#include "nightmarket/shelf.h"

#include <stdio.h>
#include <string.h>

enum { PROBE_MAX = 100 };

static const char probe[] = "nightmarket looks if it may write here";

struct check {
    struct cx *cx;
    struct s3 *s3;
    const char *public_url;
    char key[64];
};

static void say(const char *line)
{
    (void)printf("%s\n", line);
    (void)fflush(stdout);
}

static enum err write_probe(struct check *c)
{
    const struct s3_put put = {
        .key = c->key, .type = "text/plain", .body = {.data = probe, .len = sizeof probe - 1}};
    enum err e = s3_put(c->s3, c->cx, &put, NULL);
    if (!e)
        say("an object can be written");
    return e;
}

static enum err read_probe(struct check *c)
{
    struct buf out;
    buf_init(&out, PROBE_MAX);
    enum err e = s3_get(c->s3, c->cx, c->key, 1, 10, &out);
    if (!e && (out.len != 10 || memcmp(out.data, probe + 1, 10) != 0))
        e = problem(c->cx, ERR_UPSTREAM, "the bucket gave back other bytes");
    if (!e)
        say("a part of it can be read");
    buf_done(&out);
    return e;
}

/* As a browser uploads: by an address alone. */
static enum err use_address(struct check *c)
{
    const char *url;
    struct client_answer a;
    const struct s3_presign ask = {.method = "PUT",
                                   .key = c->key,
                                   .seconds = 60,
                                   .type = "text/plain",
                                   .length = sizeof probe - 1};
    enum err e = s3_presign(c->s3, c->cx, &ask, &url);
    if (e)
        return e;
    const struct client_ask put = {.method = "PUT",
                                   .url = url,
                                   .headers = (const char *[]){"Content-Type: text/plain", NULL},
                                   .body = probe,
                                   .body_len = sizeof probe - 1};
    e = client_run(&put, &a);
    if (e)
        e = problem(c->cx, e, "a presigned address cannot be used: %s", a.reason);
    else if (a.status != 200)
        e = problem(c->cx, ERR_UPSTREAM, "a presigned address was answered with %d", a.status);
    else
        say("a presigned address can be uploaded to");
    client_answer_done(&a);
    return e;
}

/* Tokens for objects alone may not: then it is for a person to do, once. */
static void set_cors(struct check *c)
{
    if (s3_cors_put(c->s3, c->cx, c->public_url) == ERR_OK) {
        say("the bucket lets pages of NM_PUBLIC_URL upload (CORS)");
        return;
    }
    (void)printf("the CORS rule could not be set (%s).\n"
                 "Unless it is there already, add it in the bucket's settings:\n"
                 "  [{\"AllowedOrigins\": [\"%s\"], \"AllowedMethods\": [\"PUT\", \"GET\"],\n"
                 "    \"AllowedHeaders\": [\"content-type\"], \"ExposeHeaders\": [\"ETag\"],\n"
                 "    \"MaxAgeSeconds\": 3600}]\n",
                 c->cx->problem, c->public_url);
    c->cx->problem[0] = '\0';
}

static enum err run(struct check *c)
{
    char random[17];
    crypto_random_hex(random, 16);
    (void)snprintf(c->key, sizeof c->key, "in/check-%s", random);
    enum err e = write_probe(c);
    if (!e)
        e = read_probe(c);
    if (!e)
        e = use_address(c);
    if (!e)
        e = s3_delete(c->s3, c->cx, c->key);
    if (e)
        return e;
    say("an object can be deleted");
    set_cors(c);
    return ERR_OK;
}

int command_r2_check(int argc, char **argv)
{
    struct app a;
    struct file_store *objects = NULL;
    int code = 0;
    (void)argv;
    if (argc != 1) {
        (void)fprintf(stderr, "usage: nightmarket r2-check   (settings: R2_... in .env)\n");
        return 2;
    }
    if (!app_configure(&a, "r2-check", &code))
        return code;
    enum err e = a.config->r2 ? shelf_open(&a.cx, a.config, &objects)
                              : problem(&a.cx, ERR_INPUT, "R2_BUCKET_NAME is missing");
    struct check c = {.cx = &a.cx, .public_url = a.config->public_url};
    if (!e) {
        c.s3 = file_store_s3(objects);
        e = run(&c);
    }
    if (e)
        code = app_say(&a, "r2-check", e, e == ERR_INPUT ? 2 : 1);
    file_store_free(objects);
    app_close(&a);
    return code;
}
