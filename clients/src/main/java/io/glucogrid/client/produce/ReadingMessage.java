package io.glucogrid.client.produce;

/** The wire form of a reading: the reference's JSON, in its key order, without blanks. */
public final class ReadingMessage {
    private static final long MICROS = 1_000_000;

    private ReadingMessage() {}

    /**
     * The message; both times are {@code eventMicros}, in seconds, with six fractional digits only where there is a fraction.
     */
    public static String json(long subjectId, long glucoseMgDl, long eventMicros) {
        String seconds = seconds(eventMicros);
        return "{\"event_timestamp\":" + seconds + ",\"subject_id\":" + subjectId + ",\"glucose\":" + glucoseMgDl
                + ",\"created\":" + seconds + "}";
    }

    private static String seconds(long micros) {
        long fraction = Math.floorMod(micros, MICROS);
        String whole = Long.toString(Math.floorDiv(micros, MICROS));
        return fraction == 0
                ? whole
                : whole + "." + Long.toString(MICROS + fraction).substring(1);
    }
}
