/* shop: one more shop in this instance. Its first owner comes by `user add --shop`. */
#include "account/staff.h"
#include "base/arena.h"
#include "nightmarket/app.h"
#include "nightmarket/commands.h"
#include "store/store.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char USAGE[] = "usage: nightmarket shop add --slug SLUG --name NAME\n"
                            "       nightmarket user add --email E --role owner --shop SLUG ...\n";

static bool read_options(int argc, char **argv, struct shop *s)
{
    static const struct option options[] = {
        {"slug", required_argument, 0, 's'}, {"name", required_argument, 0, 'n'}, {0}};
    int o;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread */
    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (o) {
        case 's': s->slug = optarg; break;
        case 'n': s->name = optarg; break;
        default: return false;
        }
    }
    return s->slug && s->name && optind == argc;
}

static enum err add_job(struct tx *tx, void *arg)
{
    const struct shop *s = arg;
    const struct audit a = {
        .id = id_next(), .shop_id = s->id, .action = "shop.create", .object = s->public_id};
    enum err e = shop_create(tx, s);
    return e ? e : audit_write(tx, &a);
}

int command_shop(int argc, char **argv)
{
    char public_id[ID_TEXT];
    struct shop s = {.id = id_next(), .public_id = public_id};
    struct app a;
    int code = 0;
    bool add = argc > 1 && strcmp(argv[1], "add") == 0;
    if (!add || !read_options(argc - 1, argv + 1, &s)) {
        bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
        (void)fputs(USAGE, asked ? stdout : stderr);
        return asked ? 0 : 2;
    }
    id_make("shp", public_id);
    if (!app_open(&a, "shop", &code))
        return code;
    enum err e = store_do(a.store, &a.cx, "shop.add", add_job, &s);
    if (e)
        code = app_say(&a, "shop", e, e == ERR_INPUT ? 2 : 1);
    else
        (void)printf("the shop '%s' is there; now give it an owner\n", s.slug);
    app_close(&a);
    return code;
}
