package io.glucogrid.importers;

import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.Column;
import io.glucogrid.loaders.ColumnWriter;
import io.glucogrid.loaders.SegmentFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/**
 * Synthetic readings as Parquet in the shape of the reference data: optional {@code event_timestamp}, {@code subject_id},
 * {@code glucose} and {@code created}, times in nanoseconds UTC, creation time equal to event time, sorted by subject and time.
 */
public final class SyntheticReadings {
    private static final MessageType SCHEMA = Types.buildMessage()
            .optional(INT64)
            .as(timestampType(true, TimeUnit.NANOS))
            .named(ReadingTable.EVENT)
            .optional(INT64)
            .named(Cgm.SUBJECT)
            .optional(INT64)
            .named(Cgm.GLUCOSE)
            .optional(INT64)
            .as(timestampType(true, TimeUnit.NANOS))
            .named(ReadingTable.CREATED)
            .named("readings");
    private static final long NANOS = 1_000_000_000;

    private SyntheticReadings() {}

    /**
     * Writes one file, replacing an older one; the same set gives the same rows on every machine.
     *
     * @param progress told of each number of subjects done
     * @return how many readings it has
     */
    public static long write(Path file, Spec spec, LongConsumer progress) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Path draft = file.resolveSibling(file.getFileName() + ".inprogress");
        Files.deleteIfExists(draft);
        long rows = 0;
        try (ColumnWriter writer =
                ColumnWriter.open(new LocalOutputFile(draft), SCHEMA, Map.of(), SegmentFormat.DEFAULT)) {
            for (long subject = spec.firstSubject(); subject < spec.firstSubject() + spec.subjects(); subject++) {
                rows += subject(writer, spec, subject);
                progress.accept(1);
            }
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return rows;
    }

    private static int subject(ColumnWriter writer, Spec spec, long subject) throws IOException {
        int slots = spec.days() * 288 + 1;
        Column events = new Column(ValueType.INT64, slots);
        Column subjects = new Column(ValueType.INT64, slots);
        Column glucose = new Column(ValueType.INT64, slots);
        long start =
                spec.end().minusDays(spec.days()).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
        new SyntheticSubject(spec.preset(), spec.seed(), subject).wear(start, spec.days(), (second, mgDl) -> {
            events.addFixed(second * NANOS);
            subjects.addFixed(subject);
            glucose.addFixed(mgDl);
        });
        int[] rows = IntStream.range(0, events.size()).toArray();
        writer.write(new Column[] {events, subjects, glucose, events}, rows);
        return rows.length;
    }

    /**
     * What to make.
     *
     * @param subjects how many subjects, numbered from {@code firstSubject}
     * @param days whole days, the last of them before {@code end}
     */
    public record Spec(Preset preset, long firstSubject, int subjects, int days, long seed, LocalDate end) {
        /** End of a set whose end was not given, so that the same command always writes the same file. */
        public static final LocalDate DEFAULT_END = LocalDate.of(2026, 1, 5);

        /** First subject of a set whose numbers were not given. */
        public static final long DEFAULT_FIRST_SUBJECT = 100_001;

        public Spec {
            if (subjects < 1 || days < 1 || days > 3660) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST, "a set needs at least one subject, and from 1 to 3660 days");
            }
        }

        /** A set with the default numbers and dates. */
        public static Spec of(Preset preset, int subjects, int days, long seed) {
            return new Spec(preset, DEFAULT_FIRST_SUBJECT, subjects, days, seed, DEFAULT_END);
        }
    }
}
