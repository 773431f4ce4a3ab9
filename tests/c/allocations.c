/*
 * How often reading a table asks for memory: a few times, however many nodes there are. Counts by standing in for malloc and its
 * kin, which the library then calls here (glibc).
 *
 *     allocations tests/data
 */
#include "check.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

enum { ENOUGH = 20 };

static size_t asked;

void *malloc(size_t size)
{
    asked++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    asked++;
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    asked++;
    return __libc_realloc(block, size);
}

static size_t asked_for(const char *data, const char *name, size_t nodes_expected)
{
    static char text[1 << 20];
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", data, name);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    if (file == NULL)
        return 0;
    size_t length = fread(text, 1, sizeof text, file);
    fclose(file);

    slotkeeper_nodes *nodes = NULL;
    asked = 0;
    CHECK(slotkeeper_nodes_parse(text, length, &nodes, NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_nodes_all(nodes).length == nodes_expected && slotkeeper_nodes_owners(nodes)[0] < nodes_expected);
    size_t times = asked;
    slotkeeper_nodes_free(nodes);
    printf("%s: %zu\n", name, times);
    return times;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return EXIT_FAILURE;
    size_t six = asked_for(argv[1], "redis-7.0.15/01-steady/node0.cluster_nodes.txt", 6);
    CHECK(six > 0); /* else nothing was counted */
    CHECK(asked_for(argv[1], "scale/50m-100n-contig.cluster_nodes.txt", 100) <= ENOUGH);
    CHECK(asked_for(argv[1], "scale/500m-1000n-contig.cluster_nodes.txt", 1000) <= ENOUGH);
    CHECK(asked_for(argv[1], "scale/500m-1000n-frag1.cluster_nodes.txt", 1000) <= ENOUGH);
    return verdict();
}
