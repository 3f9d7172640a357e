package io.glucogrid.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.glucogrid.cgm.Reading;
import io.glucogrid.forecast.ReferenceReadings;
import io.glucogrid.grid.GridException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlucoBenchTest {
    private static final long SECOND = 1_000_000L;

    @ParameterizedTest
    @CsvSource({"29, 0", "30, 0", "31, 60", "89, 60", "90, 120", "150, 120", "151, 180"})
    void halfAMinuteIsRoundedToTheEvenOne(long seconds, long rounded) {
        assertThat(GlucoBench.toMinute(seconds * SECOND)).isEqualTo(rounded * SECOND);
    }

    @Test
    void pointsOffTheGridAreInterpolatedInTime() {
        Cohort cohort = cohort();
        for (int i = 0; i < 200; i++) {
            // every reading from the tenth on is two minutes late
            cohort.accept(reading(1, i * 300 + (i >= 10 ? 120 : 0), 100 + i));
        }
        GlucoBench data = GlucoBench.of(cohort);

        double[] points = data.split(Set.of(1L)).heldOut().get(0).glucose();
        assertThat(points[9]).isEqualTo(109);
        assertThat(points[10]).isCloseTo(109 + 5 / 7.0, within(1e-12));
        assertThat(points[11]).isCloseTo(110.6, within(1e-12));
        assertThat(data.interpolated()).isEqualTo(190);
        assertThat(points).hasSize(200);
    }

    @Test
    void gapsOverThirtyMinutesSplitAndShortSegmentsAreDropped() {
        Cohort cohort = cohort();
        for (int i = 0; i < 600; i++) {
            long gap = i >= 200 ? 1860 - 300 : 0;
            long second = i >= 391 ? 3600 : 0;
            cohort.accept(reading(1, i * 300 + gap + second, 100));
        }
        GlucoBench data = GlucoBench.of(cohort);

        assertThat(data.segments()).isEqualTo(2);
        assertThat(data.droppedSegments()).isEqualTo(1);
        assertThat(data.points()).isEqualTo(200 + 209);
    }

    @Test
    void lowReadingsAndTheKnownDuplicateAreLeftOut() {
        Cohort cohort = cohort();
        long duplicate = 1_479_743_625L;
        for (int i = -100; i < 100; i++) {
            cohort.accept(reading(2133010, duplicate + i * 300L, i == 0 ? 999 : i == 5 ? 35 : 100));
        }
        double[] points =
                GlucoBench.of(cohort).split(Set.of(2133010L)).heldOut().get(0).glucose();
        assertThat(points).hasSize(200).containsOnly(100);
    }

    @ParameterizedTest
    @CsvSource({
        // one segment: train, validation, test points
        "720, 336, 336, 336",
        "719, 527, 0, 336",
        "528, 336, 0, 336",
        "527, 527, 0, 0"
    })
    void aSubjectOfOneSegmentIsSplitByItsLength(int points, int train, int validation, int test) {
        Cohort cohort = cohort();
        for (int i = 0; i < points; i++) {
            cohort.accept(reading(1, i * 300, 100));
        }
        List<Integer> counts = GlucoBench.of(cohort).split(Set.of()).counts();
        assertThat(counts.subList(0, 3)).containsExactly(train, validation, test);
    }

    @ParameterizedTest
    @CsvSource({
        // last segment: train, validation, test points, after a segment of 200 and one of `before` points
        "300, 720, 836, 336, 336",
        "300, 719, 500, 527, 336",
        "300, 527, 500, 0, 527",
        "528, 527, 536, 336, 527"
    })
    void aSubjectOfSeveralSegmentsIsSplitByTheLengthOfItsLastOnes(
            int before, int last, int train, int validation, int test) {
        Cohort cohort = cohort();
        int time = 0;
        for (int length : new int[] {200, before, last}) {
            for (int i = 0; i < length; i++) {
                cohort.accept(reading(1, time, 100));
                time += 300;
            }
            time += 7200;
        }
        List<Integer> counts = GlucoBench.of(cohort).split(Set.of()).counts();
        assertThat(counts.subList(0, 3)).containsExactly(train, validation, test);
    }

    @Test
    void windowsBeginAtPoint144AndEverySixthAfterIt() {
        assertThat(GlucoBench.windows(new GlucoBench.Run(1, 0, new double[155])))
                .isZero();
        assertThat(GlucoBench.windows(new GlucoBench.Run(1, 0, new double[156])))
                .isOne();
        assertThat(GlucoBench.windows(new GlucoBench.Run(1, 0, new double[161])))
                .isOne();
        assertThat(GlucoBench.windows(new GlucoBench.Run(1, 0, new double[162])))
                .isEqualTo(2);
        assertThat(GlucoBench.windows(new GlucoBench.Run(1, 0, new double[336])))
                .isEqualTo(31);
    }

    @Test
    void everySplitHoldsOutSixSubjects() {
        for (GlucoBenchSplits.Split split : GlucoBenchSplits.LINEAR) {
            assertThat(split.heldOut()).hasSize(6);
            assertThat(split.counts()).hasSize(6);
        }
        assertThat(GlucoBenchSplits.DEEP)
                .allSatisfy(split -> assertThat(split.heldOut()).hasSize(6));
    }

    @Test
    void aFileWithoutTheCohortIsRefused() {
        Cohort cohort = cohort();
        for (int i = 0; i < 250; i++) {
            cohort.accept(reading(42, i * 300, 100));
        }
        GlucoBenchProtocol protocol = new GlucoBenchProtocol(GlucoBench.of(cohort), line -> {});
        assertThatThrownBy(() -> protocol.run(GlucoBenchProtocol.models()))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("Hall cohort");
    }

    @Test
    void theReferenceSubjectsRunAndSayThatTheyAreNotTheWholeCohort() throws Exception {
        Cohort cohort = cohort();
        ReferenceReadings.genuine().forEach(cohort);
        List<PathModel> models = List.of(new PathModel.Persistence(), new PathModel.Ar(84));

        GlucoBenchProtocol.Result result = new GlucoBenchProtocol(GlucoBench.of(cohort), line -> {}).run(models);

        assertThat(result.comparable()).isFalse();
        assertThat(result.remarks().get(0)).contains("32 of 57 subjects");
        assertThat(result.lines()).hasSize(8);
        // measured with the benchmark's own preparation and splitting code on the same rows
        assertLine(result, 0, "persistence", "id", 7.307752099021, 6.142083333333, 14.659368431487);
        assertLine(result, 1, "persistence", "od", 6.663723308582, 5.654722222222, 13.597634432617);
        assertLine(result, 2, "ar84", "id", 7.373865482624, 6.268945287153, 13.378155159816);
        assertLine(result, 3, "ar84", "od", 7.076944881500, 5.983683215514, 12.239376674057);
    }

    @Test
    void theReferenceSubjectsAreSplitAsTheBenchmarksOwnCodeSplitsThem() throws Exception {
        Cohort cohort = cohort();
        ReferenceReadings.genuine().forEach(cohort);
        GlucoBench data = GlucoBench.of(cohort);

        assertThat(data.points()).isEqualTo(52_434);
        assertThat(data.segments()).isEqualTo(82);
        assertThat(data.droppedSegments()).isEqualTo(98);
        assertThat(data.interpolated()).isEqualTo(6_413);
        assertThat(data.split(GlucoBenchSplits.LINEAR.get(0).heldOut()).counts())
                .containsExactly(34_466, 5_789, 8_270, 8_085, 698, 1_093);
        assertThat(data.split(GlucoBenchSplits.LINEAR.get(7).heldOut()).counts())
                .containsExactly(34_649, 6_461, 9_151, 6_637, 819, 802);
    }

    private static void assertLine(
            GlucoBenchProtocol.Result result,
            int at,
            String model,
            String part,
            double rmse,
            double mae,
            double pooledRmse) {
        GlucoBenchProtocol.Line line = result.lines().get(at);
        assertThat(line.model()).isEqualTo(model);
        assertThat(line.part()).isEqualTo(part);
        assertThat(line.seeds()).isEqualTo("10-19");
        assertThat(line.rmse()).isCloseTo(rmse, within(1e-7));
        assertThat(line.mae()).isCloseTo(mae, within(1e-7));
        assertThat(line.pooledRmse()).isCloseTo(pooledRmse, within(1e-7));
    }

    private static Cohort cohort() {
        return new Cohort(0, Long.MAX_VALUE);
    }

    private static Reading reading(long subject, long seconds, long glucose) {
        return new Reading(subject, glucose, seconds * SECOND, seconds * SECOND);
    }
}
