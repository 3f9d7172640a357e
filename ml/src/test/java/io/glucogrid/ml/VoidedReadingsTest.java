package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.store.HistoryRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A version that is no reading takes the place of the reading before it, as everywhere else. */
class VoidedReadingsTest {
    private static final long SUBJECT = 7;
    private static final long EVENT = 1_700_000_000_000_000L;
    private static final long STEP = 300_000_000L;

    /** A scan brings all versions of an event time after each other, the one that was created last at the end. */
    private static List<HistoryRow> versions(@Nullable Object last) {
        return List.of(
                row(EVENT, 1, 100.0),
                row(EVENT + STEP, 1, 110.0),
                row(EVENT + STEP, 2, last),
                row(EVENT + 2 * STEP, 1, 120.0));
    }

    private static HistoryRow row(long event, long created, @Nullable Object glucose) {
        return HistoryRow.upsert(
                new Object[] {SUBJECT}, new FeatureRow(event, created, new @Nullable Object[] {glucose}));
    }

    private static SubjectReadings readings(List<HistoryRow> rows) {
        SubjectReadings readings = new SubjectReadings();
        rows.forEach(row -> readings.add(row, 0));
        return readings;
    }

    private static byte[] state(SubjectReadings readings) {
        SubjectState state = SubjectState.empty(Horizons.STANDARD);
        readings.applyTo(state, Long.MAX_VALUE);
        return state.toBytes();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -3, 5_000, Double.NaN, Double.POSITIVE_INFINITY})
    void aScanOfAllVersionsMakesTheStateThatTheWinnersMake(double value) {
        List<HistoryRow> versions = versions(value);
        List<HistoryRow> winners = List.of(versions.get(0), versions.get(2), versions.get(3));

        assertThat(readings(versions).size()).isEqualTo(2);
        assertThat(state(readings(versions))).isEqualTo(state(readings(winners)));
    }

    @Test
    void aNullVoidsAndALaterVersionBringsTheReadingBack() {
        assertThat(readings(versions(null)).size()).isEqualTo(2);
        List<HistoryRow> corrected = new ArrayList<>(versions(null).subList(0, 3));
        corrected.add(row(EVENT + STEP, 3, 115.0));

        SubjectReadings readings = readings(corrected);

        assertThat(readings.size()).isEqualTo(2);
        assertThat(readings.reading(SUBJECT, 1).glucoseMgDl()).isEqualTo(115);
    }

    /** A model's coefficients are fitted again to what was known when it was trained. */
    @Test
    void whatWasVoidedAfterACutCountsUpToIt() {
        SubjectReadings readings = readings(versions(null));

        assertThat(readings.latestCreatedMicros()).isEqualTo(2);
        assertThat(readings.upTo(new Cut(EVENT + 2 * STEP, 1)).size()).isEqualTo(3);
        assertThat(readings.upTo(new Cut(EVENT + 2 * STEP, 2)).size()).isEqualTo(2);
    }

    @Test
    void whatIsNoReadingEndsNoHistory() {
        SubjectReadings readings = readings(List.of(row(EVENT, 1, 100.0), row(EVENT + STEP, 1, null)));

        assertThat(readings.latestEventMicros()).isEqualTo(EVENT);
    }

    @Test
    void thereIsNoTrainingExampleOfAVoidedReading() {
        for (Object last : new @Nullable Object[] {null, Double.NaN, Double.NEGATIVE_INFINITY}) {
            BucketExamples examples =
                    new BucketExamples(ModelInputs.of(List.of("subject_id", "dayofweek", "hour")), 0, 100);
            versions(last).forEach(examples);
            List<Double> labels = new ArrayList<>();

            CentredSums sums = examples.forEach((key, example) -> labels.add(example[3]));

            assertThat(labels).containsExactly(100.0, 120.0);
            assertThat(sums.rows()).isEqualTo(2);
        }
    }
}
