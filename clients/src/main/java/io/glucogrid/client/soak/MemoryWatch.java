package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.glucogrid.client.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Resident memory of processes over time; heap and off-heap memory are parts of it. Linux only: elsewhere it sees nothing. */
final class MemoryWatch {
    private static final int PARTS = 4;
    private static final double FLAT = 1.2;
    private static final String RESIDENT = "VmRSS:";

    private final List<Long> largestMb = new ArrayList<>();
    private final List<Long> atSeconds = new ArrayList<>();
    private final long startNanos = System.nanoTime();

    /** Looks at the processes now. */
    void sample(List<Long> pids) {
        long largest = 0;
        for (long pid : pids) {
            largest = Math.max(largest, residentMb(pid));
        }
        if (largest > 0) {
            largestMb.add(largest);
            atSeconds.add(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos));
        }
    }

    private static long residentMb(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith(RESIDENT)) {
                    return Long.parseLong(line.replaceAll("\\D+", "")) / 1024;
                }
            }
        } catch (IOException gone) {
            return 0;
        }
        return 0;
    }

    /** Greatest resident memory of any process, in MiB, in each quarter of the time. */
    List<Long> quarters() {
        List<Long> quarters = new ArrayList<>();
        for (int part = 0; part < PARTS; part++) {
            int from = largestMb.size() * part / PARTS;
            int to = largestMb.size() * (part + 1) / PARTS;
            quarters.add(largestMb.subList(from, to).stream()
                    .mapToLong(Long::longValue)
                    .max()
                    .orElse(0));
        }
        return quarters;
    }

    /** Whether the last quarter of the time needed hardly more than the second. */
    boolean isFlat() {
        List<Long> quarters = quarters();
        return quarters.get(PARTS - 1) <= quarters.get(1) * FLAT;
    }

    /** Every sample: seconds since the start, MiB. */
    ArrayNode json() {
        ArrayNode all = Json.array();
        for (int i = 0; i < largestMb.size(); i++) {
            all.addArray().add(atSeconds.get(i)).add(largestMb.get(i));
        }
        return all;
    }
}
