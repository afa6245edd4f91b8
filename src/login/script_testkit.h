/*
 * script_testkit - a provider on loopback that answers what a test has written down, one answer
 * after the other, and keeps what it was asked. Tests only.
 *
 * Thread: the test writes and reads between calls; the server's workers answer.
 */
#pragma once
#include "login/login_in.h"
#include "store/testkit.h"

#include <stdatomic.h>

enum { SCRIPT_STEPS = 16 };

struct script_step {
    int status; /* 0: the connection ends without an answer */
    const char *body;
};

struct script_heard {
    char line[1200]; /* "GET /v25.0/me?fields=…" */
    char auth[300], body[3000];
};

struct script {
    struct test_store *t;
    struct login *login;
    struct provider_list list;
    struct provider *p; /* the first and only one */
    char url[64];
    unsigned char key[SECRET_KEY_LEN];
    struct script_step steps[SCRIPT_STEPS];
    struct script_heard heard[SCRIPT_STEPS];
    atomic_int steps_n, heard_n;
    const char *discovery; /* answers /.well-known/openid-configuration; not counted */
};

/* For cmocka: *state is a struct script with a store and no provider yet. */
int script_open(void **state);
int script_close(void **state);
/* One of the four known ones at this script's address, with id "client-1" and `secret`. */
void script_use(struct script *s, const char *name, const char *secret);

void script_says(struct script *s, int status, const char *body);
/* The i-th that was asked; fails the test when fewer were. */
const struct script_heard *script_heard(struct script *s, int i);
/* Forget what was said and heard. */
void script_clear(struct script *s);
