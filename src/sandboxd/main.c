/* sandboxd - sandboxes of the ECPay and Omise gateways. Never for production. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "net/client.h"
#include "sandboxd/options.h"
#include "sandboxd/sandboxd.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { EXIT_USAGE = 2 };

static const char *variable(const char *name)
{
    return getenv(name); // NOLINT(concurrency-mt-unsafe): asked before requests can come
}

static int run(const struct options *o)
{
    struct cx cx = {.now_ms = clock_unix_ms()};
    struct server *server;
    sigset_t set;
    int which = 0;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* threads inherit it: sigwait() takes them */
    (void)signal(SIGPIPE, SIG_IGN);
    enum err e = server_open(&cx, o, variable, &server);
    if (e) {
        (void)fprintf(stderr, "sandboxd: %s\n", cx.problem[0] ? cx.problem : err_api(e));
        return e == ERR_INPUT ? EXIT_USAGE : EXIT_FAILURE;
    }
    (void)sigwait(&set, &which);
    log_info("stopping", LOG_I("signal", which));
    server_close(server);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct cx cx = {.now_ms = 0};
    struct options o;
    (void)umask(0077);
    if (options_read(&cx, argc, argv, variable, &o)) {
        (void)fprintf(stderr, "sandboxd: %s\n", cx.problem);
        return EXIT_USAGE;
    }
    if (o.help || o.version) {
        int n = o.help ? fputs(options_help, stdout) : printf("sandboxd %s\n", NM_VERSION);
        return n < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    if (crypto_init() || client_init()) {
        (void)fputs("sandboxd: no randomness or no network library to be had\n", stderr);
        return EXIT_FAILURE;
    }
    return run(&o);
}
