package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;
import org.jspecify.annotations.Nullable;

/**
 * The few file operations that the tier needs, so that a local disk, HDFS and an object store can each do them in their own
 * way. Paths are below the root, with forward slashes. Files are immutable: they appear whole or not at all.
 */
public interface TierStorage {
    /** As much as a segment of a few rows; that an empty file can be made says nothing about a disk that is full. */
    int PROBE_BYTES = 1 << 16;

    /**
     * The storage behind an address, proven writable.
     *
     * @throws GridException INVALID_CONFIG for an address that cannot be a tier, STORAGE_UNAVAILABLE where it cannot be written
     */
    static TierStorage open(URI root) {
        String scheme = root.getScheme();
        if ("file".equals(scheme)) {
            return LocalTier.open(Path.of(root));
        }
        if (HadoopTier.SCHEMES.contains(String.valueOf(scheme))) {
            return HadoopTier.open(root, HadoopSettings.load());
        }
        throw new GridException(
                ErrorCode.INVALID_CONFIG,
                "offline tier " + root + ": the address must be a path or start with file:, hdfs: or s3a:");
    }

    /** The address that a person wrote: a path, or a URI. */
    static URI address(String text) {
        return text.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*")
                ? URI.create(text)
                : Path.of(text).toAbsolutePath().normalize().toUri();
    }

    /** Where the tier lies, for people. */
    URI root();

    /** All files below a folder, in-progress ones too; none where the folder does not exist. */
    List<TierFile> list(String folder) throws IOException;

    /** Names of the folders right below the root. */
    List<String> folders() throws IOException;

    /**
     * A file to read. Opening its stream, and on some storages each read, fails with {@link
     * java.nio.file.NoSuchFileException} where it is gone, and with {@link StorageException} where the storage failed, which
     * says nothing about the file.
     */
    InputFile input(String path);

    /** Starts a file that nobody sees before it is published. */
    Pending create(String folder) throws IOException;

    /** Gives a file another name, durably; it is never under none of the two. Fails where the file is not there. */
    void move(String from, String to) throws IOException;

    /** Removes a file; nothing where there is none. */
    void delete(String path) throws IOException;

    /** The bytes of a small file; null where there is none. */
    byte @Nullable [] read(String path) throws IOException;

    /**
     * Publishes a small file durably; false where the name is taken. Of several writers that give one name different bytes
     * exactly one succeeds.
     */
    boolean createIfAbsent(String path, byte[] bytes) throws IOException;

    /** Writes a block of bytes, durably, and removes it again; fails where that is not possible now. */
    default void proveWritable() throws IOException {
        String probe = UUID.randomUUID() + LocalTier.IN_PROGRESS;
        try {
            if (!createIfAbsent(probe, new byte[PROBE_BYTES])) {
                throw new IOException("the file exists already: " + probe);
            }
        } finally {
            delete(probe);
        }
    }

    /**
     * A file of the tier.
     *
     * @param modifiedMillis when it was last written to, milliseconds since the epoch
     */
    record TierFile(String path, long bytes, long modifiedMillis) {}

    /** A file being written. Closing one that was not published removes it. */
    interface Pending extends Closeable {
        /** Where to write it, once. */
        OutputFile output();

        /** CRC-32C of the bytes written. */
        int checksum();

        /** Makes the closed output durable under its name, atomically; returns its size in bytes. */
        long publish(String path) throws IOException;
    }
}
