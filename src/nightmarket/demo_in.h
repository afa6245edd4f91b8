/*
 * demo_in - the parts of `nightmarket demo`. Private to nightmarket.
 *
 * Shape:   the demo starts streamd, sandboxd, `nightmarket serve` and ffmpeg as children, fills the
 * database, and then acts as the shop's owner over the HTTP API, as a person in the studio would.
 * Folder:  everything lies in one data folder: demo.json (0600), film.mp4, log/, streamd/ and the
 *          database; a second run finds it all again.
 * Thread:  the program's first.
 */
#pragma once
#include "base/cx.h"
#include "base/id.h"
#include <limits.h>
#include <sys/types.h>

struct app;
struct room;

enum { DEMO_PATH = PATH_MAX, DEMO_HOST = 64, DEMO_URL = 512, DEMO_WORD = 80 };

/* ---- what is kept between runs (demo_keep.c) ---- */

struct demo_keep {
    char account[33], token[49]; /* of streamd */
    char password[32];           /* of the owner */
    int http, stream, rtmp, rtmps, sandbox, smtp;
    char host[DEMO_HOST];
    char show[ID_TEXT]; /* on air the last time; "" */
    int round;          /* how many shows there have been */
    bool fresh;         /* made by this run */
};

/* `path` is demo.json; absent: fresh secrets and the default ports. ERR_IO, ERR_INPUT. */
enum err demo_keep_read(struct cx *cx, const char *path, struct demo_keep *ret) NODISCARD;
enum err demo_keep_write(struct cx *cx, const char *path, const struct demo_keep *k) NODISCARD;

/* ---- addresses (demo_net.c) ---- */

/* Keeps ports that are free on `host`, and says so where it takes another. ERR_IO. */
enum err demo_pick_ports(struct cx *cx, const char *host, struct demo_keep *k) NODISCARD;
/* This machine's address in the local network, IPv4: "192.168.1.5". ERR_NOT_FOUND: it has none. */
enum err demo_lan_address(struct cx *cx, char out[DEMO_HOST]) NODISCARD;

/* ---- gateways (demo_pay.c) ---- */

/*
 * Variables of sandboxd and of the shop that it pays: it listens at `listen`, browsers reach it at
 * `host`. Before any thread is there.
 */
void demo_pay_variables(const struct demo_keep *k, const char *host, const char *listen);

/* ---- signing in (demo_line.c) ---- */

/* LINE's sandbox and the shop that asks it, at `host`. Before any thread is there. */
void demo_line_variables(const struct demo_keep *k, const char *host);

/* ---- messages (demo_mail.c) ---- */

/* Mail and push of the shop end at sandboxd. Before any thread is there. */
void demo_mail_variables(const struct demo_keep *k);

/* ---- children (demo_child.c) ---- */

enum { CHILD_ARGS = 160 };

struct child {
    const char *name;
    char *argv[CHILD_ARGS];  /* nobody writes to them */
    const char *folder;      /* its working directory, or NULL */
    const char *log_dir;     /* its output goes to <log_dir>/<name>.log */
    int end_signal;          /* asks it to end; also sent when this program dies */
    bool once;               /* an exit is final, not to be mended */
    pid_t pid;               /* 0: not running */
    int exit_code;           /* of the last run: 128 + n after signal n; -1: never ended */
    int64_t began_ms, at_ms; /* monotonic: last start; when to start again, 0: not to */
    int failures;            /* in a row */
};

void child_add(struct child *c, const char *arg);
/* ERR_IO: no process to be had. Starting what runs is fine. */
enum err child_start(struct child *c) NODISCARD;
/* Notices an end; starts again after 0.5 s, doubling to 10 s. true: it has just ended. */
bool child_tick(struct child *c);
/* Asks it to end, waits up to `patience_ms`, then kills. It is not started again. */
void child_stop(struct child *c, int64_t patience_ms);
/* The last lines of its log on standard error. */
void child_show_log(const struct child *c);

/* ---- the shop (demo_seed.c) ---- */

#define DEMO_EMAIL "owner@demo.local"

/* What the shop sells (demo_goods.c): prd_demo_bag, _mug, _tea, _mango, _scarf, _bundle. */
enum err demo_goods(struct app *a, int64_t shop_id, int64_t owner) NODISCARD;

struct demo_seed {
    bool phone;       /* a show that a real phone may broadcast */
    bool ports_moved; /* URLs of the show that was on air lead nowhere now */
    char phone_show[ID_TEXT];
    char first_show[ID_TEXT]; /* short, to become a replay; "" when there is one already */
};
/*
 * The shop, its owner and the shows, where they are not there yet; start times that have passed are
 * moved on. keep->show is the show to go on air with. `a` has settings and no store: this opens and
 * closes it.
 */
enum err demo_fill(struct app *a, struct demo_keep *keep, struct demo_seed *seed) NODISCARD;

/* ---- the owner's hands (demo_api.c) ---- */

struct demo_api {
    char base[128]; /* "http://127.0.0.1:8080" */
    char cookie[128], csrf[64];
};

/* Does a GET of this URL give 200 now? */
bool demo_answers(const char *url);
enum err demo_sign_in(struct cx *cx, struct demo_api *api, const char *password) NODISCARD;

struct demo_show {
    char state[DEMO_WORD];
    bool connected;
    int64_t live_started_ms;
};
enum err demo_get_show(struct cx *cx, const struct demo_api *api, const char *show,
                       struct demo_show *ret) NODISCARD;
/* What an encoder needs: URL with key, and the link for phones. Secrets. */
struct demo_ingest {
    char url[DEMO_URL], grove[4 * DEMO_URL];
};
enum err demo_get_ingest(struct cx *cx, const struct demo_api *api, const char *show,
                         struct demo_ingest *ret) NODISCARD;
/* "go-live", "end" */
enum err demo_run_show(struct cx *cx, const struct demo_api *api, const char *show,
                       const char *verb) NODISCARD;
/* Holds the nth of the run order into the camera; `first` only if nothing is. */
enum err demo_pin(struct cx *cx, const struct demo_api *api, const char *show, size_t nth,
                  bool first) NODISCARD;

/* ---- the film (demo_film.c) ---- */

struct demo_film {
    char assets[DEMO_PATH]; /* folder of the drawings */
    char path[DEMO_PATH];   /* of the finished film */
    char part[DEMO_PATH];   /* while it is being made */
    char recipe[16384];     /* text of the arguments below */
    struct child maker;
};
/* Starts making the film where there is none. ERR_IO: the drawings are not there. */
enum err demo_film_begin(struct cx *cx, struct demo_film *f, const char *data_dir,
                         const char *log_dir) NODISCARD;
/* ERR_BUSY: not yet; ERR_IO: it failed. */
enum err demo_film_ready(struct cx *cx, struct demo_film *f) NODISCARD;

/* A broadcast of the film to one show. */
struct demo_air {
    const char *show;
    int64_t seconds; /* 0: for ever; else the show is ended then */
    bool clock;      /* with the time of day in the picture */
    bool over, told;
    size_t pins; /* how many listings were held up */
    int64_t next_pin_ms;
    char url[DEMO_URL], filter[DEMO_URL + DEMO_PATH], ca[DEMO_PATH];
    struct child encoder;
};
/* After demo_film_ready() and with a->show set. */
enum err demo_air_begin(struct cx *cx, struct demo_air *a, const struct demo_film *f,
                        const struct demo_api *api, const char *ca) NODISCARD;
/* About once a second: the encoder runs, the show goes live, and ends when its time is over. */
void demo_air_tick(struct cx *cx, struct demo_air *a, const struct demo_api *api);

/* ---- codes for phones (demo_qr.c) ---- */

/* In half blocks, dark on light, on standard output. Nothing where the text is too long. */
void demo_print_qr(const char *text);
