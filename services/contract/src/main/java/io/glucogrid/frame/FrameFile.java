package io.glucogrid.frame;

import io.glucogrid.feature.Field;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A format of files that hold an entity frame or its join; found with {@link java.util.ServiceLoader}. */
public interface FrameFile {
    /** Name endings of its files, such as {@code .csv}. */
    List<String> endings();

    /**
     * Opens a file.
     *
     * @throws io.glucogrid.grid.GridException INVALID_REQUEST where the file is not of this format, or a column has no counterpart
     *     among the value types
     * @throws java.nio.file.NoSuchFileException where there is none
     */
    FrameReader read(Path file) throws IOException;

    /** Starts a file, whatever its name ends with; replaces one that is there. */
    FrameWriter write(Path file, List<Field> columns) throws IOException;
}
