package io.glucogrid.client.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.glucogrid.feature.Field;
import io.glucogrid.frame.FrameTime;
import io.glucogrid.frame.FrameWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as JSON objects, one a line; values as the feature API writes them. */
final class JsonLinesFile implements FrameWriter {
    private final JsonGenerator out;
    private final List<Field> columns;
    private final Closeable end;

    private JsonLinesFile(JsonGenerator out, List<Field> columns, Closeable end) {
        this.out = out;
        this.columns = columns;
        this.end = end;
    }

    /** Writes to a stream that stays open. */
    static JsonLinesFile to(Writer target, List<Field> columns) throws IOException {
        return open(target, columns, () -> {});
    }

    static JsonLinesFile create(Path file, List<Field> columns) throws IOException {
        Writer target = Files.newBufferedWriter(file);
        return open(target, columns, target);
    }

    private static JsonLinesFile open(Writer target, List<Field> columns, Closeable end) throws IOException {
        JsonGenerator out = new JsonFactory().createGenerator(target);
        out.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        out.setRootValueSeparator(null);
        return new JsonLinesFile(out, columns, end);
    }

    @Override
    public void write(List<@Nullable Object[]> rows) throws IOException {
        for (@Nullable Object[] row : rows) {
            writeRow(out, columns, row);
            out.writeRaw('\n');
        }
        out.flush();
    }

    /** One row as one object. */
    static void writeRow(JsonGenerator out, List<Field> columns, @Nullable Object[] row) throws IOException {
        out.writeStartObject();
        for (int i = 0; i < row.length; i++) {
            out.writeFieldName(columns.get(i).name());
            Object value = row[i];
            if (value == null) {
                out.writeNull();
                continue;
            }
            switch (columns.get(i).type()) {
                case INT32 -> out.writeNumber((int) value);
                case INT64 -> out.writeNumber((long) value);
                case FLOAT -> out.writeNumber((float) value);
                case DOUBLE -> out.writeNumber((double) value);
                case BOOL -> out.writeBoolean((boolean) value);
                case STRING -> out.writeString((String) value);
                case BYTES -> out.writeBinary((byte[]) value);
                case UNIX_TIMESTAMP -> out.writeString(FrameTime.iso((long) value));
            }
        }
        out.writeEndObject();
    }

    @Override
    public void finish() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        try (end) {
            out.close();
        }
    }
}
