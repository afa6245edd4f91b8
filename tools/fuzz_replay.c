/*
 * fuzz_replay - main() for a fuzz target where libFuzzer is absent: runs the empty input and then
 * every file of the corpus folder named on the command line, once. Linked to each *_fuzz.c in
 * every preset but `fuzz`, so that what a fuzzer once found stays found.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { INPUT_MAX_BYTES = 16 << 20, PATH_MAX_BYTES = 4096 };

static int run_bytes(FILE *f, size_t len)
{
    /* Exactly `len` bytes on the heap: a read past the end is then a sanitizer's report. */
    uint8_t *bytes = malloc(len ? len : 1);
    if (!bytes)
        return -1;
    size_t got = fread(bytes, 1, len, f);
    if (got == len)
        LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
    return got == len ? 0 : -1;
}

/* 1: run, 0: not a plain file, -1: cannot be read (errno) */
static int run_file(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return -1;
    if (!S_ISREG(st.st_mode))
        return 0;
    if (st.st_size > INPUT_MAX_BYTES) {
        errno = EFBIG;
        return -1;
    }
    FILE *f = fopen(path, "rb");
    if (!f)
        return -1;
    int failed = run_bytes(f, (size_t)st.st_size);
    return fclose(f) != 0 || failed ? -1 : 1;
}

static int run_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        fprintf(stderr, "no corpus '%s': %s\n", folder, strerror(errno));
        return -1;
    }
    int ran = 0;
    for (const struct dirent *d = readdir(dir); d && ran >= 0; d = readdir(dir)) {
        char path[PATH_MAX_BYTES];
        snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
        int r = run_file(path);
        if (r < 0)
            fprintf(stderr, "cannot read '%s': %s\n", path, strerror(errno));
        ran = r < 0 ? -1 : ran + r;
    }
    closedir(dir);
    return ran;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    int ran = run_folder(argv[1]);
    if (ran < 0)
        return 1;
    if (ran == 0) {
        fprintf(stderr, "corpus '%s' is empty\n", argv[1]);
        return 1;
    }
    printf("%d inputs of %s\n", ran, argv[1]);
    return 0;
}
