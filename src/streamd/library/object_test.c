/* Objects of the API: their shapes, what may be set, what is refused. */
#include "base/test.h"
#include "streamd/library/input.sql.h"
#include "streamd/library/library_testkit.h"
#include "streamd/library/output.sql.h"
#include "streamd/library/signing.h"
#include "streamd/library/signing.sql.h"
#include "streamd/library/state_in.h"
#include "streamd/library/video.sql.h"

#include <string.h>

static int setup(void **state)
{
    *state = libkit_make();
    return 0;
}

static int teardown(void **state)
{
    libkit_free(*state);
    return 0;
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    static const struct sql *const all[] = {
        &SQL_video_replays, &SQL_video_load,   &SQL_video_get,     &SQL_video_list,
        &SQL_video_count,   &SQL_video_begin,  &SQL_video_ended,   &SQL_video_ready,
        &SQL_video_broken,  &SQL_video_edit,   &SQL_video_drop,    &SQL_video_due,
        &SQL_video_usage,   &SQL_output_list,  &SQL_output_count,  &SQL_output_add,
        &SQL_output_get,    &SQL_output_put,   &SQL_output_drop,   &SQL_signing_add,
        &SQL_signing_list,  &SQL_signing_drop, &SQL_signing_count, &SQL_input_load,
        &SQL_input_get,     &SQL_input_list,   &SQL_input_count,   &SQL_input_add,
        &SQL_input_put,     &SQL_input_rotate, &SQL_input_drop,    &SQL_input_status,
        &SQL_idem_get,      &SQL_idem_put,     &SQL_idem_sweep};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        assert_int_equal(test_check_sql(((struct libkit *)*state)->db, all[i]), ERR_OK);
}

/* ---- live inputs ---- */

static enum err create(struct libkit *k, const char *text, const char *idem, json_t **ret_object)
{
    json_t *body = libkit_json(text);
    k->cx->problem[0] = '\0';
    enum err e = library_create_input(k->l, k->cx, body, idem, ret_object);
    json_decref(body);
    return e;
}

static enum err update(struct libkit *k, const char *uid, const char *text, json_t **ret_object)
{
    json_t *body = libkit_json(text);
    k->cx->problem[0] = '\0';
    enum err e = library_update_input(k->l, k->cx, uid, body, ret_object);
    json_decref(body);
    return e;
}

static void input__has_every_key_of_cloudflares(void **state)
{
    struct libkit *k = *state;
    json_t *got = NULL, *want = libkit_fixture("live-input-create-response.json");
    assert_int_equal(create(k, "{'meta':{'name':'Evening drop #12'}}", NULL, &got), ERR_OK);
    libkit_same_keys(got, want, "input");
    assert_string_equal(libkit_at(got, "status"), "(null)");
    assert_string_equal(libkit_at(got, "recording.mode"), "off");
    assert_int_equal(strlen(libkit_at(got, "rtmps.streamKey")), 65);
    assert_string_equal(libkit_at(got, "rtmps.url"), "rtmps://localhost:1936/live/");
    assert_string_not_equal(libkit_at(got, "srt.passphrase"),
                            libkit_at(got, "srtPlayback.passphrase"));
    assert_memory_equal(libkit_at(got, "srtPlayback.streamId"), "play", 4);
    json_decref(want);

    char uid[UID_TEXT];
    memcpy(uid, libkit_at(got, "uid"), UID_TEXT);
    json_decref(got);
    assert_int_equal(library_connected(k->l, uid, "rtmps", &k->turn), ERR_OK);
    want = libkit_fixture("live-input-get-connected.json");
    got = libkit_get_input(k, uid);
    libkit_same_keys(got, want, "connected");
    json_decref(got);
    json_decref(want);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    assert_int_equal(library_rotate_keys(k->l, k->cx, uid, &got), ERR_OK);
    want = libkit_fixture("live-input-get-rotated-disconnected.json");
    libkit_same_keys(got, want, "rotated");
    assert_string_equal(libkit_at(got, "status.current.state"), "disconnected");
    json_decref(got);
    json_decref(want);
}

static void input__lists_newest_first_without_credentials(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX];
    json_t *rows = NULL, *want = libkit_fixture("live-inputs-list-response.json");
    int64_t total;
    libkit_input(k, "{'meta':{'name':'old'}}", uid, key);
    libkit_later(k, 5);
    libkit_input(k, "{'meta':{'name':'new'}}", uid, key);
    assert_int_equal(library_list_inputs(k->l, k->cx, &rows, &total), ERR_OK);
    assert_int_equal(total, 2);
    assert_string_equal(libkit_at(json_array_get(rows, 0), "uid"), uid);
    libkit_same_keys(json_array_get(rows, 0),
                     json_array_get(json_object_get(want, "liveInputs"), 0), "row");
    json_decref(rows);
    json_decref(want);
}

static void input__refuses_what_cloudflare_refuses(void **state)
{
    static const char *const bad[] = {
        "{'recording':{'mode':'sometimes'}}",
        "{'recording':{'mode':7}}",
        "{'recording':'automatic'}",
        "{'recording':{'timeoutSeconds':-1}}",
        "{'recording':{'timeoutSeconds':'10'}}",
        "{'recording':{'requireSignedURLs':'yes'}}",
        "{'recording':{'allowedOrigins':'shop.example.com'}}",
        "{'recording':{'allowedOrigins':[1]}}",
        "{'recording':{'allowedOrigins':['https://shop.example.com/']}}",
        "{'deleteRecordingAfterDays':29}",
        "{'deleteRecordingAfterDays':1097}",
        "{'deleteRecordingAfterDays':'30'}",
        "{'enabled':'no'}",
        "{'enabled':null}",
        "{'meta':'name'}",
        "{'preferLowLatency':1}",
        "{'defaultCreator':5}",
    };
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX];
    json_t *o = NULL;
    libkit_input(k, "{'meta':{'name':'kept'},'recording':{'timeoutSeconds':5}}", uid, key);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(create(k, bad[i], NULL, &o), ERR_INPUT);
        assert_int_not_equal(k->cx->problem[0], '\0');
        assert_int_equal(update(k, uid, bad[i], &o), ERR_INPUT);
    }
    assert_null(o);
    assert_int_equal(test_number(k->db, "SELECT count(*) FROM input"), 1);
    o = libkit_get_input(k, uid);
    assert_string_equal(libkit_at(o, "meta.name"), "kept");
    assert_string_equal(libkit_at(o, "modified"), libkit_at(o, "created"));
    json_decref(o);
}

static void input__update_is_partial_and_moves_modified(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX];
    struct input_conf conf;
    json_t *o = NULL;
    libkit_input(k,
                 "{'meta':{'name':'a'},'recording':{'mode':'automatic','timeoutSeconds':7,"
                 "'allowedOrigins':['shop.example.com','*.example.org:8080']},"
                 "'deleteRecordingAfterDays':45,'DefaultCreator':'ann'}",
                 uid, key);
    assert_int_equal(library_input(k->l, uid, &conf), ERR_OK);
    assert_string_equal(conf.allowed_origins, "shop.example.com *.example.org:8080");
    assert_int_equal(update(k, uid, "{'recording':{'requireSignedURLs':true}}", &o), ERR_OK);
    assert_string_equal(libkit_at(o, "recording.mode"), "automatic");
    assert_string_equal(libkit_at(o, "recording.timeoutSeconds"), "7");
    assert_string_equal(libkit_at(o, "recording.requireSignedURLs"), "true");
    assert_string_equal(libkit_at(o, "defaultCreator"), "ann");
    assert_string_equal(libkit_at(o, "rtmps.streamKey"), key);
    assert_string_not_equal(libkit_at(o, "modified"), libkit_at(o, "created"));
    json_decref(o);
    assert_int_equal(update(k, uid,
                            "{'deleteRecordingAfterDays':null,'defaultCreator':null,"
                            "'recording':{'allowedOrigins':null}}",
                            &o),
                     ERR_OK);
    assert_string_equal(libkit_at(o, "deleteRecordingAfterDays"), "(null)");
    assert_string_equal(libkit_at(o, "recording.allowedOrigins"), "(null)");
    assert_string_equal(libkit_at(o, "defaultCreator"), "(null)");
    json_decref(o);
    assert_int_equal(library_input(k->l, uid, &conf), ERR_OK);
    assert_true(conf.signed_only);
    assert_string_equal(conf.allowed_origins, "");
    assert_int_equal(update(k, "0123456789abcdef0123456789abcdef", "{}", &o), ERR_NOT_FOUND);
    assert_int_equal(update(k, "nonsense", "{}", &o), ERR_NOT_FOUND);
}

static void idempotency__same_key_same_input_then_conflict(void **state)
{
    struct libkit *k = *state;
    json_t *first = NULL, *again = NULL;
    char uid[UID_TEXT], big[IDEMPOTENCY_KEY_MAX + 2];
    assert_int_equal(create(k, "{'meta':{'name':'a'}}", "order-7", &first), ERR_OK);
    assert_int_equal(create(k, "{'meta':{'name':'b'}}", "order-7", &again), ERR_OK);
    assert_string_equal(libkit_at(first, "uid"), libkit_at(again, "uid"));
    assert_string_equal(libkit_at(again, "meta.name"), "a");
    memcpy(uid, libkit_at(first, "uid"), UID_TEXT);
    json_decref(first);
    json_decref(again);
    assert_int_equal(library_delete_input(k->l, k->cx, uid), ERR_OK);
    assert_int_equal(create(k, "{}", "order-7", &again), ERR_CONFLICT);
    libkit_later(k, 1000);
    libkit_now += 6 * 3600 * 1000;
    libkit_later(k, 1000);
    assert_int_equal(create(k, "{}", "order-7", &again), ERR_OK);
    json_decref(again);
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_int_equal(create(k, "{}", big, &again), ERR_INPUT);
    assert_int_equal(create(k, "{}", big + 1, &again), ERR_OK);
    json_decref(again);
}

/* ---- outputs ---- */

static enum err add_output(struct libkit *k, const char *input, const char *text,
                           json_t **ret_object)
{
    json_t *body = libkit_json(text);
    enum err e = library_create_output(k->l, k->cx, input, body, ret_object);
    json_decref(body);
    return e;
}

static void outputs__live_and_die_with_their_input(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], other[UID_TEXT], key[STREAM_KEY_MAX], id[UID_TEXT];
    json_t *o = NULL, *rows = NULL, *want = libkit_fixture("outputs-list-response.json");
    json_t *off = libkit_json("{'enabled':false}"), *bad = libkit_json("{'enabled':1}");
    libkit_input(k, "{}", uid, key);
    libkit_input(k, "{}", other, key);
    assert_int_equal(
        add_output(k, uid, "{'url':'rtmp://a.rtmp.youtube.com/live2','streamKey':'x'}", &o),
        ERR_OK);
    libkit_same_keys(o, json_array_get(want, 0), "output");
    memcpy(id, libkit_at(o, "uid"), UID_TEXT);
    json_decref(o);
    assert_int_equal(add_output(k, uid, "{'url':'http://x/','streamKey':'x'}", &o), ERR_INPUT);
    assert_int_equal(add_output(k, uid, "{'url':'rtmp:///','streamKey':'x'}", &o), ERR_INPUT);
    assert_int_equal(add_output(k, uid, "{'url':'rtmp://x/y'}", &o), ERR_INPUT);
    assert_int_equal(library_update_output(k->l, k->cx, other, id, off, &o), ERR_NOT_FOUND);
    assert_int_equal(library_update_output(k->l, k->cx, uid, id, bad, &o), ERR_INPUT);
    assert_int_equal(library_update_output(k->l, k->cx, uid, id, off, &o), ERR_OK);
    assert_string_equal(libkit_at(o, "enabled"), "false");
    json_decref(o);
    assert_int_equal(library_delete_output(k->l, k->cx, other, id), ERR_NOT_FOUND);
    assert_int_equal(library_list_outputs(k->l, k->cx, uid, &rows), ERR_OK);
    assert_int_equal(json_array_size(rows), 1);
    json_decref(rows);
    assert_int_equal(library_delete_input(k->l, k->cx, uid), ERR_OK);
    assert_int_equal(test_number(k->db, "SELECT count(*) FROM output"), 0);
    assert_int_equal(library_list_outputs(k->l, k->cx, uid, &rows), ERR_NOT_FOUND);
    json_decref(off);
    json_decref(bad);
    json_decref(want);
}

/* ---- videos ---- */

static void make_video(struct libkit *k, const char *input_name, char ret_video_uid[UID_TEXT])
{
    char input_uid[UID_TEXT], key[STREAM_KEY_MAX], text[128];
    (void)snprintf(text, sizeof text, "{'meta':{'name':'%s'},'recording':{'mode':'automatic'}}",
                   input_name);
    libkit_input(k, text, input_uid, key);
    assert_int_equal(library_connected(k->l, input_uid, "rtmp", &k->turn), ERR_OK);
    memcpy(ret_video_uid, k->turn.video_uid, UID_TEXT);
    libkit_settle(k);
    library_disconnected(k->l, input_uid, k->turn.generation, "client_disconnect");
    libkit_later(k, 10400);
}

static void video__has_every_key_of_cloudflares(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], input[UID_TEXT], key[STREAM_KEY_MAX], live[UID_TEXT];
    json_t *want = libkit_fixture("video-ready.json");
    make_video(k, "a", uid);
    json_t *got = libkit_get_video(k, uid);
    libkit_same_keys(got, want, "ready");
    json_decref(got);
    json_decref(want);
    want = libkit_fixture("webhook-video-ready.body.json");
    got = json_loads(k->done_body, 0, NULL);
    libkit_same_keys(got, want, "webhook");
    json_decref(got);
    json_decref(want);
    libkit_input(k, "{'recording':{'mode':'automatic'}}", input, key);
    assert_int_equal(library_connected(k->l, input, "rtmp", &k->turn), ERR_OK);
    memcpy(live, k->turn.video_uid, UID_TEXT);
    want = libkit_fixture("video-live-inprogress.json");
    got = libkit_get_video(k, live);
    libkit_same_keys(got, want, "live");
    json_decref(got);
    json_decref(want);
}

static size_t listed(struct libkit *k, const struct video_filter *f, int64_t *ret_total)
{
    struct video_page page;
    assert_int_equal(library_list_videos(k->l, k->cx, f, &page), ERR_OK);
    size_t n = json_array_size(page.objects);
    json_decref(page.objects);
    *ret_total = page.total;
    return n;
}

static void video__lists_by_every_filter(void **state)
{
    struct libkit *k = *state;
    char a[UID_TEXT], b[UID_TEXT], c[UID_TEXT], ids[128];
    int64_t total, from = libkit_now;
    make_video(k, "Tea", a);
    make_video(k, "Teapot", b);
    make_video(k, "Cup", c);
    (void)snprintf(ids, sizeof ids, ",%s,%s,", a, c);
#define LIST(...) \
    listed(k, &(struct video_filter){.limit = 1000, .want_counts = true, __VA_ARGS__}, &total)
    assert_int_equal(LIST(.oldest_first = false), 3);
    assert_int_equal(total, 3);
    assert_int_equal(LIST(.uids = ids), 2);
    assert_int_equal(LIST(.search = "tea"), 2);
    assert_int_equal(LIST(.search = "100%"), 0);
    assert_int_equal(LIST(.states = ",ready,"), 3);
    assert_int_equal(LIST(.states = ",error,live-inprogress,"), 0);
    assert_int_equal(LIST(.live = 1), 0);
    assert_int_equal(LIST(.live = -1), 3);
    assert_int_equal(LIST(.input_uid = a), 0);
    assert_int_equal(LIST(.creator = "nobody"), 0);
    assert_int_equal(LIST(.after_ms = from), 2);
    assert_int_equal(total, 3);
    assert_int_equal(LIST(.before_ms = from), 0);
    assert_int_equal(listed(k, &(struct video_filter){.limit = 2}, &total), 2);
#undef LIST
    struct video_page page;
    assert_int_equal(library_list_videos(k->l, k->cx, &(struct video_filter){.limit = 1}, &page),
                     ERR_OK);
    assert_string_equal(libkit_at(json_array_get(page.objects, 0), "uid"), c);
    json_decref(page.objects);
}

static enum err edit(struct libkit *k, const char *uid, const char *text, json_t **ret_object)
{
    json_t *body = libkit_json(text);
    enum err e = library_edit_video(k->l, k->cx, uid, body, ret_object);
    json_decref(body);
    return e;
}

static void video__edits_are_partial_and_checked(void **state)
{
    static const char *const bad[] = {"{'thumbnailTimestampPct':1.5}",
                                      "{'thumbnailTimestampPct':'0.5'}",
                                      "{'allowedOrigins':'x'}",
                                      "{'scheduledDeletion':'2026-11-23T00:00:00Z'}",
                                      "{'scheduledDeletion':'tomorrow'}",
                                      "{'scheduledDeletion':'2036-11-23T00:00:00Z'}",
                                      "{'meta':[]}",
                                      "{'requireSignedURLs':null}",
                                      "{'creator':1}",
                                      "{'maxDurationSeconds':0}",
                                      "{'uid':'00112233445566778899aabbccddeeff'}"};
    struct libkit *k = *state;
    char uid[UID_TEXT];
    struct playback p;
    json_t *o = NULL;
    make_video(k, "a", uid);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(edit(k, uid, bad[i], &o), ERR_INPUT);
    assert_int_equal(edit(k, uid,
                          "{'meta':{'name':'new','x':1},'requireSignedURLs':true,"
                          "'allowedOrigins':['a.example'],'thumbnailTimestampPct':0.5,"
                          "'scheduledDeletion':'2027-01-22T00:00:00Z','publicDetails':"
                          "{'title':'T'}}",
                          &o),
                     ERR_OK);
    assert_string_equal(libkit_at(o, "meta.name"), "new");
    assert_string_equal(libkit_at(o, "thumbnailTimestampPct"), "0.500");
    assert_string_equal(libkit_at(o, "publicDetails.title"), "T");
    assert_int_equal(k->pictures, 2); /* taken again at the new place */
    assert_int_equal(k->picture_ms, 30850);
    assert_string_equal(libkit_at(o, "publicDetails.logo"), "(null)");
    assert_string_equal(libkit_at(o, "scheduledDeletion"), "2027-01-22T00:00:00.000000Z");
    json_decref(o);
    assert_int_equal(library_playback(k->l, uid, &p), ERR_OK);
    assert_true(p.signed_only);
    assert_string_equal(p.allowed_origins, "a.example");
    assert_int_equal(edit(k, uid, "{'scheduledDeletion':null,'allowedOrigins':null}", &o), ERR_OK);
    assert_string_equal(libkit_at(o, "scheduledDeletion"), "(null)");
    assert_string_equal(libkit_at(o, "meta.name"), "new");
    json_decref(o);
    assert_int_equal(edit(k, "00112233445566778899aabbccddeeff", "{}", &o), ERR_NOT_FOUND);
}

static void usage__counts_seconds_rounded_up(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT];
    struct video_usage u;
    make_video(k, "a", uid);
    make_video(k, "b", uid);
    assert_int_equal(library_usage(k->l, k->cx, NULL, &u), ERR_OK);
    assert_int_equal(u.videos, 2);
    assert_int_equal(u.seconds, 124);
    assert_int_equal(library_usage(k->l, k->cx, "nobody", &u), ERR_OK);
    assert_int_equal(u.videos, 0);
}

/* ---- signing keys ---- */

static void signing__shows_the_private_half_once(void **state)
{
    struct libkit *k = *state;
    json_t *o = NULL, *rows = NULL, *want = libkit_fixture("keys-create-response.json");
    char id[UID_TEXT];
    assert_int_equal(library_create_signing_key(k->l, k->cx, &o), ERR_OK);
    libkit_same_keys(o, want, "key");
    memcpy(id, libkit_at(o, "id"), UID_TEXT);
    /* base64 of "-----BEGIN RSA PRIVATE KEY-----" */
    assert_memory_equal(libkit_at(o, "pem"), "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tL", 41);
    assert_int_equal(test_number(k->db, "SELECT count(*) FROM signing_key"
                                        " WHERE public_pem LIKE '%PRIVATE%'"),
                     0);
    json_decref(o);
    json_decref(want);
    want = libkit_fixture("keys-list-response.json");
    assert_int_equal(library_list_signing_keys(k->l, k->cx, &rows), ERR_OK);
    libkit_same_keys(json_array_get(rows, 0), json_array_get(want, 0), "key row");
    json_decref(rows);
    json_decref(want);
    assert_int_equal(library_delete_signing_key(k->l, k->cx, id), ERR_OK);
    assert_int_equal(library_delete_signing_key(k->l, k->cx, id), ERR_NOT_FOUND);
    assert_int_equal(library_delete_signing_key(k->l, k->cx, "x"), ERR_NOT_FOUND);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(sql__every_statement_prepares_with_ordered_parameters),
        T(input__has_every_key_of_cloudflares),
        T(input__lists_newest_first_without_credentials),
        T(input__refuses_what_cloudflare_refuses),
        T(input__update_is_partial_and_moves_modified),
        T(idempotency__same_key_same_input_then_conflict),
        T(outputs__live_and_die_with_their_input),
        T(video__has_every_key_of_cloudflares),
        T(video__lists_by_every_filter),
        T(video__edits_are_partial_and_checked),
        T(usage__counts_seconds_rounded_up),
        T(signing__shows_the_private_half_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
