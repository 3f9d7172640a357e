package io.glucogrid.evaluation;

import io.glucogrid.cgm.Reading;
import io.glucogrid.cgm.ReadingFile;
import io.glucogrid.forecast.ReferenceReadings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.function.Consumer;

/** Stands in for the Parquet module in these tests. */
public final class DuckDbReadingFile implements ReadingFile {
    @Override
    public boolean reads(Path file) {
        return file.toString().endsWith(".parquet");
    }

    @Override
    public long forEach(Path file, Consumer<Reading> readings) throws IOException {
        try {
            return ReferenceReadings.forEach(file, "1970-01-01", "2100-01-01", readings);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
