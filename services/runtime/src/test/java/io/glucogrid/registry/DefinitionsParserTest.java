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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        RegistryDocument document = new RegistryDocument(3, RegistryDocument.State.TORN_DOWN, parse(shipped()), 7);

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
                "sources: [cgm_hourly_stats, vals_to_add] | sources: [cgm_stats_push_source] | no feature view or"
                        + " request",
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hour: 6 | hour: 7 | features.yaml:LINE: test 'reference_reading': 'hour' is 6, not 7",
                "hour: 6 | hour: null | 'hour' is 6, not null",
                "hour: 6 | hour: six | 'hour' must be INT32",
                "hour: 6 | huor: 6 | has no feature 'huor' (did you mean 'hour'?)",
                "inputs: {event_timestamp: | inputs: {event_time: | has no input 'event_time'",
            })
    void aGoldenRowThatFailsIsAMistakeOfTheFile(String before, String after, String problem) {
        String text = shipped();
        assertThat(text).contains(before);
        long line = text.substring(0, text.indexOf(before)).lines().count();

        assertThatThrownBy(() -> parse(text.replace(before, after)))
                .hasMessageContaining(problem.replace("LINE", "" + line));
    }

    @Test
    void namesThatDifferByCaseOnlyClash() {
        assertThatThrownBy(() -> parse(shipped().replace("  cgm_activity_v3:", "  CGM_activity_V1:")))
                .hasMessageContaining("feature service 'CGM_activity_V1' differs from 'cgm_activity_v1' by case only");
        assertThatThrownBy(() -> parse(shipped().replace("  transformed_timestamp_fresh:", "  CGM_hourly_stats:")))
                .hasMessageContaining("names an on-demand feature view too");
    }

    @Test
    void anOnDemandViewIsNoSourceOfAnother() {
        assertThatThrownBy(() -> parse(shipped()
                        .replace(
                                "sources: [cgm_hourly_stats_fresh, vals_to_add]",
                                "sources: [cgm_hourly_stats_fresh, transformed_timestamp]")))
                .hasMessageContaining("'transformed_timestamp' is an on-demand view");
    }

    @Test
    void everyTypeAndSeveralJoinKeysAreReadBack() {
        String types = "{a: INT32, b: INT64, c: FLOAT, d: DOUBLE, e: BOOL, f: STRING, g: BYTES, h: UNIX_TIMESTAMP}";
        Definitions definitions = parse("apiVersion: glucogrid/v1\nproject: p\n"
                + "entities: {x: {join_keys: {k: INT64, l: STRING, m: INT32}}}\n"
                + "sources: {s: {kind: parquet, timestamp_field: at}}\n"
                + "feature_views: {v: {entities: [x], source: s, schema: " + types + "}}\n");

        assertThat(definitions.joinKeys(definitions.views().get("v"))).hasSize(3);
        assertThat(definitions.views().get("v").features())
                .extracting(Field::type)
                .containsExactlyInAnyOrder(ValueType.values());
        assertThat(DefinitionsText.read(DefinitionsText.write(definitions))).isEqualTo(definitions);
    }

    @Test
    void allMistakesAreReportedAtOnce() {
        String text = shipped().replace("ttl: 1d", "tll: 1d").replace("online: true", "online: maybe");

        assertThatThrownBy(() -> parse(text)).hasMessageContaining("'tll'").hasMessageContaining("'online'");
    }

    @Test
    void mistakesOfAllKindsAreReportedInOneGoEachAtItsLineAndNoneTwice() {
        String text =
                """
                apiVersion: glucogrid/v1
                project: cgm
                entities:
                  subject: {join_keys: [subject_id], value_type: INT64}
                sources:
                  s: {kind: parquet, timestamp_field: at}
                  p:
                    kind: push
                    batch_source: ss
                  q: {kind: parket, timestamp_field: at}
                feature_views:
                  v:
                    entities:
                      [subjct]
                    ttl: 1day
                    source: s
                    schema: {glucose: INT64}
                    aggregations:
                      - {function: mean, column: glucos, time_window: 15m}
                  w: {entities: [subject], source: q, schema: {glucose: INT64, subject_id: INT64}}
                  good: {entities: [subject], source: s, schema: {glucose: INT64}}
                on_demand_feature_views:
                  o:
                    sources: [good]
                    schema:
                      a: {type: INT32, expr: "glucos + 1"}
                      b: {type: INT64, expr: "glucose + 1"}
                  r:
                    sources: [w]
                    schema: {c: {type: INT64, expr: "glucose + 1"}}
                tests:
                  t: {view: oo, expect: {a: 2}}
                  u: {view: r, inputs: {glucose: 1}, expect: {c: 3}}
                feature_services:
                  f: [v, oo]
                  g:
                    - {view: good, features: [glucos]}
                    - {view: w, rename: {glucose: "a b"}}
                """;

        assertThatThrownBy(() -> parse(text))
                .hasMessage(String.join(
                        "\n",
                        "definitions: features.yaml:9: no source is named 'ss' (did you mean 's'?)",
                        "features.yaml:10: 'kind' must be one of parquet, push, request, not 'parket' (did you mean"
                                + " 'parquet'?)",
                        "features.yaml:13: no entity is named 'subjct' (did you mean 'subject'?)",
                        "features.yaml:15: 'ttl' must be a duration such as 1d, 12h or 90m, not '1day'",
                        "features.yaml:19: column of 'glucos_mean_15m': no number in the schema is named 'glucos' (did"
                                + " you mean 'glucose'?)",
                        "features.yaml:20: 'subject_id' is a join key; leave it out of the schema",
                        "features.yaml:26: expression of 'a', column 1: no input is named 'glucos' (did you mean"
                                + " 'glucose'?)",
                        "features.yaml:32: test 't': no on-demand feature view is named 'oo' (did you mean 'o'?)",
                        "features.yaml:33: test 'u': 'c' is 2, not 3",
                        "features.yaml:35: no view is named 'oo' (did you mean 'o'?)",
                        "features.yaml:37: no feature is named 'glucos' (did you mean 'glucose'?)",
                        "features.yaml:38: 'a b' is not a name: letters, digits and underscores, a letter first, at"
                                + " most 100"));
    }

    @Test
    void aFileThatIsMissingDoesNotHideTheOthers(@TempDir Path folder) throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.yaml"), "apiVersion: glucogrid/v1\nproject: p\nx: 1\n");

        assertThatThrownBy(() -> new DefinitionFiles(folder.resolve("gone.yaml") + ", " + broken).read())
                .hasMessageContaining("gone.yaml:1: definition file")
                .hasMessageContaining("broken.yaml:3: unknown key 'x'");
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
