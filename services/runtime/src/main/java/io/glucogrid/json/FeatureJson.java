package io.glucogrid.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.glucogrid.feature.FeatureTable;
import io.glucogrid.feature.ValueType;
import io.glucogrid.value.Timestamps;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Feature values as JSON bytes, straight from the rows: integers stay integers, times are ISO-8601. */
public final class FeatureJson {
    private static final int BYTES_PER_VALUE = 24;
    private static final int BYTES_PER_NAME = 24;

    private FeatureJson() {}

    /** One list per column: {@code {"subject_id":[…],"glucose":[…]}}. */
    public static byte[] columns(FeatureTable table) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(
                table.names().size() * (BYTES_PER_NAME + BYTES_PER_VALUE * table.rows().length));
        try (JsonGenerator out = Json.FACTORY.createGenerator(bytes)) {
            out.writeStartObject();
            for (int column = 0; column < table.names().size(); column++) {
                ValueType type = table.types().get(column);
                out.writeFieldName(table.names().get(column));
                out.writeStartArray();
                for (@Nullable Object[] row : table.rows()) {
                    writeValue(out, type, row[column]);
                }
                out.writeEndArray();
            }
            out.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /**
     * One object per row.
     *
     * @param types type of each column; null for values to be written as they came in
     */
    public static byte[] records(List<String> names, @Nullable ValueType[] types, @Nullable Object[][] rows) {
        ByteArrayOutputStream bytes =
                new ByteArrayOutputStream(2 + rows.length * names.size() * (BYTES_PER_NAME + BYTES_PER_VALUE));
        try (JsonGenerator out = Json.FACTORY.createGenerator(bytes)) {
            out.writeStartArray();
            write(out, names, types, rows);
            out.writeEndArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /** Starts {@link #records} whose rows come in parts, on a stream that stays open. */
    public static Records recordsTo(OutputStream out) throws IOException {
        JsonGenerator generator = Json.FACTORY.createGenerator(out);
        generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        generator.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
        generator.writeStartArray();
        return new Records(generator);
    }

    /** A list of records on its way. Not thread-safe. */
    public static final class Records implements Closeable {
        private final JsonGenerator out;

        private Records(JsonGenerator out) {
            this.out = out;
        }

        /** Adds rows; {@link UncheckedIOException} where they cannot be written. */
        public void add(List<String> names, @Nullable ValueType[] types, @Nullable Object[][] rows) {
            try {
                write(out, names, types, rows);
            } catch (IOException unwritable) {
                throw new UncheckedIOException(unwritable);
            }
        }

        /** Writes the end of the list. */
        public void finish() throws IOException {
            out.writeEndArray();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    private static void write(
            JsonGenerator out, List<String> names, @Nullable ValueType[] types, @Nullable Object[][] rows)
            throws IOException {
        for (@Nullable Object[] row : rows) {
            out.writeStartObject();
            for (int column = 0; column < row.length; column++) {
                out.writeFieldName(names.get(column));
                writeValue(out, types[column], row[column]);
            }
            out.writeEndObject();
        }
    }

    private static void writeValue(JsonGenerator out, @Nullable ValueType type, @Nullable Object value)
            throws IOException {
        if (type == ValueType.UNIX_TIMESTAMP && value instanceof Long micros) {
            out.writeString(Timestamps.iso(micros));
        } else {
            Json.write(out, value);
        }
    }
}
