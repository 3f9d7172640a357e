package io.glucogrid.feature;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a view's values come from. */
public sealed interface Source {
    String name();

    /**
     * History in the Parquet tier.
     *
     * @param table name of the history table (and of its cache)
     * @param path a file or folder to load with {@code load --source} where none is given; null for none
     * @param timestampField column with the event time
     * @param createdField column with the creation time; null where the data has none (then it equals the event time)
     */
    record Parquet(
            String name, String table, @Nullable String path, String timestampField, @Nullable String createdField)
            implements Source {}

    /**
     * Events pushed by clients or, with {@code topic}, read from Kafka; they land in the table of {@code batchSource}.
     *
     * @param topic Kafka topic of JSON objects; null for none
     */
    record Push(String name, String batchSource, @Nullable String topic) implements Source {}

    /** Values that come with the request. */
    record Request(String name, List<Field> schema) implements Source {
        public Request {
            schema = List.copyOf(schema);
        }
    }
}
