/*
 * fuzz_replay - main() for a fuzz target where libFuzzer is absent: runs the empty input and then
 * every file of the corpus folder named on the command line, in order of name. Linked to each
 * *_fuzz.c in every preset but `fuzz`, so that what a fuzzer once found stays found.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { INPUT_MAX_BYTES = 16 << 20 };

/* Exactly `len` bytes on the heap, so that a read past the end is a sanitizer's report. */
static int run_bytes(FILE *f, size_t len)
{
    uint8_t *bytes = malloc(len ? len : 1);
    if (!bytes)
        return -1;
    size_t got = fread(bytes, 1, len, f);
    if (got == len)
        LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
    return got == len ? 0 : -1;
}

/* 0, or -1: a file of the corpus cannot be read, and errno may say why. */
static int run_file(const char *name)
{
    FILE *f = fopen(name, "rb");
    if (!f)
        return -1;
    struct stat st;
    int e = fstat(fileno(f), &st);
    if (!e)
        e = st.st_size > INPUT_MAX_BYTES ? -1 : run_bytes(f, (size_t)st.st_size);
    return fclose(f) || e ? -1 : 0;
}

static int is_input(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

/* How many inputs ran, in the current folder; -1 after saying what failed. */
static int run_folder(void)
{
    struct dirent **inputs;
    int n = scandir(".", &inputs, is_input, alphasort);
    int failed = 0;
    for (int i = 0; i < n; i++) {
        if (!failed && run_file(inputs[i]->d_name)) {
            perror(inputs[i]->d_name);
            failed = 1;
        }
        free(inputs[i]);
    }
    if (n >= 0)
        free(inputs);
    return failed ? -1 : n;
}

int main(int argc, char **argv)
{
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    if (argc != 2 || chdir(argv[1])) {
        perror(argc == 2 ? argv[1] : "wants the folder of a corpus");
        return 2;
    }
    int ran = run_folder();
    (void)printf("%d inputs of %s\n", ran, argv[1]);
    return ran > 0 ? 0 : 1; /* a corpus without an input proves nothing */
}
