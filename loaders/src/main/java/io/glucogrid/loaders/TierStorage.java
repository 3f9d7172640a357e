package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;
import org.jspecify.annotations.Nullable;

/**
 * The few file operations that the tier needs, so that a local disk, HDFS and an object store can each do them in their own
 * way. Paths are below the root, with forward slashes. Files are immutable: they appear whole or not at all.
 */
public interface TierStorage {
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
        if ("hdfs".equals(scheme) || "s3a".equals(scheme)) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "offline tier " + root + ": hdfs: and s3a: are not supported yet");
        }
        throw new GridException(
                ErrorCode.INVALID_CONFIG, "offline tier " + root + ": the address must be a path or start with file:");
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

    /** A file to read; opening its stream fails with {@link java.nio.file.NoSuchFileException} where it is gone. */
    InputFile input(String path);

    /** Starts a file that nobody sees before it is published. */
    Pending create(String folder) throws IOException;

    /** Gives a file another name, durably and in one step; fails where the file is not there. */
    void move(String from, String to) throws IOException;

    /** Removes a file; nothing where there is none. */
    void delete(String path) throws IOException;

    /** The bytes of a small file; null where there is none. */
    byte @Nullable [] read(String path) throws IOException;

    /** Publishes a small file durably; false where the name is taken. Of several writers of one name exactly one succeeds. */
    boolean createIfAbsent(String path, byte[] bytes) throws IOException;

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
