package io.glucogrid.evaluation;

import io.glucogrid.cgm.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The data of GlucoBench's Hall task (Sergazinov et al., ICLR 2024), as its code prepares it: times rounded to minutes, segments
 * at gaps over 30 minutes, those under 192 readings dropped, linear interpolation onto a five-minute grid that begins at the
 * segment's first reading; then, for one split, every subject's last days as test and the days before as validation.
 *
 * <p>Unlike the causal protocol this one interpolates across the border of past and future and scores interpolated targets; it is
 * here to be comparable, not to be imitated.
 */
final class GlucoBench {
    /** Longest input that any model may take, in points. */
    static final int MAX_INPUT = 144;

    private static final int PART = 192;
    private static final long MINUTE = 60_000_000L;
    private static final long GRID = 5 * MINUTE;
    private static final int MAX_GAP_MINUTES = 30;
    private static final int SHORTEST = 192;

    /** The sensor reports values below this as the word Low, which the benchmark leaves out. */
    private static final int SMALLEST_VALUE = 40;

    /** The one row that the benchmark's configuration drops: a near-duplicate. */
    private static final long DROPPED_SUBJECT = 2133010L;

    private static final long DROPPED_MICROS =
            Instant.parse("2016-11-21T15:53:45Z").getEpochSecond() * 1_000_000L;

    /** A run of points of one subject, five minutes apart. */
    record Run(long subject, long startMicros, double[] glucose) {
        Run slice(int from, int to) {
            int begin = Math.max(0, from);
            return new Run(subject, startMicros + begin * GRID, Arrays.copyOfRange(glucose, begin, to));
        }

        int length() {
            return glucose.length;
        }

        long micros(int i) {
            return startMicros + i * GRID;
        }
    }

    /** The parts of one split. */
    record Parts(List<Run> train, List<Run> validation, List<Run> test, List<Run> heldOut) {
        /** Sizes in the order of {@link GlucoBenchSplits.Split#counts}. */
        List<Integer> counts() {
            return List.of(
                    points(train), points(validation), points(test), points(heldOut), windows(test), windows(heldOut));
        }

        private static int points(List<Run> runs) {
            return runs.stream().mapToInt(Run::length).sum();
        }

        private static int windows(List<Run> runs) {
            return runs.stream().mapToInt(GlucoBench::windows).sum();
        }
    }

    private final List<List<Run>> subjects = new ArrayList<>();
    private int droppedSegments;
    private int interpolated;
    private int repeated;

    private GlucoBench() {}

    /** Prepares a cohort. */
    static GlucoBench of(Cohort cohort) {
        GlucoBench data = new GlucoBench();
        for (long subject : cohort.subjects()) {
            data.prepare(subject, cohort.readings(subject));
        }
        return data;
    }

    private void prepare(long subject, List<Reading> readings) {
        long[] times = new long[readings.size()];
        double[] values = new double[readings.size()];
        List<Run> runs = new ArrayList<>();
        int size = 0;
        for (Reading reading : readings) {
            boolean dropped = subject == DROPPED_SUBJECT && reading.eventMicros() == DROPPED_MICROS;
            if (dropped || reading.glucoseMgDl() < SMALLEST_VALUE) {
                continue;
            }
            long time = toMinute(reading.eventMicros());
            if (size > 0 && time == times[size - 1]) {
                repeated++;
                continue;
            }
            if (size > 0 && (time - times[size - 1]) / MINUTE > MAX_GAP_MINUTES) {
                finish(subject, times, values, size, runs);
                size = 0;
            }
            times[size] = time;
            values[size++] = reading.glucoseMgDl();
        }
        finish(subject, times, values, size, runs);
        if (!runs.isEmpty()) {
            subjects.add(runs);
        }
    }

    /** Nearest minute; half a minute goes to the even one. */
    static long toMinute(long micros) {
        long minute = Math.floorDiv(micros, MINUTE);
        long rest = Math.floorMod(micros, MINUTE);
        boolean up = rest * 2 > MINUTE || (rest * 2 == MINUTE && Math.floorMod(minute, 2) == 1);
        return (up ? minute + 1 : minute) * MINUTE;
    }

    private void finish(long subject, long[] times, double[] values, int size, List<Run> runs) {
        if (size == 0) {
            return;
        }
        if (size < SHORTEST) {
            droppedSegments++;
            return;
        }
        int points = (int) ((times[size - 1] - times[0]) / GRID) + 1;
        double[] grid = new double[points];
        int before = 0;
        for (int k = 0; k < points; k++) {
            long time = times[0] + k * GRID;
            while (before + 1 < size && times[before + 1] <= time) {
                before++;
            }
            if (times[before] == time) {
                grid[k] = values[before];
            } else {
                interpolated++;
                double share = (time - times[before]) / (double) (times[before + 1] - times[before]);
                grid[k] = values[before] + share * (values[before + 1] - values[before]);
            }
        }
        runs.add(new Run(subject, times[0], grid));
    }

    int subjects() {
        return subjects.size();
    }

    int segments() {
        return subjects.stream().mapToInt(List::size).sum();
    }

    int droppedSegments() {
        return droppedSegments;
    }

    /** Grid points without a reading of their own minute. */
    int interpolated() {
        return interpolated;
    }

    /** Readings left out because an earlier one has the same minute; the benchmark itself refuses such data. */
    int repeated() {
        return repeated;
    }

    int points() {
        return subjects.stream().flatMap(List::stream).mapToInt(Run::length).sum();
    }

    /** Ids of the subjects with a segment. */
    List<Long> ids() {
        return subjects.stream().map(runs -> runs.get(0).subject()).toList();
    }

    /** Splits by time within subjects, all of {@code heldOut} apart. */
    Parts split(Set<Long> heldOut) {
        Parts parts = new Parts(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (List<Run> runs : subjects) {
            if (heldOut.contains(runs.get(0).subject())) {
                parts.heldOut().addAll(runs);
            } else {
                split(runs, parts);
            }
        }
        return parts;
    }

    private static void split(List<Run> runs, Parts parts) {
        Run last = runs.get(runs.size() - 1);
        int n = last.length();
        boolean single = runs.size() == 1;
        int earlier = single ? 0 : runs.size() - 2;
        parts.train().addAll(runs.subList(0, earlier));
        if (n >= MAX_INPUT + 3 * PART) {
            if (!single) {
                parts.train().add(runs.get(earlier));
            }
            parts.train().add(last.slice(0, n - 2 * PART));
            parts.validation().add(last.slice(n - 2 * PART - MAX_INPUT, n - PART));
            parts.test().add(last.slice(n - PART - MAX_INPUT, n));
        } else if (n >= MAX_INPUT + 2 * PART) {
            if (single) {
                parts.train().add(last.slice(0, n - PART));
            } else {
                parts.train().add(runs.get(earlier));
                parts.validation().add(last.slice(0, n - PART));
            }
            parts.test().add(last.slice(n - PART - MAX_INPUT, n));
        } else if (single) {
            parts.train().add(last);
        } else {
            parts.test().add(last);
            Run before = runs.get(earlier);
            if (before.length() >= MAX_INPUT + 2 * PART) {
                parts.validation().add(before.slice(before.length() - PART - MAX_INPUT, before.length()));
                parts.train().add(before.slice(0, before.length() - PART));
            } else {
                parts.train().add(before);
            }
        }
    }

    /** Number of test windows of a run: forecasts of twelve points that begin at point 144 and every sixth after it. */
    static int windows(Run run) {
        int last = run.length() - PathModel.STEPS - MAX_INPUT;
        return last < 0 ? 0 : last / 6 + 1;
    }
}
