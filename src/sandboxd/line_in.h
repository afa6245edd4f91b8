/*
 * line_in - what the files of LINE's side share. Private.
 *
 * Lock: functions that end in _locked, and all that touch the rings, with l->lock held.
 */
#pragma once
#include "base/crypto.h"
#include "base/es256.h"
#include "base/form.h"
#include "sandboxd/line.h"
#include <pthread.h>

enum {
    LINE_CODES = 512,   /* kept; then the oldest goes */
    LINE_TOKENS = 2048, /* likewise */
    LINE_RANDOM = 44,   /* base64url of 32 bytes and a NUL */
    LINE_SUB = 34,      /* U and 32 hex digits */
    LINE_WORD = 128,
    LINE_TEXT = 256,
    LINE_URL = 1024,
    LINE_CODE_MS = 600000,
    LINE_ID_TOKEN_S = 3600,
    LINE_ACCESS_S = 2592000,
    LINE_CHANNEL_S = 900
};

/* Who signed in: what they typed. */
struct line_person {
    char sub[LINE_SUB];
    char name[LINE_WORD], email[LINE_WORD]; /* email "": not given or not asked for */
    bool profile;                           /* the scope has it: name may be told */
};

struct line_code {
    char code[LINE_RANDOM]; /* "" : free */
    bool used;
    char redirect_uri[LINE_URL], nonce[LINE_TEXT], challenge[LINE_WORD];
    char access[LINE_RANDOM]; /* what it was changed for */
    struct line_person who;
    int64_t made_ms;
};

enum line_token_state { LINE_LIVE, LINE_REVOKED, LINE_DEAUTHORIZED };

struct line_token {
    char access[LINE_RANDOM], refresh[LINE_RANDOM]; /* "" : free */
    enum line_token_state state;
    struct line_person who;
    int64_t made_ms;
};

struct line {
    struct sandboxd *s;
    char channel[LINE_WORD], secret[LINE_WORD];
    struct es256 *key; /* of LIFF's tokens */
    char kid[17];
    pthread_mutex_t lock;
    size_t codes_n, tokens_n; /* ever made: where the next one goes */
    struct line_code codes[LINE_CODES];
    struct line_token tokens[LINE_TOKENS];
};

void line_random(char out[LINE_RANDOM]);
/* The same name has the same one. */
void line_sub(const char *name, char out[LINE_SUB]);
/* <public URL>/line */
void line_issuer(const struct line *l, char out[LINE_URL]);

/* ---- tokens (line_jwt.c) ---- */

struct line_claims {
    const struct line_person *who;
    const char *nonce; /* or "" */
    int64_t now_ms;
    enum tamper tamper;
};
/* Signed with the channel's secret, as for web logins; from malloc(), NULL: out of memory. */
char *line_id_token(const struct line *l, const struct line_claims *c);
/* Signed with the key, as for LIFF and apps. */
char *line_liff_token(const struct line *l, const struct line_claims *c);
/* The claims of one of both kinds that is ours and has time left; NULL: it is not. */
json_t *line_read_token(const struct line *l, const char *token, int64_t now_ms);

/* ---- handlers ---- */

void line_page(struct http_req *req), line_decide(struct http_req *req);         /* line_page.c */
void line_token(struct http_req *req), line_channel_token(struct http_req *req); /* line_api.c */
void line_verify_id(struct http_req *req), line_verify_access(struct http_req *req);
void line_userinfo(struct http_req *req), line_profile(struct http_req *req);
void line_revoke(struct http_req *req), line_deauthorize(struct http_req *req);
void line_certs(struct http_req *req), line_liff(struct http_req *req);
/* Takes the reference; NULL: out of memory. */
void line_send(struct http_req *req, int status, json_t *o);
