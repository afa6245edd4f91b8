#include "net/static.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/text.h"
#include "net/http.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_LEN = 256, DEPTH_MAX = 16, ETAG_TEXT = 36, HASH_CHARS = 8 };

/* One encoding of a file. */
struct form {
    struct bytes *bytes; /* NULL: there is none */
    char etag[ETAG_TEXT];
};

enum { PLAIN, BR, GZ, FORMS };

struct file {
    char path[PATH_LEN];
    const char *type;
    bool immutable;
    struct form forms[FORMS];
};

struct static_files {
    size_t n, cap;
    struct file *at; /* by path */
    uint64_t bytes;
};

/* ---- names ---- */

const char *static_type(const char *name)
{
    static const char *const types[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"map", "application/json"},
        {"webmanifest", "application/manifest+json"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"webp", "image/webp"},
        {"avif", "image/avif"},
        {"gif", "image/gif"},
        {"ico", "image/x-icon"},
        {"woff2", "font/woff2"},
        {"woff", "font/woff"},
        {"ttf", "font/ttf"},
        {"txt", "text/plain; charset=utf-8"},
        {"md", "text/markdown; charset=utf-8"},
        {"yaml", "application/yaml"},
        {"xml", "application/xml"},
        {"pdf", "application/pdf"},
        {"wasm", "application/wasm"},
        {"m3u8", "application/vnd.apple.mpegurl"},
        {"mp4", "video/mp4"},
        {"m4s", "video/iso.segment"},
        {"webm", "video/webm"},
        {"mp3", "audio/mpeg"},
        {"vtt", "text/vtt; charset=utf-8"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
        if (strcasecmp(dot + 1, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

/* assets/name-B1x9fQ2a.js: eight characters of hash, not all lower-case letters. */
static bool has_hash(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (strncmp(path, "assets/", 7) != 0 || !dot || dot - path < HASH_CHARS + 1)
        return false;
    const char *hash = dot - HASH_CHARS;
    bool mixed = false;
    if (hash[-1] != '-' && hash[-1] != '.')
        return false;
    for (const char *s = hash; s < dot; s++) {
        bool lower = *s >= 'a' && *s <= 'z';
        bool other = (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '_' || *s == '-';
        if (!lower && !other)
            return false;
        mixed = mixed || other;
    }
    return mixed;
}

/* ---- reading ---- */

struct reader {
    struct static_files *files;
    char path[PATH_LEN]; /* of what is being read, below the directory */
    char *why;
};

static enum err fail(const struct reader *r, enum err e, const char *what)
{
    (void)snprintf(r->why, STATIC_WHY, "%s: '%s'", what, r->path);
    return e;
}

static struct bytes *read_whole(int fd, size_t size)
{
    struct bytes *b = bytes_make(NULL, size);
    for (size_t got = 0; b && got < size;) {
        ssize_t n = read(fd, b->data + got, size - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            bytes_unref(b);
            return NULL;
        }
        got += (size_t)n;
    }
    return b;
}

static void set_form(struct form *f, struct bytes *b)
{
    unsigned char hash[SHA256_LEN];
    char hex[33];
    crypto_sha256(b->data, b->len, hash);
    crypto_hex(hash, 16, hex);
    f->bytes = b;
    (void)snprintf(f->etag, sizeof f->etag, "\"%s\"", hex);
}

static struct file *add_file(struct static_files *fs)
{
    if (fs->n == fs->cap) {
        size_t cap = fs->cap ? fs->cap * 2 : 64;
        struct file *at = realloc(fs->at, cap * sizeof *at);
        if (!at)
            return NULL;
        fs->at = at;
        fs->cap = cap;
    }
    struct file *f = &fs->at[fs->n++];
    memset(f, 0, sizeof *f);
    return f;
}

static enum err read_file(struct reader *r, int fd, off_t size)
{
    struct static_files *fs = r->files;
    if (fs->n == STATIC_FILES_MAX || (uint64_t)size > STATIC_BYTES_MAX - fs->bytes)
        return fail(r, ERR_TOO_LARGE, "too many or too large files to serve, at");
    struct bytes *b = read_whole(fd, (size_t)size);
    if (!b)
        return fail(r, ERR_IO, "cannot read");
    struct file *f = add_file(fs);
    if (!f) {
        bytes_unref(b);
        return fail(r, ERR_NO_MEMORY, "out of memory at");
    }
    fs->bytes += (uint64_t)size;
    (void)text_copy(f->path, sizeof f->path, r->path);
    f->type = static_type(f->path);
    f->immutable = has_hash(f->path);
    set_form(&f->forms[PLAIN], b);
    return ERR_OK;
}

static enum err read_dir(struct reader *r, int fd, int depth);

/* Regular files and folders; links, sockets and dot files are left out. */
static enum err read_entry(struct reader *r, int dir, const char *name, int depth)
{
    size_t len = strlen(r->path);
    int n = snprintf(r->path + len, sizeof r->path - len, "%s%s", len ? "/" : "", name);
    if (n < 0 || (size_t)n >= sizeof r->path - len)
        return fail(r, ERR_TOO_LARGE, "too long a path");
    enum err e = ERR_OK;
    struct stat st;
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno != ELOOP)
        e = fail(r, ERR_IO, "cannot open");
    else if (fd >= 0 && fstat(fd, &st))
        e = fail(r, ERR_IO, "cannot look at");
    else if (fd >= 0 && S_ISREG(st.st_mode))
        e = read_file(r, fd, st.st_size);
    else if (fd >= 0 && S_ISDIR(st.st_mode))
        e = depth < DEPTH_MAX ? read_dir(r, fd, depth + 1)
                              : fail(r, ERR_TOO_LARGE, "too deep a folder");
    if (fd >= 0)
        (void)close(fd);
    r->path[len] = '\0';
    return e;
}

static enum err read_dir(struct reader *r, int fd, int depth)
{
    DIR *dir = fdopendir(dup(fd));
    if (!dir)
        return fail(r, ERR_IO, "cannot list");
    enum err e = ERR_OK;
    struct dirent *d;
    while (!e && (d = readdir(dir))) /* NOLINT(concurrency-mt-unsafe): a DIR of our own */
        if (d->d_name[0] != '.')
            e = read_entry(r, fd, d->d_name, depth);
    (void)closedir(dir);
    return e;
}

/* ---- putting it in order ---- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static struct file *find(const struct static_files *fs, const char *path)
{
    size_t lo = 0, hi = fs->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int c = strcmp(path, fs->at[mid].path);
        if (!c)
            return &fs->at[mid];
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

/* "a.js.br" is a form of "a.js", when that exists; then it is no file of its own. */
static void join_forms(struct static_files *fs)
{
    static const char *const endings[FORMS] = {[BR] = ".br", [GZ] = ".gz"};
    size_t kept = 0;
    for (size_t i = 0; i < fs->n; i++)
        for (int form = BR; form < FORMS; form++) {
            struct file *f = &fs->at[i];
            if (!text_has_suffix(f->path, endings[form]))
                continue;
            char base[PATH_LEN];
            (void)text_copy(base, sizeof base, f->path);
            base[strlen(base) - strlen(endings[form])] = '\0';
            struct file *of = find(fs, base);
            if (!of)
                continue;
            of->forms[form] = f->forms[PLAIN];
            f->forms[PLAIN].bytes = NULL;
        }
    for (size_t i = 0; i < fs->n; i++)
        if (fs->at[i].forms[PLAIN].bytes)
            fs->at[kept++] = fs->at[i];
    fs->n = kept;
}

enum err static_load(const char *dir, char why[STATIC_WHY], struct static_files **ret_files)
{
    struct static_files *fs = calloc(1, sizeof *fs);
    struct reader r = {.files = fs, .why = why};
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err e = fs ? ERR_OK : ERR_NO_MEMORY;
    if (!e && fd < 0) {
        (void)snprintf(why, STATIC_WHY, "cannot open folder '%.200s'", dir);
        e = ERR_IO;
    }
    if (!e)
        e = read_dir(&r, fd, 0);
    if (fd >= 0)
        (void)close(fd);
    if (e) {
        static_free(fs);
        return e;
    }
    if (fs->n)
        qsort(fs->at, fs->n, sizeof *fs->at, by_path);
    join_forms(fs);
    *ret_files = fs;
    return ERR_OK;
}

void static_free(struct static_files *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n; i++)
        for (int form = 0; form < FORMS; form++)
            bytes_unref(f->at[i].forms[form].bytes);
    free(f->at);
    free(f);
}

/* ---- serving ---- */

/* Is `coding` in Accept-Encoding, with a weight above 0? (RFC 9110 12.5.3) */
static bool accepts(const char *list, const char *coding)
{
    size_t want = strlen(coding);
    for (const char *s = list; s && *s;) {
        s += strspn(s, " \t,");
        size_t item = strcspn(s, ","), name = strcspn(s, " \t;,");
        if (name == want && strncasecmp(s, coding, want) == 0) {
            const char *q = memchr(s, '=', item);
            return !q || strtod(q + 1, NULL) > 0;
        }
        s += item;
    }
    return false;
}

static int choose(const struct file *f, const struct http_req *req)
{
    const char *list = http_header(req, "accept-encoding");
    if (f->forms[BR].bytes && accepts(list, "br"))
        return BR;
    if (f->forms[GZ].bytes && accepts(list, "gzip"))
        return GZ;
    return PLAIN;
}

bool static_has(const struct static_files *f, const char *path)
{
    return find(f, path) != NULL;
}

void static_serve(const struct static_files *f, struct http_req *req, const char *path)
{
    const struct file *file = find(f, *path ? path : "index.html");
    if (!file) {
        http_fail(req, ERR_NOT_FOUND, "no such file");
        return;
    }
    int form = choose(file, req);
    if (form)
        http_add(req, "Content-Encoding", form == BR ? "br" : "gzip");
    else
        http_ranges(req);
    if (file->forms[BR].bytes || file->forms[GZ].bytes)
        http_add(req, "Vary", "Accept-Encoding");
    http_add(req, "Cache-Control",
             file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    http_add(req, "X-Content-Type-Options", "nosniff");
    http_etag(req, file->forms[form].etag);
    http_send_bytes(req, 200, file->type, file->forms[form].bytes);
}
