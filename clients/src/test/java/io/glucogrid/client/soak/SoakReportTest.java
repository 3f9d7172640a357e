package io.glucogrid.client.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.client.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoakReportTest {
    private static final Verdict GOOD = new Verdict(100, 100, 0, 0, 0, 10, 9_000, 0, 0);
    private static final Struck CALM = new Struck("before any fault", 0, 80, true);

    @TempDir
    private Path work;

    private SoakReport report(Verdict verdict, Duration faultEvery, List<Struck> stretches) {
        SoakOptions options =
                new SoakOptions(Path.of("soak"), 3, 100, 10, Duration.ofMinutes(1), faultEvery, Duration.ofMinutes(1));
        return new SoakReport(
                options,
                verdict,
                stretches,
                60,
                MemoryWatch.in(work),
                Json.object().put("ok", true));
    }

    private List<String> wrong(Verdict verdict, Struck... stretches) {
        return report(verdict, Duration.ofSeconds(5), List.of(stretches)).shortfalls();
    }

    @Test
    void aRunWhoseMemoryWasNotMeasuredIsNotOk() {
        SoakReport report =
                report(GOOD, Duration.ofSeconds(5), List.of(CALM, new Struck("kill-node", 4_000, 3_000, true)));

        assertThat(report.ok()).isFalse();
        assertThat(report.shortfalls()).singleElement().asString().startsWith("memory was not judged");
    }

    @Test
    void readsThatDoNotResumeInTimeAreReportedUnlessAllCopiesWereGone() {
        assertThat(wrong(
                        GOOD,
                        CALM,
                        new Struck("kill-node", 4_000, 10_500, true),
                        new Struck("kill-most", 40_000, 30_000, false)))
                .filteredOn(wrong -> wrong.startsWith("reads"))
                .containsExactly("reads of a partition had no answer for 10500 ms (kill-node)");
    }

    @Test
    void noTimeForAFaultIsReportedWhereFaultsWereAskedFor() {
        assertThat(wrong(GOOD, CALM)).contains("there was no time for a fault");
        assertThat(report(GOOD, Duration.ZERO, List.of(CALM)).shortfalls())
                .doesNotContain("there was no time for a fault");
    }

    @Test
    void forecastsThatWereNotComparedAreReported() {
        assertThat(wrong(new Verdict(100, 100, 0, 0, 0, 0, 0, 0, 0), CALM))
                .contains("no forecasts were compared: no model was trained");
    }

    @ParameterizedTest
    @CsvSource({"99, 0, 0, 0, 0", "100, 1, 0, 0, 0", "100, 0, 1, 0, 0", "100, 0, 0, 1, 0", "100, 0, 0, 0, 1"})
    void nothingMayBeLostDuplicatedDifferingOrDenied(
            long found, long lost, long duplicated, long differing, long denied) {
        Verdict verdict = new Verdict(100, found, lost, duplicated, differing, 10, 0, denied, 0);

        assertThat(verdict.holds()).isFalse();
        assertThat(wrong(verdict, CALM)).contains("not every reading is where it belongs");
    }
}
