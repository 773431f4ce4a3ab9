/*
 * Slotkeeper: keeps applications on Redis Cluster alive when nodes or a whole data centre die.
 *
 * Generated from src/ffi; do not edit. `UPDATE_HEADER=1 cargo test --test c_abi` writes it anew.
 *
 * Names       `slotkeeper_<type>_<verb>`. Arguments: the object first, then inputs, then outputs, `error` last.
 *
 * Results     A function that can fail returns a slotkeeper_code: 0 for success. Outputs are written on success only.
 *             `error` may be NULL. If it is not, a failure writes an error object there that says in words what was wrong,
 *             to be freed with slotkeeper_error_free; success leaves it alone. Getters cannot fail: for NULL, and for an
 *             index that is too large, they return 0, false, NULL or an empty text.
 *
 * Ownership   What a function writes through a `T **` belongs to the caller, who frees it with slotkeeper_<type>_free.
 *             NULL may be freed. What a getter returns (texts, arrays, objects behind `const`) belongs to the object that it
 *             was asked of: it is valid until that is freed, and must not be freed itself.
 *
 * Texts       Inputs are pointer and length, in UTF-8. Outputs are a slotkeeper_str: pointer and length, UTF-8, and not
 *             NUL-terminated, as they are parts of longer texts: printf("%.*s", (int)text.length, text.data).
 *
 * Structs     Plain structs that are given or taken are frozen: their members never change, and none is added. New facts come
 *             by new functions. What such a struct points to belongs to the object that it came from.
 *
 *             Lists are a pointer and a length, for reading everything with one call; the pointer is never NULL.
 *
 * Threads     Objects behind `const T *` are immutable: any threads may use one at once. "Any thread" at a function says
 *             just that. Freeing an object, and changing a slotkeeper_config, is for one thread while no other uses it.
 *             A slotkeeper_keeper is a number, not a pointer: any thread may use it at any time, even after it was closed.
 *
 * Processes   fork without exec is not supported once a keeper was opened: its thread exists in the parent only, and the
 *             child must not call any function of this library.
 *
 * Faults      No panic of the library crosses into the caller: it becomes SLOTKEEPER_PANIC. No signal handler is installed.
 */


#ifndef SLOTKEEPER_H
#define SLOTKEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A flag of a node: the answering node's own line.
 */
#define SLOTKEEPER_FLAG_MYSELF 1

/**
 * A flag of a node: it may own slots.
 */
#define SLOTKEEPER_FLAG_MASTER 2

/**
 * A flag of a node: it copies a master.
 */
#define SLOTKEEPER_FLAG_REPLICA 4

/**
 * A flag of a node: `fail?`, one node's suspicion.
 */
#define SLOTKEEPER_FLAG_SUSPECTED 8

/**
 * A flag of a node: `fail`, agreed by a majority of the masters.
 */
#define SLOTKEEPER_FLAG_FAILED 16

/**
 * A flag of a node: met and not yet known, with a temporary id and no role.
 */
#define SLOTKEEPER_FLAG_HANDSHAKE 32

/**
 * A flag of a node: its address is not known.
 */
#define SLOTKEEPER_FLAG_NO_ADDRESS 64

/**
 * A flag of a node: a replica that will not be promoted.
 */
#define SLOTKEEPER_FLAG_NO_FAILOVER 128

/**
 * The number of slots in every Redis Cluster.
 */
#define SLOTKEEPER_SLOT_COUNT 16384

/**
 * The owner of a slot that nobody owns.
 */
#define SLOTKEEPER_NO_OWNER 65535

/**
 * How a call ended: 0, or what went wrong.
 *
 * Later versions may add numbers, and never change one. Java's exception carries the same.
 */
enum slotkeeper_code
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * All is well.
     */
    SLOTKEEPER_OK = 0,
    /**
     * An argument is NULL, not UTF-8, or outside its range.
     */
    SLOTKEEPER_INVALID_ARGUMENT = 1,
    /**
     * A text is not an address of a node.
     */
    SLOTKEEPER_INVALID_ADDRESS = 2,
    /**
     * No property of the configuration has this name.
     */
    SLOTKEEPER_UNKNOWN_PROPERTY = 3,
    /**
     * A property's value is not among what it allows.
     */
    SLOTKEEPER_INVALID_VALUE = 4,
    /**
     * A property that is needed has no value.
     */
    SLOTKEEPER_MISSING_PROPERTY = 5,
    /**
     * The keeper is not open: it was closed, or never was one.
     */
    SLOTKEEPER_CLOSED = 20,
    /**
     * No answer that could be used before the deadline.
     */
    SLOTKEEPER_TIMEOUT = 40,
    /**
     * A reply is not what the protocol says.
     */
    SLOTKEEPER_BAD_REPLY = 42,
    /**
     * A reply is larger than this library reads.
     */
    SLOTKEEPER_TOO_LARGE = 43,
    /**
     * The audit has critical findings, and the configuration forbids a start with such.
     */
    SLOTKEEPER_AUDIT_FAILED = 44,
    /**
     * The system refused a thread, a socket or a file.
     */
    SLOTKEEPER_SYSTEM = 60,
    /**
     * A fault of this library was caught; please report it.
     */
    SLOTKEEPER_PANIC = 90,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_code slotkeeper_code;
#else
typedef int32_t slotkeeper_code;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How bad a finding is.
 */
enum slotkeeper_severity
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * To be mended before it meets something else.
     */
    SLOTKEEPER_SEVERITY_WARNING = 1,
    /**
     * Slots are lost, or one failure would lose some.
     */
    SLOTKEEPER_SEVERITY_CRITICAL = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_severity slotkeeper_severity;
#else
typedef uint8_t slotkeeper_severity;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a change is. Later versions may add kinds: those that you do not know have their sentence all the same.
 */
enum slotkeeper_change_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * `node` is new, as `role`.
     */
    SLOTKEEPER_CHANGE_JOINED = 1,
    /**
     * `node` is no longer named by the others.
     */
    SLOTKEEPER_CHANGE_LEFT = 2,
    /**
     * The masters agreed that `node` has failed; it was a `role`.
     */
    SLOTKEEPER_CHANGE_FAILED = 3,
    /**
     * `node` had failed and is back, as `role`.
     */
    SLOTKEEPER_CHANGE_RECOVERED = 4,
    /**
     * `node`, a replica, became a master.
     */
    SLOTKEEPER_CHANGE_PROMOTED = 5,
    /**
     * `node`, a master, became a replica.
     */
    SLOTKEEPER_CHANGE_DEMOTED = 6,
    /**
     * `node`, a replica, copies `other` now; an empty `other`: it knows no master.
     */
    SLOTKEEPER_CHANGE_FOLLOWS = 7,
    /**
     * `node` has the address of `other` now: one id, two addresses.
     */
    SLOTKEEPER_CHANGE_MOVED = 8,
    /**
     * `slots` went from `node` to `other`; one of them may be empty: nobody.
     */
    SLOTKEEPER_CHANGE_SLOTS_MOVED = 9,
    /**
     * The cluster refuses all requests from now on.
     */
    SLOTKEEPER_CHANGE_REFUSES = 10,
    /**
     * The cluster takes requests again.
     */
    SLOTKEEPER_CHANGE_ACCEPTS = 11,
    /**
     * `before` slots had a living owner, `after` have one now.
     */
    SLOTKEEPER_CHANGE_COVERAGE = 12,
    /**
     * `node`, a `role`, is suspected: `fail?`, the word of one node.
     */
    SLOTKEEPER_CHANGE_SUSPECTED = 13,
    /**
     * `node`, a `role`, was suspected and is trusted again.
     */
    SLOTKEEPER_CHANGE_TRUSTED = 14,
    /**
     * `slots` are served again.
     */
    SLOTKEEPER_CHANGE_SLOTS_SERVED = 15,
    /**
     * `slots` are pending, for `trouble`.
     */
    SLOTKEEPER_CHANGE_SLOTS_PENDING = 16,
    /**
     * `slots` are unserved, for `trouble`.
     */
    SLOTKEEPER_CHANGE_SLOTS_UNSERVED = 17,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_change_kind slotkeeper_change_kind;
#else
typedef uint8_t slotkeeper_change_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a node is.
 */
enum slotkeeper_role
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Not known: the node is in a handshake.
     */
    SLOTKEEPER_ROLE_NONE = 0,
    /**
     * May own slots.
     */
    SLOTKEEPER_ROLE_MASTER = 1,
    /**
     * Copies a master.
     */
    SLOTKEEPER_ROLE_REPLICA = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_role slotkeeper_role;
#else
typedef uint8_t slotkeeper_role;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why a slot is not served. Later versions may add reasons.
 */
enum slotkeeper_trouble
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing is the matter: the slot is served.
     */
    SLOTKEEPER_TROUBLE_NONE = 0,
    /**
     * Pending: the owner is suspected, by one node or since it leaves our own probes unanswered.
     */
    SLOTKEEPER_TROUBLE_OWNER_SUSPECTED = 1,
    /**
     * Pending: the owner has failed, and a failover is under way or about to be.
     */
    SLOTKEEPER_TROUBLE_OWNER_FAILED = 2,
    /**
     * Pending: the cluster takes no requests until the failover of other slots is over.
     */
    SLOTKEEPER_TROUBLE_CLUSTER_PENDING = 3,
    /**
     * Unserved: nobody owns the slot.
     */
    SLOTKEEPER_TROUBLE_NO_OWNER = 4,
    /**
     * Unserved: fewer than a majority of the masters are left, so the cluster refuses all requests.
     */
    SLOTKEEPER_TROUBLE_NO_QUORUM = 5,
    /**
     * Unserved: the owner has failed, and no replica of it lives that may be promoted.
     */
    SLOTKEEPER_TROUBLE_NO_REPLICA = 6,
    /**
     * Unserved: the owner is gone, and its failover should have been over.
     */
    SLOTKEEPER_TROUBLE_FAILOVER_OVERDUE = 7,
    /**
     * Unserved: no node that was asked knows the owner's address.
     */
    SLOTKEEPER_TROUBLE_NO_ADDRESS = 8,
    /**
     * Unserved: the cluster refuses all requests, since other slots have nobody to serve them.
     */
    SLOTKEEPER_TROUBLE_CLUSTER_REFUSES = 9,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_trouble slotkeeper_trouble;
#else
typedef uint8_t slotkeeper_trouble;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an error reply of a server means. Later versions may add kinds; texts that were of kind SLOTKEEPER_ERROR_REPLY_OTHER may
 * then be of those.
 */
enum slotkeeper_error_reply_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Any other error, and a text that is none.
     */
    SLOTKEEPER_ERROR_REPLY_OTHER = 0,
    /**
     * `MOVED`: another node serves the slot, from now on.
     */
    SLOTKEEPER_ERROR_REPLY_MOVED = 1,
    /**
     * `ASK`: the slot is on the move; for this one command, preceded by ASKING, another node serves it.
     */
    SLOTKEEPER_ERROR_REPLY_ASK = 2,
    /**
     * `TRYAGAIN`: the slot is on the move, and the keys of the command are not all on one side yet.
     */
    SLOTKEEPER_ERROR_REPLY_TRY_AGAIN = 3,
    /**
     * `CLUSTERDOWN`: the slot has no owner, or the cluster takes no requests (or no writes) at all.
     */
    SLOTKEEPER_ERROR_REPLY_CLUSTER_DOWN = 4,
    /**
     * `LOADING`: the server reads its data still.
     */
    SLOTKEEPER_ERROR_REPLY_LOADING = 5,
    /**
     * `MASTERDOWN`: the replica has lost its master, and serves no stale data.
     */
    SLOTKEEPER_ERROR_REPLY_MASTER_DOWN = 6,
    /**
     * `READONLY`: a write was sent to a replica.
     */
    SLOTKEEPER_ERROR_REPLY_READ_ONLY = 7,
    /**
     * `NOAUTH`: there is a password, and none was sent.
     */
    SLOTKEEPER_ERROR_REPLY_NO_AUTH = 8,
    /**
     * AUTH was refused: `WRONGPASS`, or in other words; also where the server has no password or no users.
     */
    SLOTKEEPER_ERROR_REPLY_WRONG_PASS = 9,
    /**
     * `NOPERM`: the user may not run this command, or not on these keys.
     */
    SLOTKEEPER_ERROR_REPLY_NO_PERM = 10,
    /**
     * The server runs without cluster mode.
     */
    SLOTKEEPER_ERROR_REPLY_CLUSTER_DISABLED = 11,
    /**
     * The server does not know the command.
     */
    SLOTKEEPER_ERROR_REPLY_UNKNOWN_COMMAND = 12,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_error_reply_kind slotkeeper_error_reply_kind;
#else
typedef uint8_t slotkeeper_error_reply_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an event is. Later versions may add kinds: pass over those that you do not know.
 */
enum slotkeeper_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * No event: the answer for NULL.
     */
    SLOTKEEPER_EVENT_NONE = 0,
    /**
     * A new generation of the topology is readable. It has `generation`, `cause` and `change`s.
     */
    SLOTKEEPER_EVENT_CHANGED = 1,
    /**
     * Events were lost because nobody asked for them: read the topology anew. It has `generation` and `lost`.
     */
    SLOTKEEPER_EVENT_RESYNCHRONISE = 2,
    /**
     * The library has something to say. It has `level` and `message`.
     */
    SLOTKEEPER_EVENT_LOG = 3,
    /**
     * The audit of the layout finds something else than was told before. It has `generation`, and findings that `appeared` and `vanished`.
     */
    SLOTKEEPER_EVENT_AUDITED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_kind slotkeeper_kind;
#else
typedef uint8_t slotkeeper_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which way a slot moves, seen from the node that tells it.
 */
enum slotkeeper_direction
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * On its way to another master; the node still owns it.
     */
    SLOTKEEPER_DIRECTION_MIGRATING = 1,
    /**
     * On its way from another master; the node does not own it yet.
     */
    SLOTKEEPER_DIRECTION_IMPORTING = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_direction slotkeeper_direction;
#else
typedef uint8_t slotkeeper_direction;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How the whole cluster is.
 */
enum slotkeeper_health
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Every slot is served.
     */
    SLOTKEEPER_HEALTH_OK = 0,
    /**
     * Some slots are not, or are being failed over; the cluster serves the others.
     */
    SLOTKEEPER_HEALTH_DEGRADED = 1,
    /**
     * The cluster refuses every request: coverage is required and incomplete, or there is no quorum. Whether that is about to
     * change, the slots' states tell.
     */
    SLOTKEEPER_HEALTH_DOWN = 2,
    /**
     * Nobody has answered; the last topology stands.
     */
    SLOTKEEPER_HEALTH_UNKNOWN = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_health slotkeeper_health;
#else
typedef uint8_t slotkeeper_health;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whether commands for a slot can succeed.
 */
enum slotkeeper_slot_state
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Its owner lives, and the cluster takes requests.
     */
    SLOTKEEPER_SLOT_SERVED = 0,
    /**
     * Its owner is silent or failed, or the cluster refuses for another that has: a failover is possible and not overdue.
     */
    SLOTKEEPER_SLOT_PENDING = 1,
    /**
     * Nobody serves it, and nobody is about to: worth no wait.
     */
    SLOTKEEPER_SLOT_UNSERVED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_slot_state slotkeeper_slot_state;
#else
typedef uint8_t slotkeeper_slot_state;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why a view was not used for a topology. Later versions may add reasons.
 */
enum slotkeeper_rejection
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It was used.
     */
    SLOTKEEPER_REJECTION_NONE = 0,
    /**
     * Its node knows no slots: it is fresh, or was reset.
     */
    SLOTKEEPER_REJECTION_EMPTY = 1,
    /**
     * Its node belongs to another cluster.
     */
    SLOTKEEPER_REJECTION_FOREIGN = 2,
    /**
     * No other view names its node: it was forgotten.
     */
    SLOTKEEPER_REJECTION_OUTSIDER = 3,
    /**
     * Its node reaches no majority of the masters, and another view's does.
     */
    SLOTKEEPER_REJECTION_MINORITY = 4,
    /**
     * Its node has not heard of an epoch that is known already.
     */
    SLOTKEEPER_REJECTION_BEHIND = 5,
    /**
     * Its texts are no CLUSTER NODES and CLUSTER INFO.
     */
    SLOTKEEPER_REJECTION_UNREADABLE = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_rejection slotkeeper_rejection;
#else
typedef uint8_t slotkeeper_rejection;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why nobody takes over from a dead master.
 */
enum slotkeeper_loss
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Somebody does.
     */
    SLOTKEEPER_LOSS_NONE = 0,
    /**
     * Fewer than a majority of the masters are left: nobody can be elected.
     */
    SLOTKEEPER_LOSS_NO_QUORUM = 1,
    /**
     * It has no replica.
     */
    SLOTKEEPER_LOSS_NO_REPLICA = 2,
    /**
     * All of its replicas are dead.
     */
    SLOTKEEPER_LOSS_REPLICAS_DEAD = 3,
    /**
     * Of its replicas some live, and none of those may be promoted.
     */
    SLOTKEEPER_LOSS_REPLICAS_BARRED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_loss slotkeeper_loss;
#else
typedef uint8_t slotkeeper_loss;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a loss of nodes does to the cluster, from the least to the worst.
 */
enum slotkeeper_effect
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Every slot has a master again once the failovers are over.
     */
    SLOTKEEPER_EFFECT_SURVIVES = 0,
    /**
     * Some slots stay without a master; if the cluster requires full coverage, it refuses all requests.
     */
    SLOTKEEPER_EFFECT_LOSES_SLOTS = 1,
    /**
     * Nobody is promoted, and no node takes requests.
     */
    SLOTKEEPER_EFFECT_LOSES_QUORUM = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum slotkeeper_effect slotkeeper_effect;
#else
typedef uint8_t slotkeeper_effect;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * An audit: a table of nodes, where they stand, and what is wrong with that. Immutable; it outlives what it was made of.
 */
typedef struct slotkeeper_audit slotkeeper_audit;

/**
 * A configuration. For one thread while it is changed; any threads may use it at once when it is not.
 */
typedef struct slotkeeper_config slotkeeper_config;

/**
 * What changed between two topologies. Immutable; it needs neither of them any more.
 */
typedef struct slotkeeper_diff slotkeeper_diff;

/**
 * What went wrong, in words. Immutable.
 */
typedef struct slotkeeper_error slotkeeper_error;

/**
 * Something that happened. Immutable.
 */
typedef struct slotkeeper_event slotkeeper_event;

/**
 * What a keeper had measured when it was asked. Immutable.
 */
typedef struct slotkeeper_metrics slotkeeper_metrics;

/**
 * A table of nodes. Immutable.
 */
typedef struct slotkeeper_nodes slotkeeper_nodes;

/**
 * What the seed filter found, in the order of the configuration; if no seed is healthy, about nodes of the file `last-good.file`
 * as well, behind the seeds. Immutable.
 */
typedef struct slotkeeper_seed_report slotkeeper_seed_report;

/**
 * How a keeper was doing when it was asked. Immutable.
 */
typedef struct slotkeeper_status slotkeeper_status;

/**
 * A topology: the nodes, and the owner and state of each slot. Immutable; it outlives the keeper that gave it.
 */
typedef struct slotkeeper_topology slotkeeper_topology;

/**
 * What becomes of a cluster after losses. Immutable.
 */
typedef struct slotkeeper_what_if slotkeeper_what_if;

/**
 * A text that belongs to the object that it was asked of: UTF-8, not NUL-terminated. `data` is never NULL.
 */
typedef struct slotkeeper_str {
    /**
     * The first byte.
     */
    const char *data;
    /**
     * How many bytes.
     */
    size_t length;
} slotkeeper_str;

/**
 * Ids of nodes. `data` is never NULL.
 */
typedef struct slotkeeper_id_list {
    /**
     * The first id, 40 hex digits.
     */
    const struct slotkeeper_str *data;
    /**
     * How many ids.
     */
    size_t length;
} slotkeeper_id_list;

/**
 * A run of slots, both ends included.
 */
typedef struct slotkeeper_slot_range {
    /**
     * The first slot.
     */
    uint16_t first;
    /**
     * The last slot, not below the first.
     */
    uint16_t last;
} slotkeeper_slot_range;

/**
 * Runs of slots. `data` is never NULL.
 */
typedef struct slotkeeper_slot_ranges {
    /**
     * The first run.
     */
    const struct slotkeeper_slot_range *data;
    /**
     * How many runs.
     */
    size_t length;
} slotkeeper_slot_ranges;

/**
 * A rule that is broken, by whom, and what mends it.
 */
typedef struct slotkeeper_finding {
    /**
     * The rule's stable id, such as `shard-in-one-zone`; the metric slotkeeper_audit_findings has it as its label. Later versions may add
     * rules.
     */
    struct slotkeeper_str rule;
    /**
     * What is the matter, in one sentence.
     */
    struct slotkeeper_str sentence;
    /**
     * What an operator does about it.
     */
    struct slotkeeper_str remedy;
    /**
     * The nodes concerned, the one that it is about first.
     */
    struct slotkeeper_id_list nodes;
    /**
     * The slots concerned, in order; none where it is about no slots.
     */
    struct slotkeeper_slot_ranges slots;
    /**
     * How bad it is.
     */
    slotkeeper_severity severity;
} slotkeeper_finding;

/**
 * Findings, the worst first. `data` is never NULL.
 */
typedef struct slotkeeper_finding_list {
    /**
     * The first finding.
     */
    const struct slotkeeper_finding *data;
    /**
     * How many findings.
     */
    size_t length;
} slotkeeper_finding_list;

/**
 * A node as a change names it: what it is called, and where it stood.
 */
typedef struct slotkeeper_node_name {
    /**
     * The node's id, 40 hex digits; empty if there is no node.
     */
    struct slotkeeper_str id;
    /**
     * Name or address of its host, IPv6 without brackets; empty if it is not known.
     */
    struct slotkeeper_str host;
    /**
     * Its port for clients; 0 if it is not known.
     */
    uint16_t port;
} slotkeeper_node_name;

/**
 * One difference between two topologies. `kind` says which members mean something; the others are empty.
 */
typedef struct slotkeeper_change {
    /**
     * The change as an operator would say it.
     */
    struct slotkeeper_str sentence;
    /**
     * The node that it is about, or the one that had the slots.
     */
    struct slotkeeper_node_name node;
    /**
     * The node at the other end.
     */
    struct slotkeeper_node_name other;
    /**
     * The slots that changed hands, or whose state changed.
     */
    struct slotkeeper_slot_ranges slots;
    /**
     * A number before the change.
     */
    uint32_t before;
    /**
     * The same number after it.
     */
    uint32_t after;
    /**
     * What the change is.
     */
    slotkeeper_change_kind kind;
    /**
     * What `node` is.
     */
    slotkeeper_role role;
    /**
     * What is the matter with the slots.
     */
    slotkeeper_trouble trouble;
} slotkeeper_change;

/**
 * Changes. `data` is never NULL.
 */
typedef struct slotkeeper_change_list {
    /**
     * The first change.
     */
    const struct slotkeeper_change *data;
    /**
     * How many changes.
     */
    size_t length;
} slotkeeper_change_list;

/**
 * What an error reply means.
 */
typedef struct slotkeeper_error_reply {
    /**
     * MOVED and ASK: the host to go to, a name or an address, IPv6 without brackets. Part of the text that was given. Empty: the
     * host of the node that answered; `?`: not known to it, so that only CLUSTER NODES can tell.
     */
    struct slotkeeper_str host;
    /**
     * MOVED and ASK: the slot.
     */
    uint16_t slot;
    /**
     * MOVED and ASK: the port to go to.
     */
    uint16_t port;
    /**
     * What it means.
     */
    slotkeeper_error_reply_kind kind;
} slotkeeper_error_reply;

/**
 * What one node says about the state of the cluster. What a server does not send is 0, or -1 where this is said.
 */
typedef struct slotkeeper_info {
    /**
     * The highest epoch that the node has seen.
     */
    uint64_t current_epoch;
    /**
     * The node's own config epoch, or its master's.
     */
    uint64_t my_epoch;
    /**
     * Messages sent over the cluster bus since the node's start.
     */
    uint64_t messages_sent;
    /**
     * Messages received over the cluster bus since the node's start.
     */
    uint64_t messages_received;
    /**
     * Links of the bus that were cut since their buffers were too full (Redis 7.0 and later); else -1.
     */
    int64_t links_cut;
    /**
     * Nodes that are `fail?` (Valkey 9.0 and later, as the three that follow); else -1.
     */
    int64_t nodes_suspected;
    /**
     * Nodes that are `fail`; else -1.
     */
    int64_t nodes_failed;
    /**
     * Masters that own slots and are `fail?`; else -1.
     */
    int64_t voting_nodes_suspected;
    /**
     * Masters that own slots and are `fail`; else -1.
     */
    int64_t voting_nodes_failed;
    /**
     * Slots that have an owner.
     */
    uint32_t slots_assigned;
    /**
     * Slots whose owner is neither `fail` nor `fail?`.
     */
    uint32_t slots_ok;
    /**
     * Slots whose owner is `fail?`.
     */
    uint32_t slots_suspected;
    /**
     * Slots whose owner is `fail`.
     */
    uint32_t slots_failed;
    /**
     * All nodes that the node knows, itself included.
     */
    uint32_t known_nodes;
    /**
     * Masters that own at least one slot.
     */
    uint32_t size;
    /**
     * `cluster_state:ok`: the node takes requests. A node says `fail` for about 2 s after its own start as well.
     */
    bool is_ok;
} slotkeeper_info;

/**
 * An open keeper: a number that is looked up, never 0, never used again. What was closed, or never opened, gives
 * SLOTKEEPER_CLOSED and no crash.
 */
typedef uint64_t slotkeeper_keeper;

/**
 * A slot on its way from one master to another.
 */
typedef struct slotkeeper_moving_slot {
    /**
     * The id of the master at the other end.
     */
    struct slotkeeper_str other_id;
    /**
     * The slot.
     */
    uint16_t slot;
    /**
     * Leaving for the other master, or coming from it.
     */
    slotkeeper_direction direction;
} slotkeeper_moving_slot;

/**
 * Slots on the move. `data` is never NULL.
 */
typedef struct slotkeeper_moving_slots {
    /**
     * The first of them.
     */
    const struct slotkeeper_moving_slot *data;
    /**
     * How many there are.
     */
    size_t length;
} slotkeeper_moving_slots;

/**
 * A node: what its line in CLUSTER NODES says, or what a topology believes of it.
 */
typedef struct slotkeeper_node {
    /**
     * The node's name for itself, 40 hex digits.
     */
    struct slotkeeper_str id;
    /**
     * Name or address of the host, IPv6 without brackets; empty if it is not known.
     */
    struct slotkeeper_str host;
    /**
     * The announced host name; empty if there is none.
     */
    struct slotkeeper_str hostname;
    /**
     * Auxiliary fields behind the address as they were sent, `key=value` between commas; empty if there are none.
     */
    struct slotkeeper_str auxiliary;
    /**
     * The flags as they were sent, between commas, unknown ones too. In a topology `flags` is right where the two differ.
     */
    struct slotkeeper_str flags_text;
    /**
     * The id of the master that a replica copies; empty for masters, and if it is not known.
     */
    struct slotkeeper_str master_id;
    /**
     * The slots that the node owns.
     */
    struct slotkeeper_slot_ranges slots;
    /**
     * The slots that it tells to be on the move; only the node that gave a reply tells of its own.
     */
    struct slotkeeper_moving_slots moving;
    /**
     * Since when a ping is unanswered, in ms of the answering node's clock; 0 if none is.
     */
    uint64_t ping_sent;
    /**
     * When the last pong came, in ms of the answering node's clock.
     */
    uint64_t pong_received;
    /**
     * The config epoch; a replica's decides nothing.
     */
    uint64_t config_epoch;
    /**
     * The known flags: SLOTKEEPER_FLAG_MYSELF and its kin. Later versions may set more.
     */
    uint32_t flags;
    /**
     * The port for clients; 0 if it is not known.
     */
    uint16_t port;
    /**
     * The port of the cluster bus; 0 if `has_bus_port` is false.
     */
    uint16_t bus_port;
    /**
     * Whether the port of the cluster bus is told, as it is since Redis 4.
     */
    bool has_bus_port;
    /**
     * Whether the answering node's bus link to this one stands. Says nothing about health.
     */
    bool is_linked;
    /**
     * What the node is.
     */
    slotkeeper_role role;
} slotkeeper_node;

/**
 * Nodes. `data` is never NULL.
 */
typedef struct slotkeeper_node_list {
    /**
     * The first node.
     */
    const struct slotkeeper_node *data;
    /**
     * How many nodes.
     */
    size_t length;
} slotkeeper_node_list;

/**
 * A line of a reply, or a slot item of a line, that could not be read and was skipped.
 */
typedef struct slotkeeper_problem {
    /**
     * The line's number, from 1.
     */
    size_t line;
    /**
     * What is wrong with it, as a sentence.
     */
    struct slotkeeper_str reason;
} slotkeeper_problem;

/**
 * Problems. `data` is never NULL.
 */
typedef struct slotkeeper_problem_list {
    /**
     * The first problem.
     */
    const struct slotkeeper_problem *data;
    /**
     * How many problems.
     */
    size_t length;
} slotkeeper_problem_list;

/**
 * A master and those who copy it, as indices into the nodes.
 */
typedef struct slotkeeper_shard {
    /**
     * Its replicas, dead or alive, in the order of their ids; never NULL.
     */
    const uint16_t *replicas;
    /**
     * How many replicas.
     */
    size_t replica_count;
    /**
     * The master, dead or alive, with slots or without.
     */
    uint16_t master;
} slotkeeper_shard;

/**
 * Shards. `data` is never NULL.
 */
typedef struct slotkeeper_shard_list {
    /**
     * The first shard.
     */
    const struct slotkeeper_shard *data;
    /**
     * How many shards.
     */
    size_t length;
} slotkeeper_shard_list;

/**
 * What one node said at one moment: its replies without RESP framing, and where it was asked. The texts are read during the
 * call only.
 */
typedef struct slotkeeper_view {
    /**
     * Name or address of the host that was dialled, in UTF-8, IPv6 without brackets. It stands for the node's address where
     * its reply leaves that empty.
     */
    const char *host;
    /**
     * How many bytes.
     */
    size_t host_length;
    /**
     * The reply to CLUSTER NODES.
     */
    const char *nodes;
    /**
     * How many bytes.
     */
    size_t nodes_length;
    /**
     * The reply to CLUSTER INFO.
     */
    const char *info;
    /**
     * How many bytes.
     */
    size_t info_length;
    /**
     * The port that was dialled.
     */
    uint16_t port;
} slotkeeper_view;

/**
 * A master that is dead after a loss, and what becomes of its slots. Nodes are indices into slotkeeper_audit_nodes.
 */
typedef struct slotkeeper_dead_master {
    /**
     * The replicas one of which takes over; never NULL.
     */
    const uint16_t *heirs;
    /**
     * How many of these; 0 if nobody does.
     */
    size_t heir_count;
    /**
     * The master.
     */
    uint16_t master;
    /**
     * Why nobody takes over; SLOTKEEPER_LOSS_NONE if somebody does.
     */
    slotkeeper_loss loss;
} slotkeeper_dead_master;

/**
 * Dead masters. `data` is never NULL.
 */
typedef struct slotkeeper_dead_master_list {
    /**
     * The first master.
     */
    const struct slotkeeper_dead_master *data;
    /**
     * How many masters.
     */
    size_t length;
} slotkeeper_dead_master_list;

/**
 * What becomes of the cluster after a loss.
 */
typedef struct slotkeeper_outcome {
    /**
     * What is lost, in words: `zone a`, `zones a and b`, `10.0.0.1:7000`.
     */
    struct slotkeeper_str lost;
    /**
     * The slots that stay without a master, and those that nobody owned before, in order.
     */
    struct slotkeeper_slot_ranges lost_slots;
    /**
     * The masters that are dead then, those that had failed before too.
     */
    struct slotkeeper_dead_master_list dead_masters;
    /**
     * How long failovers take at best, in ms from the loss on; 0 if there are none.
     */
    uint64_t earliest_ms;
    /**
     * At worst, if each first election succeeds; 0 if there are none.
     */
    uint64_t latest_ms;
    /**
     * At worst, if one has to be repeated; 0 where only one master is replaced.
     */
    uint64_t repeated_ms;
    /**
     * How many nodes that lived until then.
     */
    uint32_t dead_nodes;
    /**
     * How many masters with slots are left.
     */
    uint32_t living_masters;
    /**
     * How many of them a majority needs.
     */
    uint32_t majority;
    /**
     * What it comes to.
     */
    slotkeeper_effect effect;
} slotkeeper_outcome;

/**
 * Outcomes, the worst first. `data` is never NULL.
 */
typedef struct slotkeeper_outcome_list {
    /**
     * The first outcome.
     */
    const struct slotkeeper_outcome *data;
    /**
     * How many outcomes.
     */
    size_t length;
} slotkeeper_outcome_list;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, such as `0.1.0`. Valid for ever. Any thread.
 */
struct slotkeeper_str slotkeeper_version(void);

/**
 * Audits a table of nodes, of a CLUSTER NODES text or of a topology, with the zones (`zone.<name>`) of this configuration, and writes the audit
 * for the caller to free. Of `config` only the zones count. Without any network; 10 ms for 1000 nodes. Any thread.
 *
 * What the nodes' settings and their replication would tell is not known here. SLOTKEEPER_BAD_REPLY if a text tells of no cluster.
 */
slotkeeper_code slotkeeper_audit_new(const struct slotkeeper_nodes *nodes,
                                     const struct slotkeeper_config *config,
                                     struct slotkeeper_audit **audit,
                                     struct slotkeeper_error **error);

/**
 * What was found, the worst first. Any thread.
 */
struct slotkeeper_finding_list slotkeeper_audit_findings(const struct slotkeeper_audit *audit);

/**
 * The share of the slots, 0 to 1, that have an owner now, and a master again after the loss of any one zone and of any one node; 0 as soon as
 * the quorum hangs on one of these. A node in no zone counts as a node alone. Any thread.
 */
double slotkeeper_audit_compliance(const struct slotkeeper_audit *audit);

/**
 * The generation of the topology that was audited; 0 if no keeper gave it. Any thread.
 */
uint64_t slotkeeper_audit_generation(const struct slotkeeper_audit *audit);

/**
 * The nodes that were audited, sorted by id. They belong to the audit and must not be freed; NULL for NULL. Any thread.
 */
const struct slotkeeper_nodes *slotkeeper_audit_nodes(const struct slotkeeper_audit *audit);

/**
 * The zone of the node at this index of slotkeeper_audit_nodes; empty if it stands in none, or in dispute between two. Any thread.
 */
struct slotkeeper_str slotkeeper_audit_zone(const struct slotkeeper_audit *audit,
                                            size_t index);

/**
 * Frees an audit; NULL is allowed.
 */
void slotkeeper_audit_free(struct slotkeeper_audit *audit);

/**
 * A configuration with every property at its default, for the caller to free; what is opened with it keeps a copy. Never
 * NULL. Any thread.
 */
struct slotkeeper_config *slotkeeper_config_new(void);

/**
 * Sets one property; the names and what they allow are the table of slotkeeper_property_count and its kin.
 *
 * SLOTKEEPER_UNKNOWN_PROPERTY, SLOTKEEPER_INVALID_VALUE: the error's message says what is allowed.
 */
slotkeeper_code slotkeeper_config_set(struct slotkeeper_config *config,
                                      const char *name,
                                      size_t name_length,
                                      const char *value,
                                      size_t value_length,
                                      struct slotkeeper_error **error);

/**
 * Asks all configured seeds side by side which of them a client could start from, and writes a report for the caller to
 * free. Waits at most `seeds.deadline-ms`. Needs no keeper. Any thread.
 *
 * Dead seeds are no failure: they stand in the report. SLOTKEEPER_MISSING_PROPERTY if `seeds` is not set.
 */
slotkeeper_code slotkeeper_config_check_seeds(const struct slotkeeper_config *config,
                                              struct slotkeeper_seed_report **report,
                                              struct slotkeeper_error **error);

/**
 * Frees a configuration and wipes its secrets; NULL is allowed.
 */
void slotkeeper_config_free(struct slotkeeper_config *config);

/**
 * Compares two topologies, and writes what changed from `old` to `new` for the caller to free. NULL as `old` is no topology
 * yet: each node joined. Any thread.
 */
slotkeeper_code slotkeeper_diff_new(const struct slotkeeper_topology *old,
                                    const struct slotkeeper_topology *new_,
                                    struct slotkeeper_diff **difference,
                                    struct slotkeeper_error **error);

/**
 * The changes: nodes by id, then slots, then the state of the whole. None if nothing that a reader acts on has changed:
 * `fail?`, link states, times and epochs are no change. Any thread.
 */
struct slotkeeper_change_list slotkeeper_diff_changes(const struct slotkeeper_diff *difference);

/**
 * Frees a diff; NULL is allowed.
 */
void slotkeeper_diff_free(struct slotkeeper_diff *difference);

/**
 * The code that the failed function returned; SLOTKEEPER_OK for NULL. Any thread.
 */
slotkeeper_code slotkeeper_error_code(const struct slotkeeper_error *error);

/**
 * One sentence: names the input, what is wrong with it and what is allowed; never a password. Any thread.
 */
struct slotkeeper_str slotkeeper_error_message(const struct slotkeeper_error *error);

/**
 * Frees an error; NULL is allowed.
 */
void slotkeeper_error_free(struct slotkeeper_error *error);

/**
 * Sorts an error reply, given with or without its `-` and its line end. Every text is sorted, none is refused. Any thread.
 */
struct slotkeeper_error_reply slotkeeper_error_reply_parse(const char *text,
                                                           size_t length);

/**
 * Takes the oldest waiting log line without a keeper, say after a seed check, and writes an event for the caller to free;
 * NULL if there is none. Log lines are the process's: each is given once, to whoever asks first. Any thread.
 */
slotkeeper_code slotkeeper_event_next_log(struct slotkeeper_event **event,
                                          struct slotkeeper_error **error);

/**
 * What the event is. Any thread.
 */
slotkeeper_kind slotkeeper_event_kind(const struct slotkeeper_event *event);

/**
 * The generation of the topology that was the latest. Any thread.
 */
uint64_t slotkeeper_event_generation(const struct slotkeeper_event *event);

/**
 * Why the new topology was looked for: `start`, `interval`, `asked`, `moved` or `failure`. Any thread.
 */
struct slotkeeper_str slotkeeper_event_cause(const struct slotkeeper_event *event);

/**
 * How many changes there are. Any thread.
 */
size_t slotkeeper_event_change_count(const struct slotkeeper_event *event);

/**
 * One change against the generation before, as a sentence. Any thread.
 */
struct slotkeeper_str slotkeeper_event_change(const struct slotkeeper_event *event, size_t index);

/**
 * The changes against the generation before, at once. Any thread.
 */
struct slotkeeper_change_list slotkeeper_event_changes(const struct slotkeeper_event *event);

/**
 * The findings that were not there before, the worst first; of the first audit all. Any thread.
 */
struct slotkeeper_finding_list slotkeeper_event_appeared(const struct slotkeeper_event *event);

/**
 * The findings that are not there any more, as they were told. Any thread.
 */
struct slotkeeper_finding_list slotkeeper_event_vanished(const struct slotkeeper_event *event);

/**
 * How many events were lost. Any thread.
 */
uint64_t slotkeeper_event_lost(const struct slotkeeper_event *event);

/**
 * How grave a log line is: `error`, `warn` or `info`. Any thread.
 */
struct slotkeeper_str slotkeeper_event_level(const struct slotkeeper_event *event);

/**
 * A log line's sentence. Any thread.
 */
struct slotkeeper_str slotkeeper_event_message(const struct slotkeeper_event *event);

/**
 * Frees an event; NULL is allowed.
 */
void slotkeeper_event_free(struct slotkeeper_event *event);

/**
 * Reads a CLUSTER INFO reply, without any network. Any thread.
 *
 * SLOTKEEPER_BAD_REPLY if the text is none, SLOTKEEPER_TOO_LARGE beyond 64 KB.
 */
slotkeeper_code slotkeeper_info_parse(const char *text,
                                      size_t length,
                                      struct slotkeeper_info *info,
                                      struct slotkeeper_error **error);

/**
 * Opens a keeper and writes its number. Returns at once: the first topology comes when a node has answered. With `audit.fail-start` it waits
 * for the audit of that, at most `seeds.deadline-ms`. Any thread.
 *
 * SLOTKEEPER_MISSING_PROPERTY if `seeds` is not set, SLOTKEEPER_INVALID_ADDRESS if it names no address,
 * SLOTKEEPER_INVALID_VALUE for a file of TLS that cannot be used, SLOTKEEPER_SYSTEM if there is no thread to be had,
 * SLOTKEEPER_AUDIT_FAILED with `audit.fail-start`: the error's message names the critical findings.
 */
slotkeeper_code slotkeeper_keeper_open(const struct slotkeeper_config *config,
                                       slotkeeper_keeper *keeper,
                                       struct slotkeeper_error **error);

/**
 * Writes the latest topology for the caller to free, if its generation is above `after` (0: any); else waits for one, at most
 * `timeout_ms`, and writes NULL if none came. Any thread.
 *
 * SLOTKEEPER_CLOSED if the keeper is closed, also while waiting.
 */
slotkeeper_code slotkeeper_keeper_topology(slotkeeper_keeper keeper,
                                           uint64_t after,
                                           uint32_t timeout_ms,
                                           struct slotkeeper_topology **topology,
                                           struct slotkeeper_error **error);

/**
 * Reads the topology anew now: waits, at most `timeout_ms`, for one that was merged from answers to questions asked after
 * this call, and writes it for the caller to free. `topology` may be NULL. Any thread; callers at once share the work.
 *
 * SLOTKEEPER_TIMEOUT if no node gave a view that could be used in time; the message has what the nodes said.
 * SLOTKEEPER_CLOSED if the keeper is closed, also while waiting.
 */
slotkeeper_code slotkeeper_keeper_refresh(slotkeeper_keeper keeper,
                                          uint32_t timeout_ms,
                                          struct slotkeeper_topology **topology,
                                          struct slotkeeper_error **error);

/**
 * As slotkeeper_keeper_refresh, and the node at `host` and `port` is asked first: the one that answered MOVED. Any thread.
 */
slotkeeper_code slotkeeper_keeper_refresh_from(slotkeeper_keeper keeper,
                                               const char *host,
                                               size_t host_length,
                                               uint16_t port,
                                               uint32_t timeout_ms,
                                               struct slotkeeper_topology **topology,
                                               struct slotkeeper_error **error);

/**
 * As slotkeeper_keeper_refresh, and what is known of the cluster is forgotten: for one that was rebuilt or restored on purpose, which
 * would be believed only after ten seconds of contradiction. The latest topology stands until a node has answered. Any thread.
 */
slotkeeper_code slotkeeper_keeper_reset(slotkeeper_keeper keeper,
                                        uint32_t timeout_ms,
                                        struct slotkeeper_topology **topology,
                                        struct slotkeeper_error **error);

/**
 * Tells that a command to the node at `host` and `port` has failed or hangs: the keeper looks after it at once, and after who has
 * taken over. Never waits: what comes of it is seen in the topology. Any thread.
 *
 * SLOTKEEPER_CLOSED if the keeper is closed.
 */
slotkeeper_code slotkeeper_keeper_notify_failure(slotkeeper_keeper keeper,
                                                 const char *host,
                                                 size_t host_length,
                                                 uint16_t port,
                                                 struct slotkeeper_error **error);

/**
 * Waits, at most `timeout_ms`, for the keeper's next event or the library's next log line, whichever is first, and writes it
 * for the caller to free; NULL if nothing came. Any thread; each event is given once.
 *
 * SLOTKEEPER_CLOSED if the keeper is closed, also while waiting.
 */
slotkeeper_code slotkeeper_keeper_next_event(slotkeeper_keeper keeper,
                                             uint32_t timeout_ms,
                                             struct slotkeeper_event **event,
                                             struct slotkeeper_error **error);

/**
 * Writes the keeper's latest audit for the caller to free; NULL until a node has answered. It is of the latest topology or, for a moment,
 * the one before, and made anew whenever it may find something else. Never waits. Any thread.
 *
 * SLOTKEEPER_CLOSED if the keeper is closed.
 */
slotkeeper_code slotkeeper_keeper_audit(slotkeeper_keeper keeper,
                                        struct slotkeeper_audit **audit,
                                        struct slotkeeper_error **error);

/**
 * Writes how the keeper is doing, for the caller to free. Never waits. Any thread.
 *
 * SLOTKEEPER_CLOSED if the keeper is closed.
 */
slotkeeper_code slotkeeper_keeper_status(slotkeeper_keeper keeper,
                                         struct slotkeeper_status **status,
                                         struct slotkeeper_error **error);

/**
 * Writes what the keeper has measured, for the caller to free. Never waits. Any thread.
 *
 * SLOTKEEPER_CLOSED if the keeper is closed.
 */
slotkeeper_code slotkeeper_keeper_metrics(slotkeeper_keeper keeper,
                                          struct slotkeeper_metrics **metrics,
                                          struct slotkeeper_error **error);

/**
 * Connections that are made from now on use these credentials. Any thread.
 *
 * `username` NULL: the one there is stays. An empty password stands for none. If they are others than before, a round is made
 * at once. Connections that stand go on with what they were opened with, as servers let them.
 * slotkeeper_status_credentials_refused tells when it is time for new ones.
 *
 * SLOTKEEPER_CLOSED if the keeper is closed.
 */
slotkeeper_code slotkeeper_keeper_set_credentials(slotkeeper_keeper keeper,
                                                  const char *username,
                                                  size_t username_length,
                                                  const char *password,
                                                  size_t password_length,
                                                  struct slotkeeper_error **error);

/**
 * Closes the keeper: all who wait for it return with SLOTKEEPER_CLOSED. Any thread.
 *
 * SLOTKEEPER_CLOSED if it was closed before, or never was one.
 */
slotkeeper_code slotkeeper_keeper_close(slotkeeper_keeper keeper, struct slotkeeper_error **error);

/**
 * The slot of a key, from 0 to 16383, hash tags included. A key may be any bytes; NULL is the empty key. Any thread.
 */
uint16_t slotkeeper_key_slot(const char *key, size_t length);

/**
 * All of it in Prometheus's text format, version 0.0.4: to be served as `text/plain; version=0.0.4`. Any thread.
 */
struct slotkeeper_str slotkeeper_metrics_text(const struct slotkeeper_metrics *metrics);

/**
 * How many values there are: one for each line of the text that is no comment, in its order. Any thread.
 */
size_t slotkeeper_metrics_count(const struct slotkeeper_metrics *metrics);

/**
 * The name of a value, such as `redis_slot_coverage`. Any thread.
 */
struct slotkeeper_str slotkeeper_metrics_name(const struct slotkeeper_metrics *metrics, size_t index);

/**
 * Its labels as the text has them, such as `zone="none",role="master"`; empty if it has none. Any thread.
 */
struct slotkeeper_str slotkeeper_metrics_labels(const struct slotkeeper_metrics *metrics, size_t index);

/**
 * What was measured. Any thread.
 */
double slotkeeper_metrics_value(const struct slotkeeper_metrics *metrics, size_t index);

/**
 * Frees metrics; NULL is allowed.
 */
void slotkeeper_metrics_free(struct slotkeeper_metrics *metrics);

/**
 * Reads a CLUSTER NODES reply, or a nodes.conf file, without any network, and writes a table for the caller to free. Lines
 * that cannot be read are skipped and counted. Any thread.
 *
 * SLOTKEEPER_BAD_REPLY if no line can be read, SLOTKEEPER_TOO_LARGE beyond 16 MB or 16384 nodes.
 */
slotkeeper_code slotkeeper_nodes_parse(const char *text,
                                       size_t length,
                                       struct slotkeeper_nodes **nodes,
                                       struct slotkeeper_error **error);

/**
 * How many nodes there are. Any thread.
 */
size_t slotkeeper_nodes_count(const struct slotkeeper_nodes *nodes);

/**
 * All nodes at once, in the order of the reply (a topology: by id). Any thread.
 */
struct slotkeeper_node_list slotkeeper_nodes_all(const struct slotkeeper_nodes *nodes);

/**
 * The owner of each slot: SLOTKEEPER_SLOT_COUNT indices into the nodes, SLOTKEEPER_NO_OWNER where there is none. Where two nodes
 * claim a slot (no server says so) the higher config epoch wins. NULL for NULL. Any thread.
 */
const uint16_t *slotkeeper_nodes_owners(const struct slotkeeper_nodes *nodes);

/**
 * The node's name for itself, 40 hex digits. Any thread.
 */
struct slotkeeper_str slotkeeper_nodes_id(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * Name or address of the host, IPv6 without brackets; empty if it is not known. Any thread.
 */
struct slotkeeper_str slotkeeper_nodes_host(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * The port for clients; 0 if it is not known. Any thread.
 */
uint16_t slotkeeper_nodes_port(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * The port of the cluster bus; 0 if it is not told, or told as 0. Any thread.
 */
uint16_t slotkeeper_nodes_bus_port(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * The announced host name; empty if there is none. Any thread.
 */
struct slotkeeper_str slotkeeper_nodes_hostname(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * Whether the port of the cluster bus is told, as it is since Redis 4. Any thread.
 */
bool slotkeeper_nodes_has_bus_port(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * Auxiliary fields behind the address as they were sent, `key=value` between commas; empty if there are none. Any thread.
 */
struct slotkeeper_str slotkeeper_nodes_auxiliary(const struct slotkeeper_nodes *nodes,
                                                 size_t index);

/**
 * What the node is. Any thread.
 */
slotkeeper_role slotkeeper_nodes_role(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * The id of the master that a replica copies; empty for masters, and if it is not known. Any thread.
 */
struct slotkeeper_str slotkeeper_nodes_master_id(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * The flags as they were sent, between commas, unknown ones too. Any thread.
 */
struct slotkeeper_str slotkeeper_nodes_flags(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * Whether the node is flagged `fail`: a majority of the masters agreed that it is gone. Any thread.
 */
bool slotkeeper_nodes_is_failed(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * Whether the node is flagged `fail?`: one node's suspicion. Any thread.
 */
bool slotkeeper_nodes_is_suspected(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * Whether this is the node that gave the reply; no node of a topology is. Any thread.
 */
bool slotkeeper_nodes_is_myself(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * The node's config epoch; a replica's decides nothing. Any thread.
 */
uint64_t slotkeeper_nodes_config_epoch(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * Since when a ping is unanswered, in ms of the answering node's clock; 0 if none is. Any thread.
 */
uint64_t slotkeeper_nodes_ping_sent(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * When the last pong came, in ms of the answering node's clock. Any thread.
 */
uint64_t slotkeeper_nodes_pong_received(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * Whether the answering node's bus link to this one stands. Says nothing about health. Any thread.
 */
bool slotkeeper_nodes_is_linked(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * The slots that the node owns. Any thread.
 */
struct slotkeeper_slot_ranges slotkeeper_nodes_slots(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * The slots that the node tells to be on the move; only the node that gave a reply tells of its own. Any thread.
 */
struct slotkeeper_moving_slots slotkeeper_nodes_moving(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * How many lines, and slot items of lines, could not be read and were skipped. Any thread.
 */
size_t slotkeeper_nodes_problem_count(const struct slotkeeper_nodes *nodes);

/**
 * The problems at once, line and reason apart: at most the first 1000. Any thread.
 */
struct slotkeeper_problem_list slotkeeper_nodes_problems(const struct slotkeeper_nodes *nodes);

/**
 * One problem, as `line N: ` and a sentence. The first 1000 are told; empty for the others. Any thread.
 */
struct slotkeeper_str slotkeeper_nodes_problem(const struct slotkeeper_nodes *nodes, size_t index);

/**
 * Frees a table that slotkeeper_nodes_parse gave, never one that belongs to a topology; NULL is allowed.
 */
void slotkeeper_nodes_free(struct slotkeeper_nodes *nodes);

/**
 * How many properties there are. Their texts are valid for ever. Any thread.
 */
size_t slotkeeper_property_count(void);

/**
 * The name, such as `refresh.interval-ms`. Any thread.
 */
struct slotkeeper_str slotkeeper_property_name(size_t index);

/**
 * The type in one word, such as `text`, `secret` or `milliseconds`. Any thread.
 */
struct slotkeeper_str slotkeeper_property_type(size_t index);

/**
 * The value if it is not set. Any thread.
 */
struct slotkeeper_str slotkeeper_property_default(size_t index);

/**
 * What is allowed, in words. Any thread.
 */
struct slotkeeper_str slotkeeper_property_allowed(size_t index);

/**
 * One sentence: what it does. Any thread.
 */
struct slotkeeper_str slotkeeper_property_sentence(size_t index);

/**
 * How many results there are: one for each seed, and for each node of the file that was asked. Any thread.
 */
size_t slotkeeper_seed_report_count(const struct slotkeeper_seed_report *report);

/**
 * The seed's address as `host:port`; the configured text if that is no address. Any thread.
 */
struct slotkeeper_str slotkeeper_seed_report_seed(const struct slotkeeper_seed_report *report, size_t index);

/**
 * The verdict's stable name: `healthy`, or the reason why a client could not start from the seed: `unresolved`, `refused`,
 * `unreachable`, `silent`, `tls`, `auth`, `denied`, `loading`, `not-cluster`, `no-slots`, `outsider`, `protocol`, `late`,
 * `invalid`. Any thread.
 */
struct slotkeeper_str slotkeeper_seed_report_verdict(const struct slotkeeper_seed_report *report,
                                                     size_t index);

/**
 * How long the seed took to its verdict, in microseconds. Any thread.
 */
uint64_t slotkeeper_seed_report_micros(const struct slotkeeper_seed_report *report, size_t index);

/**
 * Whether the result is about no seed, but about a node that the file `last-good.file` remembers. Any thread.
 */
bool slotkeeper_seed_report_is_from_file(const struct slotkeeper_seed_report *report, size_t index);

/**
 * What led to the verdict, in words, the server's own if it said any. Any thread.
 */
struct slotkeeper_str slotkeeper_seed_report_detail(const struct slotkeeper_seed_report *report, size_t index);

/**
 * The healthy seeds with commas between, in the order of the configuration: the list that a client can be given. If no seed is healthy,
 * the healthy nodes of the file. Empty if none is healthy; the client then keeps the seeds that it has. Any thread.
 */
struct slotkeeper_str slotkeeper_seed_report_healthy(const struct slotkeeper_seed_report *report);

/**
 * How long the whole check took, in microseconds. Any thread.
 */
uint64_t slotkeeper_seed_report_elapsed_micros(const struct slotkeeper_seed_report *report);

/**
 * Frees a report; NULL is allowed.
 */
void slotkeeper_seed_report_free(struct slotkeeper_seed_report *report);

/**
 * The generation of the latest topology; 0 before the first. Any thread.
 */
uint64_t slotkeeper_status_generation(const struct slotkeeper_status *status);

/**
 * How the cluster is. Any thread.
 */
slotkeeper_health slotkeeper_status_health(const struct slotkeeper_status *status);

/**
 * How many nodes are known. Any thread.
 */
size_t slotkeeper_status_known_nodes(const struct slotkeeper_status *status);

/**
 * How many of them have failed. Any thread.
 */
size_t slotkeeper_status_failed_count(const struct slotkeeper_status *status);

/**
 * The address of a failed node, `host:port`. Any thread.
 */
struct slotkeeper_str slotkeeper_status_failed_node(const struct slotkeeper_status *status, size_t index);

/**
 * How many nodes the cluster holds for alive that have never answered at the address they announce. Any thread.
 */
size_t slotkeeper_status_unreachable_count(const struct slotkeeper_status *status);

/**
 * One of them, in a sentence: its id, what it announces, why it cannot be reached. Any thread.
 */
struct slotkeeper_str slotkeeper_status_unreachable_node(const struct slotkeeper_status *status, size_t index);

/**
 * Whether the topology was being read anew. Any thread.
 */
bool slotkeeper_status_is_refreshing(const struct slotkeeper_status *status);

/**
 * When a round last succeeded, in ms since 1970; 0 if none has. Any thread.
 */
uint64_t slotkeeper_status_last_refresh_ms(const struct slotkeeper_status *status);

/**
 * How long ago a node last showed that the latest topology holds, in ms; UINT64_MAX if none has. Any thread.
 */
uint64_t slotkeeper_status_age_ms(const struct slotkeeper_status *status);

/**
 * How often the topology is read anew while all is well, in ms. Any thread.
 */
uint64_t slotkeeper_status_refresh_interval_ms(const struct slotkeeper_status *status);

/**
 * How many rounds were made. Any thread.
 */
uint64_t slotkeeper_status_rounds(const struct slotkeeper_status *status);

/**
 * How many rounds gave no topology. Any thread.
 */
uint64_t slotkeeper_status_rounds_failed(const struct slotkeeper_status *status);

/**
 * How many nodes' views were rejected. Any thread.
 */
uint64_t slotkeeper_status_views_rejected(const struct slotkeeper_status *status);

/**
 * How often a node has refused the credentials, or has asked for some where none are set. Any thread.
 */
uint64_t slotkeeper_status_credentials_refused(const struct slotkeeper_status *status);

/**
 * How many events were lost because nobody asked for them. Any thread.
 */
uint64_t slotkeeper_status_events_dropped(const struct slotkeeper_status *status);

/**
 * How many connections were opened. Any thread.
 */
uint64_t slotkeeper_status_connections_opened(const struct slotkeeper_status *status);

/**
 * How many commands were sent, those that open a connection included. Any thread.
 */
uint64_t slotkeeper_status_requests(const struct slotkeeper_status *status);

/**
 * How many bytes were sent, without those of TLS and the network. Any thread.
 */
uint64_t slotkeeper_status_bytes_sent(const struct slotkeeper_status *status);

/**
 * How many bytes of replies were read. Any thread.
 */
uint64_t slotkeeper_status_bytes_received(const struct slotkeeper_status *status);

/**
 * How long replies were waited for, all told, in microseconds; side by side counts twice. Any thread.
 */
uint64_t slotkeeper_status_waited_us(const struct slotkeeper_status *status);

/**
 * Frees a status; NULL is allowed.
 */
void slotkeeper_status_free(struct slotkeeper_status *status);

/**
 * The number of this topology within its keeper: from 1, growing with each change; 0 if no keeper gave it. Any
 * thread.
 */
uint64_t slotkeeper_topology_generation(const struct slotkeeper_topology *topology);

/**
 * How the cluster is, as this topology shows it; SLOTKEEPER_HEALTH_UNKNOWN for NULL. Any thread.
 */
slotkeeper_health slotkeeper_topology_health(const struct slotkeeper_topology *topology);

/**
 * The highest epoch that the cluster had reached; it rises with every failover. Any thread.
 */
uint64_t slotkeeper_topology_current_epoch(const struct slotkeeper_topology *topology);

/**
 * The nodes, sorted by id. They belong to the topology and must not be freed; NULL for NULL. Any thread.
 */
const struct slotkeeper_nodes *slotkeeper_topology_nodes(const struct slotkeeper_topology *topology);

/**
 * The owner of each slot: SLOTKEEPER_SLOT_COUNT indices into the nodes, SLOTKEEPER_NO_OWNER where there is none. NULL for
 * NULL. Any thread.
 */
const uint16_t *slotkeeper_topology_owners(const struct slotkeeper_topology *topology);

/**
 * The state of each slot: SLOTKEEPER_SLOT_COUNT values. NULL for NULL. Any thread.
 */
const slotkeeper_slot_state *slotkeeper_topology_states(const struct slotkeeper_topology *topology);

/**
 * Why a slot (0 to 16,383) is not served; SLOTKEEPER_TROUBLE_NONE if it is, for NULL, and for what is no slot. Any thread.
 */
slotkeeper_trouble slotkeeper_topology_trouble(const struct slotkeeper_topology *topology,
                                               uint16_t slot);

/**
 * The stable name of a slotkeeper_trouble, as `no-quorum`; empty for SLOTKEEPER_TROUBLE_NONE, and for what is no trouble. Valid for
 * ever. Any thread.
 */
struct slotkeeper_str slotkeeper_trouble_name(uint8_t trouble);

/**
 * What a slotkeeper_trouble is, as an operator would say it, to be put behind "slot 7 is not served: "; empty for
 * SLOTKEEPER_TROUBLE_NONE, and for what is no trouble. Valid for ever. Any thread.
 */
struct slotkeeper_str slotkeeper_trouble_sentence(uint8_t trouble);

/**
 * The slots that nobody owns, or whose owner has failed. Any thread.
 */
struct slotkeeper_slot_ranges slotkeeper_topology_lost_slots(const struct slotkeeper_topology *topology);

/**
 * The masters with their replicas, in the order of the masters' ids. A replica whose master is not known is in no shard. Any
 * thread.
 */
struct slotkeeper_shard_list slotkeeper_topology_shards(const struct slotkeeper_topology *topology);

/**
 * Frees a topology; NULL is allowed.
 */
void slotkeeper_topology_free(struct slotkeeper_topology *topology);

/**
 * Merges `count` views into a topology, on top of `known` if that is not NULL, and writes it for the caller to free; NULL if
 * no view can be used: what is known then stands. The same views in any order give the same topology. Its generation is 0, and
 * the states of its slots are judged by the views alone. Any thread.
 *
 * `rejections` may be NULL; else it has room for `count` values, which say of each view why it was not used. A view that
 * cannot be read costs only itself: slotkeeper_nodes_parse and slotkeeper_info_parse say what is wrong with it.
 */
slotkeeper_code slotkeeper_topology_merge(const struct slotkeeper_topology *known,
                                          const struct slotkeeper_view *views,
                                          size_t count,
                                          struct slotkeeper_topology **topology,
                                          slotkeeper_rejection *rejections,
                                          struct slotkeeper_error **error);

/**
 * Why a view with this slotkeeper_rejection was not used, in words, to be put behind "the view of 10.0.0.1:6379 was not used: ";
 * empty for SLOTKEEPER_REJECTION_NONE, and for what is no rejection. Valid for ever. Any thread.
 */
struct slotkeeper_str slotkeeper_rejection_reason(uint8_t rejection);

/**
 * Works out what becomes of an audited cluster if all that `lost` names dies at once, and writes it for the caller to free: items between commas,
 * each `zone=NAME`, `host:port`, `host` (all nodes there) or a node's id. Without an item: for each zone, each two zones and each node, the worst
 * first. Without any network; 20 ms for all of 1000 nodes. Any thread.
 *
 * `node_timeout_ms` is the nodes' `cluster-node-timeout`, which failovers wait for; 0 for what the keeper was told, or else the servers' 15 s.
 *
 * SLOTKEEPER_INVALID_ARGUMENT if nothing in the cluster is called so; the error's message says what is allowed.
 */
slotkeeper_code slotkeeper_what_if_new(const struct slotkeeper_audit *audit,
                                       const char *lost,
                                       size_t lost_length,
                                       uint32_t node_timeout_ms,
                                       struct slotkeeper_what_if **what_if,
                                       struct slotkeeper_error **error);

/**
 * The outcomes, the worst first. Any thread.
 */
struct slotkeeper_outcome_list slotkeeper_what_if_outcomes(const struct slotkeeper_what_if *what_if);

/**
 * Frees what slotkeeper_what_if_new gave; NULL is allowed.
 */
void slotkeeper_what_if_free(struct slotkeeper_what_if *what_if);

/**
 * The stable name of a slotkeeper_effect, as `loses-slots`; empty for what is no effect. Valid for ever. Any thread.
 */
struct slotkeeper_str slotkeeper_effect_name(uint8_t effect);

/**
 * Why nobody takes over from a dead master, in words, to be put behind "nobody takes over from 10.0.0.1:6379: "; empty for
 * SLOTKEEPER_LOSS_NONE, and for what is no loss. Valid for ever. Any thread.
 */
struct slotkeeper_str slotkeeper_loss_reason(uint8_t loss);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SLOTKEEPER_H */
