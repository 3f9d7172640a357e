package io.glucogrid.serving;

import java.util.List;

/** What the nodes load in one materialization. A class, not a record: it travels in a job. */
final class MaterializeRun {
    /** Instead of a time of ingestion: rows of any age. */
    static final long FROM_THE_BEGINNING = Long.MIN_VALUE;

    private final String id;
    private final String[] views;
    private final long[] sinceMicros;
    private final long fromMicros;
    private final long toMicros;

    /**
     * @param id names the run's progress
     * @param sinceMicros of each view: rows ingested before it are there already
     * @param fromMicros earliest event time
     * @param toMicros latest event time
     */
    MaterializeRun(String id, List<String> views, long[] sinceMicros, long fromMicros, long toMicros) {
        this.id = id;
        this.views = views.toArray(String[]::new);
        this.sinceMicros = sinceMicros.clone();
        this.fromMicros = fromMicros;
        this.toMicros = toMicros;
    }

    String id() {
        return id;
    }

    List<String> views() {
        return List.of(views);
    }

    long sinceMicros(int view) {
        return sinceMicros[view];
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
