package io.glucogrid.importers;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A source of history as it was declared.
 *
 * @param hasCreated whether its data has creation times; else they equal the event times
 * @param path where its data lies; null where that was not said
 */
record DeclaredSource(String name, TableSchema table, boolean hasCreated, @Nullable String path) {
    /** NOT_FOUND where nothing of that name holds history, or no feature view reads it. */
    static DeclaredSource of(Definitions definitions, String name) {
        List<String> names = new ArrayList<>();
        for (Source source : definitions.sources().values()) {
            if (source instanceof Source.Parquet parquet) {
                if (parquet.name().equals(name)) {
                    return new DeclaredSource(
                            name, definitions.table(parquet), parquet.createdField() != null, parquet.path());
                }
                names.add(parquet.name());
            }
        }
        String known = names.isEmpty() ? "there is none" : String.join(", ", names);
        throw new GridException(
                ErrorCode.NOT_FOUND,
                "no parquet source '" + name + "' is applied" + DidYouMean.suffix(name, names) + "; applied: " + known);
    }

    /** What a file may have of it: join keys, event time, values, and the creation time if the data has one. */
    List<Field> columns() {
        List<Field> columns = new ArrayList<>(table.joinKeys());
        columns.add(new Field(table.eventTime(), ValueType.UNIX_TIMESTAMP));
        columns.addAll(table.values());
        if (hasCreated) {
            columns.add(new Field(table.created(), ValueType.UNIX_TIMESTAMP));
        }
        return columns;
    }

    /** Whether the table is one of readings of glucose, whose files {@link ReadingCleaner} repairs. */
    boolean isOfReadings() {
        return table.equals(ReadingTable.named(table.name()));
    }
}
