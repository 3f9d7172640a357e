package io.glucogrid.importers;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.TableSchema;
import java.util.List;

/** The columns of readings, in the tier and in files; a load without a node knows no definitions. */
final class ReadingTable {
    static final String EVENT = "event_timestamp";
    static final String CREATED = "created";
    static final Field SUBJECT = new Field(Cgm.SUBJECT, ValueType.INT64);
    static final Field GLUCOSE = new Field(Cgm.GLUCOSE, ValueType.INT64);

    private ReadingTable() {}

    static TableSchema named(String table) {
        return new TableSchema(table, List.of(SUBJECT), EVENT, CREATED, List.of(GLUCOSE));
    }
}
