package io.glucogrid.importers;

import io.glucogrid.cgm.Reading;
import io.glucogrid.cgm.ReadingFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Readings from the texts that {@link TextFormat} knows, cleaned as {@code load} cleans them. */
public final class TextReadingFile implements ReadingFile {
    @Override
    public boolean reads(Path file) throws IOException {
        return Files.isRegularFile(file) && TextFormat.of(file) != null;
    }

    @Override
    public long forEach(Path file, Consumer<Reading> readings) throws IOException {
        return ReadingCleaner.forEach(file, readings);
    }
}
