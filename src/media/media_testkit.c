#include "media/media_testkit.h"
#include "base/bytes.h"
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FLV_MAX = 64 << 20, WALL_MS = 1700000000 };

/* Run a shell command; its output goes to `out` (may be NULL). Returns its exit code. */
static int run(const char *command, struct buf *out)
{
    FILE *f = popen(command, "r"); /* NOLINT(cert-env33-c): fixed commands of these tests */
    assert_non_null(f);
    char chunk[16384];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        if (out)
            buf_add(out, chunk, n);
    int status = pclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

struct buf media_make_flv(const char *args)
{
    struct buf command, flv;
    buf_init(&command, 4096);
    buf_init(&flv, FLV_MAX);
    buf_fmt(&command,
            "ffmpeg -nostdin -hide_banner -loglevel error -threads 1 -fflags +bitexact %s"
            " -flvflags no_duration_filesize -f flv -",
            args);
    assert_int_equal(buf_err(&command), ERR_OK);
    assert_int_equal(run(command.data, &flv), 0);
    assert_int_equal(buf_err(&flv), ERR_OK);
    assert_true(flv.len > 100);
    buf_done(&command);
    return flv;
}

static void check_text(struct recorder *r, struct playlist_check *check, enum playlist_kind kind)
{
    struct bytes *text = playlist_text(r->playlist, kind);
    assert_non_null(text);
    const char *wrong = playlist_check_text(check, (const char *)text->data, text->len);
    if (wrong) {
        print_error("%s\n%s\n", wrong, (const char *)text->data);
        fail();
    }
    bytes_unref(text);
}

static void check_texts(struct recorder *r)
{
    if (!r->ready)
        return;
    check_text(r, r->check, PLAYLIST_LL);
    check_text(r, r->check, PLAYLIST_LL_SKIP);
    if (r->segments)
        check_text(r, r->plain_check, PLAYLIST_PLAIN);
}

static void on_init(void *arg, unsigned version, struct bytes *init, const struct media_info *info)
{
    struct recorder *r = arg;
    assert_true(r->inits_n < RECORDER_INITS_MAX);
    r->inits[r->inits_n++] = bytes_ref(init);
    assert_int_equal(playlist_add_init(r->playlist, version, init, info), ERR_OK);
}

static void on_part(void *arg, const struct media_part *part)
{
    struct recorder *r = arg;
    assert_true(r->n < RECORDER_PARTS_MAX);
    assert_true(part->duration > 0);
    if (r->n) {
        const struct media_part *last = &r->parts[r->n - 1];
        assert_true(part->start >= last->start + last->duration);
        if (part->msn == last->msn)
            assert_int_equal(part->index, last->index + 1);
        else
            assert_int_equal(part->msn, last->msn + 1);
    }
    r->parts[r->n] = *part;
    bytes_ref(r->parts[r->n++].bytes);
    assert_int_equal(playlist_add_part(r->playlist, part), ERR_OK);
    check_texts(r);
}

static void on_segment_end(void *arg, uint64_t msn, const struct packager_resume *next)
{
    struct recorder *r = arg;
    assert_int_equal(next->msn, msn + 1);
    assert_int_equal(msn, r->parts[r->n - 1].msn);
    r->resume = *next;
    r->segments++;
    playlist_end_segment(r->playlist, msn);
    check_texts(r);
}

static void on_ready(void *arg, unsigned target_s, int64_t part_target)
{
    struct recorder *r = arg;
    assert_false(r->ready);
    r->ready = true;
    r->target_s = target_s;
    r->part_target = part_target;
    const struct media_part *last = &r->parts[r->n - 1];
    r->ready_at = last->start + last->duration - r->parts[0].start;
    playlist_ready(r->playlist, target_s, part_target);
    check_texts(r);
}

void recorder_init(struct recorder *r, const struct packager_opts *opts)
{
    static const struct packager_sink sink = {on_init, on_part, on_segment_end, on_ready};
    memset(r, 0, sizeof *r);
    r->packager = packager_make(opts, &sink, r);
    r->playlist = playlist_make(&(struct playlist_opts){.first_msn = opts->resume.msn});
    r->check = playlist_check_make();
    r->plain_check = playlist_check_make();
    r->now_ms = WALL_MS * 1000LL;
    assert_non_null(r->packager);
    assert_non_null(r->playlist);
    playlist_begin_at(r->playlist, opts->resume.discontinuity);
}

void recorder_done(struct recorder *r)
{
    packager_free(r->packager);
    playlist_free(r->playlist);
    playlist_check_free(r->check);
    playlist_check_free(r->plain_check);
    for (unsigned i = 0; i < r->n; i++)
        bytes_unref(r->parts[i].bytes);
    for (unsigned i = 0; i < r->inits_n; i++)
        bytes_unref(r->inits[i]);
}

void recorder_take(struct recorder *r, enum flv_type type, uint32_t ts_ms, const uint8_t *body,
                   size_t len)
{
    assert_int_equal(packager_take(r->packager, type, ts_ms, body, len, r->now_ms), ERR_OK);
}

void recorder_feed(struct recorder *r, const struct buf *flv, uint32_t from_ms, uint32_t to_ms,
                   int64_t shift_ms)
{
    size_t at = 0;
    struct flv_tag tag;
    int64_t begin = r->now_ms;
    while (flv_file_next((const uint8_t *)flv->data, flv->len, &at, &tag) == ERR_OK) {
        bool header = tag.type == FLV_SCRIPT || (tag.len > 1 && tag.body[1] == 0);
        if ((tag.ts_ms < from_ms && !header) || tag.ts_ms >= to_ms)
            continue;
        uint32_t stamp = tag.ts_ms < from_ms ? from_ms : tag.ts_ms;
        int64_t now = begin + stamp - from_ms;
        r->now_ms = now > r->now_ms ? now : r->now_ms;
        recorder_take(r, tag.type, (uint32_t)(stamp + shift_ms), tag.body, tag.len);
    }
}

/* The recording of one init version as a file; the caller unlinks it. */
static void write_file(const struct recorder *r, unsigned version, char path[64])
{
    (void)snprintf(path, 64, "/tmp/nm-media-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unsigned first = r->parts[0].init;
    version = version ? version : first;
    assert_true(version - first < r->inits_n);
    const struct bytes *init = r->inits[version - first];
    assert_int_equal(write(fd, init->data, init->len), init->len);
    for (unsigned i = 0; i < r->n; i++) {
        if (r->parts[i].init != version)
            continue;
        const struct bytes *b = r->parts[i].bytes;
        assert_int_equal(write(fd, b->data, b->len), b->len);
    }
    assert_int_equal(close(fd), 0);
}

struct packet {
    bool video, key;
    double pts, dts, duration;
};

static bool read_packet(const char *line, struct packet *p)
{
    char type[16], flags[16];
    /* codec_type,pts_time,dts_time,duration_time,flags */
    if (sscanf(line, "%15[a-z],%lf,%lf,%lf,%15s", type, &p->pts, &p->dts, &p->duration, flags) != 5)
        return false;
    p->video = strcmp(type, "video") == 0;
    p->key = flags[0] == 'K';
    return true;
}

static void add_packet(struct probe_track *t, const struct packet *p, double *last_dts,
                       double *last_end)
{
    double end = p->pts + p->duration;
    if (!t->packets || p->pts < t->start_s)
        t->start_s = p->pts;
    if (!t->packets || end > t->end_s)
        t->end_s = end;
    if (t->packets) {
        double gap = p->dts - *last_end;
        t->gap_s = gap > t->gap_s ? gap : t->gap_s;
        t->overlap_s = -gap > t->overlap_s ? -gap : t->overlap_s;
        t->backward += p->dts <= *last_dts;
    }
    t->packets++;
    t->keys += p->key;
    *last_dts = p->dts;
    *last_end = p->dts + p->duration;
}

struct probe recorder_probe(const struct recorder *r, unsigned version)
{
    char path[64], command[256];
    write_file(r, version, path);
    (void)snprintf(command, sizeof command,
                   "ffprobe -v error -show_entries packet=codec_type,pts_time,dts_time,"
                   "duration_time,flags -of csv=p=0 %s",
                   path);
    struct buf out;
    buf_init(&out, FLV_MAX);
    assert_int_equal(run(command, &out), 0);
    struct probe probe = {0};
    double last_dts[2] = {0}, last_end[2] = {0};
    for (char *line = out.data, *end; line && *line; line = end) {
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        struct packet p;
        if (read_packet(line, &p))
            add_packet(p.video ? &probe.video : &probe.audio, &p, &last_dts[p.video],
                       &last_end[p.video]);
    }
    buf_done(&out);
    assert_int_equal(unlink(path), 0);
    return probe;
}

unsigned recorder_decode_complaints(const struct recorder *r, unsigned version)
{
    char path[64], command[256];
    write_file(r, version, path);
    (void)snprintf(
        command, sizeof command,
        "ffmpeg -nostdin -v warning -xerror -i %s -fps_mode passthrough -f null - 2>&1 | wc -l",
        path);
    struct buf out;
    buf_init(&out, 4096);
    assert_int_equal(run(command, &out), 0);
    unsigned lines = (unsigned)strtoul(out.data, NULL, 10);
    buf_done(&out);
    assert_int_equal(unlink(path), 0);
    return lines;
}

void probe_assert_whole(const struct probe_track *t, unsigned packets)
{
    assert_int_equal(t->packets, packets);
    assert_int_equal(t->backward, 0);
    assert_true(t->gap_s < 0.0021);
    assert_true(t->overlap_s < 0.0021);
}

void recorder_assert_no_discontinuity(const struct recorder *r)
{
    assert_int_equal(playlist_check_seen(r->check)->discontinuities, 0);
    assert_int_equal(r->inits_n, 1);
}

double recorder_part_s(const struct recorder *r)
{
    return (double)r->part_target / MEDIA_HZ;
}

/* All parts but the last of a segment last exactly the part target. */
void recorder_assert_even_parts(const struct recorder *r)
{
    for (unsigned i = 0; i + 1 < r->n; i++)
        if (r->parts[i + 1].msn == r->parts[i].msn)
            assert_int_equal(r->parts[i].duration, r->part_target);
}
