/* A table of nodes: all that a line says, in bulk and by single getters, which must agree; and error replies. Needs no server. */
#include "check.h"

#include <threads.h>

static const char ID_A[] = "07c37dfeb235213a872192d90877d0cd55635b91";
static const char ID_B[] = "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1";
static const char ID_C[] = "292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f";

static const char REPLY[] =
    "07c37dfeb235213a872192d90877d0cd55635b91 10.0.0.1:7000@17000,redis1.example,shard-id=5,tls-port=0 "
    "myself,master,odd - 0 0 7 connected 0-5 9 100-200 [300->-67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1] "
    "[301-<-67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1]\n"
    "rubbish\n"
    "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 ::1:7001 master,fail - 1426238316232 1426238315232 2 disconnected 300\n"
    "292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f 10.0.0.3:7002@17002 slave,fail?,nofailover "
    "07c37dfeb235213a872192d90877d0cd55635b91 5 6 7 connected\n"
    "6ec23923021cf3ffec47632106199cb7f496ce01 :0@0 handshake,noaddr - 0 0 0 disconnected 77777\n";

static slotkeeper_nodes *parsed(const char *text, size_t length)
{
    slotkeeper_nodes *nodes = NULL;
    CHECK(slotkeeper_nodes_parse(text, length, &nodes, NULL) == SLOTKEEPER_OK);
    return nodes;
}

static void a_line_says_all_it_has(void)
{
    slotkeeper_nodes *nodes = parsed(LITERAL(REPLY));
    slotkeeper_node_list all = slotkeeper_nodes_all(nodes);
    CHECK(all.length == 4);

    const slotkeeper_node *a = &all.data[0];
    CHECK(text_is(a->id, ID_A) && text_is(a->host, "10.0.0.1") && a->port == 7000);
    CHECK(a->has_bus_port && a->bus_port == 17000 && text_is(a->hostname, "redis1.example"));
    CHECK(text_is(a->auxiliary, "shard-id=5,tls-port=0") && text_is(a->flags_text, "myself,master,odd"));
    CHECK(a->flags == (SLOTKEEPER_FLAG_MYSELF | SLOTKEEPER_FLAG_MASTER) && a->role == SLOTKEEPER_ROLE_MASTER);
    CHECK(text_is(a->master_id, "") && a->config_epoch == 7 && a->is_linked);
    CHECK(a->slots.length == 3 && a->slots.data[1].first == 9 && a->slots.data[2].last == 200);
    CHECK(a->moving.length == 2);
    CHECK(a->moving.data[0].slot == 300 && a->moving.data[0].direction == SLOTKEEPER_DIRECTION_MIGRATING);
    CHECK(a->moving.data[1].slot == 301 && a->moving.data[1].direction == SLOTKEEPER_DIRECTION_IMPORTING);
    CHECK(text_is(a->moving.data[0].other_id, ID_B) && text_is(a->moving.data[1].other_id, ID_B));

    const slotkeeper_node *b = &all.data[1];
    CHECK(text_is(b->id, ID_B) && text_is(b->host, "::1") && b->port == 7001 && !b->has_bus_port && b->bus_port == 0);
    CHECK(b->flags == (SLOTKEEPER_FLAG_MASTER | SLOTKEEPER_FLAG_FAILED) && !b->is_linked);
    CHECK(b->ping_sent == UINT64_C(1426238316232) && b->pong_received == UINT64_C(1426238315232));

    const slotkeeper_node *c = &all.data[2];
    CHECK(text_is(c->id, ID_C) && text_is(c->master_id, ID_A) && c->role == SLOTKEEPER_ROLE_REPLICA);
    CHECK(c->flags == (SLOTKEEPER_FLAG_REPLICA | SLOTKEEPER_FLAG_SUSPECTED | SLOTKEEPER_FLAG_NO_FAILOVER));
    CHECK(c->slots.length == 0 && c->slots.data != NULL && c->moving.length == 0 && c->moving.data != NULL);

    const slotkeeper_node *d = &all.data[3];
    CHECK(d->flags == (SLOTKEEPER_FLAG_HANDSHAKE | SLOTKEEPER_FLAG_NO_ADDRESS) && d->role == SLOTKEEPER_ROLE_NONE);
    CHECK(text_is(d->host, "") && d->port == 0 && d->has_bus_port && d->bus_port == 0);
    slotkeeper_nodes_free(nodes);
}

static void problems_have_line_and_reason(void)
{
    slotkeeper_nodes *nodes = parsed(LITERAL(REPLY));
    slotkeeper_problem_list problems = slotkeeper_nodes_problems(nodes);
    CHECK(problems.length == 2 && slotkeeper_nodes_problem_count(nodes) == 2);
    CHECK(problems.data[0].line == 2 && problems.data[0].reason.length > 0);
    CHECK(problems.data[1].line == 5 && text_contains(problems.data[1].reason, "77777"));
    CHECK(text_contains(slotkeeper_nodes_problem(nodes, 1), "line 5: "));
    CHECK(text_is(slotkeeper_nodes_problem(nodes, 2), ""));
    slotkeeper_nodes_free(nodes);
}

static int same(slotkeeper_str a, slotkeeper_str b)
{
    return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

static void getters_and_bulk_agree(void)
{
    slotkeeper_nodes *nodes = parsed(LITERAL(REPLY));
    slotkeeper_node_list all = slotkeeper_nodes_all(nodes);
    CHECK(slotkeeper_nodes_count(nodes) == all.length);
    for (size_t i = 0; i < all.length; i++) {
        const slotkeeper_node *node = &all.data[i];
        CHECK(same(slotkeeper_nodes_id(nodes, i), node->id) && same(slotkeeper_nodes_host(nodes, i), node->host));
        CHECK(same(slotkeeper_nodes_hostname(nodes, i), node->hostname));
        CHECK(same(slotkeeper_nodes_auxiliary(nodes, i), node->auxiliary));
        CHECK(same(slotkeeper_nodes_flags(nodes, i), node->flags_text));
        CHECK(same(slotkeeper_nodes_master_id(nodes, i), node->master_id));
        CHECK(slotkeeper_nodes_port(nodes, i) == node->port && slotkeeper_nodes_bus_port(nodes, i) == node->bus_port);
        CHECK(slotkeeper_nodes_has_bus_port(nodes, i) == node->has_bus_port);
        CHECK(slotkeeper_nodes_role(nodes, i) == node->role && slotkeeper_nodes_is_linked(nodes, i) == node->is_linked);
        CHECK(slotkeeper_nodes_is_failed(nodes, i) == ((node->flags & SLOTKEEPER_FLAG_FAILED) != 0));
        CHECK(slotkeeper_nodes_is_suspected(nodes, i) == ((node->flags & SLOTKEEPER_FLAG_SUSPECTED) != 0));
        CHECK(slotkeeper_nodes_is_myself(nodes, i) == ((node->flags & SLOTKEEPER_FLAG_MYSELF) != 0));
        CHECK(slotkeeper_nodes_ping_sent(nodes, i) == node->ping_sent);
        CHECK(slotkeeper_nodes_pong_received(nodes, i) == node->pong_received);
        CHECK(slotkeeper_nodes_config_epoch(nodes, i) == node->config_epoch);
        CHECK(slotkeeper_nodes_slots(nodes, i).data == node->slots.data);
        CHECK(slotkeeper_nodes_slots(nodes, i).length == node->slots.length);
        CHECK(slotkeeper_nodes_moving(nodes, i).data == node->moving.data);
        CHECK(slotkeeper_nodes_moving(nodes, i).length == node->moving.length);
    }
    slotkeeper_nodes_free(nodes);
}

static int first_to_ask(void *nodes)
{
    slotkeeper_node_list all = slotkeeper_nodes_all(nodes);
    slotkeeper_problem_list problems = slotkeeper_nodes_problems(nodes);
    return (int)(all.length * 100 + problems.length + (text_is(all.data[2].master_id, ID_A) ? 1000 : 0));
}

static void threads_may_ask_first_at_once(void)
{
    enum { THREADS = 4, ROUNDS = 20 };
    for (int round = 0; round < ROUNDS; round++) {
        slotkeeper_nodes *nodes = parsed(LITERAL(REPLY));
        thrd_t threads[THREADS];
        for (int i = 0; i < THREADS; i++)
            CHECK(thrd_create(&threads[i], first_to_ask, nodes) == thrd_success);
        for (int i = 0; i < THREADS; i++) {
            int told = 0;
            CHECK(thrd_join(threads[i], &told) == thrd_success && told == 1402);
        }
        slotkeeper_nodes_free(nodes);
    }
}

static void the_text_may_go_when_it_was_parsed(void)
{
    char *text = malloc(sizeof REPLY);
    if (text == NULL)
        exit(EXIT_FAILURE);
    memcpy(text, REPLY, sizeof REPLY);
    slotkeeper_nodes *nodes = parsed(text, sizeof REPLY - 1);
    memset(text, 'x', sizeof REPLY);
    free(text);
    CHECK(text_is(slotkeeper_nodes_all(nodes).data[0].hostname, "redis1.example"));
    slotkeeper_nodes_free(nodes);
}

static void each_slot_has_its_owner(void)
{
    slotkeeper_nodes *nodes = parsed(LITERAL(REPLY));
    const uint16_t *owners = slotkeeper_nodes_owners(nodes);
    CHECK(owners[0] == 0 && owners[5] == 0 && owners[6] == SLOTKEEPER_NO_OWNER && owners[9] == 0 && owners[300] == 1);
    CHECK(owners[301] == SLOTKEEPER_NO_OWNER && owners[SLOTKEEPER_SLOT_COUNT - 1] == SLOTKEEPER_NO_OWNER);
    slotkeeper_nodes_free(nodes);
}

static int redirects(const char *text, slotkeeper_error_reply_kind kind, uint16_t slot, const char *host, uint16_t port)
{
    slotkeeper_error_reply reply = slotkeeper_error_reply_parse(text, strlen(text));
    return reply.kind == kind && reply.slot == slot && text_is(reply.host, host) && reply.port == port;
}

static void error_replies_are_sorted(void)
{
    static const char moved[] = "-MOVED 3999 127.0.0.1:6381\r\n";
    slotkeeper_error_reply reply = slotkeeper_error_reply_parse(LITERAL(moved));
    CHECK(reply.kind == SLOTKEEPER_ERROR_REPLY_MOVED && reply.slot == 3999 && reply.port == 6381);
    CHECK(reply.host.data == moved + strlen("-MOVED 3999 ") && text_is(reply.host, "127.0.0.1"));
    CHECK(redirects("ASK 1 ::1:7001", SLOTKEEPER_ERROR_REPLY_ASK, 1, "::1", 7001));
    CHECK(redirects("MOVED 1 [::1]:7001", SLOTKEEPER_ERROR_REPLY_MOVED, 1, "::1", 7001));
    CHECK(redirects("MOVED 12 :7001", SLOTKEEPER_ERROR_REPLY_MOVED, 12, "", 7001));
    CHECK(redirects("MOVED 12 ?:7001", SLOTKEEPER_ERROR_REPLY_MOVED, 12, "?", 7001));
    CHECK(redirects("MOVED 16384 h:1", SLOTKEEPER_ERROR_REPLY_OTHER, 0, "", 0));
    CHECK(redirects("MOVED 1 h\xff:1", SLOTKEEPER_ERROR_REPLY_OTHER, 0, "", 0));
    CHECK(redirects("TRYAGAIN x", SLOTKEEPER_ERROR_REPLY_TRY_AGAIN, 0, "", 0));
    CHECK(redirects("CLUSTERDOWN Hash slot not served", SLOTKEEPER_ERROR_REPLY_CLUSTER_DOWN, 0, "", 0));
    CHECK(redirects("LOADING x", SLOTKEEPER_ERROR_REPLY_LOADING, 0, "", 0));
    CHECK(redirects("MASTERDOWN x", SLOTKEEPER_ERROR_REPLY_MASTER_DOWN, 0, "", 0));
    CHECK(redirects("READONLY x", SLOTKEEPER_ERROR_REPLY_READ_ONLY, 0, "", 0));
    CHECK(redirects("NOAUTH x", SLOTKEEPER_ERROR_REPLY_NO_AUTH, 0, "", 0));
    CHECK(redirects("WRONGPASS x", SLOTKEEPER_ERROR_REPLY_WRONG_PASS, 0, "", 0));
    CHECK(redirects("NOPERM x", SLOTKEEPER_ERROR_REPLY_NO_PERM, 0, "", 0));
    CHECK(redirects("ERR This instance has cluster support disabled", SLOTKEEPER_ERROR_REPLY_CLUSTER_DISABLED, 0, "", 0));
    CHECK(redirects("ERR unknown command '\xff'", SLOTKEEPER_ERROR_REPLY_UNKNOWN_COMMAND, 0, "", 0));
    CHECK(redirects("", SLOTKEEPER_ERROR_REPLY_OTHER, 0, "", 0));
    CHECK(slotkeeper_error_reply_parse(NULL, 0).kind == SLOTKEEPER_ERROR_REPLY_OTHER);
    CHECK(slotkeeper_error_reply_parse(NULL, 7).kind == SLOTKEEPER_ERROR_REPLY_OTHER);
}

static void nothing_has_no_nodes(void)
{
    CHECK(slotkeeper_nodes_owners(NULL) == NULL);
    CHECK(slotkeeper_nodes_all(NULL).length == 0 && slotkeeper_nodes_all(NULL).data != NULL);
    CHECK(slotkeeper_nodes_problems(NULL).length == 0 && slotkeeper_nodes_problems(NULL).data != NULL);
}

int main(void)
{
    a_line_says_all_it_has();
    problems_have_line_and_reason();
    getters_and_bulk_agree();
    threads_may_ask_first_at_once();
    the_text_may_go_when_it_was_parsed();
    each_slot_has_its_owner();
    error_replies_are_sorted();
    nothing_has_no_nodes();
    return verdict();
}
