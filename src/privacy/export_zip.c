/* All files of an export as a zip in memory. */
#include "base/lang.h"
#include "privacy/export_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

static enum err add_source(zip_t *z, const char *name, zip_source_t *src)
{
    if (src && zip_file_add(z, name, src, ZIP_FL_ENC_UTF_8) >= 0)
        return ERR_OK; /* the zip's now */
    zip_source_free(src);
    return ERR_NO_MEMORY;
}

static enum err add_buf(zip_t *z, const char *name, const char *ext, struct buf *b)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s%s", name, ext);
    zip_source_t *src = zip_source_buffer(z, b->data, b->len, 1);
    if (src)
        b->data = NULL; /* the source's now */
    return add_source(z, path, src);
}

static enum err add_file(struct privacy *p, zip_t *z, int64_t viewer_id,
                         const struct export_file *f, size_t *left)
{
    struct buf json, csv;
    buf_init(&json, *left);
    buf_init(&csv, *left);
    enum err e = export_file_write(p->set.store, viewer_id, f, &json, &csv);
    if (!e && json.len + csv.len > *left)
        e = ERR_TOO_LARGE;
    if (!e) {
        *left -= json.len + csv.len;
        e = add_buf(z, f->name, ".json", &json);
    }
    if (!e)
        e = add_buf(z, f->name, ".csv", &csv);
    buf_done(&json);
    buf_done(&csv);
    return e;
}

static enum err add_readme(zip_t *z, const char *lang)
{
    const char *text = export_readme(lang); /* never freed */
    return add_source(z, "README.txt", zip_source_buffer(z, text, strlen(text), 0));
}

/* What was written into the source; free(). */
static enum err take_bytes(zip_source_t *src, char **ret_bytes, size_t *ret_len)
{
    zip_stat_t st;
    if (zip_source_stat(src, &st) < 0 || zip_source_open(src) < 0)
        return ERR_IO;
    char *bytes = malloc(st.size + 1);
    zip_int64_t got = bytes ? zip_source_read(src, bytes, st.size) : -1;
    (void)zip_source_close(src);
    if (got < 0 || (zip_uint64_t)got != st.size) {
        free(bytes);
        return bytes ? ERR_IO : ERR_NO_MEMORY;
    }
    *ret_bytes = bytes;
    *ret_len = (size_t)got;
    return ERR_OK;
}

static enum err fill(struct privacy *p, zip_t *z, int64_t viewer_id, const char *lang)
{
    size_t left = EXPORT_BYTES_MAX;
    enum err e = add_readme(z, lang);
    for (size_t i = 0; !e && i < export_file_count; i++)
        e = add_file(p, z, viewer_id, &export_files[i], &left);
    return e;
}

enum err export_zip(struct privacy *p, int64_t viewer_id, const char *lang, char **ret_bytes,
                    size_t *ret_len)
{
    zip_source_t *src = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *z = src ? zip_open_from_source(src, ZIP_TRUNCATE, NULL) : NULL;
    if (!z) {
        zip_source_free(src);
        return ERR_NO_MEMORY;
    }
    zip_source_keep(src); /* it outlives the archive */
    enum err e = fill(p, z, viewer_id, lang);
    if (e)
        zip_discard(z);
    else if (zip_close(z) < 0) {
        zip_discard(z);
        e = ERR_IO;
    }
    if (!e)
        e = take_bytes(src, ret_bytes, ret_len);
    zip_source_free(src);
    return e;
}
