package io.glucogrid.loaders;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BOOLEAN;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** The Parquet form of a history table: version 1 of the segment format, which {@link TableSchema} describes. */
final class SegmentSchema {
    static final String VERSION_KEY = "glucogrid.segment.version";
    static final String VERSION = "1";
    static final String TABLE_KEY = "glucogrid.table";
    static final String BUCKETING_KEY = "bucketing";
    static final String BUCKETING = "ignite-rendezvous,parts=" + Buckets.COUNT;

    static final Field OP = new Field(TableSchema.OP, ValueType.INT32);

    private static final int FIRST_KEY_ID = 1;
    private static final int EVENT_ID = 101;
    private static final int CREATED_ID = 102;
    private static final int INGESTED_ID = 103;
    private static final int OP_ID = 104;
    private static final int FIRST_VALUE_ID = 1001;

    private SegmentSchema() {}

    static Field event(TableSchema table) {
        return new Field(table.eventTime(), ValueType.UNIX_TIMESTAMP);
    }

    static Field created(TableSchema table) {
        return new Field(table.created(), ValueType.UNIX_TIMESTAMP);
    }

    /** Columns in the order of the file. */
    static List<Field> fields(TableSchema table) {
        List<Field> fields = new ArrayList<>(table.joinKeys());
        fields.add(event(table));
        fields.addAll(table.values());
        fields.add(created(table));
        fields.add(new Field(TableSchema.INGESTED_AT, ValueType.UNIX_TIMESTAMP));
        fields.add(OP);
        return fields;
    }

    /** INVALID_CONFIG for a table that no segment can hold. */
    static void check(TableSchema table) {
        for (Field key : table.joinKeys()) {
            switch (key.type()) {
                case INT32, INT64, BOOL, STRING, UNIX_TIMESTAMP -> {}
                default ->
                    throw new GridException(
                            ErrorCode.INVALID_CONFIG,
                            "table '" + table.name() + "': join key '" + key.name() + "' cannot be of type "
                                    + key.type());
            }
        }
        if (!table.name().matches("[A-Za-z0-9][A-Za-z0-9_-]*") || !TierFolders.isTable(table.name())) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "'" + table.name() + "' cannot be the name of a history table");
        }
        long distinct = fields(table).stream().map(Field::name).distinct().count();
        if (distinct != fields(table).size()) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "table '" + table.name() + "' has two columns of the same name");
        }
    }

    static MessageType message(TableSchema table) {
        List<Type> types = new ArrayList<>();
        int id = FIRST_KEY_ID;
        for (Field key : table.joinKeys()) {
            types.add(column(key, Type.Repetition.REQUIRED, id++));
        }
        types.add(time(table.eventTime(), EVENT_ID));
        id = FIRST_VALUE_ID;
        for (Field value : table.values()) {
            types.add(column(value, Type.Repetition.OPTIONAL, id++));
        }
        types.add(time(table.created(), CREATED_ID));
        types.add(time(TableSchema.INGESTED_AT, INGESTED_ID));
        types.add(column(OP, Type.Repetition.REQUIRED, OP_ID));
        return new MessageType(table.name(), types);
    }

    /** The table that a segment's schema describes; INVALID_REQUEST where it describes none. */
    static TableSchema table(String name, MessageType message) {
        List<Field> keys = new ArrayList<>();
        List<Field> values = new ArrayList<>();
        String event = "";
        String created = "";
        for (Type type : message.getFields()) {
            int id = type.getId() == null ? 0 : type.getId().intValue();
            if (id >= FIRST_KEY_ID && id < EVENT_ID) {
                keys.add(field(type));
            } else if (id == EVENT_ID) {
                event = type.getName();
            } else if (id == CREATED_ID) {
                created = type.getName();
            } else if (id >= FIRST_VALUE_ID) {
                values.add(field(type));
            }
        }
        if (keys.isEmpty() || event.isEmpty() || created.isEmpty()) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "not the columns of a segment: no join key, event time or creation time");
        }
        return new TableSchema(name, keys, event, created, values);
    }

    /** The columns of both; INVALID_REQUEST where they contradict each other. */
    static TableSchema union(TableSchema left, TableSchema right) {
        if (!left.joinKeys().equals(right.joinKeys())
                || !left.eventTime().equals(right.eventTime())
                || !left.created().equals(right.created())) {
            throw contradiction(left.name(), "have different join keys or times");
        }
        List<Field> values = new ArrayList<>(left.values());
        for (Field value : right.values()) {
            int known = left.valueIndex(value.name());
            if (known < 0) {
                values.add(value);
            } else if (left.values().get(known).type() != value.type()) {
                throw contradiction(left.name(), "have different types of column '" + value.name() + "'");
            }
        }
        return new TableSchema(left.name(), left.joinKeys(), left.eventTime(), left.created(), values);
    }

    private static GridException contradiction(String table, String what) {
        return new GridException(ErrorCode.INVALID_REQUEST, "segments of table '" + table + "' " + what);
    }

    private static Field field(Type type) {
        if (!type.isPrimitive()) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "column '" + type.getName() + "' is nested");
        }
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        ValueType found =
                switch (type.asPrimitiveType().getPrimitiveTypeName()) {
                    case INT32 -> ValueType.INT32;
                    case INT64 -> logical == null ? ValueType.INT64 : ValueType.UNIX_TIMESTAMP;
                    case FLOAT -> ValueType.FLOAT;
                    case DOUBLE -> ValueType.DOUBLE;
                    case BOOLEAN -> ValueType.BOOL;
                    case BINARY -> logical == null ? ValueType.BYTES : ValueType.STRING;
                    default ->
                        throw new GridException(
                                ErrorCode.INVALID_REQUEST, "column '" + type.getName() + "' is of no known type");
                };
        return new Field(type.getName(), found);
    }

    static Map<String, String> metadata(TableSchema table) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(VERSION_KEY, VERSION);
        metadata.put(TABLE_KEY, table.name());
        metadata.put(BUCKETING_KEY, BUCKETING);
        return metadata;
    }

    private static Type time(String name, int id) {
        return column(new Field(name, ValueType.UNIX_TIMESTAMP), Type.Repetition.REQUIRED, id);
    }

    private static PrimitiveType column(Field field, Type.Repetition repetition, int id) {
        Types.PrimitiveBuilder<PrimitiveType> type =
                switch (field.type()) {
                    case INT32 -> Types.primitive(INT32, repetition);
                    case INT64 -> Types.primitive(INT64, repetition);
                    case FLOAT -> Types.primitive(FLOAT, repetition);
                    case DOUBLE -> Types.primitive(DOUBLE, repetition);
                    case BOOL -> Types.primitive(BOOLEAN, repetition);
                    case STRING -> Types.primitive(BINARY, repetition).as(stringType());
                    case BYTES -> Types.primitive(BINARY, repetition);
                    case UNIX_TIMESTAMP -> Types.primitive(INT64, repetition).as(timestampType(true, TimeUnit.MICROS));
                };
        return type.id(id).named(field.name());
    }
}
