package io.glucogrid.loaders;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;

/**
 * The tier that a test calls by a folder: that folder, or the same path on the storage that the system property {@code
 * glucogrid.storage} names, so that one suite runs over each. Files there are read, written and damaged past the tier.
 */
final class TestTier {
    private static final String STORAGE = System.getProperty("glucogrid.storage", "file");

    private TestTier() {}

    static boolean isLocal() {
        return STORAGE.equals("file");
    }

    static URI address(Path folder) {
        return isLocal() ? folder.toUri() : URI.create(StorageServer.root(STORAGE) + folder);
    }

    static TierStorage open(Path folder) {
        return TierStorage.open(address(folder));
    }

    /** Every file, as if the tier were in the folder. */
    static List<Path> files(Path folder) {
        if (!isLocal()) {
            try {
                List<Path> files = new ArrayList<>();
                open(folder).list("").forEach(file -> files.add(folder.resolve(file.path())));
                Collections.sort(files);
                return files;
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static byte[] bytes(Path file) throws IOException {
        if (isLocal()) {
            return Files.readAllBytes(file);
        }
        try (java.io.InputStream in = storage(file).open(path(file))) {
            return in.readAllBytes();
        }
    }

    /** In place of what is there. */
    static void write(Path file, byte[] bytes) throws IOException {
        if (isLocal()) {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
            return;
        }
        try (FSDataOutputStream out = storage(file).create(path(file), true)) {
            out.write(bytes);
        }
    }

    static boolean exists(Path file) throws IOException {
        return isLocal() ? Files.exists(file) : storage(file).exists(path(file));
    }

    /** A file, or a folder with all it has. */
    static void delete(Path path) {
        try {
            if (!isLocal()) {
                storage(path).delete(path(path), true);
                return;
            }
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static FileSystem storage(Path file) throws IOException {
        return FileSystem.get(address(file), HadoopSettings.load());
    }

    private static org.apache.hadoop.fs.Path path(Path file) {
        return new org.apache.hadoop.fs.Path(address(file));
    }
}
