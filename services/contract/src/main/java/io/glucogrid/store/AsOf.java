package io.glucogrid.store;

/**
 * A point-in-time question: the latest row of an entity with {@code fromMicros <= event time <= atMicros}, ties by greatest
 * creation time.
 *
 * @param knownMicros rows and deletes created after this time count as not there; {@code Long.MAX_VALUE} for all that is known
 */
public record AsOf(Object[] joinKeys, long fromMicros, long atMicros, long knownMicros) {
    /** A question that all known rows may answer. */
    public AsOf(Object[] joinKeys, long fromMicros, long atMicros) {
        this(joinKeys, fromMicros, atMicros, Long.MAX_VALUE);
    }
}
