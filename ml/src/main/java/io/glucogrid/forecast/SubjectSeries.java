package io.glucogrid.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All readings of one subject on the five-minute grid: segments, in order of time. Immutable. */
public final class SubjectSeries {
    private final long subjectId;
    private final int readings;
    private final List<Segment> segments;

    private SubjectSeries(long subjectId, int readings, List<Segment> segments) {
        this.subjectId = subjectId;
        this.readings = readings;
        this.segments = segments;
    }

    /**
     * Puts readings into slots.
     *
     * @param eventMicros ascending event times
     * @param glucose mg/dL, of the same length
     */
    public static SubjectSeries of(long subjectId, long[] eventMicros, double[] glucose) {
        if (eventMicros.length != glucose.length) {
            throw new IllegalArgumentException(eventMicros.length + " times but " + glucose.length + " values");
        }
        List<Segment> segments = new ArrayList<>();
        Building segment = new Building();
        SlotClock clock = new SlotClock();
        for (int i = 0; i < glucose.length; i++) {
            if (i > 0 && eventMicros[i] < eventMicros[i - 1]) {
                throw new IllegalArgumentException("readings are not in order of time");
            }
            int steps = clock.step(eventMicros[i]);
            if (steps == SlotClock.DISCARD) {
                continue;
            }
            if (steps == SlotClock.NEW_SEGMENT) {
                segment.finish(segments);
                segment = new Building();
                steps = 1;
            }
            segment.append(steps, glucose[i], eventMicros[i], i);
        }
        segment.finish(segments);
        return new SubjectSeries(subjectId, glucose.length, List.copyOf(segments));
    }

    public long subjectId() {
        return subjectId;
    }

    /** Number of readings given, discarded ones included. */
    public int readings() {
        return readings;
    }

    public List<Segment> segments() {
        return segments;
    }

    /** A segment that grows; its last slot always holds a reading. */
    private static final class Building {
        private double[] values = new double[512];
        private long[] times = new long[512];
        private int[] ordinals = new int[512];
        private int length;

        void append(int steps, double value, long time, int ordinal) {
            int at = length + steps - 1;
            if (at >= values.length) {
                int capacity = Math.max(at + 1, values.length * 2);
                values = Arrays.copyOf(values, capacity);
                times = Arrays.copyOf(times, capacity);
                ordinals = Arrays.copyOf(ordinals, capacity);
            }
            for (int k = 1; k < steps; k++) {
                double before = values[length - 1];
                values[length + k - 1] = before + (value - before) * k / steps;
                ordinals[length + k - 1] = -1;
            }
            values[at] = value;
            times[at] = time;
            ordinals[at] = ordinal;
            length = at + 1;
        }

        void finish(List<Segment> segments) {
            if (length > 0) {
                segments.add(new Segment(
                        Arrays.copyOf(values, length), Arrays.copyOf(times, length), Arrays.copyOf(ordinals, length)));
            }
        }
    }
}
