package io.glucogrid.store;

import io.glucogrid.feature.Field;
import java.util.List;

/**
 * Columns of a history table in the offline tier.
 *
 * <p>A segment holds, in this order: the join keys (field ids from 1), the event time (101), the value columns (from 1001),
 * the creation time (102), {@code _ingested_at} (103) and {@code _op} (104). Times are microseconds UTC. Readers match by
 * name; a column that a segment lacks reads as null.
 *
 * @param name table name, also of its history cache and of its folder in the tier
 * @param joinKeys the first one decides the bucket
 * @param eventTime name of the event-time column
 * @param created name of the creation-time column
 * @param values value columns; may be null
 */
public record TableSchema(String name, List<Field> joinKeys, String eventTime, String created, List<Field> values) {
    /** Creation-time column of a source that declares none. */
    public static final String DEFAULT_CREATED = "created";

    public static final String INGESTED_AT = "_ingested_at";
    public static final String OP = "_op";

    public TableSchema {
        joinKeys = List.copyOf(joinKeys);
        values = List.copyOf(values);
    }

    /** Position of a value column in a row's values; -1 where there is none. */
    public int valueIndex(String column) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }
}
