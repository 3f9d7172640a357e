package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.parquet.io.InputFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code compact} and {@code offline verify} as a user calls them. */
@Tag("tier")
class TierVerbsTest {
    @TempDir
    private Path folder;

    private String output = "";

    private int run(Object verb, String... arguments) {
        StringWriter out = new StringWriter();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--tier", TestTier.address(folder).toString(), "--json"));
        int code = new CommandLine(verb)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(all.toArray(String[]::new));
        output = out.toString();
        return code;
    }

    private int verify(String... options) {
        List<String> arguments = new ArrayList<>(List.of("verify", "--api", "http://127.0.0.1:1"));
        arguments.addAll(List.of(options));
        return run(new OfflineVerb(), arguments.toArray(String[]::new));
    }

    private JsonNode table() throws Exception {
        return new ObjectMapper().readTree(output).get("tables").get(0);
    }

    private Path append(long event) throws Exception {
        List<Path> before = TestTier.files(folder);
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Tiers.append(store, Tiers.reading(1, event, event, 100), Tiers.reading(2, event, event, 100));
        }
        List<Path> after = new ArrayList<>(TestTier.files(folder));
        after.removeAll(before);
        return after.get(0);
    }

    @Test
    void compactMergesAndVerifyFindsNothingWrong() throws Exception {
        append(1);
        append(2);
        append(2);
        assertThat(verify()).isZero();
        assertThat(table().get("segments").asInt()).isEqualTo(3);
        assertThat(table().get("repeated").asInt()).isEqualTo(2);

        assertThat(run(new CompactVerb(), "--grace", "0", "--api", "http://127.0.0.1:1"))
                .isZero();
        assertThat(table().get("rows_read").asInt()).isEqualTo(6);
        assertThat(table().get("rows_written").asInt()).isEqualTo(4);
        assertThat(table().get("deleted").asInt()).isEqualTo(3);

        assertThat(verify("--strict")).isZero();
        assertThat(table().get("segments").asInt()).isEqualTo(2);
        assertThat(table().get("repeated").asInt()).isZero();
    }

    @Test
    void everyKindOfDamageIsFoundNamedAndLeftOut() throws Exception {
        Path flipped = append(1);
        Path cut = append(2);
        Path zeroed = append(3);
        Path empty = append(4);
        Path foreign = append(5).resolveSibling("foreign.parquet");
        append(6);
        byte[] bytes = TestTier.bytes(flipped);
        bytes[bytes.length / 3] ^= 4;
        TestTier.write(flipped, bytes);
        TestTier.write(cut, Arrays.copyOf(TestTier.bytes(cut), 300));
        TestTier.write(zeroed, new byte[TestTier.bytes(zeroed).length]);
        TestTier.write(empty, new byte[0]);
        TestTier.write(foreign, "a text that ends as a Parquet file does PAR1".getBytes(StandardCharsets.US_ASCII));
        TestTier.write(
                foreign.resolveSibling("half" + LocalTier.IN_PROGRESS), "PAR1".getBytes(StandardCharsets.US_ASCII));

        assertThat(verify()).isEqualTo(3);
        assertThat(table().get("damaged")).hasSize(5);
        assertThat(table().get("orphans")).hasSize(1);
        assertThat(table().get("rows").asInt()).isEqualTo(4);
        assertThat(TestTier.exists(flipped)).isTrue(); // verify only looks

        try (ParquetOfflineStore store = Tiers.store(folder)) {
            List<String> rows = List.of();
            for (int attempt = 0; attempt < 5 && rows.isEmpty(); attempt++) {
                try {
                    rows = Tiers.lines(Tiers.scan(store));
                } catch (GridException damage) {
                    assertThat(damage.code()).isEqualTo(ErrorCode.DAMAGED_DATA);
                }
            }
            assertThat(rows).hasSize(4);
            assertThat(store.problems()).hasSize(5);
            Tiers.append(store, Tiers.reading(9, 9, 9, 9)); // the writer does not care
            assertThat(Tiers.scan(store)).hasSize(5);
        }
        assertThat(verify("--quarantine")).isEqualTo(3);
        assertThat(verify()).isEqualTo(3); // still said, until somebody looks into the folder
        assertThat(table().get("damaged")).hasSize(5);
        TestTier.delete(folder.resolve(Quarantine.FOLDER));
        assertThat(verify()).isZero();
    }

    @Test
    void eachKindOfDamageAloneIsAnExitCodeOfItsOwn() throws Exception {
        Path sound = append(1);
        append(2);
        byte[] bytes = TestTier.bytes(sound);
        byte[] flipped = bytes.clone();
        flipped[bytes.length / 2] ^= 1;
        byte[] tail = bytes.clone();
        tail[bytes.length - 6] ^= 1; // the length of the footer
        byte[][] kinds = {
            flipped,
            tail,
            Arrays.copyOf(bytes, bytes.length / 2),
            Arrays.copyOf(bytes, bytes.length + 1),
            new byte[bytes.length],
            new byte[0],
            "PAR1 foreign PAR1".getBytes(StandardCharsets.US_ASCII)
        };
        for (byte[] kind : kinds) {
            TestTier.write(sound, kind);
            assertThat(verify()).isEqualTo(3);
            assertThat(table().get("damaged")).hasSize(1);
        }
        TestTier.write(sound, bytes);
        assertThat(verify("--strict")).isZero();
        Path orphan = sound.resolveSibling("notes.txt");
        TestTier.write(orphan, new byte[1]);
        assertThat(verify()).isZero();
        assertThat(verify("--strict")).isEqualTo(3);
        TestTier.delete(orphan);
        Path receipt = folder.resolve("readings/compacted/half.json");
        TestTier.write(receipt, "{\"inputs\":[".getBytes(StandardCharsets.US_ASCII));
        assertThat(verify("--strict")).isEqualTo(3);
    }

    @Test
    void aSegmentThatGoesWhileItIsLookedAtIsNoDamage() throws Exception {
        append(1);
        append(2);
        AtomicBoolean once = new AtomicBoolean(true);
        TierStorage moving = new TierDecorator(TestTier.open(folder)) {
            @Override
            public List<TierFile> list(String below) throws IOException {
                if (below.equals(Receipt.folder("readings")) && once.getAndSet(false)) {
                    compactAndSweep();
                }
                return super.list(below);
            }
        };
        TierCheck.Report report = new TierCheck(moving, rows -> {}).check("readings");

        assertThat(once).isFalse();
        assertThat(report.damaged()).isEmpty();
        assertThat(report.rows()).isEqualTo(4);
        assertThat(report.segments()).isEqualTo(2);
    }

    @Test
    void aTierThatNeverRestsIsVerifiedAllTheSame() throws Exception {
        append(1);
        AtomicInteger left = new AtomicInteger(20);
        TierStorage moving = new TierDecorator(TestTier.open(folder)) {
            @Override
            public List<TierFile> list(String below) throws IOException {
                int turn = below.equals(Receipt.folder("readings")) ? left.decrementAndGet() : -1;
                if (turn >= 0) {
                    RowBatch batch = RowBatch.empty(Tiers.READINGS, 1);
                    batch.add(Tiers.reading(1, 100 + turn, 1, 100), 1);
                    write(batch, Buckets.of(1L), new int[] {0});
                    compactAndSweep();
                }
                return super.list(below);
            }
        };
        TierCheck.Report report = new TierCheck(moving, rows -> {}).check("readings");

        assertThat(left).hasNonPositiveValue();
        assertThat(report.damaged()).isEmpty();
        assertThat(report.rows()).isEqualTo(22);
        assertThat(report.repeated()).isZero();
    }

    @Test
    void verifyHoldsFewFilesOpenAtATime() throws Exception {
        assumeTrue(TestTier.isLocal() && OpenFiles.areCountable(), "open files cannot be counted here");
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            List<HistoryRow> rows = new ArrayList<>();
            for (int i = 0; i < 12 * (ColumnWriter.ROWS_PER_PAGE + 1); i++) {
                rows.add(Tiers.reading(i % 12, i, i, i % 300));
            }
            store.append(Tiers.READINGS, rows).get(20, TimeUnit.SECONDS);
        }
        compactAndSweep();
        assertThat(TestTier.files(folder)).hasSizeGreaterThan(8);
        AtomicInteger most = new AtomicInteger();
        TierStorage counted = new TierDecorator(TestTier.open(folder)) {
            @Override
            public InputFile input(String path) {
                most.accumulateAndGet(OpenFiles.below(folder), Math::max);
                return super.input(path);
            }
        };
        TierCheck.Report report = new TierCheck(counted, rows -> {}).check("readings");

        assertThat(report.damaged()).isEmpty();
        assertThat(most.get()).isLessThan(4);
        assertThat(OpenFiles.below(folder)).isZero();
    }

    @Test
    void whatCrashesLeftOutsideOfTablesIsReported() throws Exception {
        append(1);
        TestTier.write(folder.resolve("half" + LocalTier.IN_PROGRESS), new byte[1]);
        TestTier.write(folder.resolve("meta/views/half" + LocalTier.IN_PROGRESS), new byte[1]);
        assertThat(verify()).isZero();
        assertThat(new ObjectMapper().readTree(output).get("orphans")).hasSize(2);
        assertThat(verify("--strict")).isEqualTo(3);
        assertThat(verify("--strict", "--table", "readings")).isZero();
    }

    private void compactAndSweep() throws IOException {
        Compactor compactor =
                Tiers.compactor(TestTier.open(folder), new LocalBoard(), CompactionPolicy.everything(Duration.ZERO));
        compactor.compact("readings");
        compactor.sweep("readings");
    }

    @Test
    void aRunThatIsOutOfOrderOrOfAnotherBucketIsFound() throws Exception {
        RowBatch batch = RowBatch.empty(Tiers.READINGS, 2);
        batch.add(Tiers.reading(1, 20, 20, 100), 1);
        batch.add(Tiers.reading(1, 10, 10, 100), 1);
        write(batch, 1, new int[] {0, 1});
        write(batch, 2, new int[] {1});
        assertThat(verify()).isEqualTo(3);
        assertThat(output).contains("rows are out of order").contains("has rows of bucket 1");
        assertThat(run(new CompactVerb(), "--grace", "0", "--api", "http://127.0.0.1:1"))
                .isZero();
        assertThat(TestTier.files(folder)).hasSize(2);
    }

    @Test
    void anEmptyTierHasNoTableAndIsSound() throws Exception {
        assertThat(verify()).isZero();
        assertThat(new ObjectMapper().readTree(output).get("tables")).isEmpty();
    }

    private void write(RowBatch batch, int bucket, int[] rows) throws IOException {
        String folder = SegmentName.bucketFolder("readings", bucket);
        SegmentFile.write(TestTier.open(this.folder), folder, Tiers.READINGS, SegmentFormat.DEFAULT, batch, rows);
    }
}
