#include "sandboxd/fault.h"

#include "base/json.h"
#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { DELAY_MAX_MS = 600000, REPEAT_MAX = 20, COUNT_MAX = 1000000 };

struct faults {
    pthread_mutex_t lock;
    struct set {
        bool on;
        int64_t left; /* when fault.count is not 0 */
        struct fault fault;
    } set[FAULT_TARGETS];
};

static const char *const target_names[] = {
#define X(name, text) text,
    FAULT_TARGET_TABLE(X)
#undef X
};

static const char *const tamper_names[] = {"none",     "amount", "signature", "currency", "nonce",
                                           "audience", "issuer", "expired",   "alg"};

const char *fault_target_name(enum fault_target t)
{
    return target_names[t];
}

struct faults *faults_make(void)
{
    struct faults *f = calloc(1, sizeof *f);
    if (f)
        (void)pthread_mutex_init(&f->lock, NULL);
    return f;
}

void faults_free(struct faults *f)
{
    if (f)
        (void)pthread_mutex_destroy(&f->lock);
    free(f);
}

struct fault fault_take(struct faults *f, enum fault_target t, const char *name)
{
    struct fault got = {.repeat = 1};
    (void)pthread_mutex_lock(&f->lock);
    struct set *s = &f->set[t];
    if (s->on && strstr(name, s->fault.match)) {
        got = s->fault;
        if (s->fault.count && --s->left <= 0)
            s->on = false;
    }
    (void)pthread_mutex_unlock(&f->lock);
    return got;
}

void faults_clear(struct faults *f)
{
    (void)pthread_mutex_lock(&f->lock);
    memset(f->set, 0, sizeof f->set);
    (void)pthread_mutex_unlock(&f->lock);
}

static enum err read_target(struct cx *cx, const json_t *o, enum fault_target *ret)
{
    const char *on;
    enum err e = json_need_text(cx, o, "on", 1, 40, &on);
    for (unsigned i = 0; !e && i < FAULT_TARGETS; i++)
        if (strcmp(on, target_names[i]) == 0) {
            *ret = (enum fault_target)i;
            return ERR_OK;
        }
    return e ? e : problem(cx, ERR_INPUT, "'on' names nothing that can fail here");
}

static enum err read_tamper(struct cx *cx, const json_t *o, enum tamper *ret)
{
    const char *what = "none";
    enum err e = json_opt_text(cx, o, "tamper", 20, &what);
    for (unsigned i = 0; !e && i < sizeof tamper_names / sizeof *tamper_names; i++)
        if (strcmp(what, tamper_names[i]) == 0) {
            *ret = (enum tamper)i;
            return ERR_OK;
        }
    return e ? e : problem(cx, ERR_INPUT, "'tamper' names nothing that can be spoiled");
}

static enum err read_fault(struct cx *cx, const json_t *o, struct fault *fault)
{
    const char *match = "";
    enum err e = json_opt_i64(cx, o, "delay_ms", 0, DELAY_MAX_MS, &fault->delay_ms);
    if (!e)
        e = json_opt_i64(cx, o, "repeat", 1, REPEAT_MAX, &fault->repeat);
    if (!e)
        e = json_opt_i64(cx, o, "drop", -1, COUNT_MAX, &fault->drop);
    if (!e)
        e = json_opt_bool(cx, o, "reorder", &fault->reorder);
    if (!e)
        e = read_tamper(cx, o, &fault->tamper);
    if (!e)
        e = json_opt_bool(cx, o, "down", &fault->down);
    if (!e)
        e = json_opt_i64(cx, o, "status", 0, 599, &fault->status);
    if (!e && fault->status && fault->status < 400)
        e = problem(cx, ERR_INPUT, "'status' must be that of an error");
    if (!e)
        e = json_opt_bool(cx, o, "lose_answer", &fault->lose_answer);
    if (!e)
        e = json_opt_i64(cx, o, "count", 0, COUNT_MAX, &fault->count);
    if (!e)
        e = json_opt_text(cx, o, "match", FAULT_MATCH / 4, &match);
    if (!e)
        (void)text_copy(fault->match, sizeof fault->match, match);
    return e;
}

enum err faults_set(struct cx *cx, struct faults *f, const json_t *o)
{
    enum fault_target t = FAULT_TARGETS;
    struct fault fault = {.repeat = 1};
    enum err e = read_target(cx, o, &t);
    if (!e)
        e = read_fault(cx, o, &fault);
    if (e)
        return e;
    (void)pthread_mutex_lock(&f->lock);
    f->set[t] = (struct set){.on = true, .left = fault.count, .fault = fault};
    (void)pthread_mutex_unlock(&f->lock);
    return ERR_OK;
}

static json_t *one_json(enum fault_target t, const struct set *s)
{
    const struct fault *f = &s->fault;
    return json_pack("{s:s, s:I, s:I, s:I, s:b, s:s, s:b, s:I, s:b, s:I, s:I, s:s}", "on",
                     target_names[t], "delay_ms", (json_int_t)f->delay_ms, "repeat",
                     (json_int_t)f->repeat, "drop", (json_int_t)f->drop, "reorder", f->reorder,
                     "tamper", tamper_names[f->tamper], "down", f->down, "status",
                     (json_int_t)f->status, "lose_answer", f->lose_answer, "count",
                     (json_int_t)f->count, "left", (json_int_t)s->left, "match", f->match);
}

json_t *faults_json(struct faults *f)
{
    json_t *list = json_array();
    (void)pthread_mutex_lock(&f->lock);
    for (unsigned t = 0; t < FAULT_TARGETS; t++)
        if (f->set[t].on)
            (void)json_array_append_new(list, one_json((enum fault_target)t, &f->set[t]));
    (void)pthread_mutex_unlock(&f->lock);
    return list;
}
