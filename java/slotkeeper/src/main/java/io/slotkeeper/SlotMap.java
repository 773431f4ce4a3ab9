package io.slotkeeper;

/**
 * Who serves each slot, at one generation. Immutable plain Java arrays: reading makes no native call, and works after
 * the keeper was closed.
 */
public final class SlotMap {

    private final long generation;
    private final Node[] nodes;
    private final short[] owners;
    private final byte[] states;
    private final byte[] troubles;

    /**
     * Takes the arrays over: a place in {@code nodes} or -1, and an ordinal of {@link SlotState}, for each slot; and for each node the
     * number of its slots' {@link Trouble}.
     */
    SlotMap(long generation, Node[] nodes, short[] owners, byte[] states, byte[] troubles) {
        this.generation = generation;
        this.nodes = nodes;
        this.owners = owners;
        this.states = states;
        this.troubles = troubles;
    }

    /** The generation of the topology that the map belongs to; 0 before the first. */
    public long generation() {
        return generation;
    }

    /**
     * The master that owns a slot; null if none does.
     *
     * @throws ArrayIndexOutOfBoundsException if {@code slot} is not 0 to 16,383
     */
    public Node ownerOf(int slot) {
        short owner = owners[slot];
        return owner < 0 ? null : nodes[owner];
    }

    /** The master that owns the slot of a key in UTF-8; null if none does. */
    public Node ownerOf(String key) {
        return ownerOf(KeySlot.of(key));
    }

    /** The master that owns the slot of a key; null if none does. */
    public Node ownerOf(byte[] key) {
        return ownerOf(KeySlot.of(key));
    }

    /**
     * Whether a request for a slot would be answered, and if not, whether that is about to change.
     *
     * @throws ArrayIndexOutOfBoundsException if {@code slot} is not 0 to 16,383
     */
    public SlotState stateOf(int slot) {
        switch (states[slot]) {
            case 0:
                return SlotState.SERVED;
            case 1:
                return SlotState.PENDING;
            default:
                return SlotState.UNSERVED;
        }
    }

    /** The state of the slot of a key in UTF-8. */
    public SlotState stateOf(String key) {
        return stateOf(KeySlot.of(key));
    }

    /** The state of the slot of a key. */
    public SlotState stateOf(byte[] key) {
        return stateOf(KeySlot.of(key));
    }

    /**
     * Why a slot is not served; null if it is.
     *
     * @throws ArrayIndexOutOfBoundsException if {@code slot} is not 0 to 16,383
     */
    public Trouble reasonOf(int slot) {
        short owner = owners[slot];
        return owner < 0 ? Trouble.NO_OWNER : Trouble.ofNumber(troubles[owner]);
    }

    /** Why the slot of a key, in UTF-8, is not served; null if it is. */
    public Trouble reasonOf(String key) {
        return reasonOf(KeySlot.of(key));
    }

    /** Why the slot of a key is not served; null if it is. */
    public Trouble reasonOf(byte[] key) {
        return reasonOf(KeySlot.of(key));
    }

    /**
     * Whether a request for a slot would be answered now.
     *
     * @throws ArrayIndexOutOfBoundsException if {@code slot} is not 0 to 16,383
     */
    public boolean serves(int slot) {
        return states[slot] == 0;
    }

    /** Whether a request for a key, in UTF-8, would be answered now. */
    public boolean serves(String key) {
        return serves(KeySlot.of(key));
    }

    /** Whether a request for a key would be answered now. */
    public boolean serves(byte[] key) {
        return serves(KeySlot.of(key));
    }

    /** How many slots would be answered now, how many have an owner. */
    @Override
    public String toString() {
        int served = 0;
        int owned = 0;
        for (int slot = 0; slot < KeySlot.COUNT; slot++) {
            served += states[slot] == 0 ? 1 : 0;
            owned += owners[slot] >= 0 ? 1 : 0;
        }
        return "SlotMap(generation " + generation + ", " + owned + " slots owned, " + served + " served)";
    }
}
