/*
 * camera - a broadcaster for tests: frames that carry the wall clock, a tone with a beep each
 * second, encoded by ffmpeg and published in real time.
 *
 *   camera [options] URL       rtmp://… or rtmps://… or a file ffmpeg can write as FLV
 *   camera [options] --raw     planar YUV 4:2:0 on standard output, no ffmpeg
 *
 * It ends with --seconds, on SIGTERM or SIGINT (0), or when ffmpeg ends (ffmpeg's status).
 */
#include "base/clock.h"
#include "base/text.h"
#include "picture.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char USAGE[] =
    "usage: camera [--size 720x1280] [--fps 30] [--gop SECONDS] [--bframes N] [--bitrate KBPS]\n"
    "              [--seconds N] [--preset NAME] [--no-audio] (--raw | URL)\n";

struct ask {
    int64_t width, height, fps, gop_s, bframes, kbps, seconds;
    const char *preset, *url;
    bool raw, audio;
};

static volatile sig_atomic_t ending;

static void on_end(int sig)
{
    (void)sig;
    ending = 1;
}

static bool read_size(const char *text, struct ask *a)
{
    char side[8];
    size_t n = strcspn(text, "x");
    if (n >= sizeof side || text[n] != 'x')
        return false;
    memcpy(side, text, n);
    side[n] = '\0';
    return text_i64(side, 64, 4096, &a->width) == ERR_OK &&
           text_i64(text + n + 1, 64, 4096, &a->height) == ERR_OK;
}

static bool read_options(int argc, char **argv, struct ask *a)
{
    static const struct option options[] = {{"size", 1, 0, 's'},     {"fps", 1, 0, 'f'},
                                            {"gop", 1, 0, 'g'},      {"bframes", 1, 0, 'b'},
                                            {"bitrate", 1, 0, 'k'},  {"seconds", 1, 0, 't'},
                                            {"preset", 1, 0, 'p'},   {"raw", 0, 0, 'r'},
                                            {"no-audio", 0, 0, 'n'}, {0}};
    bool ok = true;
    int o;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread is there yet
    while (ok && (o = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (o) {
        case 's': ok = read_size(optarg, a); break;
        case 'f': ok = text_i64(optarg, 1, 120, &a->fps) == ERR_OK; break;
        case 'g': ok = text_i64(optarg, 1, 60, &a->gop_s) == ERR_OK; break;
        case 'b': ok = text_i64(optarg, 0, 8, &a->bframes) == ERR_OK; break;
        case 'k': ok = text_i64(optarg, 50, 50000, &a->kbps) == ERR_OK; break;
        case 't': ok = text_i64(optarg, 1, 86400, &a->seconds) == ERR_OK; break;
        case 'p': a->preset = optarg; break;
        case 'r': a->raw = true; break;
        case 'n': a->audio = false; break;
        default: ok = false;
        }
    a->url = optind < argc ? argv[optind] : NULL;
    return ok && (a->raw ? optind == argc : optind + 1 == argc);
}

/* ---- ffmpeg ---- */

enum { WORDS = 64, WORD = 64 };

struct words {
    char *argv[WORDS]; /* nobody writes to them */
    char text[16][WORD];
    size_t n, texts;
};

static void add(struct words *w, const char *word)
{
    if (w->n < WORDS - 1)
        w->argv[w->n++] = (char *)(uintptr_t)word; // NOLINT(performance-no-int-to-ptr): exec's type
}

__attribute__((format(printf, 3, 4))) static void add_value(struct words *w, const char *name,
                                                            const char *format, ...)
{
    va_list ap;
    char *to = w->text[w->texts++];
    va_start(ap, format);
    (void)vsnprintf(to, WORD, format, ap);
    va_end(ap);
    add(w, name);
    add(w, to);
}

static void add_all(struct words *w, const char *const *list)
{
    while (*list)
        add(w, *list++);
}

static const char TONE[] =
    "aevalsrc=0.04*sin(2*PI*220*t)+0.4*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.08):s=48000";

static void command_line(struct words *w, const struct ask *a)
{
    static const char *const head[] = {"ffmpeg",   "-hide_banner", "-nostats", "-loglevel",
                                       "error",    "-fflags",      "nobuffer", "-f",
                                       "rawvideo", "-pix_fmt",     "yuv420p",  NULL};
    static const char *const tone[] = {"-f",   "lavfi", "-i",  TONE, "-c:a",      "aac",
                                       "-b:a", "96k",   "-ac", "2",  "-shortest", NULL};
    int gop = (int)(a->fps * a->gop_s), kbps = (int)a->kbps;
    add_all(w, head);
    add_value(w, "-s", "%dx%d", (int)a->width, (int)a->height);
    add_value(w, "-r", "%d", (int)a->fps);
    add(w, "-i");
    add(w, "pipe:0");
    if (a->audio)
        add_all(w, tone);
    add(w, "-c:v");
    add(w, "libx264");
    add_value(w, "-preset", "%s", a->preset);
    if (a->bframes == 0) {
        add(w, "-tune");
        add(w, "zerolatency");
    }
    add_value(w, "-bf", "%d", (int)a->bframes);
    add_value(w, "-g", "%d", gop);
    add_value(w, "-keyint_min", "%d", gop);
    add_value(w, "-b:v", "%dk", kbps);
    add_value(w, "-maxrate", "%dk", kbps);
    add_value(w, "-bufsize", "%dk", kbps);
    add_value(w, "-sc_threshold", "0");
    add_value(w, "-flvflags", "no_duration_filesize");
    add(w, "-f");
    add(w, "flv");
    add(w, "-y");
    add(w, a->url);
}

static void become_ffmpeg(const struct ask *a, int in)
{
    struct words w = {.n = 0};
    command_line(&w, a);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(in, STDIN_FILENO);
    (void)execvp("ffmpeg", w.argv);
    _exit(127);
}

/* Returns the end to write frames to. */
static int start_ffmpeg(const struct ask *a, pid_t *ret_pid)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    (void)fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    pid_t pid = fork();
    if (pid == 0)
        become_ffmpeg(a, ends[0]);
    (void)close(ends[0]);
    if (pid < 0) {
        (void)close(ends[1]);
        return -1;
    }
    *ret_pid = pid;
    return ends[1];
}

/* ---- frames ---- */

static bool write_all(int fd, const uint8_t *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n <= 0 && !(n < 0 && errno == EINTR && !ending))
            return false;
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static void sleep_until_us(int64_t mono_us)
{
    const struct timespec t = {mono_us / 1000000, mono_us % 1000000 * 1000};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void film(const struct ask *a, struct picture *p, int fd)
{
    int64_t began = clock_mono_us();
    for (int64_t n = 0; !ending && (a->seconds == 0 || n < a->seconds * a->fps); n++) {
        sleep_until_us(began + n * 1000000 / a->fps);
        picture_draw(p, clock_unix_ms());
        if (!write_all(fd, p->yuv, p->len))
            return;
    }
}

static int run(const struct ask *a, struct picture *p)
{
    pid_t pid = 0;
    int status = 0;
    int fd = a->raw ? STDOUT_FILENO : start_ffmpeg(a, &pid);
    if (fd < 0) {
        (void)fprintf(stderr, "camera: ffmpeg cannot be started\n");
        return 1;
    }
    film(a, p, fd);
    if (a->raw)
        return 0;
    (void)close(fd); /* ffmpeg writes what it holds and ends */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return ending ? 0 : WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    struct ask a = {.width = 720,
                    .height = 1280,
                    .fps = 30,
                    .gop_s = 2,
                    .kbps = 2500,
                    .preset = "superfast",
                    .audio = true};
    const struct sigaction end = {.sa_handler = on_end};
    if (!read_options(argc, argv, &a)) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    (void)sigaction(SIGINT, &end, NULL);
    (void)sigaction(SIGTERM, &end, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    struct picture p = picture_make((int)a.width, (int)a.height);
    if (!p.yuv) {
        (void)fprintf(stderr, "camera: no such size\n");
        return 2;
    }
    int code = run(&a, &p);
    picture_done(&p);
    return code;
}
