package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.apache.parquet.io.SeekableInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every storage of a tier promises. */
@Tag("tier")
class TierStorageTest {
    @TempDir
    private Path folder;

    private TierStorage tier;

    @BeforeEach
    void open() {
        tier = TestTier.open(folder);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> paths(String below) throws IOException {
        return tier.list(below).stream()
                .map(TierStorage.TierFile::path)
                .sorted()
                .toList();
    }

    @Test
    void openingLeavesNothingBehindAndAnEmptyTierHasNothing() throws Exception {
        assertThat(tier.list("")).isEmpty();
        assertThat(tier.folders()).isEmpty();
        assertThat(tier.list("readings")).isEmpty();
        assertThat(tier.read("meta/none.json")).isNull();
        tier.delete("meta/none.json");
        assertThatThrownBy(() -> tier.input("none.parquet").newStream()).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> tier.move("none.parquet", "other.parquet")).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFileIsListedOnlyOnceItIsPublishedAndThenWhole() throws Exception {
        byte[] bytes = new byte[300_000];
        new Random(4).nextBytes(bytes);
        try (TierStorage.Pending pending = tier.create("readings/l0/20260101")) {
            try (OutputStream out = pending.output().create(0)) {
                out.write(bytes, 0, 100_000);
                assertThat(paths("readings")).noneMatch(path -> path.endsWith(".parquet"));
                out.write(bytes, 100_000, 200_000);
            }
            CRC32C expected = new CRC32C();
            expected.update(bytes);
            assertThat(pending.checksum()).isEqualTo((int) expected.getValue());
            assertThat(paths("readings")).noneMatch(path -> path.endsWith(".parquet"));
            assertThat(pending.publish("readings/l0/20260101/a.parquet")).isEqualTo(bytes.length);
        }
        assertThat(paths("")).containsExactly("readings/l0/20260101/a.parquet");
        assertThat(tier.list("readings/l0").get(0).bytes()).isEqualTo(bytes.length);
        assertThat(tier.list("readings").get(0).modifiedMillis())
                .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000);
        assertThat(tier.folders()).containsExactly("readings");
        assertThat(tier.read("readings/l0/20260101/a.parquet")).isEqualTo(bytes);
        assertThat(tier.input("readings/l0/20260101/a.parquet").getLength()).isEqualTo(bytes.length);
    }

    @Test
    void aFileThatIsNotPublishedLeavesNothing() throws Exception {
        try (TierStorage.Pending pending = tier.create("readings")) {
            try (OutputStream out = pending.output().create(0)) {
                out.write(new byte[100_000]);
            }
        }
        assertThat(tier.list("")).isEmpty();
    }

    @Test
    void rangesAreReadAnywhereAndAnEndIsAnEnd() throws Exception {
        byte[] bytes = new byte[200_000];
        new Random(5).nextBytes(bytes);
        tier.createIfAbsent("a.bin", bytes);
        try (SeekableInputStream in = tier.input("a.bin").newStream()) {
            for (int position : new int[] {199_990, 0, 70_000, 69_999, 131_071}) {
                byte[] range = new byte[10];
                in.seek(position);
                in.readFully(range);
                assertThat(range).isEqualTo(java.util.Arrays.copyOfRange(bytes, position, position + 10));
                assertThat(in.getPos()).isEqualTo(position + 10L);
            }
            in.seek(199_995);
            assertThatThrownBy(() -> in.readFully(new byte[10])).isInstanceOf(java.io.EOFException.class);
        }
    }

    @Test
    void ofManyWritersOfOneNameExactlyOneSucceeds() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                byte[] mine = text("writer " + i);
                results.add(threads.submit(() -> tier.createIfAbsent("meta/active/1.json", mine)));
            }
            List<Integer> winners = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                if (results.get(i).get(60, TimeUnit.SECONDS)) {
                    winners.add(i);
                }
            }
            assertThat(winners).hasSize(1);
            assertThat(tier.read("meta/active/1.json")).isEqualTo(text("writer " + winners.get(0)));
            assertThat(paths("")).containsExactly("meta/active/1.json");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whatIsPublishedIsNeverOverwritten() throws Exception {
        assertThat(tier.createIfAbsent("readings/a.parquet", text("first"))).isTrue();
        assertThat(tier.createIfAbsent("readings/a.parquet", text("other"))).isFalse();
        if (!TestTier.isLocal()) { // a local rename cannot tell; names are unique there as everywhere
            try (TierStorage.Pending pending = tier.create("readings")) {
                try (OutputStream out = pending.output().create(0)) {
                    out.write(text("a third one"));
                }
                assertThatThrownBy(() -> pending.publish("readings/a.parquet")).isInstanceOf(IOException.class);
            }
        }
        assertThat(tier.read("readings/a.parquet")).isEqualTo(text("first"));
        assertThat(paths("")).containsExactly("readings/a.parquet");
    }

    @Test
    void aFileIsMovedWithAllItsBytes() throws Exception {
        tier.createIfAbsent("readings/l0/a.parquet", text("content"));
        tier.move("readings/l0/a.parquet", "quarantine/readings/l0/a.parquet");
        assertThat(paths("")).containsExactly("quarantine/readings/l0/a.parquet");
        assertThat(tier.read("quarantine/readings/l0/a.parquet")).isEqualTo(text("content"));
        tier.delete("quarantine/readings/l0/a.parquet");
        assertThat(tier.list("")).isEmpty();
    }

    @Test
    void aPathCannotLeaveTheTier() {
        assertThatThrownBy(() -> tier.read("../other")).hasMessageContaining("not a path below the offline tier");
        assertThatThrownBy(() -> tier.read("/etc/passwd")).hasMessageContaining("not a path below the offline tier");
    }
}
