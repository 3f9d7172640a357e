package io.glucogrid.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * JSON as plain Java values: maps and lists, {@code String}, {@code Long} (beyond it {@code BigInteger}), {@code BigDecimal},
 * {@code Boolean} and null.
 */
public final class Json {
    private static final int MAX_NESTING = 32;

    /** No caller may allow more: reading recurses. */
    private static final int MAX_ALLOWED_NESTING = 500;

    private static final int MAX_NUMBER_CHARS = 200;
    private static final int MAX_NAME_CHARS = 1_000;

    /** Where the parser was, in its own words; the offset says it. */
    private static final Pattern PLACE = Pattern.compile(" \\((?:start marker )?at \\[.*?]\\)");

    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_ALLOWED_NESTING)
                    .maxNumberLength(MAX_NUMBER_CHARS)
                    .maxNameLength(MAX_NAME_CHARS)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    private Json() {}

    /** The value of a text that holds exactly one, nested no deeper than {@value #MAX_NESTING}. */
    public static @Nullable Object parse(byte[] text) throws MalformedJson {
        return parse(text, MAX_NESTING);
    }

    /**
     * The value of a text that holds exactly one.
     *
     * @param nesting how deep lists and objects may be nested, at most {@value #MAX_ALLOWED_NESTING}
     */
    public static @Nullable Object parse(byte[] text, int nesting) throws MalformedJson {
        try (JsonParser in = FACTORY.createParser(text)) {
            JsonToken first = in.nextToken();
            if (first == null) {
                throw new MalformedJson("Expecting value", text.length);
            }
            Object value = value(in, first, nesting);
            if (in.nextToken() != null) {
                throw new MalformedJson("Extra data", in.currentTokenLocation().getByteOffset());
            }
            return value;
        } catch (JsonProcessingException malformed) {
            throw malformed(malformed);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /**
     * The object in a stream, whose list {@code name} is not kept: its elements go to {@code elements} one by one, and null is in
     * its place. Where {@code name} is something else than a list, it is kept.
     *
     * @throws MalformedJson also where {@code name} stands there twice, or where the stream holds something else than an object
     */
    public static Map<String, @Nullable Object> parseAround(
            InputStream text, int nesting, String name, Consumer<@Nullable Object> elements)
            throws IOException, MalformedJson {
        try (JsonParser in = FACTORY.createParser(text)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedJson("Expecting an object", 0);
            }
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            for (JsonToken next = in.nextToken(); next == JsonToken.FIELD_NAME; next = in.nextToken()) {
                String member = wellFormed(in.currentName(), in);
                JsonToken first = in.nextToken();
                if (member.equals(name) && object.containsKey(name)) {
                    throw new MalformedJson(
                            "'" + name + "' is there twice",
                            in.currentTokenLocation().getByteOffset());
                }
                if (!member.equals(name) || first != JsonToken.START_ARRAY) {
                    object.put(member, value(in, first, nesting - 1));
                    continue;
                }
                for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
                    elements.accept(value(in, token, nesting - 2));
                }
                object.put(member, null);
            }
            if (in.nextToken() != null) {
                throw new MalformedJson("Extra data", in.currentTokenLocation().getByteOffset());
            }
            return object;
        } catch (JsonProcessingException malformed) {
            throw malformed(malformed);
        }
    }

    private static MalformedJson malformed(JsonProcessingException malformed) {
        long offset =
                malformed.getLocation() == null ? 0 : malformed.getLocation().getByteOffset();
        String reason = PLACE.matcher(malformed.getOriginalMessage()).replaceAll("");
        return new MalformedJson(reason, Math.max(0, offset));
    }

    /**
     * The object in a text.
     *
     * @throws GridException INVALID_REQUEST where the text is something else
     */
    public static Map<String, @Nullable Object> parseObject(String text) {
        Object value;
        try {
            value = parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJson malformed) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "not JSON: " + malformed.reason() + " at byte " + malformed.offset(),
                    malformed);
        }
        Map<String, @Nullable Object> object = object(value);
        if (object == null) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "a JSON object is expected");
        }
        return object;
    }

    /** {@code value} as the object that {@link #parse} made; null where it is something else. */
    @SuppressWarnings("unchecked") // parse makes maps with String keys only
    public static @Nullable Map<String, @Nullable Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> ? (Map<String, @Nullable Object>) value : null;
    }

    /** {@code value} as the list that {@link #parse} made; null where it is something else. */
    @SuppressWarnings("unchecked") // every element is a value of parse
    public static @Nullable List<@Nullable Object> list(@Nullable Object value) {
        return value instanceof List<?> ? (List<@Nullable Object>) value : null;
    }

    /** Maps, iterables, arrays, strings, numbers, booleans and null as compact JSON; a NaN becomes null. */
    public static byte[] write(@Nullable Object tree) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator out = FACTORY.createGenerator(bytes)) {
            write(out, tree);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /** {@link #write} as text. */
    public static String text(@Nullable Object tree) {
        return new String(write(tree), StandardCharsets.UTF_8);
    }

    /** {@code bytes} parsed, with {@code Double} for every fraction, so that any serializer can take it. */
    public static @Nullable Object plain(byte[] bytes) {
        try {
            return plain(parse(bytes));
        } catch (MalformedJson impossible) {
            throw new IllegalStateException("own JSON is malformed", impossible);
        }
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, member) -> copy.put(String.valueOf(key), plain(member)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>(list.size());
            for (Object element : list) {
                copy.add(plain(element));
            }
            return copy;
        }
        return value instanceof BigDecimal decimal ? (Object) decimal.doubleValue() : value;
    }

    private static @Nullable Object value(JsonParser in, JsonToken token, int nesting)
            throws IOException, MalformedJson {
        if (nesting == 0 && token.isStructStart()) {
            throw new MalformedJson("Nested too deep", in.currentTokenLocation().getByteOffset());
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> object = new LinkedHashMap<>();
                for (JsonToken next = in.nextToken(); next == JsonToken.FIELD_NAME; next = in.nextToken()) {
                    String name = wellFormed(in.currentName(), in);
                    object.put(name, value(in, in.nextToken(), nesting - 1));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (JsonToken next = in.nextToken(); next != JsonToken.END_ARRAY; next = in.nextToken()) {
                    list.add(value(in, next, nesting - 1));
                }
                yield list;
            }
            case VALUE_STRING -> wellFormed(in.getText(), in);
            case VALUE_NUMBER_INT ->
                in.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? in.getBigIntegerValue() : in.getLongValue();
            case VALUE_NUMBER_FLOAT -> decimal(in);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default ->
                throw new MalformedJson(
                        "Expecting value", in.currentTokenLocation().getByteOffset());
        };
    }

    private static BigDecimal decimal(JsonParser in) throws IOException, MalformedJson {
        try {
            return in.getDecimalValue();
        } catch (NumberFormatException beyond) {
            throw new MalformedJson(
                    "Exponent out of range", in.currentTokenLocation().getByteOffset());
        }
    }

    /** Half of a surrogate pair cannot be written back as UTF-8. */
    private static String wellFormed(String text, JsonParser in) throws MalformedJson {
        boolean open = false;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (open ? !Character.isLowSurrogate(unit) : Character.isLowSurrogate(unit)) {
                throw new MalformedJson(
                        "Unpaired surrogate", in.currentTokenLocation().getByteOffset());
            }
            open = Character.isHighSurrogate(unit);
        }
        if (open) {
            throw new MalformedJson(
                    "Unpaired surrogate", in.currentTokenLocation().getByteOffset());
        }
        return text;
    }

    static void write(JsonGenerator out, @Nullable Object value) throws IOException {
        if (value == null) {
            out.writeNull();
        } else if (value instanceof String text) {
            out.writeString(text);
        } else if (value instanceof Number number) {
            writeNumber(out, number);
        } else if (value instanceof Boolean flag) {
            out.writeBoolean(flag);
        } else if (value instanceof Map<?, ?> map) {
            out.writeStartObject();
            for (Map.Entry<?, ?> member : map.entrySet()) {
                out.writeFieldName(String.valueOf(member.getKey()));
                write(out, member.getValue());
            }
            out.writeEndObject();
        } else if (value instanceof Iterable<?> list) {
            out.writeStartArray();
            for (Object element : list) {
                write(out, element);
            }
            out.writeEndArray();
        } else if (value instanceof Object[] array) {
            out.writeStartArray();
            for (Object element : array) {
                write(out, element);
            }
            out.writeEndArray();
        } else if (value instanceof byte[] bytes) {
            out.writeBinary(bytes);
        } else {
            out.writeString(value.toString());
        }
    }

    private static void writeNumber(JsonGenerator out, Number number) throws IOException {
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            out.writeNumber(number.longValue());
        } else if (number instanceof BigInteger integer) {
            out.writeNumber(integer);
        } else if (number instanceof BigDecimal decimal) {
            out.writeNumber(decimal);
        } else if (number instanceof Float real && Float.isFinite(real)) {
            out.writeNumber(real.floatValue());
        } else if (Double.isFinite(number.doubleValue())) {
            out.writeNumber(number.doubleValue());
        } else {
            out.writeNull();
        }
    }
}
