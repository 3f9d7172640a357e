package io.glucogrid.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.OnDemandView;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.node.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionsParserTest {
    private static String shipped() {
        try {
            return Files.readString(TestNode.definitions());
        } catch (IOException missing) {
            throw new java.io.UncheckedIOException(missing);
        }
    }

    private static Definitions parse(String text) {
        return DefinitionsParser.parse(Map.of("features.yaml", text));
    }

    @Test
    void theShippedFileDefinesWhatTheReferenceDoes() {
        Definitions definitions = parse(shipped());

        assertThat(definitions.entities().get("subject").joinKeys())
                .containsExactly(new Field("subject_id", ValueType.INT64));
        FeatureView fresh = definitions.views().get("cgm_hourly_stats_fresh");
        assertThat(fresh.ttl()).isEqualTo(Duration.ofDays(1));
        assertThat(fresh.source()).isEqualTo("cgm_stats_push_source");
        assertThat(fresh.tags()).containsExactly(Map.entry("team", "cgm_performance"));
        assertThat(fresh.features())
                .containsExactly(
                        new Field("glucose", ValueType.INT64), new Field("event_timestamp", ValueType.UNIX_TIMESTAMP));
        assertThat(definitions.pushSourceOfTopic("cgm_readings"))
                .isEqualTo(new Source.Push("cgm_stats_push_source", "cgm_hourly_stats_source", "cgm_readings"));
        assertThat(definitions
                        .onDemandViews()
                        .get("transformed_timestamp_fresh")
                        .features())
                .extracting(OnDemandView.Derived::name)
                .containsExactly("dayofweek", "hour");
        assertThat(definitions.services()).containsOnlyKeys("cgm_activity_v1", "cgm_activity_v3", "cgm_windows_v1");
        assertThat(definitions.tables()).singleElement().satisfies(table -> {
            assertThat(table.name()).isEqualTo("readings");
            assertThat(table.values()).containsExactly(new Field("glucose", ValueType.INT64));
        });
    }

    @Test
    void theCanonicalTextIsReadBackAsWritten() {
        Definitions definitions = parse(shipped());
        String text = DefinitionsText.write(definitions);

        assertThat(DefinitionsText.read(text)).isEqualTo(definitions);
        assertThat(DefinitionsText.write(DefinitionsText.read(text))).isEqualTo(text);
    }

    @Test
    void aRegistryDocumentIsReadBackAsWritten() {
        RegistryDocument document = new RegistryDocument(3, RegistryDocument.State.TORN_DOWN, parse(shipped()));

        assertThat(RegistryDocument.parse(document.text())).isEqualTo(document);
        assertThatThrownBy(() -> RegistryDocument.parse("{}"))
                .isInstanceOfSatisfying(GridException.class, damaged -> assertThat(damaged.code())
                        .isEqualTo(ErrorCode.DAMAGED_DATA));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "glucogrid/v1 | glucogrid/v2 | features.yaml:3: apiVersion must be glucogrid/v1",
                "ttl: 1d | tll: 1d | unknown key 'tll' (did you mean 'ttl'?)",
                "ttl: 1d | ttl: tomorrow | 'ttl' must be a duration",
                "online: true | online: yes | 'online' must be true or false",
                "online_ttl: by_endpoint | online_ttl: srve | not 'srve' (did you mean 'serve'?)",
                "glucose: INT64 | glucose: INT46 | is not a type",
                "entities: [subject] | entities: [sbject] | no entity is named 'sbject' (did you mean 'subject'?)",
                "batch_source: cgm_hourly_stats_source | batch_source: nope | no source is named 'nope'",
                "kind: push | kind: pull | 'kind' must be one of parquet, push, request",
                "like: cgm_hourly_stats | like: cgm_hourly_stat | did you mean 'cgm_hourly_stats'?",
                "hour_utc(event_timestamp) | hour_utc(event_timestmp) | did you mean 'event_timestamp'?",
                "type: INT32, expr | type: STRING, expr | the result is INTEGER, but STRING is declared",
                "[cgm_hourly_stats, transformed_timestamp] | [cgm_hourly_stat] | no view is named 'cgm_hourly_stat'",
                "[cgm_hourly_stats, transformed_timestamp] | [cgm_hourly_stats, cgm_hourly_stats_fresh] | two features",
                "table: readings | table: registry | is the grid's own",
                "table: readings | table: ../readings | is not a name",
                "value_type: INT64 | value_type: BYTES | must be INT64, INT32 or STRING",
                "schema: {glucose: INT64 | schema: {subject_id: INT64, glucose: INT64 | is a join key",
                "project: cgm_ignite_feast_kafka | x: 1 | the file needs 'project'",
                "sources: [cgm_hourly_stats, vals_to_add] | sources: [cgm_stats_push_source] | no feature view or request",
            })
    void mistakesAreNamedWithTheirPlace(String before, String after, String problem) {
        String text = shipped();
        assertThat(text).contains(before);

        assertThatThrownBy(() -> parse(text.replaceFirst(java.util.regex.Pattern.quote(before), after)))
                .isInstanceOfSatisfying(
                        GridException.class, wrong -> assertThat(wrong.code()).isEqualTo(ErrorCode.INVALID_CONFIG))
                .hasMessageContaining(problem)
                .hasMessageContaining("features.yaml:");
    }

    @Test
    void allMistakesAreReportedAtOnce() {
        String text = shipped().replace("ttl: 1d", "tll: 1d").replace("online: true", "online: maybe");

        assertThatThrownBy(() -> parse(text)).hasMessageContaining("'tll'").hasMessageContaining("'online'");
    }

    @Test
    void aCircleOfLikesIsReported() {
        String text = shipped()
                .replace("    entities: [subject]", "    like: cgm_hourly_stats_fresh\n    entities: [subject]");

        assertThatThrownBy(() -> parse(text)).hasMessageContaining("'like' goes in a circle");
    }

    @Test
    void aKeyGivenTwiceIsReported() {
        assertThatThrownBy(() -> parse(shipped().replace("    online: true", "    online: true\n    online: false")))
                .hasMessageContaining("'online' is given twice");
    }

    @Test
    void textThatIsNoYamlIsReportedWithItsLine() {
        assertThatThrownBy(() -> parse("a: [1\nb: 2")).hasMessageContaining("features.yaml:2: not YAML");
    }

    @Test
    void severalFilesMakeOneProject() {
        String more = "apiVersion: glucogrid/v1\nproject: cgm_ignite_feast_kafka\n"
                + "feature_services: {extra: [{view: cgm_hourly_stats, features: [glucose], rename: {glucose: g}}]}\n";
        Map<String, String> files = new java.util.LinkedHashMap<>();
        files.put("features.yaml", shipped());
        files.put("more.yaml", more);

        Definitions definitions = DefinitionsParser.parse(files);

        assertThat(definitions.services()).containsKeys("cgm_activity_v1", "extra");
        assertThat(DefinitionsText.read(DefinitionsText.write(definitions))).isEqualTo(definitions);
    }

    @Test
    void aFileThatIsMissingIsNamed() {
        assertThatThrownBy(() -> new DefinitionFiles("classpath:nowhere.yaml").read())
                .hasMessageContaining("'classpath:nowhere.yaml' does not exist");
    }

    @Property
    void everyDurationIsReadBackAsWritten(@ForAll @LongRange(min = 0, max = 8_000_000_000_000L) long millis) {
        Duration age = Duration.ofMillis(millis);

        assertThat(Ages.parse(Ages.write(age))).isEqualTo(age);
    }

    @Property
    void anyTextIsReadOrRefused(@ForAll String text) {
        try {
            assertThat(parse(text)).isNotNull();
        } catch (GridException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIG);
        }
    }

    @Property
    void anyLineMayGoMissing(@ForAll @LongRange(min = 0, max = 60) long line) {
        List<String> lines = new java.util.ArrayList<>(shipped().lines().toList());
        lines.remove((int) Math.min(line, lines.size() - 1));
        try {
            assertThat(parse(String.join("\n", lines))).isNotNull();
        } catch (GridException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIG);
        }
    }
}
