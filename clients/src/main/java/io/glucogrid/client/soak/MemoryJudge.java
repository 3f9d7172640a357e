package io.glucogrid.client.soak;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Tells memory that grows from memory that fills.
 *
 * <p>A node takes memory for a while after its start: classes, compiled code, caches that fill up to their bound. A leak has no
 * such end. So each process is judged by itself, over its own age: the lowest level of the last third of its life must hardly be
 * above that of the middle third, where the first third is for filling. Only levels right after a collection count, and of each
 * third the lowest, since readings on their way are garbage soon. The region of history is left out: it evicts, and its size is
 * its bound. A process that did not live long enough proves nothing, so each node that is up at the end must have one that did.
 */
final class MemoryJudge {
    /** Shorter lives prove nothing: a leak of 100 bytes with each of 1,000 readings a second is 6 MiB in a minute. */
    static final long LEAST_SECONDS = 150;

    private static final int THIRDS = 3;
    private static final int LEAST_IN_THIRD = 3;

    private static final List<Quantity> QUANTITIES = List.of(
            new Quantity("heap", Measure::heapMb, 1.05, 6),
            new Quantity("online rows", Measure::onlineMb, 1.05, 2),
            new Quantity("resident without history", Measure::ownMb, 1.05, 24));

    private MemoryJudge() {}

    /** What is looked at, and how much more of it the last third may need: a part, and MiB on top of that. */
    private record Quantity(String name, ToLongFunction<Measure> of, double factor, long slackMb) {}

    /**
     * What is wrong, one sentence each; empty where every node's memory was measured long enough and has stopped to grow.
     *
     * @param measures of all processes, in the order of time
     * @param up names of the nodes that are up at the end, by their process
     */
    static List<String> shortfalls(List<Measure> measures, Map<Long, String> up) {
        Map<Long, List<Measure>> lives = new LinkedHashMap<>();
        measures.forEach(measure ->
                lives.computeIfAbsent(measure.pid(), pid -> new ArrayList<>()).add(measure));
        List<String> wrong = new ArrayList<>();
        lives.values().stream().filter(MemoryJudge::isLongEnough).forEach(life -> judge(life, wrong));
        up.forEach((pid, node) -> {
            if (!isLongEnough(lives.getOrDefault(pid, List.of()))) {
                wrong.add("memory of " + node + " was not judged: its process was not measured for " + LEAST_SECONDS
                        + " s");
            }
        });
        if (up.isEmpty()) {
            wrong.add("memory was not judged: no node is up");
        }
        return wrong;
    }

    private static void judge(List<Measure> life, List<String> wrong) {
        for (Quantity quantity : QUANTITIES) {
            long middle = lowest(third(life, 1), quantity);
            long last = lowest(third(life, 2), quantity);
            if (last > middle * quantity.factor() + quantity.slackMb()) {
                wrong.add(quantity.name() + " of " + life.get(0).node() + " grows: " + middle + " MiB, then " + last);
            }
        }
    }

    private static boolean isLongEnough(List<Measure> life) {
        if (life.isEmpty() || span(life) < LEAST_SECONDS) {
            return false;
        }
        for (int third = 0; third < THIRDS; third++) {
            if (third(life, third).size() < LEAST_IN_THIRD) {
                return false;
            }
        }
        return true;
    }

    private static long span(List<Measure> life) {
        return life.get(life.size() - 1).atSeconds() - life.get(0).atSeconds();
    }

    private static List<Measure> third(List<Measure> life, int third) {
        long span = Math.max(1, span(life));
        long start = life.get(0).atSeconds();
        return life.stream()
                .filter(measure -> Math.min(THIRDS - 1, (measure.atSeconds() - start) * THIRDS / span) == third)
                .toList();
    }

    private static long lowest(List<Measure> measures, Quantity quantity) {
        return measures.stream().mapToLong(quantity.of()).min().orElse(0);
    }
}
