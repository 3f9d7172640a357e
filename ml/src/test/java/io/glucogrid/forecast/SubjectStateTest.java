package io.glucogrid.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.SubjectState.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SubjectStateTest {
    private static final long SECOND = 1_000_000L;
    private static final long START = 1_400_000_000L * SECOND;
    private static final long DAY = 86_400L * SECOND;

    @Property(tries = 200)
    void readingsInAnyOrderWithinADayLeaveTheWindowAsIfInOrder(@ForAll long seed) {
        List<Reading> inOrder = lastDay(wear(seed, 280));
        List<Reading> disordered = new ArrayList<>(inOrder);
        Collections.shuffle(disordered, new Random(seed));
        disordered.addAll(inOrder.subList(0, 20));

        assertSameWindow(applied(disordered), applied(inOrder));
    }

    @Property(tries = 100)
    void disorderInAWearOfDaysLeavesTheWindowAsIfInOrder(@ForAll long seed) {
        List<Reading> inOrder = wear(seed, 900);
        SplittableRandom random = new SplittableRandom(seed);
        // every reading is late by up to eleven hours
        long[] arrival = inOrder.stream()
                .mapToLong(r -> r.eventMicros() + random.nextLong(11 * 3600) * SECOND)
                .toArray();
        List<Reading> disordered = IntStream.range(0, inOrder.size())
                .boxed()
                .sorted(Comparator.comparingLong(i -> arrival[i]))
                .map(inOrder::get)
                .toList();

        assertSameWindow(applied(disordered), applied(inOrder));
    }

    @Property(tries = 50)
    void disorderInAFastWearLeavesTheWindowAsIfInOrder(@ForAll long seed) {
        List<Reading> inOrder = fast(seed, 2500);
        SplittableRandom random = new SplittableRandom(seed);
        long[] arrival = inOrder.stream()
                .mapToLong(r -> r.eventMicros() + random.nextLong(11 * 3600) * SECOND)
                .toArray();
        List<Reading> disordered = IntStream.range(0, inOrder.size())
                .boxed()
                .sorted(Comparator.comparingLong(i -> arrival[i]))
                .map(inOrder::get)
                .toList();

        assertSameWindow(applied(disordered), applied(inOrder));
    }

    @Property(tries = 20)
    void aWindowIsTheSameFromItsOwnReadingsAlone(@ForAll long seed) {
        SubjectState state = applied(fast(seed, 4000));
        SubjectState again = SubjectState.beforeWindowOf(state);
        for (int i = 0; i < state.size(); i++) {
            again.apply(state.reading(1, i));
        }

        assertSameWindow(again, state);
    }

    @Test
    void aSensorOfOneMinuteIsForecastFromEveryFiveMinutes() {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        int accepted = 0;
        for (int i = 0; i < 3000; i++) {
            long micros = START + i * 60 * SECOND;
            state.apply(micros, 100, micros);
            accepted += state.newestAnchor() == state.size() - 1 ? 1 : 0;
        }

        assertThat(accepted).isEqualTo(600);
        assertThat(state.labels(1)).isEqualTo(600 - 23 - 6);
    }

    @Property(tries = 50)
    void replayChangesNothing(@ForAll long seed) {
        List<Reading> readings = wear(seed, 400);
        SubjectState state = applied(readings);
        byte[] before = state.toBytes();
        for (Reading reading : readings) {
            assertThat(state.apply(reading)).isIn(Outcome.KNOWN, Outcome.TOO_OLD);
        }
        assertThat(state.toBytes()).isEqualTo(before);
    }

    @Property(tries = 50)
    void bytesHoldTheWholeState(@ForAll long seed) {
        List<Reading> readings = wear(seed, 500);
        SubjectState state = applied(readings.subList(0, 300));
        SubjectState copy = SubjectState.fromBytes(state.toBytes());
        assertThat(copy.toBytes()).isEqualTo(state.toBytes());
        for (Reading reading : readings.subList(300, 500)) {
            state.apply(reading);
            copy.apply(reading);
        }
        assertThat(copy.toBytes()).isEqualTo(state.toBytes());
    }

    @Property(tries = 20)
    void aStateSurvivesBytesAfterEveryReading(@ForAll long seed) {
        SubjectState kept = SubjectState.empty(Horizons.STANDARD);
        SubjectState loaded = SubjectState.empty(Horizons.STANDARD);
        byte[] bytes = kept.toBytes();
        for (Reading reading : wear(seed, 350)) {
            kept.apply(reading);
            loaded.load(bytes);
            loaded.apply(reading);
            bytes = loaded.toBytes();
        }
        assertThat(bytes).isEqualTo(kept.toBytes());
    }

    @Property(tries = 20)
    void theLearnerHasTheSumsOfAllExamplesOfTheSeries(@ForAll long seed) {
        List<Reading> readings = distinct(wear(seed, 900));
        SubjectState state = applied(readings);
        SubjectSeries series = ReferenceReadings.series(1, readings);

        for (int h = 0; h < Horizons.STANDARD.count(); h++) {
            Examples examples = Examples.of(series, Horizons.STANDARD.slots(h));
            assertThat(state.labels(h)).isEqualTo(examples.size());
            assertThat(state.learnt(h)).isEqualTo(examples.sums(0, examples.size()));
        }
    }

    @Test
    void aLateReadingIsKeptButNotLearnt() {
        List<Reading> readings = steady(100);
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        readings.stream()
                .filter(r -> r.eventMicros() != readings.get(60).eventMicros())
                .forEach(state::apply);
        int labels = state.labels(0);
        long through = state.learntThroughMicros();

        assertThat(state.apply(readings.get(60))).isEqualTo(Outcome.KEPT);

        assertThat(state.labels(0)).isEqualTo(labels);
        assertThat(state.learntThroughMicros()).isEqualTo(through);
        assertThat(state.size()).isEqualTo(100);
        assertSameWindow(state, applied(readings));
    }

    @Test
    void ofTwoVersionsOfAReadingTheLaterCreatedOneStays() {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        assertThat(state.apply(START, 100, START + 2)).isEqualTo(Outcome.LEARNT);
        assertThat(state.apply(START, 110, START + 1)).isEqualTo(Outcome.KNOWN);
        assertThat(state.glucose(0)).isEqualTo(100);
        assertThat(state.apply(START, 120, START + 3)).isEqualTo(Outcome.REPLACED);
        assertThat(state.glucose(0)).isEqualTo(120);
        assertThat(state.size()).isOne();
    }

    @Test
    void aReadingOlderThanADayChangesNothing() {
        SubjectState state = applied(steady(300));
        byte[] before = state.toBytes();
        long newest = state.eventMicros(state.size() - 1);
        assertThat(state.apply(newest - DAY, 100, newest)).isEqualTo(Outcome.TOO_OLD);
        assertThat(state.toBytes()).isEqualTo(before);
        assertThat(state.apply(newest - DAY + 1, 100, newest)).isEqualTo(Outcome.KEPT);
    }

    @Test
    void theWindowHoldsADay() {
        SubjectState state = applied(steady(1000));
        assertThat(state.size()).isEqualTo(288);
    }

    @Test
    void bytesOfADayStayBelowEightKilobytes() {
        assertThat(applied(steady(1000)).toBytes()).hasSizeLessThan(3300);

        SubjectState everyMinute = SubjectState.empty(Horizons.STANDARD);
        for (int i = 0; i < 5000; i++) {
            long micros = START + i * 60 * SECOND;
            everyMinute.apply(micros, 100 + i % 60, micros + i % 50 * SECOND);
        }
        assertThat(everyMinute.size()).isEqualTo(1440);
        assertThat(everyMinute.toBytes()).hasSizeLessThan(8192);
    }

    @Test
    void aFloodOfReadingsKeepsTheLatest() {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        for (int i = 0; i < 5000; i++) {
            state.apply(START + i * 1000L, 100, START);
        }
        assertThat(state.size()).isEqualTo(SubjectState.MAX_READINGS);
        assertThat(state.eventMicros(state.size() - 1)).isEqualTo(START + 4999 * 1000L);
        assertThat(state.apply(START, 100, START)).isEqualTo(Outcome.TOO_OLD);
    }

    @Test
    void forgettingIsPartOfTheState() {
        SubjectState state = SubjectState.empty(Horizons.STANDARD, 0.99);
        steady(250).forEach(state::apply);
        assertThat(state.labels(0)).isEqualTo((int) ((1 - Math.pow(0.99, 224)) / 0.01));
        assertThat(SubjectState.fromBytes(state.toBytes()).forgetting()).isEqualTo(0.99);
        assertThatThrownBy(() -> SubjectState.empty(Horizons.STANDARD, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void servedFeaturesAreThoseOfTheSeries() {
        List<Reading> readings = distinct(wear(5, 600));
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        Examples examples = Examples.of(ReferenceReadings.series(1, readings), 6);
        double[] served = new double[CompactFeatures.COUNT];
        int next = 0;
        for (Reading reading : readings) {
            state.apply(reading);
            if (next < examples.size() && examples.anchorMicros(next) == reading.eventMicros()) {
                assertThat(state.features(examples.targetMicros(next), served)).isTrue();
                int at = examples.featuresAt(next);
                assertThat(served).isEqualTo(Arrays.copyOfRange(examples.features(), at, at + CompactFeatures.COUNT));
                next++;
            }
        }
        assertThat(next).isEqualTo(examples.size());
        assertThat(SubjectState.empty(Horizons.STANDARD).features(0, served)).isFalse();
    }

    @Test
    void bytesOfSomethingElseAreRefused() {
        assertThatThrownBy(() -> SubjectState.fromBytes(new byte[30])).isInstanceOf(IllegalArgumentException.class);
        byte[] other = SubjectState.empty(Horizons.of(6)).toBytes();
        assertThatThrownBy(() -> SubjectState.empty(Horizons.STANDARD).load(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[6]");
    }

    /** Readings with gaps, jitter, near-duplicates and repeated instants, in order of time. */
    static List<Reading> wear(long seed, int n) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Reading> readings = new ArrayList<>();
        long time = START;
        double glucose = 110;
        for (int i = 0; i < n; i++) {
            int chance = random.nextInt(100);
            long step = 297 + random.nextInt(7);
            if (chance < 4) {
                step = 600 + random.nextInt(1200);
            } else if (chance < 5) {
                step = 1801 + random.nextInt(4000);
            } else if (chance < 8) {
                step = 1 + random.nextInt(200);
            }
            time += i == 0 ? 0 : step * SECOND;
            glucose = Math.max(40, Math.min(350, glucose + random.nextInt(21) - 10));
            readings.add(new Reading(1, (long) glucose, time, time + random.nextInt(100) * SECOND));
            if (chance == 99) {
                readings.add(new Reading(1, (long) glucose + 5, time, time + random.nextInt(100) * SECOND));
            }
        }
        return readings;
    }

    /** Readings of about one minute, with gaps. */
    private static List<Reading> fast(long seed, int n) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Reading> readings = new ArrayList<>();
        long time = START;
        for (int i = 0; i < n; i++) {
            int chance = random.nextInt(200);
            time += (chance < 2 ? random.nextInt(100, 3000) : random.nextInt(62, 80)) * SECOND;
            readings.add(new Reading(1, 100L + random.nextInt(50), time, time));
        }
        return readings;
    }

    private static List<Reading> lastDay(List<Reading> readings) {
        long newest = readings.get(readings.size() - 1).eventMicros();
        return readings.stream().filter(r -> r.eventMicros() > newest - DAY).toList();
    }

    private static List<Reading> distinct(List<Reading> readings) {
        List<Reading> kept = new ArrayList<>();
        for (Reading reading : readings) {
            if (kept.isEmpty() || kept.get(kept.size() - 1).eventMicros() < reading.eventMicros()) {
                kept.add(reading);
            }
        }
        return kept;
    }

    static List<Reading> steady(int n) {
        return IntStream.range(0, n)
                .mapToObj(i -> {
                    long time = START + i * 300 * SECOND;
                    return new Reading(1, 100 + i * 7 % 40, time, time + 30 * SECOND);
                })
                .toList();
    }

    static SubjectState applied(List<Reading> readings) {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        readings.forEach(state::apply);
        return state;
    }

    private static void assertSameWindow(SubjectState actual, SubjectState expected) {
        assertThat(readings(actual)).isEqualTo(readings(expected));
        double[] ours = new double[CompactFeatures.HISTORY];
        double[] theirs = new double[CompactFeatures.HISTORY];
        assertThat(actual.newestAnchor()).isEqualTo(expected.newestAnchor());
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.isAccepted(i)).isEqualTo(expected.isAccepted(i));
            if (actual.isAccepted(i)) {
                assertThat(actual.history(i, ours)).isEqualTo(expected.history(i, theirs));
                assertThat(ours).isEqualTo(theirs);
            }
        }
    }

    private static List<Reading> readings(SubjectState state) {
        return IntStream.range(0, state.size())
                .mapToObj(i -> state.reading(1, i))
                .toList();
    }
}
