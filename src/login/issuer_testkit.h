/*
 * issuer_testkit - an OpenID provider on loopback that does what a test says, with keys of its own.
 * Tests only.
 *
 * Shape:   discovery, keys, token and userinfo over real HTTP; id_tokens are made from claims that
 *          are true but for what the test changes. One at a time.
 * Thread:  the test sets, then asks; its handlers only read, count and keep what they were sent.
 */
#pragma once
#include "base/form.h"
#include "login/login_in.h"
#include "store/testkit.h"

#include <stdatomic.h>

#define ISSUER_CLIENT "shop-client"
#define ISSUER_SECRET "0123456789abcdef0123456789abcdef"

/* 2026-11-22T00:00:00Z */
#define ISSUER_NOW_MS INT64_C(1795305600000)

struct issuer {
    struct test_store *t;
    struct login *login;
    struct provider_list list; /* "home" is this issuer; "other" one that nothing listens for */
    struct provider *home;
    char url[64];
    unsigned char key[SECRET_KEY_LEN];

    /* what it says; NULL: what is true */
    const char *more_discovery; /* JSON members more: "\"a\":1," */
    const char *auth_methods;   /* JSON list; NULL: basic and post */
    const char *header;         /* JSON of the token's header */
    const char *claims;   /* JSON members that are set in, or with null taken out of, claims */
    const char *userinfo; /* JSON; NULL: 404 */
    const char *token;    /* instead of an id_token */
    const char *cache_control;
    int discovery_status, keys_status, token_status; /* 0: 200 */
    const char *token_error;                         /* with token_status */
    const char *only_auth; /* "basic" or "post": the other is invalid_client */
    int key_id;            /* of the RSA and EC key in use: "k<key_id>"; others are not listed */
    char nonce[64];        /* of the login that goes on */
    int64_t auth_time;     /* seconds; 0: not said */

    /* what came */
    atomic_int asked_discovery, asked_keys, asked_token, asked_userinfo;
    char form[4096], authorization[512];

    /* holds token answers back until opened */
    atomic_bool gate_shut;
    atomic_int at_gate;
};

/* For cmocka: *state is a struct issuer with a store. */
int issuer_open(void **state);
int issuer_close(void **state);
/* Begin anew with another algorithm for "home". */
void issuer_use(struct issuer *i, enum id_alg alg);
/* A fresh engine, as after a restart. */
void issuer_restart(struct issuer *i);

/* Compact JWS over these texts: HS256 by ISSUER_SECRET (any header), else by the key in use. */
const char *issuer_sign(struct issuer *i, enum id_alg alg, const char *header, const char *claims);
/* The claims as this issuer makes them now, as JSON in the arena. */
const char *issuer_claims(struct issuer *i);

/* ---- a browser ---- */

struct trip {
    struct login_sent sent;
    char state[64], nonce[64], challenge[64];
    struct form asked; /* of the authorize URL */
};
/* Off to the provider; the issuer's nonce is this trip's from now on. */
void trip_go(struct issuer *i, const struct login_start *ask, struct trip *t);
void trip_start(struct issuer *i, const char *browser, const char *next, struct trip *t);
/* What an honest browser brings back. */
struct login_back trip_answer(const struct trip *t);
struct login_done trip_finish(struct issuer *i, const struct login_back *back);
/* One honest login; what it gave. */
struct login_done issuer_come_in(struct issuer *i);
