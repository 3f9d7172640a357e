package io.glucogrid.importers;

import io.glucogrid.cgm.Reading;
import io.glucogrid.loaders.ParquetColumns;
import io.glucogrid.store.Suppressions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of readings and decides about each row.
 *
 * <p>In this order: a row without subject, event time or glucose is dropped, and so is one of a forgotten subject; a time before 2000 whose stored number is a
 * plausible count of seconds (2000 to 2100) is taken as seconds; other event times before 2000 are dropped, other creation
 * times before 2000 replaced by the event time; {@linkplain StrayReadings stray} readings are dropped; of exact duplicates the
 * first is kept. Raw cleaning keeps every complete row as it is. Of the reference file's 59,995 rows exactly the 59,831 genuine
 * ones stay.
 */
final class ReadingCleaner {
    /** Rows cleaned and sorted together; duplicates further apart are found by the tier. */
    private static final int ROWS_PER_CHUNK = 500_000;

    private static final long MICROS = 1_000_000;
    private static final long YEAR_2000 = 946_684_800;
    private static final long YEAR_2100 = 4_102_444_800L;

    private final boolean raw;
    private final Suppressions.Filter suppressed;
    private final StrayReadings stray = new StrayReadings();
    private final CleaningReport report = new CleaningReport();

    private ReadingCleaner(boolean raw, Suppressions.Filter suppressed) {
        this.raw = raw;
        this.suppressed = suppressed;
    }

    /**
     * Hands over the cleaned rows, chunk by chunk, in the order of the file.
     *
     * @param suppressed subjects whose rows are dropped
     * @param progress told of each number of rows read
     */
    static CleaningReport clean(
            Path file, boolean raw, Suppressions.Filter suppressed, ChunkConsumer chunks, LongConsumer progress)
            throws IOException {
        ReadingCleaner cleaner = new ReadingCleaner(raw, suppressed);
        try (ReadingRows rows = ReadingRows.open(file)) {
            if (!raw) {
                cleaner.survey(rows);
                rows.rewind();
            }
            Chunk chunk = new Chunk();
            for (ReadingRows.Group read = rows.next(); read != null; read = rows.next()) {
                for (int row = 0; row < read.size(); row++) {
                    cleaner.row(read, row, chunk);
                }
                progress.accept(read.size());
                if (chunk.size >= ROWS_PER_CHUNK) {
                    cleaner.dropDuplicates(chunk);
                    chunks.accept(chunk);
                    chunk = new Chunk();
                }
            }
            cleaner.dropDuplicates(chunk);
            chunks.accept(chunk);
        }
        return cleaner.report;
    }

    /** Hands over the cleaned readings in the order of the file; returns how many. */
    static long forEach(Path file, Consumer<Reading> readings) throws IOException {
        AtomicLong count = new AtomicLong();
        clean(
                file,
                false,
                Suppressions.none().filter(List.of(ReadingTable.SUBJECT)),
                chunk -> count.addAndGet(chunk.forEach((subject, glucose, event, created) ->
                        readings.accept(new Reading(subject, glucose, event, created)))),
                rows -> {});
        return count.get();
    }

    private void survey(ReadingRows rows) throws IOException {
        for (ReadingRows.Group read = rows.next(); read != null; read = rows.next()) {
            for (int row = 0; row < read.size(); row++) {
                if (read.isComplete(row)) {
                    long stored = read.event().fixed(row);
                    long micros = isSeconds(stored, read.eventScale())
                            ? stored * MICROS
                            : read.eventScale().micros(stored);
                    if (isUsable(micros)) {
                        stray.survey(read.subject().fixed(row), micros);
                    }
                }
            }
        }
        stray.conclude();
    }

    private void row(ReadingRows.Group rows, int row, Chunk chunk) {
        Finding read = rows.finding(row);
        if (!rows.isComplete(row)) {
            report.found(read == Finding.UNREADABLE ? read : Finding.INCOMPLETE);
            return;
        }
        long subject = rows.subject().fixed(row);
        if (!suppressed.isEmpty() && suppressed.covers(new Object[] {subject})) {
            report.found(Finding.FORGOTTEN);
            return;
        }
        long glucose = rows.glucose().fixed(row);
        long storedEvent = rows.event().fixed(row);
        long event = rows.eventScale().micros(storedEvent);
        boolean noCreated = rows.created().isNull(row);
        long storedCreated = noCreated ? storedEvent : rows.created().fixed(row);
        ParquetColumns.TimeScale createdScale = noCreated ? rows.eventScale() : rows.createdScale();
        long created = createdScale.micros(storedCreated);
        if (raw) {
            keep(read);
            chunk.add(subject, glucose, event, created, read);
            return;
        }
        Finding repair = read;
        if (isSeconds(storedCreated, createdScale)) {
            created = storedCreated * MICROS;
            repair = Finding.CREATED_IN_SECONDS;
        }
        if (isSeconds(storedEvent, rows.eventScale())) {
            event = storedEvent * MICROS;
            repair = Finding.EVENT_IN_SECONDS;
        }
        if (!isUsable(event)) {
            report.found(Finding.EVENT_UNUSABLE);
            return;
        }
        if (!isUsable(created)) {
            created = event;
            repair = Finding.CREATED_UNUSABLE;
        }
        if (stray.isStray(subject, event)) {
            report.stray(repair, List.of(subject, glucose, event, created));
            return;
        }
        keep(repair);
        chunk.add(subject, glucose, event, created, repair);
    }

    private void keep(@Nullable Finding repair) {
        if (repair == null) {
            report.kept();
        } else {
            report.found(repair);
        }
    }

    private static boolean isSeconds(long stored, ParquetColumns.TimeScale scale) {
        return !isUsable(scale.micros(stored)) && stored >= YEAR_2000 && stored < YEAR_2100;
    }

    private static boolean isUsable(long micros) {
        return micros >= YEAR_2000 * MICROS;
    }

    private void dropDuplicates(Chunk chunk) {
        Integer[] order = new Integer[chunk.size];
        Arrays.setAll(order, Integer::valueOf);
        Comparator<Integer> content = chunk::compare;
        Arrays.sort(order, content); // stable: of equal rows the first in the file comes first
        for (int i = 1; i < order.length; i++) {
            if (chunk.compare(order[i - 1], order[i]) == 0) {
                Finding repair = chunk.repairs[order[i]];
                report.duplicate(repair);
                chunk.dropped[order[i]] = true;
            }
        }
    }

    /** Takes chunks of clean rows. */
    interface ChunkConsumer {
        void accept(Chunk chunk) throws IOException;
    }

    /** Rows that were not dropped before their duplicates were looked for. */
    static final class Chunk {
        private long[] subjects = new long[1024];
        private long[] glucose = new long[1024];
        private long[] events = new long[1024];
        private long[] created = new long[1024];
        private @Nullable Finding[] repairs = new Finding[1024];
        private boolean[] dropped = new boolean[1024];
        private int size;

        private void add(long subject, long mgDl, long eventMicros, long createdMicros, @Nullable Finding repair) {
            if (size == subjects.length) {
                int capacity = 2 * size;
                subjects = Arrays.copyOf(subjects, capacity);
                glucose = Arrays.copyOf(glucose, capacity);
                events = Arrays.copyOf(events, capacity);
                created = Arrays.copyOf(created, capacity);
                repairs = Arrays.copyOf(repairs, capacity);
                dropped = Arrays.copyOf(dropped, capacity);
            }
            subjects[size] = subject;
            glucose[size] = mgDl;
            events[size] = eventMicros;
            created[size] = createdMicros;
            repairs[size++] = repair;
        }

        private int compare(int left, int right) {
            int order = Long.compare(subjects[left], subjects[right]);
            order = order != 0 ? order : Long.compare(events[left], events[right]);
            order = order != 0 ? order : Long.compare(created[left], created[right]);
            return order != 0 ? order : Long.compare(glucose[left], glucose[right]);
        }

        int size() {
            return size;
        }

        /** Hands over what is left, in the order of the file; returns how many. */
        int forEach(RowConsumer consumer) {
            int rows = 0;
            for (int row = 0; row < size; row++) {
                if (!dropped[row]) {
                    consumer.accept(subjects[row], glucose[row], events[row], created[row]);
                    rows++;
                }
            }
            return rows;
        }
    }

    /** Takes one clean row; times in microseconds since the epoch. */
    interface RowConsumer {
        void accept(long subject, long glucoseMgDl, long eventMicros, long createdMicros);
    }
}
