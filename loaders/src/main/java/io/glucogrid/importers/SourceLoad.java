package io.glucogrid.importers;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.BulkLoad;
import io.glucogrid.loaders.RowBatch;
import io.glucogrid.loaders.SegmentFormat;
import io.glucogrid.loaders.TierStorage;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.Suppressions;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes files of any declared source into the tier, by the names and types that were declared.
 *
 * <p>Files are copied, not read where they lie: reads of the tier rest on sorted rows by bucket, a page directory and checksums,
 * which a file of somebody else does not have, and on files that nobody changes. Whoever has new files, or more rows in old ones,
 * loads the folder again: rows that the tier has already are left out.
 *
 * <p>A row is rejected where it has no join key or event time, where a value is no {@linkplain Lossless lossless} one of the declared
 * type, and where its entity was forgotten. Without a creation time it was created at its event time.
 */
final class SourceLoad {
    /** Rows sorted and compared with the tier together. */
    private static final int ROWS_PER_CHUNK = 500_000;

    private static final int ROWS_PER_READ = 4_096;

    private final DeclaredSource source;
    private final List<Field> columns;
    private final BulkLoad bulk;
    private final Suppressions.Filter suppressed;
    private final InstantSource clock;
    private final boolean write;

    private SourceLoad(
            DeclaredSource source, BulkLoad bulk, Suppressions.Filter suppressed, InstantSource clock, boolean write) {
        this.source = source;
        this.columns = source.columns();
        this.bulk = bulk;
        this.suppressed = suppressed;
        this.clock = clock;
        this.write = write;
    }

    static SourceLoad into(TierStorage storage, DeclaredSource source, InstantSource clock, boolean write) {
        BulkLoad bulk = BulkLoad.into(storage, source.table(), SegmentFormat.configured());
        return new SourceLoad(source, bulk, bulk.suppressed(), clock, write);
    }

    /**
     * Looks into every file before the first row of any is written.
     *
     * @return value columns that only some of the files have, which read as null from the others
     * @throws GridException INVALID_REQUEST where a file lacks a join key or a time, none of them has a declared value, or one holds a
     *     column in a way that no type does
     */
    Set<String> check(List<Path> files) throws IOException {
        Set<String> partial = new LinkedHashSet<>();
        Set<String> seen = new LinkedHashSet<>();
        for (Path file : files) {
            try (FrameReader reader = open(file)) {
                List<String> names = reader.columns().stream().map(Field::name).toList();
                if (names.contains(TableSchema.OP) && names.contains(TableSchema.INGESTED_AT)) {
                    throw new GridException(
                            ErrorCode.INVALID_REQUEST,
                            file
                                    + " is a segment of a tier, with versions and deletes; a tier is moved by copying its folder");
                }
                for (Field column : columns) {
                    if (names.contains(column.name())) {
                        seen.add(column.name());
                    } else if (source.table().valueIndex(column.name()) < 0) {
                        throw missing(file, column.name(), names);
                    } else {
                        partial.add(column.name());
                    }
                }
                seen.addAll(names);
            }
        }
        for (String column : partial) {
            if (columns.stream().noneMatch(known -> known.name().equals(column) && seen.contains(column))) {
                throw missing(files.get(0), column, seen);
            }
        }
        return partial;
    }

    private GridException missing(Path file, String column, Collection<String> names) {
        return new GridException(
                ErrorCode.INVALID_REQUEST,
                file + ": column '" + column + "' of source '" + source.name() + "' is missing"
                        + DidYouMean.suffix(column, names));
    }

    private FrameReader open(Path file) throws IOException {
        return SourceFiles.open(
                file,
                name -> name.equals(TableSchema.OP)
                        || name.equals(TableSchema.INGESTED_AT)
                        || columns.stream().anyMatch(column -> column.name().equals(name)));
    }

    /** Takes one file's rows. */
    Outcome load(Path file, LongConsumer progress) throws IOException {
        SourceReport report = new SourceReport();
        long added = 0;
        long present = 0;
        int segments = 0;
        try (FrameReader reader = open(file)) {
            Layout layout = Layout.of(reader.columns(), source);
            boolean more = true;
            while (more) {
                RowBatch batch = RowBatch.empty(source.table(), ROWS_PER_READ);
                long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
                while (more && batch.size() < ROWS_PER_CHUNK) {
                    List<@Nullable Object[]> rows = reader.next(ROWS_PER_READ);
                    for (@Nullable Object[] cells : rows) {
                        row(layout, cells, batch, now, report);
                    }
                    more = !rows.isEmpty();
                    progress.accept(rows.size());
                }
                BulkLoad.Result result = bulk.add(batch, write);
                added += result.added();
                present += result.present();
                segments += result.segments().size();
            }
        }
        return new Outcome(file, report, added, present, segments);
    }

    private void row(Layout layout, @Nullable Object[] cells, RowBatch batch, long nowMicros, SourceReport report) {
        @Nullable Object[] values = new Object[columns.size()];
        int required = source.table().joinKeys().size() + 1;
        for (int i = 0; i < values.length; i++) {
            Field column = columns.get(i);
            int place = layout.places[i];
            Object value = place < 0 ? null : Lossless.value(cells[place], layout.types[i], column.type());
            if (value == Lossless.MISFIT) {
                report.rejected("'" + column.name() + "' is no " + column.type() + ", or not without a loss");
                return;
            }
            if (value == null && i < required) {
                report.rejected("no '" + column.name() + "'");
                return;
            }
            values[i] = value;
        }
        Object[] keys = Arrays.copyOf(values, required - 1, Object[].class);
        if (!suppressed.isEmpty() && suppressed.covers(keys)) {
            report.rejected(Finding.FORGOTTEN.reason());
            return;
        }
        int end = required + source.table().values().size();
        long event = (Long) Objects.requireNonNull(values[required - 1]);
        Object created = source.hasCreated() ? values[end] : null;
        FeatureRow row = new FeatureRow(
                event, created == null ? event : (Long) created, Arrays.copyOfRange(values, required, end));
        batch.add(HistoryRow.upsert(keys, row), nowMicros);
        report.taken();
    }

    /** Where a file has the columns of the source, -1 for nowhere, and what it holds them as. */
    private record Layout(int[] places, ValueType[] types) {
        static Layout of(List<Field> file, DeclaredSource source) {
            List<Field> columns = source.columns();
            int[] places = new int[columns.size()];
            ValueType[] types = new ValueType[columns.size()];
            for (int i = 0; i < places.length; i++) {
                places[i] = -1;
                types[i] = columns.get(i).type();
                for (int j = 0; j < file.size(); j++) {
                    if (file.get(j).name().equals(columns.get(i).name())) {
                        places[i] = j;
                        types[i] = file.get(j).type();
                    }
                }
            }
            return new Layout(places, types);
        }
    }

    /**
     * What a load did.
     *
     * @param added rows written, or to be written
     * @param present rows left out because the tier, or the file above them, has them
     */
    record Outcome(Path file, SourceReport report, long added, long present, int segments) implements LoadOutcome {
        @Override
        public Map<String, Long> lines(boolean dryRun) {
            Map<String, Long> lines = new LinkedHashMap<>();
            lines.put("read", report.read());
            for (SourceReport.Rejected rejected : report.rejected()) {
                lines.put("rejected: " + rejected.reason() + " (first: row " + rejected.first() + ")", rejected.rows());
            }
            lines.put("already in the tier, or twice in the file", present);
            lines.put(dryRun ? "would be added" : "added", added);
            return lines;
        }

        @Override
        public Map<String, Object> json() {
            List<Map<String, Object>> reasons = new ArrayList<>();
            for (SourceReport.Rejected rejected : report.rejected()) {
                Map<String, Object> reason = new LinkedHashMap<>();
                reason.put("reason", rejected.reason());
                reason.put("rows", rejected.rows());
                reason.put("first_row", rejected.first());
                reasons.add(reason);
            }
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("file", file.toString());
            object.put("rows", report.read());
            object.put("rejected", report.read() - report.rows());
            object.put("reasons", reasons);
            object.put("present", present);
            object.put("added", added);
            object.put("segments", segments);
            return object;
        }
    }
}
