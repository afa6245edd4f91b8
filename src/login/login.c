#include "login/login.h"
#include "base/text.h"
#include "login/engine_in.h"

#include <stdlib.h>

enum err login_make(struct cx *cx, const struct login_setup *setup, struct login **ret)
{
    struct login *l = calloc(1, sizeof *l);
    pthread_condattr_t attr;
    if (!l)
        return ERR_NO_MEMORY;
    l->set = *setup;
    l->set.public_url = l->public_url;
    if (!text_copy(l->public_url, sizeof l->public_url, setup->public_url)) {
        free(l);
        return problem(cx, ERR_INPUT, "NM_PUBLIC_URL is too long");
    }
    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&l->landed, &attr);
    (void)pthread_condattr_destroy(&attr);
    *ret = l;
    return ERR_OK;
}

void login_free(struct login *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < PROVIDERS_MAX; i++)
        free(l->source[i].jwks);
    (void)pthread_cond_destroy(&l->landed);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

const struct provider_list *login_providers(const struct login *l)
{
    return l->set.list;
}

struct store *login_store(const struct login *l)
{
    return l->set.store;
}

const unsigned char *login_key(const struct login *l)
{
    return l->set.key;
}

const char *login_public_url(const struct login *l)
{
    return l->public_url;
}

const char *login_code_text(enum login_code code)
{
    static const char *const texts[] = {
#define X(name, text) [LOGIN_##name] = (text),
        LOGIN_CODE_TABLE(X)
#undef X
    };
    return texts[code];
}
