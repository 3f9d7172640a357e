package io.glucogrid.ml;

import org.apache.ignite.cache.affinity.AffinityKeyMapped;
import org.jspecify.annotations.Nullable;

/** Key of a training example: the subject, which decides the node, and the event time of its reading. */
final class ExampleKey implements Comparable<ExampleKey> {
    @AffinityKeyMapped
    private final long subjectId;

    private final long eventMicros;

    ExampleKey(long subjectId, long eventMicros) {
        this.subjectId = subjectId;
        this.eventMicros = eventMicros;
    }

    long subjectId() {
        return subjectId;
    }

    long eventMicros() {
        return eventMicros;
    }

    @Override
    public int compareTo(ExampleKey other) {
        int bySubject = Long.compare(subjectId, other.subjectId);
        return bySubject != 0 ? bySubject : Long.compare(eventMicros, other.eventMicros);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ExampleKey key && subjectId == key.subjectId && eventMicros == key.eventMicros;
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(subjectId) + Long.hashCode(eventMicros);
    }

    @Override
    public String toString() {
        return subjectId + "@" + eventMicros;
    }
}
