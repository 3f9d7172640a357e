package io.glucogrid.ml;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.TimeParts;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/** Inputs that a model can be trained on, computed from a reading's subject and event time (microseconds UTC). */
final class ModelInputs {
    private final List<ToDoubleBiFunction<Long, Long>> columns;

    private ModelInputs(List<ToDoubleBiFunction<Long, Long>> columns) {
        this.columns = columns;
    }

    /**
     * The inputs of these names, in this order.
     *
     * @throws GridException INVALID_REQUEST for a name that is not one
     */
    static ModelInputs of(List<String> names) {
        return new ModelInputs(names.stream().map(ModelInputs::column).toList());
    }

    int size() {
        return columns.size();
    }

    /** Writes the inputs of one reading to the front of {@code row}. */
    void read(long subjectId, long eventMicros, double[] row) {
        for (int i = 0; i < columns.size(); i++) {
            row[i] = columns.get(i).applyAsDouble(subjectId, eventMicros);
        }
    }

    private static ToDoubleBiFunction<Long, Long> column(String name) {
        return switch (name) {
            case Cgm.SUBJECT -> (subject, micros) -> subject;
            case "dayofweek" -> (subject, micros) -> TimeParts.dayOfWeek(micros);
            case "hour" -> (subject, micros) -> TimeParts.hour(micros);
            default ->
                throw new GridException(
                        ErrorCode.INVALID_REQUEST, "a model with the input '" + name + "' cannot be trained here");
        };
    }
}
