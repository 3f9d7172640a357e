package io.glucogrid.importers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.cgm.ReadingFile;
import io.glucogrid.loaders.AsOfBench;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The reference data, where it is there. */
class ReferenceLoadTest {
    private static final Path FILE = Path.of(System.getProperty("glucogrid.reference", "absent"));

    @TempDir
    private Path tier;

    @BeforeEach
    void theFileIsThere() {
        assumeTrue(Files.isRegularFile(FILE), "no reference data at " + FILE);
    }

    private JsonNode load(String... options) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of(FILE.toString(), "--tier", tier.toString(), "--json", "--api", "http://127.0.0.1:1"));
        arguments.addAll(List.of(options));
        StringWriter out = new StringWriter();
        int code = new CommandLine(new LoadVerb())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(arguments.toArray(String[]::new));
        assertThat(code).isZero();
        return new ObjectMapper().readTree(out.toString()).get("files").get(0);
    }

    @Test
    void exactlyTheGenuineRowsAreLoadedAndASecondLoadChangesNothing() throws Exception {
        JsonNode first = load();
        assertThat(first.get("rows").asInt()).isEqualTo(59_995);
        assertThat(first.get("kept").asInt()).isEqualTo(59_831);
        assertThat(first.get("repaired").asInt()).isZero();
        assertThat(first.get("dropped").asInt()).isEqualTo(164);
        assertThat(first.get("reasons").get("stray").asInt()).isEqualTo(164);
        assertThat(first.get("stray").get("created_in_seconds").asInt()).isEqualTo(131);
        assertThat(first.get("stray").get("event_in_seconds").asInt()).isEqualTo(1);
        assertThat(first.get("stray").get("duplicate").asInt()).isEqualTo(69);
        assertThat(first.get("added").asInt()).isEqualTo(59_831);
        List<Path> files = files();

        JsonNode second = load();
        assertThat(second.get("added").asInt()).isZero();
        assertThat(second.get("present").asInt()).isEqualTo(59_831);
        assertThat(files()).isEqualTo(files);
    }

    @Test
    void rawTakesRowsAsTheyAre() throws Exception {
        JsonNode first = load("--raw");
        assertThat(first.get("kept").asInt() + first.get("dropped").asInt()).isEqualTo(59_995);
        assertThat(first.get("added").asInt()).isEqualTo(59_926);
        assertThat(load("--raw").get("added").asInt()).isZero();
    }

    @Test
    void aDryRunWritesNothing() throws Exception {
        assertThat(load("--dry-run").get("added").asInt()).isEqualTo(59_831);
        assertThat(files()).isEmpty();
    }

    @Test
    void theDemosQuestionHasTheKnownAnswer() throws Exception {
        load();
        try (AsOfBench bench = AsOfBench.open(tier.toUri(), ReadingTable.named("readings"))) {
            long at = 1_391_581_982_000_000L;
            assertThat(bench.answer(new Object[] {163669001L}, at).value(0)).isEqualTo(111L);
            assertThat(bench.answer(new Object[] {163669001L}, at).eventMicros())
                    .isEqualTo(Instant.parse("2014-02-05T06:32:00Z").getEpochSecond() * 1_000_000);
            System.out.println("as-of over the reference data: " + bench.measure(3_000, 7));
        }
    }

    @Test
    void aReplayReadsTheSameRows() throws Exception {
        ReadingFile format = ServiceLoader.load(ReadingFile.class).findFirst().orElseThrow();
        assertThat(format.reads(FILE)).isTrue();
        long[] sums = new long[2];
        long rows = format.forEach(FILE, reading -> {
            sums[0] += reading.glucoseMgDl();
            sums[1] += reading.createdMicros() == reading.eventMicros() ? 0 : 1;
        });
        assertThat(rows).isEqualTo(59_831);
        assertThat(sums[0] / (double) rows).isBetween(103.84, 103.85);
        assertThat(sums[1]).isZero();
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> files = Files.walk(tier)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
