/* An upload: announced, received, looked at, made into sizes, forgotten. */
#include "base/arena.h"
#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "cloud/file_store.h"
#include "files/files.sql.h"
#include "files/files_in.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LATE_MS = 10 * 60 * 1000,      /* an upload that began in time may take so long */
    TOLD_MS = 24 * 60 * 60 * 1000, /* who asks for a refused file hears why */
    READY_MS = 60 * 1000,          /* its upload is deleted at once; if not, swept later */
    SWEEP_MAX = 50,
    SIGNATURE_TEXT = 48
};

#define FOR_EVER "public, max-age=31536000, immutable"

/* ---- announced ---- */

static enum err check_ask(struct cx *cx, const struct file_ask *ask)
{
    static const char *const types[] = {"image/jpeg", "image/png",  "image/webp",
                                        "image/heic", "image/heif", "image/avif"};
    bool known = false;
    if (strcmp(ask->purpose, "product") != 0 && strcmp(ask->purpose, "cover") != 0)
        return problem(cx, ERR_INPUT, "'purpose' must be product or cover");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        known = known || strcmp(ask->mime, types[i]) == 0;
    if (!known)
        return problem(cx, ERR_INPUT, "%s", picture_refusal(PICTURE_TYPE));
    if (ask->bytes < 1)
        return problem(cx, ERR_INPUT, "'bytes' must be the size of the picture");
    return ask->bytes <= PICTURE_BYTES_MAX
               ? ERR_OK
               : problem(cx, ERR_INPUT, "%s", picture_refusal(PICTURE_BYTES));
}

struct begin_job {
    const struct file_ask *ask;
    int64_t id;
    char public_id[ID_TEXT], upload_key[ID_TEXT];
};

static enum err begin_run(struct tx *tx, void *arg)
{
    struct begin_job *j = arg;
    int64_t waiting = 0, until = tx->cx->now_ms + FILES_UPLOAD_MS + LATE_MS;
    enum err e = db_i64(tx->db, &SQL_file_count_waiting, ARGS(V(j->ask->shop_id)), &waiting);
    if (e)
        return e;
    if (waiting >= FILES_WAITING_MAX)
        return problem(tx->cx, ERR_SLOW_DOWN, "too many uploads of this shop are not finished yet");
    return db_do(tx->db, &SQL_file_insert,
                 ARGS(V(j->id), V(j->public_id), V(j->ask->shop_id), V(j->ask->purpose),
                      V(j->ask->mime), V(j->ask->bytes), V(j->upload_key), V(j->ask->by_id),
                      V(tx->cx->now_ms), V(until)),
                 NULL);
}

static void sign_address(const struct files *f, const char *public_id, const char *exp,
                         int64_t bytes, const char *mime, char out[SIGNATURE_TEXT])
{
    unsigned char mac[SHA256_LEN];
    char text[200];
    int n = snprintf(text, sizeof text, "PUT\n%.50s\n%.24s\n%lld\n%.40s", public_id, exp,
                     (long long)bytes, mime);
    crypto_hmac_sha256(f->sign_key, sizeof f->sign_key, text, (size_t)n, mac);
    crypto_base64url_text(mac, sizeof mac, out);
}

static enum err address_of(struct files *f, struct cx *cx, const struct file *file,
                           struct file_upload *ret_upload)
{
    struct file_upload up = {.expires_ms = cx->now_ms + FILES_UPLOAD_MS};
    struct s3 *s3 = file_store_s3(f->set.objects);
    enum err e = ERR_OK;
    if (s3) {
        const struct s3_presign ask = {.method = "PUT",
                                       .key = file->upload_key,
                                       .seconds = FILES_UPLOAD_MS / 1000,
                                       .type = file->mime,
                                       .length = file->bytes};
        e = s3_presign(s3, cx, &ask, &up.url);
    } else {
        char exp[24], sig[SIGNATURE_TEXT];
        (void)snprintf(exp, sizeof exp, "%lld", (long long)up.expires_ms);
        sign_address(f, file->public_id, exp, file->bytes, file->mime, sig);
        up.url = arena_fmt(cx->arena, "/api/v1/uploads/%s/body?exp=%s&sig=%s", file->public_id, exp,
                           sig);
    }
    if (!e && !up.url)
        e = ERR_NO_MEMORY;
    if (!e)
        *ret_upload = up;
    return e;
}

enum err files_begin(struct files *f, struct cx *cx, const struct file_ask *ask,
                     struct file *ret_file, struct file_upload *ret_upload)
{
    struct begin_job j = {.ask = ask, .id = id_next()};
    char random[33];
    enum err e = check_ask(cx, ask);
    if (e)
        return e;
    id_make("fil", j.public_id);
    crypto_random_hex(random, 32);
    (void)snprintf(j.upload_key, sizeof j.upload_key, "in/%s", random);
    struct file file = {.id = j.id,
                        .public_id = arena_dup(cx->arena, j.public_id, strlen(j.public_id)),
                        .shop_id = ask->shop_id,
                        .purpose = ask->purpose,
                        .mime = ask->mime,
                        .bytes = ask->bytes,
                        .upload_key = arena_dup(cx->arena, j.upload_key, strlen(j.upload_key))};
    if (!file.public_id || !file.upload_key)
        return ERR_NO_MEMORY;
    e = store_do(f->set.store, cx, "file.begin", begin_run, &j);
    if (!e)
        e = address_of(f, cx, &file, ret_upload);
    if (!e)
        *ret_file = file;
    return e;
}

/* ---- received by us ---- */

enum err files_check_address(struct files *f, struct cx *cx, const char *public_id, const char *exp,
                             const char *sig, struct file *ret_file)
{
    struct db *db = NULL;
    struct file file;
    char want[SIGNATURE_TEXT];
    int64_t until = 0;
    if (file_store_s3(f->set.objects))
        return problem(cx, ERR_NOT_FOUND, "uploads go to the bucket");
    enum err e = store_read(f->set.store, &db);
    if (!e)
        e = files_find(db, cx, public_id, &file);
    store_read_end(db);
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (!e && exp && sig)
        sign_address(f, file.public_id, exp, file.bytes, file.mime, want);
    if (e || !exp || !sig || text_i64(exp, 0, INT64_MAX, &until) != ERR_OK ||
        !crypto_same(sig, strlen(sig), want, strlen(want)))
        return problem(cx, ERR_FORBIDDEN, "this is no upload address of ours");
    if (until < cx->now_ms)
        return problem(cx, ERR_FORBIDDEN, "the upload address has expired: ask for a new one");
    if (file.state != FILE_WAITING)
        return problem(cx, ERR_CONFLICT, "the upload is over");
    *ret_file = file;
    return ERR_OK;
}

enum err files_receive(struct files *f, struct cx *cx, const struct file *file, int fd)
{
    const struct s3_put put = {.key = file->upload_key,
                               .type = file->mime,
                               .body = {.fd = fd, .len = (uint64_t)file->bytes}};
    return file_store_put(f->set.objects, cx, &put);
}

/* ---- looked at ---- */

/* Of the bytes and of how we make sizes: other sizes one day have other names. */
static enum err name_of(struct cx *cx, int fd, uint64_t len, char out[FILE_KEY_LEN + 1])
{
    static const char use[] = "nightmarket picture 1";
    unsigned char hash[SHA256_LEN], mac[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    enum err e = crypto_sha256_file(fd, 0, len, hash);
    if (e)
        return problem(cx, e, "the upload cannot be read again");
    crypto_hmac_sha256(use, sizeof use - 1, hash, sizeof hash, mac);
    crypto_hex(mac, sizeof mac, hex);
    (void)snprintf(out, FILE_KEY_LEN + 1, "%.*s", FILE_KEY_LEN, hex);
    return ERR_OK;
}

static enum err keep_sizes(struct files *f, struct cx *cx, const char *key, const struct picture *p)
{
    size_t at = 0;
    for (int i = 0; i < FILE_SIZE_COUNT; i++) {
        char name[FILE_NAME_MAX];
        file_name(key, (enum file_size)i, name);
        const struct s3_put put = {.key = name,
                                   .type = file_type(name),
                                   .cache_control = FOR_EVER,
                                   .body = {.data = p->bytes.data + at, .len = p->head.len[i]}};
        enum err e = file_store_put(f->set.objects, cx, &put);
        if (e)
            return e;
        at += p->head.len[i];
    }
    return ERR_OK;
}
_Static_assert((int)FILE_SIZE_COUNT == (int)PICTURE_SIZES, "one name for each size that is made");

/* What the upload was found to be. */
struct found {
    char key[FILE_KEY_LEN + 1];
    const char *mime;
    int64_t width, height;
};

static enum err look(struct files *f, struct cx *cx, int fd, uint64_t len, struct found *ret)
{
    unsigned char first[PICTURE_SNIFF];
    struct picture p;
    ssize_t n = pread(fd, first, sizeof first, 0);
    struct found found = {.mime = picture_sniff(first, n > 0 ? (size_t)n : 0)};
    if (!found.mime)
        return problem(cx, ERR_INPUT, "%s", picture_refusal(PICTURE_TYPE));
    enum err e = name_of(cx, fd, len, found.key);
    if (!e)
        e = picture_make(f, cx, fd, &p);
    if (e)
        return e;
    found.width = p.head.width;
    found.height = p.head.height;
    e = keep_sizes(f, cx, found.key, &p);
    picture_done(&p);
    if (!e)
        *ret = found;
    return e;
}

struct end_job {
    int64_t id;
    const struct found *found; /* NULL: refused */
    char why[sizeof((struct cx *)0)->problem];
};

/* Of two that finish one file the first has done it; both say the same. */
static enum err end_run(struct tx *tx, void *arg)
{
    const struct end_job *j = arg;
    const struct found *w = j->found;
    return w ? db_do(tx->db, &SQL_file_set_ready,
                     ARGS(V((const char *)w->key), V(w->mime), V(w->width), V(w->height),
                          V(tx->cx->now_ms + READY_MS), V(j->id)),
                     NULL)
             : db_do(tx->db, &SQL_file_set_refused,
                     ARGS(V((const char *)j->why), V(tx->cx->now_ms + TOLD_MS), V(j->id)), NULL);
}

static enum err forget_run(struct tx *tx, void *arg)
{
    const int64_t *id = arg;
    return db_do(tx->db, &SQL_file_forget_upload, ARGS(V(*id)), NULL);
}

/* What is not deleted now is swept later. */
static void drop_upload(struct files *f, struct cx *cx, const struct file *file)
{
    char kept[sizeof cx->problem];
    int64_t id = file->id;
    (void)text_copy(kept, sizeof kept, cx->problem);
    enum err e = file_store_delete(f->set.objects, cx, file->upload_key);
    if (!e)
        e = store_do(f->set.store, cx, "file.forget", forget_run, &id);
    if (e)
        log_warn("upload stays for now", LOG_S("file", file->public_id), LOG_S("why", cx->problem));
    (void)text_copy(cx->problem, sizeof cx->problem, kept);
}

static enum err fetch(struct files *f, struct cx *cx, const struct file *file, int fd,
                      uint64_t *ret_len)
{
    enum err e =
        file_store_get_file(f->set.objects, cx, file->upload_key, fd, PICTURE_BYTES_MAX, ret_len);
    if (e == ERR_NOT_FOUND)
        return problem(cx, ERR_CONFLICT, "nothing has arrived yet: send the picture first");
    if (e == ERR_TOO_LARGE)
        return problem(cx, ERR_INPUT, "%s", picture_refusal(PICTURE_BYTES));
    if (!e && *ret_len != (uint64_t)file->bytes)
        return problem(cx, ERR_INPUT, "the picture does not have the size that was announced");
    return e;
}

static enum err finish(struct files *f, struct cx *cx, const struct file *file, int fd)
{
    struct found found;
    struct end_job j = {.id = file->id};
    uint64_t len = 0;
    enum err e = fetch(f, cx, file, fd, &len);
    if (!e)
        e = look(f, cx, fd, len, &found);
    if (e && e != ERR_INPUT) /* nobody's fault: they may try again */
        return e;
    j.found = e ? NULL : &found;
    (void)text_copy(j.why, sizeof j.why, e ? cx->problem : "");
    enum err stored = store_do(f->set.store, cx, "file.finish", end_run, &j);
    if (stored)
        return stored;
    drop_upload(f, cx, file);
    return e ? problem(cx, e, "%s", j.why) : ERR_OK;
}

static enum err read_again(struct files *f, struct cx *cx, const char *public_id,
                           struct file *ret_file)
{
    struct db *db = NULL;
    enum err e = store_read(f->set.store, &db);
    if (!e)
        e = files_find(db, cx, public_id, ret_file);
    store_read_end(db);
    return e;
}

enum err files_finish(struct files *f, struct cx *cx, const struct file *file,
                      struct file *ret_file)
{
    int fd = -1;
    if (file->state == FILE_READY) {
        *ret_file = *file;
        return ERR_OK;
    }
    if (file->state == FILE_REFUSED)
        return problem(cx, ERR_INPUT, "%s", file->why ? file->why : "the picture was refused");
    enum err e = files_scratch(f, cx, &fd);
    if (e)
        return e;
    e = finish(f, cx, file, fd);
    (void)close(fd);
    return e ? e : read_again(f, cx, file->public_id, ret_file);
}

/* ---- made by ourselves ---- */

struct adopt_job {
    int64_t id, shop_id, bytes;
    const char *purpose;
    char public_id[ID_TEXT];
    struct found found;
};

static enum err adopt_run(struct tx *tx, void *arg)
{
    const struct adopt_job *j = arg;
    return db_do(tx->db, &SQL_file_insert_ready,
                 ARGS(V(j->id), V((const char *)j->public_id), V(j->shop_id), V(j->purpose),
                      V((const char *)j->found.key), V(j->found.mime), V(j->found.width),
                      V(j->found.height), V(j->bytes), V(tx->cx->now_ms)),
                 NULL);
}

enum err files_adopt(struct files *f, struct cx *cx, int64_t shop_id, const char *purpose, int fd,
                     struct file *ret_file)
{
    struct adopt_job j = {.id = id_next(), .shop_id = shop_id, .purpose = purpose};
    off_t len = lseek(fd, 0, SEEK_END);
    if (len <= 0 || len > PICTURE_BYTES_MAX)
        return problem(cx, ERR_INPUT, "%s", picture_refusal(PICTURE_BYTES));
    j.bytes = len;
    id_make("fil", j.public_id);
    enum err e = look(f, cx, fd, (uint64_t)len, &j.found);
    if (!e)
        e = store_do(f->set.store, cx, "file.adopt", adopt_run, &j);
    return e ? e : read_again(f, cx, j.public_id, ret_file);
}

/* ---- forgotten ---- */

struct over {
    int64_t id;
    const char *upload_key;
};

struct sweep_job {
    const struct over *list;
    size_t n;
};

static enum err sweep_run(struct tx *tx, void *arg)
{
    const struct sweep_job *j = arg;
    enum err e = ERR_OK;
    for (size_t i = 0; i < j->n && !e; i++) {
        e = db_do(tx->db, &SQL_file_forget_upload, ARGS(V(j->list[i].id)), NULL);
        if (!e)
            e = db_do(tx->db, &SQL_file_delete_over, ARGS(V(j->list[i].id), V(tx->cx->now_ms)),
                      NULL);
    }
    return e;
}

enum err files_sweep(struct files *f, struct cx *cx, size_t *ret_n)
{
    struct over list[SWEEP_MAX];
    struct db *db = NULL;
    size_t n = 0, gone = 0;
    *ret_n = 0;
    enum err e = store_read(f->set.store, &db);
    if (e)
        return e;
    struct rows r = db_rows(db, &SQL_file_over, ARGS(V(cx->now_ms)));
    while (n < SWEEP_MAX && rows_next(&r, cx->arena, COLS(C(&list[n].id), C(&list[n].upload_key))))
        n++;
    e = rows_end(&r);
    store_read_end(db);
    for (; gone < n && !e; gone++)
        if (list[gone].upload_key)
            e = file_store_delete(f->set.objects, cx, list[gone].upload_key);
    struct sweep_job j = {list, e && gone ? gone - 1 : gone};
    if (j.n) {
        enum err stored = store_do(f->set.store, cx, "file.sweep", sweep_run, &j);
        e = e ? e : stored;
    }
    *ret_n = e ? 0 : n;
    return e;
}
