package io.glucogrid.importers;

import io.glucogrid.cgm.Reading;
import io.glucogrid.cgm.ReadingFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/** Readings from Parquet, cleaned as {@code load} cleans them. */
public final class ParquetReadingFile implements ReadingFile {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

    @Override
    public boolean reads(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return file.toString().endsWith(".parquet");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        }
    }

    @Override
    public long forEach(Path file, Consumer<Reading> readings) throws IOException {
        return ReadingCleaner.forEach(file, readings);
    }
}
