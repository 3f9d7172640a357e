package io.glucogrid.frames;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.frame.FrameTime;
import io.glucogrid.frame.FrameWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as CSV: times in ISO-8601, bytes in base64, null as an empty cell, the empty text as {@code ""}. */
final class CsvFrameWriter implements FrameWriter {
    private static final String LINE_END = "\r\n";

    private final BufferedWriter out;
    private final List<Field> columns;

    private CsvFrameWriter(BufferedWriter out, List<Field> columns) {
        this.out = out;
        this.columns = columns;
    }

    static CsvFrameWriter create(Path path, List<Field> columns) throws IOException {
        BufferedWriter out = Files.newBufferedWriter(path);
        try {
            for (int i = 0; i < columns.size(); i++) {
                out.write(i == 0 ? "" : ",");
                out.write(quoted(columns.get(i).name()));
            }
            out.write(LINE_END);
        } catch (IOException unwritable) {
            out.close();
            throw unwritable;
        }
        return new CsvFrameWriter(out, columns);
    }

    @Override
    public void write(List<@Nullable Object[]> rows) throws IOException {
        for (@Nullable Object[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                if (i > 0) {
                    out.write(',');
                }
                Object value = row[i];
                if (value != null) {
                    out.write(text(columns.get(i).type(), value));
                }
            }
            out.write(LINE_END);
        }
    }

    private static String text(ValueType type, Object value) {
        return switch (type) {
            case STRING -> quoted((String) value);
            case BYTES -> Base64.getEncoder().encodeToString((byte[]) value);
            case UNIX_TIMESTAMP -> FrameTime.iso((Long) value);
            default -> value.toString();
        };
    }

    private static String quoted(String text) {
        boolean plain = !text.isEmpty();
        for (int i = 0; plain && i < text.length(); i++) {
            char each = text.charAt(i);
            plain = each != ',' && each != '"' && each != '\n' && each != '\r';
        }
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    @Override
    public void finish() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
