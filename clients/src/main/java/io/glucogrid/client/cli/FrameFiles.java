package io.glucogrid.client.cli;

import io.glucogrid.feature.Field;
import io.glucogrid.frame.FrameFile;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.frame.FrameWriter;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the format of a file by its name's ending. */
final class FrameFiles {
    private static final String JSON_LINES = ".jsonl";

    private FrameFiles() {}

    /** NOT_FOUND without the file, INVALID_REQUEST where nothing reads it. */
    static FrameReader read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new GridException(ErrorCode.NOT_FOUND, "there is no file " + file);
        }
        FrameFile format = format(file);
        if (format == null) {
            throw unknown("--frame", file, new TreeSet<>());
        }
        return format.read(file);
    }

    /** INVALID_REQUEST where nothing writes files of that name. */
    static void requireWritable(Path file) {
        if (!isJsonLines(file) && format(file) == null) {
            throw unknown("--out", file, new TreeSet<>(List.of(JSON_LINES)));
        }
    }

    /** Writes to {@code target} what {@code named} is going to be. */
    static FrameWriter write(Path named, Path target, List<Field> columns) throws IOException {
        FrameFile format = format(named);
        return format == null ? JsonLinesFile.create(target, columns) : format.write(target, columns);
    }

    private static boolean isJsonLines(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(JSON_LINES);
    }

    private static @Nullable FrameFile format(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        for (FrameFile format : ServiceLoader.load(FrameFile.class)) {
            if (format.endings().stream().anyMatch(name::endsWith)) {
                return format;
            }
        }
        return null;
    }

    private static GridException unknown(String option, Path file, Set<String> endings) {
        ServiceLoader.load(FrameFile.class).forEach(format -> endings.addAll(format.endings()));
        return new GridException(
                ErrorCode.INVALID_REQUEST,
                option + " " + file + ": the name must end with one of " + String.join(", ", endings));
    }
}
