#include "base/log.h"
#include "store/postgres_in.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WAIT_MS_MIN = 100, WAIT_MS_MAX = 2000 };

struct listener {
    char *url;
    struct listen_ask ask;
    PGconn *conn;
    int stop_fd;
    pthread_t thread;
};

/* Sleeps until there is something to read, or for ms (-1: for ever). False: the end. */
static bool wait_for(struct listener *l, int fd, int ms)
{
    struct pollfd fds[] = {{.fd = l->stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    (void)poll(fds, fd >= 0 ? 2 : 1, ms);
    return !fds[0].revents;
}

/* "self about:n about:n ..." as tell() writes it. */
static void read_words(struct listener *l, const char *text)
{
    char *at;
    if (strtoll(text, &at, 10) == l->ask.self)
        return;
    while (*at == ' ') {
        long long about = strtoll(at + 1, &at, 10);
        if (*at != ':')
            return;
        long long n = strtoll(at + 1, &at, 10);
        if (about > 0)
            l->ask.heard(l->ask.arg, about, n);
    }
}

static bool connect_ear(struct listener *l)
{
    l->conn = pg_connect(l->url, "listening");
    if (!l->conn)
        return false;
    PGresult *res = PQexec(l->conn, "LISTEN nightmarket");
    bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;
    PQclear(res);
    if (ok)
        l->ask.heard(l->ask.arg, 0, 0);
    return ok;
}

/* Until the connection breaks (true) or the end (false). */
static bool hear(struct listener *l)
{
    for (;;) {
        PGnotify *word;
        while ((word = PQnotifies(l->conn))) {
            read_words(l, word->extra);
            PQfreemem(word);
        }
        if (!wait_for(l, PQsocket(l->conn), -1))
            return false;
        if (PQconsumeInput(l->conn) != 1)
            return true;
    }
}

static void *listen_on(void *arg)
{
    struct listener *l = arg;
    int wait_ms = WAIT_MS_MIN;
    bool on = true;
    while (on) {
        if (connect_ear(l)) {
            wait_ms = WAIT_MS_MIN;
            on = hear(l);
            if (on)
                log_warn("the connection that listens to other processes broke");
        } else {
            on = wait_for(l, -1, wait_ms);
            wait_ms = wait_ms < WAIT_MS_MAX ? wait_ms * 2 : WAIT_MS_MAX;
        }
        PQfinish(l->conn);
        l->conn = NULL;
    }
    return NULL;
}

/* Signals belong to the threads that ask for them. */
static int start_thread(struct listener *l)
{
    sigset_t all, old;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(&l->thread, NULL, listen_on, l);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc == 0)
        (void)pthread_setname_np(l->thread, "store-listener");
    return rc;
}

struct listener *pg_listen(const struct listen_ask *ask)
{
    struct listener *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->ask = *ask;
    l->url = strdup(pg_of(ask->db)->url);
    l->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (l->url && l->stop_fd >= 0 && start_thread(l) == 0)
        return l;
    if (l->stop_fd >= 0)
        (void)close(l->stop_fd);
    free(l->url);
    free(l);
    return NULL;
}

void pg_listen_stop(struct listener *l)
{
    (void)eventfd_write(l->stop_fd, 1);
    (void)pthread_join(l->thread, NULL);
    (void)close(l->stop_fd);
    free(l->url);
    free(l);
}
