#include "base/sandbox.h"
#include "streamd-media/sandbox_in.h"
#include "streamd-media/source_in.h"
#include "streamd-media/tasks.h"

#include <fcntl.h>
#include <libavutil/cpu.h>
#include <libavutil/log.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct command {
    bool probe;
    struct thumbnail_ask ask;
    const char *file; /* NULL: stdin */
};

static bool read_time(const char *text, double *ret_s)
{
    char *end;
    double s = strtod(text, &end);
    if (end == text || *end || !isfinite(s) || s < 0 || s > 1e6)
        return false;
    *ret_s = s;
    return true;
}

static bool read_side(const char *text, unsigned *ret_side)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (end == text || *end || n < SIDE_MIN || n > SIDE_MAX)
        return false;
    *ret_side = (unsigned)n;
    return true;
}

static bool read_fit(const char *text, enum fit *ret_fit)
{
    static const char *const names[] = {
        [FIT_CROP] = "crop", [FIT_CLIP] = "clip", [FIT_SCALE] = "scale", [FIT_FILL] = "fill"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret_fit = (enum fit)i;
            return true;
        }
    }
    return false;
}

static bool read_option(const char *name, const char *value, struct thumbnail_ask *ask)
{
    if (strcmp(name, "--time") == 0)
        return read_time(value, &ask->time_s);
    if (strcmp(name, "--width") == 0)
        return read_side(value, &ask->width);
    if (strcmp(name, "--height") == 0)
        return read_side(value, &ask->height);
    return strcmp(name, "--fit") == 0 && read_fit(value, &ask->fit);
}

static bool read_command(int argc, char **argv, struct command *c)
{
    if (argc < 2)
        return false;
    c->probe = strcmp(argv[1], "probe") == 0;
    if (!c->probe && strcmp(argv[1], "thumbnail") != 0)
        return false;
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            if (c->probe || i + 1 == argc || !read_option(argv[i], argv[i + 1], &c->ask))
                return false;
            i++;
        } else if (!c->file) {
            c->file = argv[i];
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct command c = {0};
    if (!sandbox_shut()) {
        complain("cannot close the sandbox");
        return EXIT_MACHINE;
    }
    if (!read_command(argc, argv, &c)) {
        complain("usage: streamd-media thumbnail [--time S] [--width W] [--height H]"
                 " [--fit crop|clip|scale|fill] [FILE], or streamd-media probe [FILE]");
        return EXIT_USAGE;
    }
    int fd = c.file ? open(c.file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (fd < 0) {
        complain("cannot open the file");
        return EXIT_INPUT;
    }
    av_log_set_level(AV_LOG_QUIET);
    if (av_cpu_count() < 1 || !decoder_close()) {
        complain("cannot close the sandbox");
        return EXIT_MACHINE;
    }
    struct source s;
    source_init(&s, fd);
    enum exit_code code = source_open(&s);
    if (!code)
        code = c.probe ? probe_run(&s) : thumbnail_run(&s, &c.ask);
    source_done(&s);
    return (int)code;
}
