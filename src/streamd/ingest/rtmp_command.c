#include "media/amf.h"
#include "streamd/ingest/rtmp_session_in.h"
#include <string.h>

/* What a command brings, once its AMF is read. */
struct ask {
    const struct amf *amf;
    double transaction;
    uint32_t stream;
};

static void begin_answer(struct buf *amf, const char *name, double transaction)
{
    buf_init(amf, RTMP_OUT_MAX);
    amf_put_text(amf, name);
    amf_put_number(amf, transaction);
}

static void put_pair(struct buf *amf, const char *name, const char *text)
{
    amf_put_name(amf, name);
    amf_put_text(amf, text);
}

static void send_answer(struct rtmp *r, struct buf *amf)
{
    rtmp_send_command(r, RTMP_COMMAND_CHUNKS, 0, amf);
    buf_done(amf);
}

/* "live", "live/" and "live?vhost=x" are the same application. */
static bool app_is_live(const struct amf_node *app)
{
    if (!app || app->type != AMF_STRING)
        return false;
    size_t n = 0;
    while (n < app->text_len && app->text[n] != '?')
        n++;
    while (n > 0 && app->text[n - 1] == '/')
        n--;
    return n == 4 && memcmp(app->text, "live", 4) == 0;
}

static void refuse_connect(struct rtmp *r, const struct ask *a)
{
    struct buf amf;
    begin_answer(&amf, "_error", a->transaction);
    amf_put_null(&amf);
    amf_put_object(&amf);
    put_pair(&amf, "level", "error");
    put_pair(&amf, "code", "NetConnection.Connect.Rejected");
    put_pair(&amf, "description", "the application is 'live'");
    amf_put_end(&amf);
    send_answer(r, &amf);
    rtmp_become(r, RTMP_CLOSED, "wrong application");
}

/* Enhanced RTMP v2, "NetConnection connect": what we can forward, only to those who ask. */
static void put_capabilities(struct buf *amf, const struct ask *a)
{
    enum { CAN_FORWARD = 4 };
    const struct amf_node *o = amf_arg(a->amf, 2);
    if (!amf_member(a->amf, o, "fourCcList") && !amf_member(a->amf, o, "videoFourCcInfoMap") &&
        !amf_member(a->amf, o, "audioFourCcInfoMap") && !amf_member(a->amf, o, "capsEx"))
        return;
    amf_put_name(amf, "fourCcList");
    static const uint8_t two_items[] = {10, 0, 0, 0, 2}; /* strict array */
    buf_add(amf, two_items, sizeof(two_items));
    amf_put_text(amf, "avc1");
    amf_put_text(amf, "mp4a");
    amf_put_name(amf, "videoFourCcInfoMap");
    amf_put_object(amf);
    amf_put_name(amf, "avc1");
    amf_put_number(amf, CAN_FORWARD);
    amf_put_end(amf);
    amf_put_name(amf, "audioFourCcInfoMap");
    amf_put_object(amf);
    amf_put_name(amf, "mp4a");
    amf_put_number(amf, CAN_FORWARD);
    amf_put_end(amf);
    amf_put_name(amf, "capsEx");
    amf_put_number(amf, 0);
}

static void on_connect(struct rtmp *r, const struct ask *a)
{
    if (r->state != RTMP_OPEN) {
        rtmp_become(r, RTMP_CLOSED, "connect came twice");
        return;
    }
    if (!app_is_live(amf_member(a->amf, amf_arg(a->amf, 2), "app"))) {
        refuse_connect(r, a);
        return;
    }
    rtmp_send_control(r, RTMP_WINDOW_SIZE, RTMP_WINDOW);
    rtmp_send_bandwidth(r, RTMP_WINDOW);
    rtmp_send_event(r, RTMP_EVENT_STREAM_BEGIN, 0);
    rtmp_send_control(r, RTMP_SET_CHUNK_SIZE, RTMP_CHUNK_OUT);
    r->out_chunk = RTMP_CHUNK_OUT;

    struct buf amf;
    begin_answer(&amf, "_result", a->transaction);
    amf_put_object(&amf);
    put_pair(&amf, "fmsVer", "FMS/3,5,7,7009"); /* clients look for this form */
    amf_put_name(&amf, "capabilities");
    amf_put_number(&amf, 31);
    amf_put_end(&amf);
    amf_put_object(&amf);
    put_pair(&amf, "level", "status");
    put_pair(&amf, "code", "NetConnection.Connect.Success");
    put_pair(&amf, "description", "connected");
    amf_put_name(&amf, "objectEncoding");
    amf_put_number(&amf, 0);
    put_capabilities(&amf, a);
    amf_put_end(&amf);
    send_answer(r, &amf);
    rtmp_become(r, RTMP_CONNECTED, NULL);
}

/* releaseStream and FCPublish: nothing to do, but FMLE and its kin wait for the answer. */
static void on_noted(struct rtmp *r, const struct ask *a)
{
    struct buf amf;
    begin_answer(&amf, "_result", a->transaction);
    amf_put_null(&amf);
    amf_put_null(&amf);
    send_answer(r, &amf);
}

static void on_create_stream(struct rtmp *r, const struct ask *a)
{
    if (r->state < RTMP_CONNECTED || r->streams == RTMP_STREAMS_MAX) {
        rtmp_become(r, RTMP_CLOSED, "createStream out of place");
        return;
    }
    struct buf amf;
    begin_answer(&amf, "_result", a->transaction);
    amf_put_null(&amf);
    amf_put_number(&amf, ++r->streams);
    send_answer(r, &amf);
}

static bool key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* The key out of a stream name: "KEY", "/KEY" or "KEY?query". False: it cannot be one. */
static bool read_key(const struct amf_node *name, char key[RTMP_KEY_MAX + 1])
{
    if (!name || name->type != AMF_STRING)
        return false;
    size_t at = name->text_len && name->text[0] == '/', n = 0;
    for (; at < name->text_len && name->text[at] != '?'; at++) {
        if (n == RTMP_KEY_MAX || !key_char(name->text[at]))
            return false;
        key[n++] = name->text[at];
    }
    key[n] = '\0';
    return n > 0;
}

static void on_publish(struct rtmp *r, const struct ask *a)
{
    if (r->state != RTMP_CONNECTED) {
        rtmp_become(r, RTMP_CLOSED, "publish out of place");
        return;
    }
    char key[RTMP_KEY_MAX + 1];
    r->publish_stream = a->stream;
    rtmp_become(r, RTMP_ASKED, NULL);
    if (read_key(amf_arg(a->amf, 3), key))
        r->ops->publish(r->arg, key);
    else
        rtmp_refuse(r, "NetStream.Publish.BadName", "not a stream key");
}

static void on_play(struct rtmp *r, const struct ask *a)
{
    if (r->state != RTMP_CONNECTED) {
        rtmp_become(r, RTMP_CLOSED, "play out of place");
        return;
    }
    r->publish_stream = a->stream;
    rtmp_send_status(r, "error", "NetStream.Play.Failed", "watch by HLS: this is for publishers");
    rtmp_become(r, RTMP_CLOSED, "asked to play");
}

static void on_unpublish(struct rtmp *r, const struct ask *a)
{
    (void)a;
    if (r->state != RTMP_PUBLISHING)
        return;
    rtmp_send_status(r, "status", "NetStream.Unpublish.Success", "stopped");
    rtmp_become(r, RTMP_CONNECTED, NULL);
    r->ops->unpublish(r->arg);
}

void rtmp_command(struct rtmp *r, uint32_t stream, const uint8_t *body, size_t len)
{
    static const struct {
        const char *name;
        void (*run)(struct rtmp *r, const struct ask *a);
    } commands[] = {
        {"connect", on_connect},
        {"releaseStream", on_noted},
        {"FCPublish", on_noted},
        {"createStream", on_create_stream},
        {"publish", on_publish},
        {"play", on_play},
        {"play2", on_play},
        {"FCUnpublish", on_unpublish},
        {"deleteStream", on_unpublish},
        {"closeStream", on_unpublish},
    };
    struct amf amf;
    if (amf_read(body, len, &amf) != ERR_OK || !amf_arg(&amf, 0) ||
        amf_arg(&amf, 0)->type != AMF_STRING) {
        rtmp_become(r, RTMP_CLOSED, "malformed command");
        return;
    }
    double transaction = amf_number(amf_arg(&amf, 1), 0);
    if (!(transaction >= 0 && transaction <= RTMP_TRANSACTION_MAX))
        transaction = 0;
    struct ask a = {&amf, transaction, stream};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!amf_is(amf_arg(&amf, 0), commands[i].name))
            continue;
        commands[i].run(r, &a);
        return;
    }
    /* Others (_checkbw, getStreamLength, …) need no answer, and some clients stumble over one. */
}
