/* mail_in - the mails that are kept. */
#pragma once
#include "sandboxd/mail.h"
#include "sandboxd/mail_smtp.h"

#include <pthread.h>

struct kept_mail {
    int64_t id, at_ms; /* id 0: an empty place */
    char from[SMTP_ADDRESS], to[SMTP_RCPT_MAX][SMTP_ADDRESS];
    size_t to_n;
    char *raw;
    size_t len;
};

struct mail_sink {
    struct sandboxd *shared;
    pthread_mutex_t lock; /* of what is kept */
    struct kept_mail kept[MAILS_MAX];
    int64_t last_id;
    /* the thread's */
    pthread_t thread;
    bool running;
    int listen_fd, wake_fd;
};

void mail_keep(void *sink, const struct smtp *s);

/* mail_listen.c: its thread, from listening to the end. */
enum err mail_listen(struct cx *cx, struct mail_sink *m, const char *listen_at) NODISCARD;
void mail_listen_end(struct mail_sink *m);
