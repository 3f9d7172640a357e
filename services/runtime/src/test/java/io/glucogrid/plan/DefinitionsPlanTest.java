package io.glucogrid.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.feature.Definitions;
import io.glucogrid.registry.DefinitionFiles;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DefinitionsPlanTest {
    private static String shipped() {
        return """
                apiVersion: glucogrid/v1
                project: p
                entities:
                  subject: {join_keys: [subject_id], value_type: INT64}
                sources:
                  batch: {kind: parquet, table: readings, timestamp_field: event_timestamp}
                  stream: {kind: push, batch_source: batch}
                feature_views:
                  cgm_hourly_stats:
                    entities: [subject]
                    ttl: 1d
                    source: batch
                    schema: {glucose: INT64, event_timestamp: UNIX_TIMESTAMP}
                    tags: {team: subject}
                  cgm_hourly_stats_fresh:
                    like: cgm_hourly_stats
                    source: stream
                    tags: {team: fresh}
                on_demand_feature_views:
                  parts: {sources: [cgm_hourly_stats], schema: {hour: {type: INT32, expr: hour_utc(event_timestamp)}}}
                feature_services:
                  cgm_activity_v1: [cgm_hourly_stats, parts]
                  cgm_activity_v3: [cgm_hourly_stats_fresh]
                """;
    }

    private static Definitions parsed(String text) {
        return DefinitionFiles.read(Map.of("features.yaml", text));
    }

    private static DefinitionsPlan plan(String before, String after) {
        return DefinitionsPlan.between(7, parsed(before), parsed(after), view -> 33);
    }

    @Test
    void anotherSpellingIsNoChange() {
        assertThat(plan(shipped(), "# a comment\n" + shipped().replace("ttl: 1d", "ttl: 24h"))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void windowedFeaturesAreColumnsAndAreToldOneByOne() {
        String windowed = shipped()
                .replace(
                        "    tags: {team: fresh}\n",
                        """
                    tags: {team: fresh}
                    aggregations:
                      - {function: mean, column: glucose, time_window: 3h}
                      - {function: last_n, column: glucose, time_window: 1h, n: 2, name: last}
                """);
        String wider = windowed.replace("time_window: 3h", "time_window: 6h, name: glucose_mean_3h")
                .replace(", n: 2, name: last", ", n: 1, name: last");

        DefinitionsPlan plan = plan(windowed, wider);

        assertThat(plan.changes().get(0).details())
                .containsExactly(
                        new Change.Detail(
                                "aggregations.glucose_mean_3h",
                                "mean, column glucose, time_window 3h",
                                "mean, column glucose, time_window 6h"),
                        new Change.Detail(
                                "aggregations.last",
                                "last_n, column glucose, time_window 1h, n 2",
                                "last_n, column glucose, time_window 1h, n 1"));
        assertThat(plan.services()).singleElement().satisfies(service -> {
            assertThat(service.removed()).containsExactly("last_2:INT64");
            assertThat(service.isBreaking()).isTrue();
        });
        assertThat(plan.online())
                .containsExactly(new OnlineImpact(
                        "cgm_hourly_stats_fresh", OnlineImpact.Action.REENCODE, 33, List.of("glucose_mean_3h")));
        assertThat(plan(shipped(), windowed).services().get(0).added())
                .containsExactly("glucose_mean_3h:DOUBLE", "last_1:INT64", "last_2:INT64");
    }

    @Test
    void aTagConcernsItsViewAndNoService() {
        DefinitionsPlan plan = plan(shipped(), shipped().replace("{team: subject}", "{team: other}"));

        assertThat(plan.changes())
                .containsExactly(new Change(
                        Change.Action.UPDATE,
                        "feature_view",
                        "cgm_hourly_stats",
                        List.of(new Change.Detail("tags.team", "subject", "other"))));
        assertThat(plan.services()).isEmpty();
        assertThat(plan.online()).isEmpty();
    }

    @Test
    void aTtlConcernsTheServicesThatReadItsView() {
        DefinitionsPlan plan = plan(
                shipped(), shipped().replaceFirst("like: cgm_hourly_stats\n", "like: cgm_hourly_stats\n    ttl: 2h\n"));

        assertThat(plan.changes()).singleElement().satisfies(change -> assertThat(change.details())
                .containsExactly(new Change.Detail("ttl", "1d", "2h")));
        assertThat(plan.services()).singleElement().satisfies(impact -> {
            assertThat(impact.service()).isEqualTo("cgm_activity_v3");
            assertThat(impact.isBreaking()).isFalse();
            assertThat(impact.because()).containsExactly("feature_view cgm_hourly_stats_fresh");
        });
        assertThat(plan.rowsReencoded()).isZero();
    }

    @Test
    void aRemovedFeatureBreaksItsCallersAndMovesRows() {
        DefinitionsPlan plan = plan(
                shipped(),
                shipped()
                        .replace(
                                "schema: {glucose: INT64, event_timestamp: UNIX_TIMESTAMP}",
                                "schema: {event_timestamp: UNIX_TIMESTAMP}"));

        assertThat(plan.services()).hasSize(2).allSatisfy(impact -> {
            assertThat(impact.isBreaking()).isTrue();
            assertThat(impact.removed()).containsExactly("glucose:INT64");
        });
        assertThat(plan.rowsReencoded()).isEqualTo(66);
    }

    @Test
    void anotherOrderOfFeaturesIsToldAndMovesRows() {
        DefinitionsPlan plan = plan(
                shipped(),
                shipped()
                        .replace(
                                "schema: {glucose: INT64, event_timestamp: UNIX_TIMESTAMP}",
                                "schema: {event_timestamp: UNIX_TIMESTAMP, glucose: INT64}"));

        assertThat(plan.changes()).hasSize(2).allSatisfy(change -> assertThat(change.details())
                .singleElement()
                .satisfies(detail -> assertThat(detail.field()).isEqualTo("schema (order)")));
        assertThat(plan.rowsReencoded()).isEqualTo(66);
    }

    @Test
    void whatIsCreatedAndWhatIsDeletedAreEachOthersReverse() {
        String more = shipped().replace("feature_services:\n", "feature_services:\n  extra: [cgm_hourly_stats]\n");

        assertThat(plan(shipped(), more).changes())
                .containsExactly(new Change(Change.Action.CREATE, "feature_service", "extra", List.of()));
        assertThat(plan(more, shipped()).changes())
                .containsExactly(new Change(Change.Action.DELETE, "feature_service", "extra", List.of()));
    }

    @Test
    void aStoredColumnKeepsItsTypeAlsoWhenItWasGoneForAWhile() {
        Definitions before = parsed(shipped());
        Definitions after = parsed(shipped().replace("glucose: INT64", "glucose: DOUBLE"));

        assertThatThrownBy(() -> Compatibility.check(List.of(before), after))
                .hasMessageContaining("column 'glucose' of table 'readings' is stored as INT64, not DOUBLE");
        assertThatThrownBy(() -> Compatibility.check(
                        List.of(before), parsed(shipped().replace("table: readings", "table: others"))))
                .hasMessageContaining("give the new source a name of its own");
    }
}
