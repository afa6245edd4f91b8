#include "cloud/setup.h"
#include "cloud/stream.h"
#include "nightmarket/app.h"
#include "nightmarket/commands.h"
#include "nightmarket/engine.h"

#include <stdio.h>

static void say(void *arg, const char *line)
{
    (void)arg;
    (void)printf("%s\n", line);
    (void)fflush(stdout);
}

int command_cloudflare_setup(int argc, char **argv)
{
    struct app a;
    struct stream *stream = NULL;
    int code = 0;
    (void)argv;
    if (argc != 1) {
        (void)fprintf(stderr, "usage: nightmarket cloudflare-setup   (while 'serve' is running)\n");
        return 2;
    }
    if (!app_open(&a, "cloudflare-setup", &code))
        return code;
    enum err e = a.config->cloudflare
                     ? engine_make(&a.cx, a.config, &stream)
                     : problem(&a.cx, ERR_INPUT, "CLOUDFLARE_ACCOUNT_ID is missing");
    if (!e) {
        const struct setup_ask ask = {.stream = stream,
                                      .store = a.store,
                                      .key = a.config->secret_key,
                                      .public_url = a.config->public_url,
                                      .say = say};
        e = setup_run(&a.cx, &ask);
    }
    if (e)
        code = app_say(&a, "cloudflare-setup", e, e == ERR_INPUT ? 2 : 1);
    stream_free(stream);
    app_close(&a);
    return code;
}
