package io.slotkeeper.demo.bank;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Customers: a few threads that turn over random accounts, and what they met. */
final class Traffic {
    private static final int CUSTOMERS = 4;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Accounts accounts;
    private final List<Thread> customers = new ArrayList<>();
    private volatile boolean running = true;
    private long inRedis;
    private long inCache;
    private long slowestMillis;
    private long lastTrouble;

    /** Starts the customers. */
    Traffic(Accounts accounts) {
        this.accounts = accounts;
        for (int number = 0; number < CUSTOMERS; number++) {
            Thread customer = new Thread(this::shop, "customer-" + number);
            customer.setDaemon(true);
            customer.start();
            customers.add(customer);
        }
    }

    /** Lets them finish what they are at, and tells; at most 30 s a customer. */
    void stop() throws InterruptedException {
        running = false;
        for (Thread customer : customers) {
            customer.join(TimeUnit.SECONDS.toMillis(30));
        }
        synchronized (this) {
            Console.say("traffic", "redis", inRedis, "cache", inCache, "slowest-ms", slowestMillis, "last-trouble", lastTrouble);
        }
    }

    private void shop() {
        while (running) {
            long start = System.nanoTime();
            // An own account in that slot, or customers would read each other's balances.
            String account = "{" + Slots.account(ThreadLocalRandom.current().nextInt(Slots.COUNT)) + "}" + Thread.currentThread().getName();
            Accounts.Place place = accounts.turnOver(account, Long.toString(start));
            note(place, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Trouble is what went to the cache, or took longer than a customer should notice. */
    private synchronized void note(Accounts.Place place, long millis) {
        boolean isInRedis = place == Accounts.Place.REDIS;
        inRedis += isInRedis ? 1 : 0;
        inCache += isInRedis ? 0 : 1;
        slowestMillis = Math.max(slowestMillis, millis);
        if (!isInRedis || millis > 500) {
            lastTrouble = System.currentTimeMillis();
        }
    }
}
