#include "base/err.h"

#include <stddef.h>

static const struct {
    int http;
    bool retry;
    const char *api;
} rows[] = {
#define X(name, code, api, retry, fault) [ERR_##name] = {(code), (retry), (api)},
    ERR_TABLE(X)
#undef X
};

enum { ROWS = sizeof rows / sizeof rows[0] };

int err_http(enum err e)
{
    return (unsigned)e < ROWS ? rows[e].http : 500;
}

const char *err_api(enum err e)
{
    return (unsigned)e < ROWS ? rows[e].api : "unknown";
}

bool err_retry(enum err e)
{
    return (unsigned)e < ROWS && rows[e].retry;
}
