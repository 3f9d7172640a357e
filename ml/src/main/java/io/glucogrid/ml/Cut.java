package io.glucogrid.ml;

/**
 * Which readings a model may see, said by the readings themselves: those of event times up to one, each in the version that was
 * created last up to a creation time. What comes or is corrected later changes nothing, so all passes of a training see the same,
 * and subjects' own coefficients can be fitted again from a tier that has grown. A reading that comes late with an old creation
 * time cannot be told from those that were there.
 *
 * @param throughMicros latest event time
 * @param knownMicros latest creation time
 */
record Cut(long throughMicros, long knownMicros) {
    /** Everything. */
    static final Cut NONE = new Cut(Long.MAX_VALUE, Long.MAX_VALUE);

    boolean has(long eventMicros, long createdMicros) {
        return eventMicros <= throughMicros && createdMicros <= knownMicros;
    }
}
