package io.glucogrid.stream;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Source;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What one version of the definitions says about the events of a topic: how to read them, and whom they feed. */
final class StreamPlan {
    private final Definitions definitions;
    private final TableSchema table;
    private final List<ViewProjection> views;
    private final EventParser parser;
    private final RowCheck check;

    private StreamPlan(
            Definitions definitions,
            TableSchema table,
            List<ViewProjection> views,
            EventParser parser,
            RowCheck check) {
        this.definitions = definitions;
        this.table = table;
        this.views = views;
        this.parser = parser;
        this.check = check;
    }

    /** The plan; NOT_READY where no push source reads the topic. */
    static StreamPlan of(Definitions definitions, String topic, EventLimits limits, InstantSource clock) {
        Source.Push push = definitions.pushSourceOfTopic(topic);
        if (push == null) {
            throw new GridException(
                    ErrorCode.NOT_READY, "no push source of the definitions reads topic '" + topic + "'");
        }
        if (!(definitions.sources().get(push.batchSource()) instanceof Source.Parquet source)) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "push source '" + push.name() + "' has no parquet source behind it");
        }
        TableSchema table = definitions.table(source);
        List<ViewProjection> views = definitions.viewsOfPushSource(push.name()).stream()
                .filter(FeatureView::online)
                .map(view -> ViewProjection.of(definitions, view, table))
                .toList();
        return new StreamPlan(
                definitions, table, views, EventParser.of(table, limits, clock), CgmPlausibility.of(table, limits));
    }

    /** Whether this is the plan of exactly these definitions. */
    boolean isOf(Definitions current) {
        return definitions.equals(current);
    }

    Definitions definitions() {
        return definitions;
    }

    TableSchema table() {
        return table;
    }

    /** Views whose online rows the topic feeds. */
    List<ViewProjection> views() {
        return views;
    }

    HistoryRow parse(ConsumerRecord<byte[], byte[]> record) throws BadRecordException {
        HistoryRow row = parser.parse(record.value());
        check.check(row);
        return row;
    }
}
