package io.glucogrid.ml;

import io.glucogrid.forecast.Population;
import io.glucogrid.forecast.Segment;
import java.util.HexFormat;
import java.util.List;

/** What a model was fitted to, in few numbers: the window of time, how many subjects, and a fingerprint of the readings. */
final class TrainingData {
    private long fromMicros = Long.MAX_VALUE;
    private long toMicros = Long.MIN_VALUE;
    private int subjects;
    private long readings;
    /** Sum of one hash per reading: the same in any order. */
    private long hash;

    private TrainingData() {}

    static TrainingData of(Population population) {
        TrainingData all = new TrainingData();
        population.map(new Pass()).forEach(all::merge);
        return all;
    }

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

    private void merge(TrainingData other) {
        fromMicros = Math.min(fromMicros, other.fromMicros);
        toMicros = Math.max(toMicros, other.toMicros);
        subjects += other.subjects;
        readings += other.readings;
        hash += other.hash;
    }

    private void add(Population.Seen subject) {
        subjects++;
        for (Segment segment : subject.series().segments()) {
            for (int i = 0; i < segment.slots(); i++) {
                if (segment.isReading(i) && segment.ordinal(i) < subject.readings()) {
                    long micros = segment.eventMicros(i);
                    fromMicros = Math.min(fromMicros, micros);
                    toMicros = Math.max(toMicros, micros);
                    readings++;
                    hash += mixed(mixed(subject.series().subjectId() ^ mixed(micros)) + (long) segment.glucose(i));
                }
            }
        }
    }

    /** Stafford's variant 13 of the 64-bit finaliser of MurmurHash3. */
    private static long mixed(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static final class Pass implements Population.Work<TrainingData> {
        @Override
        public TrainingData of(List<Population.Seen> subjects) {
            TrainingData data = new TrainingData();
            subjects.forEach(data::add);
            return data;
        }
    }
}
