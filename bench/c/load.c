/*
 * Loads the library once, with all its relocations, calls it once, and prints how many ns that took. A program of its own that
 * is not linked to the library: what is loaded already is not loaded again.
 */
#define _POSIX_C_SOURCE 200809L
#include <slotkeeper.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(void)
{
    struct timespec start, end;
    slotkeeper_str (*version)(void);
    clock_gettime(CLOCK_MONOTONIC, &start);
    void *library = dlopen("libslotkeeper.so.0", RTLD_NOW | RTLD_LOCAL);
    void *symbol = library == NULL ? NULL : dlsym(library, "slotkeeper_version");
    if (symbol == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return EXIT_FAILURE;
    }
    /* ISO C has no cast from an object's pointer to a function's; POSIX says that they are alike. */
    memcpy(&version, &symbol, sizeof version);
    size_t length = version().length;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.0f\n", (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec));
    return length > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
