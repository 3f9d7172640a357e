package io.glucogrid.loaders;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.zip.CRC32C;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** Checks of a file that need no knowledge of its content. */
final class FileCheck {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int TAIL_BYTES = Integer.BYTES + 4;
    private static final int CHECK_BUFFER = 1 << 16;

    private FileCheck() {}

    /** Why the file cannot be a whole Parquet file, judged by its size and end; null where it can. */
    static @Nullable String problem(TierStorage storage, TierStorage.TierFile file) throws IOException {
        if (file.bytes() < MAGIC.length + TAIL_BYTES) {
            return "too short for a Parquet file";
        }
        byte[] tail = new byte[TAIL_BYTES];
        try (SeekableInputStream in = storage.input(file.path()).newStream()) {
            in.seek(file.bytes() - TAIL_BYTES);
            in.readFully(tail);
        }
        return Arrays.equals(tail, Integer.BYTES, TAIL_BYTES, MAGIC, 0, MAGIC.length)
                ? null
                : "no Parquet footer at its end";
    }

    /** Whether the whole file matches the checksum in its name; true for a name without one. */
    static boolean matchesName(TierStorage storage, String path) throws IOException {
        OptionalInt expected = SegmentName.checksum(path);
        if (expected.isEmpty()) {
            return true;
        }
        CRC32C checksum = new CRC32C();
        byte[] buffer = new byte[CHECK_BUFFER];
        try (SeekableInputStream in = storage.input(path).newStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                checksum.update(buffer, 0, read);
            }
        }
        return (int) checksum.getValue() == expected.getAsInt();
    }
}
