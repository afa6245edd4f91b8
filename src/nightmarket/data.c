/* migrate and backup. */
#include "nightmarket/app.h"
#include "nightmarket/commands.h"
#include "store/store.h"

#include <stdio.h>

int command_migrate(int argc, char **argv)
{
    struct app a;
    int code = 0;
    (void)argv;
    if (argc != 1) {
        (void)fprintf(stderr, "usage: nightmarket migrate\n");
        return 2;
    }
    if (!app_open(&a, "migrate", &code))
        return code;
    (void)printf("the database is up to date\n");
    app_close(&a);
    return 0;
}

int command_backup(int argc, char **argv)
{
    struct app a;
    int code = 0;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: nightmarket backup FILE\n");
        return 2;
    }
    if (!app_configure(&a, "backup", &code))
        return code;
    enum err e = store_backup(&a.cx, a.config->database_url, argv[1]);
    if (e)
        code = app_say(&a, "backup", e, 1);
    else
        (void)printf("copied to %s\n", argv[1]);
    app_close(&a);
    return code;
}
