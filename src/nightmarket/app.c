#include "nightmarket/app.h"
#include "account/staff.h"
#include "base/arena.h"
#include "base/clock.h"
#include "net/client.h"
#include "nightmarket/env.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

enum { ARENA = 4 << 20 };

int app_say(const struct app *a, const char *command, enum err e, int code)
{
    const char *why = a->cx.problem[0] ? a->cx.problem : err_api(e);
    (void)fprintf(stderr, "nightmarket %s: %s\n", command, why);
    return code;
}

bool app_configure(struct app *a, const char *command, int *ret_exit)
{
    struct env *env = NULL;
    *a = (struct app){.cx = {.now_ms = clock_unix_ms()}};
    a->cx.arena = arena_make(ARENA);
    enum err e = a->cx.arena ? crypto_init() : ERR_NO_MEMORY;
    if (!e)
        e = client_init();
    if (!e)
        e = env_read(&a->cx, ".env", &env);
    if (!e)
        e = config_make(&a->cx, env, &a->config);
    env_free(env);
    if (!e)
        return true;
    *ret_exit = app_say(a, command, e, e == ERR_INPUT ? 2 : 1);
    app_close(a);
    return false;
}

/* A fresh instance has one shop. */
static enum err first_shop_job(struct tx *tx, void *arg)
{
    const struct shop *s = arg;
    struct shop found;
    enum err e = shop_first(tx->db, tx->cx->arena, &found);
    return e == ERR_NOT_FOUND ? shop_create(tx, s) : e;
}

static enum err make_first_shop(struct app *a)
{
    char public_id[ID_TEXT];
    id_make("shp", public_id);
    struct shop s = {
        .id = id_next(), .public_id = public_id, .slug = "shop", .name = "Nightmarket"};
    return store_do(a->store, &a->cx, "shop.first", first_shop_job, &s);
}

/* The store does not know where its URL came from. */
static enum err name_variable(struct cx *cx, enum err e)
{
    char why[sizeof cx->problem];
    memcpy(why, cx->problem, sizeof why);
    return problem(cx, e, "DATABASE_URL: %.180s", why[0] ? why : err_api(e));
}

bool app_open_store(struct app *a, const char *command, int *ret_exit)
{
    const struct store_setup setup = {
        .url = a->config->database_url, .schema = &shop_schema, .readers = 8};
    enum err e = store_open(&a->cx, &setup, &a->store);
    e = e ? name_variable(&a->cx, e) : make_first_shop(a);
    if (!e)
        return true;
    *ret_exit = app_say(a, command, e, e == ERR_INPUT ? 2 : 1);
    app_close(a);
    return false;
}

bool app_open(struct app *a, const char *command, int *ret_exit)
{
    return app_configure(a, command, ret_exit) && app_open_store(a, command, ret_exit);
}

void app_close(struct app *a)
{
    store_close(a->store);
    config_free(a->config);
    arena_free(a->cx.arena);
    *a = (struct app){0};
}
