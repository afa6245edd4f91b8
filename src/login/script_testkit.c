#include "login/script_testkit.h"

#include "base/arena.h"
#include "base/test.h"
#include "net/net_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct kit kit;
static struct script *here;

static void answer(struct http_req *req)
{
    struct script *s = here;
    int i = s->heard_n;
    size_t len;
    const char *query = http_query_text(req), *auth = http_header(req, "authorization");
    if (strcmp(http_path(req), "/.well-known/openid-configuration") == 0 && s->discovery) {
        http_send_text(req, 200, "application/json", s->discovery);
        return;
    }
    if (i < SCRIPT_STEPS) {
        struct script_heard *h = &s->heard[i];
        (void)snprintf(h->line, sizeof h->line, "%s %s%s%s", http_method(req), http_path(req),
                       *query ? "?" : "", query);
        (void)snprintf(h->auth, sizeof h->auth, "%s", auth ? auth : "");
        (void)snprintf(h->body, sizeof h->body, "%s", http_body(req, &len));
        s->heard_n++;
    }
    if (i >= s->steps_n)
        http_send_text(req, 500, "text/plain", "beyond the script");
    else if (s->steps[i].status == 0)
        http_drop(req);
    else
        http_send_text(req, s->steps[i].status, "application/json", s->steps[i].body);
}

static const struct http_route routes[] = {
    {"GET", "/{path...}", HTTP_ON_WORKER, answer, 0, false, NULL},
    {"POST", "/{path...}", HTTP_ON_WORKER, answer, 1 << 16, false, NULL},
    {"DELETE", "/{path...}", HTTP_ON_WORKER, answer, 0, false, NULL},
    {0}};

int script_open(void **state)
{
    struct script *s = calloc(1, sizeof *s);
    char at[ADDR_TEXT];
    assert_non_null(s);
    assert_int_equal(crypto_init(), ERR_OK);
    assert_int_equal(client_init(), ERR_OK);
    s->t = test_store_make(&shop_schema);
    crypto_random(s->key, sizeof s->key);
    here = s;
    kit_start(&kit, (struct http_server_opts){.routes = routes});
    addr_text_port(&kit.addr, at);
    (void)snprintf(s->url, sizeof s->url, "http://%s", at);
    const struct login_setup setup = {
        .store = s->t->store, .key = s->key, .public_url = "http://shop.test", .list = &s->list};
    assert_int_equal(login_make(&s->t->cx, &setup, &s->login), ERR_OK);
    *state = s;
    return 0;
}

int script_close(void **state)
{
    struct script *s = *state;
    login_free(s->login);
    client_thread_done();
    kit_stop(&kit);
    test_store_free(s->t);
    free(s);
    return 0;
}

void script_use(struct script *s, const char *name, const char *secret)
{
    s->p = &s->list.item[0];
    *s->p = (struct provider){.kind = PROVIDER_OPENID};
    s->list.n = 1;
    assert_true(provider_preset(s->p, name, s->url));
    (void)snprintf(s->p->graph_url, sizeof s->p->graph_url, "%s", s->url);
    (void)snprintf(s->p->client_id, sizeof s->p->client_id, "client-1");
    (void)snprintf(s->p->secret, sizeof s->p->secret, "%s", secret);
}

void script_says(struct script *s, int status, const char *body)
{
    assert_true(s->steps_n < SCRIPT_STEPS);
    s->steps[s->steps_n] = (struct script_step){status, body};
    s->steps_n++;
}

const struct script_heard *script_heard(struct script *s, int i)
{
    assert_true(i < s->heard_n);
    return &s->heard[i];
}

void script_clear(struct script *s)
{
    s->steps_n = 0;
    s->heard_n = 0;
}
