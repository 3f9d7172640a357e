package io.glucogrid.importers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What became of the rows of a source's file: each is taken, or rejected for one reason. */
final class SourceReport {
    private final Map<String, Rejected> rejected = new LinkedHashMap<>();
    private long read;
    private long taken;

    void taken() {
        read++;
        taken++;
    }

    void rejected(String reason) {
        read++;
        Rejected before = rejected.get(reason);
        rejected.put(
                reason,
                new Rejected(reason, before == null ? 1 : before.rows + 1, before == null ? read : before.first));
    }

    /** Rows read so far. */
    long read() {
        return read;
    }

    long rows() {
        return taken;
    }

    List<Rejected> rejected() {
        return new ArrayList<>(rejected.values());
    }

    /**
     * Rows that were rejected for one reason.
     *
     * @param first the first of them, counted from 1 in the order of the file
     */
    record Rejected(String reason, long rows, long first) {}
}
