package io.slotkeeper;

/** Something that was added to a keeper, and can be taken off again. */
public interface Registration extends AutoCloseable {

    /** Takes it off; any number of times. A call that is under way ends by itself. */
    @Override
    void close();
}
