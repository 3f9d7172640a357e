package io.glucogrid.frames;

import io.glucogrid.feature.Field;
import io.glucogrid.frame.FrameFile;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.frame.FrameWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Frames in CSV as RFC 4180 has it: commas, double quotes, a header, UTF-8. */
public final class CsvFrameFile implements FrameFile {
    @Override
    public List<String> endings() {
        return List.of(".csv");
    }

    @Override
    public FrameReader read(Path file) throws IOException {
        return CsvFrameReader.open(file);
    }

    @Override
    public FrameWriter write(Path file, List<Field> columns) throws IOException {
        return CsvFrameWriter.create(file, columns);
    }
}
