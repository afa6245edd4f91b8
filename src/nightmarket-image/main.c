/*
 * nightmarket-image - pictures of strangers made into pictures of ours, in a process of its own:
 * base/picture.h. The only program that links libvips.
 *
 * Borders: the picture comes in and the answer goes out by pipes or files already open; the sandbox
 *          is closed before the first byte is looked at. libvips may use its trusted decoders only.
 */
#include "base/picture.h"
#include "base/sandbox.h"
#include "nightmarket-image/sandbox_in.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vips/vips.h>

#include <vips/vector.h> /* after vips.h */

enum { WEBP_QUALITY = 80, JPEG_QUALITY = 82, LARGEST = 1080 };

struct answer {
    uint32_t width, height;
    void *data[PICTURE_SIZES];
    size_t len[PICTURE_SIZES];
};

static enum picture_exit vips_says(enum picture_exit code)
{
    (void)fprintf(stderr, "nightmarket-image: %.300s\n", vips_error_buffer());
    return code;
}

/* ---- in and out ---- */

/* All of stdin; a byte more than the limit shows that there is too much. */
static enum picture_exit read_all(char **ret_data, size_t *ret_len)
{
    size_t max = PICTURE_BYTES_MAX + 1, len = 0;
    char *data = malloc(max);
    if (!data)
        return PICTURE_MACHINE;
    for (;;) {
        ssize_t n = len < max ? read(STDIN_FILENO, data + len, max - len) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            free(data);
            return PICTURE_MACHINE;
        }
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret_data = data;
    *ret_len = len;
    return len > PICTURE_BYTES_MAX ? PICTURE_BYTES : PICTURE_DONE;
}

static bool write_all(const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(STDOUT_FILENO, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static enum picture_exit write_answer(const struct answer *a)
{
    char line[120];
    int n = snprintf(line, sizeof line, "picture1 %u %u %zu %zu %zu %zu\n", a->width, a->height,
                     a->len[0], a->len[1], a->len[2], a->len[3]);
    bool ok = n > 0 && write_all(line, (size_t)n);
    for (int i = 0; i < PICTURE_SIZES && ok; i++)
        ok = write_all(a->data[i], a->len[i]);
    return ok ? PICTURE_DONE : PICTURE_MACHINE;
}

/* ---- checks before anything is decoded ---- */

static bool is_animated(VipsImage *in)
{
    int pages = 1;
    const char *loader = NULL;
    if (!vips_image_get_typeof(in, VIPS_META_N_PAGES) ||
        vips_image_get_int(in, VIPS_META_N_PAGES, &pages) != 0)
        return false;
    (void)vips_image_get_string(in, VIPS_META_LOADER, &loader);
    return pages > 1 && loader && strstr(loader, "webp"); /* in HEIF they are a series */
}

/* Reads the head alone: libvips decodes when pixels are asked for. */
static enum picture_exit check(char *data, size_t len)
{
    VipsImage *in = vips_image_new_from_buffer(data, len, "", NULL);
    if (!in)
        return vips_says(PICTURE_BROKEN);
    int64_t width = vips_image_get_width(in), height = vips_image_get_height(in);
    enum picture_exit code = PICTURE_DONE;
    if (width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX ||
        width * height > PICTURE_PIXELS_MAX)
        code = PICTURE_PIXELS;
    else if (width < PICTURE_SIDE_MIN || height < PICTURE_SIDE_MIN)
        code = PICTURE_SMALL;
    else if (is_animated(in))
        code = PICTURE_MOVING;
    g_object_unref(in);
    return code;
}

/* ---- sizes ---- */

/* The option of the same name of thumbnail() is not handed on by libvips 8.14. */
#define STRICT "[fail_on=truncated]"

/*
 * The bare pixels as a new picture. `strip` of libvips 8.14 leaves EXIF, and with it the place
 * where a photo was taken, in WebP: a picture that never had any cannot give it away.
 */
static VipsImage *bare(VipsImage *in)
{
    size_t len;
    VipsImage *srgb = NULL, *plain = NULL, *out = NULL;
    if (vips_colourspace(in, &srgb, VIPS_INTERPRETATION_sRGB, NULL) != 0)
        return NULL;
    void *pixels = vips_image_write_to_memory(srgb, &len);
    if (pixels)
        plain = vips_image_new_from_memory_copy(
            pixels, len, vips_image_get_width(srgb), vips_image_get_height(srgb),
            vips_image_get_bands(srgb), vips_image_get_format(srgb));
    if (plain)
        (void)vips_copy(plain, &out, "interpretation", VIPS_INTERPRETATION_sRGB, NULL);
    g_free(pixels);
    g_object_unref(srgb);
    if (plain)
        g_object_unref(plain);
    return out;
}

/* Upright, sRGB, 8 bits, at most `width` wide, in memory. */
static enum picture_exit load(char *data, size_t len, int width, VipsImage **ret_image)
{
    VipsImage *out = NULL;
    int bad = vips_thumbnail_buffer(data, len, &out, width, "height", VIPS_MAX_COORD, "size",
                                    VIPS_SIZE_DOWN, "export_profile", "srgb", "option_string",
                                    STRICT, NULL);
    VipsImage *kept = bad ? NULL : bare(out);
    if (out)
        g_object_unref(out);
    if (!kept)
        return vips_says(PICTURE_BROKEN);
    *ret_image = kept;
    return PICTURE_DONE;
}

static uint32_t le32(const unsigned char *s)
{
    return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

static void put_le32(unsigned char *s, uint32_t n)
{
    for (int i = 0; i < 4; i++)
        s[i] = (unsigned char)(n >> 8 * i);
}

/*
 * `strip` again: libvips 8.14 writes an EXIF chunk of its own. In place, what is no picture goes:
 * EXIF, XMP and ICCP. WebP container specification, "Extended File Format".
 */
static size_t strip_webp(unsigned char *data, size_t len)
{
    enum { HEAD = 12, CHUNK_HEAD = 8, VP8X_METADATA = 0x20 | 0x08 | 0x04 };
    size_t at = HEAD, kept = HEAD;
    while (at + CHUNK_HEAD <= len) {
        size_t size = CHUNK_HEAD + ((size_t)le32(data + at + 4) + 1) / 2 * 2;
        bool drop = memcmp(data + at, "EXIF", 4) == 0 || memcmp(data + at, "XMP ", 4) == 0 ||
                    memcmp(data + at, "ICCP", 4) == 0;
        if (size > len - at)
            size = len - at;
        if (memcmp(data + at, "VP8X", 4) == 0 && size > CHUNK_HEAD)
            data[at + CHUNK_HEAD] &= (unsigned char)~VP8X_METADATA;
        if (!drop) {
            memmove(data + kept, data + at, size);
            kept += size;
        }
        at += size;
    }
    put_le32(data + 4, (uint32_t)(kept - 8));
    return kept;
}

static int save_webp(VipsImage *in, void **ret_data, size_t *ret_len)
{
    if (vips_webpsave_buffer(in, ret_data, ret_len, "Q", WEBP_QUALITY, "strip", TRUE, "effort", 4,
                             NULL) != 0)
        return -1;
    if (*ret_len < 12)
        return -1;
    *ret_len = strip_webp(*ret_data, *ret_len);
    return 0;
}

/* `from` is no smaller than `width`, or it stays as it is. */
static int make_webp(VipsImage *from, int width, void **ret_data, size_t *ret_len)
{
    VipsImage *small = NULL;
    if (vips_image_get_width(from) <= width)
        return save_webp(from, ret_data, ret_len);
    if (vips_thumbnail_image(from, &small, width, "height", VIPS_MAX_COORD, "size", VIPS_SIZE_DOWN,
                             NULL) != 0)
        return -1;
    int bad = save_webp(small, ret_data, ret_len);
    g_object_unref(small);
    return bad;
}

/* On white where it is transparent; without an alpha band flatten() would take the last one. */
static int make_opaque(VipsImage *in, VipsImage **ret_out)
{
    const double white[] = {255, 255, 255};
    if (!vips_image_hasalpha(in))
        return vips_copy(in, ret_out, NULL);
    VipsArrayDouble *background = vips_array_double_new(white, 3);
    int bad = vips_flatten(in, ret_out, "background", background, NULL);
    vips_area_unref(VIPS_AREA(background));
    return bad;
}

/* The middle of it, filling the box of a link preview. */
static int make_share(char *data, size_t len, void **ret_data, size_t *ret_len)
{
    VipsImage *cut = NULL, *plain = NULL, *flat = NULL;
    int bad = vips_thumbnail_buffer(data, len, &cut, PICTURE_SHARE_WIDTH, "height",
                                    PICTURE_SHARE_HEIGHT, "crop", VIPS_INTERESTING_CENTRE,
                                    "export_profile", "srgb", "option_string", STRICT, NULL);
    if (!bad)
        plain = bare(cut);
    bad = bad || !plain || make_opaque(plain, &flat);
    if (!bad)
        bad = vips_jpegsave_buffer(flat, ret_data, ret_len, "Q", JPEG_QUALITY, "strip", TRUE,
                                   "optimize_coding", TRUE, "interlace", TRUE, NULL);
    if (cut)
        g_object_unref(cut);
    if (plain)
        g_object_unref(plain);
    if (flat)
        g_object_unref(flat);
    return bad;
}

/* The size of the upright original. */
static void measure(char *data, size_t len, struct answer *a)
{
    VipsImage *in = vips_image_new_from_buffer(data, len, "", NULL);
    if (!in)
        return;
    uint32_t w = (uint32_t)vips_image_get_width(in), h = (uint32_t)vips_image_get_height(in);
    bool turned = vips_image_get_orientation_swap(in);
    a->width = turned ? h : w;
    a->height = turned ? w : h;
    g_object_unref(in);
}

static enum picture_exit make_all(char *data, size_t len, struct answer *a)
{
    static const int widths[] = {160, 480, LARGEST};
    VipsImage *large = NULL;
    measure(data, len, a);
    enum picture_exit code = load(data, len, LARGEST, &large);
    if (code)
        return code;
    int bad = 0;
    for (int i = 0; i < PICTURE_SIZES - 1 && !bad; i++)
        bad = make_webp(large, widths[i], &a->data[i], &a->len[i]);
    g_object_unref(large);
    if (!bad)
        bad = make_share(data, len, &a->data[PICTURE_SIZES - 1], &a->len[PICTURE_SIZES - 1]);
    return bad ? vips_says(PICTURE_BROKEN) : PICTURE_DONE;
}

static enum picture_exit run(void)
{
    struct answer a = {.width = 0};
    char *data = NULL;
    size_t len = 0;
    enum picture_exit code = read_all(&data, &len);
    if (!code && !picture_sniff(data, len))
        code = PICTURE_TYPE;
    if (!code)
        code = check(data, len);
    if (!code)
        code = make_all(data, len, &a);
    if (!code)
        code = write_answer(&a);
    for (int i = 0; i < PICTURE_SIZES; i++)
        g_free(a.data[i]);
    free(data);
    return code;
}

int main(int argc, char **argv)
{
    if (argc != 1) {
        (void)fprintf(stderr, "usage: nightmarket-image <picture >answer\n");
        return 2;
    }
    if (!sandbox_shut() || VIPS_INIT(argv[0]) != 0)
        return PICTURE_MACHINE;
    vips_block_untrusted_set(TRUE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_vector_set_enabled(FALSE); /* it would make code at run time */
    if (!decoder_close()) {
        (void)fprintf(stderr, "nightmarket-image: cannot close the sandbox\n");
        return PICTURE_MACHINE;
    }
    enum picture_exit code = run();
    (void)fflush(stderr);
    _exit((int)code); /* nothing of a decoder's runs any more */
}
