package io.glucogrid.forecast;

import java.util.Arrays;

/**
 * What one subject teaches about one horizon: every anchor that is a real reading with two hours of slots behind it and a real
 * reading exactly the horizon ahead, in order of time. Interpolated values are inputs only, never anchors or targets.
 */
public final class Examples {
    private final SubjectSeries series;
    private final int horizonSlots;
    private int size;
    private double[] features = new double[256 * CompactFeatures.COUNT];
    private int[] segment = new int[256];
    private int[] slot = new int[256];

    private Examples(SubjectSeries series, int horizonSlots) {
        this.series = series;
        this.horizonSlots = horizonSlots;
    }

    public static Examples of(SubjectSeries series, int horizonSlots) {
        Examples examples = new Examples(series, horizonSlots);
        for (int s = 0; s < series.segments().size(); s++) {
            Segment segment = series.segments().get(s);
            for (int i = CompactFeatures.HISTORY - 1; i + horizonSlots < segment.slots(); i++) {
                if (segment.isReading(i) && segment.isReading(i + horizonSlots)) {
                    examples.append(s, segment, i);
                }
            }
        }
        return examples;
    }

    private void append(int segmentIndex, Segment from, int anchor) {
        if (size == slot.length) {
            features = Arrays.copyOf(features, features.length * 2);
            segment = Arrays.copyOf(segment, size * 2);
            slot = Arrays.copyOf(slot, size * 2);
        }
        CompactFeatures.fill(
                from.values(), anchor, from.eventMicros(anchor + horizonSlots), features, size * CompactFeatures.COUNT);
        segment[size] = segmentIndex;
        slot[size] = anchor;
        size++;
    }

    public SubjectSeries series() {
        return series;
    }

    public int horizonSlots() {
        return horizonSlots;
    }

    public int size() {
        return size;
    }

    private Segment segment(int i) {
        return series.segments().get(segment[i]);
    }

    /** Slots of the anchor's segment; the anchor is at {@link #anchor}. Not to be changed. */
    public double[] values(int i) {
        return segment(i).values();
    }

    /** Position of the anchor in {@link #values}. */
    public int anchor(int i) {
        return slot[i];
    }

    /** Position of the anchor among the subject's readings. */
    public int anchorOrdinal(int i) {
        return segment(i).ordinal(slot[i]);
    }

    /** Position of the target among the subject's readings. */
    public int targetOrdinal(int i) {
        return segment(i).ordinal(slot[i] + horizonSlots);
    }

    public long anchorMicros(int i) {
        return segment(i).eventMicros(slot[i]);
    }

    public long targetMicros(int i) {
        return segment(i).eventMicros(slot[i] + horizonSlots);
    }

    /** Glucose of the target in mg/dL. */
    public double target(int i) {
        return segment(i).glucose(slot[i] + horizonSlots);
    }

    /** The smallest reading after the anchor, up to the target. */
    public double lowest(int i) {
        return extreme(i, -1);
    }

    /** The greatest reading after the anchor, up to the target. */
    public double highest(int i) {
        return extreme(i, 1);
    }

    private double extreme(int i, int sign) {
        Segment from = segment(i);
        double best = target(i);
        for (int s = slot[i] + 1; s < slot[i] + horizonSlots; s++) {
            if (from.isReading(s) && sign * from.glucose(s) > sign * best) {
                best = from.glucose(s);
            }
        }
        return best;
    }

    /** Features of all examples, {@link CompactFeatures#COUNT} each. Not to be changed. */
    public double[] features() {
        return features;
    }

    /** Where the features of example {@code i} begin in {@link #features}. */
    public int featuresAt(int i) {
        return i * CompactFeatures.COUNT;
    }

    /** Number of leading examples whose target is one of the subject's first {@code readings} readings. */
    public int targetsBefore(int readings) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (targetOrdinal(middle) < readings) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The first example whose anchor is at or after the subject's reading number {@code reading}. */
    public int anchorsFrom(int reading) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (anchorOrdinal(middle) < reading) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Sums of the examples {@code from..to}, the last excluded. */
    public GramSums sums(int from, int to) {
        GramSums sums = GramSums.empty(CompactFeatures.COUNT, 1);
        for (int i = from; i < to; i++) {
            sums.add(features, featuresAt(i), target(i), 1);
        }
        return sums;
    }
}
