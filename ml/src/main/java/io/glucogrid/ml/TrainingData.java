package io.glucogrid.ml;

import io.glucogrid.forecast.Population;
import io.glucogrid.forecast.Segment;
import java.util.HexFormat;

/** What a model is fitted to, in few numbers: the window of time, how many subjects, a fingerprint of the readings, and where they end. */
final class TrainingData {
    private long fromMicros = Long.MAX_VALUE;
    private long toMicros = Long.MIN_VALUE;
    private int subjects;
    private long readings;
    /** Sum of one hash per reading: the same in any order. */
    private long hash;

    private long throughMicros = Long.MIN_VALUE;
    private long knownMicros = Long.MIN_VALUE;

    long fromMicros() {
        return subjects == 0 ? 0 : fromMicros;
    }

    long toMicros() {
        return subjects == 0 ? 0 : toMicros;
    }

    int subjects() {
        return subjects;
    }

    long readings() {
        return readings;
    }

    String fingerprint() {
        return HexFormat.of().toHexDigits(hash);
    }

    /** All readings that there were, whether they were seen or not. */
    Cut cut() {
        return new Cut(throughMicros, knownMicros);
    }

    void merge(TrainingData other) {
        fromMicros = Math.min(fromMicros, other.fromMicros);
        toMicros = Math.max(toMicros, other.toMicros);
        subjects += other.subjects;
        readings += other.readings;
        hash += other.hash;
        throughMicros = Math.max(throughMicros, other.throughMicros);
        knownMicros = Math.max(knownMicros, other.knownMicros);
    }

    /** There are these readings of a subject; to be told before they are put in order. */
    void found(SubjectReadings subject) {
        throughMicros = Math.max(throughMicros, subject.latestEventMicros());
        knownMicros = Math.max(knownMicros, subject.latestCreatedMicros());
    }

    /** So much of a subject is seen. */
    void add(Population.Seen subject) {
        subjects++;
        for (Segment segment : subject.series().segments()) {
            for (int i = 0; i < segment.slots(); i++) {
                if (segment.isReading(i) && segment.ordinal(i) < subject.readings()) {
                    long micros = segment.eventMicros(i);
                    fromMicros = Math.min(fromMicros, micros);
                    toMicros = Math.max(toMicros, micros);
                    readings++;
                    hash += Hashes.mixed(Hashes.mixed(subject.series().subjectId() ^ Hashes.mixed(micros))
                            + (long) segment.glucose(i));
                }
            }
        }
    }
}
