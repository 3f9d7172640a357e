package io.glucogrid.frame;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of rows being written. Closing it before {@link #finish} leaves a part of a file. Not thread-safe. */
public interface FrameWriter extends Closeable {
    /** Adds rows, with values as a {@link io.glucogrid.feature.FeatureRow} holds them, in the order of the columns. */
    void write(List<@Nullable Object[]> rows) throws IOException;

    /** Writes what belongs to the end of a whole file. */
    void finish() throws IOException;
}
