#include "login/issuer_testkit.h"
#include "base/arena.h"
#include "base/test.h"
#include "net/net_testkit.h"

#include <cjose/cjose.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEYS = 4 };

static struct kit kit;
static struct issuer *here;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* the arena, among workers */

/* RSA keys take a while to make: once a process. */
static cjose_jwk_t *rsa[KEYS], *ec[KEYS];

static void make_keys(void)
{
    cjose_err err;
    for (int i = 0; i < KEYS && !rsa[i]; i++) {
        rsa[i] = cjose_jwk_create_RSA_random(2048, (const uint8_t *)"\x01\x00\x01", 3, &err);
        ec[i] = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err);
        assert_non_null(rsa[i]);
        assert_non_null(ec[i]);
    }
}

__attribute__((destructor)) static void drop_keys(void)
{
    for (int i = 0; i < KEYS; i++) {
        (void)cjose_jwk_release(rsa[i]);
        (void)cjose_jwk_release(ec[i]);
    }
}

static char *keep(const char *text, size_t len)
{
    char *s = arena_dup(here->t->cx.arena, text, len);
    assert_non_null(s);
    return s;
}

/* ---- tokens ---- */

static const char *sign_hmac(const char *header, const char *claims)
{
    struct buf b;
    unsigned char mac[SHA256_LEN];
    buf_init(&b, 1 << 16);
    crypto_base64url(&b, header, strlen(header));
    buf_ch(&b, '.');
    crypto_base64url(&b, claims, strlen(claims));
    crypto_hmac_sha256(ISSUER_SECRET, strlen(ISSUER_SECRET), b.data, b.len, mac);
    buf_ch(&b, '.');
    crypto_base64url(&b, mac, sizeof mac);
    const char *s = keep(b.data, b.len);
    buf_done(&b);
    return s;
}

const char *issuer_sign(struct issuer *i, enum id_alg alg, const char *header, const char *claims)
{
    cjose_err err;
    const char *text = NULL;
    if (alg == ID_HS256)
        return sign_hmac(header, claims);
    json_t *h = json_loads(header, 0, NULL);
    cjose_jws_t *jws =
        cjose_jws_sign(alg == ID_RS256 ? rsa[i->key_id] : ec[i->key_id], (cjose_header_t *)h,
                       (const uint8_t *)claims, strlen(claims), &err);
    assert_non_null(jws);
    assert_true(cjose_jws_export(jws, &text, &err));
    text = keep(text, strlen(text));
    cjose_jws_release(jws);
    json_decref(h);
    return text;
}

static void change(json_t *o, const char *members)
{
    char text[4096];
    const char *key;
    json_t *v;
    void *tmp;
    (void)snprintf(text, sizeof text, "{%s}", members ? members : "");
    json_t *more = json_loads(text, 0, NULL);
    assert_non_null(more);
    json_object_foreach_safe(more, tmp, key, v)
    {
        if (json_is_null(v))
            (void)json_object_del(o, key);
        else
            (void)json_object_set(o, key, v);
    }
    json_decref(more);
}

const char *issuer_claims(struct issuer *i)
{
    json_int_t now = i->t->cx.now_ms / 1000;
    json_t *o = json_pack("{s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:s,s:b}", "iss", i->url, "aud",
                          ISSUER_CLIENT, "sub", "person-1", "iat", now, "exp", now + 600, "nonce",
                          i->nonce, "name", "Mei", "email", "mei@people.test", "email_verified", 1);
    if (i->auth_time)
        (void)json_object_set_new(o, "auth_time", json_integer(i->auth_time));
    change(o, i->claims);
    char *text = json_text_of(o);
    const char *s = keep(text, strlen(text));
    free(text);
    return s;
}

static const char *own_header(struct issuer *i, char out[100])
{
    static const char *const names[] = {"RS256", "ES256", "HS256"};
    (void)snprintf(out, 100, "{\"alg\":\"%s\",\"kid\":\"k%d\"}", names[i->home->alg], i->key_id);
    return out;
}

/* ---- pages ---- */

static void json_page(struct http_req *req, int status, const char *text)
{
    if (here->cache_control)
        http_add(req, "Cache-Control", here->cache_control);
    http_send_text(req, status, "application/json", text);
}

static void discovery_page(struct http_req *req)
{
    char text[2048];
    here->asked_discovery++;
    const char *u = here->url;
    (void)snprintf(text, sizeof text,
                   "{\"issuer\":\"%s\",%s\"authorization_endpoint\":\"%s/authorize\","
                   "\"token_endpoint\":\"%s/token\",\"jwks_uri\":\"%s/keys\","
                   "\"userinfo_endpoint\":\"%s/userinfo\","
                   "\"token_endpoint_auth_methods_supported\":%s}",
                   u, here->more_discovery ? here->more_discovery : "", u, u, u, u,
                   here->auth_methods ? here->auth_methods
                                      : "[\"client_secret_basic\",\"client_secret_post\"]");
    json_page(req, here->discovery_status ? here->discovery_status : 200, text);
}

static void keys_page(struct http_req *req)
{
    cjose_err err;
    char kid[8];
    here->asked_keys++;
    (void)snprintf(kid, sizeof kid, "k%d", here->key_id);
    cjose_jwk_t *both[] = {rsa[here->key_id], ec[here->key_id]};
    json_t *list = json_array();
    for (int i = 0; i < 2; i++) {
        char *text = cjose_jwk_to_json(both[i], false, &err);
        json_t *o = json_loads(text, 0, NULL);
        free(text);
        (void)json_object_set_new(o, "kid", json_string(kid));
        (void)json_array_append_new(list, o);
    }
    char *text = json_text_of(json_pack("{s:o}", "keys", list));
    json_page(req, here->keys_status ? here->keys_status : 200, text);
    free(text);
}

static void wait_at_gate(void)
{
    const struct timespec moment = {0, 2000000};
    here->at_gate++;
    while (here->gate_shut)
        (void)nanosleep(&moment, NULL);
    here->at_gate--;
}

static void token_page(struct http_req *req)
{
    char header[100], text[8192];
    size_t len;
    const char *auth = http_header(req, "authorization");
    here->asked_token++;
    wait_at_gate();
    (void)pthread_mutex_lock(&lock);
    (void)snprintf(here->form, sizeof here->form, "%s", http_body(req, &len));
    (void)snprintf(here->authorization, sizeof here->authorization, "%s", auth ? auth : "");
    bool basic = auth != NULL;
    bool wrong_way = here->only_auth && basic != (strcmp(here->only_auth, "basic") == 0);
    if (wrong_way || here->token_status) {
        (void)snprintf(text, sizeof text, "{\"error\":\"%s\"}",
                       wrong_way           ? "invalid_client"
                       : here->token_error ? here->token_error
                                           : "invalid_grant");
        json_page(req, wrong_way ? 401 : here->token_status, text);
    } else {
        const char *token =
            here->token ? here->token
                        : issuer_sign(here, here->home->alg,
                                      here->header ? here->header : own_header(here, header),
                                      issuer_claims(here));
        (void)snprintf(text, sizeof text,
                       "{\"access_token\":\"at-1\",\"refresh_token\":\"rt-1\",\"token_type\":"
                       "\"Bearer\",\"expires_in\":600,\"id_token\":\"%s\"}",
                       token);
        json_page(req, 200, text);
    }
    (void)pthread_mutex_unlock(&lock);
}

static void userinfo_page(struct http_req *req)
{
    const char *auth = http_header(req, "authorization");
    here->asked_userinfo++;
    if (!auth || strcmp(auth, "Bearer at-1") != 0)
        json_page(req, 401, "{}");
    else
        json_page(req, here->userinfo ? 200 : 404, here->userinfo ? here->userinfo : "{}");
}

static const struct http_route routes[] = {
    {"GET", "/.well-known/openid-configuration", HTTP_ON_WORKER, discovery_page, 0, false, NULL},
    {"GET", "/keys", HTTP_ON_WORKER, keys_page, 0, false, NULL},
    {"POST", "/token", HTTP_ON_WORKER, token_page, 1 << 16, false, NULL},
    {"GET", "/userinfo", HTTP_ON_WORKER, userinfo_page, 0, false, NULL},
    {0}};

/* ---- the whole ---- */

static void add_provider(struct issuer *i, const char *name, const char *url)
{
    struct provider *p = &i->list.item[i->list.n++];
    (void)snprintf(p->name, sizeof p->name, "%s", name);
    (void)snprintf(p->issuer, sizeof p->issuer, "%s", url);
    (void)snprintf(p->client_id, sizeof p->client_id, ISSUER_CLIENT);
    (void)snprintf(p->secret, sizeof p->secret, ISSUER_SECRET);
    provider_generic(p, url, ID_RS256);
}

void issuer_restart(struct issuer *i)
{
    const struct login_setup setup = {
        .store = i->t->store, .key = i->key, .public_url = "http://shop.test", .list = &i->list};
    login_free(i->login);
    assert_int_equal(login_make(&i->t->cx, &setup, &i->login), ERR_OK);
}

void issuer_use(struct issuer *i, enum id_alg alg)
{
    i->home->alg = alg;
    issuer_restart(i);
}

int issuer_open(void **state)
{
    struct issuer *i = calloc(1, sizeof *i);
    char at[ADDR_TEXT];
    assert_non_null(i);
    assert_int_equal(crypto_init(), ERR_OK);
    assert_int_equal(client_init(), ERR_OK);
    make_keys();
    i->t = test_store_make(&shop_schema);
    i->t->cx.now_ms = ISSUER_NOW_MS;
    crypto_random(i->key, sizeof i->key);
    here = i;
    kit_start(&kit, (struct http_server_opts){.routes = routes});
    addr_text_port(&kit.addr, at);
    (void)snprintf(i->url, sizeof i->url, "http://%s", at);
    add_provider(i, "home", i->url);
    add_provider(i, "other", "http://127.0.0.1:1");
    i->home = &i->list.item[0];
    issuer_restart(i);
    *state = i;
    return 0;
}

int issuer_close(void **state)
{
    struct issuer *i = *state;
    login_free(i->login);
    client_thread_done();
    kit_stop(&kit);
    test_store_free(i->t);
    free(i);
    return 0;
}

/* ---- a browser ---- */

void trip_go(struct issuer *i, const struct login_start *ask, struct trip *t)
{
    i->t->cx.problem[0] = '\0';
    assert_int_equal(login_start(i->login, &i->t->cx, ask, &t->sent), ERR_OK);
    const char *q = strchr(t->sent.url, '?') + 1;
    assert_int_equal(form_read(&i->t->cx, q, strlen(q), &t->asked), ERR_OK);
    (void)snprintf(t->state, sizeof t->state, "%s", form_text(&t->asked, "state"));
    (void)snprintf(t->nonce, sizeof t->nonce, "%s", form_text(&t->asked, "nonce"));
    (void)snprintf(t->challenge, sizeof t->challenge, "%s", form_text(&t->asked, "code_challenge"));
    (void)snprintf(i->nonce, sizeof i->nonce, "%s", t->nonce);
}

void trip_start(struct issuer *i, const char *browser, const char *next, struct trip *t)
{
    const struct login_start ask = {
        .provider = "home", .next = next, .lang = "th", .browser = browser};
    trip_go(i, &ask, t);
}

struct login_back trip_answer(const struct trip *t)
{
    return (struct login_back){
        .provider = "home", .state = t->state, .code = "c/1+ö", .browser = t->sent.browser};
}

struct login_done trip_finish(struct issuer *i, const struct login_back *back)
{
    struct login_done d;
    i->t->cx.problem[0] = '\0';
    assert_int_equal(login_finish(i->login, &i->t->cx, back, &d), ERR_OK);
    return d;
}

struct login_done issuer_come_in(struct issuer *i)
{
    struct trip t;
    trip_start(i, NULL, "/s/1", &t);
    const struct login_back back = trip_answer(&t);
    return trip_finish(i, &back);
}
