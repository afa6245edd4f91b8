/* claim-parse: what comments order, one JSON object a line in and out. No configuration is read. */
#include "base/arena.h"
#include "base/json.h"
#include "nightmarket/commands.h"
#include "room/grammar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 8 << 20, ARENA_MAX = 64 << 20 };

/* The listings of a line, or those of the line before when they are the same. */
struct kept {
    json_t *json;
    struct arena *arena;
    struct grammar_listing *listings;
    size_t count;
    struct grammar *grammar;
};

static void kept_drop(struct kept *k)
{
    grammar_free(k->grammar);
    arena_free(k->arena);
    json_decref(k->json);
    *k = (struct kept){.json = NULL};
}

static enum err kept_fill(struct cx *cx, struct kept *k, json_t *listings)
{
    size_t n = json_array_size(listings);
    if (!json_is_array(listings) || n > GRAMMAR_LISTINGS_MAX)
        return problem(cx, ERR_INPUT, "'listings' must be a list of at most %d",
                       GRAMMAR_LISTINGS_MAX);
    struct cx own = {.arena = k->arena};
    k->listings = arena_array(k->arena, struct grammar_listing, n + 1);
    enum err e = k->listings ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++) {
        const json_t *l = json_array_get(listings, i);
        const char *code = NULL;
        e = json_need_text(cx, l, "code", 1, 64, &code);
        if (!e)
            e = grammar_listing_json(&own, code, json_object_get(l, "options"), &k->listings[i]);
        if (e && own.problem[0])
            (void)problem(cx, e, "listing '%s': %s", code, own.problem);
    }
    k->count = n;
    return e ? e : grammar_make(k->listings, n, &k->grammar);
}

static enum err kept_of(struct cx *cx, struct kept *k, json_t *listings)
{
    if (k->json && json_equal(k->json, listings))
        return ERR_OK;
    kept_drop(k);
    k->arena = arena_make(ARENA_MAX);
    enum err e = k->arena ? kept_fill(cx, k, listings) : ERR_NO_MEMORY;
    if (e) {
        kept_drop(k);
        return e;
    }
    k->json = json_incref(listings);
    return ERR_OK;
}

static int index_of(const struct kept *k, const char *code)
{
    char want[GRAMMAR_KEY_SIZE], key[GRAMMAR_KEY_SIZE];
    bool keyed = grammar_code_key(code, want) == ERR_OK;
    for (size_t i = 0; i < k->count; i++) {
        if (strcmp(k->listings[i].code, code) == 0)
            return (int)i;
        if (keyed && !grammar_code_key(k->listings[i].code, key) && strcmp(key, want) == 0)
            return (int)i;
    }
    return GRAMMAR_NONE;
}

static enum err read_line(struct cx *cx, struct kept *k, const json_t *in, json_t **ret)
{
    const char *text = NULL, *pinned = NULL;
    struct grammar_reading r;
    int index = GRAMMAR_NONE;
    enum err e = json_need_text(cx, in, "text", 0, 100000, &text);
    if (!e)
        e = json_opt_text(cx, in, "pinned", 64, &pinned);
    if (!e)
        e = kept_of(cx, k, json_object_get(in, "listings"));
    if (!e && pinned) {
        index = index_of(k, pinned);
        if (index == GRAMMAR_NONE)
            e = problem(cx, ERR_INPUT, "'pinned' must be the code of a listing, or null");
    }
    if (e)
        return e;
    grammar_read(k->grammar, text, index, &r);
    *ret = grammar_reading_json(k->listings, &r);
    return *ret ? ERR_OK : ERR_NO_MEMORY;
}

/* One line of the answer; false: the line was no good. */
static bool answer(struct kept *k, const char *line, size_t len)
{
    struct arena *arena = arena_make(1 << 20);
    struct cx cx = {.arena = arena};
    json_t *in = NULL, *out = NULL;
    enum err e = arena ? json_read_object(&cx, line, len, &in) : ERR_NO_MEMORY;
    if (!e)
        e = read_line(&cx, k, in, &out);
    if (e)
        out = json_pack("{s:s}", "error", cx.problem[0] ? cx.problem : err_api(e));
    char *text = out ? json_text_of(out) : NULL;
    (void)printf("%s\n", text ? text : "{\"error\":\"no_memory\"}");
    (void)fflush(stdout);
    free(text);
    json_decref(in);
    arena_free(arena);
    return e == ERR_OK;
}

/* The rest of a line that is too long. */
static void skip_line(void)
{
    for (int c = getchar(); c != EOF && c != '\n';)
        c = getchar();
}

/* A line without its end; NULL: no more, or *ret_long. The caller owns nothing. */
static const char *next_line(char *buffer, size_t *ret_len, bool *ret_long)
{
    size_t len = 0;
    int c = getchar();
    *ret_long = false;
    if (c == EOF)
        return NULL;
    for (; c != EOF && c != '\n'; c = getchar()) {
        if (len == LINE_MAX_BYTES) {
            *ret_long = true;
            skip_line();
            return NULL;
        }
        buffer[len++] = (char)c;
    }
    *ret_len = len;
    return buffer;
}

/* 0, or 1 when some line was no good: each line has its answer all the same. */
int command_claim_parse(int argc, char **argv)
{
    struct kept kept = {.json = NULL};
    size_t len = 0;
    bool good = true, too_long = false;
    (void)argv;
    if (argc != 1) {
        (void)fprintf(stderr, "usage: nightmarket claim-parse < lines of JSON\n");
        return 2;
    }
    char *buffer = malloc(LINE_MAX_BYTES);
    const char *line = NULL;
    while (buffer && ((line = next_line(buffer, &len, &too_long)) || too_long)) {
        if (too_long) {
            (void)printf("{\"error\":\"a line has at most %d bytes\"}\n", LINE_MAX_BYTES);
            good = false;
        } else if (len > 0) {
            good = answer(&kept, line, len) && good;
        }
    }
    kept_drop(&kept);
    free(buffer);
    return buffer && good ? 0 : 1;
}
