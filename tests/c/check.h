/* What the test programs share: a check that says where and what, and counts. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <slotkeeper.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

#define CHECK(condition)                                                        \
    do {                                                                        \
        if (!(condition)) {                                                     \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            failures++;                                                         \
        }                                                                       \
    } while (0)

#define LITERAL(text) text, sizeof text - 1

static inline int text_contains(slotkeeper_str text, const char *part)
{
    size_t length = strlen(part);
    for (size_t i = 0; i + length <= text.length; i++)
        if (memcmp(text.data + i, part, length) == 0)
            return 1;
    return 0;
}

static inline int text_is(slotkeeper_str text, const char *expected)
{
    return text.length == strlen(expected) && memcmp(text.data, expected, text.length) == 0;
}

/* Whether the call failed with this code, and its error says this part; frees the error. */
static inline int failed(slotkeeper_code code, slotkeeper_code expected, slotkeeper_error **error, const char *part)
{
    int as_expected = code == expected && slotkeeper_error_code(*error) == expected
                      && text_contains(slotkeeper_error_message(*error), part);
    if (!as_expected) {
        slotkeeper_str message = slotkeeper_error_message(*error);
        fprintf(stderr, "code %d, \"%.*s\"\n", (int)code, (int)message.length, message.data);
    }
    slotkeeper_error_free(*error);
    *error = NULL;
    return as_expected;
}

static inline slotkeeper_config *config_with_seeds(const char *seeds)
{
    slotkeeper_config *config = slotkeeper_config_new();
    CHECK(slotkeeper_config_set(config, LITERAL("seeds"), seeds, strlen(seeds), NULL) == SLOTKEEPER_OK);
    return config;
}

/* The last line of each program. */
static inline int verdict(void)
{
    printf(failures == 0 ? "all is as it should be\n" : "%d checks failed\n", failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
