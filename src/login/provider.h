/*
 * provider - somebody on whose word we believe who a person is: LINE, Google, Facebook, Apple, any
 * OpenID provider.
 *
 * Shape:   the operator's settings, filled in once (nightmarket/config_login.c) and never changed.
 *          A plain OpenID provider needs no code of its own; others bring `struct provider_hooks`.
 * Memory:  arrays inside; whoever holds a list wipes it (it has secrets).
 * Thread:  any, read only.
 * Source:  docs/guides/login.md; OpenID Connect Core 1.0, RFC 9700
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

enum {
    PROVIDERS_MAX = 16,
    PROVIDER_NAME_MAX = 32,
    PROVIDER_URL_MAX = 200,
    PROVIDER_ID_MAX = 256,
    PROVIDER_SECRET_MAX = 512,
    PROVIDER_PEM_MAX = 1024
};

enum provider_kind { PROVIDER_OPENID, PROVIDER_FACEBOOK, PROVIDER_APPLE };

/* How id_tokens are signed: by our settings and the flow alone, never by what a token says. */
enum id_alg { ID_RS256, ID_ES256, ID_HS256 };

/* How we say who we are at the token endpoint. */
enum client_auth {
    CLIENT_AUTH_POST,      /* client_id and client_secret in the form */
    CLIENT_AUTH_BASIC,     /* RFC 6749 2.3.1 */
    CLIENT_AUTH_ANNOUNCED, /* what discovery lists: basic, if it lists nothing or both */
};

/* How somebody proves again that it is them. */
enum reproof {
    REPROOF_NONE,    /* the provider cannot be asked: that they come back must do */
    REPROOF_MAX_AGE, /* prompt=login, max_age=0; auth_time must be there and fresh */
};

/* What the provider's word on an address is worth. */
enum email_word {
    EMAIL_UNPROVED, /* nothing: they do not say that they asked the mailbox (LINE, Facebook) */
    EMAIL_PROVED,   /* email_verified of an id_token holds */
    EMAIL_GOOGLE,   /* the same, and they run the mailbox of @gmail.com and where hd is there */
};

struct provider_hooks;

struct provider {
    enum provider_kind kind;
    char name[PROVIDER_NAME_MAX];  /* "line": in paths and in identity.provider */
    char label[PROVIDER_NAME_MAX]; /* "LINE": for people */
    char issuer[PROVIDER_URL_MAX]; /* no slash at the end, unless the operator's has one */
    char also_issuer[64];          /* a second spelling of `iss` in tokens, or "" (Google) */
    /* Where alone its endpoints may be: hosts with commas between; "" : wherever discovery says. */
    char hosts[PROVIDER_URL_MAX];
    char client_id[PROVIDER_ID_MAX], secret[PROVIDER_SECRET_MAX];
    enum id_alg alg; /* of the web flow */
    enum client_auth auth;
    enum reproof reproof;
    const char *scope; /* static */
    const char *more;  /* further parameters of authorize, "&a=b", or ""; static */
    const char *retry; /* the same for a second try in another browser, or ""; static */
    bool form_post;    /* the answer comes as a POST from their site */
    enum email_word email;
    const struct provider_hooks *hooks; /* NULL: plain OpenID */

    /* Facebook: where Graph is, and its version ("v25.0"). */
    char graph_url[PROVIDER_URL_MAX], graph_version[16];
    /* Apple: what its client secret is made from; PEM with real line ends. */
    char team_id[32], key_id[32], private_key[PROVIDER_PEM_MAX];
    /* LINE: its LIFF app, or "". */
    char liff_id[64];
};

struct provider_list {
    struct provider item[PROVIDERS_MAX];
    size_t n;
};

/* NULL: no such provider is set up. */
const struct provider *provider_find(const struct provider_list *list, const char *name);
/* [a-z][a-z0-9_-]{0,30}, and none of our own ways in ("email", "guest", "password"). */
bool provider_name_ok(const char *name);

/*
 * Fill in what is known of one of the four by its name ("line", "google", "facebook", "apple"):
 * label, issuer, hosts, algorithm, scope and so on. `issuer` (or Graph's URL) NULL or "": theirs;
 * else a stand-in at any host. False: not one of the four.
 */
bool provider_preset(struct provider *p, const char *name, const char *issuer);
/* The same for any other OpenID provider; `p->name` is set. */
void provider_generic(struct provider *p, const char *issuer, enum id_alg alg);
