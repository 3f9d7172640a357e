package io.glucogrid.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.GridException;
import io.glucogrid.store.TableSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DefinitionsTest {
    private static final Field KEY = new Field("device", ValueType.STRING);
    private static final Field AT = new Field("at", ValueType.UNIX_TIMESTAMP);

    private static FeatureView view(String name, String source, Field... features) {
        return new FeatureView(
                name,
                List.of("machine"),
                null,
                true,
                FeatureView.OnlineTtl.SERVE,
                source,
                List.of(features),
                "",
                Map.of());
    }

    private static Definitions definitions(FeatureView... views) {
        Map<String, FeatureView> byName = new LinkedHashMap<>();
        for (FeatureView view : views) {
            byName.put(view.name(), view);
        }
        return new Definitions(
                "plant",
                Map.of("machine", new Entity("machine", List.of(KEY), "", Map.of())),
                Map.of(
                        "log", new Source.Parquet("log", "log_table", null, "at", null),
                        "events", new Source.Push("events", "log", "topic")),
                byName,
                Map.of(),
                Map.of());
    }

    @Test
    void aTableHasTheValuesOfAllViewsOfItsSourceOnce() {
        Field speed = new Field("speed", ValueType.DOUBLE);
        Field heat = new Field("heat", ValueType.FLOAT);
        Definitions definitions = definitions(view("batch", "log", speed, AT), view("fresh", "events", heat, speed));

        assertThat(definitions.tables())
                .containsExactly(new TableSchema(
                        "log_table", List.of(KEY), "at", TableSchema.DEFAULT_CREATED, List.of(speed, heat)));
    }

    @Test
    void aPushFeedsOnlyTheViewsOfItsSource() {
        Definitions definitions = definitions(view("batch", "log", AT), view("fresh", "events", AT));

        assertThat(definitions.viewsOfPushSource("events"))
                .extracting(FeatureView::name)
                .containsExactly("fresh");
        assertThat(definitions.pushSourceOfTopic("topic")).isEqualTo(new Source.Push("events", "log", "topic"));
        assertThat(definitions.pushSourceOfTopic("other")).isNull();
    }

    @Test
    void aViewWithoutHistoryBehindItIsNamed() {
        Definitions definitions = definitions(view("lost", "nowhere", AT));

        assertThatThrownBy(() -> definitions.parquetSource(definitions.views().get("lost")))
                .isInstanceOf(GridException.class)
                .hasMessage("source 'nowhere' does not exist");
    }
}
