package io.glucogrid.frames;

import io.glucogrid.feature.Field;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.loaders.Column;
import io.glucogrid.loaders.LocalInput;
import io.glucogrid.loaders.ParquetColumns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A Parquet frame; in memory is one row group at a time. */
final class ParquetFrameReader implements FrameReader {
    private final ParquetColumns file;
    private final List<Field> fields;
    private final List<ParquetColumns.Plan> plans;
    private List<Column> group = List.of();
    private int groupRows;
    private int nextGroup;
    private int nextRow;

    private ParquetFrameReader(ParquetColumns file, List<Field> fields, List<ParquetColumns.Plan> plans) {
        this.file = file;
        this.fields = fields;
        this.plans = plans;
    }

    static ParquetFrameReader open(Path path, Predicate<String> wanted) throws IOException {
        ParquetColumns file = ParquetColumns.open(path.toString(), new LocalInput(path));
        try {
            List<Field> fields = file.fields(wanted);
            List<ParquetColumns.Plan> plans = new ArrayList<>();
            for (Field field : fields) {
                ParquetColumns.Plan plan = file.plan(field);
                if (plan == null) {
                    throw new IllegalStateException("a column of the file is not in it: " + field);
                }
                plans.add(plan);
            }
            return new ParquetFrameReader(file, fields, plans);
        } catch (RuntimeException misfit) {
            file.close();
            throw misfit;
        }
    }

    @Override
    public List<Field> columns() {
        return fields;
    }

    @Override
    public List<@Nullable Object[]> next(int most) {
        List<@Nullable Object[]> rows = new ArrayList<>();
        while (rows.size() < most && fill()) {
            int end = Math.min(groupRows, nextRow + most - rows.size());
            for (; nextRow < end; nextRow++) {
                @Nullable Object[] row = new Object[fields.size()];
                for (int i = 0; i < row.length; i++) {
                    row[i] = group.get(i).value(nextRow);
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** Whether there is a next row in {@link #group}. */
    private boolean fill() {
        while (nextRow == groupRows) {
            if (nextGroup == file.rowGroups()) {
                return false;
            }
            group = List.of(); // before the next one takes its room
            groupRows = (int) file.rows(nextGroup);
            group = file.read(nextGroup++, plans);
            nextRow = 0;
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
