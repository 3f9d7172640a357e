package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.store.HistoryRow;
import java.nio.file.Path;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What it costs to keep a tier compacted while readings come: rows rewritten for each row that came, and runs to look in. */
class CompactionCostTest {
    private static final int FRESH = 2;
    private static final int ROWS = 1_000;
    private static final int COMPACTIONS = 60;
    private static final int MOST_RUNS = 8;
    private static final long SEED = 5;

    @TempDir
    private Path folder;

    @Test
    void aRowIsRewrittenAFewTimesHoweverLongTheStream() throws Exception {
        LocalTier tier = LocalTier.open(folder);
        SplittableRandom random = new SplittableRandom(SEED);
        CompactionPolicy policy = CompactionPolicy.inNode(FRESH);
        long came = 0;
        long rewritten = 0;
        try (ParquetOfflineStore store = Tiers.store(folder)) {
            Compactor compactor = Tiers.compactor(tier, new LocalBoard(), policy);
            for (int i = 0; i < COMPACTIONS; i++) {
                for (int segment = 0; segment < FRESH; segment++) {
                    long first = came;
                    Tiers.append(
                            store,
                            IntStream.range(0, ROWS)
                                    .mapToObj(row -> Tiers.reading(
                                            7, 300_000_000L * (first + row), first + row, 40 + random.nextInt(360)))
                                    .toArray(HistoryRow[]::new));
                    came += ROWS;
                }
                rewritten += compactor.compact(Tiers.READINGS.name()).rowsRead();
            }
        }
        Set<String> segments = tier.list(Tiers.READINGS.name()).stream()
                .map(TierStorage.TierFile::path)
                .filter(SegmentName::isSegment)
                .collect(Collectors.toSet());
        segments.removeAll(Receipt.replaced(Receipt.of(tier, Tiers.READINGS.name()), segments));

        assertThat((double) rewritten / came)
                .as("times that a row was rewritten, seed %d", SEED)
                .isLessThan(8);
        assertThat(segments).as("runs of the one bucket").hasSizeBetween(1, MOST_RUNS);
    }
}
