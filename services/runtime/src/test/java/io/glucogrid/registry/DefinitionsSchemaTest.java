package io.glucogrid.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.GridException;
import io.glucogrid.node.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published schema and the parser say the same. */
class DefinitionsSchemaTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Pattern KNOWN = Pattern.compile("unknown key 'zzz'; .* may have (.*)");

    private static JsonNode schema() {
        return read(
                TestNode.definitions().resolveSibling("features.schema.json").toString(), new ObjectMapper());
    }

    private static JsonNode read(String file, ObjectMapper mapper) {
        try {
            return mapper.readTree(Files.readString(java.nio.file.Path.of(file)));
        } catch (IOException missing) {
            throw new java.io.UncheckedIOException(missing);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                " | zzz: 1",
                "entity | entities: {e: {zzz: 1}}",
                "parquet_source | sources: {s: {kind: parquet, zzz: 1}}",
                "push_source | sources: {s: {kind: push, zzz: 1}}",
                "kafka | sources: {s: {kind: push, kafka: {zzz: 1}}}",
                "request_source | sources: {s: {kind: request, zzz: 1}}",
                "feature_view | feature_views: {v: {zzz: 1}}",
                "aggregation | feature_views: {v: {schema: {g: INT64}, aggregations: [{function: nope, column: g, time_window: 1h, zzz: 1}]}}",
                "on_demand_feature_view | on_demand_feature_views: {v: {schema: {}, zzz: 1}}",
                "on_demand_feature | on_demand_feature_views: {v: {schema: {f: {zzz: 1}}}}",
                "projection | feature_services: {s: [{zzz: 1}]}",
                "test | tests: {t: {zzz: 1}}",
            })
    void theSchemaHasExactlyTheKeysThatTheParserReads(String definition, String mistake) {
        JsonNode section =
                definition == null ? schema() : schema().path("$defs").path(definition);
        Set<String> inSchema = new TreeSet<>();
        section.path("properties").fieldNames().forEachRemaining(inSchema::add);
        inSchema.remove("like");

        GridException refused =
                catchThrowableOfType(GridException.class, () -> DefinitionsParser.parse(Map.of("f.yaml", mistake)));

        Matcher known = KNOWN.matcher(refused.reason());
        assertThat(known.find()).as(refused.reason()).isTrue();
        assertThat(Arrays.asList(known.group(1).split(", "))).containsExactlyElementsOf(inSchema);
        assertThat(section.path("additionalProperties").asBoolean(true)).isFalse();
    }

    @Test
    void theSchemaHasExactlyTheTypesThatTheParserKnows() {
        Set<String> types = new TreeSet<>();
        schema().at("/$defs/value_type/enum").forEach(type -> types.add(type.asText()));

        assertThat(types)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ValueType.values()).map(ValueType::name).toList());
    }

    @Test
    void theShippedDefinitionsFollowTheSchema() {
        assertThat(SchemaCheck.problems(schema(), read(TestNode.definitions().toString(), YAML)))
                .isEmpty();
    }

    @Property(tries = 300)
    void whateverTheParserTakesFollowsTheSchema(
            @ForAll @IntRange(max = 80) int line, @ForAll @IntRange(max = 11) int replacement) throws IOException {
        String[] values = {
            "1d", "true", "serve", "INT64", "[subject]", "x", "'7'", "{a: INT64}", "null", "hide", "1h30m", "DOUBLE"
        };
        java.util.List<String> lines = new java.util.ArrayList<>(Files.readAllLines(TestNode.definitions()));
        int at = Math.min(line, lines.size() - 1);
        lines.set(at, lines.get(at).replaceFirst(": .*$", ": " + values[replacement]));
        String text = String.join("\n", lines);
        try {
            DefinitionsParser.parse(Map.of("f.yaml", text));
        } catch (GridException refused) {
            return;
        }

        assertThat(SchemaCheck.problems(schema(), YAML.readTree(text))).as(text).isEmpty();
    }
}
