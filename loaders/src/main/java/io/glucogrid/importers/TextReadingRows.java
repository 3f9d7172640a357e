package io.glucogrid.importers;

import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.Column;
import io.glucogrid.loaders.ParquetColumns;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text file of readings, of which a number of lines is in memory.
 *
 * <p>Times are the wall clock of the subject and are labelled UTC as they are, like those of the reference data: features by
 * hour and weekday want local time. A sensor's {@code Low} is {@value #LOW} mg/dL, as in the reference data, its {@code High}
 * {@value #HIGH}. Glucose must be from {@value #LEAST} to {@value #MOST} mg/dL, and is rounded to whole ones.
 */
final class TextReadingRows implements ReadingRows {
    static final int LOW = 35;
    static final int HIGH = 401;

    private static final int LEAST = 20;
    private static final int MOST = 1000;
    private static final int ROWS_PER_GROUP = 100_000;

    private final Text text;
    private final TextFormat format;
    private final SubjectIds ids = new SubjectIds();
    private TextLines lines;
    private int[] places;

    private TextReadingRows(Text text, TextFormat format, TextLines lines, int[] places) {
        this.text = text;
        this.format = format;
        this.lines = lines;
        this.places = places;
    }

    /** A file that {@link TextFormat#of} knows. */
    static TextReadingRows open(Path path, TextFormat format) throws IOException {
        return open(() -> TextLines.open(path), format);
    }

    /** A text that begins with the format's header whenever it is opened. */
    static TextReadingRows open(Text text, TextFormat format) throws IOException {
        TextLines lines = text.open();
        try {
            return new TextReadingRows(text, format, lines, places(lines, format));
        } catch (IOException | RuntimeException unusable) {
            lines.close();
            throw unusable;
        }
    }

    private static int[] places(TextLines lines, TextFormat format) throws IOException {
        int[] places = format.places(String.valueOf(lines.next()));
        if (places == null) {
            throw new GridException(ErrorCode.INVALID_REQUEST, lines.name() + " is not the file any more that it was");
        }
        return places;
    }

    @Override
    public void rewind() throws IOException {
        lines.close();
        lines = text.open();
        places = places(lines, format);
    }

    /** INVALID_REQUEST where the file is no text, or two of its ids cannot be told apart as numbers. */
    @Override
    public @Nullable Group next() throws IOException {
        Builder builder = new Builder();
        while (builder.findings.size() < ROWS_PER_GROUP) {
            String line = lines.next();
            if (line == null) {
                break;
            }
            if (!line.isBlank()) {
                builder.add(format.cells(line), places, ids);
            }
        }
        return builder.findings.isEmpty() ? null : builder.build();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    /** A text that can be read more than once. */
    interface Text {
        TextLines open() throws IOException;
    }

    /** Collects the rows of one group. */
    private static final class Builder {
        private final LongCells subject = new LongCells(ValueType.INT64);
        private final LongCells glucose = new LongCells(ValueType.INT64);
        private final LongCells event = new LongCells(ValueType.UNIX_TIMESTAMP);
        private final List<@Nullable Finding> findings = new ArrayList<>();

        void add(List<String> cells, int[] places, SubjectIds ids) {
            String id = cell(cells, places[0]);
            String time = cell(cells, places[1]);
            String value = cell(cells, places[2]);
            Long micros = micros(time);
            Long mgDl = glucose(value);
            boolean unreadable = (micros == null && !isMissing(time)) || (mgDl == null && !isMissing(value));
            subject.add(isMissing(id) ? null : (Long) ids.number(id));
            event.add(micros);
            glucose.add(mgDl);
            findings.add(unreadable ? Finding.UNREADABLE : isLimit(value) ? Finding.SENSOR_LIMIT : null);
        }

        private static String cell(List<String> cells, int place) {
            return place < cells.size() ? cells.get(place) : "";
        }

        private static boolean isMissing(String cell) {
            return cell.isEmpty() || cell.equals("NA") || cell.equals("NaN");
        }

        private static boolean isLimit(String value) {
            return value.equalsIgnoreCase("low") || value.equalsIgnoreCase("high");
        }

        private static @Nullable Long glucose(String value) {
            if (isLimit(value)) {
                return value.equalsIgnoreCase("low") ? (long) LOW : (long) HIGH;
            }
            try {
                double number = Double.parseDouble(value);
                return number >= LEAST && number <= MOST ? Math.round(number) : null;
            } catch (NumberFormatException unreadable) {
                return null;
            }
        }

        /** {@code 2014-02-03 03:42:12}, also with a T, with fractions, or without a time where that is midnight. */
        private static @Nullable Long micros(String text) {
            try {
                LocalDateTime time = text.length() == 10
                        ? LocalDate.parse(text).atStartOfDay()
                        : LocalDateTime.parse(
                                text.endsWith("Z")
                                        ? text.substring(0, text.length() - 1).replace(' ', 'T')
                                        : text.replace(' ', 'T'));
                return ChronoUnit.MICROS.between(LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC), time);
            } catch (DateTimeException unreadable) {
                return null;
            }
        }

        Group build() {
            return new Group(
                    subject.column,
                    glucose.column,
                    event.column,
                    event.column,
                    ParquetColumns.TimeScale.MICROS,
                    ParquetColumns.TimeScale.MICROS,
                    findings);
        }
    }

    /** A column being filled. */
    private static final class LongCells {
        private final Column column;

        LongCells(ValueType type) {
            this.column = new Column(type, 1024);
        }

        void add(@Nullable Long value) {
            if (value == null) {
                column.addMissing();
            } else {
                column.addFixed(value);
            }
        }
    }
}
