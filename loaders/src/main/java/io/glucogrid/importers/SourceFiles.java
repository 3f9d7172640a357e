package io.glucogrid.importers;

import io.glucogrid.frame.FrameReader;
import io.glucogrid.frames.CsvFrameFile;
import io.glucogrid.frames.ParquetFrameFile;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.TierStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Files that others wrote, found and opened by the endings of their names. */
final class SourceFiles {
    private static final String CSV = ".csv";
    private static final List<String> PARQUET = List.of(".parquet", ".pq");

    private SourceFiles() {}

    /**
     * A file, or the Parquet and CSV files of a folder and of all folders in it by name, but for those whose name, or a folder's on
     * the way, begins with a dot or an underscore: what is unfinished, and notes of those who wrote the files.
     *
     * @throws GridException NOT_FOUND without the file or any file in the folder, INVALID_REQUEST for a folder of the tier itself
     */
    static List<Path> in(Path given, TierStorage tier) throws IOException {
        if (!Files.exists(given)) {
            throw new GridException(ErrorCode.NOT_FOUND, "file " + given + " does not exist");
        }
        if (!Files.isDirectory(given)) {
            return List.of(given);
        }
        if ("file".equals(tier.root().getScheme()) && Files.exists(Path.of(tier.root()))) {
            Path root = Path.of(tier.root()).toRealPath();
            Path folder = given.toRealPath();
            if (folder.startsWith(root) || root.startsWith(folder)) {
                throw new GridException(ErrorCode.INVALID_REQUEST, given + " is, or has in it, the tier to load into");
            }
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(given)) {
            files.filter(file -> isData(given.relativize(file)) && Files.isRegularFile(file))
                    .sorted()
                    .forEach(found::add);
        }
        if (found.isEmpty()) {
            throw new GridException(ErrorCode.NOT_FOUND, "folder " + given + " has no Parquet or CSV file");
        }
        return found;
    }

    private static boolean isData(Path file) {
        for (Path name : file) {
            if (name.toString().startsWith(".") || name.toString().startsWith("_")) {
                return false;
            }
        }
        String name = file.toString().toLowerCase(Locale.ROOT);
        return isCsv(file) || PARQUET.stream().anyMatch(name::endsWith);
    }

    static boolean isCsv(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(CSV);
    }

    /** Opens a file; of Parquet only the wanted columns matter. */
    static FrameReader open(Path file, Predicate<String> wanted) throws IOException {
        return isCsv(file) ? new CsvFrameFile().read(file) : new ParquetFrameFile().read(file, wanted);
    }
}
