/* What the example programs share: a configuration out of arguments, and the end when something is wrong. */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <slotkeeper.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts of the library are not NUL-terminated: printf takes their length with "%.*s". */
#define SHOWN(text) (int)(text).length, (text).data

/* Ends the program unless the call went well. Takes the error by its address: C may look at the arguments in any order, so
 * that its value could be the one from before the call. */
static inline void check(slotkeeper_code code, slotkeeper_error **error)
{
    if (code == SLOTKEEPER_OK)
        return;
    slotkeeper_str message = slotkeeper_error_message(*error);
    fprintf(stderr, "error %d: %.*s\n", (int)code, SHOWN(message));
    slotkeeper_error_free(*error);
    exit(EXIT_FAILURE);
}

/* A configuration of arguments such as seeds=10.0.0.1:7000. The password comes from REDIS_PASSWORD: other users of the
 * machine can read arguments. */
static inline slotkeeper_config *configure(int count, char **arguments)
{
    slotkeeper_config *config = slotkeeper_config_new();
    slotkeeper_error *error = NULL;
    const char *password = getenv("REDIS_PASSWORD");
    if (password != NULL)
        check(slotkeeper_config_set(config, "password", strlen("password"), password, strlen(password), &error), &error);
    for (int i = 0; i < count; i++) {
        const char *name = arguments[i];
        size_t length = strcspn(name, "=");
        const char *value = name[length] == '=' ? name + length + 1 : "";
        check(slotkeeper_config_set(config, name, length, value, strlen(value), &error), &error);
    }
    return config;
}

#endif
