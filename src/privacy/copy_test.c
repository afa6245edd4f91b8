/* Copies, consents and legal texts. */
#include "base/test.h"

#include "base/arena.h"
#include "base/id.h"
#include "base/lang.h"
#include "privacy/consent.h"
#include "privacy/export_in.h"
#include "privacy/keep.h"
#include "privacy/legal_in.h"
#include "privacy/privacy.h"
#include "store/testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zip.h>

struct world {
    struct test_store *t;
    struct privacy *p;
    struct keep keep;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->t = test_store_make(&shop_schema);
    test_exec(w->t, "INSERT INTO shop (id, public_id, slug, name, created_at) VALUES"
                    " (1, 'shp_1', 'one', 'One & Only', 1), (2, 'shp_2', 'two', 'Two', 1)");
    test_exec(w->t, "INSERT INTO viewer (id, public_id, kind, display_name, lang, market,"
                    " created_at) VALUES (1, 'viw_1', 'account', '王小明', 'zh-TW', 'TW', 1000),"
                    " (2, 'viw_2', 'guest', 'Ann', 'en', 'TW', 1)");
    const struct privacy_setup p = {.store = w->t->store};
    assert_int_equal(privacy_make(&p, &w->p), ERR_OK);
    assert_int_equal(keep_parse(&w->t->cx, NULL, &w->keep), ERR_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    privacy_free(w->p);
    test_store_free(w->t);
    free(w);
    return 0;
}

/* ---- copies ---- */

struct begin {
    struct privacy *p;
    struct export_ask ask;
};

static enum err begin_run(struct tx *tx, void *arg)
{
    struct begin *b = arg;
    return export_begin(tx, b->p, &b->ask);
}

static enum err begin(struct world *w, int64_t viewer_id, char id[ID_TEXT])
{
    struct begin b = {.p = w->p};
    export_make(&b.ask, viewer_id, "zh-TW");
    (void)snprintf(id, ID_TEXT, "%s", b.ask.public_id);
    return store_do(w->t->store, &w->t->cx, "test.begin", begin_run, &b);
}

static void tick(struct world *w)
{
    w->t->cx.now_ms += 1000;
    privacy_tick(w->p, w->t->cx.now_ms);
}

/* The whole file, as it is sent. */
static char *file_of(struct world *w, int64_t viewer_id, const char *id, size_t *ret_len)
{
    char *all = NULL;
    size_t total = 0, len = 1;
    for (int64_t n = 0; len; n++) {
        const unsigned char *bytes = NULL;
        struct cx cx = {.arena = arena_make(1 << 20), .now_ms = w->t->cx.now_ms};
        struct db *db;
        assert_int_equal(store_read(w->t->store, &db), ERR_OK);
        enum err e = export_chunk(db, &cx, viewer_id, id, n, &bytes, &len);
        store_read_end(db);
        if (e) {
            arena_free(cx.arena);
            free(all);
            return NULL;
        }
        all = realloc(all, total + len + 1);
        assert_non_null(all);
        memcpy(all + total, bytes, len);
        total += len;
        arena_free(cx.arena);
    }
    *ret_len = total;
    return all;
}

/* A file of the zip as text; free(). */
static char *unzip(const char *bytes, size_t len, const char *name)
{
    zip_error_t why;
    zip_stat_t st;
    zip_source_t *src = zip_source_buffer_create(bytes, len, 0, &why);
    zip_t *z = zip_open_from_source(src, ZIP_RDONLY, &why);
    assert_non_null(z);
    zip_file_t *f = zip_fopen(z, name, 0);
    char *text = NULL;
    if (f && zip_stat(z, name, 0, &st) == 0) {
        text = malloc(st.size + 1);
        assert_non_null(text);
        assert_int_equal(zip_fread(f, text, st.size), (zip_int64_t)st.size);
        text[st.size] = '\0';
        (void)zip_fclose(f);
    }
    (void)zip_close(z);
    return text;
}

static void export__is_a_zip_of_json_and_csv_in_ones_language(void **state)
{
    struct world *w = *state;
    char id[ID_TEXT];
    size_t len = 0;
    test_exec(w->t, "INSERT INTO address (id, viewer_id, market, kind, data, used_at) VALUES"
                    " (1, 1, 'TW', 'home', '{\"line\":\"=永康街 14 號\"}', 1795330000123),"
                    " (2, 2, 'TW', 'home', '{\"line\":\"of somebody else\"}', 1)");
    assert_int_equal(begin(w, 1, id), ERR_OK);
    tick(w);
    char *zip = file_of(w, 1, id, &len);
    assert_non_null(zip);
    char *readme = unzip(zip, len, "README.txt"), *json = unzip(zip, len, "addresses.json");
    char *csv = unzip(zip, len, "addresses.csv"), *profile = unzip(zip, len, "profile.json");
    assert_non_null(strstr(readme, "您在本站的資料"));
    json_t *list = json_loads(json, 0, NULL);
    assert_int_equal(json_array_size(list), 1);
    const json_t *a = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(a, "last_used")),
                        "2026-11-22T06:46:40.123Z");
    assert_string_equal(json_string_value(json_object_get(json_object_get(a, "address"), "line")),
                        "=永康街 14 號");
    assert_non_null(strstr(csv, "\"market\",\"kind\",\"address\",\"last_used\""));
    assert_null(strstr(csv, "somebody else"));
    assert_non_null(strstr(profile, "王小明"));
    json_decref(list);
    free(readme);
    free(json);
    free(csv);
    free(profile);
    assert_null(file_of(w, 2, id, &len)); /* somebody else asks for it */
    w->t->cx.now_ms += EXPORT_KEEP_MS + 1;
    assert_null(file_of(w, 1, id, &len));
    free(zip);
}

static void export__of_many_rows_has_them_all_once(void **state)
{
    struct world *w = *state;
    char id[ID_TEXT];
    size_t len = 0;
    test_exec(w->t, "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 450)"
                    " INSERT INTO consent (id, viewer_id, kind, version, at)"
                    " SELECT n, 1, 'terms', '1', n FROM c");
    assert_int_equal(begin(w, 1, id), ERR_OK);
    tick(w);
    char *zip = file_of(w, 1, id, &len);
    assert_non_null(zip);
    char *json = unzip(zip, len, "consents.json");
    json_t *list = json_loads(json, 0, NULL);
    assert_int_equal(json_array_size(list), 450);
    json_decref(list);
    free(json);
    free(zip);
}

static void export__is_one_at_a_time_and_three_a_day(void **state)
{
    struct world *w = *state;
    char id[ID_TEXT];
    assert_int_equal(begin(w, 1, id), ERR_OK);
    assert_int_equal(begin(w, 1, id), ERR_CONFLICT);
    assert_int_equal(begin(w, 2, id), ERR_OK); /* others are not held up */
    for (int i = 0; i < 2; i++) {
        tick(w);
        assert_int_equal(begin(w, 1, id), ERR_OK);
    }
    tick(w);
    assert_int_equal(begin(w, 1, id), ERR_LIMIT);
    w->t->cx.now_ms += EXPORT_KEEP_MS;
    assert_int_equal(begin(w, 1, id), ERR_OK);
    w->t->cx.now_ms += EXPORT_KEEP_MS;
    tick(w); /* the sweep drops old files with their pieces */
    assert_int_equal(test_number(w->t, "SELECT count(*) FROM export_file WHERE expires_at <"
                                       " (SELECT max(expires_at) FROM export_file)"),
                     0);
}

/* ---- consents ---- */

static enum err consent_run(struct tx *tx, void *arg)
{
    return consent_set(tx, arg);
}

static enum err say(struct world *w, const char *kind, bool granted, const char *version)
{
    struct consent c = {.id = id_next(),
                        .viewer_id = 1,
                        .kind = kind,
                        .granted = granted,
                        .version = version,
                        .source = "settings",
                        .shop_id = 1};
    return store_do(w->t->store, &w->t->cx, "test.consent", consent_run, &c);
}

static void consent__is_a_log_whose_last_row_counts(void **state)
{
    struct world *w = *state;
    struct db *db;
    json_t *list = NULL;
    assert_int_equal(say(w, "marketing", false, NULL), ERR_OK); /* it is off: nothing to write */
    assert_int_equal(test_number(w->t, "SELECT count(*) FROM consent"), 0);
    assert_int_equal(say(w, "marketing", true, NULL), ERR_OK);
    assert_int_equal(say(w, "marketing", true, NULL), ERR_OK); /* again is once */
    assert_int_equal(say(w, "marketing", false, NULL), ERR_OK);
    assert_int_equal(say(w, "cookies", true, NULL), ERR_INPUT);
    assert_int_equal(say(w, "withdrawal_notice", true, NULL), ERR_INPUT);
    assert_int_equal(say(w, "terms", true, "7"), ERR_INPUT); /* there was no such version */
    assert_int_equal(say(w, "terms", true, LEGAL_BUILTIN), ERR_OK);
    assert_int_equal(store_read(w->t->store, &db), ERR_OK);
    assert_int_equal(consent_list(db, &w->t->cx, 1, &list), ERR_OK);
    const json_t *items = json_object_get(list, "items");
    assert_int_equal(json_array_size(items), 3);
    assert_true(json_is_true(json_object_get(json_array_get(items, 0), "current")));
    assert_true(json_is_false(json_object_get(json_array_get(items, 1), "granted")));
    assert_true(json_is_false(json_object_get(json_array_get(items, 2), "current")));
    json_decref(list);
    assert_int_equal(consent_log(db, &w->t->cx, 2, NULL, &list), ERR_OK); /* another shop's */
    assert_int_equal(json_array_size(json_object_get(list, "items")), 0);
    json_decref(list);
    store_read_end(db);
}

/* ---- legal texts ---- */

static json_t *legal(struct world *w, enum legal_doc doc, const char *lang, const char *version)
{
    const struct legal_ask ask = {.shop_id = 1,
                                  .doc = doc,
                                  .lang = lang,
                                  .version = version,
                                  .site = "https://shop.example",
                                  .keep = &w->keep};
    json_t *text = NULL;
    struct db *db;
    assert_int_equal(store_read(w->t->store, &db), ERR_OK);
    enum err e = legal_read(db, &w->t->cx, &ask, &text);
    store_read_end(db);
    return e ? NULL : text;
}

static const char *member(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text ? text : "";
}

/* Links and marks of our own templates are such as a shop may write. */
static void template__is_whole_in_every_language(void **state)
{
    struct world *w = *state;
    for (int d = 0; d < LEGAL_DOC_COUNT; d++) {
        for (int l = 0; l < LANG_COUNT; l++) {
            struct legal_template own = legal_template((enum legal_doc)d, (enum lang)l);
            assert_in_range(own.title_len, 2, 100);
            assert_int_equal(legal_check(&w->t->cx, own.body), ERR_OK);
            json_t *text = legal(w, (enum legal_doc)d, lang_name((enum lang)l), NULL);
            assert_string_equal(member(text, "lang"), lang_name((enum lang)l));
            assert_string_equal(member(text, "version"), LEGAL_BUILTIN);
            assert_null(strchr(member(text, "body_md"), '{'));
            assert_non_null(strstr(member(text, "body_md"), "One & Only"));
            json_decref(text);
        }
    }
    json_t *text = legal(w, LEGAL_PRIVACY, "th", NULL);
    assert_non_null(strstr(member(text, "body_md"), "400 วัน"));
    json_decref(text);
    for (int l = 0; l < LANG_COUNT; l++)
        for (size_t i = 0; i < export_file_count; i++)
            assert_non_null(strstr(export_readme(lang_name((enum lang)l)), export_files[i].name));
}

struct put {
    struct legal_put put;
    int64_t version;
};

static enum err put_run(struct tx *tx, void *arg)
{
    struct put *p = arg;
    return legal_set(tx, &p->put, &p->version);
}

static enum err put(struct world *w, const char *lang, const char *body, bool publish,
                    int64_t *ret_version)
{
    struct put p = {.put = {.shop_id = 1,
                            .doc = LEGAL_TERMS,
                            .lang = lang,
                            .title = "Ours",
                            .body = body,
                            .publish = publish}};
    enum err e = store_do(w->t->store, &w->t->cx, "test.legal", put_run, &p);
    *ret_version = p.version;
    return e;
}

static void legal__keeps_every_version_that_was_published(void **state)
{
    struct world *w = *state;
    int64_t v = -1;
    assert_int_equal(put(w, "en", "a draft", false, &v), ERR_OK);
    assert_int_equal(v, 0);
    json_t *text = legal(w, LEGAL_TERMS, "en", NULL);
    assert_true(json_is_false(json_object_get(text, "own"))); /* a draft is nobody's to read */
    json_decref(text);
    assert_int_equal(put(w, "en", "first of {shop}", true, &v), ERR_OK);
    assert_int_equal(put(w, "th", "ของเรา", true, &v), ERR_OK);
    assert_int_equal(put(w, "en", "third", true, &v), ERR_OK);
    assert_int_equal(v, 3);
    text = legal(w, LEGAL_TERMS, "en", "2"); /* what English readers had then */
    assert_string_equal(member(text, "body_md"), "first of One & Only");
    assert_string_equal(member(text, "version"), "1");
    json_decref(text);
    text = legal(w, LEGAL_TERMS, "en", NULL);
    assert_string_equal(member(text, "body_md"), "third");
    assert_int_equal(json_array_size(json_object_get(text, "versions")), 4);
    json_decref(text);
    text = legal(w, LEGAL_TERMS, "en", LEGAL_BUILTIN);
    assert_true(json_is_false(json_object_get(text, "own")));
    json_decref(text);
    text = legal(w, LEGAL_TERMS, "ja", NULL); /* not written yet: the template */
    assert_true(json_is_false(json_object_get(text, "own")));
    json_decref(text);
    assert_null(legal(w, LEGAL_TERMS, "en", "4"));
    assert_null(legal(w, LEGAL_TERMS, "en", "0"));
}

static void legal__takes_no_mark_and_no_link_that_is_not_safe(void **state)
{
    static const char *const bad[] = {
        "{shopp}",
        "[x](javascript:alert(1))",
        "[x](//evil.example)",
        "[x](/\\evil.example)",
        "[x](data:text/html,x)",
        "[x]( https://a)",
        "[x](https://)",
        "[x]()",
        "[a](/b [c](/d e)",
        "[a](/b\n[c](//evil.example)",
        "",
    };
    static const char *const good[] = {"{shop} {contact} {retention_chat}",
                                       "[x](/legal/privacy)",
                                       "[x](https://a.example/b?c=d)",
                                       "[a](/b [c](//d",
                                       "[a](/b c\n[d](/e)",
                                       "a { b } c",
                                       "{not a mark}",
                                       "<script>alert(1)</script>"}; /* plain text */
    struct world *w = *state;
    int64_t v = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(put(w, "en", bad[i], true, &v), ERR_INPUT);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(put(w, "en", good[i], true, &v), ERR_OK);
    assert_int_equal(put(w, "fr", "bonjour", true, &v), ERR_INPUT);
}

/* It is read while everybody's writes wait. */
static void legal__is_checked_in_one_walk(void **state)
{
    struct world *w = *state;
    char *text = malloc(LEGAL_BODY_MAX + 1);
    assert_non_null(text);
    for (size_t i = 0; i < LEGAL_BODY_MAX; i++)
        text[i] = "](/"[i % 3];
    text[LEGAL_BODY_MAX - 1] = ')';
    text[LEGAL_BODY_MAX] = '\0';
    clock_t began = clock();
    assert_int_equal(legal_check(&w->t->cx, text), ERR_OK);
    assert_true(clock() - began < CLOCKS_PER_SEC / 20);
    free(text);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    static const struct CMUnitTest tests[] = {
        T(export__is_a_zip_of_json_and_csv_in_ones_language),
        T(export__of_many_rows_has_them_all_once),
        T(export__is_one_at_a_time_and_three_a_day),
        T(consent__is_a_log_whose_last_row_counts),
        T(template__is_whole_in_every_language),
        T(legal__keeps_every_version_that_was_published),
        T(legal__takes_no_mark_and_no_link_that_is_not_safe),
        T(legal__is_checked_in_one_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
