/* The film is made once, of drawings; then it is sent round and round, with the time of day in it.
 */
#include "base/log.h"
#include "base/text.h"
#include "nightmarket/demo_in.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIN_EVERY_MS = 5000 };

static bool is_there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0;
}

/* build/<preset>/nightmarket stands two folders under the drawings' parent. */
static void find_assets(char out[DEMO_PATH])
{
    char self[DEMO_PATH] = "";
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    (void)snprintf(out, DEMO_PATH, "%.3900s/../../assets/demo",
                   dirname(self)); // NOLINT(concurrency-mt-unsafe)
}

/* film.args: ffmpeg's arguments, one a line; a line that begins with '#' is a comment. */
static enum err read_recipe(struct cx *cx, struct demo_film *f)
{
    char path[DEMO_PATH + 16];
    (void)snprintf(path, sizeof path, "%s/film.args", f->assets);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, f->recipe, sizeof f->recipe - 1);
    if (fd >= 0)
        (void)close(fd);
    if (n <= 0 || n == (ssize_t)sizeof f->recipe - 1)
        return problem(cx, ERR_IO, "%.150s cannot be read", path);
    f->recipe[n] = '\0';
    char *rest = f->recipe;
    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line && *line != '#')
            child_add(&f->maker, line);
    return ERR_OK;
}

enum err demo_film_begin(struct cx *cx, struct demo_film *f, const char *data_dir,
                         const char *log_dir)
{
    find_assets(f->assets);
    (void)snprintf(f->path, sizeof f->path, "%.4000s/film.mp4", data_dir);
    (void)snprintf(f->part, sizeof f->part, "%.4000s/film.part.mp4", data_dir);
    f->maker = (struct child){.name = "film",
                              .folder = f->assets,
                              .log_dir = log_dir,
                              .end_signal = SIGKILL,
                              .once = true};
    child_add(&f->maker, "ffmpeg");
    enum err e = read_recipe(cx, f);
    child_add(&f->maker, "-y");
    child_add(&f->maker, f->part);
    if (e || is_there(f->path))
        return e;
    e = child_start(&f->maker);
    return e ? problem(cx, e, "ffmpeg cannot be started") : ERR_OK;
}

enum err demo_film_ready(struct cx *cx, struct demo_film *f)
{
    (void)child_tick(&f->maker);
    if (f->maker.pid)
        return ERR_BUSY;
    if (f->maker.exit_code > 0)
        return problem(cx, ERR_IO,
                       f->maker.exit_code == 127 ? "ffmpeg is not installed"
                                                 : "ffmpeg could not make the demo film");
    if (!is_there(f->path) && rename(f->part, f->path) != 0)
        return problem(cx, ERR_IO, "film.mp4: %s", strerrordesc_np(errno));
    return ERR_OK;
}

/* ---- on air ---- */

static const char *const read_film[] = {
    "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "warning",
    "-re",    "-stream_loop", "-1",       "-i",        NULL};
static const char *const with_clock[] = {
    "-c:v",     "libx264",  "-preset", "ultrafast", "-tune",       "zerolatency", "-profile:v",
    "main",     "-threads", "1",       "-b:v",      "2500k",       "-maxrate",    "3000k",
    "-bufsize", "3000k",    "-g",      "60",        "-keyint_min", "60",          "-sc_threshold",
    "0",        "-bf",      "0",       "-c:a",      "copy",        NULL};
static const char *const as_it_is[] = {"-c", "copy", NULL};
static const char *const to_flv[] = {
    "-flvflags", "no_duration_filesize", "-tls_verify", "1", "-ca_file", NULL};

static void add_all(struct child *c, const char *const *list)
{
    while (*list)
        child_add(c, *list++);
}

enum err demo_air_begin(struct cx *cx, struct demo_air *a, const struct demo_film *f,
                        const struct demo_api *api, const char *ca)
{
    struct demo_ingest in;
    enum err e = demo_get_ingest(cx, api, a->show, &in);
    if (e)
        return e;
    (void)text_copy(a->url, sizeof a->url, in.url);
    (void)text_copy(a->ca, sizeof a->ca, ca);
    struct child *c = &a->encoder;
    c->name = a->seconds ? "broadcast-first" : "broadcast";
    c->log_dir = f->maker.log_dir;
    c->folder = f->assets; /* where the clock's font is */
    c->end_signal = SIGKILL;
    add_all(c, read_film);
    child_add(c, f->path);
    if (a->clock) {
        child_add(c, "-filter_script:v");
        child_add(c, "clock.filter");
    }
    add_all(c, a->clock ? with_clock : as_it_is);
    add_all(c, to_flv);
    child_add(c, a->ca);
    child_add(c, "-f");
    child_add(c, "flv");
    child_add(c, a->url);
    return child_start(c) ? problem(cx, ERR_IO, "ffmpeg cannot be started") : ERR_OK;
}

static bool over(const char *state)
{
    static const char *const words[] = {"ended", "replay_ready", "cancelled", "archived"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], state) == 0)
            return true;
    return false;
}

/*
 * The first of the run order when the show begins; a person in the studio does the rest. A short
 * show goes through all of them: its replay has chapters then.
 */
static void pin(struct cx *cx, struct demo_air *a, const struct demo_api *api)
{
    if (a->pins && (!a->seconds || cx->now_ms < a->next_pin_ms))
        return;
    if (demo_pin(cx, api, a->show, a->pins, !a->seconds))
        log_warn("nothing is held into the camera", LOG_S("show", a->show),
                 LOG_S("why", cx->problem));
    a->pins++;
    a->next_pin_ms = cx->now_ms + PIN_EVERY_MS;
}

void demo_air_tick(struct cx *cx, struct demo_air *a, const struct demo_api *api)
{
    struct demo_show s;
    enum err e = ERR_OK;
    if (a->over || !a->encoder.name)
        return;
    bool gone = child_tick(&a->encoder);
    if (demo_get_show(cx, api, a->show, &s) != ERR_OK)
        return;
    if (gone && !over(s.state)) /* the engine hangs up on who broadcasts to a show that is over */
        log_warn("the encoder has ended", LOG_S("show", a->show),
                 LOG_I("status", a->encoder.exit_code));
    bool live = strcmp(s.state, "live") == 0;
    if (strcmp(s.state, "backstage") == 0)
        e = demo_run_show(cx, api, a->show, "go-live");
    else if (live && a->seconds && cx->now_ms - s.live_started_ms > a->seconds * 1000)
        e = demo_run_show(cx, api, a->show, "end");
    if (live)
        pin(cx, a, api);
    if (e)
        log_warn("the show cannot be moved on", LOG_S("show", a->show), LOG_S("why", cx->problem));
    if (over(s.state)) {
        child_stop(&a->encoder, 1000);
        a->over = true;
        if (!a->seconds)
            (void)printf("  the show is over; the next start of the demo brings a new one\n");
        (void)fflush(stdout);
    }
    if (live && !a->told) {
        a->told = true;
        (void)printf("  on air: %s/s/%s\n", api->base, a->show);
        (void)fflush(stdout);
    }
}
