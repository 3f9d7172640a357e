package io.glucogrid.client.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiAnswer;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.ApiDownload;
import io.glucogrid.client.Json;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.frame.FrameTime;
import io.glucogrid.frame.FrameWriter;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The point-in-time join of an entity frame, part by part in the order of the file.
 *
 * <p>The first row goes ahead alone: its answer says which columns come back and of which types, and a missing column or a
 * misspelt feature is known before anything is written. Then, while the node joins one part, the answer of the part before is
 * written. An answer goes to a file of its own first, so that in memory are two parts of entities and a few joined rows, however
 * wide they are, and a connection that breaks leaves no half part behind.
 *
 * <p>The node refuses a part as a whole; the row it means is found by asking for halves.
 */
final class FrameJoin {
    static final String EVENT_TIMESTAMP = "event_timestamp";

    private static final String PATH = "/get_historical_features";
    private static final int ROWS_AT_ONCE = 1_000;
    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern ENTITY = Pattern.compile("entity \\d+ ");
    private static final Pattern MISSING = Pattern.compile("has no '([^']+)'");

    private final ApiClient client;
    private final ObjectNode asked;
    private final String frame;
    private final FrameReader reader;
    private final LongConsumer progress;

    /**
     * @param asked the request without its entities
     * @param frame how errors call the frame
     * @param progress is told how many rows were joined since it was told last
     */
    FrameJoin(ApiClient client, ObjectNode asked, String frame, FrameReader reader, LongConsumer progress) {
        this.client = client;
        this.asked = asked;
        this.frame = frame;
        this.reader = reader;
        this.progress = progress;
    }

    /** Opens what the rows go to. */
    interface Output {
        FrameWriter open(List<Field> columns) throws IOException;
    }

    /** A part that the node is working on. */
    private record Part(List<@Nullable Object[]> rows, long first, ApiDownload download) {}

    /**
     * Joins the whole frame.
     *
     * @param partRows rows of one request
     * @return how many rows were joined
     */
    long run(Output output, int partRows) throws IOException {
        requireTime();
        List<@Nullable Object[]> rows = reader.next(partRows);
        if (rows.isEmpty()) {
            throw invalid(frame + " has no rows");
        }
        List<Field> columns = columns(rows.get(0));
        Path[] answers = {answerFile(), answerFile()};
        try (FrameWriter writer = output.open(columns)) {
            long first = 0;
            Part working = null;
            for (int turn = 0; !rows.isEmpty(); turn++) {
                Part next =
                        new Part(rows, first, client.download(PATH, body(rows, first), answers[turn % answers.length]));
                if (working != null) {
                    write(working, columns, writer);
                }
                working = next;
                first += rows.size();
                rows = reader.next(partRows);
            }
            if (working != null) {
                write(working, columns, writer);
            }
            writer.finish();
            return first;
        } finally {
            for (Path answer : answers) {
                Files.deleteIfExists(answer);
            }
        }
    }

    private static Path answerFile() throws IOException {
        return Files.createTempFile("join-", ".json");
    }

    private List<String> names() {
        return reader.columns().stream().map(Field::name).toList();
    }

    private void requireTime() {
        if (!names().contains(EVENT_TIMESTAMP)) {
            throw missing(EVENT_TIMESTAMP);
        }
    }

    private GridException missing(String column) {
        List<String> names = names();
        return invalid(frame + " has no column '" + column + "'" + DidYouMean.suffix(column, names) + "; it has "
                + String.join(", ", names));
    }

    private static GridException invalid(String reason) {
        return new GridException(ErrorCode.INVALID_REQUEST, reason);
    }

    /** Names and types of the joined columns, by the answer for one row. */
    private List<Field> columns(@Nullable Object[] row) throws IOException {
        ObjectNode request = asked.deepCopy().put("types", true);
        request.set("entities", Json.parse(entities(List.<@Nullable Object[]>of(row), 0)));
        ApiAnswer answer;
        try {
            answer = client.post(PATH, request);
        } catch (GridException refused) {
            Matcher missing = MISSING.matcher(refused.reason());
            throw missing.find() && refused.code() == ErrorCode.INVALID_REQUEST
                    ? missing(missing.group(1))
                    : refused.code() == ErrorCode.INVALID_REQUEST ? ofRow(0, refused) : refused;
        }
        Map<String, ValueType> types = new LinkedHashMap<>();
        reader.columns().forEach(column -> types.put(column.name(), column.type()));
        types.put(EVENT_TIMESTAMP, ValueType.UNIX_TIMESTAMP);
        for (String pair : String.join(",", answer.headers().getOrDefault("x-feature-types", List.of()))
                .split(",")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                types.put(
                        pair.substring(0, equals).strip(),
                        ValueType.valueOf(pair.substring(equals + 1).strip()));
            }
        }
        List<Field> columns = new ArrayList<>();
        JsonNode first = answer.body().path(0);
        for (Iterator<String> names = first.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            ValueType type = types.get(name);
            if (type == null) {
                throw new GridException(
                        ErrorCode.INTERNAL,
                        "the node at " + client.base() + " does not say the type of '" + name + "'");
            }
            boolean typedByNode = type == ValueType.STRING && first.get(name).isIntegralNumber();
            columns.add(new Field(name, typedByNode ? ValueType.INT64 : type)); // a join key, read as text
        }
        return columns;
    }

    /** The request for some rows. */
    private byte[] body(List<@Nullable Object[]> rows, long first) throws IOException {
        String head = Json.text(asked);
        ByteArrayOutputStream body = new ByteArrayOutputStream(rows.size() * 80 + head.length());
        body.writeBytes(head.substring(0, head.length() - 1).getBytes(StandardCharsets.UTF_8));
        body.writeBytes(",\"entities\":".getBytes(StandardCharsets.UTF_8));
        body.writeBytes(entities(rows, first).getBytes(StandardCharsets.UTF_8));
        body.write('}');
        return body.toByteArray();
    }

    private String entities(List<@Nullable Object[]> rows, long first) throws IOException {
        StringWriter text = new StringWriter(rows.size() * 80);
        try (JsonGenerator out = JSON.createGenerator(text)) {
            out.writeStartArray();
            for (int i = 0; i < rows.size(); i++) {
                JsonLinesFile.writeRow(out, reader.columns(), finite(rows.get(i), first + i));
            }
            out.writeEndArray();
        }
        return text.toString();
    }

    /** JSON has no NaN, by which data frames mean null, and no infinity. */
    private @Nullable Object[] finite(@Nullable Object[] row, long number) {
        for (int i = 0; i < row.length; i++) {
            if ((row[i] instanceof Double || row[i] instanceof Float) && row[i] instanceof Number real) {
                double value = real.doubleValue();
                if (Double.isNaN(value)) {
                    row[i] = null;
                } else if (Double.isInfinite(value)) {
                    throw invalid(frame + ", row " + (number + 1) + ": column '"
                            + reader.columns().get(i).name() + "' is infinite");
                }
            }
        }
        return row;
    }

    private void write(Part part, List<Field> columns, FrameWriter writer) throws IOException {
        Path answer;
        try {
            answer = part.download.whole();
        } catch (GridException refused) {
            throw refused.code() == ErrorCode.INVALID_REQUEST
                    ? firstRefused(part.rows, part.first, part.download.answer(), refused)
                    : refused;
        }
        int count = 0;
        List<@Nullable Object[]> batch = new ArrayList<>(ROWS_AT_ONCE);
        try (JsonParser json = JSON.createParser(answer.toFile())) {
            require(json.nextToken() == JsonToken.START_ARRAY);
            while (json.nextToken() == JsonToken.START_OBJECT) {
                batch.add(row(json, columns));
                if (batch.size() == ROWS_AT_ONCE) {
                    writer.write(batch);
                    progress.accept(batch.size());
                    count += batch.size();
                    batch.clear();
                }
            }
        }
        writer.write(batch);
        progress.accept(batch.size());
        count += batch.size();
        require(count == part.rows.size());
    }

    private void require(boolean asExpected) {
        if (!asExpected) {
            throw new GridException(
                    ErrorCode.INTERNAL,
                    "the node at " + client.base()
                            + " did not answer one record per row, with the columns of the first row");
        }
    }

    private @Nullable Object[] row(JsonParser json, List<Field> columns) throws IOException {
        @Nullable Object[] row = new Object[columns.size()];
        for (int i = 0; i < row.length; i++) {
            require(columns.get(i).name().equals(json.nextFieldName()));
            row[i] = value(json, columns.get(i));
        }
        require(json.nextToken() == JsonToken.END_OBJECT);
        return row;
    }

    private static @Nullable Object value(JsonParser json, Field column) throws IOException {
        JsonToken token = json.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        try {
            return switch (column.type()) {
                case INT32 -> (Object) json.getIntValue();
                case INT64 -> (Object) json.getLongValue();
                case FLOAT -> (Object) json.getFloatValue();
                case DOUBLE -> (Object) json.getDoubleValue();
                case BOOL -> (Object) json.getBooleanValue();
                case STRING -> json.getText();
                case BYTES -> json.getBinaryValue();
                case UNIX_TIMESTAMP -> (Object) FrameTime.micros(json.getText());
            };
        } catch (IOException | DateTimeException misfit) {
            throw new GridException(
                    ErrorCode.INTERNAL,
                    "'" + column.name() + "' is " + json.getText() + ", not " + column.type(),
                    misfit);
        }
    }

    /** Says which row of a refused part it is, by asking for ever shorter halves that begin where the answered ones end. */
    private GridException firstRefused(List<@Nullable Object[]> rows, long first, Path answer, GridException refusal)
            throws IOException {
        List<@Nullable Object[]> suspects = rows;
        long from = first;
        GridException last = refusal;
        while (suspects.size() > 1) {
            List<@Nullable Object[]> half = suspects.subList(0, suspects.size() / 2);
            try {
                client.download(PATH, body(half, from), answer).whole();
                suspects = suspects.subList(half.size(), suspects.size());
                from += half.size();
            } catch (GridException refused) {
                if (refused.code() != ErrorCode.INVALID_REQUEST) {
                    return refused;
                }
                suspects = half;
                last = refused;
            }
        }
        try { // where the last answer was a good one, the row has not been asked for alone
            client.download(PATH, body(suspects, from), answer).whole();
        } catch (GridException refused) {
            last = refused;
        }
        return ofRow(from, last);
    }

    private GridException ofRow(long index, GridException refused) {
        String reason = ENTITY.matcher(refused.reason()).replaceFirst("it ");
        return new GridException(refused.code(), frame + ", row " + (index + 1) + ": " + reason, refused);
    }
}
