/* The thread that works through stored files: one product, one job. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "catalog/import.sql.h"
#include "catalog/import_in.h"
#include "stock/stock.h"
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PRODUCT_ARENA = 8 << 20, CHUNKS_MAX = 128, REST_S = 5, LEASE_MS = 10000 };
static const int64_t loading_ms = INT64_C(10) * 60 * 1000; /* then its request is long gone */

struct importer {
    struct importer_setup set;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken, stop;
};

/* The file that is being worked through. */
struct run {
    struct importer *im;
    int64_t id, shop_id, by_id, done;
    struct import_file file;
    char *data; /* do_next()'s */
    size_t len;
};

static bool stopping(struct importer *im)
{
    (void)pthread_mutex_lock(&im->lock);
    bool stop = im->stop;
    (void)pthread_mutex_unlock(&im->lock);
    return stop;
}

/* ---- one product ---- */

struct step {
    struct run *run;
    struct cx *cx;
    struct import_plan plan;
    char *errors;
    struct category category; /* with plan.category */
    char category_id[ID_TEXT];
    bool lost; /* another process is at this file */
};

static enum err count_units(struct stock_turn *turn, const struct step *s)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < s->plan.count_count; i++) {
        struct variant v;
        struct stock_level level;
        e = variant_by_public_id(turn->tx->db, turn->tx->cx->arena, s->run->shop_id,
                                 s->plan.counts[i].variant, &v);
        const struct stock_adjust count = {
            .variant_id = v.id, .reason = STOCK_IMPORT, .actor_id = s->run->by_id};
        if (!e)
            e = stock_count(turn, &count, s->plan.counts[i].units, &level);
    }
    return e;
}

static enum err save(struct stock_turn *turn, struct step *s)
{
    enum err e = ERR_OK;
    if (s->plan.category)
        e = category_create(turn->tx, s->run->shop_id, &s->category);
    if (!e && s->plan.fate == IMPORT_CREATES)
        e = product_create(turn, &s->plan.save);
    else if (!e)
        e = product_update(turn, &s->plan.save);
    return e ? e : count_units(turn, s);
}

static enum err step_job(struct tx *tx, void *arg)
{
    struct step *s = arg;
    struct stock_turn turn;
    int64_t changed = 0;
    enum import_fate fate = s->plan.fate;
    enum err e = db_do(tx->db, &SQL_import_step,
                       ARGS(V(tx->cx->now_ms), V(fate == IMPORT_CREATES), V(fate == IMPORT_UPDATES),
                            V(fate == IMPORT_SAME), V(s->run->file.error_count), V(s->errors),
                            V(s->run->id), V(s->run->done)),
                       &changed);
    s->lost = !e && !changed;
    if (e || s->lost || fate == IMPORT_SAME || fate == IMPORT_FAULT)
        return e;
    turn_begin(&turn, tx, s->run->im->set.watch);
    e = save(&turn, s);
    return e ? e : turn_end(&turn);
}

/* A category that must be made has its id before the job, and the product names it. */
static enum err name_category(struct step *s)
{
    static const char *const langs[] = {"zh-TW", "th", "en"};
    json_t *o = json_object();
    const char *name = NULL;
    bool thai = strstr(s->plan.category, "\xe0\xb8") || strstr(s->plan.category, "\xe0\xb9");
    bool latin = (unsigned char)s->plan.category[0] < 0x80;
    (void)json_object_set_new(o, langs[thai ? 1 : latin ? 2 : 0], json_string(s->plan.category));
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    name = text ? arena_dup(s->cx->arena, text, strlen(text)) : NULL;
    free(text);
    if (!name)
        return ERR_NO_MEMORY;
    id_make("cat", s->category_id);
    s->category = (struct category){.id = id_next(), .public_id = s->category_id, .name = name};
    s->plan.save.spec.category = s->category_id;
    return ERR_OK;
}

static enum err write_step(struct step *s)
{
    free(s->errors);
    s->errors = json_dumps(s->run->file.errors, JSON_COMPACT);
    return s->errors ? store_do(s->run->im->set.store, s->cx, "import.step", step_job, s)
                     : ERR_NO_MEMORY;
}

static bool files_fault(enum err e)
{
    return err_http(e) >= 400 && err_http(e) < 500;
}

static enum err do_product(struct run *r, struct cx *cx, const struct import_product *p,
                           bool *ret_lost)
{
    struct step s = {.run = r, .cx = cx};
    struct db *db = NULL;
    enum err e = store_read(r->im->set.store, &db);
    if (!e)
        e = import_plan(db, cx, r->shop_id, r->by_id, &r->file, p, true, &s.plan);
    store_read_end(db);
    if (!e && s.plan.category && s.plan.fate != IMPORT_FAULT)
        e = name_category(&s);
    if (!e)
        e = write_step(&s);
    if (files_fault(e) || e == ERR_NO_MEMORY) { /* the database knew better: pass over it */
        import_fault(&r->file, p->line, NULL, "product",
                     e == ERR_NO_MEMORY ? "there is too much of this product" : cx->problem);
        s.plan.fate = IMPORT_FAULT;
        e = write_step(&s);
    }
    free(s.errors);
    *ret_lost = s.lost;
    if (!e && !s.lost && s.plan.fate == IMPORT_UPDATES && r->im->set.changed)
        r->im->set.changed(r->im->set.arg, cx, s.plan.save.public_id);
    return e;
}

/* ---- one file ---- */

static enum err read_chunks(struct db *db, struct run *r)
{
    for (int64_t n = 0; n < CHUNKS_MAX; n++) {
        struct arena *arena = arena_make(1 << 20);
        struct blob b = {0};
        enum err e =
            arena ? db_row(db, arena, &SQL_import_chunk_get, ARGS(V(r->id), V(n)), COLS(C(&b)))
                  : ERR_NO_MEMORY;
        if (!e && r->len + b.len <= IMPORT_BYTES_MAX) {
            memcpy(r->data + r->len, b.p, b.len);
            r->len += b.len;
        }
        arena_free(arena);
        if (e)
            return e == ERR_NOT_FOUND ? ERR_OK : e;
    }
    return ERR_OK;
}

static enum err load(struct run *r, struct cx *cx, const char *errors, int64_t error_count)
{
    struct db *db = NULL;
    enum err e = r->data ? store_read(r->im->set.store, &db) : ERR_NO_MEMORY;
    if (!e)
        e = read_chunks(db, r);
    store_read_end(db);
    if (!e)
        e = import_parse(cx, r->data, r->len, &r->file);
    if (e)
        return e;
    json_decref(r->file.errors); /* those of the run so far are among them */
    r->file.errors = stored_json(errors);
    r->file.error_count = error_count;
    return ERR_OK;
}

struct ending {
    int64_t id;
    const char *state;
};

static enum err end_job(struct tx *tx, void *arg)
{
    const struct ending *end = arg;
    if (!end->state) /* not at its end: for whoever comes next */
        return db_do(tx->db, &SQL_import_leave, ARGS(V(end->id)), NULL);
    enum err e =
        db_do(tx->db, &SQL_import_end, ARGS(V(end->state), V(tx->cx->now_ms), V(end->id)), NULL);
    return e ? e : db_do(tx->db, &SQL_import_chunk_drop, ARGS(V(end->id)), NULL);
}

static enum err work_through(struct run *r, bool *lost)
{
    enum err e = ERR_OK;
    while (!e && !*lost && r->done < (int64_t)r->file.product_count && !stopping(r->im)) {
        struct cx cx = {.arena = arena_make(PRODUCT_ARENA), .now_ms = clock_unix_ms()};
        e = cx.arena ? do_product(r, &cx, &r->file.products[r->done], lost) : ERR_NO_MEMORY;
        arena_free(cx.arena);
        r->done += !e;
    }
    return e;
}

/* Busy or stopped: the row stays, and somebody goes on with it. */
static void finish(struct run *r, struct cx *cx, enum err e)
{
    bool all = !e && r->done >= (int64_t)r->file.product_count;
    bool broken = e == ERR_INPUT || e == ERR_TOO_LARGE;
    struct ending end = {r->id, all ? "done" : broken ? "failed" : NULL};
    if (e)
        log_warn("an import stopped", LOG_I("import", r->id), LOG_S("err", err_api(e)));
    if (store_do(r->im->set.store, cx, "import.end", end_job, &end))
        log_warn("an import did not end", LOG_I("import", r->id));
}

struct claim {
    struct run *run;
    int64_t before_ms;
    bool mine;
};

static enum err take_job(struct tx *tx, void *arg)
{
    struct claim *c = arg;
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_import_take,
                       ARGS(V(tx->cx->now_ms), V(c->run->id), V(c->before_ms)), &changed);
    c->mine = !e && changed;
    return e;
}

/* One file that nobody is at, to its end. False: there is none. */
static bool do_next(struct importer *im)
{
    struct cx cx = {.arena = arena_make(PRODUCT_ARENA), .now_ms = clock_unix_ms()};
    char *data = NULL;
    struct run r = {.im = im};
    struct claim claim = {&r, cx.now_ms - LEASE_MS, false};
    const char *errors = NULL;
    int64_t error_count = 0;
    struct db *db = NULL;
    bool lost = false;
    enum err e = cx.arena ? store_read(im->set.store, &db) : ERR_NO_MEMORY;
    if (!e)
        e = db_row(
            db, cx.arena, &SQL_import_next, ARGS(V(claim.before_ms)),
            COLS(C(&r.id), C(&r.shop_id), C(&r.by_id), C(&r.done), C(&error_count), C(&errors)));
    store_read_end(db);
    bool found = !e;
    if (!e)
        e = store_do(im->set.store, &cx, "import.take", take_job, &claim);
    if (!e && claim.mine) {
        r.data = data = malloc(IMPORT_BYTES_MAX);
        e = load(&r, &cx, errors, error_count);
        if (!e)
            e = work_through(&r, &lost);
        if (!lost) /* else another process is at it */
            finish(&r, &cx, e);
    }
    import_free(&r.file);
    free(data);
    arena_free(cx.arena);
    return found && !e;
}

/* ---- the thread ---- */

static enum err sweep_job(struct tx *tx, void *arg)
{
    (void)arg;
    enum err e = db_do(tx->db, &SQL_import_drop_loading,
                       ARGS(V(tx->cx->now_ms), V(tx->cx->now_ms - loading_ms)), NULL);
    return e ? e : db_do(tx->db, &SQL_import_chunk_drop_ended, ARGS(), NULL);
}

static void sweep(struct importer *im)
{
    struct cx cx = {.arena = arena_make(4096), .now_ms = clock_unix_ms()};
    if (!cx.arena || store_do(im->set.store, &cx, "import.sweep", sweep_job, NULL))
        log_warn("imports that never began were not swept");
    arena_free(cx.arena);
}

static void rest(struct importer *im)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += REST_S;
    (void)pthread_mutex_lock(&im->lock);
    int rc = 0;
    while (!im->stop && !im->woken && !rc)
        rc = pthread_cond_clockwait(&im->changed, &im->lock, CLOCK_MONOTONIC, &until);
    im->woken = false;
    (void)pthread_mutex_unlock(&im->lock);
}

static void *work(void *arg)
{
    struct importer *im = arg;
    sweep(im);
    while (!stopping(im)) {
        while (!stopping(im) && do_next(im)) {
        }
        rest(im);
    }
    return NULL;
}

struct importer *importer_make(const struct importer_setup *setup)
{
    struct importer *im = calloc(1, sizeof *im);
    if (!im)
        return NULL;
    im->set = *setup;
    (void)pthread_mutex_init(&im->lock, NULL);
    (void)pthread_cond_init(&im->changed, NULL);
    if (pthread_create(&im->thread, NULL, work, im) == 0)
        return im;
    free(im);
    return NULL;
}

static void tell(struct importer *im, bool stop)
{
    (void)pthread_mutex_lock(&im->lock);
    im->woken = true;
    im->stop |= stop;
    (void)pthread_cond_signal(&im->changed);
    (void)pthread_mutex_unlock(&im->lock);
}

void importer_wake(struct importer *im)
{
    tell(im, false);
}

void importer_free(struct importer *im)
{
    if (!im)
        return;
    tell(im, true);
    (void)pthread_join(im->thread, NULL);
    (void)pthread_cond_destroy(&im->changed);
    (void)pthread_mutex_destroy(&im->lock);
    free(im);
}
