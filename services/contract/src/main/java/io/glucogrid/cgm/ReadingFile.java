package io.glucogrid.cgm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Reads files of readings; found with {@link java.util.ServiceLoader}, so that a replay needs no Parquet on its own path. */
public interface ReadingFile {
    /** Whether this one knows the file's format, judged by its first bytes or its name. */
    boolean reads(Path file) throws IOException;

    /** Hands over the readings in file order, cleaned as {@code load} cleans them; returns how many there were. */
    long forEach(Path file, Consumer<Reading> readings) throws IOException;
}
