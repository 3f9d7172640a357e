package io.glucogrid.importers;

import io.glucogrid.loaders.BulkLoad;
import io.glucogrid.loaders.RowBatch;
import io.glucogrid.loaders.SegmentFormat;
import io.glucogrid.loaders.TierStorage;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** Loads a file of readings into the sorted runs of a tier. */
final class ReadingLoad {
    private final TableSchema schema;
    private final BulkLoad bulk;
    private final InstantSource clock;
    private long added;
    private long present;
    private int segments;

    private ReadingLoad(TableSchema schema, BulkLoad bulk, InstantSource clock) {
        this.schema = schema;
        this.bulk = bulk;
        this.clock = clock;
    }

    static Outcome load(Path file, TierStorage storage, Options options, InstantSource clock, LongConsumer progress)
            throws IOException {
        TableSchema schema = ReadingTable.named(options.table());
        ReadingLoad load = new ReadingLoad(schema, BulkLoad.into(storage, schema, SegmentFormat.configured()), clock);
        CleaningReport report = ReadingCleaner.clean(
                file, options.raw(), load.bulk.suppressed(), chunk -> load.add(chunk, options.dryRun()), progress);
        return new Outcome(file, report, load.added, load.present, load.segments);
    }

    private void add(ReadingCleaner.Chunk chunk, boolean dryRun) throws IOException {
        long nowMicros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        RowBatch batch = RowBatch.empty(schema, chunk.size());
        chunk.forEach((subject, glucose, event, created) -> batch.add(subject, event, glucose, created, nowMicros));
        BulkLoad.Result result = bulk.add(batch, !dryRun);
        added += result.added();
        present += result.present();
        segments += result.segments().size();
    }

    /**
     * How to load.
     *
     * @param raw whether rows are taken as they are
     * @param dryRun whether nothing is written
     */
    record Options(String table, boolean raw, boolean dryRun) {}

    /**
     * What a load did.
     *
     * @param added rows written, or to be written
     * @param present rows left out because the tier has them
     */
    record Outcome(Path file, CleaningReport report, long added, long present, int segments) implements LoadOutcome {
        @Override
        public Map<String, Long> lines(boolean dryRun) {
            Map<String, Long> lines = new LinkedHashMap<>();
            lines.put("read", report.read());
            lines.put("kept as read", report.untouched());
            for (Finding finding : Finding.values()) {
                if (report.count(finding) > 0) {
                    lines.put(finding.verdict() + ": " + finding.reason(), report.count(finding));
                }
                if (finding == Finding.STRAY) {
                    report.strayDetails().forEach((detail, rows) -> lines.put("  of these: " + detail.reason(), rows));
                }
            }
            lines.put("already in the tier", present);
            lines.put(dryRun ? "would be added" : "added", added);
            return lines;
        }

        @Override
        public Map<String, Object> json() {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("file", file.toString());
            object.put("rows", report.read());
            object.put("kept", report.untouched());
            object.put("repaired", report.repaired());
            object.put("dropped", report.dropped());
            object.put("reasons", report.reasons());
            object.put("stray", report.strayReasons());
            object.put("present", present);
            object.put("added", added);
            object.put("segments", segments);
            return object;
        }
    }
}
