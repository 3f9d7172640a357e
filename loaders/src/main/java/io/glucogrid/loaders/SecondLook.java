package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What finds damage is done again, by a fresh reader, before it is believed: no passing failure leaves a sound file out. */
final class SecondLook {
    private static final Logger LOG = LoggerFactory.getLogger(SecondLook.class);

    private SecondLook() {}

    /** One look at a file. */
    interface Reading<T> {
        T read() throws IOException;
    }

    /** Takes a file that is damaged out of the way, and returns what the reader is told. */
    interface Damaged {
        GridException leftOut(GridException damage) throws IOException;
    }

    /** What the first look brings or, where that is damage, the second. */
    static <T> T twice(String path, Reading<T> first, Reading<T> again, Damaged damaged) throws IOException {
        GridException doubt;
        try {
            return first.read();
        } catch (GridException damage) {
            doubt = requireDamage(damage);
        }
        try {
            T sound = again.read();
            LOG.warn("segment sound at the second look: file={} first_look=\"{}\"", path, doubt.reason(), doubt);
            return sound;
        } catch (GridException damage) {
            throw damaged.leftOut(requireDamage(damage));
        }
    }

    /** Returns what says that the file is damaged; throws what says anything else. */
    private static GridException requireDamage(GridException failure) throws IOException {
        StorageException.rethrow(failure);
        if (failure.code() != ErrorCode.DAMAGED_DATA) {
            throw failure;
        }
        return failure;
    }
}
