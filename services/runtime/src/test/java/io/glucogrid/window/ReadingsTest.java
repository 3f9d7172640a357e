package io.glucogrid.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ReadingsTest {
    private static final long SECOND = 1_000_000;
    private static final long START = 1_738_601_222 * SECOND;

    @Property(tries = 200)
    void whatIsWrittenIsReadBack(@ForAll long seed) {
        Random random = new Random(seed);
        int columns = 1 + random.nextInt(3);
        long unit = random.nextBoolean() ? SECOND : 1;
        Readings readings = Readings.empty(columns);
        for (int i = random.nextInt(60); i > 0; i--) {
            double[] values = new double[columns];
            for (int c = 0; c < columns; c++) {
                values[c] = switch (random.nextInt(5)) {
                    case 0 -> Double.NaN;
                    case 1 -> random.nextGaussian() * 1e300;
                    case 2 -> -random.nextInt(1_000);
                    case 3 -> random.nextLong() * 1.0;
                    default -> random.nextInt(400);
                };
            }
            readings.add(START - random.nextInt(90_000) * unit, START + random.nextInt(1_000) * unit, values);
        }

        int[] ids = random.ints(columns).toArray();
        byte[] bytes = readings.encode(ids);
        Readings back = Readings.decode(bytes, ids);

        assertThat(back.encode(ids)).isEqualTo(bytes);
        assertThat(back.size()).isEqualTo(readings.size());
        for (int i = 0; i < back.size(); i++) {
            assertThat(back.event(i)).isEqualTo(readings.event(i));
            for (int c = 0; c < columns; c++) {
                assertThat((Double) back.value(i, c)).isEqualTo((Double) readings.value(i, c));
            }
        }
        assertThat(Readings.decode(bytes, new int[] {~ids[0]})).isNull();
    }

    @Test
    void readingsAreReadWithTheColumnsThatAreWantedNow() {
        Readings readings = Readings.empty(2);
        readings.add(START, START, new double[] {104, 7});
        byte[] bytes = readings.encode(new int[] {11, 22});

        Readings now = Readings.decode(bytes, new int[] {33, 22, 11});

        assertThat(now.event(0)).isEqualTo(START);
        assertThat(now.value(0, 0)).isNaN();
        assertThat(now.value(0, 1)).isEqualTo(7);
        assertThat(now.value(0, 2)).isEqualTo(104);
    }

    @Test
    void cutOffBytesAreDamage() {
        Readings readings = Readings.empty(1);
        readings.add(START, START, new double[] {104});
        byte[] bytes = readings.encode(new int[] {1});

        assertThatThrownBy(() -> Readings.decode(Arrays.copyOf(bytes, bytes.length - 1), new int[] {1}))
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.DAMAGED_DATA));
    }

    @Test
    void aDayOfFiveMinuteReadingsTakesLessThanTwoKilobytes() {
        Readings reference = Readings.empty(1);
        Readings live = Readings.empty(1);
        Random random = new Random(1);
        for (int i = 0; i < 288; i++) {
            double[] glucose = {40 + random.nextInt(361)};
            reference.add(START + i * 300 * SECOND, START + i * 300 * SECOND, glucose);
            live.add(START + i * 300 * SECOND, START + i * 300 * SECOND + random.nextInt(5_000_000), glucose);
        }
        int whole = reference.encode(new int[] {1}).length;
        int micros = live.encode(new int[] {1}).length;
        System.out.println("24 h of 5-minute readings: " + whole + " bytes with times in whole seconds, " + micros
                + " with creation times in microseconds");

        assertThat(whole).isLessThan(2_048);
        assertThat(micros).isLessThan(4_096);
    }

    @Test
    void memoryIsBoundedWhateverComes() {
        FeatureView view = WindowViews.view("bounded", Duration.ofHours(24));
        WindowLayout layout = WindowLayout.of(view);
        WindowedRow flood = new WindowedRow(layout);
        for (int i = 0; i < 20_000; i++) {
            flood.add(new FeatureRow(START + i, START + i, new Object[] {(long) i}));
        }
        FeatureRow row = flood.row();

        assertThat(layout.readings(row).size()).isEqualTo(Readings.MOST);
        assertThat(ViewWindows.of(view).online(row).values()).contains((long) Readings.MOST);
    }

    @Test
    void aReadingOlderThanTheLongestWindowChangesNothing() {
        WindowLayout layout = WindowLayout.of(WindowViews.view("old", Duration.ofHours(24)));
        long day = 86_400 * SECOND;
        FeatureRow before = layout.join(null, new FeatureRow(START, START, new Object[] {100L}));

        FeatureRow old = layout.join(before, new FeatureRow(START - day, START, new Object[] {50L}));
        assertThat(old).isEqualTo(before);

        FeatureRow inside = layout.join(before, new FeatureRow(START - day + 1, START, new Object[] {50L}));
        assertThat(layout.readings(inside).size()).isEqualTo(2);
    }

    @Test
    void aJoinThatChangesNothingAnswersTheVeryRow() {
        WindowLayout layout = WindowLayout.of(WindowViews.view("same", Duration.ofHours(24)));
        FeatureRow row = null;
        for (int i = 0; i < 10; i++) {
            row = layout.join(row, new FeatureRow(START + i * SECOND, START, new Object[] {100L + i}));
        }

        assertThat(layout.join(row, new FeatureRow(START + 3 * SECOND, START, new Object[] {103L})))
                .isSameAs(row);
        assertThat(layout.join(row, new FeatureRow(START + 9 * SECOND, START, new Object[] {109L})))
                .isSameAs(row);
        assertThat(layout.join(row, row)).isSameAs(row);
    }

    @Test
    void readingsThatNoWindowReachesAreDroppedInTheLongRun() {
        WindowLayout layout = WindowLayout.of(WindowViews.view("long", Duration.ofHours(24)));
        FeatureRow row = null;
        int most = 0;
        for (int i = 0; i < 3_000; i++) {
            long event = START + i * 300 * SECOND;
            row = layout.join(row, new FeatureRow(event, event, new Object[] {100L + i % 200}));
            most = Math.max(most, row.recent().length);
        }
        System.out.println("24 h of 5-minute readings, at most: " + most + " bytes");

        assertThat(layout.readings(row).size()).isBetween(288, 325);
        assertThat(most).isLessThan(2_048);
    }

    @Test
    void readingsOfOtherColumnsAreNotMistakenForThese() {
        FeatureView view = WindowViews.view("changed", Duration.ofHours(1));
        Readings other = Readings.empty(1);
        other.add(START, START, new double[] {5});
        FeatureRow row = new FeatureRow(START, START, new Object[] {100L}).withRecent(other.encode(new int[] {12345}));

        assertThat(ViewWindows.of(view).online(row).value(1)).isNull();
        FeatureRow again = WindowLayout.of(view).join(row, new FeatureRow(START, START, new Object[] {100L}));
        assertThat(ViewWindows.of(view).online(again).values()).contains(100.0);
    }
}
