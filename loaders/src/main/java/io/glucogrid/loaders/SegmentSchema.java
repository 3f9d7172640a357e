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

    private static final int FIRST_KEY_ID = 1;
    private static final int EVENT_ID = 101;
    private static final int CREATED_ID = 102;
    private static final int INGESTED_ID = 103;
    private static final int OP_ID = 104;
    private static final int FIRST_VALUE_ID = 1001;

    private SegmentSchema() {}

    /** Columns in the order of the file. */
    static List<Field> fields(TableSchema table) {
        List<Field> fields = new ArrayList<>(table.joinKeys());
        fields.add(new Field(table.eventTime(), ValueType.UNIX_TIMESTAMP));
        fields.addAll(table.values());
        fields.add(new Field(table.created(), ValueType.UNIX_TIMESTAMP));
        fields.add(new Field(TableSchema.INGESTED_AT, ValueType.UNIX_TIMESTAMP));
        fields.add(new Field(TableSchema.OP, ValueType.INT32));
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
        if (!table.name().matches("[A-Za-z0-9][A-Za-z0-9_-]*") || table.name().equals(MetaDocuments.FOLDER)) {
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
        types.add(column(new Field(TableSchema.OP, ValueType.INT32), Type.Repetition.REQUIRED, OP_ID));
        return new MessageType(table.name(), types);
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
