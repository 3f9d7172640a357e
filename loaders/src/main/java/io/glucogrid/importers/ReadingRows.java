package io.glucogrid.importers;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.Column;
import io.glucogrid.loaders.ParquetColumns;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The readings of a file of any known format, group by group, of which one is in memory; times as the numbers that the file holds. */
interface ReadingRows extends Closeable {
    /** NOT_FOUND without the file, INVALID_REQUEST where it is of no known format or lacks a column. */
    static ReadingRows open(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new GridException(ErrorCode.NOT_FOUND, "file " + path + " does not exist");
        }
        TextFormat text = TextFormat.of(path);
        return text == null ? ParquetReadingRows.open(path) : TextReadingRows.open(path, text);
    }

    /** The next group; null at the end of the file. */
    @Nullable
    Group next() throws IOException;

    /** Goes back to the first group. */
    void rewind() throws IOException;

    /**
     * Rows of one group. A file without creation times takes the event times.
     *
     * @param findings what the reader itself found about each row, mostly null; empty where it finds nothing
     */
    record Group(
            Column subject,
            Column glucose,
            Column event,
            Column created,
            ParquetColumns.TimeScale eventScale,
            ParquetColumns.TimeScale createdScale,
            List<@Nullable Finding> findings) {
        int size() {
            return subject.size();
        }

        boolean isComplete(int row) {
            return !subject.isNull(row) && !glucose.isNull(row) && !event.isNull(row);
        }

        @Nullable
        Finding finding(int row) {
            return findings.isEmpty() ? null : findings.get(row);
        }
    }
}
