/* streamd - a local Stream engine that speaks Cloudflare Stream's REST API. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "net/client.h"
#include "streamd/engine.h"
#include "streamd/options.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { EXIT_USAGE = 2 };

static const char *variable(const char *name)
{
    return getenv(name); // NOLINT(concurrency-mt-unsafe): no other thread is there yet
}

/* Every thread started from here on leaves these to sigwait() below. */
static void hold_signals(sigset_t *ret_set)
{
    (void)sigemptyset(ret_set);
    (void)sigaddset(ret_set, SIGINT);
    (void)sigaddset(ret_set, SIGTERM);
    (void)sigaddset(ret_set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, ret_set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static int run(const struct options *o)
{
    struct cx cx = {.now_ms = clock_unix_ms()};
    struct engine *engine;
    sigset_t set;
    int which = SIGHUP;
    hold_signals(&set);
    enum err e = engine_open(&cx, o, &engine);
    if (e) {
        (void)fprintf(stderr, "streamd: %s\n", cx.problem[0] ? cx.problem : err_api(e));
        return e == ERR_INPUT ? EXIT_USAGE : EXIT_FAILURE;
    }
    while (which == SIGHUP) {
        if (sigwait(&set, &which))
            break;
        if (which == SIGHUP)
            engine_reload(engine);
    }
    log_info("stopping", LOG_I("signal", which));
    engine_close(engine);
    log_info("stopped");
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct cx cx = {.now_ms = 0};
    struct options o;
    (void)umask(0077);
    if (options_read(&cx, argc, argv, variable, &o)) {
        (void)fprintf(stderr, "streamd: %s\n", cx.problem);
        return EXIT_USAGE;
    }
    if (o.help || o.version) {
        int n = o.help ? fputs(options_help, stdout) : printf("streamd %s\n", NM_VERSION);
        return n < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    if (crypto_init() || client_init()) {
        (void)fputs("streamd: no randomness or no network library to be had\n", stderr);
        return EXIT_FAILURE;
    }
    return run(&o);
}
