/* Who waits for a keeper is woken by a log line, and by its end. Needs no server: nothing listens at its seed. */
#include "check.h"

#include <threads.h>
#include <time.h>

/* Far longer than anything here takes: a wait that nobody ends is noticed by the clock, not by luck. */
enum { LONG_MS = 30000, SOON_S = 10 };

static int wait_for_the_end(void *argument)
{
    slotkeeper_keeper keeper = *(slotkeeper_keeper *)argument;
    slotkeeper_code code = SLOTKEEPER_OK;
    while (code == SLOTKEEPER_OK) {
        slotkeeper_event *event = NULL;
        code = slotkeeper_keeper_next_event(keeper, LONG_MS, &event, NULL);
        if (code == SLOTKEEPER_OK)
            slotkeeper_event_free(event);
    }
    return (int)code;
}

static int wait_for_a_topology(void *argument)
{
    slotkeeper_topology *topology = NULL;
    return (int)slotkeeper_keeper_topology(*(slotkeeper_keeper *)argument, 0, LONG_MS, &topology, NULL);
}

static int refresh(void *argument)
{
    return (int)slotkeeper_keeper_refresh(*(slotkeeper_keeper *)argument, LONG_MS, NULL, NULL);
}

static void a_log_line_ends_the_wait(slotkeeper_keeper keeper)
{
    slotkeeper_event *event = NULL;
    CHECK(slotkeeper_keeper_next_event(keeper, LONG_MS, &event, NULL) == SLOTKEEPER_OK);
    CHECK(slotkeeper_event_kind(event) == SLOTKEEPER_EVENT_LOG);
    CHECK(slotkeeper_event_level(event).length > 0 && slotkeeper_event_message(event).length > 0);
    slotkeeper_event_free(event);
}

static void close_ends_all_waits(slotkeeper_keeper keeper)
{
    thrd_start_t waits[] = {wait_for_the_end, wait_for_the_end, wait_for_a_topology, refresh};
    enum { COUNT = sizeof waits / sizeof *waits };
    thrd_t threads[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        CHECK(thrd_create(&threads[i], waits[i], &keeper) == thrd_success);
    CHECK(slotkeeper_keeper_close(keeper, NULL) == SLOTKEEPER_OK);
    for (size_t i = 0; i < COUNT; i++) {
        int code = 0;
        CHECK(thrd_join(threads[i], &code) == thrd_success);
        CHECK(code == SLOTKEEPER_CLOSED);
    }
}

static void log_lines_can_be_had_without_a_keeper(void)
{
    slotkeeper_event *event = NULL;
    do {
        slotkeeper_event_free(event);
        event = NULL;
        CHECK(slotkeeper_event_next_log(&event, NULL) == SLOTKEEPER_OK);
    } while (event != NULL);
}

int main(void)
{
    time_t start = time(NULL);
    slotkeeper_config *config = config_with_seeds("127.0.0.1:1");
    slotkeeper_keeper keeper = 0;
    CHECK(slotkeeper_keeper_open(config, &keeper, NULL) == SLOTKEEPER_OK);
    slotkeeper_config_free(config);
    a_log_line_ends_the_wait(keeper);
    close_ends_all_waits(keeper);
    log_lines_can_be_had_without_a_keeper();
    CHECK(time(NULL) - start < SOON_S);
    return verdict();
}
