package io.slotkeeper.demo.bank;

import io.slotkeeper.KeySlot;

/** An account for each of the 16,384 slots, so that a sweep over all of them misses no part of the cluster. */
final class Slots {
    static final int COUNT = 16384;

    private static final String[] ACCOUNTS = new String[COUNT];

    static {
        for (int number = 0, found = 0; found < COUNT; number++) {
            String account = "account:" + number;
            int slot = KeySlot.of(account);
            if (ACCOUNTS[slot] == null) {
                ACCOUNTS[slot] = account;
                found++;
            }
        }
    }

    private Slots() {}

    /** The account whose key is in this slot. */
    static String account(int slot) {
        return ACCOUNTS[slot];
    }
}
