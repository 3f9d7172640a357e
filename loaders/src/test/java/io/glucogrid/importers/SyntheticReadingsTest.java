package io.glucogrid.importers;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.cgm.Reading;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SyntheticReadingsTest {
    @TempDir
    private Path folder;

    private List<Reading> readings(SyntheticReadings.Spec spec) throws Exception {
        Path file = folder.resolve("set.parquet");
        long rows = SyntheticReadings.write(file, spec, done -> {});
        List<Reading> readings = new ArrayList<>();
        assertThat(new ParquetReadingFile().forEach(file, readings::add)).isEqualTo(rows);
        return readings;
    }

    @Test
    void theSameSetIsTheSameFileAndAnySubjectComesOutTheSameAlone() throws Exception {
        Path one = folder.resolve("one.parquet");
        Path two = folder.resolve("two.parquet");
        SyntheticReadings.Spec spec = SyntheticReadings.Spec.of(Preset.HEALTHY, 4, 3, 42);
        SyntheticReadings.write(one, spec, done -> {});
        SyntheticReadings.write(two, spec, done -> {});
        assertThat(two).hasSameBinaryContentAs(one);

        long third = SyntheticReadings.Spec.DEFAULT_FIRST_SUBJECT + 2;
        List<Reading> alone = readings(
                new SyntheticReadings.Spec(Preset.HEALTHY, third, 1, 3, 42, SyntheticReadings.Spec.DEFAULT_END));
        List<Reading> all = readings(spec);
        assertThat(all.stream().filter(reading -> reading.subjectId() == third)).containsExactlyElementsOf(alone);
        assertThat(readings(SyntheticReadings.Spec.of(Preset.HEALTHY, 4, 3, 43)))
                .isNotEqualTo(all);
    }

    /** Bounds around what the model was calibrated to: mean 103.9, 96 % in range, |Δ| 3.1, as in Hall et al. 2018. */
    @Test
    void healthySubjectsLookLikeTheStudyTheyImitate() throws Exception {
        Shape shape = Shape.of(readings(SyntheticReadings.Spec.of(Preset.HEALTHY, 60, 7, 1)));
        System.out.println("healthy " + shape);
        assertThat(shape.mean).isBetween(100.0, 109.0);
        assertThat(shape.inRange).isBetween(0.92, 0.985);
        assertThat(shape.meanStep).isBetween(2.4, 3.8);
        assertThat(shape.missing).isBetween(0.02, 0.15);
        assertThat(shape.longGaps).isBetween(60, 600);
    }

    @Test
    void sickerPresetsAreSicker() throws Exception {
        Shape prediabetes = Shape.of(readings(SyntheticReadings.Spec.of(Preset.PREDIABETES, 20, 7, 1)));
        Shape type2 = Shape.of(readings(SyntheticReadings.Spec.of(Preset.T2D, 20, 7, 1)));
        Shape type1 = Shape.of(readings(SyntheticReadings.Spec.of(Preset.T1D, 20, 7, 1)));
        System.out.println("prediabetes " + prediabetes + " t2d " + type2 + " t1d " + type1);
        assertThat(prediabetes.inRange).isBetween(0.88, 0.99);
        assertThat(type2.inRange).isBetween(0.4, 0.8);
        assertThat(type1.inRange).isBetween(0.5, 0.8);
        assertThat(type1.mean).isBetween(145.0, 180.0);
    }

    @Test
    void theEndCanBeChosenAndTimesAreWholeSecondsInOrder() throws Exception {
        LocalDate end = LocalDate.of(2020, 3, 1);
        List<Reading> readings = readings(new SyntheticReadings.Spec(Preset.HEALTHY, 5, 2, 2, 9, end));
        long endMicros = end.toEpochDay() * 86_400_000_000L;
        for (int i = 0; i < readings.size(); i++) {
            Reading reading = readings.get(i);
            assertThat(reading.eventMicros()).isBetween(endMicros - 2 * 86_400_000_000L, endMicros - 1);
            assertThat(reading.eventMicros() % 1_000_000).isZero();
            assertThat(reading.createdMicros()).isEqualTo(reading.eventMicros());
            if (i > 0 && readings.get(i - 1).subjectId() == reading.subjectId()) {
                assertThat(reading.eventMicros())
                        .isGreaterThan(readings.get(i - 1).eventMicros());
            }
        }
    }

    @Test
    void theVerbWritesAFileOrAFolder() {
        Path file = folder.resolve("a/b.parquet");
        assertThat(run("--subjects", "2", "--days", "1", "--out", file.toString(), "--json"))
                .contains("\"rows\":");
        assertThat(Files.isRegularFile(file)).isTrue();
        run("--subjects", "2", "--days", "1", "--out", folder.resolve("set").toString(), "--preset", "t1d");
        assertThat(folder.resolve("set/readings-100001-100002.parquet")).exists();
        assertThat(run("--out", file.toString(), "--preset", "helthy")).contains("did you mean 'healthy'?");
    }

    private static String run(String... arguments) {
        StringWriter text = new StringWriter();
        new CommandLine(new GenerateVerb())
                .setOut(new PrintWriter(text))
                .setErr(new PrintWriter(text))
                .execute(arguments);
        return text.toString();
    }

    private record Shape(double mean, double inRange, double below, double meanStep, double missing, int longGaps) {
        static Shape of(List<Reading> readings) {
            double sum = 0;
            double inRange = 0;
            double below = 0;
            double steps = 0;
            int stepCount = 0;
            int longGaps = 0;
            long worn = 0;
            for (int i = 0; i < readings.size(); i++) {
                Reading reading = readings.get(i);
                sum += reading.glucoseMgDl();
                inRange += reading.glucoseMgDl() >= 70 && reading.glucoseMgDl() <= 180 ? 1 : 0;
                below += reading.glucoseMgDl() < 70 ? 1 : 0;
                if (i > 0 && readings.get(i - 1).subjectId() == reading.subjectId()) {
                    long gap = (reading.eventMicros() - readings.get(i - 1).eventMicros()) / 1_000_000;
                    worn += gap;
                    longGaps += gap > 1800 ? 1 : 0;
                    if (gap < 310) {
                        steps += Math.abs(
                                reading.glucoseMgDl() - readings.get(i - 1).glucoseMgDl());
                        stepCount++;
                    }
                }
            }
            int n = readings.size();
            return new Shape(sum / n, inRange / n, below / n, steps / stepCount, 1 - n / (worn / 300.0), longGaps);
        }
    }
}
