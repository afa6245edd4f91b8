#include "base/text.h"
#include "store/engine_in.h"

enum err engine_of(struct cx *cx, const char *url, const struct engine **ret_engine)
{
    const struct engine *engine = NULL;
    if (text_has_prefix(url, "sqlite:"))
        engine = &engine_sqlite;
    else if (text_has_prefix(url, "postgresql://") || text_has_prefix(url, "postgres://"))
        engine = &engine_postgres;
    else
        return problem(cx, ERR_INPUT,
                       "the database URL must begin with 'sqlite:' or 'postgresql://'");
    enum err e = engine->check_url(cx, url);
    if (!e)
        *ret_engine = engine;
    return e;
}

enum err store_check_url(struct cx *cx, const char *url)
{
    const struct engine *engine;
    return engine_of(cx, url, &engine);
}

enum err store_backup(struct cx *cx, const char *url, const char *path)
{
    const struct engine *engine = &engine_sqlite;
    enum err e = engine_of(cx, url, &engine);
    return e ? e : engine->backup(cx, url, path);
}
