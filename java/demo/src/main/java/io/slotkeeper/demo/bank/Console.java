package io.slotkeeper.demo.bank;

import io.slotkeeper.Keeper;
import io.slotkeeper.SlotkeeperException;
import io.slotkeeper.Topology;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.CommandLineRunner;
import org.springframework.stereotype.Component;

/**
 * How the director speaks with the application: one command a line, answers as {@code @name key=value …} on the standard output.
 * Times of day are ms since 1970.
 */
@Component
final class Console implements CommandLineRunner {
    private static final long RECOVERY_LIMIT_MS = 30_000;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Accounts accounts;
    private final Keeper keeper;
    private Traffic traffic;

    Console(Accounts accounts, ObjectProvider<Keeper> keeper) {
        this.accounts = accounts;
        this.keeper = keeper.getIfAvailable();
    }

    /** Prints one answer; {@code fields} are names and values in turn. */
    static void say(String name, Object... fields) {
        StringBuilder line = new StringBuilder("@").append(name);
        for (int index = 0; index < fields.length; index += 2) {
            line.append(' ').append(fields[index]).append('=').append(fields[index + 1]);
        }
        System.out.println(line);
    }

    @Override
    public void run(String... arguments) throws IOException, InterruptedException {
        say("ready");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "sweep":
                    sweep();
                    break;
                case "state":
                    state();
                    break;
                case "turn-over":
                    turnOver(Integer.parseInt(words[1]));
                    break;
                case "await":
                    await(Integer.parseInt(words[1]));
                    break;
                case "traffic":
                    traffic = new Traffic(accounts);
                    break;
                case "traffic-end":
                    traffic.stop();
                    break;
                default:
                    say("unknown", "command", words[0]);
            }
        }
    }

    /** Writes and reads every slot once. */
    private void sweep() {
        long start = System.nanoTime();
        int served = 0;
        for (int slot = 0; slot < Slots.COUNT; slot++) {
            served += accounts.turnOver(Slots.account(slot), Long.toString(start)) == Accounts.Place.REDIS ? 1 : 0;
        }
        say("swept", "served", served, "of", Slots.COUNT, "ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    private void state() {
        try {
            Topology topology = keeper.awaitTopology(Duration.ofSeconds(5));
            int unserved = 0;
            for (int slot = 0; slot < Slots.COUNT; slot++) {
                unserved += topology.slotMap().serves(slot) ? 0 : 1;
            }
            String lost = topology.lostSlots().toString().replaceAll("[\\[\\] ]", "");
            say("state", "health", topology.health(), "unserved", unserved, "lost", lost);
        } catch (SlotkeeperException failure) {
            say("state", "health", "none", "code", failure.code());
        }
    }

    private void turnOver(int slot) {
        String account = Slots.account(slot);
        long start = System.nanoTime();
        Accounts.Place place = accounts.turnOver(account, "1");
        say("turned-over", "slot", slot, "place", place, "micros", TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
    }

    /** Tries one slot until Redis takes it. */
    private void await(int slot) {
        long limit = System.currentTimeMillis() + RECOVERY_LIMIT_MS;
        while (accounts.turnOver(Slots.account(slot), "2") != Accounts.Place.REDIS) {
            if (System.currentTimeMillis() > limit) {
                say("recovered", "slot", slot, "at", 0);
                return;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        say("recovered", "slot", slot, "at", System.currentTimeMillis());
    }
}
