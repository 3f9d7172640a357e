package io.glucogrid.serving;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the nodes load in one materialization. A class, not a record: it travels in a job. */
final class MaterializeRun {
    private final String id;
    private final String token;
    private final String[] views;
    private final @Nullable SeenSegments[] seen;
    private final long fromMicros;
    private final long toMicros;

    /**
     * @param id of the request, and
     * @param token of this run of it: together they name its progress
     * @param seen of each view: segments whose rows are there already; null for a load from the beginning
     * @param fromMicros earliest event time
     * @param toMicros latest event time
     */
    MaterializeRun(
            String id,
            String token,
            List<String> views,
            List<@Nullable SeenSegments> seen,
            long fromMicros,
            long toMicros) {
        this.id = id;
        this.token = token;
        this.views = views.toArray(String[]::new);
        this.seen = seen.toArray(SeenSegments[]::new);
        this.fromMicros = fromMicros;
        this.toMicros = toMicros;
    }

    String id() {
        return id;
    }

    String token() {
        return token;
    }

    List<String> views() {
        return List.of(views);
    }

    /** Segments whose rows a view has already; null where it is loaded from the beginning. */
    @Nullable
    SeenSegments seen(int view) {
        return seen[view];
    }

    long fromMicros() {
        return fromMicros;
    }

    long toMicros() {
        return toMicros;
    }

    boolean hasRange() {
        return fromMicros != Long.MIN_VALUE || toMicros != Long.MAX_VALUE;
    }
}
