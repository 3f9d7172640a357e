package io.glucogrid.plan;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Refuses definitions that earlier data could not be read with. Segments are written once and kept: a column that was ever
 * stored keeps its type, a table its join keys and times, and a source its table. What needs another type takes another name.
 */
public final class Compatibility {
    private Compatibility() {}

    /**
     * Checks {@code next} against versions whose data is still there.
     *
     * @throws GridException INVALID_REQUEST that names every conflict
     */
    public static void check(List<Definitions> earlier, Definitions next) {
        Set<String> problems = new LinkedHashSet<>();
        for (Definitions before : earlier) {
            next.sources().values().forEach(source -> source(before, source, problems));
            for (TableSchema table : next.tables()) {
                for (TableSchema old : before.tables()) {
                    if (old.name().equals(table.name())) {
                        table(old, table, problems);
                    }
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "stored data cannot be read with these definitions: " + String.join("; ", problems));
        }
    }

    private static void source(Definitions before, Source source, Set<String> problems) {
        Source old = before.sources().get(source.name());
        if (old instanceof Source.Parquet was
                && source instanceof Source.Parquet now
                && !was.table().equals(now.table())) {
            problems.add("source '" + source.name() + "' was of table '" + was.table() + "', not '" + now.table()
                    + "'; give the new source a name of its own");
        } else if (old instanceof Source.Push was
                && source instanceof Source.Push now
                && !was.batchSource().equals(now.batchSource())) {
            problems.add("push source '" + source.name() + "' had the batch_source '" + was.batchSource() + "', not '"
                    + now.batchSource() + "'; give the new source a name of its own");
        }
    }

    private static void table(TableSchema old, TableSchema now, Set<String> problems) {
        String table = "table '" + now.name() + "'";
        if (!old.joinKeys().equals(now.joinKeys())) {
            problems.add(table + " has the join keys " + fields(old.joinKeys()) + ", not " + fields(now.joinKeys()));
        }
        if (!old.eventTime().equals(now.eventTime())) {
            problems.add(table + " has the timestamp_field '" + old.eventTime() + "', not '" + now.eventTime() + "'");
        }
        if (!old.created().equals(now.created())) {
            problems.add(table + " has its creation times in '" + old.created() + "', not '" + now.created() + "'");
        }
        for (Field column : now.values()) {
            int index = old.valueIndex(column.name());
            if (index >= 0 && old.values().get(index).type() != column.type()) {
                problems.add("column '" + column.name() + "' of " + table + " is stored as "
                        + old.values().get(index).type() + ", not " + column.type()
                        + "; give the new one another name");
            }
        }
    }

    private static List<String> fields(List<Field> fields) {
        List<String> texts = new ArrayList<>();
        fields.forEach(field -> texts.add(field.name() + ":" + field.type()));
        return texts;
    }
}
