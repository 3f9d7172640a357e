package io.glucogrid.loaders;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.TableSchema;

/** A batch of questions in the order of the tier: by bucket, join keys and time. */
final class AsOfQuestions {
    private final AsOfBatch batch;
    private final Column[] keys;
    private final int[] order;

    private AsOfQuestions(AsOfBatch batch, Column[] keys, int[] order) {
        this.batch = batch;
        this.keys = keys;
        this.order = order;
    }

    /** INVALID_REQUEST where the keys are not those of the table. */
    static AsOfQuestions of(TableSchema schema, AsOfBatch batch) {
        Column[] keys = keys(schema, batch);
        long[] at = new long[batch.size()];
        for (int question = 0; question < at.length; question++) {
            at[question] = batch.atMicros(question);
        }
        RowOrder order = RowOrder.asTheyCame(at.length).by(at);
        for (int i = keys.length - 1; i >= 0; i--) {
            order.by(keys[i]);
        }
        return new AsOfQuestions(batch, keys, order.byBucket(keys[0]).rows());
    }

    private static Column[] keys(TableSchema schema, AsOfBatch batch) {
        long[] numbers = batch.numbers();
        if (numbers != null) {
            if (schema.joinKeys().size() != 1 || schema.joinKeys().get(0).type() != ValueType.INT64) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "table '" + schema.name() + "' has other join keys than one of type INT64");
            }
            return new Column[] {Column.of(numbers)};
        }
        Column[] keys = new Column[schema.joinKeys().size()];
        for (int i = 0; i < keys.length; i++) {
            Field key = schema.joinKeys().get(i);
            keys[i] = new Column(key.type(), batch.size());
        }
        for (int question = 0; question < batch.size(); question++) {
            Object[] values = batch.joinKeys(question);
            RowBatch.checkKeys(schema, values);
            for (int i = 0; i < keys.length; i++) {
                keys[i].add(values[i]);
            }
        }
        return keys;
    }

    int size() {
        return order.length;
    }

    AsOfBatch batch() {
        return batch;
    }

    Column[] keys() {
        return keys;
    }

    /** Number in the batch of the question at a place in the order. */
    int question(int place) {
        return order[place];
    }

    int bucket(int question) {
        return keys[0].bucket(question);
    }

    boolean sameKeys(int question, int other) {
        for (Column key : keys) {
            if (key.compare(question, key, other) != 0) {
                return false;
            }
        }
        return true;
    }
}
