package io.glucogrid.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Reads one YAML document (JSON is one too) with the line of each value; anchors and duplicate keys are problems. */
public final class Yaml {
    private static final YAMLFactory FACTORY = new YAMLFactory();

    private Yaml() {}

    /**
     * The document in a text.
     *
     * @param problems takes the line and the text of each problem
     * @return the document; a {@link Marked} of nothing for an empty or unreadable one
     */
    public static Marked parse(String text, BiConsumer<Integer, String> problems) {
        try (YAMLParser in = FACTORY.createParser(text)) {
            JsonToken first = in.nextToken();
            if (first == null) {
                return new Marked(1, null);
            }
            Marked document = value(in, first, problems);
            if (in.nextToken() != null) {
                problems.accept(line(in), "a second document starts here; one is read");
            }
            return document;
        } catch (JsonProcessingException malformed) {
            int line = malformed.getLocation() == null
                    ? 1
                    : malformed.getLocation().getLineNr();
            String reason = malformed.getOriginalMessage();
            problems.accept(line, "not YAML: " + reason.lines().findFirst().orElse("unreadable"));
            return new Marked(line, null);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /**
     * A YAML document as JSON, for resources of ours.
     *
     * @throws UncheckedIOException where it is no YAML
     */
    public static byte[] toJson(byte[] document) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * document.length);
        try (YAMLParser in = FACTORY.createParser(document);
                JsonGenerator out = Json.FACTORY.createGenerator(bytes)) {
            in.nextToken();
            out.copyCurrentStructure(in);
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
        return bytes.toByteArray();
    }

    private static Marked value(YAMLParser in, @Nullable JsonToken token, BiConsumer<Integer, String> problems)
            throws IOException {
        int line = line(in);
        if (token == JsonToken.START_OBJECT) {
            Map<String, Marked> mapping = new LinkedHashMap<>();
            for (JsonToken next = in.nextToken(); next == JsonToken.FIELD_NAME; next = in.nextToken()) {
                String name = in.currentName();
                int nameLine = line(in);
                Marked member = value(in, in.nextToken(), problems);
                if (mapping.putIfAbsent(name, new Marked(nameLine, member.value())) != null) {
                    problems.accept(nameLine, "'" + name + "' is given twice");
                }
            }
            return new Marked(line, mapping);
        }
        if (token == JsonToken.START_ARRAY) {
            List<Marked> sequence = new ArrayList<>();
            for (JsonToken next = in.nextToken(); next != JsonToken.END_ARRAY; next = in.nextToken()) {
                sequence.add(value(in, next, problems));
            }
            return new Marked(line, sequence);
        }
        if (in.isCurrentAlias()) {
            problems.accept(line, "YAML aliases are not supported; 'like:' copies a view");
        }
        return new Marked(line, token == JsonToken.VALUE_NULL ? null : in.getText());
    }

    private static int line(YAMLParser in) {
        return in.currentTokenLocation().getLineNr();
    }
}
