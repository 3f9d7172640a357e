package io.glucogrid.loaders;

import io.glucogrid.feature.ValueType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;

/**
 * The page directory of one segment: which rows each page has, the bounds of its first join key and event time, and its
 * earliest creation time.
 *
 * <p>Pages are those of the first join key's column, numbered through all row groups.
 */
final class SegmentIndex {
    private final int[] rowGroup;
    private final long[] firstRow;
    private final int[] rows;
    private final KeyBounds keys;
    private final long[] minEvent;
    private final long[] maxEvent;
    private final long[] minCreated;
    private final long latestEvent;

    private SegmentIndex(
            int[] rowGroup,
            long[] firstRow,
            int[] rows,
            KeyBounds keys,
            long[] minEvent,
            long[] maxEvent,
            long[] minCreated) {
        this.rowGroup = rowGroup;
        this.firstRow = firstRow;
        this.rows = rows;
        this.keys = keys;
        this.minEvent = minEvent;
        this.maxEvent = maxEvent;
        this.minCreated = minCreated;
        this.latestEvent = Arrays.stream(maxEvent).max().orElse(Long.MIN_VALUE);
    }

    /** The directory of a segment whose rows are all in one page. */
    static SegmentIndex of(RowBatch only) {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        long created = Long.MAX_VALUE;
        for (int row = 0; row < only.size(); row++) {
            created = Math.min(created, only.created(row));
            min = Math.min(min, only.event().fixed(row));
            max = Math.max(max, only.event().fixed(row));
        }
        return new SegmentIndex(
                new int[] {0},
                new long[] {0},
                new int[] {only.size()},
                KeyBounds.of(only.key(0)),
                new long[] {min},
                new long[] {max},
                new long[] {created});
    }

    /** The directory that a file's own column and offset indexes hold. */
    static SegmentIndex read(
            ParquetColumns file, String keyColumn, ValueType keyType, String eventColumn, String createdColumn)
            throws IOException {
        int pages = 0;
        OffsetIndex[] offsets = new OffsetIndex[file.rowGroups()];
        for (int group = 0; group < offsets.length; group++) {
            OffsetIndex offset = file.reader().readOffsetIndex(file.chunk(group, keyColumn));
            if (offset == null) {
                throw new IOException("no page index");
            }
            offsets[group] = offset;
            pages += offset.getPageCount();
        }
        int[] rowGroup = new int[pages];
        long[] firstRow = new long[pages];
        int[] rows = new int[pages];
        long[] minEvent = new long[pages];
        long[] maxEvent = new long[pages];
        long[] minCreated = new long[pages];
        KeyBounds keys = KeyBounds.empty(keyType, pages);
        int page = 0;
        for (int group = 0; group < offsets.length; group++) {
            ColumnIndex key = columnIndex(file, group, keyColumn);
            TimeBounds event = TimeBounds.read(file, group, eventColumn);
            TimeBounds created = TimeBounds.read(file, group, createdColumn);
            for (int i = 0; i < offsets[group].getPageCount(); i++, page++) {
                long first = offsets[group].getFirstRowIndex(i);
                long last = offsets[group].getLastRowIndex(i, file.rows(group));
                rowGroup[page] = group;
                firstRow[page] = first;
                rows[page] = (int) (last - first + 1);
                keys.set(page, key.getMinValues().get(i), key.getMaxValues().get(i));
                minEvent[page] = event.min(first, last);
                maxEvent[page] = event.max(first, last);
                minCreated[page] = created.min(first, last);
            }
        }
        return new SegmentIndex(rowGroup, firstRow, rows, keys, minEvent, maxEvent, minCreated);
    }

    private static ColumnIndex columnIndex(ParquetColumns file, int group, String column) throws IOException {
        ColumnIndex index = file.reader().readColumnIndex(file.chunk(group, column));
        if (index == null) {
            throw new IOException("no column index for '" + column + "'");
        }
        return index;
    }

    int pages() {
        return rows.length;
    }

    int rowGroup(int page) {
        return rowGroup[page];
    }

    long firstRow(int page) {
        return firstRow[page];
    }

    int rows(int page) {
        return rows[page];
    }

    long totalRows() {
        return Arrays.stream(rows).asLongStream().sum();
    }

    long latestEvent() {
        return latestEvent;
    }

    /** Whether a page may have known rows of the key with {@code from <= event <= at}. */
    boolean mayHave(int page, Probe probe, long from, long at) {
        return minEvent[page] <= at
                && maxEvent[page] >= from
                && minCreated[page] <= probe.known()
                && keys.contain(page, probe);
    }

    /** Whether all first join keys of a page are less than that of a row. */
    boolean endsBefore(int page, Column column, int row) {
        return keys.endBefore(page, column, row);
    }

    /** Whether any page may have keys from that of one row of a column to that of another. */
    boolean mayHaveKeys(Column column, int least, int greatest) {
        for (int page = 0; page < rows.length; page++) {
            if (keys.meet(page, column, least, greatest)) {
                return true;
            }
        }
        return false;
    }

    /** Bounds of a column of times, whose pages need not be those of the key column. */
    private record TimeBounds(OffsetIndex offset, ColumnIndex index, long rows) {
        static TimeBounds read(ParquetColumns file, int group, String column) throws IOException {
            ColumnChunkMetaData chunk = file.chunk(group, column);
            OffsetIndex offset = file.reader().readOffsetIndex(chunk);
            if (offset == null) {
                throw new IOException("no page index");
            }
            return new TimeBounds(offset, columnIndex(file, group, column), file.rows(group));
        }

        long min(long first, long last) {
            long min = Long.MAX_VALUE;
            for (int i = 0; i < offset.getPageCount(); i++) {
                if (overlaps(i, first, last)) {
                    min = Math.min(min, fixed(index.getMinValues(), i));
                }
            }
            return min;
        }

        long max(long first, long last) {
            long max = Long.MIN_VALUE;
            for (int i = 0; i < offset.getPageCount(); i++) {
                if (overlaps(i, first, last)) {
                    max = Math.max(max, fixed(index.getMaxValues(), i));
                }
            }
            return max;
        }

        private boolean overlaps(int page, long first, long last) {
            return offset.getFirstRowIndex(page) <= last && offset.getLastRowIndex(page, rows) >= first;
        }

        private static long fixed(List<ByteBuffer> values, int page) {
            return KeyBounds.fixed(values.get(page));
        }
    }

    /** Least and greatest first join key of each page: numbers, or UTF-8 bytes that may be cut short. */
    private record KeyBounds(boolean text, long[] min, long[] max, byte[][] minText, byte[][] maxText) {
        static KeyBounds empty(ValueType type, int pages) {
            return Column.isFixed(type)
                    ? new KeyBounds(false, new long[pages], new long[pages], new byte[0][], new byte[0][])
                    : new KeyBounds(true, new long[0], new long[0], new byte[pages][], new byte[pages][]);
        }

        static KeyBounds of(Column keys) {
            int least = 0;
            int greatest = 0;
            for (int row = 1; row < keys.size(); row++) {
                least = keys.compare(row, keys, least) < 0 ? row : least;
                greatest = keys.compare(row, keys, greatest) > 0 ? row : greatest;
            }
            KeyBounds bounds = empty(keys.type(), 1);
            if (bounds.text) {
                bounds.minText[0] = keys.string(least).getBytes(StandardCharsets.UTF_8);
                bounds.maxText[0] = keys.string(greatest).getBytes(StandardCharsets.UTF_8);
            } else {
                bounds.min[0] = keys.fixed(least);
                bounds.max[0] = keys.fixed(greatest);
            }
            return bounds;
        }

        void set(int page, ByteBuffer least, ByteBuffer greatest) {
            if (text) {
                minText[page] = bytes(least);
                maxText[page] = bytes(greatest);
            } else {
                min[page] = fixed(least);
                max[page] = fixed(greatest);
            }
        }

        boolean contain(int page, Probe probe) {
            if (text) {
                return Arrays.compareUnsigned(minText[page], probe.keyText()) <= 0
                        && Arrays.compareUnsigned(maxText[page], probe.keyText()) >= 0;
            }
            return min[page] <= probe.keyNumber() && max[page] >= probe.keyNumber();
        }

        boolean meet(int page, Column column, int least, int greatest) {
            if (text) {
                byte[] from = column.string(least).getBytes(StandardCharsets.UTF_8);
                byte[] to = column.string(greatest).getBytes(StandardCharsets.UTF_8);
                return Arrays.compareUnsigned(minText[page], to) <= 0
                        && Arrays.compareUnsigned(maxText[page], from) >= 0;
            }
            return min[page] <= column.fixed(greatest) && max[page] >= column.fixed(least);
        }

        boolean endBefore(int page, Column column, int row) {
            return text
                    ? Arrays.compareUnsigned(maxText[page], column.string(row).getBytes(StandardCharsets.UTF_8)) < 0
                    : max[page] < column.fixed(row);
        }

        private static byte[] bytes(ByteBuffer value) {
            byte[] bytes = new byte[value.remaining()];
            value.duplicate().get(bytes);
            return bytes;
        }

        /** A plain-encoded BOOLEAN, INT32 or INT64. */
        static long fixed(ByteBuffer value) {
            ByteBuffer little = value.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            return switch (little.remaining()) {
                case 1 -> little.get();
                case Integer.BYTES -> little.getInt();
                default -> little.getLong();
            };
        }
    }
}
