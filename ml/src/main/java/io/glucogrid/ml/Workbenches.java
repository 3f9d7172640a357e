package io.glucogrid.ml;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Workbenches to be used again, by version and extent. Thread-safe. */
final class Workbenches {
    /** Versions times extents that are kept ready; beyond, all are made anew. */
    private static final int KEPT = 16;

    private final ConcurrentMap<String, ConcurrentLinkedDeque<Workbench>> idle = new ConcurrentHashMap<>();

    <T> T with(ForecastVersion version, boolean path, Function<Workbench, T> work) {
        String key = path ? version.id() + "/path" : version.id();
        @Nullable ConcurrentLinkedDeque<Workbench> known = idle.get(key);
        if (known == null) {
            if (idle.size() >= KEPT) {
                idle.clear();
            }
            known = idle.computeIfAbsent(key, first -> new ConcurrentLinkedDeque<>());
        }
        Workbench bench = known.pollFirst();
        if (bench == null) {
            bench = Workbench.of(version, path);
        }
        T result = work.apply(bench);
        known.addFirst(bench);
        return result;
    }
}
