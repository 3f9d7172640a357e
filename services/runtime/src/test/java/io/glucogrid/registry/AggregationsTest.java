package io.glucogrid.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.Aggregation.Function;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.node.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AggregationsTest {
    private static final String HEAD =
            """
            apiVersion: glucogrid/v1
            project: p
            entities:
              subject: {join_keys: [subject_id], value_type: INT64}
            sources:
              batch: {kind: parquet, timestamp_field: event_timestamp}
            feature_views:
              v:
                entities: [subject]
                source: batch
                schema: {glucose: INT64, note: STRING, event_timestamp: UNIX_TIMESTAMP}
                aggregations:
            """;

    @Test
    void windowsAreReadAndNamedAfterColumnFunctionAndWindow() {
        FeatureView view = view(
                """
                      - {function: mean, column: glucose, time_window: 24h}
                      - {function: last_n, column: glucose, time_window: 15m, n: 2, name: recent}
                      - {function: fraction_between, column: glucose, time_window: 3h, low: 70, high: 180.5}
                """);

        assertThat(view.aggregations())
                .containsExactly(
                        new Aggregation(
                                "glucose_mean_24h",
                                Function.MEAN,
                                "glucose",
                                Duration.ofDays(1),
                                0,
                                Double.NaN,
                                Double.NaN),
                        new Aggregation(
                                "recent",
                                Function.LAST_N,
                                "glucose",
                                Duration.ofMinutes(15),
                                2,
                                Double.NaN,
                                Double.NaN),
                        new Aggregation(
                                "glucose_fraction_between_3h",
                                Function.FRACTION_BETWEEN,
                                "glucose",
                                Duration.ofHours(3),
                                0,
                                70,
                                180.5));
        assertThat(view.servedFeatures())
                .endsWith(
                        new Field("glucose_mean_24h", ValueType.DOUBLE),
                        new Field("recent_1", ValueType.INT64),
                        new Field("recent_2", ValueType.INT64),
                        new Field("glucose_fraction_between_3h", ValueType.DOUBLE));
    }

    @Test
    void theCanonicalTextIsReadBackEqual() throws IOException {
        Definitions shipped =
                DefinitionsParser.parse(Map.of("features.yaml", Files.readString(TestNode.definitions())));

        assertThat(shipped.views().get("cgm_windows").aggregations()).isNotEmpty();
        assertThat(DefinitionsText.read(DefinitionsText.write(shipped))).isEqualTo(shipped);
    }

    @Test
    void everyMistakeIsNamedWithItsLine() {
        assertThatThrownBy(
                        () -> view(
                                """
                              - {function: mena, column: glucose, time_window: 15m}
                              - {function: mean, column: glucose, time_window: 15}
                              - {function: mean, column: glucose, time_window: 30d}
                              - {function: last_n, column: glucose, time_window: 15m}
                              - {function: fraction_between, column: glucose, time_window: 15m, low: 180, high: 70}
                              - {function: mean, column: glucose, time_window: 15m, n: 3}
                              - {column: glucose}
                        """))
                .hasMessageContaining("file:13: 'function' must be one of mean, sd, min, max, count, slope, last_n")
                .hasMessageContaining("mean")
                .hasMessageContaining("file:14: 'time_window' must be a duration")
                .hasMessageContaining("file:15: 'time_window' must be a duration")
                .hasMessageContaining("file:16: 'n' must be a whole number from 1 to 100")
                .hasMessageContaining("file:17: 'low' and 'high' must be numbers")
                .hasMessageContaining("file:18: unknown key 'n'")
                .hasMessageContaining("file:19: aggregation '7' needs 'function'");
    }

    @Test
    void columnsMustBeNumbersOfTheViewAndNamesMustDiffer() {
        assertThatThrownBy(
                        () -> view(
                                """
                              - {function: mean, column: note, time_window: 15m}
                              - {function: mean, column: glucos, time_window: 15m}
                              - {function: min, column: glucose, time_window: 15m}
                              - {function: min, column: glucose, time_window: 15m}
                              - {function: max, column: glucose, time_window: 15m, name: event_timestamp}
                        """))
                .hasMessageContaining("no number in the schema is named 'note'")
                .hasMessageContaining("no number in the schema is named 'glucos'")
                .hasMessageContaining("two features are named 'glucose_min_15m'")
                .hasMessageContaining("two features are named 'event_timestamp'");
    }

    @Test
    void columnsWhoseNamesCannotBeToldApartInARowAreRefused() {
        String text = HEAD.replace("note: STRING", "Aa: INT64, BB: INT64")
                + """
                      - {function: mean, column: Aa, time_window: 3h}
                      - {function: max, column: Aa, time_window: 3h}
                      - {function: mean, column: BB, time_window: 3h}
                """
                        .indent(6);

        assertThatThrownBy(() -> DefinitionsParser.parse(Map.of("file", text)))
                .hasMessageContaining("windows of 'Aa' and 'BB' cannot be kept in one view")
                .hasMessageContaining("file:15: ");
    }

    private static FeatureView view(String aggregations) {
        String text = HEAD + aggregations.indent(6);
        return DefinitionsParser.parse(Map.of("file", text)).views().get("v");
    }
}
