package io.glucogrid.importers;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.loaders.Column;
import io.glucogrid.loaders.LocalInput;
import io.glucogrid.loaders.ParquetColumns;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Parquet file of readings, whoever wrote it: row group by row group, times as the numbers that the file holds. */
final class ParquetReadingRows implements ReadingRows {
    private final ParquetColumns file;
    private final ParquetColumns.Plan subject;
    private final ParquetColumns.Plan glucose;
    private final ParquetColumns.Plan event;
    private final ParquetColumns.@Nullable Plan created;
    private int nextGroup;

    private ParquetReadingRows(
            ParquetColumns file,
            ParquetColumns.Plan subject,
            ParquetColumns.Plan glucose,
            ParquetColumns.Plan event,
            ParquetColumns.@Nullable Plan created) {
        this.file = file;
        this.subject = subject;
        this.glucose = glucose;
        this.event = event;
        this.created = created;
    }

    /** NOT_FOUND without the file, INVALID_REQUEST that names the column that is missing or of another type. */
    static ParquetReadingRows open(Path path) throws IOException {
        ParquetColumns file;
        try {
            file = ParquetColumns.open(path.toString(), new LocalInput(path));
        } catch (NoSuchFileException absent) {
            throw new GridException(ErrorCode.NOT_FOUND, "file " + path + " does not exist", absent);
        }
        try {
            return new ParquetReadingRows(
                    file,
                    required(path, ReadingTable.SUBJECT.name(), file.plan(ReadingTable.SUBJECT)),
                    required(path, ReadingTable.GLUCOSE.name(), file.plan(ReadingTable.GLUCOSE)),
                    required(path, ReadingTable.EVENT, file.rawTime(ReadingTable.EVENT)),
                    file.rawTime(ReadingTable.CREATED));
        } catch (GridException misfit) {
            file.close();
            throw misfit;
        }
    }

    private static ParquetColumns.Plan required(Path path, String column, ParquetColumns.@Nullable Plan plan) {
        if (plan == null) {
            throw new GridException(ErrorCode.INVALID_REQUEST, path + ": column '" + column + "' is missing");
        }
        return plan;
    }

    @Override
    public void rewind() {
        nextGroup = 0;
    }

    @Override
    public @Nullable Group next() {
        if (nextGroup == file.rowGroups()) {
            return null;
        }
        List<ParquetColumns.Plan> plans = new ArrayList<>(List.of(subject, glucose, event));
        if (created != null) {
            plans.add(created);
        }
        List<Column> columns = file.read(nextGroup++, plans);
        ParquetColumns.TimeScale createdScale = created == null ? event.scale() : created.scale();
        return new Group(
                columns.get(0),
                columns.get(1),
                columns.get(2),
                created == null ? columns.get(2) : columns.get(3),
                event.scale(),
                createdScale,
                List.of());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
