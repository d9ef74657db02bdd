/* Replays files through a fuzz target where there is no libFuzzer: every file and every file of a folder. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int cases;

static int replay(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return 1;
    size_t n = 0, cap = 1 << 16;
    uint8_t *data = malloc(cap);
    while (data && (n += fread(data + n, 1, cap - n, f)) == cap)
        data = realloc(data, cap *= 2);
    fclose(f);
    if (!data)
        return 1;
    /* A copy of the exact size, so that a read past its end is seen. */
    uint8_t *exact = malloc(n ? n : 1);
    if (exact) {
        memcpy(exact, data, n);
        LLVMFuzzerTestOneInput(exact, n);
    }
    free(exact);
    free(data);
    printf("ok %d - %s\n", ++cases, path);
    return 0;
}

static int is_file(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    int bad = 0;
    for (int i = 1; i < argc; i++) {
        struct dirent **files;
        int n = scandir(argv[i], &files, is_file, alphasort);
        if (n < 0) {
            bad += replay(argv[i]);
            continue;
        }
        for (int k = 0; k < n; k++) {
            char path[1024];
            snprintf(path, sizeof path, "%s/%s", argv[i], files[k]->d_name);
            bad += replay(path);
            free(files[k]);
        }
        free(files);
    }
    printf("1..%d\n", cases);
    return bad > 0 || cases == 0;
}
