/* reconcile: what in the database does not agree with itself. Beside a running server. */
#include "api/reconcile.h"
#include "nightmarket/app.h"
#include "nightmarket/commands.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

static void print(const struct reconcile_report *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct difference *d = &r->items[i];
        (void)printf("%s: %s %" PRId64 " is %" PRId64 ", not %" PRId64 "\n", d->check->name,
                     d->check->of, d->id, d->found, d->want);
    }
    (void)printf("%zu differences\n", r->count);
}

int command_reconcile(int argc, char **argv)
{
    struct app a;
    struct reconcile_report r;
    struct db *db = NULL;
    int code = 0;
    (void)argv;
    if (argc != 1) {
        (void)fprintf(stderr, "usage: nightmarket reconcile\n");
        return 2;
    }
    if (!app_open(&a, "reconcile", &code))
        return code;
    enum err e = store_read(a.store, &db);
    if (!e)
        e = reconcile_all(db, &a.cx, 0, &r);
    store_read_end(db);
    if (e)
        code = app_say(&a, "reconcile", e, 1);
    else
        print(&r);
    app_close(&a);
    return e ? code : r.count ? 1 : 0;
}
