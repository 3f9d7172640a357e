package io.glucogrid.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many nodes a grid had that had more than are configured, in a file of the node's own directory. A node that has to start
 * again because its part of a broken grid is too small must not take the configured number for all there were. It counts only as
 * long as the configured number is the same. Setting that right is what ends it; where it is right, since nodes were taken away
 * for good, removing the file.
 */
final class SurplusFile {
    static final String NAME = "grid-size";
    private static final Logger LOG = LoggerFactory.getLogger(SurplusFile.class);

    /** Null for a node without a directory, which remembers nothing. */
    private final @Nullable Path directory;

    private String written = "";

    SurplusFile(@Nullable Path directory) {
        this.directory = directory;
    }

    /** The number that was remembered for a configured one; 0 where there is none. */
    int read(int configured) {
        if (directory == null) {
            return 0;
        }
        try {
            written = Files.readString(directory.resolve(NAME)).strip();
            String prefix = configured + " ";
            return written.startsWith(prefix) ? Integer.parseInt(written.substring(prefix.length())) : 0;
        } catch (NoSuchFileException nothing) {
            return 0;
        } catch (IOException | NumberFormatException unreadable) {
            LOG.warn("size of the grid not remembered reason={}", unreadable.toString());
            return 0;
        }
    }

    /** Remembers a number greater than the configured one; forgets what was remembered where it is not. */
    void write(int configured, int size) {
        String text = configured > 1 && size > configured ? configured + " " + size : "";
        if (directory == null || text.equals(written)) {
            return;
        }
        written = text; // also where it fails, which is said once
        try {
            Path file = directory.resolve(NAME);
            if (text.isEmpty()) {
                Files.deleteIfExists(file);
            } else {
                Path draft = Files.createTempFile(directory, NAME, ".tmp");
                Files.writeString(draft, text + "\n");
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException unwritable) {
            LOG.warn("size of the grid not remembered reason={}", unwritable.toString());
        }
    }
}
