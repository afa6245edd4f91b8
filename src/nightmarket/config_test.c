/* Settings: what is refused is named, and nothing has been made by then. */
#include "base/arena.h"
#include "base/test.h"
#include "nightmarket/config.h"
#include "nightmarket/env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACCOUNT "CLOUDFLARE_ACCOUNT_ID=023e105f4ecef8ad9ca31a8372d0c353\n"
#define TOKEN   "CLOUDFLARE_STREAM_API_TOKEN=t\n"
#define KEY     "NM_SECRET_KEY=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"

#define ECPAY                                                      \
    "ECPAY_MERCHANT_ID=3002607\nECPAY_HASH_KEY=pwFHCqoQZGmho4w6\n" \
    "ECPAY_HASH_IV=EkRm7iFT261dpevs\n"
#define OMISE "OMISE_PUBLIC_KEY=pkey_test_5abc\nOMISE_SECRET_KEY=skey_test_5def\n"

struct desk {
    char folder[40], file[60], data[60];
    struct cx cx;
    struct config *config;
};

static int set_up(void **state)
{
    struct desk *d = calloc(1, sizeof *d);
    (void)snprintf(d->folder, sizeof d->folder, "/tmp/nm-config-XXXXXX");
    assert_non_null(mkdtemp(d->folder));
    (void)snprintf(d->file, sizeof d->file, "%s/env", d->folder);
    (void)snprintf(d->data, sizeof d->data, "%s/data", d->folder);
    d->cx = (struct cx){.arena = arena_make(1 << 20), .now_ms = 1};
    *state = d;
    return crypto_init() == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct desk *d = *state;
    (void)unlink(d->file);
    (void)rmdir(d->data);
    assert_int_equal(rmdir(d->folder), 0);
    arena_free(d->cx.arena);
    free(d);
    return 0;
}

/* Later lines win over those given here. */
static enum err configure(struct desk *d, const char *lines)
{
    struct env *env = NULL;
    FILE *f = fopen(d->file, "we");
    assert_non_null(f);
    (void)fprintf(f, "NM_PUBLIC_URL=http://127.0.0.1:9\n" KEY "NM_DATA_DIR=%s\n%s\n", d->data,
                  lines);
    assert_int_equal(fclose(f), 0);
    d->cx.problem[0] = '\0';
    assert_int_equal(env_read(&d->cx, d->file, &env), ERR_OK);
    enum err e = config_make(&d->cx, env, &d->config);
    env_free(env);
    return e;
}

static void taken(struct desk *d, const char *lines)
{
    enum err e = configure(d, lines);
    if (e)
        fail_msg("%s, for %s", d->cx.problem, lines);
    config_free(d->config);
    assert_int_equal(rmdir(d->data), 0);
}

/* The problem names the variable, does not repeat its value, and no folder was made. */
static void refused(struct desk *d, const char *name, const char *value, const char *more)
{
    char lines[1200];
    (void)snprintf(lines, sizeof lines, "%s%s=%s\n", more, name, value);
    enum err e = configure(d, lines);
    if (e != ERR_INPUT || !strstr(d->cx.problem, name))
        fail_msg("'%s', for %s", d->cx.problem, lines);
    if (strlen(value) > 7)
        assert_null(strstr(d->cx.problem, value));
    assert_int_not_equal(access(d->data, F_OK), 0);
}

static void public_url__is_scheme_host_and_port(void **state)
{
    struct desk *d = *state;
    static const char *const good[] = {"https://shop.example", "http://a_b-c.example:1/",
                                       "https://[2001:db8::1]:8443", "http://10.0.0.7:65535"};
    static const char *const bad[] = {"http://a;b,c",     "http://a:99999999",  "http://[::1",
                                      "http://[1.2.3.4]", "http://a:",          "http://a:0",
                                      "http://a:65536",   "http://a:8o",        "http://",
                                      "http://:80",       "http://-a",          "http://u@a",
                                      "http://a/shop",    "http://a?b",         "http://a b",
                                      "ftp://a",          "http://\xe5\xb8\x86"};
    char line[200];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        (void)snprintf(line, sizeof line, "NM_PUBLIC_URL=%s\n", good[i]);
        taken(d, line);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(d, "NM_PUBLIC_URL", bad[i], "");
}

static void server__values_are_checked_before_anything_is_made(void **state)
{
    struct desk *d = *state;
    taken(d, "NM_LISTEN=[::]:0\nNM_TRUSTED_PROXIES=10.0.0.0/8, ::1\n");
    refused(d, "NM_LISTEN", "nowhere:http", "");
    refused(d, "NM_LISTEN", "127.0.0.1", "");
    refused(d, "NM_TRUSTED_PROXIES", "10.0.0.0/99", "");
    taken(d, "NM_KEEP_DAYS=chat=30 inbox=90\n");
    refused(d, "NM_KEEP_DAYS", "chat=0", "");
    refused(d, "NM_KEEP_DAYS", "chats=30", "");
    refused(d, "DATABASE_URL", "sqlite:", "");
    refused(d, "DATABASE_URL", "sqlite::memory:", "");
    refused(d, "DATABASE_URL", "mysql://u:hunter2@x/y", "");
    refused(d, "DATABASE_URL", "postgresql://u:hunter2@x/y?hunter2", "");
    taken(d, "DATABASE_URL=postgresql://u:hunter2@127.0.0.1/y\n");
}

static void mail_and_push__are_checked(void **state)
{
    struct desk *d = *state;
    taken(d, "NM_SMTP_URL=smtps://me:p@ss@mail.example:465\nNM_VAPID_PRIVATE_KEY="
             "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94\n");
    taken(d, "NM_MAIL_FROM=Night Market <shop@mail.example>\n");
    refused(d, "NM_MAIL_FROM", "nobody", "");
    refused(d, "NM_MAIL_FROM", "A <a@b.c> x", "");
    refused(d, "NM_VAPID_PRIVATE_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "");
    refused(d, "NM_SMTP_URL", "junk", "");
    refused(d, "NM_SMTP_URL", "smtp://", "");
    refused(d, "NM_SMTP_URL", "smtp://me:secret@", "");
    refused(d, "NM_SMTP_URL", "smtp://host:99999", "");
    refused(d, "NM_VAPID_PRIVATE_KEY", "junk", "");
    refused(d, "NM_VAPID_PRIVATE_KEY", "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM9+", "");
}

static void cloudflare__token_and_url_are_named(void **state)
{
    struct desk *d = *state;
    char url[300];
    taken(d, ACCOUNT TOKEN);
    refused(d, "CLOUDFLARE_STREAM_API_TOKEN", "two words", ACCOUNT);
    refused(d, "CLOUDFLARE_STREAM_API_TOKEN", "\xe5\xb8\x86\xe5\xb8\x83\xe5\x8c\x85", ACCOUNT);
    refused(d, "CLOUDFLARE_API_BASE_URL", "http://api.example/v4", ACCOUNT TOKEN);
    refused(d, "CLOUDFLARE_API_BASE_URL", "https://api.example:x/v4", ACCOUNT TOKEN);
    (void)snprintf(url, sizeof url, "https://api.example/%0250d", 1);
    refused(d, "CLOUDFLARE_API_BASE_URL", url, ACCOUNT TOKEN);
}

static void payment_keys__are_whole_and_look_like_keys(void **state)
{
    struct desk *d = *state;
    taken(d, ECPAY);
    taken(d,
          OMISE "OMISE_WEBHOOK_SECRET=c2VjcmV0, b3RoZXI=\nOMISE_API_URL=http://127.0.0.1:8790/o\n");
    refused(d, "ECPAY_HASH_IV", "short", ECPAY);
    taken(d, ECPAY "ECPAY_CREDIT_CHECK_CODE=62861749\n");
    refused(d, "ECPAY_CREDIT_CHECK_CODE", "6286x", ECPAY);
    refused(d, "ECPAY_MERCHANT_ID", "", "ECPAY_CREDIT_CHECK_CODE=62861749\n");
    refused(d, "ECPAY_MERCHANT_ID", "3002607x", ECPAY);
    refused(d, "ECPAY_LOGISTICS_HASH_KEY", "", "ECPAY_LOGISTICS_MERCHANT_ID=2000132\n");
    refused(d, "ECPAY_HASH_KEY", "pwFHCqoQZGmho4w6",
            "ECPAY_BASE_URL=https://payment.ecpay.com.tw\nECPAY_MERCHANT_ID=3002607\n"
            "ECPAY_HASH_IV=EkRm7iFT261dpevs\n");
    taken(d, "ECPAY_BASE_URL=https://payment-stage.ecpay.com.tw\n" ECPAY);
    refused(d, "ECPAY_BASE_URL", "http://payment.ecpay.com.tw", ECPAY);
    taken(d, "NM_PUBLIC_URL=http://10.0.0.7:8080\nECPAY_BASE_URL=http://10.0.0.7:8790/e\n" ECPAY);
    refused(d, "ECPAY_BASE_URL", "http://10.0.0.70:8790/e",
            "NM_PUBLIC_URL=http://10.0.0.7:8080\n" ECPAY);
    refused(d, "ECPAY_BASE_URL", "http://shop.example/e",
            "NM_PUBLIC_URL=https://shop.example\n" ECPAY);
    refused(d, "OMISE_SECRET_KEY", "skey_5live", OMISE); /* test and live mixed */
    refused(d, "OMISE_PUBLIC_KEY", "skey_test_5abc", OMISE);
    refused(d, "OMISE_WEBHOOK_SECRET", "not base64!", OMISE);
    refused(d, "OMISE_SECRET_KEY", "", "OMISE_PUBLIC_KEY=pkey_test_5abc\n");
}

static void login__groups_are_whole_and_in_order(void **state)
{
    struct desk *d = *state;
    static const char all[] =
        "OIDC_ZED_ISSUER=https://z.test/\nOIDC_ZED_CLIENT_ID=z\nOIDC_ZED_CLIENT_SECRET=zz\n"
        "OIDC_ZED_ALG=ES256\nOIDC_A_B_ISSUER=http://127.0.0.1:1\nOIDC_A_B_CLIENT_ID=a\n"
        "OIDC_A_B_CLIENT_SECRET=b\nGOOGLE_CLIENT_ID=g\nGOOGLE_CLIENT_SECRET=gg\n"
        "LINE_CHANNEL_ID=1\nLINE_CHANNEL_SECRET=s\nLINE_LIFF_ID=1-x\n"
        "FACEBOOK_APP_ID=f\nFACEBOOK_APP_SECRET=ff\nLINE_ISSUER=http://127.0.0.1:2/line\n";
    static const char *const names[] = {"line", "facebook", "google", "a_b", "zed"};
    assert_int_equal(configure(d, all), ERR_OK);
    const struct provider_list *l = &d->config->login;
    assert_int_equal(l->n, 5);
    for (size_t i = 0; i < l->n; i++)
        assert_string_equal(l->item[i].name, names[i]);
    assert_string_equal(l->item[0].issuer, "http://127.0.0.1:2/line");
    assert_string_equal(l->item[0].liff_id, "1-x");
    assert_int_equal(l->item[0].alg, ID_HS256);
    assert_string_equal(l->item[1].graph_url, "https://graph.facebook.com");
    assert_string_equal(l->item[2].issuer, "https://accounts.google.com");
    assert_int_equal(l->item[3].alg, ID_RS256);
    assert_string_equal(l->item[3].label, "A b");
    assert_string_equal(l->item[4].issuer, "https://z.test/"); /* as it calls itself */
    assert_int_equal(l->item[4].alg, ID_ES256);
    assert_string_equal(l->item[4].secret, "zz");
    config_free(d->config);
    assert_int_equal(rmdir(d->data), 0);
}

static void login__what_cannot_work_is_named(void **state)
{
    struct desk *d = *state;
    static const char company[] = "OIDC_ACME_CLIENT_ID=a\nOIDC_ACME_CLIENT_SECRET=b\n";
    refused(d, "LINE_CHANNEL_ID", "", "LINE_CHANNEL_SECRET=s\n");
    refused(d, "LINE_CHANNEL_ID", "", "LINE_LIFF_ID=1-x\n");
    refused(d, "LINE_LIFF_ID", "1/../x-and-more", "LINE_CHANNEL_ID=1\nLINE_CHANNEL_SECRET=s\n");
    refused(d, "GOOGLE_CLIENT_SECRET", "", "GOOGLE_CLIENT_ID=g\n");
    refused(d, "FACEBOOK_GRAPH_VERSION", "version 25",
            "FACEBOOK_APP_ID=f\nFACEBOOK_APP_SECRET=f\n");
    refused(d, "FACEBOOK_GRAPH_VERSION", "v25.", "FACEBOOK_APP_ID=f\nFACEBOOK_APP_SECRET=f\n");
    refused(d, "OIDC_ACME_ISSUER", "http://id.example", company);
    refused(d, "OIDC_ACME_ISSUER", "", company);
    refused(d, "OIDC_ACME_ALG", "none",
            "OIDC_ACME_ISSUER=https://id.example\nOIDC_ACME_CLIENT_ID=a\n"
            "OIDC_ACME_CLIENT_SECRET=b\n");
    refused(d, "OIDC_LINE_ISSUER", "https://id.example",
            "OIDC_LINE_CLIENT_ID=a\nOIDC_LINE_CLIENT_SECRET=b\n");
    refused(d, "OIDC_EMAIL_ISSUER", "https://id.example",
            "OIDC_EMAIL_CLIENT_ID=a\nOIDC_EMAIL_CLIENT_SECRET=b\n");
    refused(d, "APPLE_PRIVATE_KEY", "not a key at all",
            "APPLE_CLIENT_ID=a\nAPPLE_TEAM_ID=T\nAPPLE_KEY_ID=K\n");
    refused(d, "APPLE_PRIVATE_KEY", "", "APPLE_CLIENT_ID=a\nAPPLE_TEAM_ID=T\nAPPLE_KEY_ID=K\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        T(public_url__is_scheme_host_and_port),
        T(server__values_are_checked_before_anything_is_made),
        T(mail_and_push__are_checked),
        T(cloudflare__token_and_url_are_named),
        T(payment_keys__are_whole_and_look_like_keys),
        T(login__groups_are_whole_and_in_order),
        T(login__what_cannot_work_is_named),
#undef T
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
