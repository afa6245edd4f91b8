#include "base/test.h"

#include "base/arena.h"
#include "store/testkit_in.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *server_url(void)
{
    return getenv("NM_TEST_POSTGRES"); // NOLINT(concurrency-mt-unsafe): nobody sets variables
}

bool test_on_postgres(void)
{
    return server_url() != NULL;
}

static void keep_quiet(void *arg, const char *notice)
{
    (void)arg;
    (void)notice;
}

/* ---- a database on the server of this run ---- */

static PGconn *connect_to(const char *url)
{
    PGconn *conn = PQconnectdb(url);
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    (void)PQsetNoticeProcessor(conn, keep_quiet, NULL);
    return conn;
}

static void say(PGconn *conn, const char *text)
{
    PGresult *res = PQexec(conn, text);
    ExecStatusType status = PQresultStatus(res);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        print_error("%s", PQerrorMessage(conn));
    assert_true(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    PQclear(res);
}

static int64_t number_of(PGconn *conn, const char *text)
{
    PGresult *res = PQexec(conn, text);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        print_error("%s", PQerrorMessage(conn));
    assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
    assert_int_equal(PQntuples(res) > 0, 1);
    const char *value = PQgetvalue(res, 0, 0);
    int64_t n = *value == 't' ? 1 : strtoll(value, NULL, 10);
    PQclear(res);
    return n;
}

static void url_of(const char *database, char *out, size_t size)
{
    (void)snprintf(out, size, "%s/%s", server_url(), database);
}

/* Made once for all tests that run on this server: its name tells what the schema was. */
static void need_template(PGconn *admin, const struct schema *schema, char *name, size_t size)
{
    char text[200];
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < schema->count; i++)
        for (const char *c = schema->steps[i].text; *c; c++)
            hash = (hash ^ (unsigned char)*c) * 1099511628211U;
    (void)snprintf(name, size, "nm_template_%zu_%016llx", schema->count, (unsigned long long)hash);
    say(admin, "SELECT pg_advisory_lock(4711)");
    (void)snprintf(text, sizeof text, "SELECT count(*) FROM pg_database WHERE datname = '%s'",
                   name);
    if (number_of(admin, text) == 0) {
        char url[160];
        struct cx cx = {0};
        struct store *store;
        say(admin, "DROP DATABASE IF EXISTS nm_template_new");
        say(admin, "CREATE DATABASE nm_template_new");
        url_of("nm_template_new", url, sizeof url);
        struct store_setup setup = {.url = url, .schema = schema};
        assert_int_equal(store_open(&cx, &setup, &store), ERR_OK);
        store_close(store);
        (void)snprintf(text, sizeof text, "ALTER DATABASE nm_template_new RENAME TO %s", name);
        say(admin, text);
    }
    say(admin, "SELECT pg_advisory_unlock(4711)");
}

void test_postgres_make(struct test_store *t, const struct schema *schema)
{
    static int last;
    char url[160];
    char name[80] = "template1";
    char own[64];
    char text[200];
    url_of("postgres", url, sizeof url);
    PGconn *admin = connect_to(url);
    if (schema)
        need_template(admin, schema, name, sizeof name);
    (void)snprintf(own, sizeof own, "nm_test_%d_%d", (int)getpid(), ++last);
    (void)snprintf(text, sizeof text, "CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy", own,
                   name);
    say(admin, text);
    PQfinish(admin);
    url_of(own, t->url, sizeof t->url);
}

void test_postgres_drop(struct test_store *t)
{
    char url[160];
    char text[200];
    url_of("postgres", url, sizeof url);
    PGconn *admin = connect_to(url);
    PQfinish(t->side);
    (void)snprintf(text, sizeof text, "DROP DATABASE %s WITH (FORCE)", strrchr(t->url, '/') + 1);
    say(admin, text);
    PQfinish(admin);
}

int64_t test_postgres_number(struct test_store *t, const char *text)
{
    if (!t->side)
        t->side = connect_to(t->url);
    return number_of(t->side, text);
}

char *test_postgres_text(struct arena *arena, const char *text)
{
    char *out = arena_bytes(arena, 2 * strlen(text) + 1, 1);
    assert_non_null(out);
    char *to = out;
    for (const char *s = text; *s; s++) {
        bool bytes = (*s | 32) == 'x' && s[1] == '\'' && (s == text || strchr(" (,=", s[-1]));
        if (bytes) {
            memcpy(to, "'\\x", 3);
            to += 3;
            s++;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
    return out;
}
