package io.glucogrid.frame;

import io.glucogrid.feature.Field;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An open entity frame, read once from its start to its end. Not thread-safe. */
public interface FrameReader extends Closeable {
    /** Names and types, in the order of the file; a text file knows STRING only. */
    List<Field> columns();

    /**
     * The next rows, with values as a {@link io.glucogrid.feature.FeatureRow} holds them.
     *
     * @param most this many at most; fewer only at the end, none after it
     * @throws io.glucogrid.grid.GridException INVALID_REQUEST that names the place of what cannot be read, DAMAGED_DATA
     */
    List<@Nullable Object[]> next(int most) throws IOException;
}
