#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/migrate.sql.h"
#include "store/migrate_in.h"
#include "store/migrations.sql.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct schema shop_schema = {store_migrations, store_migration_count};

static const char make_table[] = "CREATE TABLE IF NOT EXISTS migration ("
                                 " version INTEGER PRIMARY KEY,"
                                 " name TEXT NOT NULL,"
                                 " at INTEGER NOT NULL"
                                 ") STRICT;";

enum { NAMES_ARENA = 256 * 1024 };

/* The n-th row of `migration` must be the n-th step of the schema. */
static enum err compare(struct cx *cx, struct db *db, const struct schema *schema,
                        struct arena *names, size_t *ret_done)
{
    size_t done = 0;
    int64_t version;
    const char *name;
    enum err e = ERR_OK;
    struct rows r = db_rows(db, &SQL_migrations_done, ARGS());
    while (!e && rows_next(&r, names, COLS(C(&version), C(&name)))) {
        if (done == schema->count)
            e = problem(cx, ERR_CONFLICT,
                        "the database is at version %" PRId64 ", newer than this program knows",
                        version);
        else if (version != schema->steps[done].version ||
                 strcmp(name, schema->steps[done].name) != 0)
            e = problem(cx, ERR_CONFLICT,
                        "the database belongs to another program: its step %" PRId64 " is '%s'",
                        version, name);
        else
            done++;
    }
    enum err end = rows_end(&r);
    if (!e && !end)
        *ret_done = done;
    return e ? e : end;
}

/* How many steps of `schema` this database has seen. */
static enum err steps_done(struct cx *cx, struct db *db, const struct schema *schema,
                           size_t *ret_done)
{
    int64_t steps = 0;
    int64_t things = 0;
    enum err e = db->engine->known(db, &steps, &things);
    if (e)
        return problem(cx, e, "the database cannot be read");
    if (!steps && things)
        return problem(cx, ERR_CONFLICT, "the database belongs to another program");
    if (!steps) {
        *ret_done = 0;
        return ERR_OK;
    }
    struct arena *names = arena_make(NAMES_ARENA);
    if (!names)
        return problem(cx, ERR_NO_MEMORY, "no memory to read the schema's version");
    e = compare(cx, db, schema, names, ret_done);
    arena_free(names);
    return e;
}

enum err migrate_check(struct cx *cx, struct db *db, const struct schema *schema)
{
    size_t done = 0;
    return steps_done(cx, db, schema, &done);
}

/* SQL as SQLite reads it, in the words of this engine. */
static enum err run_text(struct db *db, const char *name, const char *text)
{
    if (!db->engine->translate)
        return db->engine->script(db, name, text);
    char *own = db->engine->translate(text);
    enum err e = own ? db->engine->script(db, name, own) : ERR_NO_MEMORY;
    free(own);
    return e;
}

static enum err run_step(struct cx *cx, struct db *db, const struct migration *step)
{
    int64_t broken = 0;
    enum err e = run_text(db, step->name, make_table);
    if (!e)
        e = run_text(db, step->name, step->text);
    if (!e && db->engine->broken)
        e = db->engine->broken(db, &broken);
    if (!e && broken)
        return problem(cx, ERR_STORE, "migration %d '%s' leaves %" PRId64 " broken references",
                       step->version, step->name, broken);
    if (!e)
        e = db_do(db, &SQL_migration_done,
                  ARGS(V(step->version), V(step->name), V(clock_unix_ms())), NULL);
    return e ? problem(cx, e, "migration %d '%s' failed", step->version, step->name) : ERR_OK;
}

/* One step. Asks again how far the database is: another process may have been quicker. */
static enum err next_step(struct cx *cx, struct db *db, const struct schema *schema, bool *ret_more)
{
    enum err e = db->engine->begin(db);
    if (e)
        return problem(cx, e, "the database is locked by another program");
    size_t done = 0;
    e = steps_done(cx, db, schema, &done);
    if (!e && done < schema->count)
        e = run_step(cx, db, &schema->steps[done]);
    if (!e)
        e = db->engine->commit(db);
    if (e) {
        db->engine->roll_back(db);
        return cx->problem[0] ? e : problem(cx, e, "the schema did not commit");
    }
    if (done < schema->count)
        log_info("the schema moves on", LOG_I("version", schema->steps[done].version),
                 LOG_S("name", schema->steps[done].name));
    *ret_more = done + 1 < schema->count;
    return ERR_OK;
}

enum err migrate(struct cx *cx, struct db *db, const struct schema *schema)
{
    size_t done = 0;
    enum err e = steps_done(cx, db, schema, &done);
    bool more = !e && done < schema->count;
    if (!more)
        return e;
    e = db->engine->migrate_begin ? db->engine->migrate_begin(db) : ERR_OK;
    while (!e && more)
        e = next_step(cx, db, schema, &more);
    enum err end = db->engine->migrate_end ? db->engine->migrate_end(db) : ERR_OK;
    return e ? e : end;
}
