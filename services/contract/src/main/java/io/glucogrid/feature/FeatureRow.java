package io.glucogrid.feature;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Values of one entity at one event time.
 *
 * <p>In an online cache {@code values} follow the view's features, in a history cache the table's value columns. A row of a
 * view with aggregations also carries the entity's recent readings, in a form that only the online store reads. A class, not a
 * record: Ignite 2.17 cannot marshal records.
 */
public final class FeatureRow {
    private final long eventMicros;
    private final long createdMicros;
    private final @Nullable Object[] values;
    private final byte @Nullable [] recent;

    /**
     * @param eventMicros event time, microseconds since the epoch
     * @param createdMicros creation time, microseconds since the epoch
     * @param values Java values as {@link ValueType#javaType} says; null for null; owned by the row from here on
     */
    public FeatureRow(long eventMicros, long createdMicros, @Nullable Object[] values) {
        this(eventMicros, createdMicros, values, null);
    }

    private FeatureRow(long eventMicros, long createdMicros, @Nullable Object[] values, byte @Nullable [] recent) {
        this.eventMicros = eventMicros;
        this.createdMicros = createdMicros;
        this.values = values;
        this.recent = recent;
    }

    /** The same row with the recent readings of its entity, encoded; owned by the row from here on. */
    public FeatureRow withRecent(byte[] encoded) {
        return new FeatureRow(eventMicros, createdMicros, values, encoded);
    }

    /** Recent readings of the entity, encoded and not to be changed; null where the row has none. */
    public byte @Nullable [] recent() {
        return recent;
    }

    public long eventMicros() {
        return eventMicros;
    }

    public long createdMicros() {
        return createdMicros;
    }

    public @Nullable Object value(int index) {
        return values[index];
    }

    public int size() {
        return values.length;
    }

    /** A copy of the values. */
    public @Nullable Object[] values() {
        return values.clone();
    }

    /**
     * Whether this row takes the place of {@code current} when it arrives after it: the greater {@code (event, created)}
     * wins, and of equal pairs the later arrival.
     */
    public boolean replaces(FeatureRow current) {
        return eventMicros != current.eventMicros
                ? eventMicros > current.eventMicros
                : createdMicros >= current.createdMicros;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FeatureRow row
                && eventMicros == row.eventMicros
                && createdMicros == row.createdMicros
                && Arrays.deepEquals(values, row.values)
                && Arrays.equals(recent, row.recent);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Long.hashCode(eventMicros) + Long.hashCode(createdMicros)) + Arrays.deepHashCode(values);
    }

    @Override
    public String toString() {
        return "FeatureRow[" + eventMicros + ", " + createdMicros + ", " + Arrays.deepToString(values) + "]";
    }
}
