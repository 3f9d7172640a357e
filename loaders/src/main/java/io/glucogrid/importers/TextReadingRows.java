package io.glucogrid.importers;

import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.Column;
import io.glucogrid.loaders.ParquetColumns;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
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
 * A text file of readings, read whole when it is opened.
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
    private static final int ROWS_PER_GROUP = 250_000;

    private final List<Group> groups;

    private TextReadingRows(List<Group> groups) {
        this.groups = groups;
    }

    /** INVALID_REQUEST where the file is no text, or two of its ids cannot be told apart as numbers. */
    static TextReadingRows open(Path path, TextFormat format) throws IOException {
        List<Group> groups = new ArrayList<>();
        SubjectIds ids = new SubjectIds();
        try (BufferedReader lines = TextFormat.lines(path)) {
            int[] places = format.places(String.valueOf(lines.readLine()));
            if (places == null) {
                throw new IllegalStateException("the format was found by this very header");
            }
            Builder builder = new Builder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank()) {
                    continue;
                }
                builder.add(format.cells(line), places, ids);
                if (builder.findings.size() == ROWS_PER_GROUP) {
                    groups.add(builder.build());
                    builder = new Builder();
                }
            }
            groups.add(builder.build());
        } catch (MalformedInputException binary) {
            throw new GridException(ErrorCode.INVALID_REQUEST, path + " is not a UTF-8 text", binary);
        }
        return new TextReadingRows(groups);
    }

    @Override
    public int groups() {
        return groups.size();
    }

    @Override
    public Group read(int group) {
        return groups.get(group);
    }

    @Override
    public void close() {
        // nothing is open
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
