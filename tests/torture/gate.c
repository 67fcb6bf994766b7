/**
 * Gate, binder and reply in one process: every call that can fail does, once each, for every
 * request of the fuzz corpus.
 *
 * usage: torture_gate CORPUS-DIR     the folder of the target request
 *
 * Prints a line of TAP for each request.
 */
#include <dirent.h>

#include "tests/fuzz/gate.h"
#include "tests/torture/faults.h"

enum { FILE_BYTES = 1 << 16 };

/** Runs it with the @n-th call failing; false when there are fewer. */
static bool
run_with(const uint8_t *message, size_t size, long n, enum status_code *ret)
{
    struct faults *f = faults_now();
    struct call *c = new_call();
    uint8_t *copy = malloc(size ? size : 1);
    require(copy, "there is memory");
    memcpy(copy, message, size); /* the gate wipes what is secret in it */
    atomic_store(&f->left, n);
    run_call(c, copy, size);
    bool fired = n > 0 && atomic_load(&f->left) <= 0;
    atomic_store(&f->left, 0);
    *ret = c->status.code;
    arena_free(c->arena);
    free(copy);
    return fired;
}

/** Returns how many calls were made to fail; -1 where an outcome was wrong. */
static long
torture(const uint8_t *message, size_t size)
{
    enum status_code calm, code;
    run_with(message, size, 0, &calm);
    for (long n = 1;; n++) {
        if (!run_with(message, size, n, &code))
            return n - 1;
        if (code != calm && code != STATUS_RESOURCE_EXHAUSTED && code != STATUS_INTERNAL) {
            printf("# the %ld-th, %s: %s instead of %s\n", n, faults_now()->name, status_name(code),
                   status_name(calm));
            return -1;
        }
    }
}

int
main(int argc, char *argv[])
{
    static uint8_t data[FILE_BYTES];
    struct dirent **files;
    int failed = 0, n = argc == 2 ? scandir(argv[1], &files, NULL, alphasort) : -1, number = 0;
    require(n > 0, "usage: torture_gate CORPUS-DIR");
    LLVMFuzzerInitialize(NULL, NULL);
    for (int i = 0; i < n; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", argv[1], files[i]->d_name);
        FILE *f = files[i]->d_name[0] == '.' ? NULL : fopen(path, "r");
        size_t size = f ? fread(data, 1, sizeof data, f) : 0;
        if (f) {
            fclose(f);
            struct input in = {data, data + size};
            uint8_t *message = make_message(&in, &size);
            long faults = torture(message, size);
            printf("%sok %d - gate %s: %ld calls failed once each\n", faults < 0 ? "not " : "",
                   ++number, files[i]->d_name, faults);
            failed += faults < 0;
            free(message);
        }
        free(files[i]);
    }
    free(files);
    return failed > 0;
}
