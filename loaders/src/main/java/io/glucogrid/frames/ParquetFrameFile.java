package io.glucogrid.frames;

import io.glucogrid.feature.Field;
import io.glucogrid.frame.FrameFile;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.frame.FrameWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** Frames in Parquet, whoever wrote them, with flat columns. */
public final class ParquetFrameFile implements FrameFile {
    @Override
    public List<String> endings() {
        return List.of(".parquet", ".pq");
    }

    @Override
    public FrameReader read(Path file) throws IOException {
        return read(file, column -> true);
    }

    /** As {@link #read(Path)}, only the wanted columns: of what the others are does not matter. */
    public FrameReader read(Path file, Predicate<String> wanted) throws IOException {
        return ParquetFrameReader.open(file, wanted);
    }

    @Override
    public FrameWriter write(Path file, List<Field> columns) throws IOException {
        return ParquetFrameWriter.create(file, columns);
    }
}
