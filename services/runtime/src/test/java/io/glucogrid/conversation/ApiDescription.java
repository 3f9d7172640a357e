package io.glucogrid.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import io.glucogrid.json.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The shipped {@code openapi.yaml} as a judge of answers: nothing may be answered that it does not say. */
public final class ApiDescription {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ADDRESS = "https://glucogrid.test/openapi.json";

    private final JsonNode document;
    private final JsonSchemaFactory schemas;
    private final Map<String, JsonSchema> compiled = new ConcurrentHashMap<>();

    private ApiDescription(String text) throws IOException {
        this.document = JSON.readTree(text);
        this.schemas = JsonSchemaFactory.getInstance(
                SpecVersion.VersionFlag.V202012,
                builder -> builder.schemaLoaders(loaders -> loaders.schemas(Map.of(ADDRESS, text))));
    }

    public static ApiDescription shipped() {
        try (InputStream in = ApiDescription.class.getResourceAsStream("/io/glucogrid/http/openapi.yaml")) {
            return new ApiDescription(new String(Yaml.toJson(in.readAllBytes()), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    public JsonNode document() {
        return document;
    }

    /** Fails where the document does not allow the answer. */
    public void check(String method, String target, int status, String contentType, String body) {
        int query = target.indexOf('?');
        String path = documented(query < 0 ? target : target.substring(0, query));
        String shown = method + " " + target + " → " + status + " " + contentType + " "
                + body.substring(0, Math.min(300, body.length()));
        if (path == null) {
            assertThat(status).as(shown).isIn(404, 307, 400);
            return;
        }
        JsonNode responses = document.at("/paths").path(path).path(method.toLowerCase(java.util.Locale.ROOT));
        if (responses.isMissingNode()) {
            assertThat(status).as(shown).isEqualTo(405);
            return;
        }
        String pointer = "/paths/" + escaped(path) + "/" + method.toLowerCase(java.util.Locale.ROOT) + "/responses/"
                + (responses.path("responses").has(String.valueOf(status)) ? String.valueOf(status) : "default");
        String reference = document.at(pointer).path("$ref").asText("");
        if (!reference.isEmpty()) {
            pointer = reference.substring(1);
        }
        JsonNode response = document.at(pointer);
        assertThat(response.isMissingNode()).as("undocumented: " + shown).isFalse();
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            assertThat(body).as(shown).isEmpty();
            return;
        }
        String type = contentType.replaceAll(";.*", "");
        assertThat(content.has(type)).as("undocumented type: " + shown).isTrue();
        if (type.equals("application/json")) {
            String schema = pointer + "/content/" + escaped(type) + "/schema";
            assertThat(schema(schema).validate(parsed(body, shown))).as(shown).isEmpty();
        }
    }

    private JsonSchema schema(String pointer) {
        return compiled.computeIfAbsent(
                pointer,
                place -> schemas.getSchema(SchemaLocation.of(
                        ADDRESS + "#" + place.replace("{", "%7B").replace("}", "%7D"))));
    }

    private static JsonNode parsed(String body, String shown) {
        try {
            return JSON.readTree(body);
        } catch (IOException malformed) {
            throw new AssertionError(shown, malformed);
        }
    }

    /** The path of the document that a path matches; null where none does. */
    private String documented(String path) {
        for (Iterator<String> names = document.path("paths").fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (name.equals(path)) {
                return name;
            }
        }
        for (Iterator<String> names = document.path("paths").fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (name.contains("{") && path.matches(name.replaceAll("\\{[^}]*}", "[^/]+"))) {
                return name;
            }
        }
        return null;
    }

    private static String escaped(String part) {
        return part.replace("~", "~0").replace("/", "~1");
    }
}
