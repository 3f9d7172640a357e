package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.HistoryRow;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Training examples of one bucket: one per subject and event time, from the version with the greatest creation time, which is
 * the version that every reader of the tier sees. Where that one has no finite number as its glucose, there is no example.
 */
final class BucketExamples implements Consumer<HistoryRow> {
    private final ModelInputs inputs;
    private final int glucose;
    private final long limit;
    private final Map<ExampleKey, Version> versions = new HashMap<>();

    /**
     * @param glucose position of the label in a row's values
     * @param limit how many examples there may be at most
     */
    BucketExamples(ModelInputs inputs, int glucose, long limit) {
        this.inputs = inputs;
        this.glucose = glucose;
        this.limit = limit;
    }

    @Override
    public void accept(HistoryRow row) {
        if (row.op() != HistoryRow.Op.UPSERT) {
            return;
        }
        if (!(row.joinKeys()[0] instanceof Long subjectId)) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "subjects of training examples must be INT64");
        }
        double label = row.row().value(glucose) instanceof Number value ? value.doubleValue() : Double.NaN;
        Version version = new Version(row.row().createdMicros(), label);
        versions.merge(new ExampleKey(subjectId, row.row().eventMicros()), version, Version::later);
        if (versions.size() > limit) {
            throw new GridException(
                    ErrorCode.TOO_LARGE, "there are more training examples than this node has memory for");
        }
    }

    /**
     * Hands over the examples in the order of their keys, each as its inputs and (last) its label.
     *
     * @return the sums over them: the merge of each subject's, in the order of the subjects
     */
    CentredSums forEach(BiConsumer<ExampleKey, double[]> examples) {
        CentredSums bucket = new CentredSums(inputs.size());
        CentredSums subject = new CentredSums(inputs.size());
        long subjectId = 0;
        for (Map.Entry<ExampleKey, Version> entry : new TreeMap<>(versions).entrySet()) {
            ExampleKey key = entry.getKey();
            if (!Double.isFinite(entry.getValue().glucose())) {
                continue;
            }
            if (key.subjectId() != subjectId && subject.rows() > 0) {
                bucket.merge(subject);
                subject = new CentredSums(inputs.size());
            }
            subjectId = key.subjectId();
            double[] example = new double[inputs.size() + 1];
            inputs.read(subjectId, key.eventMicros(), example);
            example[inputs.size()] = entry.getValue().glucose();
            subject.add(example, entry.getValue().glucose());
            examples.accept(key, example);
        }
        bucket.merge(subject);
        return bucket;
    }

    private record Version(long createdMicros, double glucose) {
        Version later(Version other) {
            return other.createdMicros >= createdMicros ? other : this;
        }
    }
}
