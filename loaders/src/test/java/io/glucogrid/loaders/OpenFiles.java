package io.glucogrid.loaders;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files that this process has open, as Linux lists them. */
final class OpenFiles {
    private static final Path OPEN = Path.of("/proc/self/fd");

    private OpenFiles() {}

    static boolean areCountable() {
        return Files.isDirectory(OPEN);
    }

    static int below(Path folder) {
        List<Path> links;
        try (Stream<Path> all = Files.list(OPEN)) {
            links = all.toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        int count = 0;
        for (Path link : links) {
            try {
                count += Files.readSymbolicLink(link).startsWith(folder) ? 1 : 0;
            } catch (IOException closedMeanwhile) {
                continue;
            }
        }
        return count;
    }
}
