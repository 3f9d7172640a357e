package io.glucogrid.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cli.Verb;
import io.glucogrid.forecast.ReferenceReadings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class EvaluateVerbTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @Test
    void theVerbIsFoundByTheLauncher() {
        assertThat(ServiceLoader.load(Verb.class))
                .anySatisfy(verb -> assertThat(verb).isInstanceOf(EvaluateVerb.class));
    }

    @Test
    void jsonHasOneRowForEachModelAndHorizonAndPlotsAreWritten() throws Exception {
        Path data = aThirdOfTheSubjects();

        int exit = run("--protocol", "causal", "--data", data.toString(), "--json", "--plots", directory.toString());

        assertThat(err.toString()).containsPattern("\\d{5} readings of 1\\d subjects");
        assertThat(exit).isZero();
        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(document.get("rows")).hasSize(3 * (9 + 4));
        for (JsonNode row : document.get("rows")) {
            assertThat(row.get("model").asText()).isNotEmpty();
            assertThat(row.get("horizon_minutes").asInt()).isIn(15, 30, 60);
            assertThat(row.get("rmse").asDouble()).isBetween(7.0, 25.0);
            assertThat(row.get("mae").asDouble()).isPositive();
            assertThat(row.get("mard").asDouble()).isPositive();
        }
        for (int minutes : new int[] {15, 30, 60}) {
            assertThat(Files.readString(directory.resolve("evaluate-" + minutes + "min.svg")))
                    .startsWith("<svg")
                    .contains("Parkes", "persistence", "</svg>");
        }
    }

    @Test
    void theTableIsAligned() throws Exception {
        Path data = aThirdOfTheSubjects();

        int exit = run("--data", data.toString(), "--horizons", "30");

        assertThat(exit).isZero();
        String[] lines = out.toString().split("\n");
        assertThat(lines[0]).contains("rmse", "clarke", "parkes", "cov90");
        int bar = lines[0].indexOf('|');
        for (int i = 1; i <= 13; i++) {
            assertThat(lines[i].indexOf('|')).isEqualTo(bar);
        }
        assertThat(out.toString()).contains("Not a medical device");
    }

    @Test
    void anIncompleteBenchmarkCohortIsReportedByTheExitCode() throws Exception {
        Path data = ReferenceReadings.copy(directory.resolve("some.parquet"), "subject_id between 2133001 and 2133007");

        int exit = run("--protocol", "glucobench", "--data", data.toString(), "--json");

        assertThat(exit).isEqualTo(3);
        assertThat(err.toString()).contains("not the whole Hall cohort");
        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(document.get("comparable").asBoolean()).isFalse();
        assertThat(document.get("rows")).hasSize(20);
    }

    @Test
    void readingsThatDoNotVaryAreAnErrorAndNoStackTrace() throws Exception {
        Path data = ReferenceReadings.copy(directory.resolve("few.parquet"), "glucose = 100");

        assertThat(run("--data", data.toString())).isEqualTo(1);

        assertThat(err.toString()).contains("cannot be fitted").doesNotContain("\tat ");
    }

    @Test
    void wrongUsageIsNamed() throws Exception {
        assertThat(run("--data", directory.resolve("none.parquet").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("cannot read");
        Path text = Files.writeString(directory.resolve("readings.txt"), "hello");
        assertThat(run("--data", text.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("no reader knows");
        assertThat(run("--protocol", "guess", "--data", text.toString())).isEqualTo(2);
    }

    /** What the figures of all are, {@link CausalProtocolTest} says. */
    private Path aThirdOfTheSubjects() throws SQLException {
        return ReferenceReadings.copy(directory.resolve("third.parquet"), "subject_id % 3 = 1");
    }

    private int run(String... args) {
        return new CommandLine(new EvaluateVerb())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }
}
